/* act-top.c -- the images that each unit responds to most.
 *
 *	ACT, or TOP -> TOP */
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "dissect/top.h"
#include "record/ndr.h"
#include "filter/filter.h"

static uint64_t strongest = 10;
static bool incomplete;

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
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Find the images in which each unit's activation peaks highest.",
        .example = "act-top -k 15 conv5.ndr > conv5.top",
};

struct job {
	struct tool *tool;
	size_t layers, units; /* units of the largest layer */
	struct top *top;      /* (layers): of all threads; order makes no difference */
	float *values;        /* (threads, units) */
	pthread_mutex_t lock; /* of top */
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;
	if (j->top) /* all segments have the same META */
		return 0;
	j->top = memory_new(s->meta.layers, sizeof(*j->top), e);
	if (!j->top)
		return -1;
	j->layers = s->meta.layers;
	for (size_t l = 0; l < j->layers; l++) {
		const size_t units = s->meta.layer[l].units;

		j->units = units > j->units ? units : j->units;
		if (top_init(&j->top[l], units, strongest, e) < 0)
			return -1;
	}
	j->values = memory_new(j->tool->threads * j->units, sizeof(*j->values), e);
	return j->values ? 0 : -1;
}

static int offer_item(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                      struct error *e)
{
	struct job *j = job;
	float *values = j->values + thread * j->units;

	(void)out, (void)e;
	for (size_t i = 0; i < in->count; i++) {
		const struct ndr_record *rec = &in->record[i];
		struct top *top;

		if (rec->type != NDR_ACT)
			continue;
		top = &j->top[rec->group];
		top_values(rec->data, top->units, (size_t)rec->dims[1] * rec->dims[2], values);
		pthread_mutex_lock(&j->lock);
		for (size_t k = 0; k < top->units; k++)
			top_offer(top, k, values[k], in->number);
		pthread_mutex_unlock(&j->lock);
	}
	return 0;
}

static int emit(struct tool *t, const struct job *j, const struct ndr_segment *all)
{
	struct ndr_item out = {0};
	int status = 0;

	ndr_item_clear(&out, NDR_NO_ITEM);
	for (size_t l = 0; l < j->layers && status == 0; l++) {
		const struct top *top = &j->top[l];
		const struct ndr_record rec = {
		        .type = NDR_TOP,
		        .group = (uint32_t)l,
		        .dtype = NDR_F64,
		        .ndim = 3,
		        .dims = {(uint32_t)top->units, (uint32_t)top->k, 2},
		        .data = top->image,
		};

		status = ndr_item_share(&out, &rec, &t->error);
	}
	if (status == 0)
		status = filter_emit(t, all, &out);
	ndr_item_free(&out);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t, .lock = PTHREAD_MUTEX_INITIALIZER};
	const struct filter f = {.segment = begin_segment,
	                         .item = offer_item,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_PART,
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status = filter_reduce(t, &f, &all);

	if (status == 0)
		status = emit(t, &j, &all);
	filter_release(&all);
	for (size_t l = 0; l < j.layers; l++)
		top_free(&j.top[l]);
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
