/* item.h -- room in an item's memory; private to lib/record. */
#ifndef RECORD_ITEM_H
#define RECORD_ITEM_H

#include "record/ndr.h"

/* n bytes and padding, not zeroed, 64-byte aligned; they live as long as the
 * item's records. */
void *item_room(struct ndr_item *item, size_t n, struct error *e) CHECK_RESULT;
/* Whether item_room() has n bytes already. */
bool item_has_room(const struct ndr_item *item, size_t n);
/* The last n bytes of room are of no use any more. */
void item_abandon(struct ndr_item *item, size_t n);

/* ndr_seg_parse() with the reason why rec is not a SEG, or NULL. */
const char *seg_decode(const struct ndr_record *rec, uint32_t units, struct ndr_seg *seg);

#endif
