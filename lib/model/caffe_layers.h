/* caffe_layers.h -- layers to nodes. */
#ifndef MODEL_CAFFE_LAYERS_H
#define MODEL_CAFFE_LAYERS_H

#include "model/caffe_nodes.h"

/* Append the nodes that compute a layer's tops and settle them.  A layer that can't be
 * computed leaves the reason in a node; -1 is for what concerns the whole model. */
int caffe_layers_build(struct caffe *c, struct caffe_layer *l, struct error *e) CHECK_RESULT;

/* Refuse a layer that has fields which are not known to change nothing; one of a type that is
 * not known passes, for it can't be built. */
int caffe_layers_check(const struct caffe *c, const struct prototxt_field *layer,
                       const char *type, struct error *e) CHECK_RESULT;

#endif
