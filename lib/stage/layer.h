/* layer.h -- a layer as people describe it. */
#ifndef STAGE_LAYER_H
#define STAGE_LAYER_H

#include "record/ndr.h"

/* As typed: "8" for both axes, or "8,9"; NULL: not given. */
struct layer_text {
	const char *name, *input, *offset, *stride, *size; /* see struct ndr_layer */
};

/* Make a layer of that shape (units, height, width) the only one of m.  What is not given is as
 * in m's layer of that name, or in its only one if no name is given.  EXIT_USAGE, naming the
 * option, at what is no such number. */
int layer_describe(struct ndr_meta *m, const struct layer_text *t,
                   const uint32_t shape[static 3], struct error *e) CHECK_RESULT;

#endif
