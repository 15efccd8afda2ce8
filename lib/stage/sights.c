/* sights.c -- see sights.h. */
#include "stage/sights.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { SIGHTS = NDR_PRIVATE, PICTURE };

const char *const sights_column[SIGHTS_COLUMNS] = {
        "item",  "image",  "concept",   "category", "iou",  "unit",
        "fires", "peak",   "threshold", "strength", "left", "top",
        "width", "height", "percent",   "painted"};

static int add_bytes(struct ndr_item *out, unsigned type, const void *bytes, size_t n,
                     struct error *e)
{
	const struct ndr_record rec = {
	        .type = (uint16_t)type, .ndim = 1, .dims = {(uint32_t)n}, .data = bytes};

	return n > UINT32_MAX               ? error_set(e, EXIT_SYSTEM, "a picture too large")
	       : ndr_item_add(out, &rec, e) ? 0
	                                    : -1;
}

int sights_find(struct painter *p, bool pictures, const struct ndr_item *in,
                struct ndr_item *out, size_t thread, struct error *e)
{
	struct paint_sight *sight = NULL;
	struct ndr_item_info info;
	struct text png = {0};
	struct error why = {0};
	size_t n = 0;
	int status;

	if (ndr_item_info(in, &info, e) < 0)
		return -1;
	status = paint_item(p, in, thread, &sight, &n, &png, &why);
	if (status < 0)
		error_set(e, why.code, "%s: item %u (%.200s): %s", in->input, in->number,
		          info.name, why.text);
	if (status == 0)
		status = add_bytes(out, SIGHTS, sight, n * sizeof *sight, e);
	if (status == 0 && pictures) {
		const size_t length = png.length;
		char *bytes = text_take(&png, "a picture", e);

		status = bytes ? add_bytes(out, PICTURE, bytes, length, e) : -1;
		free(bytes);
	}
	text_free(&png);
	free(sight);
	return status;
}

static void write_row(const struct painter *p, const struct ndr_item *in, const char *name,
                      const struct paint_sight *s, struct table *t)
{
	const struct paint_concept *c = &p->concept[s->concept];
	const struct ndr_record *image = ndr_item_find(in, NDR_IMAGE, NDR_ANY_GROUP);

	table_count(t, in->number);
	table_text(t, name);
	table_text(t, c->label);
	table_text(t, c->category);
	table_real(t, c->score);
	table_count(t, s->unit + 1);
	table_count(t, s->fires);
	table_real(t, s->peak);
	table_real(t, p->row[s->unit].t);
	table_real(t, s->strength);
	table_count(t, s->box.left);
	table_count(t, s->box.top);
	table_count(t, s->box.width);
	table_count(t, s->box.height);
	table_real(t, 100 * (double)s->pixels / ((double)image->dims[0] * image->dims[1]));
	table_count(t, s->painted);
}

int sights_write(const struct painter *p, const struct ndr_item *in, const struct ndr_item *out,
                 struct table *t, struct error *e)
{
	const struct ndr_record *sights = ndr_item_find(out, SIGHTS, NDR_ANY_GROUP);
	const struct paint_sight *s = sights ? sights->data : NULL;
	struct ndr_item_info info;

	if (!sights)
		return 0;
	if (ndr_item_info(in, &info, e) < 0)
		return -1;
	for (size_t i = 0; i < sights->length / sizeof *s; i++)
		write_row(p, in, info.name, s + i, t);
	return 0;
}

const struct ndr_record *sights_picture(const struct ndr_item *out)
{
	return ndr_item_find(out, PICTURE, NDR_ANY_GROUP);
}

char *sights_path(const char *directory, const struct ndr_item *in, struct error *e)
{
	struct ndr_item_info info;
	const char *base, *dot;
	size_t length;
	char *path;

	if (ndr_item_info(in, &info, e) < 0)
		return NULL;
	base = strrchr(info.name, '/');
	base = base ? base + 1 : info.name;
	dot = strrchr(base, '.');
	length = dot ? (size_t)(dot - base) : strlen(base);
	path = memory_print(e, "%s/%" PRIu32 "-%.*s.png", directory, in->number,
	                    length < 100 ? (int)length : 100, base);
	if (path)
		file_name_clean(path + strlen(directory) + 1);
	return path;
}
