/* item.c -- see item.h. */
#include "join/item.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"
#include "image/jpeg_writer.h"
#include "image/orientation.h"
#include "image/resize.h"

enum { UPRIGHT = 1, ACROSS = 5 }; /* of EXIF's numbers: from 5 on rows become columns */

/* An image that is being made. */
struct make {
	const struct join_plan *p;
	const struct join_image *image;
	const struct join_source *source;
	struct join_item *item;
	char *path;             /* of the image */
	int orientation;        /* by which it is turned, or UPRIGHT */
	uint32_t height, width; /* of its file, turned */
	struct square square;   /* the part that is taken */
	struct error *e;
};

static char *image_path(const struct join_plan *p, const struct join_image *image,
                        struct error *e)
{
	return memory_print(e, "%s/%s", p->source[image->source].directory, image->path);
}

static char *map_path(const struct join_plan *p, const struct join_image *image,
                      const struct join_set *set, struct error *e)
{
	(void)p;
	if (set->kind == JOIN_INSTANCES)
		return memory_string(set->directory, e);
	return memory_print(e, "%s/%.*s%s", set->directory, (int)image->stem, image->path,
	                    set->suffix);
}

/* ---- signatures ---- */

static bool is_absent(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
}

/* Add a file's size and time to a checksum, 0 where it is not there; path is freed. */
static int sign(char *path, uint32_t *sum, struct error *e)
{
	struct stat st = {0};
	int status = path ? 0 : -1;

	if (path && stat(path, &st) < 0) {
		st = (struct stat){0};
		if (!is_absent())
			status = error_errno(e, "%s", path);
	}
	if (status == 0) {
		const int64_t facts[] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};

		*sum = checksum(*sum, facts, sizeof facts);
	}
	free(path);
	return status;
}

int join_item_sign(const struct join_plan *p, size_t i, uint64_t *signature, struct error *e)
{
	const struct join_image *image = &p->image[i];
	const struct join_source *s = &p->source[image->source];
	uint32_t sum = checksum(0, image->name, strlen(image->name));

	if (sign(image_path(p, image, e), &sum, e) < 0)
		return -1;
	for (size_t k = 0; k < s->sets; k++)
		if (sign(map_path(p, image, &s->set[k], e), &sum, e) < 0)
			return -1;
	*signature = (uint64_t)i << 32 | sum;
	return 0;
}

char *join_item_missing(const struct join_plan *p, size_t i, struct error *e)
{
	const struct join_image *image = &p->image[i];
	const struct join_source *s = &p->source[image->source];
	struct stat st;

	for (size_t k = 0; k < s->sets; k++) {
		char *path = map_path(p, image, &s->set[k], e);

		if (!path || (stat(path, &st) < 0 && is_absent()))
			return path;
		free(path);
		if (s->set[k].kind == JOIN_INSTANCES &&
		    !instances_find(&s->set[k].instances, image->path))
			return memory_print(e, "of %s in %s", image->path, s->set[k].directory);
	}
	return memory_string(image->path, e);
}

/* ---- the image ---- */

/* Only its size is wanted: nothing is decoded. */
static void *room_for_none(void *ctx, uint32_t height, uint32_t width, struct error *e)
{
	struct make *m = ctx;

	m->height = height;
	m->width = width;
	error_set(e, EXIT_MALFORMED, "no pixels wanted");
	return NULL;
}

static int find_size(struct make *m, const void *data, size_t length)
{
	const struct image_room room = {.get = room_for_none, .ctx = m};
	struct error why = {0};

	m->height = m->width = 0;
	if (image_decode_to(&room, data, length, m->path, &why) < 0 && !m->height)
		return error_set(m->e, why.code, "%s", why.text);
	if (m->orientation >= ACROSS) {
		const uint32_t height = m->height;

		m->height = m->width;
		m->width = height;
	}
	return 0;
}

static void find_square(struct make *m)
{
	const struct join_form *form = &m->p->form;
	struct join_item *item = m->item;

	m->square = square_middle(m->height, m->width);
	item->ih = form->size ? form->size : form->crop ? m->square.side : m->height;
	item->iw = form->size ? form->size : form->crop ? m->square.side : m->width;
}

static bool is_cropped(const struct make *m)
{
	return m->p->form.crop && m->height != m->width;
}

/* Crop and scale the picture as index.csv says. */
static int change_image(const struct make *m, struct image *image)
{
	const struct join_item *item = m->item;
	struct image other;

	if (is_cropped(m)) {
		if (image_crop(image, m->square, &other, m->e) < 0)
			return -1;
		image_free(image);
		*image = other;
	}
	if (image->height != item->ih || image->width != item->iw) {
		if (image_resize(image, item->ih, item->iw, &other, m->e) < 0)
			return -1;
		image_free(image);
		*image = other;
	}
	return 0;
}

/* The file as it is where nothing was to be changed, else a JPEG. */
static int put_file(const struct make *m, const struct image *image, bool changed,
                    const char *data, size_t length)
{
	struct join_item *item = m->item;

	text_free(&item->file);
	item->ending = ".jpg";
	if (changed)
		return jpeg_encode(&item->file, image, m->p->form.quality, m->e);
	if ((uint8_t)*data == 0x89)
		item->ending = ".png";
	else if (*data == 'P')
		item->ending = ".pnm";
	text_bytes(&item->file, data, length);
	return 0;
}

/* ---- planes ---- */

static int add_plane(const struct make *m, uint32_t category, uint16_t **label)
{
	struct join_item *item = m->item;
	struct join_plane *plane;
	uint32_t ordinal = 0;

	for (size_t i = 0; i < item->planes; i++)
		ordinal += item->plane[i].category == category;
	if (memory_grow(&item->plane, &item->plane_capacity, item->planes + 1, sizeof *plane,
	                m->e) < 0)
		return -1;
	plane = &item->plane[item->planes];
	*plane = (struct join_plane){category, ordinal, NULL};
	plane->label = memory_raw((size_t)item->sh * item->sw, sizeof *plane->label, m->e);
	if (!plane->label)
		return -1;
	item->planes++;
	*label = plane->label;
	return 0;
}

/* The colours of the image as the directory has it, scaled to the size of label maps. */
static int add_colors(const struct make *m, const struct image *image)
{
	const struct join_item *item = m->item;
	const size_t n = (size_t)item->sh * item->sw;
	struct image small;
	uint16_t *label;

	if (add_plane(m, m->p->color_category, &label) < 0 ||
	    image_resize(image, item->sh, item->sw, &small, m->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		label[i] = m->p->color_label[color_name(&m->p->color, small.pixel[3 * i],
		                                        small.pixel[3 * i + 1],
		                                        small.pixel[3 * i + 2])];
	image_free(&small);
	return 0;
}

/* Whether sides are as those of the image, but for a pixel of rounding. */
static bool is_shape(const struct label_map *map, uint32_t height, uint32_t width)
{
	const int64_t off = (int64_t)map->height * width - (int64_t)map->width * height;

	return llabs(off) <= (int64_t)width + map->width;
}

/* A map shows what its image does, whatever its size. */
static int check_shape(const struct make *m, const struct label_map *map, const char *path)
{
	if (is_shape(map, m->height, m->width))
		return 0;
	return error_set(
	        m->e, EXIT_MALFORMED,
	        "%.200s: %u x %u pixels, which is not the shape of its image's %u x %u%s", path,
	        map->width, map->height, m->width, m->height,
	        !m->item->turned || !is_shape(map, m->width, m->height) ? ""
	        : m->p->form.upright
	                ? " (it is turned by --upright, and the map is not)"
	                : " (its camera was not held upright: --upright turns it)");
}

/* The set's map in the size of the directory's. */
static int shape_map(const struct make *m, struct label_map *map, const char *path)
{
	const struct join_form *form = &m->p->form;
	struct join_item *item = m->item;
	struct label_map other;
	uint32_t sh = form->label_size, sw = form->label_size;

	if (check_shape(m, map, path) < 0)
		return -1;
	if (is_cropped(m)) {
		if (label_map_crop(map, m->height, m->width, m->square, &other, m->e) < 0)
			return -1;
		label_map_free(map);
		*map = other;
	}
	if (!form->label_size) {
		sh = item->sh ? item->sh : map->height;
		sw = item->sw ? item->sw : map->width;
		if (map->height != sh || map->width != sw)
			return error_set(m->e, EXIT_MALFORMED,
			                 "%.200s: %u x %u pixels, and another map of the image "
			                 "has %u x %u: with --size 0 they are not scaled",
			                 path, map->width, map->height, sw, sh);
	}
	item->sh = sh;
	item->sw = sw;
	if (map->height == sh && map->width == sw)
		return 0;
	if (label_map_resize(map, sh, sw, &other, m->e) < 0)
		return -1;
	label_map_free(map);
	*map = other;
	return 0;
}

static int add_layers(const struct make *m, size_t set, const struct label_map *map)
{
	const struct join_entries *t = &m->p->entries[m->image->source][set];
	const size_t n = (size_t)map->height * map->width;

	for (size_t k = 0; k < t->layers; k++) {
		const uint16_t *label_of = t->label + k * (t->count + 1);
		uint16_t *label, any = 0;

		if (add_plane(m, m->source->layer[t->first + k].category, &label) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			any |= label[i] = label_of[map->label[i]];
		m->item->labelled |= any != 0;
	}
	return 0;
}

/* Read the set's map: 1; 0 if there is none. */
static int read_map(const struct make *m, size_t which, const char *path, struct label_map *map)
{
	const struct join_entries *t = &m->p->entries[m->image->source][which];
	struct stat st;
	size_t length;
	char *data;
	int status = -1;

	if (t->set->kind == JOIN_INSTANCES)
		return join_map_draw(t, m->image->path, map, m->e);
	if (stat(path, &st) < 0 && is_absent())
		return 0;
	data = file_read(path, path, &length, m->e);
	if (data && join_map_decode(t, data, length, path, map, m->e) == 0)
		status = 1;
	free(data);
	return status;
}

static int add_set(const struct make *m, size_t which)
{
	const struct join_set *set = &m->source->set[which];
	char *path = map_path(m->p, m->image, set, m->e);
	struct label_map map = {0};
	int status = path ? read_map(m, which, path, &map) : -1;

	if (status == 0 && !set->needed)
		m->item->missing++;
	else if (status == 0 && set->kind == JOIN_INSTANCES)
		status = error_set(m->e, EXIT_MALFORMED, "%.200s: no image '%.200s'", path,
		                   m->image->path);
	else if (status == 0)
		status = error_set(m->e, m->p->form.skip_bad ? EXIT_MALFORMED : EXIT_SYSTEM,
		                   "%s: %s", path, strerror(ENOENT));
	else if (status == 1)
		status = shape_map(m, &map, path) < 0 ? -1 : add_layers(m, which, &map);
	label_map_free(&map);
	free(path);
	return status;
}

/* ---- labels of the whole image ---- */

static int add_whole(const struct make *m, uint32_t category, uint32_t name)
{
	struct join_item *item = m->item;

	if (memory_grow(&item->whole, &item->whole_capacity, item->wholes + 1,
	                sizeof *item->whole, m->e) < 0)
		return -1;
	item->whole[item->wholes++] = (struct join_whole){.category = category, .name = name};
	item->labelled = true;
	return 0;
}

static int add_wholes(const struct make *m)
{
	size_t n;
	const struct join_whole *w = join_whole_of(&m->source->whole, m->image->path, &n);

	if (m->source->folders != UINT32_MAX &&
	    add_whole(m, m->source->folders, m->image->folder) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_whole(m, w[i].category, w[i].name) < 0)
			return -1;
	return 0;
}

/* ---- the item ---- */

static int tally(const struct make *m)
{
	struct join_item *item = m->item;
	struct broden_tally *t = &item->tally;

	if (broden_tally_begin(t, (uint64_t)item->sh * item->sw, m->e) < 0)
		return -1;
	for (uint32_t c = 0; c < m->p->names.categories; c++) {
		for (size_t i = 0; i < item->planes; i++)
			if (item->plane[i].category == c)
				broden_tally_map(t, item->plane[i].label);
		for (size_t i = 0; i < item->wholes; i++)
			if (item->whole[i].category == c)
				broden_tally_whole(
				        t, join_label(&m->p->names, item->whole[i].name));
		if (broden_tally_take(t, c, m->e) < 0)
			return -1;
	}
	return 0;
}

/* What needs the image's pixels. */
static int use_pixels(struct make *m, const char *data, size_t length, bool with_file)
{
	const struct join_form *form = &m->p->form;
	struct image image = {0};
	bool changed;
	int status;

	if (!form->colors && !with_file && !form->skip_bad)
		return 0;
	if (image_decode(&image, NULL, data, length, m->path, m->e) < 0)
		return -1;
	if (!form->colors && !with_file) { /* only whether it is good was to be seen */
		image_free(&image);
		return 0;
	}
	changed = is_cropped(m) || m->height != m->item->ih || m->width != m->item->iw ||
	          m->orientation != UPRIGHT;
	status = image_turn(&image, m->orientation, m->e);
	if (status == 0)
		status = change_image(m, &image);
	if (status == 0 && form->colors)
		status = add_colors(m, &image);
	if (status == 0 && with_file)
		status = put_file(m, &image, changed, data, length);
	image_free(&image);
	return status;
}

static int make(struct make *m, const char *data, size_t length, bool with_file)
{
	struct join_item *item = m->item;

	m->orientation = image_orientation(data, length);
	item->turned = m->orientation != UPRIGHT;
	if (!m->p->form.upright)
		m->orientation = UPRIGHT;
	if (find_size(m, data, length) < 0)
		return -1;
	find_square(m);
	for (size_t k = 0; k < m->source->sets; k++)
		if (add_set(m, k) < 0)
			return -1;
	if (add_wholes(m) < 0)
		return -1;
	item->labelled |= m->p->form.colors;
	if (!item->labelled)
		return 0;
	if (!item->sh) {
		item->sh = m->p->form.label_size ? m->p->form.label_size : item->ih;
		item->sw = m->p->form.label_size ? m->p->form.label_size : item->iw;
	}
	return use_pixels(m, data, length, with_file) < 0 ? -1 : tally(m);
}

static void clear(struct join_item *item)
{
	for (size_t i = 0; i < item->planes; i++)
		free(item->plane[i].label);
	text_free(&item->file);
	item->planes = item->wholes = item->tally.count = 0;
	item->labelled = item->turned = item->bad = false;
	item->missing = item->ih = item->iw = item->sh = item->sw = 0;
}

int join_item_make(const struct join_plan *p, size_t i, bool with_file, struct join_item *item,
                   struct error *e)
{
	const struct join_image *image = &p->image[i];
	struct error fault = {0};
	struct make m = {.p = p,
	                 .image = image,
	                 .source = &p->source[image->source],
	                 .item = item,
	                 .e = &fault};
	char *data = NULL;
	size_t length;
	int status = -1;

	clear(item);
	if (join_item_sign(p, i, &item->signature, e) < 0)
		return -1;
	m.path = image_path(p, image, e);
	if (m.path)
		data = file_read(m.path, m.path, &length, &fault);
	if (data)
		status = make(&m, data, length, with_file);
	free(data);
	free(m.path);
	if (status == 0)
		return 0;
	if (!p->form.skip_bad || fault.code != EXIT_MALFORMED)
		return error_set(e, fault.code, "%s", fault.text);
	clear(item);
	item->bad = true;
	item->fault = fault;
	return 0;
}

void join_item_free(struct join_item *item)
{
	clear(item);
	free(item->plane);
	free(item->whole);
	broden_tally_free(&item->tally);
	*item = (struct join_item){0};
}
