/* npy_writer.c -- see npy_writer.h. */
#include "table/npy_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int npy_writer_open(struct npy_writer *w, int fd, const char *name,
                    int (*spool)(struct error *e), struct error *e)
{
	static const char nothing[NPY_HEADER_BYTES];
	const int flags = fcntl(fd, F_GETFL);
	int to;

	w->fd = fd;
	w->name = name;
	w->start = lseek(fd, 0, SEEK_CUR);
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return error_set(e, EXIT_SYSTEM, "%s: not open for writing", name);
	w->spooled = w->start < 0 || (flags & O_APPEND);
	to = w->spooled ? spool(e) : dup(fd);
	if (to < 0)
		return error_errno(e, "%s", name);
	w->file = fdopen(to, w->spooled ? "w+b" : "wb");
	if (!w->file) {
		error_errno(e, "%s", name);
		close(to);
		return -1;
	}
	return npy_writer_put(w, nothing, sizeof nothing, e);
}

int npy_writer_put(struct npy_writer *w, const void *data, size_t n, struct error *e)
{
	if (n == 0 || fwrite(data, n, 1, w->file) == 1)
		return 0;
	return error_errno(e, "%s", w->spooled ? "temporary file" : w->name);
}

int npy_writer_repeat(struct npy_writer *w, const void *element, size_t size, size_t count,
                      struct error *e)
{
	unsigned char block[4096];
	const size_t at_a_time = sizeof block / size;

	for (size_t i = 0; i < at_a_time && i < count; i++)
		memcpy(block + i * size, element, size);
	for (size_t n; count > 0; count -= n) {
		n = count < at_a_time ? count : at_a_time;
		if (npy_writer_put(w, block, n * size, e) < 0)
			return -1;
	}
	return 0;
}

static int copy_spool(struct npy_writer *w, struct error *e)
{
	static char block[1 << 16];
	size_t n;

	rewind(w->file);
	while ((n = fread(block, 1, sizeof block, w->file)) > 0)
		for (size_t done = 0; done < n;) {
			ssize_t k = write(w->fd, block + done, n - done);

			if (k < 0 && errno == EINTR)
				continue;
			if (k < 0)
				return error_errno(e, "%s", w->name);
			done += (size_t)k;
		}
	return ferror(w->file) ? error_errno(e, "temporary file") : 0;
}

int npy_writer_finish(struct npy_writer *w, struct error *e)
{
	char header[NPY_HEADER_BYTES];

	npy_encode(&w->array, header);
	if (fflush(w->file) != 0 || fseeko(w->file, w->spooled ? 0 : w->start, SEEK_SET) != 0 ||
	    fwrite(header, sizeof header, 1, w->file) != 1 || fflush(w->file) != 0)
		return error_errno(e, "%s", w->name);
	return w->spooled ? copy_spool(w, e) : 0;
}

int npy_writer_close(struct npy_writer *w, struct error *e)
{
	FILE *file = w->file;

	w->file = NULL;
	return file && fclose(file) != 0 ? error_errno(e, "%s", w->name) : 0;
}
