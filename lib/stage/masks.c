/* masks.c -- see masks.h. */
#include "stage/masks.h"
#include "base/memory.h"
#include "stage/layer.h"

#include <stdlib.h>

/* ---- segments ---- */

void masks_close(struct masks *m)
{
	for (size_t i = 0; m->segmenters && i < m->threads * m->layers; i++)
		segmenter_free(&m->segmenters[i]);
	free(m->segmenters);
	free(m->bounds);
	*m = (struct masks){0};
}

static int open_segmenter(struct segmenter *s, const struct ndr_layer *l,
                          enum upsample_method method, struct error *e)
{
	struct upsample_geometry g[2];

	layer_geometry(l, g);
	return segmenter_init(s, l->units, method, g, e);
}

int masks_segment(struct masks *m, const struct ndr_meta *meta, const struct thresholds *t,
                  enum upsample_method method, size_t threads, uint64_t most_label_pixels,
                  struct error *e)
{
	masks_close(m);
	m->most_pixels =
	        MASKS_PER_LABEL * (most_label_pixels ? most_label_pixels : NDR_LABEL_PIXELS);
	m->layers = meta->layers;
	m->threads = threads;
	m->bounds = memory_new(m->layers, sizeof(*m->bounds), e);
	m->segmenters = memory_new(threads * m->layers, sizeof(*m->segmenters), e);
	if (!m->bounds || !m->segmenters)
		return -1;
	for (size_t l = 0; l < m->layers; l++) {
		m->bounds[l] = thresholds_find(t, &meta->layer[l], e);
		if (!m->bounds[l])
			return -1;
		for (size_t i = 0; i < threads; i++)
			if (open_segmenter(&m->segmenters[i * m->layers + l], &meta->layer[l],
			                   method, e) < 0)
				return -1;
	}
	return 0;
}

/* ---- items ---- */

/* *pixels counts those of the item's masks. */
static int add_record(struct masks *m, const struct ndr_record *act,
                      const struct ndr_item_info *info, struct ndr_item *out, size_t thread,
                      uint64_t *pixels, struct error *e)
{
	struct segmenter *s = &m->segmenters[thread * m->layers + act->group];
	const float *bounds = m->bounds[act->group];
	const uint32_t height = info->label_height ? info->label_height : info->image_height;
	const uint32_t width = info->label_width ? info->label_width : info->image_width;
	uint64_t *bitmap;
	uint32_t *unit;

	if (!height || !width || height > MASKS_LARGEST_SIDE || width > MASKS_LARGEST_SIDE)
		return error_set(e, EXIT_MALFORMED, "labels or image of %ux%u pixels", height,
		                 width);
	if (segmenter_find(s, act->data, bounds, height, width, e) < 0)
		return -1;
	*pixels += (uint64_t)height * width * s->count; /* each factor has 32 bits at most */
	if (*pixels > m->most_pixels)
		return error_set(e, EXIT_MALFORMED,
		                 "the item's masks, here of %ux%u pixels and %zu units, have "
		                 "more than %llu pixels (%d times --max-label-pixels)",
		                 height, width, s->count, (unsigned long long)m->most_pixels,
		                 MASKS_PER_LABEL);
	if (ndr_seg_add(out, act->group, height, width, (uint32_t)s->count, &unit, &bitmap, e) <
	    0)
		return -1;
	ndr_seg_cut(out, (uint32_t)segmenter_draw(s, act->data, bounds, unit, bitmap));
	return 0;
}

int masks_add(struct masks *m, const struct ndr_item *in, struct ndr_item *out, size_t thread,
              struct error *e)
{
	struct ndr_item_info info;
	struct error why = {0};
	uint64_t pixels = 0;

	if (ndr_item_info(in, &info, e) < 0)
		return -1;
	for (size_t i = 0; i < in->count; i++)
		if (in->record[i].type == NDR_ACT &&
		    add_record(m, &in->record[i], &info, out, thread, &pixels, &why) < 0)
			return error_set(e, why.code, "%s: item %u (%s), layer %u: %s",
			                 in->input, in->number, info.name, in->record[i].group,
			                 why.text);
	return 0;
}
