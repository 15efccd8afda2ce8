/* strongest.c -- see strongest.h. */
#include "stage/strongest.h"
#include "base/memory.h"
#include "record/summary.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_IMAGES = (1 << 30) / sizeof(struct top_image) }; /* of all units */

int strongest_open(struct strongest *s, const struct ndr_meta *m, size_t k, bool maps,
                   bool spread, size_t threads, struct error *e)
{
	s->k = k;
	s->maps = maps;
	s->spread = spread;
	s->layers = m->layers;
	s->threads = threads;
	pthread_mutex_init(&s->lock, NULL);
	s->top = memory_new(s->layers, sizeof(*s->top), e);
	s->maxima = memory_new(s->layers, sizeof(*s->maxima), e);
	s->thread = memory_new(threads, sizeof(*s->thread), e);
	return s->top && s->maxima && s->thread ? 0 : -1;
}

void strongest_close(struct strongest *s)
{
	for (size_t l = 0; s->top && l < s->layers; l++)
		top_free(&s->top[l]);
	for (size_t l = 0; s->maxima && l < s->layers; l++)
		maxima_free(&s->maxima[l]);
	for (size_t i = 0; s->thread && i < s->threads; i++)
		free(s->thread[i].value);
	free(s->top);
	free(s->maxima);
	free(s->thread);
}

/* ---- offers ---- */

/* Room for a layer that META announces is made when its activations come, not before:
 * so much more than has come is not asked for. */
static int begin_layer(const struct strongest *s, size_t number, const struct ndr_layer *layer,
                       struct error *e)
{
	struct top *top = &s->top[number];

	if (s->maps && ndr_topmap_units((uint32_t)s->k, layer->height, layer->width) == 0)
		return error_set(e, EXIT_SYSTEM,
		                 "layer %.200s: %zu maps of a unit are more than a record "
		                 "holds: try a smaller --strongest",
		                 layer->name, s->k);
	if (layer->units > MOST_IMAGES / s->k)
		return error_set(e, EXIT_SYSTEM,
		                 "layer %.200s: %zu images of %u units are more than a record "
		                 "holds: try a smaller --strongest",
		                 layer->name, s->k, layer->units);
	if (top_init(top, layer->units, s->k, e) < 0 ||
	    (s->spread &&
	     maxima_init(&s->maxima[number], layer->units, NDR_MAXIMA_BITS, e) < 0))
		return -1;
	return s->maps ? top_keep_maps(top, (size_t)layer->height * layer->width, e) : 0;
}

static int offer_units(struct strongest *s, const struct ndr_layer *layer,
                       const struct ndr_record *act, const float *values, struct error *e)
{
	struct top *top = &s->top[act->group];
	const size_t cells = (size_t)act->dims[1] * act->dims[2];
	const float *map = act->data;

	if (!top->image && begin_layer(s, act->group, layer, e) < 0)
		return -1;
	for (size_t unit = 0; unit < top->units; unit++)
		top_offer(top, unit, values[unit], act->item, map + unit * cells);
	for (size_t unit = 0; s->spread && unit < top->units; unit++)
		if (maxima_offer(&s->maxima[act->group], unit, values[unit], act->item, e) < 0)
			return -1;
	return 0;
}

static int offer_record(struct strongest *s, const struct ndr_layer *layer,
                        const struct ndr_record *act, struct strongest_thread *t,
                        struct error *e)
{
	int status;

	if (memory_grow(&t->value, &t->capacity, act->dims[0], sizeof(*t->value), e) < 0)
		return -1;
	top_values(act->data, act->dims[0], (size_t)act->dims[1] * act->dims[2], t->value);
	pthread_mutex_lock(&s->lock);
	status = offer_units(s, layer, act, t->value, e);
	pthread_mutex_unlock(&s->lock);
	return status;
}

int strongest_add(struct strongest *s, const struct ndr_meta *m, const struct ndr_item *item,
                  size_t thread, struct error *e)
{
	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];

		if (rec->type == NDR_ACT &&
		    offer_record(s, &m->layer[rec->group], rec, &s->thread[thread], e) < 0)
			return -1;
	}
	return 0;
}

/* ---- results ---- */

/* Some units' maps, where there is an image; zeros elsewhere. */
static void fill_maps(const struct top *top, const struct ndr_topmap *m, float *to)
{
	for (size_t unit = m->first; unit < m->first + m->units; unit++)
		for (size_t i = 0; i < top->k; i++, to += top->cells) {
			const float *map = top_map(top, unit, i);

			if (map)
				memcpy(to, map, top->cells * sizeof(*to));
		}
}

static int write_maps(const struct top *top, uint32_t group, const struct ndr_layer *layer,
                      struct ndr_writer *w, struct error *e)
{
	struct ndr_topmap m = {
	        .k = (uint32_t)top->k, .height = layer->height, .width = layer->width};
	const uint32_t most = ndr_topmap_units(m.k, m.height, m.width);
	struct ndr_item block = {0};
	int status = 0;

	for (; m.first < layer->units && status == 0; m.first += m.units) {
		float *to;

		m.units = layer->units - m.first < most ? layer->units - m.first : most;
		ndr_item_clear(&block, NDR_NO_ITEM);
		to = ndr_topmap_add(&block, group, &m, e);
		if (to)
			fill_maps(top, &m, to);
		status = to ? ndr_write_item(w, &block, e) : -1;
	}
	ndr_item_free(&block);
	return status;
}

_Static_assert(sizeof(struct maxima_bin) == sizeof(struct ndr_maxima_bin), "they are the same");

static int write_maxima(const struct maxima *m, uint32_t group, struct ndr_writer *w,
                        struct error *e)
{
	struct ndr_item item = {0};
	int status = 0;

	for (size_t k = 0; k < m->units && status == 0; k++) {
		const struct maxima_unit *u = &m->unit[k];
		struct ndr_maxima_bin *to;

		ndr_item_clear(&item, NDR_NO_ITEM);
		to = ndr_maxima_add(
		        &item, group,
		        &(struct ndr_maxima){.unit = (uint32_t)k, .count = u->count}, e);
		if (to && u->count > 0)
			memcpy(to, u->bin, u->count * sizeof(*to));
		status = to ? ndr_write_item(w, &item, e) : -1;
	}
	ndr_item_free(&item);
	return status;
}

static int write_layer(const struct strongest *s, uint32_t group, const struct ndr_layer *layer,
                       struct ndr_writer *w, struct error *e)
{
	const struct top *top = &s->top[group];
	const struct ndr_record rec = {
	        .type = NDR_TOP,
	        .item = NDR_NO_ITEM,
	        .group = group,
	        .dtype = NDR_F64,
	        .ndim = 3,
	        .dims = {(uint32_t)top->units, (uint32_t)top->k, 2},
	        .data = top->image,
	};

	if (ndr_write(w, &rec, e) < 0 || (s->maps && write_maps(top, group, layer, w, e) < 0))
		return -1;
	return s->spread ? write_maxima(&s->maxima[group], group, w, e) : 0;
}

int strongest_write(struct strongest *s, const struct ndr_meta *m, struct ndr_writer *w,
                    struct error *e)
{
	int status = 0;

	for (size_t l = 0; l < s->layers && status == 0; l++) {
		const struct ndr_layer *layer = &m->layer[l];

		if (!s->top[l].image)
			status = begin_layer(s, l, layer, e);
		if (status == 0)
			status = write_layer(s, (uint32_t)l, layer, w, e);
		top_free(&s->top[l]);
		maxima_free(&s->maxima[l]);
	}
	return status;
}
