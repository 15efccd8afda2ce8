/* paint.h -- what the units of a layer see in a picture: IMAGE, ACT and a result -> masks of
 * concepts, and a picture of them. */
#ifndef STAGE_PAINT_H
#define STAGE_PAINT_H

#include "base/text.h"
#include "dissect/segment.h"
#include "record/ndr.h"
#include "stage/thresholds.h"
#include "table/result.h"

/* A concept with the units that detect it, or a unit that was asked for by number. */
struct paint_concept {
	const char *label, *category;
	double score;   /* the greatest IoU of its units */
	uint32_t *unit; /* (units): from 0, best first */
	size_t units;
	float *bound; /* (units of the layer): infinite for those of others */
};

struct paint_choice {
	const char *units, *concepts; /* lists of numbers and names; NULL: all detectors */
	double cut;                   /* IoU above which a unit is a detector */
	enum upsample_method upsample;
	uint64_t most; /* concepts that are painted */
};

/* Set choice, threads and result before use, all else to zero. */
struct painter {
	const struct paint_choice *choice;
	const struct result *result;
	size_t threads;
	size_t concepts;
	struct paint_concept *concept;
	/* private: */
	struct ndr_layer layer; /* its strings are not known */
	const struct threshold *row;
	uint32_t group;
	struct segmenter *segmenter; /* (threads) */
};

/* Where a concept fires in one picture: the union of its units' masks, in pixels. */
struct paint_sight {
	size_t concept;
	uint32_t unit, fires;  /* the strongest of its units, from 0; how many fire */
	double peak, strength; /* of that unit: its map's maximum; 0 at the threshold, 1 at the
	                          greatest sample of all images */
	struct {
		uint32_t left, top, width, height;
	} box;
	uint64_t pixels;
	bool painted;
};

/* Choose concepts for the layer's thresholds, before the first picture.  EXIT_USAGE where a
 * list names what is not there; EXIT_MALFORMED where result and layer do not fit. */
int paint_begin(struct painter *p, const struct ndr_layer *l, uint32_t group,
                const struct thresholds *t, struct error *e) CHECK_RESULT;
void paint_end(struct painter *p);

/* Find what fires in an item that has IMAGE and ACT, strongest first: *n of *sight, to free().
 * Append a PNG file of the picture to png: the strongest concepts in their colours, the rest
 * dim, and below it a line of words for each. */
int paint_item(struct painter *p, const struct ndr_item *item, size_t thread,
               struct paint_sight **sight, size_t *n, struct text *png,
               struct error *e) CHECK_RESULT;

#endif
