/* match.h -- random sets of units that are like a given one.
 *
 * Units are near each other if what is known of them is: a number or two for each, such as the
 * mean activation and the norm of the outgoing weights, each divided by its standard deviation
 * over the units. */
#ifndef DISSECT_MATCH_H
#define DISSECT_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

/* Zero it before use; match_free() also after an error. */
struct match {
	size_t units, near;
	/* private: */
	uint32_t *order; /* (units, units): all by their distance from each, itself first */
};

/* b can be NULL.  near: how many of the nearest can stand for a unit, itself among them. */
int match_open(struct match *m, const double *a, const double *b, size_t units, size_t near,
               struct error *e) CHECK_RESULT;
void match_free(struct match *m);

/* Draw a set of that size for the given one: in random order, each of its units is replaced by
 * one of its nearest that is not drawn yet, all alike; where all are, by the next.  Ascending;
 * taken (units) is all zeros before and after. */
void match_draw(const struct match *m, struct xoshiro *x, const uint32_t *unit, size_t size,
                uint8_t *taken, uint32_t *drawn);

#endif
