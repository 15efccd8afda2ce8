/* operator.h -- what an operator is, and what operator files share.
 *
 * infer() checks a node once, sets its outputs' kinds and shapes and leaves what
 * run() needs in node->params.  run() only computes: everything that depends on
 * the file has been checked.  The same run() folds constants at open. */
#ifndef OPERATOR_OPERATOR_H
#define OPERATOR_OPERATOR_H

#include "base/machine.h"
#include "graph/node.h"
#include "graph/operation.h"
#include "kernel/product.h"

/* What an operator works out from its weights once for a plan. */
struct prepared {
	const struct algorithm *algorithm;
	float *weights; /* in the algorithm's order; NULL: they depend on the image */
	size_t scratch; /* floats */
};

/* y = scale * x + shift for each channel of a map. */
struct affine {
	double *scale, *shift;
	size_t channels;
};

struct run {
	const struct graph *g;
	const struct node *node;
	const void *const *in; /* by input; NULL where absent */
	size_t n_in;           /* at least the node's; more where a bias was added */
	void *const *out;      /* by output; NULL where nothing wants it */
	bool blocked;          /* floats of inputs and output are blocked, scalars apart */
	float *scratch;        /* op->scratch() floats, or what prepare() asked for */
	const struct prepared *prepared;
	struct clamp clamp; /* only where op->clamps */
	/* More than one only where op->several_images: then bytes from one to the next, 0 where
	 * it is the same for all. */
	size_t images;
	const size_t *in_stride, *out_stride;
};

/* Values of input 0, as they are stored. */
size_t run_count(const struct run *r);
/* Is its first output a map of floats? */
bool map_blocked(const struct graph *g, const struct node *n);
/* All inputs are blocked together. */
bool every_input_blocked(const struct node *n, size_t i, enum convolution_choice choice);

/* Places stay; become those of cells that see the whole image; can't be told. */
geometry_rule geometry_keep, geometry_whole, geometry_lost;
/* Those of the operators' families, each in its file. */
geometry_rule geometry_window, geometry_reshape, geometry_move, geometry_concat,
        geometry_matrix, geometry_resize, geometry_reduce;

#endif
