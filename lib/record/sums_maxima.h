/* sums_maxima.h -- MAXIMA of several parts; private to lib/record. */
#ifndef RECORD_SUMS_MAXIMA_H
#define RECORD_SUMS_MAXIMA_H

#include "record/ndr.h"

/* Add another MAXIMA of the unit to *sum, whose data is made anew. */
int sums_maxima_merge(struct ndr_record *sum, const struct ndr_record *rec,
                      struct error *e) CHECK_RESULT;

#endif
