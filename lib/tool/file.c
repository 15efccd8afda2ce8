/* file.c -- result files appear whole or not at all. */
#include "tool/tool.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a signal handler may unlink; the list is this program's, not a library's. */
static struct tool_file *volatile open_files;

static void remove_and_die(int sig)
{
	for (struct tool_file *f = open_files; f; f = f->next)
		if (f->temporary)
			unlink(f->temporary);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void block_signals(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, old);
}

static void enlist(struct tool_file *f)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = remove_and_die}, old;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
	f->next = open_files;
	open_files = f;
}

static void delist(const struct tool_file *f)
{
	struct tool_file *volatile *at = &open_files;

	while (*at && *at != f)
		at = (struct tool_file *volatile *)&(*at)->next;
	if (*at)
		*at = f->next;
}

static void release(struct tool_file *f)
{
	free(f->path);
	free(f->temporary);
	free(f);
}

/* name in the directory of path. */
static char *beside(const char *path, const char *name, struct error *e)
{
	const char *slash = strrchr(path, '/');

	return memory_print(e, "%.*s%s", slash ? (int)(slash + 1 - path) : 0, path, name);
}

/* What the links at path lead to, be it there or not: that is replaced, not the link. */
static char *follow_links(const char *path, struct error *e)
{
	char *end = realpath(path, NULL), to[PATH_MAX], *next;
	ssize_t n;

	if (end)
		return end;
	if (errno != ENOENT) {
		error_errno(e, "%s", path);
		return NULL;
	}
	n = readlink(path, to, sizeof to - 1);
	if (n < 0)
		return memory_string(path, e);
	to[n] = '\0';
	next = to[0] == '/' ? memory_string(to, e) : beside(path, to, e);
	end = next ? follow_links(next, e) : NULL;
	free(next);
	return end;
}

struct tool_file *tool_file_open(const char *path, struct error *e)
{
	struct tool_file *f = memory_new(1, sizeof *f, e);
	struct stat st;
	sigset_t old;
	mode_t mask;
	bool exists;

	if (!f)
		return NULL;
	f->fd = -1;
	f->path = follow_links(path, e);
	if (!f->path)
		goto fail;
	exists = stat(path, &st) == 0;
	if (exists && !S_ISREG(st.st_mode)) {
		f->fd = open(path, O_WRONLY | O_CLOEXEC);
		if (f->fd < 0) {
			error_errno(e, "%s", path);
			goto fail;
		}
		return f;
	}
	f->temporary = beside(f->path, ".ndr.XXXXXX", e);
	if (!f->temporary)
		goto fail;
	block_signals(&old);
	f->fd = mkostemp(f->temporary, O_CLOEXEC);
	if (f->fd >= 0)
		enlist(f);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (f->fd < 0) {
		error_errno(e, "%s", path);
		goto fail;
	}
	mask = umask(0);
	umask(mask);
	fchmod(f->fd, exists ? st.st_mode & 0777 : 0666 & ~mask);
	return f;
fail:
	release(f);
	return NULL;
}

/* What a name stands for is on the disk before it is given the name. */
static int settle(const struct tool_file *f)
{
	if (!f->temporary || fsync(f->fd) == 0 || errno == EINVAL || errno == ENOTSUP)
		return 0;
	return -1;
}

int tool_file_commit(struct tool_file *f, struct error *e)
{
	sigset_t old;
	int r = settle(f), why = errno;

	if (close(f->fd) < 0 && r == 0) {
		r = -1;
		why = errno;
	}
	if (f->temporary) {
		block_signals(&old);
		if (r == 0 && rename(f->temporary, f->path) < 0) {
			r = -1;
			why = errno;
		}
		if (r < 0)
			unlink(f->temporary);
		delist(f);
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	errno = why;
	if (r < 0)
		error_errno(e, "%s", f->path);
	release(f);
	return r;
}

void tool_file_discard(struct tool_file *f)
{
	sigset_t old;

	if (!f)
		return;
	close(f->fd);
	if (f->temporary) {
		block_signals(&old);
		unlink(f->temporary);
		delist(f);
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	release(f);
}

int tool_file_end(struct tool_file *f, int status, struct error *e)
{
	if (f && status == 0)
		return tool_file_commit(f, e);
	tool_file_discard(f);
	return -1;
}

int tool_file_write(const char *path, const void *bytes, size_t n, struct error *e)
{
	struct tool_file *f = tool_file_open(path, e);

	return tool_file_end(f, f ? file_write(f->fd, path, bytes, n, e) : -1, e);
}

int tool_directory(const char *path, struct error *e)
{
	return mkdir(path, 0777) < 0 && errno != EEXIST ? error_errno(e, "%s", path) : 0;
}

int tool_spool(struct error *e)
{
	const char *directory = getenv("TMPDIR");
	char *name;
	int fd;

	if (!directory || !*directory)
		directory = "/tmp";
	name = memory_print(e, "%s/ndr.XXXXXX", directory);
	if (!name)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		error_errno(e, "a temporary file in %s", directory);
	else
		unlink(name);
	free(name);
	return fd;
}
