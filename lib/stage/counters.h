/* counters.h -- a counter for each of the ranges that a data set is divided into, so that each
 * range's counts can be a segment of their own. */
#ifndef STAGE_COUNTERS_H
#define STAGE_COUNTERS_H

#include "stage/counter.h"

struct counters {
	size_t count;
	struct counter *counter; /* (count): each of the items that counters_range() says */
	uint64_t items;          /* of the data set: n */
};

/* EXIT_USAGE, naming --segments, if a data set has fewer items than ranges. */
int counters_check_ranges(uint64_t items, uint64_t ranges, struct error *e) CHECK_RESULT;

/* Get ready for ranges, at least one, of the data set that masks is of: see counter_open() of
 * what else is given; several share the memory, and have one thread.  Zero it before, close it
 * also after an error. */
int counters_open(struct counters *c, size_t ranges, const struct ndr_meta *masks,
                  const struct ndr_meta *labels, size_t threads, uint64_t memory,
                  struct error *e) CHECK_RESULT;
void counters_close(struct counters *c);
/* On how many threads counters_add() can be called. */
size_t counters_threads(const struct counters *c);

/* Count an item in its range: see counter_add(). */
int counters_add(struct counters *c, size_t thread, const struct ndr_item *masks,
                 const struct ndr_item *labels, struct error *e) CHECK_RESULT;
/* Put together what the threads counted.  Once, before results are asked for. */
void counters_finish(struct counters *c);

/* The i-th range of the items of a data set, from i n / count up to (i + 1) n / count, where
 * all, the items that there are, holds it: 1, or 0 where all holds none of it.  EXIT_MALFORMED
 * where it holds a part. */
int counters_range(uint64_t items, size_t count, size_t i, const struct ndr_range *all,
                   struct ndr_range *range, struct error *e) CHECK_RESULT;

#endif
