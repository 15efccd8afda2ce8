/* array.h -- the records of one type as one NumPy array; what each becomes: ndrtonpy(1).
 *
 * Records of items are stacked along a new first axis, as are the parts of what takes several
 * records; what has no shape of its own becomes a table, a row for each of its entries. */
#ifndef STAGE_ARRAY_H
#define STAGE_ARRAY_H

#include "stage/array_kinds.h"

/* Whether an array of that kind is made of items, all of which are wanted. */
bool array_is_of_items(enum array_kind kind);
/* A segment begins, read from the named input.  EXIT_USAGE if it does not have the chosen layer
 * or category, or several layers of which none is chosen. */
int array_segment(struct array *a, const struct ndr_meta *m, const char *input,
                  struct error *e) CHECK_RESULT;
/* Append what is chosen of an item.  EXIT_MALFORMED if items are not in order, an image or a
 * mask is of another size than the first, or two segments have what does not stack. */
int array_add(struct array *a, const struct ndr_item *item, struct error *e) CHECK_RESULT;
/* The array is whole.  EXIT_MALFORMED if there is nothing in it. */
int array_finish(struct array *a, struct error *e) CHECK_RESULT;
/* In the end, also after an error. */
int array_close(struct array *a, struct error *e) CHECK_RESULT;

#endif
