/* thresholds.h -- the thresholds of a THRESH stream, as bounds on samples. */
#ifndef STAGE_THRESHOLDS_H
#define STAGE_THRESHOLDS_H

#include "dissect/segment.h"
#include "record/ndr.h"

/* Zero it before use. */
struct thresholds {
	struct ndr_meta known;            /* the layers that they are of */
	struct ndr_provenance provenance; /* how they came about */
	float **bounds;                   /* (known.layers): (units), or NULL */
	struct threshold **row;           /* (known.layers): (units), or NULL: THRESH itself */
	size_t *ties; /* (known.layers): units whose mask is S > T, see segment_bounds() */
	/* private: */
	const char *file;
	bool strict;
};

/* Read them from the named stream, of one segment; strict: S > T for all units.  name must
 * outlive t.  Free t also after an error. */
int thresholds_read(struct thresholds *t, const char *name, bool strict,
                    uint64_t most_label_pixels, struct error *e) CHECK_RESULT;

/* The bounds (units) of a layer, by its name; NULL with e set, EXIT_MALFORMED, if there are
 * none that fit its units and basis. */
const float *thresholds_find(const struct thresholds *t, const struct ndr_layer *l,
                             struct error *e) CHECK_RESULT;

/* Their THRESH (units); NULL with e set likewise. */
const struct threshold *thresholds_rows(const struct thresholds *t, const struct ndr_layer *l,
                                        struct error *e) CHECK_RESULT;

void thresholds_free(struct thresholds *t);

#endif
