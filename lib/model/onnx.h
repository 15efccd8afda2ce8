/* onnx.h -- reading ONNX models. */
#ifndef MODEL_ONNX_H
#define MODEL_ONNX_H

#include "graph/graph.h"

/* Read the file at g->path into an empty graph.  dims of the image are 0 where the model
 * leaves them open.  -1 with e set. */
int onnx_read(struct graph *g, struct error *e) CHECK_RESULT;

/* Read the file and settle everything in it; height and width serve where it leaves the
 * size of the image open (0: not given, EXIT_USAGE where it is needed).  -1 with e set. */
int onnx_open(struct graph *g, size_t height, size_t width, struct error *e) CHECK_RESULT;

/* ---- for the files of the reader ---- */

/* A TensorProto; name (NULL: not wanted) may be empty.  -1 with e set. */
int onnx_tensor(struct graph *g, struct bytes message, struct literal *l, struct bytes *name,
                struct error *e) CHECK_RESULT;

/* An AttributeProto into a zeroed attribute; *refers (NULL on call): the attribute of a
 * function that it takes its value from, if it does.  -1 with e set. */
int onnx_attribute(struct graph *g, struct bytes message, struct attribute *a,
                   const char **refers, struct error *e) CHECK_RESULT;

/* EXIT_MALFORMED: the file is not an ONNX model.  Always -1. */
int onnx_malformed(const struct graph *g, struct error *e, const char *what);

#endif
