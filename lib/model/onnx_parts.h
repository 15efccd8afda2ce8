/* onnx_parts.h -- messages that the reader of ONNX models finds in several places. */
#ifndef MODEL_ONNX_PARTS_H
#define MODEL_ONNX_PARTS_H

#include "graph/graph.h"
#include "model/protobuf.h"

/* A TensorProto; name (NULL: not wanted) may be empty.  -1 with e set. */
int onnx_tensor(struct graph *g, struct bytes message, struct literal *l, struct bytes *name,
                struct error *e) CHECK_RESULT;

/* A field of a GraphProto, if it is an initializer: values for the tensor that prefix and its
 * name make. */
int onnx_initializer(struct graph *g, const struct wire_field *f, const char *prefix,
                     struct error *e) CHECK_RESULT;

/* An AttributeProto into a zeroed attribute; *refers (NULL on call): the attribute of a
 * function that it takes its value from, if it does.  -1 with e set. */
int onnx_attribute(struct graph *g, struct bytes message, struct attribute *a,
                   const char **refers, struct error *e) CHECK_RESULT;

/* EXIT_MALFORMED: the file is not an ONNX model.  Always -1. */
int onnx_malformed(const struct graph *g, struct error *e, const char *what);

#endif
