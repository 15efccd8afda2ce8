/* summary.h -- the summaries that ndr 1.1 added, as C sees them.
 *
 * All of them are bytes: 64 that say what follows, then arrays.  A view points into a
 * record that the reader has checked; an ndr_..._add() appends a record to an item of
 * no number and leaves its arrays, zeroed, to the caller to fill.  Their layouts, and
 * how they merge: ndr(5).  What a stream of them is written with has minor version 1. */
#ifndef RECORD_SUMMARY_H
#define RECORD_SUMMARY_H

#include "record/ndr.h"

/* TOPMAP: the activation maps of some units at the images that TOP names. */
struct ndr_topmap {
	uint32_t first, units; /* from unit first on */
	uint32_t k, height, width;
	const float *maps; /* (units, k, height, width), in TOP's order; zeros for no image */
};
struct ndr_topmap ndr_topmap_view(const struct ndr_record *rec);
/* The units of one record, the same in whatever way a layer's were found: as many as fit
 * 16 MiB, at least one.  0: not even one fits a record. */
uint32_t ndr_topmap_units(uint32_t k, uint32_t height, uint32_t width);
float *ndr_topmap_add(struct ndr_item *item, uint32_t layer, const struct ndr_topmap *t,
                      struct error *e) CHECK_RESULT;

/* CHANCE: intersections under labels that were permuted with a seed. */
struct ndr_chance {
	uint64_t seed;
	uint32_t first, units, labels;
	const uint64_t *pixels; /* (units, labels) */
};
struct ndr_chance ndr_chance_view(const struct ndr_record *rec);
uint32_t ndr_chance_units(uint32_t labels); /* of one record, as ndr_topmap_units() */
uint64_t *ndr_chance_add(struct ndr_item *item, uint32_t layer, const struct ndr_chance *c,
                         struct error *e) CHECK_RESULT;

/* TAIL: the largest samples of one unit. */
struct ndr_tail {
	uint32_t unit;
	uint64_t samples;    /* all that there were */
	uint64_t keep;       /* so many of the largest are kept */
	uint64_t count;      /* which are there: the lesser of both */
	uint64_t ties;       /* samples left out that equal the last one kept */
	float min, max;      /* of all samples */
	const float *values; /* (count), descending, zeros positive */
};
struct ndr_tail ndr_tail_view(const struct ndr_record *rec);
float *ndr_tail_add(struct ndr_item *item, uint32_t layer, const struct ndr_tail *t,
                    struct error *e) CHECK_RESULT;

/* CLASSES: the sets of categories and labels that pixels have, with their sizes. */
struct ndr_class {
	uint64_t pixels, images;
	uint16_t categories, labels; /* how many of them list has for this class */
	uint32_t zero;
};
struct ndr_classes {
	uint64_t count, listed;
	const struct ndr_class *class; /* (count), ascending by what list has for them */
	const uint16_t *list;          /* (listed): of each class categories, then labels */
};
struct ndr_classes ndr_classes_view(const struct ndr_record *rec);
int ndr_classes_add(struct ndr_item *item, uint64_t count, uint64_t listed,
                    struct ndr_class **class, uint16_t **list, struct error *e) CHECK_RESULT;
/* The order of classes: a's place against b's, each with its part of a list. */
int ndr_class_compare(const struct ndr_class *a, const uint16_t *list_a,
                      const struct ndr_class *b, const uint16_t *list_b);

/* JOINT: the pixels of one unit's masks in each class. */
struct ndr_joint_class {
	uint32_t class, zero;
	uint64_t pixels;
};
struct ndr_joint {
	uint32_t unit;
	uint64_t count;
	const struct ndr_joint_class *class; /* (count), ascending, none empty */
};
struct ndr_joint ndr_joint_view(const struct ndr_record *rec);
struct ndr_joint_class *ndr_joint_add(struct ndr_item *item, uint32_t layer,
                                      const struct ndr_joint *j, struct error *e) CHECK_RESULT;

/* MAXIMA: in how many images the maximum of one unit's map lies in which bin, and one image
 * of each. */
enum { NDR_MAXIMA_BITS = 12 }; /* the high ones of an ordered float: 8 bins an octave */
struct ndr_maxima_bin {
	uint32_t bin;  /* as in SKETCH, of fewer bits */
	uint32_t item; /* of the images in it that of the least rank */
	float value;   /* its maximum, zero positive */
	uint32_t zero;
	uint64_t images; /* at least 1 */
};
struct ndr_maxima {
	uint32_t unit;
	uint64_t count;
	const struct ndr_maxima_bin *bin; /* (count), ascending, none empty */
};
struct ndr_maxima ndr_maxima_view(const struct ndr_record *rec);
struct ndr_maxima_bin *ndr_maxima_add(struct ndr_item *item, uint32_t layer,
                                      const struct ndr_maxima *m, struct error *e) CHECK_RESULT;

/* LINEAR: y = f(A x + b) instead of the units x. */
enum ndr_activation { NDR_LINEAR_NONE, NDR_LINEAR_RELU };
struct ndr_linear {
	uint32_t rows, columns;
	enum ndr_activation activation;
	const float *matrix; /* (rows, columns) */
	const float *bias;   /* (rows) */
};
struct ndr_linear ndr_linear_view(const struct ndr_record *rec);
int ndr_linear_add(struct ndr_item *item, uint32_t layer, const struct ndr_linear *l,
                   float **matrix, float **bias, struct error *e) CHECK_RESULT;

#endif
