/* fuzz.h -- what fuzz targets have in common. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A status, which must be below 0 where an error is set, and that one line that says something.
 */
static inline int checked(int status, const struct error *e)
{
	if ((status < 0) != (e->code != EXIT_OK) ||
	    (status < 0 && (!*e->text || strchr(e->text, '\n'))))
		abort();
	return status;
}

/* Bytes as a file of their own, close() it, and where it is. */
enum { PATH_BYTES = 64 };
static inline int memory_file(const void *data, size_t size, char path[static PATH_BYTES])
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
		abort();
	snprintf(path, PATH_BYTES, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
