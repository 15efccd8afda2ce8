/* chosen.h -- the items that a stream of strongest images names: TOP, MAXIMA -> a set. */
#ifndef STAGE_CHOSEN_H
#define STAGE_CHOSEN_H

#include "record/ndr.h"

/* Of MAXIMA, images at so many quantiles of a unit's maxima: the one that stands for the bin
 * which maxima_quantile() finds. */
enum { CHOSEN_SHARES = 4 };
extern const double chosen_share[CHOSEN_SHARES]; /* descending */

struct chosen {
	uint64_t items; /* of the data set */
	uint64_t count; /* of them in the set */
	bool *has;      /* (items); NULL: nothing was read */
};

/* Read all TOP and MAXIMA records of the named stream ("-": standard input), in all its
 * segments, into a zeroed c, for a data set of so many items.  EXIT_MALFORMED if the stream is
 * of another, or has no TOP. */
int chosen_read(struct chosen *c, const char *name, uint64_t items, uint64_t most_label_pixels,
                struct error *e) CHECK_RESULT;
void chosen_free(struct chosen *c);

/* How many items numbered from first up to end are in the set. */
uint64_t chosen_count(const struct chosen *c, uint64_t first, uint64_t end);

#endif
