/* replay.c -- a fuzz target as a plain program: once over each of the named files. */
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		struct error e = {0};
		size_t n;
		char *data = file_read(argv[i], argv[i], &n, &e);

		if (!data) {
			fprintf(stderr, "replay: %s\n", e.text);
			return e.code;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)data, n);
		free(data);
	}
	return 0;
}
