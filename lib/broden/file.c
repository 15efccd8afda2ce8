/* file.c -- the files that the rows of a Broden directory name; see directory.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

#include "base/file.h"
#include "broden/directory.h"

void broden_place(const struct work *w, const char *name, char place[static PATH_MAX])
{
	snprintf(place, PATH_MAX, "%s/images/%.200s: index.csv row %u", w->b->directory, name,
	         w->b->row[w->row].number);
}

int broden_bad(struct work *w, const char *name, const char *format, ...)
{
	char place[PATH_MAX], reason[300];
	va_list args;

	broden_place(w, name, place);
	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	return error_set(w->e, EXIT_MALFORMED, "%s: %s", place, reason);
}

static bool leads_out(const char *name)
{
	if (*name == '/')
		return true;
	for (const char *p = name; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (!p[2] || p[2] == '/'))
			return true;
	}
	return false;
}

/* A FIFO is refused, not waited for. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK };

/* Open a file below DIR/images to which no link leads.  Other files fail; all do where the
 * kernel cannot look after that. */
static int open_plainly(const struct broden *b, const char *name)
{
#ifdef SYS_openat2
	struct open_how how = {.flags = OPEN_FLAGS,
	                       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, b->root, name, &how, sizeof how);
#else
	(void)b;
	(void)name;
	return -1;
#endif
}

bool broden_has_file(const struct work *w, const char *name)
{
	return faccessat(w->b->root, name, F_OK, 0) == 0 ||
	       (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

/* The system's reason why a file cannot be opened: it may be that there is none. */
static int no_file(struct work *w, const char *place)
{
	w->missing =
	        errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG || errno == ELOOP;
	return error_errno(w->e, "%s", place);
}

/* The same through links, which may not lead out of the directory. */
static int open_by_links(struct work *w, const char *name, const char *place)
{
	const char *root = w->b->images;
	char path[PATH_MAX], real[PATH_MAX];
	size_t n = strlen(root);
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", root, name) >= (int)sizeof path)
		return broden_bad(w, name, "name is too long");
	if (!realpath(path, real))
		return no_file(w, place);
	if (strncmp(real, root, n) != 0 || (real[n] != '/' && strcmp(root, "/") != 0))
		return broden_bad(w, name, "a symbolic link leads out of the directory");
	fd = open(real, OPEN_FLAGS);
	return fd < 0 ? no_file(w, place) : fd;
}

/* Whoever made the directory is trusted. */
static int open_anywhere(struct work *w, const char *name, const char *place)
{
	int fd = openat(w->b->root, name, OPEN_FLAGS);

	return fd < 0 ? no_file(w, place) : fd;
}

char *broden_read(struct work *w, const char *name, char place[static PATH_MAX], size_t *length)
{
	struct stat st;
	char *data = NULL;
	int fd;

	broden_place(w, name, place);
	if (!*name) {
		broden_bad(w, name, "no file is named");
		return NULL;
	}
	if (!w->form->outside && leads_out(name)) {
		broden_bad(w, name, "name leads out of the directory");
		return NULL;
	}
	fd = w->form->outside ? open_anywhere(w, name, place) : open_plainly(w->b, name);
	if (fd < 0 && !w->form->outside)
		fd = open_by_links(w, name, place);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0)
		error_errno(w->e, "%s", place);
	else if (!S_ISREG(st.st_mode))
		broden_bad(w, name, "not a regular file");
	else
		data = file_read_open(fd, place, length, w->e);
	close(fd);
	return data;
}
