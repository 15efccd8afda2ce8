/* warn.h -- what is odd about what a user wants, or about what is done to a stream. */
#ifndef FORWARD_WARN_H
#define FORWARD_WARN_H

#include "forward/forward.h"

/* What is odd about a wanted tensor, to warn of: the which-th thing, from 0, as a line to
 * free(); NULL where there are no more, or with e set. */
char *forward_doubt(const struct network *net, size_t tensor, size_t which,
                    struct error *e) CHECK_RESULT;

/* What is odd about the wanted tensors, or about values that were not asked for, as
 * forward_doubt() says it. */
char *forward_warning(const struct forward *f, size_t which, struct error *e) CHECK_RESULT;
/* The same of what is done to the first item of a stream, or NULL. */
char *forward_image_warning(const struct forward *f, const struct ndr_item *first, size_t which,
                            struct error *e) CHECK_RESULT;

#endif
