/* plan.c -- the sources and their images; see plan.h. */
#include "join/plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "table/utf8.h"

enum { DEPTH_MAX = 32, IMAGES_MAX = 1 << 24 };

/* ---- folders ---- */

/* Images are being found. */
struct find {
	struct join_plan *p;
	uint32_t source;
	struct error *e;
};

/* Bytes of the path before one of the endings, which the last one, NULL, follows; or 0. */
static size_t before_ending(const char *path, const char *const *ending)
{
	const size_t n = strlen(path);

	for (; *ending; ending++) {
		const size_t k = strlen(*ending);

		if (n > k && strcasecmp(path + n - k, *ending) == 0 && path[n - k - 1] != '/')
			return n - k;
	}
	return 0;
}

/* Bytes of the path before its ending, or 0 if it is no image of the source. */
static size_t stem_of(const struct join_source *s, const char *path)
{
	static const char *const endings[] = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".ppm",
	                                      ".pgm", ".pbm",  ".pnm", ".pam",  NULL};
	const size_t n = strlen(path);

	if (s->suffix) {
		const size_t k = strlen(s->suffix);

		return n > k && strcmp(path + n - k, s->suffix) == 0 && path[n - k - 1] != '/'
		               ? n - k
		               : 0;
	}
	return before_ending(path, endings);
}

/* A picture by its ending that no decoder is for: who has it there thinks that it is taken. */
static bool is_foreign(const struct join_source *s, const char *path)
{
	static const char *const endings[] = {".webp", ".heic", ".heif", ".avif", ".jxl",
	                                      ".jp2",  ".gif",  ".tif",  ".tiff", ".bmp",
	                                      ".dng",  ".svg",  NULL};

	return !s->suffix && before_ending(path, endings);
}

/* It is passed over. */
static int pass_foreign(struct join_plan *p, const struct join_source *s, const char *path,
                        struct error *e)
{
	char *whole;

	if (!is_foreign(s, path))
		return 0;
	whole = memory_print(e, "%s/%s", s->directory, path);
	if (!whole)
		return -1;
	if (p->foreign++ && strcmp(p->first_foreign, whole) < 0) {
		free(whole); /* a folder's order is any */
		return 0;
	}
	free(p->first_foreign);
	p->first_foreign = whole;
	return 0;
}

static int add_image(struct find *f, char *path)
{
	struct join_plan *p = f->p;
	const size_t stem = stem_of(&p->source[f->source], path);

	if (!stem) {
		const int status = pass_foreign(p, &p->source[f->source], path, f->e);

		free(path);
		return status;
	}
	if (p->images == IMAGES_MAX || memory_grow(&p->image, &p->image_capacity, p->images + 1,
	                                           sizeof *p->image, f->e) < 0) {
		free(path);
		return error_set(f->e, EXIT_MALFORMED, "more than %d images", IMAGES_MAX);
	}
	p->image[p->images++] =
	        (struct join_image){.source = f->source, .stem = (uint32_t)stem, .path = path};
	return 0;
}

static int find_in(struct find *f, int fd, const char *below, unsigned depth);

/* Whether it is the folder of a set of label maps, which are no images of the source. */
static bool is_of_maps(const struct join_source *s, const struct stat *folder)
{
	struct stat st;

	for (size_t i = 0; i < s->sets; i++)
		if (stat(s->set[i].directory, &st) == 0 && st.st_dev == folder->st_dev &&
		    st.st_ino == folder->st_ino)
			return true;
	return false;
}

static int find_entry(struct find *f, int fd, const struct dirent *d, const char *below,
                      unsigned depth)
{
	char *path = memory_print(f->e, "%s%s%s", below, *below ? "/" : "", d->d_name);
	const char *top = f->p->source[f->source].directory;
	struct stat st;
	int inner, status;

	if (!path)
		return -1;
	/* Links lead to files, not to folders, in which one could go round and round. */
	if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (S_ISLNK(st.st_mode) && fstatat(fd, d->d_name, &st, 0) == 0 &&
	     !S_ISREG(st.st_mode))) {
		free(path);
		return 0;
	}
	if (S_ISREG(st.st_mode))
		return add_image(f, path);
	if (!S_ISDIR(st.st_mode) || is_of_maps(&f->p->source[f->source], &st)) {
		free(path);
		return 0;
	}
	inner = openat(fd, d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (inner < 0)
		status = error_errno(f->e, "%s/%s", top, path);
	else if (depth == DEPTH_MAX) {
		status = error_set(f->e, EXIT_MALFORMED, "%s/%s: more than %d folders deep",
		                   top, path, DEPTH_MAX);
		close(inner);
	} else
		status = find_in(f, inner, path, depth + 1);
	free(path);
	return status;
}

/* What is in the folder; fd is closed. */
static int find_in(struct find *f, int fd, const char *below, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *d;
	int status = 0;

	if (!dir) {
		close(fd);
		return error_errno(f->e, "%s", f->p->source[f->source].directory);
	}
	while (status == 0 && (errno = 0, d = readdir(dir)))
		if (*d->d_name != '.')
			status = find_entry(f, fd, d, below, depth);
	if (status == 0 && errno)
		status = error_errno(f->e, "%s/%s", f->p->source[f->source].directory, below);
	closedir(dir);
	return status;
}

static int by_path(const void *a, const void *b)
{
	const struct join_image *x = a, *y = b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* ---- names ---- */

/* What would end a cell, a field or a line of index.csv, or is no UTF-8, becomes %XX. */
static char *escaped(const struct join_source *s, const struct join_image *image,
                     struct error *e)
{
	struct text t = {0};

	text_print(&t, "%s/", s->name);
	for (size_t i = 0; i < image->stem;) {
		const unsigned char *c = (const unsigned char *)image->path + i;
		const size_t n = utf8_length(c);

		if (n && *c >= ' ' && *c != 0x7f && !strchr(";\",%\\", *c)) {
			text_bytes(&t, c, n);
			i += n;
		} else {
			text_print(&t, "%%%02X", *c);
			i++;
		}
	}
	return text_take(&t, "a name", e);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct join_image *const *)a)->name,
	              (*(struct join_image *const *)b)->name);
}

static const struct join_image *named(struct join_image *const *order, size_t n,
                                      const char *name)
{
	const struct join_image key = {.name = (char *)name}, *pointer = &key;
	struct join_image *const *found = bsearch(&pointer, order, n, sizeof *order, by_name);

	return found ? *found : NULL;
}

/* An image that is called as a label map of another one would be. */
static int check_label_names(const struct join_plan *p, struct join_image *const *order,
                             struct error *e)
{
	for (size_t i = 0; i < p->images; i++) {
		const struct join_image *image = order[i];
		char *base = memory_string(image->name, e), *end;
		const struct join_image *other = NULL;

		if (!base)
			return -1;
		end = base + strlen(base);
		while (end > base && end[-1] >= '0' && end[-1] <= '9')
			end--;
		if (end > base && *end && end[-1] == '_')
			end[-1] = '\0';
		for (size_t k = 0; k < p->names.categories && !other; k++) {
			const char *c = p->names.category[k];
			const size_t n = strlen(base), m = strlen(c);

			if (n <= m + 1 || strcmp(base + n - m, c) != 0 ||
			    base[n - m - 1] != '_')
				continue;
			base[n - m - 1] = '\0';
			other = named(order, p->images, base);
			base[n - m - 1] = '_';
		}
		free(base);
		if (other)
			return error_set(
			        e, EXIT_MALFORMED,
			        "%.150s/%.150s: called as a label map of %.150s will "
			        "be: leave it out, by images = DIR/*SUFFIX, or rename it",
			        p->source[image->source].directory, image->path, other->path);
	}
	return 0;
}

static int check_names(struct join_plan *p, struct error *e)
{
	struct join_image **order = memory_new(p->images, sizeof *order, e);
	int status = order ? 0 : -1;

	for (size_t i = 0; order && i < p->images; i++)
		order[i] = &p->image[i];
	if (order)
		qsort(order, p->images, sizeof *order, by_name);
	for (size_t i = 1; i < p->images && status == 0; i++)
		if (strcmp(order[i - 1]->name, order[i]->name) == 0)
			status = error_set(e, EXIT_MALFORMED,
			                   "%.150s/%.150s: the same name as %.150s but for its "
			                   "ending",
			                   p->source[order[i]->source].directory,
			                   order[i]->path, order[i - 1]->path);
	if (status == 0)
		status = check_label_names(p, order, e);
	free(order);
	return status;
}

static int find_images(struct join_plan *p, uint32_t source, struct error *e)
{
	struct find f = {p, source, e};
	const struct join_source *s = &p->source[source];
	const size_t before = p->images, foreign = p->foreign;
	int fd = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_errno(e, "%s", s->directory);
	if (find_in(&f, fd, "", 0) < 0)
		return -1;
	if (p->images == before)
		return error_set(
		        e, EXIT_MALFORMED, "%s: no images%s%s in it%s", s->directory,
		        s->suffix ? " *" : "", s->suffix ? s->suffix : "",
		        p->foreign > foreign
		                ? ", but pictures that are neither JPEG nor PNG nor PNM"
		                : "");
	return 0;
}

/* A map may be missing, but not the folder of all. */
static int check_sets(const struct join_source *s, struct error *e)
{
	struct stat st;

	for (size_t i = 0; i < s->sets; i++) {
		const char *folder = s->set[i].directory;

		if (s->set[i].kind == JOIN_INSTANCES)
			continue;
		if (stat(folder, &st) < 0)
			return error_errno(e, "%s", folder);
		if (!S_ISDIR(st.st_mode))
			return error_set(e, EXIT_MALFORMED, "%s: no folder", folder);
	}
	return 0;
}

static int by_stem(const void *a, const void *b)
{
	const struct join_image *x = *(struct join_image *const *)a,
	                        *y = *(struct join_image *const *)b;
	const int order = memcmp(x->path, y->path, x->stem < y->stem ? x->stem : y->stem);

	return order ? order : (x->stem > y->stem) - (x->stem < y->stem);
}

/* The source's images by their names without ending; free() it. */
static struct join_image **order_stems(const struct join_plan *p, uint32_t source, size_t *n,
                                       struct error *e)
{
	struct join_image **order = memory_new(p->images, sizeof *order, e);

	*n = 0;
	for (size_t i = 0; order && i < p->images; i++)
		if (p->image[i].source == source)
			order[(*n)++] = &p->image[i];
	if (order)
		qsort(order, *n, sizeof *order, by_stem);
	return order;
}

/* The image of a row, by its name with ending or without. */
static const struct join_image *find_image(const struct join_plan *p, uint32_t source,
                                           struct join_image *const *order, size_t n,
                                           char *name)
{
	const struct join_image key = {
	        .source = source, .path = name, .stem = (uint32_t)strlen(name)};
	const struct join_image *pointer = &key, *image;
	struct join_image *const *found;

	image = bsearch(&key, p->image, p->images, sizeof key, by_path);
	if (image)
		return image;
	found = bsearch(&pointer, order, n, sizeof *order, by_stem);
	return found ? *found : NULL;
}

/* Rows of a table must be of images that are there, and are called as these from here on. */
static int check_wholes(const struct join_plan *p, uint32_t source, struct error *e)
{
	struct join_source *s = &p->source[source];
	size_t n;
	struct join_image **order = s->whole.count ? order_stems(p, source, &n, e) : NULL;
	int status = s->whole.count && !order ? -1 : 0;

	for (size_t i = 0; i < s->whole.count && status == 0; i++) {
		struct join_whole *w = &s->whole.label[i];
		const struct join_image *image = find_image(p, source, order, n, w->image);
		char *path;

		if (!image) {
			status = error_set(e, EXIT_MALFORMED,
			                   "%s: its table of whole images, row %llu: no image "
			                   "'%.200s' in %.100s",
			                   s->path, (unsigned long long)w->row, w->image,
			                   s->directory);
			break;
		}
		if (strcmp(w->image, image->path) == 0)
			continue;
		path = memory_string(image->path, e);
		if (!path)
			status = -1;
		else {
			free(w->image);
			w->image = path;
		}
	}
	free(order);
	join_whole_order(&s->whole);
	return status;
}

/* The folder that an image lies in is its label. */
static int name_folder(struct join_plan *p, struct join_image *image, struct error *e)
{
	const struct join_source *s = &p->source[image->source];
	const char *end = strrchr(image->path, '/'), *begin = end;
	char place[300];

	if (s->folders == UINT32_MAX)
		return 0;
	if (!end)
		return error_set(e, EXIT_MALFORMED,
		                 "%s/%s: in no folder whose name would be its label",
		                 s->directory, image->path);
	while (begin > image->path && begin[-1] != '/')
		begin--;
	snprintf(place, sizeof place, "%.100s/%.150s", s->directory, image->path);
	return join_name(&p->names, begin, (size_t)(end - begin), place, &image->folder, e);
}

/* ---- the plan ---- */

static int name_colors(struct join_plan *p, struct error *e)
{
	uint32_t name;

	color_table_init(&p->color);
	if (join_category(&p->names, "color", 5, "--colors", &p->color_category, e) < 0)
		return -1;
	for (int i = 0; i < COLOR_COUNT; i++) {
		char text[32];

		snprintf(text, sizeof text, "%s-c", color_names[i]);
		if (join_name(&p->names, text, strlen(text), "--colors", &name, e) < 0)
			return -1;
		p->color_label[i] = (uint16_t)(name + 1);
	}
	return 0;
}

static int read_sources(struct join_plan *p, char *const *paths, size_t n, struct error *e)
{
	p->source = memory_new(n, sizeof *p->source, e);
	p->entries = memory_new(n, sizeof *p->entries, e);
	if (!p->source || !p->entries)
		return -1;
	for (; p->sources < n; p->sources++) {
		struct join_source *s = &p->source[p->sources];

		if (join_source_read(s, paths[p->sources], &p->names, e) < 0) {
			p->sources++;
			return -1;
		}
		for (size_t i = 0; i < p->sources; i++)
			if (strcmp(p->source[i].name, s->name) == 0) {
				p->sources++;
				return error_set(
				        e, EXIT_MALFORMED,
				        "%s: its name is '%s', as that of %s ('name =' "
				        "gives another)",
				        s->path, s->name, p->source[i].path);
			}
	}
	return 0;
}

/* Once all names are known. */
static int make_entries(struct join_plan *p, struct error *e)
{
	for (size_t i = 0; i < p->sources; i++) {
		const struct join_source *s = &p->source[i];

		p->entries[i] = memory_new(s->sets, sizeof **p->entries, e);
		if (!p->entries[i])
			return -1;
		for (size_t k = 0; k < s->sets; k++)
			if (join_entries_new(&p->entries[i][k], s, k, &p->names, e) < 0)
				return -1;
	}
	for (int i = 0; p->form.colors && i < COLOR_COUNT; i++)
		p->color_label[i] = join_label(&p->names, p->color_label[i] - 1u);
	return 0;
}

int join_plan_read(struct join_plan *p, const struct join_form *form, char *const *paths,
                   size_t n, struct error *e)
{
	*p = (struct join_plan){.form = *form};
	if (read_sources(p, paths, n, e) < 0 || (form->colors && name_colors(p, e) < 0))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (find_images(p, (uint32_t)i, e) < 0 || check_sets(&p->source[i], e) < 0)
			return -1;
	qsort(p->image, p->images, sizeof *p->image, by_path);
	for (size_t i = 0; i < n; i++)
		if (check_wholes(p, (uint32_t)i, e) < 0)
			return -1;
	for (size_t i = 0; i < p->images; i++) {
		p->image[i].name = escaped(&p->source[p->image[i].source], &p->image[i], e);
		if (!p->image[i].name || name_folder(p, &p->image[i], e) < 0)
			return -1;
	}
	return check_names(p, e) < 0 ? -1 : make_entries(p, e);
}

void join_plan_free(struct join_plan *p)
{
	for (size_t i = 0; i < p->sources; i++) {
		for (size_t k = 0; p->entries[i] && k < p->source[i].sets; k++)
			join_entries_free(&p->entries[i][k]);
		free(p->entries[i]);
		join_source_free(&p->source[i]);
	}
	for (size_t i = 0; i < p->images; i++) {
		free(p->image[i].path);
		free(p->image[i].name);
	}
	free(p->first_foreign);
	free(p->entries);
	free(p->source);
	free(p->image);
	join_names_free(&p->names);
	*p = (struct join_plan){0};
}
