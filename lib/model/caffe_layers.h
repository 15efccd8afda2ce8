/* caffe_layers.h -- layers to nodes. */
#ifndef MODEL_CAFFE_LAYERS_H
#define MODEL_CAFFE_LAYERS_H

#include "model/caffe_nodes.h"

/* Append the nodes that compute a layer's tops and settle them.  A layer that can't be
 * computed leaves the reason in a node; -1 is for what concerns the whole model. */
int caffe_build(struct caffe *c, struct caffe_layer *l, struct error *e);

#endif
