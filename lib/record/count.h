/* count.h -- how many records there are of each type; private to lib/record.
 *
 * Only what is counted is touched: most streams have few types, and are short. */
#ifndef RECORD_COUNT_H
#define RECORD_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct type_counts {
	uint64_t *of;   /* (65536) */
	uint16_t *type; /* (types): those that there are, in the order of their first */
	size_t types;
};

int counts_init(struct type_counts *c, struct error *e) CHECK_RESULT;
void counts_free(struct type_counts *c);
void counts_add(struct type_counts *c, uint16_t type);
void counts_clear(struct type_counts *c);
/* The types into ascending order. */
void counts_sort(struct type_counts *c);

#endif
