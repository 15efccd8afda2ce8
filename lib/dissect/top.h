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
};

int top_init(struct top *t, size_t units, size_t k, struct error *e) CHECK_RESULT;
void top_free(struct top *t);

/* The maximum of each map (units, cells) to values (units). */
void top_values(const float *maps, size_t units, size_t cells, float *values);

/* Offer an image to one unit; an item is offered once. */
void top_offer(struct top *t, size_t unit, double value, uint32_t item);

#endif
