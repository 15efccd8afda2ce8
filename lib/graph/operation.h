/* operation.h -- what an operator is.
 *
 * infer() checks a node once, sets its outputs' kinds and shapes and leaves what
 * run() needs in node->params.  run() only computes: everything that depends on
 * the file has been checked.  The same run() folds constants at open. */
#ifndef GRAPH_OPERATION_H
#define GRAPH_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct graph;
struct node;
struct geometry;
struct run; /* operator/operator.h, as are these: what the room above knows */
struct prepared;

/* How to compute convolutions: what the layer's sizes make cheapest, or one way wherever
 * it fits. */
enum convolution_choice { CONVOLUTION_AUTO, CONVOLUTION_DIRECT, CONVOLUTION_WINOGRAD };

/* Add the effect of an operator on geometry.  out is that of output 0 on call:
 * the join of the inputs'. */
typedef void geometry_rule(const struct graph *g, const struct node *n, struct geometry *out);

struct operation {
	const char *name;
	int (*infer)(struct graph *g, struct node *n, struct error *e);
	int (*run)(const struct run *r, struct error *e);
	geometry_rule *geometry;
	size_t (*scratch)(const struct graph *g, const struct node *n); /* NULL: none */
	/* Called once for a plan, with the values of input 1, or NULL if they depend on the
	 * image.  p is zeroed; free() p->weights.  NULL: nothing to prepare. */
	int (*prepare)(const struct graph *g, const struct node *n, const float *weights,
	               enum convolution_choice wish, size_t images, struct prepared *p,
	               struct error *e);
	/* Can run() work on blocked values?  NULL: no. */
	bool (*blocked)(const struct graph *g, const struct node *n);
	bool joins;  /* all inputs are maps, not the first alone */
	bool always; /* it works on blocked values only */
	bool many;   /* run() takes several images at once */
	bool view;   /* output 0 is input 0's values in the same order */
	bool clamps; /* run() obeys clamp */
	/* The params of output i, where each output has its own.  NULL: all have the node's. */
	void *(*part)(const struct node *n, size_t i);
	bool activation; /* an activation function */
	bool constant;   /* needs only its inputs' shapes */
};

/* What a graph needs of the operators, handed in from above. */
struct operator_table {
	/* The operator of that name, or NULL. */
	const struct operation *(*find)(const char *type);
	/* Compute a node whose inputs are known. */
	int (*compute)(const struct graph *g, const struct node *n, const void *const *in,
	               void *const *out, struct error *e);
};

#endif
