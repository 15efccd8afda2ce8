/* counter.h -- the pixels that masks and labels share, counted over items: SEG, LABEL ->
 * SCORE, COUNT.
 *
 * Every thread counts for itself; integers add up to the same in any order. */
#ifndef STAGE_COUNTER_H
#define STAGE_COUNTER_H

#include "dissect/intersect.h"
#include "record/ndr.h"

struct counter_thread {
	struct image_labels image;
	struct label_counts labels;
	struct unit_counts *units; /* (layers) */
};

struct counter {
	struct label_categories known;
	int *category; /* (known.labels) */
	size_t layers;
	size_t threads;
	struct counter_thread *thread; /* (threads) */
};

/* Get ready for masks of the layers that masks has, and the labels that labels has, on as many
 * of the threads as memory bytes are enough for.  Zero it before, close it also after an error.
 * EXIT_MALFORMED if there are no labels, EXIT_SYSTEM if the memory is not enough for one. */
int counter_open(struct counter *c, const struct ndr_meta *masks, const struct ndr_meta *labels,
                 size_t threads, uint64_t memory, struct error *e) CHECK_RESULT;
void counter_close(struct counter *c);

/* Count an item's masks against the labels of an item, which may be the same; NULL: it has no
 * labels.  Every layer must have masks, of the labels' size. */
int counter_add(struct counter *c, size_t thread, const struct ndr_item *masks,
                const struct ndr_item *labels, struct error *e) CHECK_RESULT;

/* Put together what the threads counted.  Once, before the next two. */
void counter_finish(struct counter *c);
/* Append the SCORE of a layer, or COUNT, to an item. */
int counter_scores(const struct counter *c, uint32_t layer, struct ndr_item *out,
                   struct error *e) CHECK_RESULT;
int counter_images(const struct counter *c, struct ndr_item *out, struct error *e) CHECK_RESULT;
/* Write the SCORE of each layer, one by one, as all together can be large, and COUNT. */
int counter_write(const struct counter *c, struct ndr_writer *w, struct error *e) CHECK_RESULT;

/* ---- of which it is made ---- */

/* The labels that META has, and their categories in *category (labels), which is free()d.
 * EXIT_MALFORMED if there are none. */
int counter_know_labels(const struct ndr_meta *m, struct label_categories *known,
                        int **category, struct error *e) CHECK_RESULT;
/* The masks of a layer, which it must have. */
int counter_find_masks(const struct ndr_item *item, uint32_t layer, uint32_t units,
                       struct ndr_seg *seg, struct error *e) CHECK_RESULT;
/* Append a layer's SCORE, or COUNT, to an item. */
int counter_add_scores(const struct unit_counts *units, const struct label_counts *labels,
                       const struct label_categories *known, uint32_t layer,
                       struct ndr_item *out, struct error *e) CHECK_RESULT;
int counter_add_images(const struct label_counts *labels, struct ndr_item *out,
                       struct error *e) CHECK_RESULT;

#endif
