/* iou-score.c -- count the pixels that units and labels share.
 *
 *	SEG, LABEL -> SCORE, COUNT
 *
 * Labels come with the masks, or from another stream by item number.  Every thread
 * counts for itself; integers add up to the same in any order. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/intersect.h"
#include "record/lookup.h"
#include "record/ndr.h"
#include "filter/filter.h"

static const char *label_file;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "labels",
         .letter = 'L',
         .kind = TOOL_TEXT,
         .value = &label_file,
         .argument = "FILE",
         .help = "take the labels from this stream [from the input]",
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
};

struct worker {
	struct image_labels image;
	struct label_counts labels;
	struct unit_counts *units; /* (layers) */
};

struct job {
	struct tool *tool;
	struct label_categories known;
	int *category;         /* (known.labels) */
	size_t layers;         /* of the input */
	struct worker *worker; /* (threads); NULL until the first segment */
	struct lookup labels;  /* with --labels */
};

/* ---- what there is to count ---- */

static int know_labels(struct job *j, const struct ndr_meta *m, struct error *e)
{
	j->category = memory_new(m->labels, sizeof(*j->category), e);
	if (!j->category)
		return -1;
	for (size_t c = 0; c < m->labels; c++)
		j->category[c] = c && m->label[c].name ? m->label[c].category : -1;
	j->known = (struct label_categories){m->labels, m->categories, j->category};
	return 0;
}

static int open_worker(struct job *j, struct worker *w, const struct ndr_meta *m,
                       struct error *e)
{
	w->units = memory_new(m->layers, sizeof(*w->units), e);
	if (!w->units || image_labels_init(&w->image, &j->known, e) < 0 ||
	    label_counts_init(&w->labels, j->known.labels, e) < 0)
		return -1;
	for (size_t l = 0; l < m->layers; l++)
		if (unit_counts_init(&w->units[l], m->layer[l].units, &j->known, e) < 0)
			return -1;
	return 0;
}

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	if (j->worker) /* all segments have the same META */
		return 0;
	if (know_labels(j, label_file ? &j->labels.parts.all.meta : &s->meta, e) < 0)
		return -1;
	if (j->known.labels == 0)
		return error_set(e, EXIT_MALFORMED,
		                 "the input has no labels: give them with --labels");
	j->worker = memory_new(j->tool->threads, sizeof(*j->worker), e);
	if (!j->worker)
		return -1;
	j->layers = s->meta.layers;
	for (size_t i = 0; i < j->tool->threads; i++)
		if (open_worker(j, &j->worker[i], &s->meta, e) < 0)
			return -1;
	return 0;
}

static void close_job(struct job *j)
{
	for (size_t i = 0; j->worker && i < j->tool->threads; i++) {
		struct worker *w = &j->worker[i];

		for (size_t l = 0; w->units && l < j->layers; l++)
			unit_counts_free(&w->units[l]);
		free(w->units);
		label_counts_free(&w->labels);
		image_labels_free(&w->image);
	}
	free(j->worker);
	free(j->category);
	lookup_close(&j->labels);
}

/* ---- counting ---- */

static int add_label(struct image_labels *image, const struct ndr_record *rec, struct error *e)
{
	const uint16_t *map = rec->data;
	const size_t pixels = (size_t)rec->dims[1] * rec->dims[2];

	for (uint32_t i = 0; i < rec->dims[0]; i++, map += pixels)
		if ((pixels == 1 ? image_labels_add_whole(image, *map, e)
		                 : image_labels_add_map(image, map, e)) < 0)
			return -1;
	return 0;
}

/* The labels of an item, at their own size; NULL: it has none. */
static int read_labels(struct image_labels *image, const struct ndr_item *item, struct error *e)
{
	struct ndr_item_info info = {0};
	struct error why = {0};

	if (item && ndr_item_info(item, &info, e) < 0)
		return -1;
	image_labels_begin(image, info.label_height, info.label_width);
	for (size_t i = 0; item && i < item->count; i++)
		if (item->record[i].type == NDR_LABEL &&
		    add_label(image, &item->record[i], &why) < 0)
			return error_set(e, why.code, "%s: item %u (%s): %s", item->input,
			                 item->number, info.name, why.text);
	image_labels_finish(image);
	return 0;
}

static int count_layer(struct worker *w, const struct ndr_item *in, uint32_t layer,
                       struct error *e)
{
	const struct ndr_record *rec = ndr_item_find(in, NDR_SEG, layer);
	struct ndr_seg seg;

	if (!rec)
		return error_set(
		        e, EXIT_MALFORMED,
		        "%s: item %u has no masks (SEG) of layer %u: act-segment makes them",
		        in->input, in->number, layer);
	if (ndr_seg_parse(rec, (uint32_t)w->units[layer].units, &seg, e) < 0)
		return -1;
	if (w->image.count && (seg.height != w->image.height || seg.width != w->image.width))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: item %u: masks of %ux%u pixels, labels of %ux%u",
		                 in->input, in->number, seg.height, seg.width, w->image.height,
		                 w->image.width);
	for (uint32_t i = 0; w->image.count && i < seg.count; i++)
		unit_counts_add(&w->units[layer], seg.unit[i],
		                seg.bitmap + (size_t)i * seg.words, &w->image);
	return 0;
}

static int count_item(struct job *j, struct worker *w, const struct ndr_item *in,
                      const struct ndr_item *labels, struct error *e)
{
	if (read_labels(&w->image, labels, e) < 0)
		return -1;
	for (size_t l = 0; l < j->layers; l++)
		if (count_layer(w, in, (uint32_t)l, e) < 0)
			return -1;
	label_counts_add(&w->labels, &w->image);
	return 0;
}

static int count_own(void *job, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                     struct error *e)
{
	struct job *j = job;

	(void)out;
	if (label_file || in->number == NDR_NO_ITEM)
		return 0;
	return count_item(j, &j->worker[thread], in, in, e);
}

/* ---- labels from another stream ---- */

static int open_labels(struct job *j)
{
	if (tool_digest(j->tool, "labels", label_file) < 0)
		return -1;
	return lookup_open(&j->labels, label_file, j->tool->most_label_pixels, &j->tool->error);
}

static int count_other(void *job, const struct ndr_item *in, struct ndr_item *out,
                       struct error *e)
{
	struct job *j = job;
	struct ndr_item_info info, other;
	int found;

	(void)out;
	if (!label_file || in->number == NDR_NO_ITEM)
		return 0;
	found = lookup_find(&j->labels, in->number, e);
	if (found == 0)
		return count_item(j, j->worker, in, NULL, e);
	if (found < 0 || ndr_item_info(in, &info, e) < 0 ||
	    ndr_item_info(&j->labels.item, &other, e) < 0)
		return -1;
	if (strcmp(info.name, other.name) != 0)
		return error_set(e, EXIT_MALFORMED, "item %u is %s in %s, but %s in %s",
		                 in->number, info.name, in->input, other.name, label_file);
	return count_item(j, j->worker, in, &j->labels.item, e);
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

/* ---- results ---- */

static int emit(struct job *j, const struct ndr_segment *all)
{
	struct error *e = &j->tool->error;
	struct worker *sum = j->worker;
	struct ndr_record rec = {.type = NDR_SCORE, .dtype = NDR_U64, .ndim = 3};
	struct ndr_item out = {0};
	int status = -1;

	ndr_item_clear(&out, NDR_NO_ITEM);
	for (size_t i = 1; i < j->tool->threads; i++) {
		label_counts_merge(&sum->labels, &j->worker[i].labels);
		for (size_t l = 0; l < j->layers; l++)
			unit_counts_merge(&sum->units[l], &j->worker[i].units[l]);
	}
	rec.dims[1] = (uint32_t)j->known.labels;
	rec.dims[2] = NDR_SCORE_FIELDS;
	for (size_t l = 0; l < j->layers; l++) {
		uint64_t *scores;

		rec.group = (uint32_t)l;
		rec.dims[0] = (uint32_t)sum->units[l].units;
		scores = ndr_item_add(&out, &rec, e);
		if (!scores)
			goto done;
		unit_counts_scores(&sum->units[l], &sum->labels, &j->known, scores);
	}
	rec = (struct ndr_record){.type = NDR_COUNT,
	                          .dtype = NDR_U64,
	                          .ndim = 1,
	                          .dims = {(uint32_t)j->known.labels},
	                          .data = sum->labels.images};
	if (ndr_item_add(&out, &rec, e))
		status = filter_emit(j->tool, all, &out);
done:
	ndr_item_free(&out);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	const struct filter f = {.segment = begin_segment,
	                         .item = count_own,
	                         .ordered = count_other,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_PART,
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
		status = emit(&j, &all);
	}
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
