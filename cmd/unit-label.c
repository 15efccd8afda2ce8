/* unit-label.c -- name the concept that each unit detects.
 *
 *	SCORE, COUNT -> a result table for each layer
 *
 * Counts of several inputs, shards of one data set, are added up first. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "table/result.h"
#include "dissect/label.h"
#include "filter/filter.h"

_Static_assert((int)LABEL_COUNTS == NDR_SCORE_FIELDS && (int)RESULT_COUNTS == NDR_SCORE_FIELDS,
               "counts are rows of SCORE");

/* With fewer images, labels that only tens of them hold pass 0.04 by chance. */
enum { FEW_IMAGES = 1000 };

static double threshold = 0.04;
static uint64_t min_images = 10;
static const char *layer_name, *directory;
static int format = TABLE_CSV;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "threshold",
         .kind = TOOL_REAL,
         .value = &threshold,
         .argument = "IOU",
         .help = "with -v, count units above this as detectors [0.04]",
         .high = 1},
        {.name = "min-images",
         .kind = TOOL_COUNT,
         .value = &min_images,
         .argument = "N",
         .help = "leave out labels that fewer than N images hold [10]"},
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
        {.name = "format",
         .kind = TOOL_CHOICE,
         .value = &format,
         .argument = "csv|tsv|json",
         .help = "format of the table [csv]"},
        {.name = "incomplete",
         .kind = TOOL_FLAG,
         .value = &incomplete,
         .help = "go on where items of the data set are missing"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Name the concept that each unit detects.",
        .example = "unit-label conv5.score > conv5-result.csv",
};

/* Records of which a segment has at most one. */
struct sum {
	struct ndr_record total; /* data NULL: not there, or not wanted */
	size_t segments;         /* that had one */
};

struct layer {
	struct sum score; /* (units, labels, 3) */
	char *path;       /* with -d */
};

struct job {
	struct tool *tool;
	size_t segments;   /* begun so far */
	struct sum images; /* (labels): images that hold each */
	size_t layers;
	struct layer *layer;
};

/* ---- adding up ---- */

static int note_segment(void *ctx, struct ndr_segment *s, struct error *e)
{
	struct job *j = ctx;

	if (j->segments++ > 0)
		return 0;
	j->layer = memory_new(s->meta.layers, sizeof *j->layer, e);
	j->layers = j->layer ? s->meta.layers : 0;
	return j->layer ? 0 : -1;
}

static int add_record(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                      struct error *e)
{
	struct job *j = ctx;
	const struct ndr_record *rec = in->record;
	struct error why = {0};
	struct sum *sum;

	(void)out;
	(void)thread;
	if (rec->type != NDR_COUNT && rec->type != NDR_SCORE)
		return 0;
	sum = rec->type == NDR_COUNT ? &j->images : &j->layer[rec->group].score;
	if (ndr_merge(&sum->total, rec, &why) < 0)
		return error_set(e, why.code, "%s: %s", in->input, why.text);
	sum->segments++;
	return 0;
}

static void close_job(struct job *j)
{
	for (size_t i = 0; i < j->layers; i++) {
		free((void *)j->layer[i].score.total.data);
		free(j->layer[i].path);
	}
	free(j->layer);
	free((void *)j->images.total.data);
}

/* ---- which layers ---- */

/* Names of the layers that have scores, "a, b, c"; cut off if they are many. */
static void list_layers(const struct job *j, const struct ndr_meta *m, char text[static 256])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < j->layers && used < 256; i++)
		if (j->layer[i].score.total.data)
			used += (size_t)snprintf(text + used, 256 - used, "%s%s",
			                         used ? ", " : "", m->layer[i].name);
}

/* Drop the layers that are not wanted. */
static int choose_layers(struct job *j, const struct ndr_meta *m, struct error *e)
{
	char names[256];
	size_t wanted = 0;

	list_layers(j, m, names);
	if (!*names)
		return error_set(e, EXIT_MALFORMED, "no scores in the input");
	for (size_t i = 0; i < j->layers; i++) {
		struct layer *l = &j->layer[i];

		if (layer_name && strcmp(m->layer[i].name, layer_name) != 0) {
			free((void *)l->score.total.data);
			l->score.total.data = NULL;
		}
		wanted += l->score.total.data != NULL;
		if (l->score.total.data && l->score.segments < j->images.segments)
			return error_set(e, EXIT_MALFORMED,
			                 "layer %s: %zu segments have COUNT, but %zu SCORE",
			                 m->layer[i].name, j->images.segments,
			                 l->score.segments);
	}
	if (wanted == 0)
		return error_set(e, EXIT_USAGE, "--layer '%s': there are scores of %s",
		                 layer_name, names);
	if (wanted > 1 && !directory)
		return error_set(e, EXIT_USAGE,
		                 "%zu layers: choose one with --layer, or write all with "
		                 "--directory: %s",
		                 wanted, names);
	return 0;
}

/* DIR/LAYER-result.csv for each layer; no two may be the same. */
static int choose_paths(struct job *j, const struct ndr_meta *m, struct error *e)
{
	static const char *const extension[] = {"csv", "tsv", "json"};

	for (size_t i = 0; i < j->layers; i++) {
		struct layer *l = &j->layer[i];

		if (!l->score.total.data)
			continue;
		if (asprintf(&l->path, "%s/%s-result.%s", directory, m->layer[i].name,
		             extension[format]) < 0) {
			l->path = NULL;
			return error_set(e, EXIT_SYSTEM, "no memory for a path");
		}
		for (char *s = l->path + strlen(directory) + 1; *s; s++)
			if (*s == '/')
				*s = '-';
		for (size_t k = 0; k < i; k++)
			if (j->layer[k].path && strcmp(j->layer[k].path, l->path) == 0)
				return error_set(e, EXIT_USAGE,
				                 "%s: layers %s and %s have the same file: "
				                 "choose one with --layer",
				                 l->path, m->layer[k].name, m->layer[i].name);
	}
	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return error_errno(e, "%s", directory);
	return 0;
}

/* ---- which labels ---- */

/* Each label's category, -1 for those that are left out. */
static int *choose_labels(const struct job *j, const struct ndr_segment *all, struct error *e)
{
	const struct ndr_meta *m = &all->meta;
	bool counted = j->images.segments == j->segments;
	const uint64_t *images = j->images.total.data;
	int *category = memory_new(m->labels, sizeof *category, e);
	size_t labels = 0, rare = 0;

	if (!category)
		return NULL;
	for (size_t i = 0; i < m->labels; i++) {
		bool known = m->label[i].name != NULL;
		bool seldom = known && counted && images[i] < min_images;

		labels += known;
		rare += seldom;
		category[i] = known && !seldom ? m->label[i].category : -1;
	}
	if (!counted && min_images > 0)
		tool_warn(j->tool, "the input does not say how many images hold each label: "
		                   "--min-images has no effect");
	if (all->range.most < FEW_IMAGES)
		tool_warn(j->tool,
		          "only %" PRIu32 " images: labels that few of them hold can pass the "
		          "threshold by chance",
		          all->range.most);
	if (rare == labels)
		tool_warn(j->tool, "no label is held by %" PRIu64 " images (--min-images)",
		          min_images);
	else if (rare > 0)
		tool_note(j->tool, "%zu of %zu labels left out: fewer than %" PRIu64 " images",
		          rare, labels, min_images);
	return category;
}

/* ---- the table of a layer ---- */

static int label_layer(const struct ndr_meta *m, size_t layer, const uint64_t *counts,
                       const int *category, struct result *r, struct error *e)
{
	const size_t units = m->layer[layer].units, categories = m->categories;
	uint32_t *number = memory_new(units * categories, sizeof *number, e);
	struct error why = {0};
	int status = number ? result_new(r, units, categories, e) : -1;

	if (status == 0 && label_units(counts, category, units, m->labels, categories, number,
	                               r->iou, r->best, &why) < 0)
		status = error_set(e, why.code, "layer %s: %s", m->layer[layer].name, why.text);
	for (size_t c = 0; status == 0 && c < categories; c++)
		r->category[c] = m->category[c];
	for (size_t k = 0; status == 0 && k < units; k++)
		r->unit[k] = (uint32_t)k + 1;
	for (size_t i = 0; status == 0 && i < units * categories; i++) {
		size_t pair = i / categories * m->labels + number[i];

		r->label[i] = number[i] ? m->label[number[i]].name : "";
		if (number[i])
			memcpy(r->counts + RESULT_COUNTS * i, counts + LABEL_COUNTS * pair,
			       RESULT_COUNTS * sizeof *counts);
	}
	free(number);
	return status;
}

static int note_detectors(const struct tool *t, const char *name, const struct result *r,
                          struct error *e)
{
	struct label_tally total, *by_category = memory_new(r->categories, sizeof total, e);
	int status = -1;

	if (by_category)
		status = label_count(r->label, r->iou, r->best, r->units, r->categories,
		                     threshold, LABEL_TOP, &total, by_category, e);
	if (status == 0)
		tool_note(t, "%s: %zu of %zu units detect %zu concepts with IoU > %g", name,
		          total.detectors, r->units, total.unique, threshold);
	free(by_category);
	return status;
}

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
	if (f && result_write(r, (enum table_format)format, f->fd, path, &t->error) == 0)
		return tool_file_commit(f, &t->error);
	tool_file_discard(f);
	return -1;
}

static int label_all(struct job *j, const struct ndr_segment *all)
{
	const struct ndr_meta *m = &all->meta;
	struct error *e = &j->tool->error;
	int status = 0, *category;

	if (m->categories == 0 || m->labels == 0)
		return error_set(e, EXIT_MALFORMED, "the input has no labels");
	if (choose_layers(j, m, e) < 0 || (directory && choose_paths(j, m, e) < 0))
		return -1;
	category = choose_labels(j, all, e);
	for (size_t i = 0; category && i < j->layers && status == 0; i++) {
		struct result r = {0};

		if (!j->layer[i].score.total.data)
			continue;
		status = label_layer(m, i, j->layer[i].score.total.data, category, &r, e);
		if (status == 0)
			status = note_detectors(j->tool, m->layer[i].name, &r, e);
		if (status == 0)
			status = write_layer(j->tool, &r, j->layer[i].path);
		result_free(&r);
	}
	free(category);
	return category ? status : -1;
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
	t->threads = 1; /* a handful of records to add up */
	status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = label_all(&j, &all);
	filter_release(&all);
	close_job(&j);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
