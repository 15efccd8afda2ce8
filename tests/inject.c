/* inject.c -- the n-th call of a function fails, or all writes come short; for
 * LD_PRELOAD.
 *
 *	INJECT=write:3 LD_PRELOAD=./inject.so ndr-cat ...
 *
 * read, write (and writev), close and malloc (with all of its kin) can fail, once.  Where
 * the call is never reached, nothing happens.  INJECT=short:n lets through at most
 * n bytes of a write. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static char wanted[16];
static long left = -1; /* calls until it fails; -1: not read yet */

static void parse(void)
{
	const char *s = getenv("INJECT"), *colon = s ? strchr(s, ':') : NULL;

	left = 0;
	if (colon && (size_t)(colon - s) < sizeof wanted) {
		memcpy(wanted, s, (size_t)(colon - s));
		left = atol(colon + 1);
	}
}

static int fails(const char *function, int why)
{
	if (left < 0)
		parse();
	if (left == 0 || strcmp(wanted, function) != 0 || --left > 0)
		return 0;
	errno = why;
	return 1;
}

ssize_t read(int fd, void *to, size_t n)
{
	return fails("read", EIO) ? -1 : syscall(SYS_read, fd, to, n);
}

ssize_t write(int fd, const void *from, size_t n)
{
	if (fails("write", ENOSPC))
		return -1;
	if (strcmp(wanted, "short") == 0 && n > (size_t)left)
		n = (size_t)left;
	return syscall(SYS_write, fd, from, n);
}

/* Of several parts, all but the last are whole. */
ssize_t writev(int fd, const struct iovec *part, int n)
{
	ssize_t all = 0, done = 0;

	while (n-- > 0 && done == all) {
		ssize_t k = write(fd, part->iov_base, part->iov_len);

		if (k < 0)
			return all > 0 ? all : k;
		done += k;
		all += (ssize_t)part++->iov_len;
	}
	return done;
}

int close(int fd)
{
	int failed = fails("close", EIO), status = (int)syscall(SYS_close, fd);

	if (failed)
		errno = EIO;
	return failed ? -1 : status;
}

void *malloc(size_t n)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_memalign(alignment, n);
}
