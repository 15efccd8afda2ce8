/* act-top.c -- the images that each unit responds to most.
 *
 *	ACT -> TOP, with --maps TOPMAP too */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/top.h"
#include "record/ndr.h"
#include "record/summary.h"
#include "filter/filter.h"

static uint64_t strongest = 10;
static bool incomplete;
static bool maps;

static const struct tool_option options[] = {
        {.name = "strongest",
         .letter = 'k',
         .kind = TOOL_COUNT,
         .value = &strongest,
         .argument = "K",
         .help = "images per unit [10]",
         .low = 1,
         .high = 100000},
        {.name = "incomplete",
         .kind = TOOL_FLAG,
         .value = &incomplete,
         .help = "go on where items of the data set are missing"},
        {.name = "maps",
         .kind = TOOL_FLAG,
         .value = &maps,
         .help = "write the units' activation maps of these images too"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Find the images in which each unit's activation peaks highest.",
        .example = "act-top -k 15 conv5.ndr > conv5.top",
        .unused = TOOL_VERBOSE,
};

enum { MOST_IMAGES = (1 << 30) / sizeof(struct top_image) }; /* of all units */

struct values {
	float *value; /* (units of the largest layer so far) */
	size_t capacity;
};

struct job {
	struct tool *tool;
	const struct ndr_meta *meta;
	size_t layers;
	struct top *top;       /* (layers): those that activations came of; of all threads, as
	                          order makes no difference */
	struct values *values; /* (threads) */
	pthread_mutex_t lock;  /* of top */
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	j->meta = &s->meta;
	if (j->top) /* all segments have the same META */
		return 0;
	j->layers = s->meta.layers;
	j->top = memory_new(j->layers, sizeof(*j->top), e);
	j->values = memory_new(j->tool->threads, sizeof(*j->values), e);
	return j->top && j->values ? 0 : -1;
}

/* Room for a layer that META announces is made when its activations come, not before:
 * so much more than has come is not asked for. */
static int begin_layer(struct top *top, const struct ndr_layer *layer, struct error *e)
{
	if (maps && ndr_topmap_units((uint32_t)strongest, layer->height, layer->width) == 0)
		return error_set(e, EXIT_SYSTEM,
		                 "layer %.200s: %zu maps of a unit are more than a record "
		                 "holds: try a smaller --strongest",
		                 layer->name, (size_t)strongest);
	if (layer->units > MOST_IMAGES / strongest)
		return error_set(e, EXIT_SYSTEM,
		                 "layer %.200s: %zu images of %u units are more than a record "
		                 "holds: try a smaller --strongest",
		                 layer->name, (size_t)strongest, layer->units);
	if (top_init(top, layer->units, strongest, e) < 0)
		return -1;
	return maps ? top_keep_maps(top, (size_t)layer->height * layer->width, e) : 0;
}

static int offer_all(struct job *j, const struct ndr_record *rec, const float *values,
                     struct error *e)
{
	struct top *top = &j->top[rec->group];
	const size_t cells = (size_t)rec->dims[1] * rec->dims[2];
	const float *map = rec->data;

	if (!top->image && begin_layer(top, &j->meta->layer[rec->group], e) < 0)
		return -1;
	for (size_t k = 0; k < top->units; k++)
		top_offer(top, k, values[k], rec->item, map + k * cells);
	return 0;
}

static int offer_record(struct job *j, const struct ndr_record *rec, struct values *v,
                        struct error *e)
{
	int status;

	if (memory_grow(&v->value, &v->capacity, rec->dims[0], sizeof(*v->value), e) < 0)
		return -1;
	top_values(rec->data, rec->dims[0], (size_t)rec->dims[1] * rec->dims[2], v->value);
	pthread_mutex_lock(&j->lock);
	status = offer_all(j, rec, v->value, e);
	pthread_mutex_unlock(&j->lock);
	return status;
}

static int offer_item(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                      struct error *e)
{
	struct job *j = job;

	(void)out;
	for (size_t i = 0; i < in->count; i++)
		if (in->record[i].type == NDR_ACT &&
		    offer_record(j, &in->record[i], &j->values[thread], e) < 0)
			return -1;
	return 0;
}

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

static int write_maps(const struct job *j, size_t l, struct ndr_writer *w, struct error *e)
{
	const struct top *top = &j->top[l];
	const struct ndr_layer *layer = &j->meta->layer[l];
	struct ndr_topmap m = {
	        .k = (uint32_t)top->k, .height = layer->height, .width = layer->width};
	const uint32_t most = ndr_topmap_units(m.k, m.height, m.width);
	struct ndr_item block = {0};
	int status = 0;

	for (; m.first < layer->units && status == 0; m.first += m.units) {
		float *to;

		m.units = layer->units - m.first < most ? layer->units - m.first : most;
		ndr_item_clear(&block, NDR_NO_ITEM);
		to = ndr_topmap_add(&block, (uint32_t)l, &m, e);
		if (to)
			fill_maps(top, &m, to);
		status = to ? ndr_write_item(w, &block, e) : -1;
	}
	ndr_item_free(&block);
	return status;
}

static int write_layer(const struct job *j, size_t l, struct ndr_writer *w, struct error *e)
{
	const struct top *top = &j->top[l];
	const struct ndr_record rec = {
	        .type = NDR_TOP,
	        .item = NDR_NO_ITEM,
	        .group = (uint32_t)l,
	        .dtype = NDR_F64,
	        .ndim = 3,
	        .dims = {(uint32_t)top->units, (uint32_t)top->k, 2},
	        .data = top->image,
	};

	return ndr_write(w, &rec, e) < 0 || (maps && write_maps(j, l, w, e) < 0) ? -1 : 0;
}

/* A layer without activations, as in an empty shard, has rows without images. */
static int write_layers(void *job, struct ndr_writer *w, struct error *e)
{
	struct job *j = job;
	int status = 0;

	for (size_t l = 0; l < j->layers && status == 0; l++) {
		if (!j->top[l].image)
			status = begin_layer(&j->top[l], &j->meta->layer[l], e);
		if (status == 0)
			status = write_layer(j, l, w, e);
		top_free(&j->top[l]);
	}
	return status;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t, .lock = PTHREAD_MUTEX_INITIALIZER};
	const struct filter f = {.segment = begin_segment,
	                         .item = offer_item,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_PART,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status = filter_reduce(t, &f, &all);

	j.meta = &all.meta;
	all.range.minor = maps;
	if (status == 0)
		status = filter_emit_by(t, &all, write_layers, &j);
	filter_release(&all);
	for (size_t l = 0; j.top && l < j.layers; l++)
		top_free(&j.top[l]);
	for (size_t i = 0; j.values && i < t->threads; i++)
		free(j.values[i].value);
	free(j.top);
	free(j.values);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
