/* intersect.h -- counting the pixels that units and labels share.
 *
 * For unit k and label c, IoU = I / (A + G - I) with (Bau et al. 2017, section 3.2)
 *
 *	I = sum over images of |M_k & L_c|
 *	A = sum of |M_k| over images that hold a label whose category is c's
 *	G = sum of |L_c|
 *
 * all kept as integers, which add up exactly over images, threads and shards.
 * L_c is the union of the pixels labelled c in whatever map of the image; a
 * whole-image label covers all of it. */
#ifndef DISSECT_INTERSECT_H
#define DISSECT_INTERSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What is known of labels: number -> category, -1 for numbers that are no label.
 * Number 0 is never one. */
struct label_categories {
	size_t labels, categories;
	const int *category; /* (labels) */
};

/* The labels that one image holds, each with its mask.  Bitmaps are as in
 * segment.h.  Reused from image to image by one thread. */
struct image_label {
	uint16_t number;
	bool whole;         /* covers the image */
	bool has_bitmap;    /* a map has it: */
	size_t bitmap;      /* which of the bitmaps */
	size_t first, last; /* its words that may have bits: [first, last] */
	uint64_t area;      /* |L_c|, after image_labels_finish() */
};

struct image_labels {
	const struct label_categories *known;
	uint32_t height, width;
	size_t words;
	size_t count;              /* labels in this image */
	struct image_label *label; /* (count), in order of first appearance */
	size_t bitmaps;
	uint64_t *bitmap; /* (bitmaps, words) */
	bool *holds;      /* (categories): a label of that primary category */
	size_t label_capacity, bitmap_capacity;
	uint32_t *slot; /* (65536): label's index + 1; 0: not in this image */
};

/* Get ready for images whose labels are known, which must outlive l; free l also after an
 * error. */
int image_labels_init(struct image_labels *l, const struct label_categories *known,
                      struct error *e) CHECK_RESULT;
void image_labels_free(struct image_labels *l);

/* Start an image whose labels have that size. */
void image_labels_begin(struct image_labels *l, uint32_t height, uint32_t width);
/* Add a map (height, width) of label numbers, 0 = unlabelled.  EXIT_MALFORMED at
 * a number that is not known. */
int image_labels_add_map(struct image_labels *l, const uint16_t *map,
                         struct error *e) CHECK_RESULT;
/* Add a label that covers the whole image; 0 is ignored. */
int image_labels_add_whole(struct image_labels *l, uint16_t number,
                           struct error *e) CHECK_RESULT;
/* Count areas; no more labels after it. */
void image_labels_finish(struct image_labels *l);

/* Counts of one layer. */
struct unit_counts {
	size_t units, labels, categories;
	uint64_t *intersection; /* (units, labels) */
	uint64_t *activated; /* (units, categories): |M_k| over images that hold the category */
};

/* Counts that all layers share. */
struct label_counts {
	size_t labels;
	uint64_t *area;   /* (labels): sum of |L_c| */
	uint64_t *images; /* (labels): images that hold the label */
};

/* Counts of 0, into a zeroed c; free it also after an error. */
int unit_counts_init(struct unit_counts *c, size_t units, const struct label_categories *known,
                     struct error *e) CHECK_RESULT;
void unit_counts_free(struct unit_counts *c);
int label_counts_init(struct label_counts *c, size_t labels, struct error *e) CHECK_RESULT;
void label_counts_free(struct label_counts *c);

/* Count an image's labels, finished. */
void label_counts_add(struct label_counts *c, const struct image_labels *l);
/* Count one unit's mask (l->words) against an image's labels, finished. */
void unit_counts_add(struct unit_counts *c, size_t unit, const uint64_t *mask,
                     const struct image_labels *l);

/* Add other counts of the same shape. */
void unit_counts_merge(struct unit_counts *c, const struct unit_counts *more);
void label_counts_merge(struct label_counts *c, const struct label_counts *more);

/* SCORE's rows (units, labels, 3): I, A and G; 0 for numbers that are no label. */
void unit_counts_scores(const struct unit_counts *u, const struct label_counts *l,
                        const struct label_categories *known, uint64_t *scores);

#endif
