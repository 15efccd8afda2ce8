/* page_data.c -- what the script of a page knows; see page_parts.h. */
#include "report/page_parts.h"
#include "base/memory.h"
#include "report/escape.h"
#include "report/outline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Each different label once: its place, by name. */
static size_t label_place(const char *const *name, size_t n, const char *label)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (strcmp(name[middle], label) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_unit_data(const struct page *p, size_t k, const char *const *name, size_t names)
{
	const struct result *s = &p->side->result;
	const struct report_unit *u = &p->side->unit[k];

	text_print(p->t, "%s\n[%zu,%.9g,%.9g,%.9g,[", k ? "," : "", s->best[k], u->threshold,
	           u->min, u->max);
	for (size_t c = 0; c < s->categories; c++)
		text_print(p->t, "%s%zu,%.17g", c ? "," : "",
		           label_place(name, names, s->label[k * s->categories + c]),
		           s->iou[k * s->categories + c]);
	put(p, "],[");
	for (size_t i = 0; i < u->examples + u->quantiles; i++) {
		const struct report_example *x =
		        i < u->examples ? &u->example[i] : &u->quantile[i - u->examples];

		text_print(p->t, "%s[%zu,%.9g,%.9g,\"", i ? "," : "", x->picture, x->low,
		           x->high);
		put_place(p, x, i + 1);
		put(p, "\"]");
	}
	put(p, "]]");
}

static int put_side_data(struct page *p, size_t n, struct error *e)
{
	const struct result *s = &p->r->side[n].result;
	const size_t all = s->units * s->categories;
	const char **name = memory_new(all, sizeof *name, e);
	size_t names = 0;

	if (!name)
		return -1;
	p->side = &p->r->side[n];
	memcpy(name, s->label, all * sizeof *name);
	qsort(name, all, sizeof *name, by_text);
	for (size_t i = 0; i < all; i++)
		if (i == 0 || strcmp(name[i], name[names - 1]) != 0)
			name[names++] = name[i];
	text_print(p->t, "%s{\"height\":%" PRIu32 ",\"width\":%" PRIu32 ",\"categories\":[",
	           n ? "," : "", p->side->height, p->side->width);
	for (size_t c = 0; c < s->categories; c++) {
		put(p, c ? "," : "");
		escape_json(p->t, s->category[c]);
	}
	put(p, "],\"palette\":[");
	for (size_t c = 0; c < s->categories; c++)
		text_print(p->t, "%s%zu", c ? "," : "", palette_of(p, c));
	put(p, "],\"labels\":[");
	for (size_t i = 0; i < names; i++) {
		put(p, i ? "," : "");
		escape_json(p->t, name[i]);
	}
	for (int k = 0; k < 2; k++) {
		text_print(p->t, "],\"%s\":[", k ? "x" : "y");
		for (size_t i = 0; i < REPORT_GRID; i++)
			text_print(p->t, "%s%.7g", i ? "," : "", p->side->across[k][i]);
	}
	put(p, "],\"units\":[");
	for (size_t k = 0; k < s->units; k++)
		put_unit_data(p, k, name, names);
	put(p, "]}");
	free(name);
	return 0;
}

/* ---- what is packed: maps and masks ---- */

static void pack_maps(const struct page *p, struct text *packed)
{
	for (size_t n = 0; n < p->r->sides; n++) {
		const struct report_side *side = &p->r->side[n];
		const size_t cells = (size_t)side->height * side->width;

		for (size_t k = 0; k < side->result.units; k++) {
			const struct report_unit *u = &side->unit[k];

			for (size_t i = 0; i < u->examples; i++)
				text_bytes(packed, u->example[i].map, cells);
			for (size_t i = 0; i < u->quantiles; i++)
				text_bytes(packed, u->quantile[i].map, cells);
		}
	}
}

/* Units, each less the one before and 1, and their masks. */
static void pack_sheet(const struct report_sheet *s, struct text *packed)
{
	for (size_t i = 0; i < s->units; i++)
		outline_number(packed, i ? s->unit[i] - s->unit[i - 1] - 1 : s->unit[i]);
	text_bytes(packed, s->masks.bytes, s->masks.length);
}

/* The masks of detectors on a picture, of each side: their size, how many, and where they are;
 * null where they are not known. */
static void put_sheets(const struct page *p, const struct report_picture *x,
                       struct text *packed)
{
	for (size_t n = 0; n < p->r->sides; n++) {
		const struct report_sheet *s = &x->sheet[n];

		put(p, n ? "," : "");
		if (!p->r->side[n].fires || !s->known) {
			put(p, "null");
			continue;
		}
		text_print(p->t, "[%" PRIu32 ",%" PRIu32 ",%zu,%zu]", s->height, s->width,
		           s->units, packed->length);
		pack_sheet(s, packed);
	}
}

static int put_packed(const struct page *p, struct text *packed, struct error *e)
{
	const size_t length = packed->length;
	char *bytes = text_take(packed, "masks", e);
	int status = -1;

	put(p, "<script type=\"application/octet-stream\" id=\"packed\">");
	if (bytes)
		status = picture_deflate(p->t, bytes, length, e);
	put(p, "</script>\n");
	free(bytes);
	return status;
}

int page_data(struct page *p, struct error *e)
{
	struct text packed = {0};
	int status = 0;

	pack_maps(p, &packed);
	text_print(p->t,
	           "<script type=\"application/json\" id=\"data\">{\"cut\":%.17g,\"colors\":[",
	           p->r->cut);
	for (int c = 0; c <= PALETTE_CATEGORIES; c++)
		text_print(p->t, "%s\"%s\"", c ? "," : "", palette_category[c].color);
	put(p, "],\"letters\":[");
	for (int c = 0; c <= PALETTE_CATEGORIES; c++)
		text_print(p->t, "%s\"%c\"", c ? "," : "", palette_category[c].letter);
	put(p, "],\"pictures\":[");
	for (size_t i = 0; i < p->r->pictures; i++) {
		const struct report_picture *x = &p->r->picture[i];

		text_print(p->t, "%s[%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", i ? "," : "",
		           x->item, x->stored_height, x->stored_width);
		escape_json(p->t, x->name);
		put(p, ",[");
		put_sheets(p, x, &packed);
		put(p, "]]");
	}
	put(p, "],\"sides\":[");
	for (size_t n = 0; n < p->r->sides && status == 0; n++)
		status = put_side_data(p, n, e);
	put(p, "]}</script>\n");
	if (status == 0)
		status = put_packed(p, &packed, e);
	text_free(&packed);
	return status;
}
