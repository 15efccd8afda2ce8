/* iou-score.c -- count the pixels that units and labels share.
 *
 *	SEG, LABEL -> SCORE, COUNT
 *
 * Labels come with the masks, or from another stream by item number.  Every thread
 * counts for itself; integers add up to the same in any order. */
#include <string.h>

#include "filter/filter.h"
#include "record/lookup.h"
#include "stage/counter.h"

static const char *label_file;
static uint64_t memory = 512;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "labels",
         .letter = 'L',
         .kind = TOOL_TEXT,
         .value = &label_file,
         .argument = "FILE",
         .help = "take the labels from this stream [from the input]",
         .local = true},
        {.name = "memory",
         .kind = TOOL_COUNT,
         .value = &memory,
         .argument = "MIB",
         .help = "count in at most so many MiB [512]",
         .low = 1,
         .high = 1 << 24,
         .local = true},
        {.name = "incomplete",
         .kind = TOOL_FLAG,
         .value = &incomplete,
         .help = "go on where items of the data set are missing"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Count intersection, area and truth of each unit and label.",
        .example = "act-segment -T conv5.thr conv5.ndr | iou-score | unit-label > conv5.csv",
        .unused = TOOL_VERBOSE,
};

struct job {
	struct tool *tool;
	struct counter counter;
	struct lookup labels; /* with --labels */
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	if (j->counter.thread) /* all segments have the same META */
		return 0;
	if (counter_open(&j->counter, &s->meta,
	                 label_file ? &j->labels.parts.all.meta : &s->meta, j->tool->threads,
	                 memory << 20, e) < 0)
		return -1;
	j->tool->threads = j->counter.threads;
	return 0;
}

/* The labels of an item from the other stream, where it is in turn. */
static int find_labels(void *job, const struct ndr_item *in, struct ndr_item *labels,
                       struct error *e)
{
	struct job *j = job;
	struct ndr_item_info info, other;
	int found;

	ndr_item_clear(labels, NDR_NO_ITEM);
	if (!label_file || in->number == NDR_NO_ITEM)
		return 0;
	found = lookup_take(&j->labels, in->number, labels, e);
	if (found <= 0)
		return found;
	if (ndr_item_info(in, &info, e) < 0 || ndr_item_info(labels, &other, e) < 0)
		return -1;
	if (strcmp(info.name, other.name) != 0)
		return error_set(e, EXIT_MALFORMED, "item %u is %s in %s, but %s in %s",
		                 in->number, info.name, in->input, other.name, label_file);
	return 0;
}

static int count_item(void *job, const struct ndr_item *in, struct ndr_item *labels,
                      size_t thread, struct error *e)
{
	struct job *j = job;

	if (in->number == NDR_NO_ITEM)
		return 0;
	if (!label_file)
		return counter_add(&j->counter, thread, in, in, e);
	return counter_add(&j->counter, thread, in, labels->count ? labels : NULL, e);
}

/* Labels and categories of the result are those that were counted. */
static void swap_labels(struct ndr_meta *a, struct ndr_meta *b)
{
	const struct ndr_meta old = *a;

	a->labels = b->labels, a->label = b->label;
	a->categories = b->categories, a->category = b->category;
	b->labels = old.labels, b->label = old.label;
	b->categories = old.categories, b->category = old.category;
}

/* Layer by layer: all scores together can be large. */
static int write_counts(void *counter, struct ndr_writer *w, struct error *e)
{
	struct counter *c = counter;
	struct ndr_item out = {0};
	int status = 0;

	for (size_t l = 0; l <= c->layers && status == 0; l++) {
		ndr_item_clear(&out, NDR_NO_ITEM);
		status = l < c->layers ? counter_scores(c, (uint32_t)l, &out, e)
		                       : counter_images(c, &out, e);
		if (status == 0)
			status = ndr_write_item(w, &out, e);
	}
	ndr_item_free(&out);
	return status;
}

static int open_labels(struct job *j)
{
	if (tool_digest(j->tool, "labels", label_file) < 0)
		return -1;
	return lookup_open(&j->labels, label_file, j->tool->most_label_pixels, &j->tool->error);
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .arrive = find_labels,
	                         .item = count_item,
	                         .wanted =
	                                 incomplete ? FILTER_ITEMS_PART_ANY : FILTER_ITEMS_PART,
	                         .consumes = NDR_SEG,
	                         .consumed = "masks",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status = label_file ? open_labels(&j) : 0;

	if (status == 0)
		status = filter_reduce(t, &f, &all);
	if (status == 0 && label_file)
		status = lookup_finish(&j.labels, &t->error);
	if (status == 0) {
		if (label_file)
			swap_labels(&all.meta, &j.labels.parts.all.meta);
		counter_finish(&j.counter);
		status = filter_emit_by(t, &all, write_counts, &j.counter);
	}
	filter_release(&all);
	counter_close(&j.counter);
	lookup_close(&j.labels);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
