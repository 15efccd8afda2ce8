/* report_activations.c -- what the images shown are to all units: the masks of the detectors
 * that fire on them, and the maps of images at quantiles; see report_side.h. */
#include "base/memory.h"
#include "report/outline.h"
#include "stage/report_side.h"
#include "stage/masks.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MASK_PIXELS = 1 << 24 }; /* of those that browsers are to unpack */

struct shown {
	struct reporting *r;
	size_t side;
	float *bounds; /* (units): infinite for units that are no detectors */
	struct segmenter segmenter;
	size_t items;     /* with activations */
	size_t too_large; /* pictures whose masks are */
};

static int begin(struct shown *x, struct error *e)
{
	const struct reporting_side *s = x->r->side[x->side];
	const struct report_side *side = &x->r->report.side[x->side];
	const struct result *result = &side->result;
	const struct ndr_layer *l = layer_of(s);

	x->bounds = memory_new(l->units, sizeof *x->bounds, e);
	if (!x->bounds)
		return -1;
	for (size_t k = 0; k < l->units; k++) {
		const size_t at = k * result->categories + result->best[k];

		x->bounds[k] = *result->label[at] && result->iou[at] > x->r->report.cut
		                       ? s->bounds[k]
		                       : INFINITY;
	}
	return segmenter_init(&x->segmenter, l->units, x->r->choice->upsample,
	                      s->segmenter.geometry, e);
}

static int keep_sheet(struct shown *x, struct report_picture *p, const uint64_t *bitmap,
                      size_t count, uint32_t height, uint32_t width, struct error *e)
{
	struct report_sheet *sheet = &p->sheet[x->side];
	struct text masks = {0};

	if ((uint64_t)height * width > MASK_PIXELS) {
		x->too_large++;
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		if (outline_write(&masks, bitmap + i * x->segmenter.words, height, width, e) <
		    0) {
			text_free(&masks);
			return -1;
		}
	sheet->known = true;
	sheet->units = count;
	sheet->masks.length = masks.length;
	sheet->masks.bytes = (unsigned char *)text_take(&masks, "masks", e);
	return sheet->masks.bytes ? 0 : -1;
}

static int draw_masks(struct shown *x, struct report_picture *p, const float *maps,
                      const struct ndr_item_info *info, struct error *e)
{
	struct report_sheet *sheet = &p->sheet[x->side];
	struct segmenter *g = &x->segmenter;
	const uint32_t height = info->label_height ? info->label_height : info->image_height;
	const uint32_t width = info->label_width ? info->label_width : info->image_width;
	uint64_t *bitmap;
	int status = -1;

	if (!height || !width || height > MASKS_LARGEST_SIDE || width > MASKS_LARGEST_SIDE)
		return error_set(e, EXIT_MALFORMED, "labels or image of %ux%u pixels", height,
		                 width);
	if (segmenter_find(g, maps, x->bounds, height, width, e) < 0)
		return -1;
	sheet->height = height;
	sheet->width = width;
	sheet->unit = memory_new(g->count, sizeof *sheet->unit, e);
	bitmap = memory_new(g->count * g->words, sizeof *bitmap, e);
	if (sheet->unit && bitmap)
		status = keep_sheet(x, p, bitmap,
		                    segmenter_draw(g, maps, x->bounds, sheet->unit, bitmap),
		                    height, width, e);
	free(bitmap);
	return status;
}

/* The maps of the examples that are at quantiles. */
static int keep_samples(struct shown *x, uint32_t item, const float *maps, struct error *e)
{
	struct reporting_side *s = x->r->side[x->side];
	struct report_side *side = &x->r->report.side[x->side];
	const struct ndr_layer *l = layer_of(s);
	const size_t cells = (size_t)l->height * l->width;

	for (size_t k = 0; k < l->units; k++)
		for (size_t i = 0; i < side->unit[k].quantiles; i++) {
			struct report_example *sample = &side->unit[k].quantile[i];
			float greatest, *map = sample_map(s, k, i);

			if (sample->item != item)
				continue;
			memcpy(map, maps + k * cells, cells * sizeof *map);
			top_values(map, 1, cells, &greatest);
			if ((double)greatest != sample->value)
				return error_set(
				        e, EXIT_MALFORMED,
				        "%s: not the activations that MAXIMA was made "
				        "from: unit %zu has %.9g in item %" PRIu32 ", not %.9g",
				        s->path, k + 1, (double)greatest, item, sample->value);
			if (example_keep_map(sample, map, cells, e) < 0)
				return -1;
		}
	return 0;
}

static bool is_shown(const void *ctx, uint32_t item)
{
	return report_find_picture(ctx, item);
}

static int take_item(struct shown *x, const struct ndr_item *item, int layer, struct error *e)
{
	const struct reporting_side *s = x->r->side[x->side];
	struct report_picture *p = report_find_picture(&x->r->report, item->number);
	const struct ndr_record *act = ndr_item_find(item, NDR_ACT, (uint32_t)layer);
	struct ndr_item_info info;

	if (!act)
		return error_set(e, EXIT_MALFORMED, "%s: item %" PRIu32 " has no activations",
		                 s->path, item->number);
	if (p->sheet[x->side].unit)
		return error_set(e, EXIT_MALFORMED, "%s: item %" PRIu32 " twice", s->path,
		                 item->number);
	x->items++;
	return ndr_item_info(item, &info, e) < 0 || draw_masks(x, p, act->data, &info, e) < 0
	               ? -1
	               : keep_samples(x, item->number, act->data, e);
}

static int read_items(struct shown *x, struct ndr_reader *in, struct error *e)
{
	struct reporting_side *s = x->r->side[x->side];
	struct ndr_item item = {0};
	struct ndr_segment *segment;
	int more, layer;

	while ((more = ndr_next_segment(in, &segment, e)) == 1) {
		layer = side_find_layer(s, &segment->meta, e);
		if (layer < 0 || reporting_segment(x->r, segment, s->path, e) < 0)
			break;
		while ((more = ndr_read_wanted(in, &item, is_shown, &x->r->report, e)) == 1)
			if (take_item(x, &item, layer, e) < 0)
				break;
		if (e->code)
			break;
	}
	ndr_item_free(&item);
	return e->code ? -1 : 0;
}

static int finish(struct shown *x, struct error *e)
{
	const struct report *r = &x->r->report;
	struct report_side *side = &x->r->report.side[x->side];

	if (x->items < r->pictures)
		return error_set(
		        e, EXIT_MALFORMED, "%s: no activations of %zu of %zu images shown",
		        x->r->side[x->side]->path, r->pictures - x->items, r->pictures);
	side->fires = true;
	return x->too_large ? side_warn(side, e,
	                                "%zu images shown are too large for the masks of all "
	                                "detectors that fire on them",
	                                x->too_large)
	                    : 0;
}

static int read_side(struct reporting *r, size_t side, struct error *e)
{
	struct reporting_side *s = r->side[side];
	const struct ndr_layer *l = layer_of(s);
	struct shown x = {.r = r, .side = side};
	struct ndr_reader *in = NULL;
	size_t maps;
	int status = -1;

	if (!size_multiply((size_t)l->units * CHOSEN_SHARES, (size_t)l->height * l->width,
	                   &maps))
		return error_set(e, EXIT_SYSTEM, "%s: maps too large", s->path);
	s->sampled = memory_new(maps, sizeof *s->sampled, e);
	if (s->sampled && begin(&x, e) == 0)
		in = side_open(r, s, r->choice->activations, e);
	if (in && read_items(&x, in, e) == 0)
		status = finish(&x, e);
	ndr_close(in);
	segmenter_free(&x.segmenter);
	free(x.bounds);
	return status;
}

int reporting_activations(struct reporting *r, struct error *e)
{
	for (size_t n = 0; r->choice->activations && n < r->report.sides; n++)
		if (read_side(r, n, e) < 0)
			return -1;
	return 0;
}
