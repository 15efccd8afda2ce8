/* inject.c -- the n-th call of a function fails, or all writes come short; for
 * LD_PRELOAD.
 *
 *	INJECT=write:3 LD_PRELOAD=./inject.so ndr-cat ...
 *
 * These can fail, once, counted from the start of main():
 *	malloc          with all of its kin, as the C library itself calls it, but for
 *	                liblinear, which does not look at what it is given
 *	read            of files by number or by fread(), fgetc() and pread()
 *	write           of files by number or by fwrite() and fflush()
 *	open            by number or by fopen(), and temporary files
 *	close           by number or by fclose()
 *	fsync, rename, mmap, pthread_create
 * INJECT_MARK names a file that is made when the call fails, so where it is never
 * reached there is none.  INJECT=short:n lets through at most n bytes of a write. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

typedef int start_main(int (*main)(int, char **, char **), int argc, char **argv,
                       void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                       void *stack_end);
start_main __libc_start_main;

static char wanted[16];
static atomic_long left; /* calls until it fails; 0: none fails any more */
static long most;        /* bytes of a write; 0: any number */

static void parse(void)
{
	const char *s = getenv("INJECT"), *colon = s ? strchr(s, ':') : NULL;

	if (!colon || (size_t)(colon - s) >= sizeof wanted)
		return;
	memcpy(wanted, s, (size_t)(colon - s));
	if (strcmp(wanted, "short") == 0)
		most = atol(colon + 1);
	else
		left = atol(colon + 1);
}

/* What shared libraries allocate before main() is not the program's. */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                      void *stack_end)
{
	start_main *real = (start_main *)dlsym(RTLD_NEXT, "__libc_start_main");

	parse();
	return real(main, argc, argv, init, fini, rtld_fini, stack_end);
}

static int fails(const char *function, int why)
{
	const char *mark;
	long fd;

	if (left <= 0 || strcmp(wanted, function) != 0 || atomic_fetch_sub(&left, 1) != 1)
		return 0;
	mark = getenv("INJECT_MARK");
	if (mark) {
		fd = syscall(SYS_open, mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		syscall(SYS_close, fd);
	}
	errno = why;
	return 1;
}

/* The function of that name in the libraries behind this one. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* ---- read ---- */

ssize_t read(int fd, void *to, size_t n)
{
	return fails("read", EIO) ? -1 : syscall(SYS_read, fd, to, n);
}

ssize_t pread(int fd, void *to, size_t n, off_t at)
{
	return fails("read", EIO) ? -1 : syscall(SYS_pread64, fd, to, n, at);
}

/* A FILE that says of itself that it failed. */
static int spoil(FILE *f)
{
	f->_flags |= 0x20; /* _IO_ERR_SEEN */
	return EOF;
}

size_t fread(void *to, size_t size, size_t n, FILE *f)
{
	return fails("read", EIO) ? (spoil(f), 0) : REAL(fread)(to, size, n, f);
}

int fgetc(FILE *f)
{
	return fails("read", EIO) ? spoil(f) : REAL(fgetc)(f);
}

/* ---- write ---- */

ssize_t write(int fd, const void *from, size_t n)
{
	if (fails("write", ENOSPC))
		return -1;
	if (most && n > (size_t)most)
		n = (size_t)most;
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

size_t fwrite(const void *from, size_t size, size_t n, FILE *f)
{
	if (f != stderr && fails("write", ENOSPC))
		return spoil(f), 0;
	return REAL(fwrite)(from, size, n, f);
}

int fflush(FILE *f)
{
	if (f && f != stderr && fails("write", ENOSPC))
		return spoil(f);
	return REAL(fflush)(f);
}

/* ---- open and close ---- */

int open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
	va_end(args);
	return fails("open", EMFILE) ? -1 : (int)syscall(SYS_open, path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
	va_end(args);
	return fails("open", EMFILE) ? -1
	                             : (int)syscall(SYS_openat, directory, path, flags, mode);
}

int mkostemp(char *name, int flags)
{
	return fails("open", EMFILE) ? -1 : REAL(mkostemp)(name, flags);
}

FILE *fopen(const char *path, const char *mode)
{
	return fails("open", EMFILE) ? NULL : REAL(fopen)(path, mode);
}

int close(int fd)
{
	int failed = fails("close", EIO), status = (int)syscall(SYS_close, fd);

	if (failed)
		errno = EIO;
	return failed ? -1 : status;
}

int fclose(FILE *f)
{
	int failed = fails("close", EIO), status = REAL(fclose)(f);

	if (failed)
		errno = EIO;
	return failed ? EOF : status;
}

int fsync(int fd)
{
	return fails("fsync", EIO) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails("fsync", EIO) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
	return fails("rename", ENOSPC) ? -1 : (int)syscall(SYS_rename, from, to);
}

/* ---- memory and threads ---- */

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	if (fd >= 0 && fails("mmap", ENOMEM))
		return MAP_FAILED;
	return REAL(mmap)(at, n, protection, flags, fd, offset);
}

/* Is it liblinear that asks, or C++ for it? */
static int careless(const void *caller)
{
	Dl_info of;

	return left == 1 && strcmp(wanted, "malloc") == 0 && dladdr(caller, &of) &&
	       of.dli_fname &&
	       (strstr(of.dli_fname, "/liblinear.") || strstr(of.dli_fname, "/libstdc++."));
}

void *malloc(size_t n)
{
	if (careless(__builtin_return_address(0)))
		return __libc_malloc(n);
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

int posix_memalign(void **p, size_t alignment, size_t n)
{
	if (fails("malloc", ENOMEM))
		return ENOMEM;
	*p = __libc_memalign(alignment, n);
	return *p ? 0 : ENOMEM;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
	return fails("pthread_create", EAGAIN)
	               ? EAGAIN
	               : REAL(pthread_create)(thread, attributes, run, argument);
}
