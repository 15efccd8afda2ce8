/* caffe.h -- reading Caffe models.
 *
 *	deploy.prototxt --prototxt.c--> fields --caffe.c--> layers
 *	        --caffe_layers.c--> nodes, with weights --caffe_weights.c-- .caffemodel
 *
 * Fields and enums: caffe.proto of BVLC's Caffe, both LayerParameter ("layer") and
 * the older V1LayerParameter ("layers"). */
#ifndef MODEL_CAFFE_H
#define MODEL_CAFFE_H

#include "graph/graph.h"

/* Read the description at g->path into an empty graph and settle everything in it; height
 * and width serve where it leaves the size of the image open (0: not given).  weights: the
 * path of a .caffemodel, which outlives the graph; or NULL: then layers that need them
 * can't be computed, but have shapes.  -1 with e set. */
int caffe_read(struct graph *g, const char *weights, size_t height, size_t width,
               struct error *e) CHECK_RESULT;

#endif
