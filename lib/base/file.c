/* file.c -- see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static int read_all(int fd, const char *place, char **data, size_t *length, struct error *e)
{
	struct stat st;
	size_t capacity = 0, used = 0;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return error_errno(e, "%s", place);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return error_errno(e, "%s", place);
	}
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return error_set(e, EXIT_SYSTEM, "%s: not a regular file", place);
	/* One byte more than expected shows the end without another turn. */
	if (st.st_size > 0 && (size_t)st.st_size < FILE_SIZE_MAX) {
		capacity = (size_t)st.st_size + 1;
		*data = memory_raw(capacity, 1, e);
		if (!*data)
			return -1;
	}
	do {
		if (used > FILE_SIZE_MAX)
			return error_set(e, EXIT_MALFORMED, "%s: more than %zu bytes", place,
			                 FILE_SIZE_MAX);
		if (memory_grow(data, &capacity, used + 1, 1, e) < 0)
			return -1;
		n = read(fd, *data + used, capacity - used);
		if (n > 0)
			used += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return error_errno(e, "%s", place);
	if (memory_grow(data, &capacity, used + 1, 1, e) < 0)
		return -1;
	(*data)[used] = '\0';
	*length = used;
	return 0;
}

char *file_read_open(int fd, const char *place, size_t *length, struct error *e)
{
	char *data = NULL;

	if (read_all(fd, place, &data, length, e) == 0)
		return data;
	free(data);
	return NULL;
}

char *file_read(const char *path, const char *place, size_t *length, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data;

	if (fd < 0) {
		error_errno(e, "%s", place);
		return NULL;
	}
	data = file_read_open(fd, place, length, e);
	close(fd);
	return data;
}

int file_write(int fd, const char *name, const void *bytes, size_t n, struct error *e)
{
	const char *at = bytes;

	while (n > 0) {
		const ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_errno(e, "%s", name);
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

void file_name_clean(char *s)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                           "0123456789._-";

	for (; *s; s++)
		if (!strchr(kept, *s))
			*s = '-';
}
