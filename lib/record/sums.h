/* sums.h -- what the parts of a stream say of the whole, put together record by record,
 * in whatever order the parts come.  ndr(5) says of each type how.  What comes out is
 * what one run over all items would have written. */
#ifndef RECORD_SUMS_H
#define RECORD_SUMS_H

#include "record/ndr.h"

struct ndr_sums;

/* For parts of that META, which must outlive the sums, in at most limit bytes. */
struct ndr_sums *ndr_sums_new(const struct ndr_meta *m, uint64_t limit,
                              struct error *e) CHECK_RESULT;
void ndr_sums_free(struct ndr_sums *s);

/* The records of a part in their order, one part after the other.  1: rec has gone into a
 * sum; 0: it is to be copied, as it is none that adds up, or the first MATRIX or LINEAR,
 * which all parts share.  SKETCH is not known here: dissect/sketch.h merges it. */
int ndr_sums_add(struct ndr_sums *s, const struct ndr_record *rec,
                 struct error *e) CHECK_RESULT;
/* All sums, after the last part. */
int ndr_sums_write(struct ndr_sums *s, struct ndr_writer *w, struct error *e) CHECK_RESULT;

#endif
