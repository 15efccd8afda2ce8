/* report_pictures.c -- the pictures of a report: photographs, masks, outlines; see report.h. */
#include "stage/report_side.h"
#include "stage/masks.h"
#include "base/memory.h"
#include "image/resize.h"
#include "report/picture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { QUALITY = 75, FULL_SIZE_QUALITY = 70 };

static int compare_items(const void *a, const void *b)
{
	const uint32_t x = ((const struct report_picture *)a)->item,
	               y = ((const struct report_picture *)b)->item;

	return (x > y) - (x < y);
}

struct report_picture *report_find_picture(const struct report *p, uint32_t item)
{
	const struct report_picture key = {.item = item};

	return p->pictures ? bsearch(&key, p->picture, p->pictures, sizeof key, compare_items)
	                   : NULL;
}

static void name_items(struct report *p, const struct report_example *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p->picture[p->pictures++].item = x[i].item;
}

static void find_pictures(const struct report *p, struct report_example *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i].picture = (size_t)(report_find_picture(p, x[i].item) - p->picture);
}

int reporting_begin(struct reporting *r, struct error *e)
{
	struct report *p = &r->report;
	size_t most = 0, kept = 0;

	for (size_t n = 0; n < p->sides; n++)
		most += (r->side[n]->k + CHOSEN_SHARES) * p->side[n].result.units;
	p->picture = memory_new(most, sizeof *p->picture, e);
	if (!p->picture)
		return -1;
	for (size_t n = 0; n < p->sides; n++)
		for (size_t k = 0; k < p->side[n].result.units; k++) {
			const struct report_unit *u = &p->side[n].unit[k];

			name_items(p, u->example, u->examples);
			name_items(p, u->quantile, u->quantiles);
		}
	qsort(p->picture, p->pictures, sizeof *p->picture, compare_items);
	for (size_t i = 0; i < p->pictures; i++)
		if (i == 0 || p->picture[i].item != p->picture[kept - 1].item)
			p->picture[kept++].item = p->picture[i].item;
	p->pictures = kept;
	for (size_t n = 0; n < p->sides; n++)
		for (size_t k = 0; k < p->side[n].result.units; k++) {
			const struct report_unit *u = &p->side[n].unit[k];

			find_pictures(p, u->example, u->examples);
			find_pictures(p, u->quantile, u->quantiles);
		}
	return 0;
}

/* A size whose longer side is no longer than most, nor than it is. */
static void fit(uint32_t height, uint32_t width, uint32_t most, uint32_t *to_height,
                uint32_t *to_width)
{
	const uint32_t longer = height > width ? height : width;
	const double scale = longer > most ? (double)most / longer : 1;

	*to_height = (uint32_t)(height * scale + 0.5);
	*to_width = (uint32_t)(width * scale + 0.5);
	*to_height += *to_height == 0;
	*to_width += *to_width == 0;
}

static int add_picture(const struct reporting *r, const struct ndr_record *rec,
                       struct report_picture *p, struct error *e)
{
	const struct image whole = {
	        .height = rec->dims[0], .width = rec->dims[1], .pixel = (uint8_t *)rec->data};
	const int quality = r->choice->folder ? FULL_SIZE_QUALITY : QUALITY;
	struct image small = {0};
	int status;

	fit(whole.height, whole.width, REPORT_GRID, &p->height, &p->width);
	fit(whole.height, whole.width, r->choice->folder ? UINT32_MAX : r->choice->thumbnail,
	    &p->stored_height, &p->stored_width);
	if (p->stored_height == whole.height && p->stored_width == whole.width)
		return picture_jpeg(&p->jpeg, &whole, quality, e);
	status = image_resize(&whole, p->stored_height, p->stored_width, &small, e);
	if (status == 0)
		status = picture_jpeg(&p->jpeg, &small, quality, e);
	image_free(&small);
	return status;
}

/* Where an item's labels of a number are, into truth (pixels), zeroed; how many pixels. */
static uint64_t draw_truth(const struct ndr_item *item, uint32_t number, size_t pixels,
                           uint8_t *truth)
{
	uint64_t count = 0;

	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];
		const size_t size = (size_t)rec->dims[1] * rec->dims[2];
		const uint16_t *map = rec->data;

		if (rec->type != NDR_LABEL)
			continue;
		for (uint32_t m = 0; m < rec->dims[0]; m++, map += size)
			for (size_t p = 0; p < pixels; p++)
				truth[p] |= map[size == pixels ? p : 0] == number;
	}
	for (size_t p = 0; p < pixels; p++)
		count += truth[p];
	return count;
}

/* 2 where a pixel of 1 has a neighbour, to its sides, of 0; the picture's edge is none. */
static void draw_edge(const uint8_t *in, uint32_t height, uint32_t width, uint8_t *out)
{
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			const uint8_t *p = in + (size_t)y * width + x;
			const bool edge = (y > 0 && !p[-(ptrdiff_t)width]) ||
			                  (y + 1 < height && !p[width]) || (x > 0 && !p[-1]) ||
			                  (x + 1 < width && !p[1]);

			out[(size_t)y * width + x] = *p ? 1 + edge : 0;
		}
}

/* Outside is dimmed, the edge a line. */
static const struct picture_color mask_color[PICTURE_COLORS] = {
        {0, 0, 0, 150}, {0, 0, 0, 0}, {255, 230, 0, 255}};
static const struct picture_color truth_color[PICTURE_COLORS] = {
        {0, 0, 0, 0}, {0, 220, 255, 40}, {0, 220, 255, 255}};
static const struct picture_color region_color[PICTURE_COLORS] = {
        {0, 0, 0, 150}, {0, 0, 0, 0}, {255, 110, 210, 255}};
static const struct picture_color both_color[PICTURE_COLORS] = {
        {0, 0, 0, 190}, {120, 255, 120, 150}, {255, 255, 255, 255}};

/* Pixels of an example: its mask, the annotation, both; and the picture that they lie on. */
struct layers {
	struct report_picture *picture;
	uint32_t height, width;
	uint8_t *mask, *truth, *both, *edge, *region; /* (height, width) each */
};

static int draw_layer(struct picture *png, const struct layers *l, const uint8_t *pixel,
                      const struct picture_color color[static PICTURE_COLORS], struct error *e)
{
	draw_edge(pixel, l->height, l->width, l->edge);
	return picture_png(png, l->edge, l->height, l->width, color, e);
}

static int draw_mask(struct reporting_side *s, size_t unit, const float *map, struct layers *l,
                     struct error *e)
{
	struct segmenter *g = &s->segmenter;
	uint64_t *bitmap;
	uint32_t one;

	if (segmenter_find(g, map, &s->bounds[unit], l->height, l->width, e) < 0)
		return -1;
	bitmap = memory_new(g->words, sizeof *bitmap, e);
	if (!bitmap)
		return -1;
	if (segmenter_draw(g, map, &s->bounds[unit], &one, bitmap) > 0)
		for (size_t p = 0; p < (size_t)l->height * l->width; p++)
			l->mask[p] = bitmap[p / 64] >> p % 64 & 1;
	free(bitmap);
	return 0;
}

/* The picture's annotation of a label, drawn when it is first asked for: its number, from 1 on,
 * or 0 if there is nothing; -1 with e set.  l->truth has its pixels then. */
static long find_truth(struct layers *l, const struct ndr_item *item, uint32_t label,
                       uint64_t *count, struct error *e)
{
	const size_t pixels = (size_t)l->height * l->width;
	struct report_picture *p = l->picture;
	struct report_truth *more;
	size_t i = 0;

	memset(l->truth, 0, pixels);
	*count = label ? draw_truth(item, label, pixels, l->truth) : 0;
	while (i < p->truths && p->truth[i].label != label)
		i++;
	if (*count == 0 || i < p->truths)
		return *count ? (long)i + 1 : 0;
	more = realloc(p->truth, (i + 1) * sizeof *more);
	if (!more)
		return error_set(e, EXIT_SYSTEM, "no memory for an annotation");
	p->truth = more;
	p->truth[i] = (struct report_truth){.label = label};
	p->truths++;
	return draw_layer(&p->truth[i].png, l, l->truth, truth_color, e) < 0 ? -1 : (long)i + 1;
}

static int draw_example(struct reporting_side *s, size_t unit, const float *map,
                        struct report_example *x, const struct ndr_item *item, struct layers *l,
                        struct error *e)
{
	const size_t pixels = (size_t)l->height * l->width;
	const long truth = find_truth(l, item, s->number[unit], &x->in_truth, e);

	memset(l->mask, 0, pixels);
	x->pixels = pixels;
	if (truth < 0 || draw_mask(s, unit, map, l, e) < 0)
		return -1;
	x->truth = (size_t)truth;
	for (size_t p = 0; p < pixels; p++) {
		l->both[p] = l->mask[p] & l->truth[p];
		x->in_mask += l->mask[p];
		x->in_both += l->both[p];
	}
	if (draw_layer(&x->mask, l, l->mask, mask_color, e) < 0)
		return -1;
	return x->in_both ? draw_layer(&x->both, l, l->both, both_color, e) : 0;
}

static bool are_same(const struct report_formula *a, const struct report_formula *b)
{
	for (size_t i = 0; i < a->terms && a->terms == b->terms; i++)
		if (a->term[i].label != b->term[i].label ||
		    (i > 0 && a->term[i].operator!= b->term[i].operator))
			return false;
	return a->terms == b->terms;
}

/* Where a formula is true, into l->region; how many pixels. */
static uint64_t draw_formula(const struct ndr_item *item, const struct report_formula *f,
                             struct layers *l)
{
	const size_t pixels = (size_t)l->height * l->width;
	uint64_t count = 0;

	memset(l->region, 0, pixels);
	for (size_t i = 0; i < f->terms; i++) {
		const enum report_operator op = i ? f->term[i].operator: REPORT_OR;

		memset(l->truth, 0, pixels);
		draw_truth(item, f->term[i].label, pixels, l->truth);
		for (size_t p = 0; p < pixels; p++)
			l->region[p] =
			        op == REPORT_OR
			                ? l->region[p] | l->truth[p]
			                : l->region[p] & (l->truth[p] == (op == REPORT_AND));
	}
	for (size_t p = 0; p < pixels; p++)
		count += l->region[p];
	return count;
}

/* The picture's region of a formula, drawn when it is first asked for. */
static int find_region(struct layers *l, const struct ndr_item *item,
                       const struct report_formula *f, struct report_example *x,
                       struct error *e)
{
	struct report_picture *p = l->picture;
	size_t i = 0;

	while (i < p->regions && !are_same(p->region[i].formula, f))
		i++;
	if (i == p->regions) {
		if (memory_grow(&p->region, &p->region_capacity, i + 1, sizeof *p->region, e) <
		    0)
			return -1;
		p->region[p->regions++] = (struct report_region){
		        .formula = f, .pixels = draw_formula(item, f, l)};
		if (draw_layer(&p->region[i].png, l, l->region, region_color, e) < 0)
			return -1;
	}
	x->region = i + 1;
	x->in_region = p->region[i].pixels;
	return 0;
}

static int draw_unit(struct reporting_side *s, struct report_unit *u, size_t unit,
                     const struct ndr_item *item, struct layers *l, struct error *e)
{
	const size_t cells = (size_t)layer_of(s)->height * layer_of(s)->width;

	for (size_t i = 0; i < u->examples; i++)
		if (u->example[i].item == item->number &&
		    (draw_example(s, unit, s->maps + (unit * s->k + i) * cells, &u->example[i],
		                  item, l, e) < 0 ||
		     (u->formulas > 0 && find_region(l, item, &u->formula[u->formulas - 1],
		                                     &u->example[i], e) < 0)))
			return -1;
	for (size_t i = 0; i < u->quantiles; i++)
		if (u->quantile[i].item == item->number &&
		    draw_example(s, unit, sample_map(s, unit, i), &u->quantile[i], item, l, e) <
		            0)
			return -1;
	return 0;
}

static int draw_examples(struct reporting *r, const struct ndr_item *item, struct layers *l,
                         struct error *e)
{
	for (size_t n = 0; n < r->report.sides; n++)
		for (size_t k = 0; k < r->report.side[n].result.units; k++)
			if (draw_unit(r->side[n], &r->report.side[n].unit[k], k, item, l, e) <
			    0)
				return -1;
	return 0;
}

/* Masks of other activations would be of other labels. */
static int check_sheets(const struct report *r, const struct report_picture *p,
                        const struct layers *l, struct error *e)
{
	for (size_t n = 0; n < r->sides; n++)
		if (r->side[n].fires &&
		    (p->sheet[n].height != l->height || p->sheet[n].width != l->width))
			return error_set(e, EXIT_MALFORMED,
			                 "item %" PRIu32 " has labels of %ux%u pixels, in the "
			                 "activations of %ux%u",
			                 p->item, l->height, l->width, p->sheet[n].height,
			                 p->sheet[n].width);
	return 0;
}

static int add_item(struct reporting *r, const struct ndr_item *item, struct error *e)
{
	struct report_picture *p = report_find_picture(&r->report, item->number);
	const struct ndr_record *image = ndr_item_find(item, NDR_IMAGE, NDR_ANY_GROUP);
	struct ndr_item_info info;
	struct layers l = {.picture = p};
	size_t pixels;
	int status = -1;

	if (!p || item->number == NDR_NO_ITEM)
		return 0;
	if (ndr_item_info(item, &info, e) < 0)
		return -1;
	if (!image)
		return error_set(e, EXIT_MALFORMED, "%s: item %" PRIu32 " (%s) has no image",
		                 item->input, item->number, info.name);
	if (p->shown)
		return error_set(e, EXIT_MALFORMED, "%s: item %" PRIu32 " twice", item->input,
		                 item->number);
	p->shown = true;
	p->name = memory_string(info.name, e);
	l.height = info.label_height ? info.label_height : info.image_height;
	l.width = info.label_width ? info.label_width : info.image_width;
	if (!l.height || !l.width || l.height > MASKS_LARGEST_SIDE ||
	    l.width > MASKS_LARGEST_SIDE)
		return error_set(e, EXIT_MALFORMED, "%s: labels or image of %ux%u pixels",
		                 item->input, l.height, l.width);
	if (check_sheets(&r->report, p, &l, e) < 0)
		return -1;
	pixels = (size_t)l.height * l.width;
	l.mask = memory_new(pixels, 1, e);
	l.truth = memory_new(pixels, 1, e);
	l.both = memory_new(pixels, 1, e);
	l.edge = memory_new(pixels, 1, e);
	l.region = memory_new(pixels, 1, e);
	if (p->name && l.mask && l.truth && l.both && l.edge && l.region &&
	    add_picture(r, image, p, e) == 0)
		status = draw_examples(r, item, &l, e);
	free(l.mask);
	free(l.truth);
	free(l.both);
	free(l.edge);
	free(l.region);
	return status;
}

static int check_shown(struct reporting *r, struct error *e)
{
	size_t missing = 0, first = 0;

	for (size_t i = 0; i < r->report.pictures; i++)
		if (!r->report.picture[i].shown && missing++ == 0)
			first = i;
	return missing ? error_set(e, EXIT_MALFORMED,
	                           "%zu of %zu images are not in the input, the first is item "
	                           "%" PRIu32,
	                           missing, r->report.pictures, r->report.picture[first].item)
	               : 0;
}

static int read_segments(struct reporting *r, struct ndr_reader *in,
                         void (*progress)(void *ctx, uint64_t done, uint64_t total), void *ctx,
                         struct error *e)
{
	struct ndr_item item = {0};
	struct ndr_segment *s;
	uint64_t done = 0;
	int more;

	while ((more = ndr_next_segment(in, &s, e)) == 1) {
		if (reporting_segment(r, s, ndr_reader_name(in), e) < 0)
			break;
		while ((more = ndr_read_item(in, &item, e)) == 1) {
			if (add_item(r, &item, e) < 0)
				break;
			if (progress)
				progress(ctx, ++done, s->range.most);
		}
		if (e->code || more < 0)
			break;
	}
	ndr_item_free(&item);
	return e->code ? -1 : check_shown(r, e);
}

int reporting_read(struct reporting *r, const char *path,
                   void (*progress)(void *ctx, uint64_t done, uint64_t total), void *ctx,
                   struct error *e)
{
	char *name = (char *)path;
	struct ndr_reader *in = ndr_open(&name, 1, r->choice->most_label_pixels, e);
	int status = in ? read_segments(r, in, progress, ctx, e) : -1;

	ndr_close(in);
	return status;
}
