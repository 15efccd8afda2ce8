/* sketches.h -- the sketches of parts, added up to those of the whole: SKETCH -> SKETCH. */
#ifndef STAGE_SKETCHES_H
#define STAGE_SKETCHES_H

#include "dissect/sketch.h"
#include "record/ndr.h"

/* Of a layer. */
struct sketches_of {
	struct ndr_record record; /* one of them, of which the data is gone */
	struct sketch *sketch;
};

/* Set the limit, all else to zero. */
struct sketches {
	uint64_t limit; /* bytes of memory for one layer's */
	size_t layers, capacity;
	struct sketches_of *of; /* (layers), in the order in which they came first */
};

/* Add a SKETCH; m is that of all parts.  EXIT_SYSTEM where they take too much memory. */
int sketches_add(struct sketches *s, const struct ndr_meta *m, const struct ndr_record *rec,
                 struct error *e) CHECK_RESULT;
/* Write the SKETCH of each unit that has samples. */
int sketches_write(const struct sketches *s, const struct ndr_meta *m, struct ndr_writer *w,
                   struct error *e) CHECK_RESULT;
void sketches_free(struct sketches *s);

#endif
