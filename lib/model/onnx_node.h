/* onnx_node.h -- NodeProto to nodes, and the graphs that stand inside of nodes.
 *
 * A node that is a function of the model becomes the nodes of that function, and an If those of
 * both its branches, with a node If for each of its outputs that takes one of two tensors.  The
 * tensors inside have the name of the first output before their own: "y/then/a". */
#ifndef MODEL_ONNX_NODE_H
#define MODEL_ONNX_NODE_H

#include "graph/graph.h"

enum { OPSET_MAX = 25, FUNCTIONS_MAX = 1024 };

/* What a model says of its operators. */
struct onnx_operators {
	int opset;
	struct onnx_function {
		struct bytes domain, name, overload, message;
	} functions[FUNCTIONS_MAX];
	size_t n_functions;
	size_t expanded; /* functions and branches that were read, each time */
	size_t bytes;    /* of them */
};

/* An OperatorSetIdProto: the version if it is the standard set, else opset. */
int onnx_opset(struct bytes message, int opset);
/* Take note of a FunctionProto.  EXIT_MALFORMED where there are too many. */
int onnx_function(const struct graph *g, struct onnx_operators *o, struct bytes message,
                  struct error *e) CHECK_RESULT;

/* A node of the model's graph.  -1 with e set. */
int onnx_node(struct graph *g, struct bytes message, struct onnx_operators *o,
              struct error *e) CHECK_RESULT;
#endif
