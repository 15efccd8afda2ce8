/* unit-label.c -- name the concept that each unit detects.
 *
 *	SCORE, COUNT -> a result table for each layer
 *
 * Counts of several inputs, shards of one data set, are added up first. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "stage/score.h"
#include "stage/thresholds.h"
#include "stage/uncertainty.h"
#include "options.h"

/* With fewer images, labels that only tens of them hold pass 0.04 by chance. */
enum { FEW_IMAGES = 1000 };

/* Of fewer blocks the samples are too much alike. */
enum { FEW_BLOCKS = 20 };
static const uint64_t MOST_BLOCKS = UINT64_C(4) << 30; /* bytes */

static double threshold = 0.04;
static uint64_t min_images = 10, bootstrap, seed = 1;
static const char *layer_name, *directory, *threshold_file;
static int format = TABLE_CSV;
static bool incomplete;

static const struct tool_option options[] = {
        OPTION_CUT(&threshold, "with -v, count units above this as detectors [0.04]"),
        OPTION_MIN_IMAGES(&min_images),
        {.name = "thresholds",
         .letter = 'T',
         .kind = TOOL_TEXT,
         .value = &threshold_file,
         .argument = "FILE",
         .help = "say them too: output of act-quantile; with tsv and json",
         .local = true},
        {.name = "bootstrap",
         .kind = TOOL_COUNT,
         .value = &bootstrap,
         .argument = "B",
         .help = "intervals of scores, from B samples of the input's segments",
         .low = 1,
         .high = 1000000},
        {.name = "seed",
         .kind = TOOL_COUNT,
         .value = &seed,
         .argument = "S",
         .help = "which samples [1]"},
        {.name = "layer",
         .kind = TOOL_TEXT,
         .value = &layer_name,
         .argument = "NAME",
         .help = "only this layer [all]"},
        {.name = "directory",
         .letter = 'd',
         .kind = TOOL_TEXT,
         .value = &directory,
         .argument = "DIR",
         .help = "write DIR/LAYER-result.csv, '/' in LAYER as '-'",
         .local = true},
        OPTION_DATA_FORMAT(&format),
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Name the concept that each unit detects.",
        .example = "unit-label conv5.score > conv5-result.csv",
        .unused =
                TOOL_THREADS | TOOL_FORCE | TOOL_PROGRESS | TOOL_PROVENANCE | TOOL_LABEL_PIXELS,
        .text = true,
};

struct job {
	struct tool *tool;
	struct scores scores;
	struct uncertainty blocks;    /* with --bootstrap */
	const struct ndr_meta *meta;  /* of the segment */
	struct thresholds thresholds; /* with -T */
	char **path;                  /* (layers): with -d, where each goes */
};

static int note_segment(void *ctx, struct ndr_segment *s, struct error *e)
{
	struct job *j = ctx;

	j->meta = &s->meta;
	return scores_segment(&j->scores, s, e);
}

static int add_record(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                      struct error *e)
{
	struct job *j = ctx;
	struct error why = {0};

	(void)out, (void)thread;
	if (scores_add(&j->scores, in->record, &why) < 0 ||
	    (bootstrap &&
	     uncertainty_add(&j->blocks, j->meta, in->record, MOST_BLOCKS, &why) < 0))
		return error_set(e, why.code, "%s: %s", in->input, why.text);
	return 0;
}

static int choose_paths(struct job *j, const struct ndr_meta *m, struct error *e)
{
	static const char *const extension[] = {"csv", "tsv", "json"};

	j->path = memory_new(m->layers, sizeof *j->path, e);
	if (!j->path ||
	    scores_paths(&j->scores, m, directory, extension[format], j->path, e) < 0)
		return -1;
	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return error_errno(e, "%s", directory);
	return 0;
}

/* ---- what the result is worth ---- */

/* What earlier programs warned of, and kept with what they wrote. */
static int repeat_warnings(struct tool *t, const struct ndr_segment *all)
{
	struct ndr_warnings w;
	int status = ndr_provenance_warnings(&all->provenance, &w, &t->error);

	for (size_t i = 0; i < w.count && status == 0; i++)
		if (strcmp(w.warning[i].program, t->name) != 0)
			status = tool_warn_result(t, "%s: %s", w.warning[i].program,
			                          w.warning[i].text);
	ndr_warnings_free(&w);
	return status;
}

static int judge_labels(const struct job *j, const struct ndr_segment *all,
                        const struct score_labels *l)
{
	struct tool *t = j->tool;

	if (l->labels == 0)
		return error_set(&t->error, EXIT_MALFORMED, "the input has no labels");
	if (!l->counted && min_images > 0 &&
	    tool_warn_result(t, "the input does not say how many images hold each label: "
	                        "--min-images has no effect") < 0)
		return -1;
	if (all->range.most < FEW_IMAGES &&
	    tool_warn_result(t,
	                     "only %" PRIu32
	                     " images: labels that few of them hold can pass the "
	                     "threshold by chance",
	                     all->range.most) < 0)
		return -1;
	if (bootstrap && j->scores.segments < FEW_BLOCKS &&
	    tool_warn_result(t, "%zu blocks of images are few for intervals",
	                     j->scores.segments) < 0)
		return -1;
	if (l->rare == l->labels)
		return error_set(&t->error, EXIT_USAGE,
		                 "no label is held by %" PRIu64
		                 " images or more: --min-images %" PRIu64 " leaves none",
		                 min_images, min_images);
	if (l->rare > 0)
		tool_note(t, "%zu of %zu labels left out: fewer than %" PRIu64 " images",
		          l->rare, l->labels, min_images);
	return 0;
}

static int note_detectors(const struct tool *t, const char *name, const struct result *r,
                          struct error *e)
{
	struct label_tally total;

	if (scores_detectors(r, threshold, &total, e) < 0)
		return -1;
	tool_note(t, "%s: %zu of %zu units detect %zu concepts with IoU > %g", name,
	          total.detectors, r->units, total.unique, threshold);
	return 0;
}

/* ---- tables ---- */

static int write_layer(struct tool *t, const struct result *r, const char *path)
{
	struct tool_file *f;
	int fd;

	if (!path) {
		fd = tool_output(t, false);
		return fd < 0 ? -1
		              : result_write(r, (enum table_format)format, fd,
		                             tool_output_name(t), &t->error);
	}
	f = tool_file_open(path, &t->error);
	return tool_file_end(
	        f, f ? result_write(r, (enum table_format)format, f->fd, path, &t->error) : -1,
	        &t->error);
}

static int add_thresholds(const struct job *j, const struct ndr_layer *l, struct result *r)
{
	struct error *e = &j->tool->error;
	const struct threshold *row = thresholds_rows(&j->thresholds, l, e);

	return row ? scores_thresholds(row, r, e) : -1;
}

static int add_intervals(const struct job *j, const struct ndr_meta *m, size_t layer,
                         struct result *r)
{
	struct tool *t = j->tool;
	size_t borderline = 0;

	if (uncertainty_put(&j->blocks, m, layer, bootstrap, seed, threshold, r, &t->error) < 0)
		return -1;
	for (size_t k = 0; k < r->units; k++)
		borderline += r->interval[k].borderline;
	tool_note(t, "%s: %g is in the interval of %zu of %zu units", m->layer[layer].name,
	          threshold, borderline, r->units);
	return 0;
}

static int label_layers(struct job *j, const struct ndr_meta *m, const int *category)
{
	struct tool *t = j->tool;
	int status = 0;

	for (size_t i = 0; i < j->scores.layers && status == 0; i++) {
		struct result r = {.warnings = t->warnings,
		                   .warning = (const char *const *)t->warning};

		if (!scores_has(&j->scores, i))
			continue;
		status = scores_result(&j->scores, m, i, category, &r, &t->error);
		if (status == 0)
			status = note_detectors(t, m->layer[i].name, &r, &t->error);
		if (status == 0 && bootstrap)
			status = add_intervals(j, m, i, &r);
		if (status == 0 && threshold_file)
			status = add_thresholds(j, &m->layer[i], &r);
		if (status == 0)
			status = write_layer(t, &r, directory ? j->path[i] : NULL);
		result_free(&r);
	}
	return status;
}

static int label_all(struct job *j, const struct ndr_segment *all)
{
	const struct ndr_meta *m = &all->meta;
	struct error *e = &j->tool->error;
	struct score_labels chosen = {0};
	int status = -1;

	if (m->categories == 0 || m->labels == 0)
		return error_set(e, EXIT_MALFORMED, "the input has no labels");
	if (scores_choose_layers(&j->scores, m, layer_name, !directory, e) == 0 &&
	    (!directory || choose_paths(j, m, e) == 0) && repeat_warnings(j->tool, all) == 0 &&
	    scores_choose_labels(&j->scores, m, min_images, &chosen, e) == 0 &&
	    judge_labels(j, all, &chosen) == 0)
		status = label_layers(j, m, chosen.category);
	free(chosen.category);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = note_segment,
	                         .item = add_record,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_ALL,
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status;

	if (directory && t->output)
		return error_set(&t->error, EXIT_USAGE,
		                 "--directory and --output exclude each other");
	if (threshold_file && format == TABLE_CSV)
		return error_set(&t->error, EXIT_USAGE,
		                 "--thresholds goes with --format tsv or json: the released "
		                 "CSV has no such columns");
	t->threads = 1; /* a handful of records to add up */
	status = threshold_file ? thresholds_read(&j.thresholds, threshold_file, false,
	                                          t->most_label_pixels, &t->error)
	                        : 0;
	if (status == 0)
		status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = label_all(&j, &all);
	filter_release(&all);
	for (size_t i = 0; j.path && i < j.scores.layers; i++)
		free(j.path[i]);
	free(j.path);
	scores_free(&j.scores);
	uncertainty_free(&j.blocks);
	thresholds_free(&j.thresholds);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
