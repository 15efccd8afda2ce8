/* item.c -- a row of index.csv as the records of an item; see broden.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broden/cell.h"
#include "broden/directory.h"
#include "image/image.h"
#include "image/orientation.h"
#include "image/resize.h"

/* ---- The image ----------------------------------------------------------------- */

static int check_size(struct work *w, const char *name, const char *what, uint32_t height,
                      uint32_t width, uint32_t row_height, uint32_t row_width)
{
	if (height == row_height && width == row_width)
		return 0;
	if (w->turned && height == row_width && width == row_height)
		return broden_bad(w, name,
		                  "%s is stored with %u x %u pixels and turned by a camera's "
		                  "note to the row's %u x %u: store it upright",
		                  what, width, height, row_width, row_height);
	return broden_bad(w, name, "%s is %u x %u, the row says %u x %u", what, width, height,
	                  row_width, row_height);
}

static uint8_t *add_image(struct work *w, uint32_t height, uint32_t width, const uint8_t *pixel)
{
	struct ndr_record r = {.type = NDR_IMAGE,
	                       .dtype = NDR_U8,
	                       .ndim = 3,
	                       .dims = {height, width, 3},
	                       .data = pixel};

	return ndr_item_add(w->item, &r, w->e);
}

/* An image goes straight into the item, unless something is to be done to it. */
struct picture {
	struct work *w;
	struct image image; /* in the latter case */
};

static bool is_changed(const struct work *w)
{
	return w->form->crop || w->form->size;
}

static void *room_for_image(void *ctx, uint32_t height, uint32_t width, struct error *e)
{
	struct picture *p = ctx;
	struct work *w = p->w;

	if (check_size(w, w->image, "image", height, width, w->ih, w->iw) < 0)
		return NULL;
	if (!is_changed(w))
		return add_image(w, height, width, NULL);
	return image_new_room(&p->image, height, width, e);
}

/* Crop and scale the picture, and add it. */
static int change_image(struct picture *p)
{
	const struct broden_form *form = p->w->form;
	struct image other;

	if (form->crop) {
		if (image_crop(&p->image, p->w->square, &other, p->w->e) < 0)
			return -1;
		image_free(&p->image);
		p->image = other;
	}
	if (form->size) {
		if (image_resize(&p->image, form->size, form->size, &other, p->w->e) < 0)
			return -1;
		image_free(&p->image);
		p->image = other;
	}
	return add_image(p->w, p->image.height, p->image.width, p->image.pixel) ? 0 : -1;
}

static int load_image(struct work *w)
{
	struct picture p = {.w = w};
	struct image_room room = {.get = room_for_image, .ctx = &p, .remark = w->remark};
	char place[PATH_MAX];
	size_t length;
	char *data = broden_read(w, w->image, place, &length);
	int status;

	w->turned = data && image_orientation(data, length) != 1;
	status = data ? image_decode_to(&room, data, length, place, w->e) : -1;
	free(data);
	if (status == 0 && is_changed(w))
		status = change_image(&p);
	image_free(&p.image);
	return status;
}

/* ---- Label maps ------------------------------------------------------------------ */

/* A map on its way to where the item has room for it. */
struct map {
	struct work *w;
	const char *name;
	uint16_t *to;
	struct label_map uncropped; /* where it is to be cropped */
};

static void *room_for_map(void *ctx, uint32_t height, uint32_t width, struct error *e)
{
	struct map *m = ctx;
	struct work *w = m->w;

	if (check_size(w, m->name, "label map", height, width, w->sh, w->sw) < 0)
		return NULL;
	if (!w->form->crop)
		return m->to;
	return label_map_new(&m->uncropped, height, width, "label map", e) < 0
	               ? NULL
	               : m->uncropped.label;
}

static void empty_void(uint16_t *label, size_t n, const bool *void_label)
{
	for (size_t i = 0; i < n; i++)
		label[i] = void_label[label[i]] ? 0 : label[i];
}

static int check_labels(struct map *m, uint16_t *label, bool palette)
{
	struct work *w = m->w;
	size_t n = (size_t)w->sh * w->sw;
	uint16_t highest = 0;

	if (w->form->void_label)
		empty_void(label, n, w->form->void_label);
	for (size_t i = 0; i < n; i++)
		highest = label[i] > highest ? label[i] : highest;
	for (size_t i = 0; i < n && highest >= w->b->dense; i++)
		if (!broden_has_label(&w->b->meta, label[i]))
			return broden_bad(
			        w, m->name,
			        "%spixel value %u at column %zu, row %zu is no label%s",
			        palette ? "by the colours of the palette, " : "", label[i],
			        i % w->sw, i / w->sw,
			        palette           ? " (--palette-index takes its indices)"
			        : label[i] == 255 ? " (--void 255, if it stands for unlabelled)"
			                          : "");
	return 0;
}

static int crop_map(struct map *m)
{
	struct work *w = m->w;
	struct label_map cut;

	if (label_map_crop(&m->uncropped, w->ih, w->iw, w->square, &cut, w->e) < 0)
		return -1;
	memcpy(m->to, cut.label, (size_t)cut.height * cut.width * sizeof *cut.label);
	label_map_free(&cut);
	return 0;
}

static int load_map(struct work *w, const char *name, uint16_t *to)
{
	struct map m = {.w = w, .name = name, .to = to};
	struct image_room room = {.get = room_for_map, .ctx = &m};
	char place[PATH_MAX];
	size_t length;
	char *data = broden_read(w, name, place, &length);
	int status =
	        data ? label_map_decode_to(&room, w->form->palette, data, length, place, w->e)
	             : -1;

	if (status == 0)
		status = check_labels(&m, w->form->crop ? m.uncropped.label : to,
		                      w->form->palette == PALETTE_COLOR &&
		                              image_has_palette(data, length));
	if (status == 0 && w->form->crop)
		status = crop_map(&m);
	free(data);
	label_map_free(&m.uncropped);
	return status;
}

/* Whether text without a file of that name was meant for one. */
static bool is_file_name(const char *text)
{
	const char *dot = strrchr(text, '.');

	return strchr(text, '/') || (dot && isalpha((unsigned char)dot[1]));
}

const char *broden_no_map(const struct work *w, const char *name)
{
	char *end;

	strtod(name, &end);
	if (!*end && !isalpha((unsigned char)*name))
		return "is no label number";
	return is_file_name(name) || broden_has_file(w, name)
	               ? NULL
	               : "is neither a number nor a file";
}

static int add_map(struct work *w, uint32_t category, const struct broden_part *part,
                   uint16_t *to)
{
	const char *column = w->b->meta.category[category];
	char name[PATH_MAX];
	const char *reason;

	if (part->length >= sizeof name)
		return broden_bad(w, w->image, "column %.40s: a name is too long", column);
	memcpy(name, part->text, part->length);
	name[part->length] = '\0';
	reason = broden_no_map(w, name);
	return reason ? broden_bad(w, w->image, "column %.40s: '%.40s' %s", column, name,
	                           reason)
	              : load_map(w, name, to);
}

static int add_maps(struct work *w, uint32_t category, const char *cell, size_t maps,
                    const struct ndr_item_info *info)
{
	struct ndr_record r = {.type = NDR_LABEL,
	                       .dtype = NDR_U16,
	                       .ndim = 3,
	                       .dims = {maps, info->label_height, info->label_width},
	                       .group = category};
	uint16_t *to = ndr_item_add(w->item, &r, w->e);
	struct broden_part part;

	if (!to)
		return -1;
	while (broden_next_part(&cell, &part)) {
		if (part.is_number)
			continue;
		if (add_map(w, category, &part, to) < 0)
			return -1;
		to += (size_t)info->label_height * info->label_width;
	}
	return 0;
}

/* ---- Labels of the whole image ------------------------------------------------------ */

static int add_numbers(struct work *w, uint32_t category, const char *cell, size_t numbers)
{
	struct ndr_record r = {.type = NDR_LABEL,
	                       .dtype = NDR_U16,
	                       .ndim = 3,
	                       .dims = {numbers, 1, 1},
	                       .group = category};
	const char *column = w->b->meta.category[category];
	struct broden_part part;
	uint16_t *to;

	if (numbers >= NDR_LABELS)
		return broden_bad(w, w->image,
		                  "column %.40s: more labels than there are numbers", column);
	to = ndr_item_add(w->item, &r, w->e);
	if (!to)
		return -1;
	while (broden_next_part(&cell, &part)) {
		if (!part.is_number || !part.number)
			continue;
		if (!broden_has_label(&w->b->meta, part.number))
			return broden_bad(w, w->image, "column %.40s: %.*s is no label", column,
			                  (int)(part.length < 20 ? part.length : 20),
			                  part.text);
		*to++ = (uint16_t)part.number;
	}
	return 0;
}

/* ---- The item ------------------------------------------------------------------------ */

/* One of the row's four sizes. */
static int size_field(struct work *w, int field, uint32_t *value)
{
	const char *text = w->field[field];
	uint64_t n;

	if (!csv_whole(text, strlen(text), &n) || n < 1 || n > IMAGE_SIDE_MAX)
		return broden_bad(w, w->image, "%s '%.20s' is not a size",
		                  broden_columns[field], text);
	*value = (uint32_t)n;
	return 0;
}

static int read_sizes(struct work *w)
{
	if (size_field(w, IH, &w->ih) < 0 || size_field(w, IW, &w->iw) < 0 ||
	    size_field(w, SH, &w->sh) < 0 || size_field(w, SW, &w->sw) < 0)
		return -1;
	if (w->form->crop)
		w->square = square_middle(w->ih, w->iw);
	return 0;
}

/* Before anything is allocated or opened. */
static int check_labels_of_row(struct work *w, const char *const *row)
{
	size_t all = 0, maps, numbers;
	char place[PATH_MAX];

	for (size_t c = 0; w->form->labels && c < w->b->meta.categories; c++) {
		broden_count_parts(row[FIXED + c], &maps, &numbers);
		if (numbers >= NDR_LABELS)
			return broden_bad(w, w->image,
			                  "column %.40s: more labels than there are numbers",
			                  w->b->meta.category[c]);
		all += maps;
	}
	if (all > BRODEN_MAPS_MAX)
		return broden_bad(w, w->image, "%zu label maps are more than %d", all,
		                  BRODEN_MAPS_MAX);
	broden_place(w, w->image, place);
	return ndr_check_label_pixels(w->sh, w->sw, all, w->form->max_label_pixels, place,
	                              w->e);
}

static int add_info(struct work *w, struct ndr_item_info *info)
{
	*info = (struct ndr_item_info){.image_height = w->ih,
	                               .image_width = w->iw,
	                               .label_height = w->sh,
	                               .label_width = w->sw,
	                               .name = w->image};
	if (w->form->crop) {
		info->image_height = info->image_width = w->square.side;
		info->label_height = label_map_crop_size(w->sh, w->ih, w->square.side);
		info->label_width = label_map_crop_size(w->sw, w->iw, w->square.side);
	}
	if (w->form->size)
		info->image_height = info->image_width = w->form->size;
	if (!w->form->images)
		info->image_height = info->image_width = 0;
	return ndr_item_add_info(w->item, info, w->e);
}

static int add_row(struct work *w, const char *const *row)
{
	struct ndr_item_info info;
	size_t maps, numbers;

	if (read_sizes(w) < 0 || check_labels_of_row(w, row) < 0 || add_info(w, &info) < 0 ||
	    (w->form->images && load_image(w) < 0))
		return -1;
	for (uint32_t c = 0; w->form->labels && c < w->b->meta.categories; c++) {
		broden_count_parts(row[FIXED + c], &maps, &numbers);
		if ((maps && add_maps(w, c, row[FIXED + c], maps, &info) < 0) ||
		    (numbers && add_numbers(w, c, row[FIXED + c], numbers) < 0))
			return -1;
	}
	return 0;
}

int broden_item(const struct broden *b, const struct broden_form *form, struct ndr_item *item,
                struct broden_item *found, struct error *e)
{
	struct work w = {.b = b,
	                 .form = form,
	                 .row = item->number,
	                 .item = item,
	                 .remark = found->remark,
	                 .e = e};
	int status;

	*found = (struct broden_item){0};
	broden_fields(b, w.row, w.field);
	w.image = w.field[IMAGE];
	status = broden_is_labelled(b, w.field) ? add_row(&w, w.field) : 0;
	found->bad = status < 0 && (e->code == EXIT_MALFORMED || w.missing);
	found->turned = w.turned;
	return status;
}

int broden_parse_void(const char *list, bool *void_label, struct error *e)
{
	char *end;

	for (const char *s = list; s; s = *end ? end + 1 : NULL) {
		unsigned long n = strtoul(s, &end, 10);

		if (*s < '0' || *s > '9' || (*end && *end != ',') || n >= NDR_LABELS)
			return error_set(e, EXIT_USAGE, "--void '%s': not numbers below %d",
			                 list, NDR_LABELS);
		void_label[n] = true;
	}
	return 0;
}
