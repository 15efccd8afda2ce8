/* maxima.h -- in how many images a unit's maximum lies where, and an image for each place.
 *
 * Bins are the high bits of a float's place in the order of the floats, so they are the same
 * for all, and counts of several sets of images add up.  Which image stands for a bin is
 * chosen by the rank of its number alone (random_rank()): it is a random one of the bin's, the
 * same in whatever order they come, and often the same for many units. */
#ifndef DISSECT_MAXIMA_H
#define DISSECT_MAXIMA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Images whose maxima have the same high bits, as ordered.h orders them; see ndr(5) of MAXIMA.
 */
struct maxima_bin {
	uint32_t bin, item;
	float value; /* the item's */
	uint32_t zero;
	uint64_t images;
};

struct maxima_unit {
	size_t count, capacity;
	struct maxima_bin *bin; /* (count), ascending */
};

struct maxima {
	size_t units;
	unsigned bits; /* that choose a bin, 1 to 32 */
	struct maxima_unit *unit;
};

/* Without images yet, into a zeroed m; free it also after an error. */
int maxima_init(struct maxima *m, size_t units, unsigned bits, struct error *e) CHECK_RESULT;
void maxima_free(struct maxima *m);

/* An image's maximum, finite; an item is offered once to each unit. */
int maxima_offer(struct maxima *m, size_t unit, float value, uint32_t item,
                 struct error *e) CHECK_RESULT;

/* The bin (count of them, not empty) that holds the maximum which so great a share of the
 * images, 0 to 1, does not exceed: the least whose images, with those below it, are at least
 * that share. */
size_t maxima_quantile(const struct maxima_bin *bin, size_t count, double share);

#endif
