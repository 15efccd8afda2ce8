/* removal.h -- what taking units out of a layer does to the classes that the network names:
 * ACT, LABEL -> sets of units, and how much worse each class is told without them.
 *
 * Of the images of a stream, those that train say in which order units matter, what their
 * means are and which class goes with a concept; effects are measured on the others. */
#ifndef REMOVAL_REMOVAL_H
#define REMOVAL_REMOVAL_H

#include "dissect/accuracy.h"
#include "dissect/intersect.h"
#include "record/ndr.h"
#include "stage/classes.h"
#include "stage/truth.h"
#include "table/result.h"

/* What a user chooses; category or truth_file says an image's class. */
struct removal_choice {
	const char *layer, *category, *truth_file, *class_file;
	double share;   /* of the images that train: see features.h */
	bool to_mean;   /* units become their mean, not 0 */
	uint64_t bytes; /* that are kept at most */
};

enum { REMOVAL_TRAIN, REMOVAL_TEST, REMOVAL_SIDES };
/* What is measured of a class: balanced accuracy, mean logit. */
enum { REMOVAL_ACCURACY, REMOVAL_LOGIT, REMOVAL_MEASURES };

struct removal_image {
	uint32_t class;
	float *row; /* (units, cells) */
};

/* Set choice, all else to zero; removal_free() also after an error. */
struct removal {
	const struct removal_choice *choice;
	uint64_t without_class, foreign; /* images left out: nothing says their class, or no
	                                    unit stands for it */
	uint32_t layer;
	size_t units, cells;
	struct classes classes;
	size_t images[REMOVAL_SIDES];
	struct removal_image *image[REMOVAL_SIDES];
	uint64_t *of_class[REMOVAL_SIDES]; /* (classes): images */
	double *mean;                      /* (units): on the images that train */
	float *value;                      /* (units): what they become */
	double *base[REMOVAL_SIDES];       /* (classes, REMOVAL_MEASURES), with all units */
	/* private: */
	size_t room[REMOVAL_SIDES];
	uint64_t bytes;
	struct ndr_meta meta;
	struct truth truth;
	int *label_category;
	struct label_categories known;
	struct image_labels labels;
	uint64_t *holds; /* (labels, classes): images that train, of the class, with the label
	                  */
};

/* The first segment: its layer, and the classes that so many logits stand for. */
int removal_open(struct removal *r, const struct ndr_meta *m, size_t logits,
                 struct error *e) CHECK_RESULT;
/* An item, in order.  EXIT_SYSTEM beyond the bytes. */
int removal_add(struct removal *r, const struct ndr_item *item, struct error *e) CHECK_RESULT;
/* All came: means.  EXIT_MALFORMED where a side has no images. */
int removal_finish(struct removal *r, struct error *e) CHECK_RESULT;
void removal_free(struct removal *r);

/* ---- sets ---- */

/* Some units, and what they are for. */
struct removal_set {
	size_t of;      /* number of the concept or class */
	size_t number;  /* 0: its own; from 1 on random ones */
	size_t size;    /* at least 1 */
	uint32_t *unit; /* (size): ascending, from 0 */
	double *drop; /* (classes, REMOVAL_MEASURES): how much less than base; NAN: not known */
};

struct removal_sets {
	size_t count, capacity;
	struct removal_set *set;
};

/* A copy of these units.  NULL with e set. */
struct removal_set *removal_sets_add(struct removal_sets *s, const struct removal *r, size_t of,
                                     size_t number, const uint32_t *unit, size_t size,
                                     struct error *e) CHECK_RESULT;
void removal_sets_free(struct removal_sets *s);

/* Concepts that units detect, and the class that goes with each: that of its name, or else that
 * whose images that train hold it most often, compared to those of other classes. */
struct removal_concept {
	const char *name;     /* the result's */
	long class;           /* or -1: no image that trains holds it */
	bool named;           /* has its name */
	double with, without; /* share of images that hold it, of the class and of the others */
};
struct removal_concepts {
	size_t count, capacity;
	struct removal_concept *concept;
};
/* The concepts of a result's detectors, above cut, by name, and a set for each.  EXIT_MALFORMED
 * where a unit is not the layer's. */
int removal_concepts(struct removal_concepts *c, struct removal_sets *s,
                     const struct removal *r, const struct result *result, double cut,
                     const char *name, struct error *e) CHECK_RESULT;
/* For each class that has images on both sides, its most important 1, 2, 4, 8 and 16 units, by
 * the drop of its accuracy and then of its logit in sets of one unit each (units). */
enum { REMOVAL_STEPS = 5 };
int removal_orders(struct removal_sets *s, const struct removal *r,
                   const struct removal_set *single, struct error *e) CHECK_RESULT;

/* ---- effects ---- */

/* The logits of n maps (units, cells), into out[i] (classes), on a thread. */
typedef int removal_logits(void *ctx, const float *const *map, size_t n, float *const *out,
                           size_t thread, struct error *e);

/* A thread's memory. */
struct removal_work {
	size_t group;
	float *map, *logit;  /* (group, units, cells), (group, classes) */
	const float **in;    /* (group) */
	float **out;         /* (group) */
	uint32_t *class;     /* (group) */
	struct accuracy *of; /* (classes) */
	double *measure;     /* (classes, REMOVAL_MEASURES) */
};
int removal_work_open(struct removal_work *w, const struct removal *r, size_t group,
                      struct error *e) CHECK_RESULT;
void removal_work_free(struct removal_work *w);

/* What is measured on a side without these units, into w->measure. */
int removal_measure(const struct removal *r, const uint32_t *unit, size_t size, int side,
                    struct removal_work *w, removal_logits *logits, void *ctx, size_t thread,
                    struct error *e) CHECK_RESULT;

/* The mean drop of all classes but that one; NAN: there are none. */
double removal_others(const struct removal *r, const struct removal_set *s, size_t class,
                      int measure);

#endif
