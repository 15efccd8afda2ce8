/* level.h -- a quantile level as the decimal number that a person typed.
 *
 * 0.005 has no exact binary form, so floor(0.005 * n) in floating point can miss
 * the integer that it should be.  Here q is a ratio of integers, and products
 * with sample counts are exact. */
#ifndef DISSECT_LEVEL_H
#define DISSECT_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* q = numerator / denominator in [0, 1); the denominator is a power of ten. */
struct level {
	uint64_t numerator, denominator;
	double value; /* nearest to q; level_from_value() gives the same level back */
};

/* Read "0.005", ".005" or "5e-3": at most 15 significant digits and 18 decimals.
 * EXIT_USAGE if it is anything else or outside [0, 1). */
int level_parse(struct level *l, const char *text, struct error *e) CHECK_RESULT;

/* The level whose value this is: the shortest decimal that gives the double, or
 * 18 decimals where more than 15 digits would be needed.  EXIT_MALFORMED if
 * it is outside [0, 1). */
int level_from_value(struct level *l, double value, struct error *e) CHECK_RESULT;

/* m = floor(q * samples): how many samples may lie above the threshold. */
uint64_t level_allowance(const struct level *l, uint64_t samples);

/* Whether so many samples sit at the threshold or above that it says nothing:
 * at_or_above > max(1, 2 * q * samples).  True of a dead unit, of a sparse one
 * whose threshold is 0, and of one that saturates; such a unit is segmented
 * with > in place of >=. */
bool level_is_tied(const struct level *l, uint64_t samples, uint64_t at_or_above);

#endif
