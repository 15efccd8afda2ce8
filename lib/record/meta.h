/* meta.h -- META's payload, sorted lines of key=value, and the struct that they stand for;
 * private to lib/record.
 *
 *	category.1=color
 *	dataset.items=3495
 *	label.13=2 person                  primary category 2
 *	layer.0.name=fire9/concat
 *	layer.0.shape=512 13 13            units, height, width
 *	layer.0.input=227 227              height, width
 *	layer.0.offset=9 9                 y, x, as are stride and size
 *
 * Values escape % and control characters as %XX. */
#ifndef RECORD_META_H
#define RECORD_META_H

#include "record/ndr.h"

/* Make array[index], an element of that size, exist in an array of *count that grows by this
 * alone.  What lies between is zero. */
int meta_append(void *array, size_t *count, size_t index, size_t size,
                struct error *e) CHECK_RESULT;
/* Keep a key that this version does not know. */
int meta_add_pair(struct ndr_meta *m, const char *key, const char *value,
                  struct error *e) CHECK_RESULT;

#endif
