/* item.c -- a row of index.csv as the records of an item; see broden.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broden/directory.h"
#include "image/image.h"
#include "image/resize.h"

enum { SEPARATOR = ';' };           /* between the labels of a cell */
enum { MAPS_PIXELS_MAX = 1 << 28 }; /* of a cell's maps together */

/* The next part of a cell into [*part, *part + length); false at its end. */
static bool next_part(const char **cell, const char **part, size_t *length)
{
	while (**cell == SEPARATOR)
		++*cell;
	*part = *cell;
	*length = strcspn(*cell, (char[]){SEPARATOR, '\0'});
	*cell += *length;
	return *length > 0;
}

/* A part is a label number if it is all digits, else the name of a file. */
static bool is_number(const char *part, size_t length)
{
	return strspn(part, "0123456789") >= length;
}

/* How many maps and whole-image labels other than 0 a cell has. */
static void count_parts(const char *cell, size_t *maps, size_t *numbers)
{
	const char *part;
	size_t length;

	*maps = *numbers = 0;
	while (next_part(&cell, &part, &length)) {
		if (!is_number(part, length))
			++*maps;
		else if (strspn(part, "0") < length)
			++*numbers;
	}
}

/* Does the row have a label in a chosen category? */
static bool is_labelled(const struct broden *b, size_t row)
{
	size_t maps, numbers;

	for (size_t i = FIXED; i < b->fields; i++) {
		count_parts(b->field[row * b->fields + i], &maps, &numbers);
		if (maps + numbers)
			return true;
	}
	return false;
}

uint32_t broden_count(const struct broden *b, uint32_t first, uint32_t end)
{
	uint32_t n = 0;

	for (uint32_t row = first; row < end; row++)
		n += is_labelled(b, row);
	return n;
}

static int check_size(const struct work *w, const char *name, const char *what, uint32_t height,
                      uint32_t width, uint32_t row_height, uint32_t row_width)
{
	if (height == row_height && width == row_width)
		return 0;
	return broden_bad(w, name, "%s is %u x %u, the row says %u x %u", what, width, height,
	                  row_width, row_height);
}

static int add_image(struct work *w, const struct image *image)
{
	struct ndr_record r = {.type = NDR_IMAGE,
	                       .dtype = NDR_U8,
	                       .ndim = 3,
	                       .dims = {image->height, image->width, 3},
	                       .data = image->pixel};

	return ndr_item_add(w->item, &r, w->e) ? 0 : -1;
}

static int load_image(struct work *w)
{
	char place[PATH_MAX];
	struct image image = {0}, other = {0};
	size_t length;
	char *data = broden_file(w, w->image, place, &length);
	int status = data ? image_decode(&image, data, length, place, w->e) : -1;

	free(data);
	if (status == 0)
		status = check_size(w, w->image, "image", image.height, image.width, w->ih,
		                    w->iw);
	if (status == 0 && w->form->crop) {
		status = image_crop(&image, w->square, &other, w->e);
		image_free(&image);
		image = other;
	}
	if (status == 0 && w->form->size) {
		status = image_resize(&image, w->form->size, w->form->size, &other, w->e);
		image_free(&image);
		image = other;
	}
	if (status == 0)
		status = add_image(w, &image);
	image_free(&image);
	return status;
}

static int check_labels(const struct work *w, const char *name, const struct label_map *map)
{
	size_t n = (size_t)map->height * map->width;
	uint16_t highest = 0;

	for (size_t i = 0; i < n; i++)
		highest = map->label[i] > highest ? map->label[i] : highest;
	for (size_t i = 0; i < n && highest >= w->b->dense; i++)
		if (!broden_has_label(&w->b->meta, map->label[i]))
			return broden_bad(w, name,
			                  "pixel value %u at column %zu, row %zu is no label",
			                  map->label[i], i % map->width, i / map->width);
	return 0;
}

/* One pixel map, cropped; label_map_free() it. */
static int load_map(struct work *w, const char *name, struct label_map *map)
{
	char place[PATH_MAX];
	struct label_map whole = {0};
	size_t length;
	char *data = broden_file(w, name, place, &length);
	int status = data ? label_map_decode(map, data, length, place, w->e) : -1;

	free(data);
	if (status == 0)
		status =
		        check_size(w, name, "label map", map->height, map->width, w->sh, w->sw);
	if (status == 0)
		status = check_labels(w, name, map);
	if (status == 0 && w->form->crop) {
		whole = *map;
		status = label_map_crop(&whole, w->ih, w->iw, w->square, map, w->e);
		label_map_free(&whole);
	}
	if (status < 0)
		label_map_free(map);
	return status;
}

static int add_maps(struct work *w, uint32_t category, const char *cell, size_t maps,
                    const struct ndr_item_info *info)
{
	struct ndr_record r = {.type = NDR_LABEL,
	                       .dtype = NDR_U16,
	                       .ndim = 3,
	                       .dims = {maps, info->label_height, info->label_width},
	                       .group = category};
	size_t pixels = (size_t)info->label_height * info->label_width, length;
	const char *part;
	uint16_t *to;

	if (pixels > IMAGE_PIXELS_MAX || maps > MAPS_PIXELS_MAX / pixels)
		return broden_bad(w, w->image, "%zu label maps of %zu pixels are too many",
		                  maps, pixels);
	to = ndr_item_add(w->item, &r, w->e);
	if (!to)
		return -1;
	while (next_part(&cell, &part, &length)) {
		char name[PATH_MAX];
		struct label_map map = {0};

		if (is_number(part, length))
			continue;
		if (length >= sizeof name)
			return broden_bad(w, part, "name is too long");
		memcpy(name, part, length);
		name[length] = '\0';
		if (load_map(w, name, &map) < 0)
			return -1;
		memcpy(to, map.label, pixels * sizeof *to);
		label_map_free(&map);
		to += pixels;
	}
	return 0;
}

static int add_numbers(struct work *w, uint32_t category, const char *cell, size_t numbers)
{
	struct ndr_record r = {.type = NDR_LABEL,
	                       .dtype = NDR_U16,
	                       .ndim = 3,
	                       .dims = {numbers, 1, 1},
	                       .group = category};
	uint16_t *to = ndr_item_add(w->item, &r, w->e);
	const char *part;
	size_t length;

	if (!to)
		return -1;
	while (next_part(&cell, &part, &length)) {
		unsigned long n = is_number(part, length) ? strtoul(part, NULL, 10) : 0;

		if (!broden_has_label(&w->b->meta, n))
			return broden_bad(w, w->image, "column %s: %.*s is no label",
			                  w->b->meta.category[category],
			                  (int)(length < 20 ? length : 20), part);
		if (n)
			*to++ = n;
	}
	return 0;
}

/* One of the row's four sizes. */
static int size_field(const struct work *w, int field, uint32_t *value)
{
	const char *text = w->b->field[w->row * w->b->fields + field];
	unsigned long n = is_number(text, strlen(text)) ? strtoul(text, NULL, 10) : 0;

	if (n < 1 || n > IMAGE_SIDE_MAX)
		return broden_bad(w, w->image, "%s '%.20s' is not a size",
		                  broden_columns[field], text);
	*value = n;
	return 0;
}

int broden_item(const struct broden *b, const struct broden_form *form, struct ndr_item *item,
                struct error *e)
{
	const char *const *row = b->field + item->number * b->fields;
	struct work w = {.b = b,
	                 .form = form,
	                 .row = item->number,
	                 .image = row[IMAGE],
	                 .item = item,
	                 .e = e};
	struct ndr_item_info info = {.name = row[IMAGE]};
	size_t maps, numbers;

	if (!is_labelled(b, w.row))
		return 0;
	if (size_field(&w, IH, &w.ih) < 0 || size_field(&w, IW, &w.iw) < 0 ||
	    size_field(&w, SH, &w.sh) < 0 || size_field(&w, SW, &w.sw) < 0)
		return -1;
	info.image_height = w.ih;
	info.image_width = w.iw;
	info.label_height = w.sh;
	info.label_width = w.sw;
	if (form->crop) {
		w.square = middle_square(w.ih, w.iw);
		info.image_height = info.image_width = w.square.side;
		info.label_height = label_crop_size(w.sh, w.ih, w.square.side);
		info.label_width = label_crop_size(w.sw, w.iw, w.square.side);
	}
	if (form->size)
		info.image_height = info.image_width = form->size;
	if (!form->images)
		info.image_height = info.image_width = 0;
	if (ndr_item_add_info(item, &info, e) < 0)
		return -1;
	if (form->images && load_image(&w) < 0)
		return -1;
	for (uint32_t c = 0; form->labels && c < b->meta.categories; c++) {
		count_parts(row[FIXED + c], &maps, &numbers);
		if ((maps && add_maps(&w, c, row[FIXED + c], maps, &info) < 0) ||
		    (numbers && add_numbers(&w, c, row[FIXED + c], numbers) < 0))
			return -1;
	}
	return 0;
}
