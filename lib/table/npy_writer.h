/* npy_writer.h -- an NPY file whose first dimension is known only in the end.
 *
 * The header is written last, over zeros; on the way to what cannot be gone back in, a pipe
 * or a file that is appended to, all waits in a temporary file. */
#ifndef TABLE_NPY_WRITER_H
#define TABLE_NPY_WRITER_H

#include <sys/types.h>

#include "table/npy.h"

/* Set array, whose shape[0] can grow until npy_writer_finish(), all else to zero. */
struct npy_writer {
	struct npy array;
	/* private: */
	int fd;
	const char *name;
	off_t start;
	FILE *file; /* fd, or the temporary file */
	bool spooled;
};

/* Write to fd, which stays the caller's; name is for messages and outlives w.  spool makes a
 * temporary file and returns its descriptor, or -1 with e set. */
int npy_writer_open(struct npy_writer *w, int fd, const char *name,
                    int (*spool)(struct error *e), struct error *e) CHECK_RESULT;
/* Append n bytes of the array. */
int npy_writer_put(struct npy_writer *w, const void *data, size_t n,
                   struct error *e) CHECK_RESULT;
/* The same element, of at most 4096 bytes, count times. */
int npy_writer_repeat(struct npy_writer *w, const void *element, size_t size, size_t count,
                      struct error *e) CHECK_RESULT;
/* The array is whole: write its header, and all that waits. */
int npy_writer_finish(struct npy_writer *w, struct error *e) CHECK_RESULT;
/* Also of one that was never opened, or after an error. */
int npy_writer_close(struct npy_writer *w, struct error *e) CHECK_RESULT;

#endif
