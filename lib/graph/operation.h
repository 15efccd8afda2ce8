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
struct shape;
/* Of the rooms above: */
struct run;
struct prepared;
struct clamp;
struct affine;

/* How to compute convolutions: what the layer's sizes make cheapest, or one way wherever
 * it fits. */
enum convolution_choice { CONVOLUTION_AUTO, CONVOLUTION_DIRECT, CONVOLUTION_WINOGRAD };

/* Add the effect of an operator on geometry.  out is that of output 0 on call:
 * the join of the inputs'. */
typedef void geometry_rule(const struct graph *g, const struct node *n, struct geometry *out);

/* Does a node take the channels of a map, axis 1, behind its positions, or bring them from
 * there? */
enum turn { TURN_NONE, TURN_TO_LAST, TURN_FROM_LAST };

/* Inputs of an operator that weighs.  A plan adds the last two where the node has none. */
enum { WEIGHED_MAP, WEIGHED_WEIGHTS, WEIGHED_BIAS, WEIGHED_RESIDUAL, WEIGHED_INPUTS };

struct operation {
	const char *name;
	/* Attributes that its nodes can have, with a space between them: NAME=TYPES, one or
	 * more: i, f, s or t for an integer, float, string or tensor, I or F for a list.  NULL:
	 * none. One that is not here is refused, since it may change what is computed. */
	const char *attributes;
	/* Called first, with the inputs that are known so far: leave out those that the node
	 * does without.  NULL: it needs all. */
	void (*narrow)(const struct graph *g, struct node *n);
	int (*infer)(struct graph *g, struct node *n, struct error *e) CHECK_RESULT;
	int (*run)(const struct run *r, struct error *e) CHECK_RESULT;
	geometry_rule *geometry;
	/* Floats of scratch memory that run() needs.  NULL: none. */
	size_t (*scratch)(const struct graph *g, const struct node *n);
	/* The params of output i, where each output has its own.  NULL: all have the node's. */
	void *(*part)(const struct node *n, size_t i);
	bool activation;  /* an activation function */
	bool shapes_only; /* needs only its inputs' shapes */
	bool view;        /* output 0 is input 0's values in the same order */
	bool (*keeps_order)(const struct node *n); /* or it is so for this node; NULL: no */
	bool flat; /* each value is made of that in the same place of one input, and
	              others of its cell or of all cells; or a view */

	/* ---- what a plan fuses ---- */

	bool clamps; /* run() obeys clamp */
	bool weighs; /* its inputs are those named above, weights and bias have their units
	                first */
	/* Or the weights have them on the axis that this tells, and output 0, which is plain,
	 * on its last; -1: they have none, and nothing can be fused.  NULL: it is as above. */
	int (*units)(const struct node *n);
	/* Do what the node does to so many floats in place.  NULL: can't. */
	void (*apply)(const struct node *n, float *x, size_t count);
	bool adds; /* output 0 is the sum of its two inputs */
	/* Can run() add a residual of the output's shape?  NULL: no. */
	bool (*takes_residual)(const struct node *n, enum convolution_choice choice);
	/* The bounds that are all that the node is.  NULL: it is something else. */
	void (*bounds)(const struct node *n, struct clamp *c);
	/* Follow a by what the node does to its input number i, if that is a scale and a shift
	 * for each channel; constants: values by tensor, NULL where they are none.  NULL: it is
	 * something else. */
	bool (*scales)(const struct graph *g, const struct node *n, size_t i,
	               const void *const *constants, struct affine *a);

	/* ---- how a plan lays out values ---- */

	/* Can run() work on blocked values?  NULL: no. */
	bool (*blocked)(const struct graph *g, const struct node *n);
	bool blocked_only; /* it can't work on others */
	/* Then, does it want input i blocked?  NULL: input 0 alone. */
	bool (*blocked_input)(const struct node *n, size_t i, enum convolution_choice choice);
	/* The shape that input i counts as, with as many axes as output 0.  NULL: its own, with
	 * axes of one before it. */
	void (*operand)(const struct graph *g, const struct node *n, size_t i, struct shape *s);
	/* If that is all that it does, run() can work with the map blocked, input 0 or output
	 * 0. NULL: it is something else. */
	enum turn (*turns)(const struct graph *g, const struct node *n);
	/* Do its inputs lie one after the other in output 0, so that they can be made there?
	 * NULL: no. */
	bool (*joins)(const struct node *n);

	/* ---- what a plan prepares ---- */

	/* Called once for a plan, with the values of input 1, or NULL if they depend on the
	 * image.  p is zeroed; free() p->weights.  NULL: nothing to prepare. */
	int (*prepare)(const struct graph *g, const struct node *n, const float *weights,
	               enum convolution_choice choice, size_t images, struct prepared *p,
	               struct error *e) CHECK_RESULT;
	/* Floats of scratch memory for running it and then the next node, which reads nothing
	 * but its output and constants, so that the output is never whole; 0: they can't. NULL:
	 * can't. */
	size_t (*pairs)(const struct node *n, const struct node *next,
	                enum convolution_choice choice);
	int (*run_pair)(const struct run *r, const struct run *next,
	                struct error *e) CHECK_RESULT;
	bool several_images; /* run() takes several images at once */
	/* Floats of weights that are then read once for all of them.  NULL: none. */
	size_t (*weight_floats)(const struct node *n, enum convolution_choice choice);
};

/* What a graph needs of the operators, handed in from above. */
struct operator_table {
	/* The operator of that name, or NULL. */
	const struct operation *(*find)(const char *type);
	/* Compute a node whose inputs are known. */
	int (*compute)(const struct graph *g, const struct node *n, const void *const *in,
	               void *const *out, struct error *e) CHECK_RESULT;
};

#endif
