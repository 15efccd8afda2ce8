/* progress.c -- how far the work is. */
#include "tool/tool.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void tool_progress(const struct tool *t, uint64_t done, uint64_t total)
{
	static double last;
	static bool shown;
	double now;

	if (t->quiet || !(t->progress || isatty(STDERR_FILENO)))
		return;
	now = seconds();
	if (now - last < 0.2 && !(total && done == total && shown))
		return;
	last = now;
	shown = true;
	if (total)
		fprintf(stderr, "\r%s: %" PRIu64 " of %" PRIu64 "%s", t->name, done, total,
		        done == total ? "\n" : "");
	else
		fprintf(stderr, "\r%s: %" PRIu64, t->name, done);
}
