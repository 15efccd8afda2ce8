/* iou-score.c -- count the pixels that units and labels share.
 *
 *	SEG, LABEL -> SCORE, COUNT
 *	SEG, LABEL -> SCORE, COUNT, CHANCE	with --permute
 *	SEG, LABEL -> SCORE, COUNT, CLASSES, JOINT	with --joint
 *
 * Labels come with the masks, or from another stream by item number. */
#include "filter/filter.h"
#include "record/lookup.h"
#include "stage/chance.h"
#include "stage/counters.h"
#include "stage/joint.h"
#include "options.h"

static const char *label_file, *seed_list, *block, *strata_file, *split, *index_file;
static uint64_t memory = 512, segments;
static bool joint, incomplete;

static const struct tool_option options[] = {
        {.name = "labels",
         .letter = 'L',
         .kind = TOOL_TEXT,
         .value = &label_file,
         .argument = "FILE",
         .help = "take the labels from this stream [from the input]",
         .local = true},
        OPTION_MEMORY(&memory, "count in at most so many MiB [512]"),
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
        OPTION_SIDE("strata", &strata_file,
                    "write which images were permuted with each other, as TSV"),
        {.name = "segments",
         .kind = TOOL_COUNT,
         .value = &segments,
         .argument = "N",
         .help = "write the counts of N ranges of items, a segment each",
         .low = 2,
         .high = 4096},
        {.name = "split",
         .kind = TOOL_TEXT,
         .value = &split,
         .argument = "NAME",
         .help = "only images of this split, such as train: --index"},
        {.name = "index",
         .kind = TOOL_TEXT,
         .value = &index_file,
         .argument = "CSV",
         .help = "which split each image is of: a Broden directory's index.csv",
         .local = true},
        {.name = "joint",
         .kind = TOOL_FLAG,
         .value = &joint,
         .help = "count sets of labels, too: CLASSES and JOINT"},
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Count intersection, area and truth of each unit and label.",
        .example = "act-segment -T conv5.thr conv5.ndr | iou-score | unit-label > conv5.csv",
        .unused = TOOL_VERBOSE,
        .needs = (const struct tool_need[]){{"block", "permute"},
                                            {"strata", "permute"},
                                            {"split", "index"},
                                            {"index", "split"},
                                            {0}},
};

/* Counters, or with --permute masks and labels of all images. */
struct job {
	struct tool *tool;
	struct counters counters; /* several with --segments */
	struct lookup labels;     /* with --labels */
	struct chance_choice choice;
	struct chance chance;
	struct seeds seeds;
	struct split split; /* with --split */
	struct joint joint; /* with --joint */
	struct memory_share share;
	const struct ndr_range *range; /* of the segment that is written */
	bool begun;
};

static int open_counters(struct job *j, const struct ndr_meta *masks, struct error *e)
{
	const struct ndr_meta *labels = label_file ? &j->labels.parts.all.meta : masks;
	const size_t threads = j->tool->threads;

	if (seed_list)
		return chance_open(&j->chance, &j->choice, masks, threads, e);
	if (joint)
		return joint_open(&j->joint, masks, labels, threads, &j->share, e);
	return counters_open(&j->counters, segments ? segments : 1, masks, labels, threads,
	                     memory << 20, e);
}

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;
	struct tool *t = j->tool;

	if (j->begun) /* all segments have the same META */
		return 0;
	j->begun = true;
	if (counters_check_ranges(s->meta.items, segments, e) < 0 ||
	    open_counters(j, &s->meta, e) < 0)
		return -1;
	if (seed_list)
		t->threads = j->chance.threads;
	else if (!joint)
		t->threads = counters_threads(&j->counters);
	return 0;
}

/* The labels of an item from the other stream, where it is in turn. */
static int find_labels(void *job, const struct ndr_item *in, struct ndr_item *labels,
                       struct error *e)
{
	struct job *j = job;

	ndr_item_clear(labels, NDR_NO_ITEM);
	return in->number == NDR_NO_ITEM ? 0 : lookup_take(&j->labels, in, labels, e);
}

static int count_item(void *job, const struct ndr_item *in, struct ndr_item *labels,
                      size_t thread, struct error *e)
{
	struct job *j = job;
	const struct ndr_item *from = !label_file ? in : labels->count ? labels : NULL;
	int wanted;

	if (in->number == NDR_NO_ITEM)
		return 0;
	if (seed_list)
		return chance_add(&j->chance, thread, in, e);
	wanted = split ? split_has(&j->split, in, e) : 1;
	if (wanted <= 0)
		return wanted;
	if (joint)
		return joint_add(&j->joint, thread, in, from, e);
	return counters_add(&j->counters, thread, in, from, e);
}

static int finish_permuting(void *job, const struct ndr_segment *all, struct error *e)
{
	struct job *j = job;

	if (chance_finish(&j->chance, all, e) < 0)
		return -1;
	if (j->chance.alone == 0)
		return 0;
	return tool_warn_result(j->tool,
	                        "%zu of %zu labelled images are left out: there is no other "
	                        "of their source, categories and size",
	                        j->chance.alone, j->chance.images.count);
}

/* ---- results ---- */

static int write_counts(void *counter, struct ndr_writer *w, struct error *e)
{
	return counter_write(counter, w, e);
}

static int make_lot(void *job, size_t lot, struct ndr_item *out, struct error *e)
{
	const struct job *j = job;

	return chance_make(&j->chance, &j->seeds, j->range, lot, out, e);
}

static int write_joint(void *counts, struct ndr_writer *w, struct error *e)
{
	return joint_write(counts, w, e);
}

static int write_all_joint(struct job *j, const struct ndr_segment *all)
{
	struct tool *t = j->tool;

	if ((seed_list && chance_count_joint(&j->chance, *j->seeds.seed, all, &j->share,
	                                     t->threads, &j->joint, &t->error) < 0) ||
	    joint_finish(&j->joint, &t->error) < 0)
		return -1;
	return filter_emit_by(t, all, write_joint, &j->joint);
}

/* The segment of the i-th of the ranges of items, or of all. */
static int write_segment(struct job *j, const struct ndr_segment *s, size_t i)
{
	j->range = &s->range;
	return seed_list ? filter_emit_made(j->tool, s, chance_lots(&j->chance, &j->seeds),
	                                    make_lot, j)
	                 : filter_emit_by(j->tool, s, write_counts, &j->counters.counter[i]);
}

/* A segment for each range of items, of which all are here or none. */
static int write_segments(struct job *j, const struct ndr_segment *all)
{
	struct tool *t = j->tool;

	if (all->flags & NDR_SUBSET)
		return error_set(&t->error, EXIT_MALFORMED, "--segments needs all items");
	for (size_t i = 0; i < segments; i++) {
		struct ndr_segment part = *all;
		const int here = counters_range(all->meta.items, segments, i, &all->range,
		                                &part.range, &t->error);

		if (here < 0 || (here && write_segment(j, &part, i) < 0))
			return -1;
	}
	return 0;
}

static int write_strata(const struct job *j, const struct ndr_meta *m, struct error *e)
{
	struct tool_file *f = tool_file_open(strata_file, e);
	int status = f ? chance_write_strata(&j->chance, m, f->fd, strata_file, e) : -1;

	return tool_file_end(f, status, e);
}

/* Labels and categories of the result are those that were counted. */
static int write_all(struct job *j, struct ndr_segment *all)
{
	struct ndr_union *labels = seed_list ? &j->chance.labels : &j->labels.parts;

	if (label_file)
		ndr_meta_swap_labels(&all->meta, &labels->all.meta);
	if (split)
		all->flags |= NDR_SUBSET;
	all->range.minor = seed_list || joint; /* CHANCE, or CLASSES and JOINT */
	if (strata_file && write_strata(j, &all->meta, &j->tool->error) < 0)
		return -1;
	if (joint)
		return write_all_joint(j, all);
	if (!seed_list)
		counters_finish(&j->counters);
	return segments ? write_segments(j, all) : write_segment(j, all, 0);
}

static int score(struct tool *t)
{
	struct job j = {.tool = t,
	                .share.limit = memory << 20,
	                .choice = {memory << 20, block, label_file, t->most_label_pixels,
	                           split ? &j.split : NULL}};
	const bool looks_up = label_file && !seed_list;
	const struct filter f = {.segment = begin_segment,
	                         .arrive = looks_up ? find_labels : NULL,
	                         .item = count_item,
	                         .wanted = incomplete                 ? FILTER_ITEMS_PART_ANY
	                                   : seed_list && !label_file ? FILTER_ITEMS_ALL
	                                                              : FILTER_ITEMS_PART,
	                         .end = seed_list ? finish_permuting : NULL,
	                         .consumes = NDR_SEG,
	                         .consumed = "masks",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status = seed_list ? seeds_parse(&j.seeds, seed_list, &t->error) : 0;

	if (status == 0 && joint && j.seeds.count > 1)
		status = error_set(&t->error, EXIT_USAGE,
		                   "--joint goes with one seed of --permute: a stream has the "
		                   "joint counts of one");
	if (status == 0 && split)
		status = split_read(&j.split, index_file, split, &t->error);
	if (status == 0 && looks_up)
		status = lookup_open(&j.labels, label_file, t->most_label_pixels, &t->error);
	if (status == 0)
		status = filter_reduce(t, &f, &all);
	if (status == 0 && looks_up)
		status = lookup_finish(&j.labels, &t->error);
	if (status == 0)
		status = write_all(&j, &all);
	filter_release(&all);
	counters_close(&j.counters);
	lookup_close(&j.labels);
	chance_close(&j.chance);
	joint_close(&j.joint);
	split_free(&j.split);
	seeds_free(&j.seeds);
	return status;
}

static int run(struct tool *t)
{
	if (tool_check_side(
	            t, &(struct tool_side){"--strata", strata_file},
	            (struct tool_side[]){{"--labels", label_file}, {"--index", index_file}},
	            2) < 0)
		return -1;
	if (incomplete && (seed_list || segments))
		return error_set(&t->error, EXIT_USAGE,
		                 "%s and --incomplete exclude each other%s",
		                 seed_list ? "--permute" : "--segments",
		                 seed_list ? ": permutations need all items" : "");
	if (segments && (joint || split))
		return error_set(&t->error, EXIT_USAGE,
		                 "--segments and --%s exclude each other",
		                 joint ? "joint" : "split");
	if ((label_file && tool_digest(t, "labels", label_file) < 0) ||
	    (index_file && tool_digest(t, "index", index_file) < 0))
		return -1;
	return score(t);
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
