/* act-quantile.c -- each unit's threshold at a level of its activations.
 *
 *	ACT, or SKETCH -> THRESH; with --partial -> SKETCH
 *
 * The exact threshold needs only a unit's largest samples, so they are kept.  Where
 * they take too much memory, files are read twice: a sketch finds the bin that
 * the threshold is in, a second pass looks at that bin's samples. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "dissect/sampler.h"
#include "record/ndr.h"
#include "filter/filter.h"

_Static_assert(sizeof(struct threshold) == NDR_THRESH_FIELDS * sizeof(double),
               "a threshold is a row of THRESH");

static const char *quantile = "0.005";
static uint64_t memory = 512;
static bool use_sketch, partial, incomplete;

static const struct tool_option options[] = {
        {.name = "quantile",
         .kind = TOOL_TEXT,
         .value = &quantile,
         .argument = "Q",
         .help = "share of a unit's samples above its threshold [0.005]"},
        {.name = "memory",
         .kind = TOOL_COUNT,
         .value = &memory,
         .argument = "MIB",
         .help = "keep at most so many MiB of samples [512]",
         .low = 1,
         .high = 1 << 24,
         .local = true},
        {.name = "sketch",
         .kind = TOOL_FLAG,
         .value = &use_sketch,
         .help = "approximate: the bound on the error is in the output"},
        {.name = "partial",
         .kind = TOOL_FLAG,
         .value = &partial,
         .help = "write sketches, which ndr-cat merges and act-quantile reads"},
        {.name = "incomplete",
         .kind = TOOL_FLAG,
         .value = &incomplete,
         .help = "go on where items of the data set are missing"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Find the activation that a unit exceeds in a given share of places.",
        .example = "act-quantile conv5.ndr > conv5.thr",
};

enum method { UNDECIDED, KEEP_TAIL, SKETCH, TWO_PASSES };

static const char *const method_note[] = {
        [KEEP_TAIL] = "keeping the largest samples",
        [SKETCH] = "keeping histograms",
        [TWO_PASSES] = "reading in two passes",
};

struct job {
	struct tool *tool;
	struct level level;
	const struct ndr_segment *segment; /* being read */
	uint32_t schema;                   /* of all segments */
	enum method method;
	bool no_tail;          /* there was no room for it */
	uint64_t units;        /* of all layers */
	size_t layers;         /* 0 until something has come */
	struct sampler *layer; /* (layers) */
};

/* ---- choosing a method, when the first samples are there ---- */

/* Items that can come, in this segment and others; UINT64_MAX: not known. */
static uint64_t most_items(const struct ndr_segment *s)
{
	if (s->range.most == NDR_UNBOUNDED)
		return s->meta.items ? s->meta.items : UINT64_MAX;
	return s->meta.items > s->range.most ? s->meta.items : s->range.most;
}

static enum method choose_method(const struct job *j, uint64_t items, struct error *e)
{
	const uint64_t limit = memory << 20;
	uint64_t needed = 0;

	if (use_sketch || partial)
		return SKETCH;
	for (size_t i = 0; i < j->layers && items != UINT64_MAX; i++) {
		const struct sampler *l = &j->layer[i];
		uint64_t keep = level_allowance(&j->level, items * l->cells) + 1;
		uint64_t bytes = tail_bytes(l->units, keep);

		needed = bytes > UINT64_MAX - needed ? UINT64_MAX : needed + bytes;
	}
	if (items != UINT64_MAX && needed <= limit && !j->no_tail)
		return KEEP_TAIL;
	if (filter_can_repeat(j->tool))
		return TWO_PASSES;
	if (items == UINT64_MAX)
		return KEEP_TAIL;
	error_set(e, EXIT_SYSTEM,
	          "the largest samples may take %" PRIu64 " MiB, but --memory is %" PRIu64
	          ": give a file as operand, which is read twice, or --sketch",
	          (needed >> 20) + 1, memory);
	return UNDECIDED;
}

/* Get ready for what is to come; type is that of the first record with samples. */
static int prepare(struct job *j, unsigned type, struct error *e)
{
	const struct ndr_meta *m = &j->segment->meta;
	const uint64_t limit = memory << 20, items = most_items(j->segment);

	j->layer = memory_new(m->layers, sizeof(*j->layer), e);
	if (!j->layer)
		return -1;
	j->layers = m->layers;
	j->units = 0;
	for (size_t i = 0; i < j->layers; i++) {
		j->units += m->layer[i].units;
		j->layer[i].units = m->layer[i].units;
		j->layer[i].cells = (size_t)m->layer[i].height * m->layer[i].width;
	}
	j->method = type == NDR_SKETCH ? SKETCH : choose_method(j, items, e);
	if (j->method != UNDECIDED)
		tool_note(j->tool, "%s", method_note[j->method]);
	for (size_t i = 0; i < j->layers && !e->code; i++) {
		struct sampler *l = &j->layer[i];

		if (j->method != KEEP_TAIL)
			l->sketch = sketch_new(l->units, limit / j->units * l->units, e);
		else if (items == UINT64_MAX)
			l->tail = tail_new(l->units, tail_largest_keep(j->units, limit), e);
		else
			l->tail = tail_new(l->units,
			                   level_allowance(&j->level, items * l->cells) + 1, e);
	}
	return e->code ? -1 : 0;
}

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

static int nothing(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                   struct error *e)
{
	(void)job, (void)in, (void)out, (void)thread, (void)e;
	return 0;
}

static int add_record(struct job *j, const struct ndr_record *rec, struct error *e)
{
	if (j->method == UNDECIDED && prepare(j, rec->type, e) < 0)
		return -1;
	if (rec->type == NDR_ACT)
		return sampler_add(&j->layer[rec->group], rec->data, e);
	if (j->method != SKETCH)
		return error_set(e, EXIT_MALFORMED,
		                 "sketches among activations: only --sketch joins them");
	return sketch_merge(j->layer[rec->group].sketch, rec->data, rec->length, e);
}

/* Say of an error where it was, and what helps. */
static int refuse(const struct job *j, const struct ndr_item *in, uint32_t layer,
                  const struct error *why, struct error *e)
{
	const uint64_t usual = (sketch_usual_bytes(j->units) >> 20) + 1;
	char advice[48] = "";

	if (j->layer && j->layer[layer].sketch && sketch_is_full(j->layer[layer].sketch))
		snprintf(advice, sizeof(advice), ": try --memory %" PRIu64,
		         usual > memory ? usual : 2 * memory);
	return error_set(e, why->code, "%s: layer %s: %s%s", in->input,
	                 j->segment->meta.layer[layer].name, why->text, advice);
}

static int add_item(void *job, const struct ndr_item *in, struct ndr_item *out, struct error *e)
{
	struct job *j = job;
	struct error why = {0};

	(void)out;
	for (size_t i = 0; i < in->count; i++) {
		const struct ndr_record *rec = &in->record[i];

		if ((rec->type == NDR_ACT || rec->type == NDR_SKETCH) &&
		    add_record(j, rec, &why) < 0)
			return refuse(j, in, rec->group, &why, e);
	}
	return 0;
}

static const struct filter pass = {
        .segment = note_segment, .item = nothing, .ordered = add_item};

static int second_pass(struct job *j)
{
	struct filter f = pass;
	struct ndr_segment all;
	int status;

	f.wanted = FILTER_ITEMS_ANY; /* they were seen before */
	f.ctx = j;
	for (size_t i = 0; i < j->layers; i++)
		if (sampler_again(&j->layer[i], &j->level, &j->tool->error) < 0)
			return -1;
	status = filter_reduce(j->tool, &f, &all);
	filter_release(&all);
	return status;
}

static void forget_samples(struct job *j)
{
	for (size_t i = 0; i < j->layers; i++)
		sampler_free(&j->layer[i]);
	free(j->layer);
	j->layer = NULL;
	j->layers = 0;
	j->method = UNDECIDED;
}

static int check_layer(const struct job *j, size_t i, const struct ndr_meta *m, struct error *e)
{
	struct error why = {0};

	if (sampler_check(&j->layer[i], &j->level, &why) == 0)
		return 0;
	return error_set(e, why.code, "layer %s: %s%s", m->layer[i].name, why.text,
	                 why.code == EXIT_SYSTEM ? ": give a file as operand, which is "
	                                           "read twice, or --sketch"
	                                         : "");
}

static int passes(struct job *j, struct ndr_segment *all)
{
	struct error *e = &j->tool->error;
	struct filter f = pass;

	f.wanted = incomplete ? FILTER_ITEMS_ANY
	           : partial  ? FILTER_ITEMS_PART_ASKED
	                      : FILTER_ITEMS_ALL;
	if (j->no_tail)
		f.wanted = FILTER_ITEMS_ANY; /* they were seen before */
	f.ctx = j;
	if (filter_reduce(j->tool, &f, all) < 0)
		return -1;
	/* A shard may be empty; its sketches are none. */
	if (j->method == UNDECIDED && partial && all->meta.layers > 0 && all->items == 0)
		return 0;
	if (j->method == UNDECIDED)
		return error_set(e, EXIT_MALFORMED, "no activations in the input");
	for (size_t i = 0; i < j->layers; i++)
		if (check_layer(j, i, &all->meta, e) < 0) {
			/* More came than the first segment announced. */
			j->no_tail = j->method == KEEP_TAIL && e->code == EXIT_SYSTEM &&
			             filter_can_repeat(j->tool);
			return j->no_tail ? 1 : -1;
		}
	return j->method == TWO_PASSES ? second_pass(j) : 0;
}

/* Where the samples cannot be kept after all, begin again without. */
static int find_thresholds(struct job *j, struct ndr_segment *all)
{
	int status = passes(j, all);

	if (status <= 0)
		return status;
	j->tool->error = (struct error){0};
	filter_release(all);
	forget_samples(j);
	return passes(j, all);
}

/* ---- results ---- */

static int add_thresholds(const struct job *j, size_t i, struct ndr_item *out, struct error *e)
{
	const struct sampler *l = &j->layer[i];
	const struct ndr_record rec = {
	        .type = NDR_THRESH,
	        .group = (uint32_t)i,
	        .dtype = NDR_F64,
	        .ndim = 2,
	        .dims = {(uint32_t)l->units, NDR_THRESH_FIELDS},
	};
	struct threshold *thresholds = ndr_item_add(out, &rec, e);

	return thresholds ? sampler_thresholds(l, &j->level, thresholds, e) : -1;
}

static int add_sketches(const struct job *j, size_t i, struct ndr_item *out, struct error *e)
{
	const struct sampler *l = &j->layer[i];

	for (size_t k = 0; k < l->units; k++) {
		const struct ndr_record rec = {
		        .type = NDR_SKETCH,
		        .group = (uint32_t)i,
		        .dtype = NDR_BYTES,
		        .ndim = 1,
		        .dims = {(uint32_t)sketch_encoded_size(l->sketch, k)},
		};
		void *bytes = ndr_item_add(out, &rec, e);

		if (!bytes)
			return -1;
		sketch_encode(l->sketch, k, bytes);
	}
	return 0;
}

static int emit(struct job *j, const struct ndr_segment *all)
{
	struct error *e = &j->tool->error;
	struct ndr_item out = {0};
	int status = 0;

	ndr_item_clear(&out, NDR_NO_ITEM);
	for (size_t i = 0; i < j->layers && status == 0; i++)
		status = partial ? add_sketches(j, i, &out, e) : add_thresholds(j, i, &out, e);
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

	if (status == 0)
		status = find_thresholds(&j, &all);
	if (status == 0)
		status = emit(&j, &all);
	filter_release(&all);
	forget_samples(&j);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
