/* caffe.h -- what the files that read Caffe models share.
 *
 *	deploy.prototxt --prototxt.c--> fields --caffe.c--> layers
 *	        --caffe_layers.c--> nodes, with weights --caffe_weights.c-- .caffemodel
 *
 * Fields and enums: caffe.proto of BVLC's Caffe, both LayerParameter ("layer") and
 * the older V1LayerParameter ("layers"). */
#ifndef MODEL_CAFFE_H
#define MODEL_CAFFE_H

#include "graph/graph.h"
#include "model/prototxt.h"

#define NO_LAYER ((size_t)-1)

struct caffe_layer {
	const struct prototxt_field *field; /* NULL: an input */
	const char *name, *type;            /* as "layer" spells types */
	size_t n_bottoms, n_tops;
	size_t *bottoms, *tops; /* tensors; before they are linked, those of the blobs */
	size_t *next;           /* by top: the layer that overwrites it in place, or NO_LAYER */
	struct shape shape;     /* of an input; dims left open are 0 */
	const char *fault;      /* what is wrong with its weights; or NULL */
};

struct caffe {
	struct graph *g;
	struct prototxt *text;
	struct caffe_weights *weights; /* NULL: none */
	struct caffe_layer *layers;
	size_t n_layers, cap_layers;
};

/* A tensor with a name that no other has: the text, or that and a number from 2.
 * NO_TENSOR with e set. */
size_t caffe_tensor(struct graph *g, struct error *e, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* ---- caffe_layers.c ---- */

/* Append the nodes that compute a layer's tops and settle them.  A layer that can't be
 * computed leaves the reason in a node; -1 is for what concerns the whole model. */
int caffe_build(struct caffe *c, struct caffe_layer *l, struct error *e);

/* ---- caffe_types.c ---- */

/* Is it of a type that does nothing when the network is used: data, loss, accuracy? */
bool caffe_is_idle(const char *type);

/* The type of a layer; NULL with e set. */
const char *caffe_type(const struct prototxt *p, const struct prototxt_field *layer,
                       struct error *e);

/* ---- caffe_weights.c ---- */

struct caffe_weights;
struct caffe_stored; /* a layer in them */

/* Index the layers of the file, which stays mapped as long as the graph. */
struct caffe_weights *caffe_weights_open(struct graph *g, const char *path, struct error *e);
void caffe_weights_free(struct caffe_weights *w);
const char *caffe_weights_path(const struct caffe_weights *w);

/* The layer of that name, the last if there are several; or NULL. */
const struct caffe_stored *caffe_weights_find(const struct caffe_weights *w, const char *name);
/* How many blobs of values it has. */
int caffe_stored_count(const struct caffe_weights *w, const struct caffe_stored *s,
                       size_t *count, struct error *e);
/* Blob i, which is there; a shape that the file doesn't tell is the number of values. */
int caffe_stored_blob(const struct caffe_weights *w, const struct caffe_stored *s, size_t i,
                      struct literal *l, struct error *e);

#endif
