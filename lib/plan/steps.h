/* steps.h -- the steps of a plan, and where their values lie.
 *
 * A tensor has up to two values, plain and blocked: value t is the plain one of tensor t,
 * value t + n_tensors the blocked one.
 *
 * The first steps, the head, run image by image, as their activations are large; the rest,
 * the tail, for a bundle of images at once, as their weights are. */
#ifndef PLAN_STEPS_H
#define PLAN_STEPS_H

#include "operator/compose.h"
#include "operator/operator.h"
#include "plan/view.h"

/* Where a value lies: constant, or at an offset of the workspace. */
struct location {
	const void *constant;
	size_t offset; /* bytes; NOT_STORED: nobody wants it */
	size_t stride; /* bytes from image to image; 0: one after the other is here */
};

#define NOT_STORED ((size_t)-1)

/* One operator on values; lists are the plan's. */
struct step {
	const struct node *node; /* NULL: puts its input into the other order */
	bool blocked;            /* runs on blocked values */
	/* Values, NO_TENSOR where absent.  One that weighs has WEIGHED_INPUTS of them.  Output
	 * 0 is the last of those fused. */
	size_t *inputs, n_inputs, *outputs, n_outputs;
	struct clamp clamp;       /* ReLU or Clip fused into it */
	const struct node *after; /* then, another activation function; or NULL */
	/* Owned: what weights are multiplied by, for each of their channels, on the way into
	 * them, or NULL; with a normalization folded in, or NULL */
	double *scale;
	float *weights, *bias;
	struct prepared prepared;
	bool ready;  /* plan_prepare() has been there */
	bool view;   /* nothing to do: the output is the input's memory */
	size_t pair; /* floats of scratch memory with which it runs together with the next step,
	              * and its output has no memory; 0: it runs alone */
	size_t at;   /* of its inputs, then its outputs, among the plan's locations */
};

/* What a plan is given. */
enum { GIVEN_IMAGE, GIVEN_TENSOR, GIVEN };

struct plan {
	const struct graph *graph;
	size_t given[GIVEN]; /* tensors that no step makes; NO_TENSOR: none */
	bool needs_image;    /* does a step read it? */
	enum convolution_choice choice;
	size_t *wanted, n_wanted; /* tensors; values after plan_layout() */
	bool *early;              /* wanted ones that the head makes */
	/* By wanted tensor, and of the given one; units are 0 where it has its own order. */
	struct plan_view *views, given_view;
	struct step *steps;
	size_t n_steps, head, bundle;
	size_t *lists, n_lists;    /* of the steps */
	struct composed *composed; /* nodes that stand for several of the graph's */
	size_t n_composed;
	size_t given_at;  /* the given tensors' locations */
	size_t wanted_at; /* the wanted values' locations */
	size_t bytes;     /* of a workspace's values */
	size_t scratch;   /* floats */
	void **owned;     /* constants computed or converted, by value; NULL where borrowed */
	size_t owned_bytes;
	/* Of constants, by value, until the plan is finished.  That of a tensor that is only
	 * packed, and not in memory, is its literal. */
	const void **values;
	struct location *locations;
	size_t n_locations;
};

static inline size_t plan_tensor(const struct plan *p, size_t value)
{
	size_t n = p->graph->n_tensors;

	return value < n ? value : value - n;
}

static inline bool plan_blocked(const struct plan *p, size_t value)
{
	return value >= p->graph->n_tensors;
}

/* Memory that the plan owns for a value of so many bytes, zeroed; NULL with e set, too where
 * all that it owns would be more than a limit. */
void *plan_own(struct plan *p, size_t value, size_t bytes, struct error *e) CHECK_RESULT;
/* A list of n values for a step. */
size_t *plan_list(struct plan *p, size_t n);

#endif
