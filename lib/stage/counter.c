/* counter.c -- see counter.h. */
#include "stage/counter.h"
#include "base/memory.h"
#include "stage/labels.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- what there is to count ---- */

int counter_know_labels(const struct ndr_meta *m, struct label_categories *known,
                        int **category, struct error *e)
{
	if (m->labels == 0)
		return error_set(e, EXIT_MALFORMED,
		                 "the input has no labels: give them with --labels");
	*category = memory_new(m->labels, sizeof **category, e);
	if (!*category)
		return -1;
	for (size_t i = 0; i < m->labels; i++)
		(*category)[i] = i && m->label[i].name ? m->label[i].category : -1;
	*known = (struct label_categories){m->labels, m->categories, *category};
	return 0;
}

static int open_thread(struct counter_thread *t, const struct label_categories *known,
                       const struct ndr_meta *m, struct error *e)
{
	t->units = memory_new(m->layers, sizeof *t->units, e);
	if (!t->units || image_labels_init(&t->image, known, e) < 0 ||
	    label_counts_init(&t->labels, known->labels, e) < 0)
		return -1;
	for (size_t l = 0; l < m->layers; l++)
		if (unit_counts_init(&t->units[l], m->layer[l].units, known, e) < 0)
			return -1;
	return 0;
}

/* Of the threads as many as there is memory for, beside the largest layer's scores. */
static size_t threads_for(const struct label_categories *known, const struct ndr_meta *m,
                          size_t threads, uint64_t memory, struct error *e)
{
	const uint64_t row = 8 * (uint64_t)(known->labels + known->categories);
	const uint64_t scores = 8 * (uint64_t)NDR_SCORE_FIELDS * known->labels;
	uint64_t units = 0, largest = 0, each, needed;

	for (size_t l = 0; l < m->layers; l++) {
		units += m->layer[l].units;
		largest = m->layer[l].units > largest ? m->layer[l].units : largest;
	}
	each = units * row; /* neither has 2^43 units nor a row 2^21 bytes */
	needed = each + largest * scores;
	if (needed > memory) {
		error_set(e, EXIT_SYSTEM,
		          "counts of %" PRIu64 " units and %zu labels take %" PRIu64
		          " MiB, but --memory is %" PRIu64,
		          units, known->labels, (needed >> 20) + 1, memory >> 20);
		return 0;
	}
	memory = (memory - largest * scores) / (each ? each : 1);
	return threads < memory ? threads : (size_t)memory;
}

int counter_open(struct counter *c, const struct ndr_meta *masks, const struct ndr_meta *labels,
                 size_t threads, uint64_t memory, struct error *e)
{
	if (counter_know_labels(labels, &c->known, &c->category, e) < 0)
		return -1;
	threads = threads_for(&c->known, masks, threads, memory, e);
	if (threads == 0)
		return -1;
	c->thread = memory_new(threads, sizeof *c->thread, e);
	if (!c->thread)
		return -1;
	c->threads = threads;
	c->layers = masks->layers;
	for (size_t i = 0; i < threads; i++)
		if (open_thread(&c->thread[i], &c->known, masks, e) < 0)
			return -1;
	return 0;
}

void counter_close(struct counter *c)
{
	for (size_t i = 0; i < c->threads; i++) {
		struct counter_thread *t = &c->thread[i];

		for (size_t l = 0; t->units && l < c->layers; l++)
			unit_counts_free(&t->units[l]);
		free(t->units);
		label_counts_free(&t->labels);
		image_labels_free(&t->image);
	}
	free(c->thread);
	free(c->category);
	*c = (struct counter){0};
}

/* ---- counting ---- */

int counter_find_masks(const struct ndr_item *in, uint32_t layer, uint32_t units,
                       struct ndr_seg *seg, struct error *e)
{
	const struct ndr_record *rec = ndr_item_find(in, NDR_SEG, layer);

	if (!rec)
		return error_set(
		        e, EXIT_MALFORMED,
		        "%s: item %u has no masks (SEG) of layer %u: act-segment makes them",
		        in->input, in->number, layer);
	return ndr_seg_parse(rec, units, seg, e);
}

static int count_layer(struct counter_thread *t, const struct ndr_item *in, uint32_t layer,
                       struct error *e)
{
	struct ndr_seg seg;

	if (counter_find_masks(in, layer, (uint32_t)t->units[layer].units, &seg, e) < 0)
		return -1;
	if (t->image.count && (seg.height != t->image.height || seg.width != t->image.width))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: item %u: masks of %ux%u pixels, labels of %ux%u",
		                 in->input, in->number, seg.height, seg.width, t->image.height,
		                 t->image.width);
	for (uint32_t i = 0; t->image.count && i < seg.count; i++)
		unit_counts_add(&t->units[layer], seg.unit[i],
		                seg.bitmap + (size_t)i * seg.words, &t->image);
	return 0;
}

int counter_add(struct counter *c, size_t thread, const struct ndr_item *masks,
                const struct ndr_item *labels, struct error *e)
{
	struct counter_thread *t = &c->thread[thread];

	if (labels_of_item(&t->image, labels, e) < 0)
		return -1;
	for (size_t l = 0; l < c->layers; l++)
		if (count_layer(t, masks, (uint32_t)l, e) < 0)
			return -1;
	label_counts_add(&t->labels, &t->image);
	return 0;
}

/* ---- results ---- */

void counter_finish(struct counter *c)
{
	struct counter_thread *sum = c->thread;

	for (size_t i = 1; i < c->threads; i++) {
		label_counts_merge(&sum->labels, &c->thread[i].labels);
		for (size_t l = 0; l < c->layers; l++)
			unit_counts_merge(&sum->units[l], &c->thread[i].units[l]);
	}
}

int counter_add_scores(const struct unit_counts *units, const struct label_counts *labels,
                       const struct label_categories *known, uint32_t layer,
                       struct ndr_item *out, struct error *e)
{
	const struct ndr_record rec = {
	        .type = NDR_SCORE,
	        .group = layer,
	        .dtype = NDR_U64,
	        .ndim = 3,
	        .dims = {(uint32_t)units->units, (uint32_t)known->labels, NDR_SCORE_FIELDS}};
	uint64_t *scores = ndr_item_add(out, &rec, e);

	if (!scores)
		return -1;
	unit_counts_scores(units, labels, known, scores);
	return 0;
}

int counter_add_images(const struct label_counts *labels, struct ndr_item *out, struct error *e)
{
	const struct ndr_record count = {.type = NDR_COUNT,
	                                 .dtype = NDR_U64,
	                                 .ndim = 1,
	                                 .dims = {(uint32_t)labels->labels},
	                                 .data = labels->images};

	return ndr_item_add(out, &count, e) ? 0 : -1;
}

int counter_scores(const struct counter *c, uint32_t layer, struct ndr_item *out,
                   struct error *e)
{
	return counter_add_scores(&c->thread->units[layer], &c->thread->labels, &c->known,
	                          layer, out, e);
}

int counter_images(const struct counter *c, struct ndr_item *out, struct error *e)
{
	return counter_add_images(&c->thread->labels, out, e);
}

int counter_write(const struct counter *c, struct ndr_writer *w, struct error *e)
{
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
