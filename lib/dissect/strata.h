/* strata.h -- which images can stand for each other, and permutations of them.
 *
 * Under the hypothesis that a unit's masks do not depend on which image of a stratum they
 * are of, a permutation within the stratum is as likely as the order that was seen.  Images
 * that belong together, frames of a video, are no such: where they are a block, blocks are
 * put in another order, and the images of a block keep theirs. */
#ifndef DISSECT_STRATA_H
#define DISSECT_STRATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct strata_image {
	const char *stratum; /* images of one have the same text here */
	const char *block; /* and so have those of one block in it; NULL: a block of its own */
	const char *name;  /* images of a block follow each other by name */
	uint32_t number;   /* no two have one */
};

struct strata {
	size_t images, blocks, strata;
	size_t *image;   /* (images): which, in order */
	size_t *block;   /* (blocks + 1): where each begins in image */
	size_t *stratum; /* (strata + 1): which block each begins with */
};

/* Sort images: by stratum, block, name, number; those that are blocks of their own come by
 * number, before others.  Zero s before, free it also after an error. */
int strata_find(struct strata *s, const struct strata_image *image, size_t images,
                struct error *e) CHECK_RESULT;
void strata_free(struct strata *s);
/* Whether a stratum has but one block, so that nothing in it can change places. */
bool strata_single(const struct strata *s, size_t stratum);

/* Put the blocks of each stratum in an order that the seed says, all orders being as likely,
 * and write to from (images) which image stands where each one stood; it may be itself. */
int strata_permute(const struct strata *s, uint64_t seed, size_t *from,
                   struct error *e) CHECK_RESULT;

#endif
