/* ndr-cat.c -- shards of a stream, put together as if they had never been apart.
 *
 *	any -> items in order; SCORE and COUNT added up, TOP, SKETCH and others merged
 *
 * First all segments are found and their order is settled; then they are copied one
 * after the other. */
#include "record/parts.h"
#include "record/sums.h"
#include "filter/filter.h"
#include "stage/sketches.h"
#include "options.h"

static uint64_t memory = 512;
static bool incomplete;

static const struct tool_option options[] = {
        OPTION_MEMORY(
                &memory,
                "merge sketches of a layer, and other summaries, in so many MiB each [512]"),
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Merge the parts of a stream, in whatever order they are given.",
        .example = "ndr-cat shard1.ndr shard2.ndr > whole.ndr",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_PROVENANCE,
};

struct cat {
	struct tool *tool;
	struct ndr_parts parts;
	struct ndr_writer *out;
	struct ndr_sums *sums;
	struct sketches sketches;
	uint64_t items;
};

/* 1: rec has gone into a sum; 0: it is to be copied; or -1. */
static int sum_up(struct cat *c, const struct ndr_record *rec, struct error *e)
{
	if (c->parts.count == 1)
		return 0;
	if (rec->type != NDR_SKETCH)
		return ndr_sums_add(c->sums, rec, e);
	return sketches_add(&c->sketches, &c->parts.united.all.meta, rec, e) < 0 ? -1 : 1;
}

static int take_record(void *cat, const struct ndr_record *rec, struct error *e)
{
	struct cat *c = cat;
	int summed = sum_up(c, rec, e);

	if (summed < 0 || (summed == 0 && ndr_write(c->out, rec, e) < 0))
		return -1;
	c->items += rec->type == NDR_ITEM;
	tool_progress(c->tool, c->items, c->parts.united.all.items);
	return 0;
}

static int write_all(struct cat *c, struct error *e)
{
	struct ndr_segment *all = &c->parts.united.all;
	int fd = tool_output(c->tool, true);

	c->out = fd < 0 ? NULL : ndr_create(fd, tool_output_name(c->tool), e);
	c->sums = ndr_sums_new(&all->meta, memory << 20, e);
	/* What is whole looks as if it had never been apart. */
	if (c->tool->warnings > 0 && filter_sign(c->tool, &all->provenance) < 0)
		return -1;
	if (!c->out || !c->sums ||
	    ndr_begin(c->out, &all->range, &all->meta, &all->provenance, e) < 0)
		return -1;
	for (size_t i = 0; i < c->parts.count; i++)
		if (ndr_parts_read(&c->parts, i, take_record, c, e) < 0)
			return -1;
	if (ndr_sums_write(c->sums, c->out, e) < 0 ||
	    sketches_write(&c->sketches, &all->meta, c->out, e) < 0)
		return -1;
	return ndr_end(c->out, all->flags, e);
}

static int run(struct cat *c)
{
	struct tool *t = c->tool;

	if (ndr_parts_find(&c->parts, t->operands, t->operand_count, t->most_label_pixels,
	                   &t->error) < 0 ||
	    filter_check_items(t, incomplete ? FILTER_ITEMS_PART_ANY : FILTER_ITEMS_PART_ASKED,
	                       &c->parts.united) < 0)
		return -1;
	return write_all(c, &t->error);
}

int main(int argc, char *argv[])
{
	struct tool t;
	struct cat c = {.tool = &t, .parts.spool = tool_spool};
	int status;

	tool_start(&t, &usage, options, argc, argv);
	c.sketches.limit = memory << 20;
	status = run(&c);
	sketches_free(&c.sketches);
	ndr_sums_free(c.sums);
	ndr_destroy(c.out);
	ndr_parts_free(&c.parts);
	return tool_finish(&t, status);
}
