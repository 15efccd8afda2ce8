/* sums_top.h -- TOP of several parts, with the maps beside it; private to lib/record. */
#ifndef RECORD_SUMS_TOP_H
#define RECORD_SUMS_TOP_H

#include "record/ndr.h"

struct top_sum;

void sums_top_free(struct top_sum *t);
/* A part's TOP: the first into *t, NULL until then. */
int sums_top_add(struct top_sum **t, const struct ndr_record *rec,
                 const struct ndr_layer *layer, struct error *e) CHECK_RESULT;
/* A TOPMAP of that part. */
int sums_top_add_maps(struct top_sum *t, const struct ndr_record *rec,
                      struct error *e) CHECK_RESULT;
/* What it takes. */
uint64_t sums_top_bytes(const struct top_sum *t);
/* TOP, and TOPMAP if the parts had it. */
int sums_top_write(const struct top_sum *t, struct ndr_writer *w, struct error *e) CHECK_RESULT;

#endif
