/* top.h -- the images that a unit responds to most.
 *
 * An image's value for a unit is the maximum of the unit's map over it.  Among
 * equal values the lower item comes first, so the k strongest of a set of images
 * do not depend on the order in which they are seen, and the strongest of
 * several sets are among the strongest of each. */
#ifndef DISSECT_TOP_H
#define DISSECT_TOP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct top_image {
	double value;
	double item;
};

struct top {
	size_t units, k;
	size_t *count; /* (units): images known so far, at most k */
	struct top_image
	        *image; /* (units, k): strongest first; {0, -1} where there are fewer */
	size_t cells;   /* of the maps that are kept; 0: none are */
	size_t *place;  /* (units, k): where in maps an image's is, from 0 to k - 1 */
	float *maps;    /* (units, k, cells) */
};

int top_init(struct top *t, size_t units, size_t k, struct error *e) CHECK_RESULT;
/* Keep the maps too, of so many cells; before the first offer. */
int top_keep_maps(struct top *t, size_t cells, struct error *e) CHECK_RESULT;
void top_free(struct top *t);

/* The maximum of each map (units, cells) to values (units). */
void top_values(const float *maps, size_t units, size_t cells, float *values);

/* Offer an image to one unit; an item is offered once.  map (cells) is copied if maps
 * are kept and it is among the strongest. */
void top_offer(struct top *t, size_t unit, double value, uint32_t item, const float *map);

/* A unit's map (cells) at its rank-th strongest image, from 0; NULL: there are fewer. */
const float *top_map(const struct top *t, size_t unit, size_t rank);

#endif
