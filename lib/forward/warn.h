/* warn.h -- what is odd about what a user wants, or about what is done to a stream: warnings
 * that stay with the result. */
#ifndef FORWARD_WARN_H
#define FORWARD_WARN_H

#include "forward/forward.h"

/* Of the wanted tensors, and of values that were not asked for.  -1 with the tool's error set,
 * as below. */
int forward_warn(const struct forward *f) CHECK_RESULT;
/* Of what is done to the first item of a stream. */
int forward_warn_first(const struct forward *f, const struct ndr_item *first) CHECK_RESULT;

#endif
