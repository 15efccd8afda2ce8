/* onnx.h -- reading ONNX models. */
#ifndef MODEL_ONNX_H
#define MODEL_ONNX_H

#include "graph/graph.h"

/* Read the file at g->path into an empty graph.  dims of the image are 0 where the model
 * leaves them open.  -1 with e set. */
int onnx_read(struct graph *g, struct error *e) CHECK_RESULT;

/* Read the file and settle everything in it; height and width serve where it leaves the
 * size of the image open (0: not given, EXIT_USAGE where it is needed); n inputs are given, see
 * graph_give().  -1 with e set. */
int onnx_open(struct graph *g, size_t height, size_t width, const struct graph_given *given,
              size_t n, struct error *e) CHECK_RESULT;

#endif
