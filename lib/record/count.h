/* count.h -- how many records there are of each type; private to lib/record.
 *
 * Most streams are short and have few types, all of them ours: counts come in pages, the
 * first of which has room for those. */
#ifndef RECORD_COUNT_H
#define RECORD_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { COUNT_PAGE = 256, COUNT_PAGES = 256 };

/* Zero it before first use. */
struct type_counts {
	uint64_t first[COUNT_PAGE];
	uint64_t *page[COUNT_PAGES]; /* (COUNT_PAGE) each, or NULL: none; page[0] is unused */
};

void counts_free(struct type_counts *c);
int counts_add(struct type_counts *c, uint16_t type, struct error *e) CHECK_RESULT;
void counts_clear(struct type_counts *c);
/* Records of that type. */
uint64_t counts_of(const struct type_counts *c, uint16_t type);
/* How many types there are. */
size_t counts_types(const struct type_counts *c);
/* The least type from that one on of which there is a record; UINT16_MAX + 1: there is none. */
uint32_t counts_next(const struct type_counts *c, uint32_t from);

#endif
