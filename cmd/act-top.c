/* act-top.c -- the images that each unit responds to most.
 *
 *	ACT -> TOP, with --maps TOPMAP too, with --maxima MAXIMA */
#include "filter/filter.h"
#include "stage/strongest.h"
#include "options.h"

static uint64_t strongest = 10;
static bool incomplete;
static bool maps, maxima;

static const struct tool_option options[] = {
        {.name = "strongest",
         .letter = 'k',
         .kind = TOOL_COUNT,
         .value = &strongest,
         .argument = "K",
         .help = "images per unit [10]",
         .low = 1,
         .high = 100000},
        OPTION_INCOMPLETE(&incomplete),
        {.name = "maps",
         .kind = TOOL_FLAG,
         .value = &maps,
         .help = "write the units' activation maps of these images too"},
        {.name = "maxima",
         .kind = TOOL_FLAG,
         .value = &maxima,
         .help = "write how the maxima of all images are spread too"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Find the images in which each unit's activation peaks highest.",
        .example = "act-top -k 15 conv5.ndr > conv5.top",
        .unused = TOOL_VERBOSE,
};

struct job {
	struct tool *tool;
	const struct ndr_meta *meta; /* the same in all segments */
	struct strongest strongest;
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;
	const bool first = !j->meta;

	j->meta = &s->meta;
	return first ? strongest_open(&j->strongest, &s->meta, strongest, maps, maxima,
	                              j->tool->threads, e)
	             : 0;
}

static int offer_item(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                      struct error *e)
{
	struct job *j = job;

	(void)out;
	return strongest_add(&j->strongest, j->meta, in, thread, e);
}

static int write_layers(void *job, struct ndr_writer *w, struct error *e)
{
	struct job *j = job;

	return strongest_write(&j->strongest, j->meta, w, e);
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .item = offer_item,
	                         .wanted =
	                                 incomplete ? FILTER_ITEMS_PART_ANY : FILTER_ITEMS_PART,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status = filter_reduce(t, &f, &all);

	j.meta = &all.meta;
	all.range.minor = maps || maxima;
	if (status == 0)
		status = filter_emit_by(t, &all, write_layers, &j);
	filter_release(&all);
	strongest_close(&j.strongest);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
