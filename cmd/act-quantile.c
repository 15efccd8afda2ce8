/* act-quantile.c -- each unit's threshold at a level of its activations.
 *
 *	ACT, SKETCH or TAIL -> THRESH; with --partial -> TAIL, or with --sketch SKETCH
 *
 * The exact threshold needs only a unit's largest samples, so they are kept.  Where
 * they take too much memory, files are read twice: a sketch finds the bin that
 * the threshold is in, a second pass looks at that bin's samples. */
#include "filter/filter.h"
#include "stage/samples.h"
#include "options.h"

static const char *quantile = "0.005";
static uint64_t memory = 512;
static bool use_sketch, partial, incomplete;

static const struct tool_option options[] = {
        {.name = "quantile",
         .kind = TOOL_TEXT,
         .value = &quantile,
         .argument = "Q",
         .help = "share of a unit's samples above its threshold [0.005]"},
        OPTION_MEMORY(&memory, "keep at most so many MiB of samples [512]"),
        {.name = "sketch",
         .kind = TOOL_FLAG,
         .value = &use_sketch,
         .help = "approximate: the bound on the error is in the output"},
        {.name = "partial",
         .kind = TOOL_FLAG,
         .value = &partial,
         .help = "write what the thresholds of all parts can be made from",
         .local = true},
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Find the activation that a unit exceeds in a given share of places.",
        .example = "act-quantile conv5.ndr > conv5.thr",
};

static const char *const method_note[] = {
        [SAMPLER_TAILS] = "keeping the largest samples",
        [SAMPLER_SKETCHES] = "keeping histograms",
        [SAMPLER_PASSES] = "reading in two passes",
        [SAMPLER_PARTS] = "merging the largest samples of parts",
};

struct job {
	struct tool *tool;
	struct level level;
	const struct ndr_segment *segment; /* being read */
	uint32_t schema;                   /* of all segments */
	bool no_tails;                     /* there was no room for them */
	struct samples samples;
};

/* ---- passes ---- */

static int note_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	if (j->segment && j->schema != s->schema)
		return error_set(e, EXIT_MALFORMED, "the input changed between two passes");
	j->segment = s;
	j->schema = s->schema;
	return 0;
}

/* The first samples choose how they are kept: of a part, as many as the whole needs. */
static int begin(void *job, const struct ndr_item *in, struct ndr_item *out, struct error *e)
{
	struct job *j = job;
	const struct sampler_plan plan = {
	        .level = j->level,
	        .items = partial ? j->segment->meta.items : samples_most_items(j->segment),
	        .memory = memory << 20,
	        .repeatable = filter_can_repeat(j->tool),
	        .partial = partial,
	};
	const enum sampler_method wanted = use_sketch    ? SAMPLER_SKETCHES
	                                   : j->no_tails ? SAMPLER_PASSES
	                                                 : SAMPLER_UNDECIDED;
	int chosen = samples_arrive(&j->samples, &j->segment->meta, in, &plan, wanted, e);

	(void)out;
	if (chosen == 1 && use_sketch && j->samples.method == SAMPLER_PARTS)
		return error_set(e, EXIT_USAGE,
		                 "the input has the largest samples of parts (TAIL), of which "
		                 "--sketch makes nothing");
	if (chosen == 1)
		tool_note(j->tool, "%s", method_note[j->samples.method]);
	return chosen < 0 ? -1 : 0;
}

static bool was_in_parts(void *job)
{
	const struct job *j = job;

	return j->samples.merged;
}

static int add_item(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                    struct error *e)
{
	struct job *j = job;

	(void)out;
	return samples_add(&j->samples, &j->segment->meta, in, thread, e);
}

static int read_all(struct job *j, enum filter_items wanted, struct ndr_segment *all)
{
	const struct filter f = {.segment = note_segment,
	                         .arrive = begin,
	                         .item = add_item,
	                         .joins = was_in_parts,
	                         .wanted = wanted,
	                         .ctx = j};

	return filter_reduce(j->tool, &f, all);
}

/* The first pass has checked the items. */
static int second_pass(struct job *j)
{
	struct ndr_segment all;
	int status = samples_again(&j->samples, &j->level, &j->tool->error);

	if (status == 0) {
		status = read_all(j, FILTER_ITEMS_ANY, &all);
		filter_release(&all);
	}
	return status;
}

/* 1: more came than the first segment announced, and the input can be read again. */
static int passes(struct job *j, struct ndr_segment *all)
{
	const enum filter_items wanted = incomplete ? FILTER_ITEMS_ANY
	                                 : partial  ? FILTER_ITEMS_PART_ASKED
	                                            : FILTER_ITEMS_ALL;
	struct error *e = &j->tool->error;

	if (read_all(j, wanted, all) < 0)
		return -1;
	/* A shard may be empty, and nothing is kept of it. */
	if (!j->samples.method && partial && all->meta.layers > 0 && all->items == 0)
		return 0;
	if (!j->samples.method)
		return error_set(e, EXIT_MALFORMED, "no activations in the input");
	if (samples_check(&j->samples, &j->level, &all->meta, e) < 0)
		return e->code == EXIT_SYSTEM && !partial && filter_can_repeat(j->tool) ? 1
		                                                                        : -1;
	return j->samples.method == SAMPLER_PASSES ? second_pass(j) : 0;
}

/* Where the samples cannot be kept after all, begin again without. */
static int find_thresholds(struct job *j, struct ndr_segment *all)
{
	int status = passes(j, all);

	if (status <= 0 || j->samples.method != SAMPLER_TAILS)
		return status == 0 ? 0 : -1;
	j->tool->error = (struct error){0};
	filter_release(all);
	samples_clear(&j->samples);
	j->no_tails = true;
	return passes(j, all) == 0 ? 0 : -1;
}

/* ---- results ---- */

/* The lot-th unit, all layers counted. */
static int make_tail(void *job, size_t lot, struct ndr_item *out, struct error *e)
{
	struct job *j = job;
	size_t layer = 0;

	while (lot >= j->samples.layer[layer].units)
		lot -= j->samples.layer[layer++].units;
	return samples_tail(&j->samples, layer, lot, out, e);
}

static int emit_tails(struct job *j, struct ndr_segment *all)
{
	size_t units = 0;

	all->range.minor = 1;
	for (size_t i = 0; i < j->samples.layers; i++)
		units += j->samples.layer[i].units;
	return filter_emit_made(j->tool, all, units, make_tail, j);
}

static int emit(struct job *j, struct ndr_segment *all)
{
	struct error *e = &j->tool->error;
	struct ndr_item out = {0};
	int status = 0;

	if (partial && j->samples.method != SAMPLER_SKETCHES)
		return emit_tails(j, all);
	ndr_item_clear(&out, NDR_NO_ITEM);
	for (size_t i = 0; i < j->samples.layers && status == 0; i++)
		status = partial ? samples_sketches(&j->samples, i, &out, e)
		                 : samples_thresholds(&j->samples, i, &j->level, &out, e);
	if (status == 0)
		status = filter_emit(j->tool, all, &out);
	ndr_item_free(&out);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	struct ndr_segment all = {0};
	int status = level_parse(&j.level, quantile, &t->error);

	samples_init(&j.samples);
	if (status == 0)
		status = find_thresholds(&j, &all);
	if (status == 0)
		status = emit(&j, &all);
	filter_release(&all);
	samples_clear(&j.samples);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
