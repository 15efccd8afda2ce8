/* iou-score.c -- count the pixels that units and labels share.
 *
 *	SEG, LABEL -> SCORE, COUNT
 *	SEG, LABEL -> SCORE, COUNT, CHANCE	with --permute
 *	SEG, LABEL -> SCORE, COUNT, CLASSES, JOINT	with --joint
 *
 * Labels come with the masks, or from another stream by item number. */
#include "filter/filter.h"
#include "stage/scoring.h"
#include "options.h"

static struct scoring_choice choice;
static const char *strata_file;
static uint64_t memory = 512;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "labels",
         .letter = 'L',
         .kind = TOOL_TEXT,
         .value = &choice.label_file,
         .argument = "FILE",
         .help = "take the labels from this stream [from the input]",
         .local = true},
        OPTION_MEMORY(&memory, "count in at most so many MiB [512]"),
        {.name = "permute",
         .kind = TOOL_TEXT,
         .value = &choice.seeds,
         .argument = "SEEDS",
         .help = "against labels of other images too, once for each seed: 1-1000"},
        {.name = "block",
         .kind = TOOL_TEXT,
         .value = &choice.block,
         .argument = "REGEX",
         .help = "images whose names match it alike keep together: --permute"},
        OPTION_SIDE("strata", &strata_file,
                    "write which images were permuted with each other, as TSV"),
        {.name = "segments",
         .kind = TOOL_COUNT,
         .value = &choice.segments,
         .argument = "N",
         .help = "write the counts of N ranges of items, a segment each",
         .low = 2,
         .high = 4096},
        {.name = "split",
         .kind = TOOL_TEXT,
         .value = &choice.split,
         .argument = "NAME",
         .help = "only images of this split, such as train: --index"},
        {.name = "index",
         .kind = TOOL_TEXT,
         .value = &choice.index_file,
         .argument = "CSV",
         .help = "which split each image is of: a Broden directory's index.csv",
         .local = true},
        {.name = "joint",
         .kind = TOOL_FLAG,
         .value = &choice.joint,
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

struct job {
	struct tool *tool;
	struct scoring scoring;
	const struct ndr_range *range; /* of the segment that is written */
};

/* ---- what comes ---- */

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	return scoring_begin(&j->scoring, &s->meta, &j->tool->threads, e);
}

static int find_labels(void *job, const struct ndr_item *in, struct ndr_item *labels,
                       struct error *e)
{
	struct job *j = job;

	return scoring_labels(&j->scoring, in, labels, e);
}

static int count_item(void *job, const struct ndr_item *in, struct ndr_item *labels,
                      size_t thread, struct error *e)
{
	struct job *j = job;

	return scoring_add(&j->scoring, in, labels, thread, e);
}

static int finish_permuting(void *job, const struct ndr_segment *all, struct error *e)
{
	struct job *j = job;
	struct chance *c = &j->scoring.chance;

	if (chance_finish(c, all, e) < 0)
		return -1;
	if (c->alone == 0)
		return 0;
	return tool_warn_result(j->tool,
	                        "%zu of %zu labelled images are left out: there is no other "
	                        "of their source, categories and size",
	                        c->alone, c->images.count);
}

/* ---- what goes ---- */

static int write_strata(const struct job *j, const struct ndr_meta *m, struct error *e)
{
	struct tool_file *f = tool_file_open(strata_file, e);
	int status = f ? chance_write_strata(&j->scoring.chance, m, f->fd, strata_file, e) : -1;

	return tool_file_end(f, status, e);
}

static int write_counts(void *counter, struct ndr_writer *w, struct error *e)
{
	return counter_write(counter, w, e);
}

static int make_lot(void *job, size_t lot, struct ndr_item *out, struct error *e)
{
	const struct job *j = job;

	return chance_make(&j->scoring.chance, &j->scoring.seeds, j->range, lot, out, e);
}

static int write_joint(void *counts, struct ndr_writer *w, struct error *e)
{
	return joint_write(counts, w, e);
}

/* The segment of the i-th of the ranges of items, or of all. */
static int write_segment(struct job *j, const struct ndr_segment *s, size_t i)
{
	struct scoring *c = &j->scoring;

	j->range = &s->range;
	return choice.seeds ? filter_emit_made(j->tool, s, chance_lots(&c->chance, &c->seeds),
	                                       make_lot, j)
	                    : filter_emit_by(j->tool, s, write_counts, &c->counters.counter[i]);
}

/* A segment for each range of items, of which all are here or none. */
static int write_segments(struct job *j, const struct ndr_segment *all)
{
	struct tool *t = j->tool;

	if (all->flags & NDR_SUBSET)
		return error_set(&t->error, EXIT_MALFORMED, "--segments needs all items");
	for (size_t i = 0; i < choice.segments; i++) {
		struct ndr_segment part = *all;
		const int here = counters_range(all->meta.items, choice.segments, i,
		                                &all->range, &part.range, &t->error);

		if (here < 0 || (here && write_segment(j, &part, i) < 0))
			return -1;
	}
	return 0;
}

static int write_all(struct job *j, struct ndr_segment *all)
{
	struct tool *t = j->tool;

	if (scoring_end(&j->scoring, all, &t->error) < 0 ||
	    (strata_file && write_strata(j, &all->meta, &t->error) < 0) ||
	    scoring_sum(&j->scoring, all, t->threads, &t->error) < 0)
		return -1;
	if (choice.joint)
		return filter_emit_by(t, all, write_joint, &j->scoring.joint);
	return choice.segments ? write_segments(j, all) : write_segment(j, all, 0);
}

static int score(struct tool *t)
{
	struct job j = {.tool = t};
	struct filter f = {.segment = begin_segment,
	                   .item = count_item,
	                   .wanted = incomplete ? FILTER_ITEMS_PART_ANY
	                             : choice.seeds && !choice.label_file ? FILTER_ITEMS_ALL
	                                                                  : FILTER_ITEMS_PART,
	                   .end = choice.seeds ? finish_permuting : NULL,
	                   .consumes = NDR_SEG,
	                   .consumed = "masks",
	                   .ctx = &j};
	struct ndr_segment all = {0};
	int status;

	choice.memory = memory << 20;
	choice.most_label_pixels = t->most_label_pixels;
	status = scoring_open(&j.scoring, &choice, &t->error);
	f.arrive = scoring_looks_up(&j.scoring) ? find_labels : NULL;
	if (status == 0)
		status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = write_all(&j, &all);
	filter_release(&all);
	scoring_close(&j.scoring);
	return status;
}

static int run(struct tool *t)
{
	if (tool_check_side(t, &(struct tool_side){"--strata", strata_file},
	                    (struct tool_side[]){{"--labels", choice.label_file},
	                                         {"--index", choice.index_file}},
	                    2) < 0)
		return -1;
	if (incomplete && (choice.seeds || choice.segments))
		return error_set(&t->error, EXIT_USAGE,
		                 "%s and --incomplete exclude each other%s",
		                 choice.seeds ? "--permute" : "--segments",
		                 choice.seeds ? ": permutations need all items" : "");
	if (choice.segments && (choice.joint || choice.split))
		return error_set(&t->error, EXIT_USAGE,
		                 "--segments and --%s exclude each other",
		                 choice.joint ? "joint" : "split");
	if ((choice.label_file && tool_digest(t, "labels", choice.label_file) < 0) ||
	    (choice.index_file && tool_digest(t, "index", choice.index_file) < 0))
		return -1;
	return score(t);
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
