/* activation.h -- the activations that a filter makes. */
#ifndef STAGE_ACTIVATION_H
#define STAGE_ACTIVATION_H

#include "record/ndr.h"

/* Whether a reader will take an ACT record that was made of item's: no value is NaN or
 * infinite.  Else EXIT_MALFORMED, naming item's input, item, layer and unit (from 0, as in
 * the record). */
int activation_check(const struct ndr_item *item, const struct ndr_record *act,
                     const char *layer, struct error *e) CHECK_RESULT;

#endif
