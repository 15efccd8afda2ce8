/* layer.h -- a layer of a stream, as people choose and describe it, and by itself. */
#ifndef STAGE_LAYER_H
#define STAGE_LAYER_H

#include "dissect/upsample.h"
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

/* The layer of that name, or the only one where it is NULL, to *layer.  EXIT_USAGE where there
 * is no such one or several, EXIT_MALFORMED where there is none at all. */
int layer_choose(const struct ndr_meta *m, const char *name, uint32_t *layer,
                 struct error *e) CHECK_RESULT;

/* Where its cells sit, y then x; pixels are for the caller to set. */
void layer_geometry(const struct ndr_layer *l, struct upsample_geometry g[static 2]);

/* META with that layer alone, into a zeroed one, to free. */
int layer_meta(const struct ndr_meta *m, size_t layer, struct ndr_meta *one,
               struct error *e) CHECK_RESULT;
/* Of an item what is of that layer, whose group becomes 0, and of none, into out.  Data is
 * shared: in must outlive out. */
int layer_item(const struct ndr_meta *m, size_t layer, const struct ndr_item *in,
               struct ndr_item *out, struct error *e) CHECK_RESULT;
/* DIRECTORY/LAYER and suffix, with LAYER by file_name_clean() and begun by neither '-' nor '.',
 * to free(); NULL with e set. */
char *layer_path(const char *directory, const char *layer, const char *suffix,
                 struct error *e) CHECK_RESULT;

#endif
