/* labels.h -- the labels of an item, on the way to arithmetic: ITEM, LABEL -> struct
 * image_labels. */
#ifndef STAGE_LABELS_H
#define STAGE_LABELS_H

#include "dissect/intersect.h"
#include "record/ndr.h"

/* The item's labels, at their own size and finished, into image, which was set up for what
 * META knows; NULL, or an item without LABEL records: none.  EXIT_MALFORMED, naming the item,
 * at a number that is no label. */
int labels_of_item(struct image_labels *image, const struct ndr_item *item,
                   struct error *e) CHECK_RESULT;

#endif
