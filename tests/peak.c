/* peak.c -- preloaded: as a program ends, its peak of memory to the file $PEAK.
 *
 * What wait4() tells of a child begins with what the parent had. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((destructor)) static void tell(void)
{
	char line[256];
	const char *path = getenv("PEAK");
	FILE *from = path ? fopen("/proc/self/status", "r") : NULL, *to;

	if (!from)
		return;
	while (fgets(line, sizeof line, from))
		if (!strncmp(line, "VmHWM:", 6) && (to = fopen(path, "w"))) {
			fputs(line + 6, to);
			fclose(to);
		}
	fclose(from);
}
