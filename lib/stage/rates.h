/* rates.h -- intervals of false discovery rates, from the counts of ranges of images: SCORE and
 * CHANCE of several segments -> columns of a table. */
#ifndef STAGE_RATES_H
#define STAGE_RATES_H

#include "stage/significance.h"

/* What was counted in a range of images. */
struct rates_range {
	uint64_t *scores;    /* (units, labels, 3) as SCORE */
	uint64_t *permuted;  /* (permutations, units, labels): intersections */
	size_t filled, room; /* of permuted, numbers */
};

struct rates_layer {
	size_t units, labels;
	size_t ranges, capacity;
	struct rates_range *range; /* (ranges) */
	uint64_t *seed;            /* (seeds): of the first range's permutations, ascending */
	size_t seeds, seed_room;
};

/* Zero it before use, free it also after an error. */
struct rates {
	size_t layers;
	struct rates_layer *layer;
	uint64_t used;
};

/* Read all of a stream with the META m, at most limit bytes of counts.  EXIT_MALFORMED where
 * META is another, or ranges have other permutations than the first one. */
int rates_read(struct rates *r, const char *path, const struct ndr_meta *m, uint64_t limit,
               struct error *e) CHECK_RESULT;
void rates_free(struct rates *r);

/* The interval of each rate of s, which is finished: over so many samples of ranges, drawn with
 * replacement from that seed, and the permutations that they were counted with.  EXIT_USAGE if
 * there are fewer than two ranges, EXIT_MALFORMED if they do not add up to the scores of s. */
int rates_put(const struct rates *r, struct significance *s, size_t samples, uint64_t seed,
              struct error *e) CHECK_RESULT;

#endif
