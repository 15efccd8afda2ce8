/* operator.h -- what an operator is run with, and what operator files share.
 *
 * Who adds an operator writes its infer and run functions (graph/operation.h says what they
 * do) in the file of its family, lists them in operators.h and gives it a line in table.c,
 * where the other hooks say what a plan can make of it. */
#ifndef OPERATOR_OPERATOR_H
#define OPERATOR_OPERATOR_H

#include "base/machine.h"
#include "graph/node.h"
#include "graph/operation.h"
#include "kernel/product.h"

/* What an operator works out from its weights once for a plan, which then owns it. */
struct prepared {
	const struct algorithm *algorithm;
	float *weights; /* packed; NULL: they depend on the image */
	size_t scratch; /* floats */
};

/* y = scale * x + shift for each of so many channels, which are axis 1 or the last one; the
 * arrays are the caller's. */
struct affine {
	double *scale, *shift;
	size_t channels;
	bool last;
};

/* The axis of x that has the channels; -1: none has as many. */
static inline int affine_axis(const struct affine *a, const struct shape *x)
{
	int axis = a->last ? x->rank - 1 : 1;

	return axis >= 0 && axis < x->rank && x->dims[axis] == a->channels ? axis : -1;
}

/* What run() is called with; nothing in it is its own, and it keeps nothing.  Values are
 * float[] or int64_t[] by their tensors' kinds, in the order of their shapes, or blocked
 * (kernel/blocked.h).  run() fails (-1 with e set) only by what values decide, such as an
 * integer divided by zero. */
struct run {
	const struct graph *g;
	const struct node *node;
	const void *const *in; /* by input; NULL where absent */
	size_t n_in;           /* at least the node's; more where a bias was added */
	void *const *out;      /* by output; NULL where nothing wants it */
	bool blocked;          /* floats of inputs and output are blocked, but for scalars */
	float *scratch;        /* op->scratch() floats, or what prepare() asked for */
	const struct prepared *prepared;
	struct clamp clamp;       /* only where op->clamps */
	const struct node *after; /* only where op->units: applied to the output; or NULL */
	/* More than one only where op->several_images: then bytes from one to the next, 0 where
	 * it is the same for all. */
	size_t images;
	const size_t *in_stride, *out_stride;
};

/* Is output 0 input 0's values in the same order? */
static inline bool node_is_view(const struct node *n)
{
	return n->op->view || (n->op->keeps_order && n->op->keeps_order(n));
}

/* Values of input 0, as they are stored. */
size_t run_count(const struct run *r);
/* Is its first output a map of floats? */
bool map_blocked(const struct graph *g, const struct node *n);
/* All inputs are blocked together. */
bool every_input_blocked(const struct node *n, size_t i, enum convolution_choice choice);

/* Cells have no place that is known: why. */
void geometry_lose(struct geometry *out, const char *why);

/* Places stay; become those of cells that see the whole image; can't be told; stay in a map,
 * but not in tokens, as the operator looks at neighbours. */
geometry_rule geometry_keep, geometry_whole_image, geometry_lost, geometry_map;
/* Those of the operators' families, each in its file. */
geometry_rule geometry_window, geometry_reshape, geometry_move, geometry_concat,
        geometry_matrix, geometry_statistics, geometry_reduce, geometry_transposed,
        geometry_einsum;

#endif
