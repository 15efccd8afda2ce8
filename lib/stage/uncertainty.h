/* uncertainty.h -- intervals of IoUs, from the counts of blocks of images: SCORE of several
 * segments -> columns of a result. */
#ifndef STAGE_UNCERTAINTY_H
#define STAGE_UNCERTAINTY_H

#include "record/ndr.h"
#include "table/result.h"

/* SCORE records of a layer, a segment each. */
struct uncertainty_layer {
	size_t blocks, capacity;
	uint64_t **scores; /* (blocks): (units, labels, 3) */
};

/* Zero it before use. */
struct uncertainty {
	size_t layers;
	struct uncertainty_layer *layer;
	uint64_t used;
};

/* Keep a record, if it is a SCORE, of a stream whose layers META has; all of them in at most
 * limit bytes. */
int uncertainty_add(struct uncertainty *u, const struct ndr_meta *m,
                    const struct ndr_record *rec, uint64_t limit, struct error *e) CHECK_RESULT;
/* The intervals of the units' scores in a result of the layer, whose labels are m's, and
 * whether the cut is within: the label of each stays, the images change.  EXIT_USAGE if there
 * are fewer than two blocks. */
int uncertainty_put(const struct uncertainty *u, const struct ndr_meta *m, size_t layer,
                    size_t samples, uint64_t seed, double cut, struct result *r,
                    struct error *e) CHECK_RESULT;
void uncertainty_free(struct uncertainty *u);

#endif
