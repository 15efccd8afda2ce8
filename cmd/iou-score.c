/* iou-score.c -- count the pixels that units and labels share.
 *
 *	SEG, LABEL -> SCORE, COUNT
 *	SEG, LABEL -> SCORE, COUNT, CHANCE	with --permute
 *
 * Labels come with the masks, or from another stream by item number.  Every thread
 * counts for itself; integers add up to the same in any order. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "record/lookup.h"
#include "stage/chance.h"
#include "stage/counter.h"

static const char *label_file, *seed_list, *block, *strata_file;
static uint64_t memory = 512, segments;
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
        {.name = "permute",
         .kind = TOOL_TEXT,
         .value = &seed_list,
         .argument = "SEEDS",
         .help = "against labels of other images too, once for each seed: 1-1000"},
        {.name = "block",
         .kind = TOOL_TEXT,
         .value = &block,
         .argument = "REGEX",
         .help = "images whose names match it alike keep together: --permute"},
        {.name = "strata",
         .kind = TOOL_TEXT,
         .value = &strata_file,
         .argument = "FILE",
         .help = "write which images were permuted with each other, as TSV",
         .local = true},
        {.name = "segments",
         .kind = TOOL_COUNT,
         .value = &segments,
         .argument = "N",
         .help = "write the counts of N ranges of items, a segment each",
         .low = 2,
         .high = 4096},
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
	size_t counters;         /* one, or with --segments N: */
	struct counter *counter; /* (counters): of items [i n / N, (i + 1) n / N) */
	uint64_t items;          /* of the data set: n */
	struct lookup labels;    /* with --labels */
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	if (j->counter) /* all segments have the same META */
		return 0;
	j->items = s->meta.items;
	if (segments > j->items)
		return error_set(e, EXIT_USAGE,
		                 "--segments %" PRIu64 ": there are %" PRIu64 " items",
		                 segments, j->items);
	j->counter = memory_new(segments ? segments : 1, sizeof *j->counter, e);
	if (!j->counter)
		return -1;
	j->counters = segments ? segments : 1;
	for (size_t i = 0; i < j->counters; i++)
		if (counter_open(&j->counter[i], &s->meta,
		                 label_file ? &j->labels.parts.all.meta : &s->meta,
		                 segments ? 1 : j->tool->threads, (memory << 20) / j->counters,
		                 e) < 0)
			return -1;
	j->tool->threads = j->counter->threads;
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
	struct counter *c = j->counter;

	if (in->number == NDR_NO_ITEM)
		return 0;
	if (segments && in->number >= j->items)
		return error_set(e, EXIT_MALFORMED, "item %u of %" PRIu64, in->number,
		                 j->items);
	if (segments)
		c += ((in->number + UINT64_C(1)) * segments - 1) / j->items;
	if (!label_file)
		return counter_add(c, thread, in, in, e);
	return counter_add(c, thread, in, labels->count ? labels : NULL, e);
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

/* A segment for each range of items, of which all are here or none. */
static int write_segments(struct job *j, const struct ndr_segment *all)
{
	struct error *e = &j->tool->error;

	if (all->flags & NDR_SUBSET)
		return error_set(e, EXIT_MALFORMED, "--segments needs all items");
	for (size_t i = 0; i < j->counters; i++) {
		struct ndr_segment part = *all;
		struct ndr_range *r = &part.range;

		tool_shard_items(&(struct tool_shard){i + 1, segments}, (uint32_t)j->items,
		                 &r->first, &r->end);
		r->most = r->end - r->first;
		if (r->end <= all->range.first || r->first >= all->range.end)
			continue;
		if (r->first < all->range.first || r->end > all->range.end)
			return error_set(
			        e, EXIT_MALFORMED,
			        "a segment is of items %u to %u, which are not all here: "
			        "let --segments be a multiple of the shards",
			        r->first, r->end - 1);
		if (filter_emit_by(j->tool, &part, write_counts, &j->counter[i]) < 0)
			return -1;
	}
	return 0;
}

static int open_labels(struct job *j)
{
	return lookup_open(&j->labels, label_file, j->tool->most_label_pixels, &j->tool->error);
}

static int score(struct tool *t)
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
		counter_finish(j.counter);
		status = segments ? write_segments(&j, &all)
		                  : filter_emit_by(t, &all, write_counts, j.counter);
	}
	filter_release(&all);
	for (size_t i = 0; i < j.counters; i++)
		counter_close(&j.counter[i]);
	free(j.counter);
	lookup_close(&j.labels);
	return status;
}

/* ---- and against other images' labels ---- */

struct permuting {
	struct tool *tool;
	struct seeds seeds;
	struct chance chance;
	struct ndr_union labels; /* with --labels */
};

/* The labels of all items from the other stream. */
static int read_other(struct permuting *p, const struct ndr_meta *masks, struct ndr_reader *r,
                      struct error *e)
{
	struct ndr_segment *s;

	if (ndr_next_segment(r, &s, e) != 1 ||
	    chance_open(&p->chance, masks, &s->meta, p->tool->threads, memory << 20, block, e) <
	            0 ||
	    chance_read_labels(&p->chance, r, s, &p->labels, e) < 0)
		return -1;
	if (masks->items == p->labels.all.meta.items)
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "%s has not the same data set as the masks: permutations need it",
	                 label_file);
}

static int begin_permuting(void *job, struct ndr_segment *s, struct error *e)
{
	struct permuting *p = job;
	struct ndr_reader *r;
	int status = -1;

	if (p->chance.thread)
		return 0;
	if (label_file) {
		r = ndr_open((char **)&label_file, 1, p->tool->most_label_pixels, e);
		status = r ? read_other(p, &s->meta, r, e) : -1;
		ndr_close(r);
	} else {
		status = chance_open(&p->chance, &s->meta, &s->meta, p->tool->threads,
		                     memory << 20, block, e);
	}
	if (status == 0)
		p->tool->threads = p->chance.threads;
	return status;
}

static int keep_item(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                     struct error *e)
{
	struct permuting *p = job;

	(void)out;
	if (in->number == NDR_NO_ITEM)
		return 0;
	if (!label_file && chance_add_labels(&p->chance, thread, in, e) < 0)
		return -1;
	return chance_add_masks(&p->chance, thread, in, e);
}

static int end_permuting(void *job, const struct ndr_segment *all, struct error *e)
{
	struct permuting *p = job;

	if (all->flags & NDR_SUBSET)
		return error_set(e, EXIT_MALFORMED, "permutations need the masks of all items");
	if (chance_finish(&p->chance, &all->range, e) < 0)
		return -1;
	if (p->chance.alone == 0)
		return 0;
	return tool_warn_result(p->tool,
	                        "%zu of %zu labelled images are left out: there is no other "
	                        "of their source, categories and size",
	                        p->chance.alone, p->chance.images.count);
}

static int make_lot(void *job, size_t lot, struct ndr_item *out, struct error *e)
{
	const struct permuting *p = job;

	return chance_make(&p->chance, &p->seeds, lot, out, e);
}

static int write_permuted(void *job, struct ndr_writer *w, struct error *e)
{
	struct permuting *p = job;

	return filter_write_made(p->tool, w, chance_lots(&p->chance, &p->seeds), make_lot, p,
	                         e);
}

static int write_strata(const struct permuting *p, const struct ndr_meta *m, struct error *e)
{
	struct tool_file *f = tool_file_open(strata_file, e);

	if (f && chance_write_strata(&p->chance, m, f->fd, strata_file, e) == 0)
		return tool_file_commit(f, e);
	tool_file_discard(f);
	return -1;
}

static int score_permuted(struct tool *t)
{
	struct permuting p = {.tool = t};
	const struct filter f = {.segment = begin_permuting,
	                         .item = keep_item,
	                         .wanted = label_file ? FILTER_ITEMS_PART : FILTER_ITEMS_ALL,
	                         .end = end_permuting,
	                         .consumes = NDR_SEG,
	                         .consumed = "masks",
	                         .ctx = &p};
	struct ndr_segment all = {0};
	int status = seeds_parse(&p.seeds, seed_list, &t->error);

	if (status == 0)
		status = filter_reduce(t, &f, &all);
	if (status == 0 && label_file)
		swap_labels(&all.meta, &p.labels.all.meta);
	all.range.minor = 1; /* CHANCE */
	if (status == 0 && strata_file)
		status = write_strata(&p, &all.meta, &t->error);
	if (status == 0)
		status = filter_emit_by(t, &all, write_permuted, &p);
	filter_release(&all);
	ndr_union_free(&p.labels);
	chance_close(&p.chance);
	seeds_free(&p.seeds);
	return status;
}

static int run(struct tool *t)
{
	if (!seed_list && (block || strata_file))
		return error_set(&t->error, EXIT_USAGE, "%s goes with --permute",
		                 block ? "--block" : "--strata");
	if (seed_list && incomplete)
		return error_set(&t->error, EXIT_USAGE,
		                 "--permute and --incomplete exclude each other: permutations "
		                 "need all items");
	if (segments && (seed_list || incomplete))
		return error_set(&t->error, EXIT_USAGE, "--segments and %s exclude each other",
		                 seed_list ? "--permute" : "--incomplete");
	if (label_file && tool_digest(t, "labels", label_file) < 0)
		return -1;
	return seed_list ? score_permuted(t) : score(t);
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
