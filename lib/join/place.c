/* place.c -- see place.h. */
#include "join/place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { PATH_BYTES = 4096 };

int join_place_error(const struct join_place *p, const char *name, struct error *e)
{
	return error_errno(e, "%s/%s", p->part, name);
}

/* ---- files ---- */

int join_place_create(const struct join_place *p, const char *name, struct error *e)
{
	const int fd = openat(p->root, name,
	                      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);

	return fd < 0 ? join_place_error(p, name, e) : fd;
}

int join_place_write(const struct join_place *p, const char *name, const void *bytes, size_t n,
                     struct error *e)
{
	char path[PATH_BYTES];
	int fd, status;

	if (snprintf(path, sizeof path, "%s", name) >= (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: name is too long", name);
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(p->root, path, 0777) < 0 && errno != EEXIST)
			return join_place_error(p, path, e);
		*slash = '/';
	}
	fd = join_place_create(p, path, e);
	if (fd < 0)
		return -1;
	status = file_write(fd, path, bytes, n, e);
	if (close(fd) < 0 && status == 0)
		status = join_place_error(p, path, e);
	return status;
}

int join_place_remove(const struct join_place *p, const char *name, struct error *e)
{
	return unlinkat(p->root, name, 0) == 0 || errno == ENOENT || errno == ENOTDIR
	               ? 0
	               : join_place_error(p, name, e);
}

/* ---- trees ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_tree(const char *path, struct error *e)
{
	return nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT
	               ? 0
	               : error_errno(e, "%s", path);
}

int join_place_clear(const struct join_place *p, const char *folder, struct error *e)
{
	char *path = memory_print(e, "%s/%s", p->part, folder);
	const int status = path ? remove_tree(path, e) : -1;

	free(path);
	return status;
}

/* ---- its name ---- */

/* What stands in the way is left alone, unless it is to be replaced and is such a directory. */
static int check_directory(const struct join_place *p, bool replace, struct error *e)
{
	char *index;
	struct stat st;
	bool is_broden;

	if (lstat(p->directory, &st) < 0)
		return errno == ENOENT ? 0 : error_errno(e, "%s", p->directory);
	if (!replace)
		return error_set(e, EXIT_USAGE, "%s: is there already (--force replaces it)",
		                 p->directory);
	index = memory_print(e, "%s/index.csv", p->directory);
	if (!index)
		return -1;
	is_broden = S_ISDIR(st.st_mode) && access(index, F_OK) == 0;
	free(index);
	return is_broden ? 0
	                 : error_set(e, EXIT_USAGE,
	                             "%s: no Broden directory, which --force would replace",
	                             p->directory);
}

int join_place_name(struct join_place *p, const char *directory, bool replace, struct error *e)
{
	size_t n = strlen(directory);

	while (n > 1 && directory[n - 1] == '/')
		n--;
	*p = (struct join_place){.root = -1};
	p->directory = memory_print(e, "%.*s", (int)n, directory);
	p->part = memory_print(e, "%.*s.part", (int)n, directory);
	return p->directory && p->part ? check_directory(p, replace, e) : -1;
}

int join_place_open(struct join_place *p, struct error *e)
{
	if (mkdir(p->part, 0777) < 0 && errno != EEXIST)
		return error_errno(e, "%s", p->part);
	p->root = open(p->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (p->root < 0)
		return error_errno(e, "%s", p->part);
	if (flock(p->root, LOCK_EX | LOCK_NB) < 0)
		return error_errno(e, "%s: another run is at work there", p->part);
	return 0;
}

void join_place_close(struct join_place *p)
{
	if (p->root >= 0)
		close(p->root);
	free(p->directory);
	free(p->part);
	*p = (struct join_place){.root = -1};
}

/* By the system's call, as not every C library has a function for it. */
static int rename_as(const struct join_place *p, unsigned how)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, p->part, AT_FDCWD, p->directory, how);
}

int join_place_finish(const struct join_place *p, bool replace, struct error *e)
{
	if (syncfs(p->root) < 0)
		return error_errno(e, "%s", p->part);
	if (rename_as(p, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EEXIST || !replace)
		return error_errno(e, "%s", p->directory);
	if (rename_as(p, RENAME_EXCHANGE) < 0)
		return error_errno(e, "%s", p->directory);
	return remove_tree(p->part, e);
}
