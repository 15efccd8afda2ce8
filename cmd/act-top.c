/* act-top.c -- the images that each unit responds to most.
 *
 *	ACT -> TOP, with --maps TOPMAP too, with --maxima MAXIMA; or a table */
#include "filter/filter.h"
#include "stage/strongest_table.h"
#include "options.h"

static uint64_t strongest = 10;
static bool incomplete;
static bool maps, maxima;
static int format; /* 0: a stream, else one more than an index into table_formats */

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
        {.name = "format",
         .kind = TOOL_CHOICE,
         .value = &format,
         .argument = "ndr|" TABLE_FORMATS,
         .help = "a stream, or a table of units and images [ndr]",
         .local = true},
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
	struct item_names names; /* for a table */
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

static int keep_name(void *job, const struct ndr_item *in, struct ndr_item *out,
                     struct error *e)
{
	struct job *j = job;

	(void)out;
	return item_names_add(&j->names, in, e);
}

static int write_layers(void *job, struct ndr_writer *w, struct error *e)
{
	struct job *j = job;

	return strongest_write(&j->strongest, j->meta, w, e);
}

static int write_table(struct job *j)
{
	struct tool *t = j->tool;
	int fd = tool_output(t, false);

	return fd < 0 ? -1
	              : strongest_tabulate(&j->strongest, j->meta, &j->names,
	                                   table_formats[format - 1], fd, tool_output_name(t),
	                                   &t->error);
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .item = offer_item,
	                         .arrive = format ? keep_name : NULL,
	                         .wanted =
	                                 incomplete ? FILTER_ITEMS_PART_ANY : FILTER_ITEMS_PART,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status;

	if (format && (maps || maxima))
		return error_set(&t->error, EXIT_USAGE,
		                 "--maps and --maxima go with --format ndr");
	status = filter_reduce(t, &f, &all);
	j.meta = &all.meta;
	all.range.minor = maps || maxima;
	if (status == 0 && format)
		status = write_table(&j);
	else if (status == 0)
		status = filter_emit_by(t, &all, write_layers, &j);
	filter_release(&all);
	strongest_close(&j.strongest);
	item_names_free(&j.names);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
