/* unit-label.c -- name the concept that each unit detects.
 *
 *	SCORE, COUNT -> a result table for each layer
 *
 * Counts of several inputs, shards of one data set, are added up first. */
#include <inttypes.h>
#include <stdlib.h>

#include "filter/filter.h"
#include "stage/labelling.h"
#include "stage/ranking.h"
#include "options.h"

static struct labelling_choice choice = {.min_images = 10, .threshold = 0.04, .seed = 1};
static const char *threshold_file, *concept;
static uint64_t unit;
static int format = TABLE_CSV;
static bool incomplete;

static const struct tool_option options[] = {
        OPTION_CUT(&choice.threshold, "with -v, count units above this as detectors [0.04]"),
        OPTION_MIN_IMAGES(&choice.min_images),
        {.name = "thresholds",
         .letter = 'T',
         .kind = TOOL_TEXT,
         .value = &threshold_file,
         .argument = "FILE",
         .help = "say them too: output of act-quantile; with tsv and json",
         .local = true},
        {.name = "bootstrap",
         .kind = TOOL_COUNT,
         .value = &choice.bootstrap,
         .argument = "B",
         .help = "intervals of scores, from B samples of the input's segments",
         .low = 1,
         .high = 1000000},
        {.name = "seed",
         .kind = TOOL_COUNT,
         .value = &choice.seed,
         .argument = "S",
         .help = "which samples [1]"},
        OPTION_ONLY_LAYER(&choice.layer, "only this layer [all]"),
        {.name = "directory",
         .letter = 'd',
         .kind = TOOL_TEXT,
         .value = &choice.directory,
         .argument = "DIR",
         .help = "write DIR/LAYER-result.csv, '/' in LAYER as '-'",
         .local = true},
        {.name = "concept",
         .kind = TOOL_TEXT,
         .value = &concept,
         .argument = "LABEL",
         .help = "instead, all units by how well they match this label"},
        {.name = "unit",
         .kind = TOOL_COUNT,
         .value = &unit,
         .argument = "N",
         .help = "instead, the five best labels of this unit, from 1",
         .low = 1,
         .high = UINT32_MAX},
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
        .needs = (const struct tool_need[]){{"seed", "bootstrap"}, {0}},
};

static int note_segment(void *labelling, struct ndr_segment *s, struct error *e)
{
	return labelling_segment(labelling, s, e);
}

static int add_record(void *labelling, const struct ndr_item *in, struct ndr_item *out,
                      size_t thread, struct error *e)
{
	struct error why = {0};

	(void)out, (void)thread;
	if (labelling_add(labelling, in->record, &why) < 0)
		return error_set(e, why.code, "%s: %s", in->input, why.text);
	return 0;
}

/* What the result is worth. */
static int judge(struct tool *t, const struct labelling *l, const struct ndr_segment *all)
{
	char *doubt;
	int status = filter_repeat_warnings(t, &all->provenance, "");

	for (size_t i = 0;
	     status == 0 && (doubt = labelling_doubt(l, all->range.most, i, &t->error)); i++) {
		status = tool_warn_result(t, "%s", doubt);
		free(doubt);
	}
	if (status < 0 || t->error.code || labelling_check(l, &t->error) < 0)
		return -1;
	if (l->labels.rare > 0)
		tool_note(t, "%zu of %zu labels left out: fewer than %" PRIu64 " images",
		          l->labels.rare, l->labels.labels, choice.min_images);
	return 0;
}

/* ---- tables ---- */

/* From another side than that of the units. */
static int write_ranking(struct tool *t, const struct labelling *l, const struct ndr_meta *m,
                         size_t layer, const struct result *r)
{
	const enum table_format how = (enum table_format)format;
	const char *place = tool_output_name(t);
	const int fd = tool_output(t, false);

	if (fd < 0)
		return -1;
	return unit ? ranking_of_labels(r, unit, how, fd, place, &t->error)
	            : ranking_of_units(&l->scores, m, layer, l->labels.category, concept, r,
	                               how, fd, place, &t->error);
}

static int write_layer(struct tool *t, const struct result *r, const char *path)
{
	const enum table_format how = (enum table_format)format;
	struct tool_file *f = path ? tool_file_open(path, &t->error) : NULL;
	const int fd = path ? -1 : tool_output(t, false);

	if (path)
		return tool_file_end(f, f ? result_write(r, how, f->fd, path, &t->error) : -1,
		                     &t->error);
	return fd < 0 ? -1 : result_write(r, how, fd, tool_output_name(t), &t->error);
}

static void note_summary(const struct tool *t, const struct result *r,
                         const struct labelling_summary *s)
{
	tool_note(t, "%s: %zu of %zu units detect %zu concepts with IoU > %g", r->layer,
	          s->detectors.detectors, r->units, s->detectors.unique, choice.threshold);
	if (choice.bootstrap)
		tool_note(t, "%s: %g is in the interval of %zu of %zu units", r->layer,
		          choice.threshold, s->borderline, r->units);
}

static int label_layer(struct tool *t, const struct labelling *l, const struct ndr_meta *m,
                       size_t layer)
{
	struct result r = {.warnings = t->warnings, .warning = (const char *const *)t->warning};
	struct labelling_summary summary;
	int status = labelling_result(l, m, layer, &r, &summary, &t->error);

	if (status == 0) {
		note_summary(t, &r, &summary);
		status = concept || unit ? write_ranking(t, l, m, layer, &r)
		                         : write_layer(t, &r, l->path ? l->path[layer] : NULL);
	}
	result_free(&r);
	return status;
}

static int label_all(struct tool *t, struct labelling *l, const struct ndr_segment *all)
{
	if (labelling_finish(l, &all->meta, &t->error) < 0)
		return -1;
	if (choice.directory && tool_directory(choice.directory, &t->error) < 0)
		return -1;
	if (judge(t, l, all) < 0)
		return -1;
	for (size_t i = 0; i < all->meta.layers; i++)
		if (scores_has(&l->scores, i) && label_layer(t, l, &all->meta, i) < 0)
			return -1;
	return 0;
}

static int run(struct tool *t)
{
	static const char *const extension[] = {"csv", "tsv", "json"};
	struct labelling l = {.choice = &choice};
	const struct filter f = {.segment = note_segment,
	                         .item = add_record,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_ALL,
	                         .ctx = &l};
	struct ndr_segment all = {0};
	int status = 0;

	if (choice.directory && t->output)
		return error_set(&t->error, EXIT_USAGE,
		                 "--directory and --output exclude each other");
	if ((concept || unit) &&
	    (choice.directory || choice.bootstrap || threshold_file || (concept && unit)))
		return error_set(&t->error, EXIT_USAGE,
		                 "--%s goes with --layer, --min-images and --format only",
		                 concept ? "concept" : "unit");
	if (threshold_file && format == TABLE_CSV)
		return error_set(&t->error, EXIT_USAGE,
		                 "--thresholds goes with --format tsv or json: the released "
		                 "CSV has no such columns");
	choice.extension = extension[format];
	t->threads = 1; /* a handful of records to add up */
	if (threshold_file)
		status = thresholds_read(&l.thresholds, threshold_file, false,
		                         t->most_label_pixels, &t->error);
	if (status == 0)
		status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = label_all(t, &l, &all);
	filter_release(&all);
	labelling_close(&l);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
