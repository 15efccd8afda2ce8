/* onnx_scope.h -- where a node stands, and the node as it is written there; private to the
 * reader of nodes. */
#ifndef MODEL_ONNX_SCOPE_H
#define MODEL_ONNX_SCOPE_H

#include "graph/graph.h"

enum { FORMALS_MAX = 256 }; /* inputs and outputs of a function */

struct onnx_operators;

/* Where a node stands: in the model's graph, a branch of an If, or a function. */
struct scope {
	const struct scope *outer; /* of a branch: where names that it does not make are */
	struct onnx_operators *operators;
	int opset, depth;
	const char *prefix; /* of the names made here */
	/* Of a function: what stands for its inputs and outputs, and its attributes. */
	struct bytes formals[FORMALS_MAX];
	size_t actual[FORMALS_MAX], n_formals;
	const struct attribute *attributes;
	size_t n_attributes;
};

/* What a NodeProto says but for its attributes. */
struct called {
	struct bytes name, type, domain, overload;
	size_t n_inputs, n_outputs, n_attributes;
	struct bytes first; /* output */
};

/* The tensor that a name stands for, in a node that makes it or reads it.  NO_TENSOR: with e
 * set, or of a function's missing input. */
size_t onnx_find_tensor(struct graph *g, const struct scope *s, struct bytes name, bool makes,
                        struct error *e);

/* ---- a NodeProto; all give -1 with e set ---- */

int onnx_read_called(const struct graph *g, struct bytes message, struct called *c,
                     struct error *e) CHECK_RESULT;
/* Why an operator of that name is none of ours, as struct node has it; or NULL. */
int onnx_read_origin(struct graph *g, const struct called *c, const char **origin,
                     struct error *e) CHECK_RESULT;
/* The inputs and outputs of a node. */
int onnx_read_ends(struct graph *g, const struct scope *s, struct bytes message,
                   const struct called *c, size_t **inputs, size_t **outputs,
                   struct error *e) CHECK_RESULT;
/* Attributes of a node (field 5), or those that a function has by default (11), behind the *n
 * that are in out; one that refers to none is left out. */
int onnx_read_attributes(struct graph *g, const struct scope *s, struct bytes message,
                         uint32_t number, struct attribute *out, size_t *n,
                         struct error *e) CHECK_RESULT;
/* Append a node of that type; name: NULL, that of its first output.  NULL with e set. */
struct node *onnx_add_node(struct graph *g, const char *type, const char *name, int opset,
                           size_t *inputs, size_t n_inputs, size_t *outputs, size_t n_outputs,
                           struct error *e) CHECK_RESULT;
/* A node as it stands there; origin: why its operator is none of ours, or NULL. */
int onnx_read_plain(struct graph *g, const struct scope *s, struct bytes message,
                    const struct called *c, const char *origin, struct error *e) CHECK_RESULT;

#endif
