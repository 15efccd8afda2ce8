/* caffe_nodes.h -- making nodes and weights for Caffe layers.
 *
 * All functions settle what they add, so shapes are known as soon as they return.
 * Those that return a tensor give NO_TENSOR with e set. */
#ifndef MODEL_CAFFE_NODES_H
#define MODEL_CAFFE_NODES_H

#include "graph/graph.h"
#include "model/caffe_weights.h"
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
        __attribute__((format(printf, 3, 4))) CHECK_RESULT;

/* Append a copy of a node for the layer.  Its type, inputs, outputs and attributes (with
 * lists of integers) are to be filled in; the operator is meant as in CAFFE_OPSET. */
int caffe_node(struct caffe *c, struct caffe_layer *l, const struct node *like,
               struct error *e) CHECK_RESULT;
enum { CAFFE_OPSET = 13 };

/* From inputs, or all bottoms, to the layer's tops. */
int caffe_node_from(struct caffe *c, struct caffe_layer *l, const char *type,
                    const size_t *inputs, size_t n_inputs, struct attribute *attributes,
                    size_t n_attributes, struct error *e) CHECK_RESULT;
int caffe_node_of_bottoms(struct caffe *c, struct caffe_layer *l, const char *type,
                          struct attribute *attributes, size_t n_attributes,
                          struct error *e) CHECK_RESULT;
int caffe_unary(struct caffe *c, struct caffe_layer *l, const char *type, size_t in, size_t out,
                struct error *e) CHECK_RESULT;
int caffe_binary(struct caffe *c, struct caffe_layer *l, const char *type, size_t a, size_t b,
                 size_t out, struct error *e) CHECK_RESULT;
/* The same values in another shape; -1 stands for what is left. */
int caffe_reshape(struct caffe *c, struct caffe_layer *l, size_t in, const int64_t *dims,
                  size_t rank, size_t out, struct error *e) CHECK_RESULT;

/* A node that can't be computed: its operator is not known, or its inputs are not. */
int caffe_node_unknown(struct caffe *c, struct caffe_layer *l, struct error *e) CHECK_RESULT;
/* The same with a reason, which is prefixed with file, line and layer. */
int caffe_refuse(struct caffe *c, struct caffe_layer *l, struct error *e, const char *format,
                 ...) __attribute__((format(printf, 4, 5))) CHECK_RESULT;

/* A tensor of that shape that holds one value everywhere. */
size_t caffe_constant(struct caffe *c, struct caffe_layer *l, const struct shape *shape,
                      float value, struct error *e) CHECK_RESULT;

/* A list of n integers. */
size_t caffe_integers(struct caffe *c, struct caffe_layer *l, const int64_t *values, size_t n,
                      struct error *e) CHECK_RESULT;

/* Look for the layer's weights, which must be that many blobs.  If they are not there,
 * or one has another shape, the layer's nodes can't be computed, but have shapes. */
int caffe_need_blobs(struct caffe *c, struct caffe_layer *l, size_t need,
                     struct error *e) CHECK_RESULT;
/* Blob i, after that: the layer needs it in this shape. */
size_t caffe_weight(struct caffe *c, struct caffe_layer *l, size_t i, const struct shape *shape,
                    struct error *e) CHECK_RESULT;
/* Read a weight's values now, so that they can be changed; NULL if it has none, or with
 * e set. */
float *caffe_read_weight(struct caffe *c, size_t t, struct error *e) CHECK_RESULT;

#endif
