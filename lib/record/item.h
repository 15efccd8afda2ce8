/* item.h -- room in an item's memory; private to lib/record. */
#ifndef RECORD_ITEM_H
#define RECORD_ITEM_H

#include "record/ndr.h"

/* n bytes and padding, not zeroed, 64-byte aligned; they live as long as the
 * item's records. */
void *item_room(struct ndr_item *item, size_t n, struct error *e) CHECK_RESULT;
/* Return what the last item_room() of n bytes gave. */
void item_give_back(struct ndr_item *item, size_t n);

#endif
