/* plan.h -- what plan.c makes and run.c runs.
 *
 *   nodes --fuse.c--> steps --layout.c--> steps on plain and blocked values
 *        --plan.c--> weights prepared --place.c--> memory
 *
 * A tensor has up to two values, plain and blocked: value t is the plain one of tensor t,
 * value t + n_tensors the blocked one.
 *
 * The first steps, the head, run image by image, as their activations are large; the rest,
 * the tail, for a group of images at once, as their weights are. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "network/model.h"
#include "operator/operator.h"

/* Where a value lies: constant, or at an offset of the workspace. */
struct place {
	const void *constant;
	size_t offset; /* bytes; NOT_PLACED: nobody wants it */
	size_t step;   /* bytes from image to image; 0: one after the other is here */
};

#define NOT_PLACED ((size_t)-1)

struct step {
	const struct node *node; /* NULL: puts its input into the other order */
	bool blocked;            /* runs on blocked values */
	/* Values, NO_TENSOR where absent.  A convolution has four inputs: map, weights, bias
	 * and what is added to its results.  Output 0 is the last of those fused. */
	size_t *inputs, n_inputs, *outputs, n_outputs;
	struct clamp clamp;    /* ReLU or Clip fused into it */
	float *weights, *bias; /* owned: with a normalization folded in, or NULL */
	struct prepared prepared;
	bool view; /* nothing to do: the output is the input's memory */
	size_t at; /* of its inputs, then its outputs, among the plan's places */
};

struct network_plan {
	const struct network *net;
	enum convolution_choice algorithm;
	size_t *wanted, n_wanted; /* tensors; values after plan_layout() */
	bool *early;              /* wanted ones that the head makes */
	struct step *steps;
	size_t n_steps, head, group;
	size_t *lists, n_lists; /* of the steps */
	size_t image;           /* its place */
	size_t wanted_at;       /* the wanted values' places */
	size_t bytes;           /* of a workspace's values */
	size_t scratch;         /* floats */
	void **owned; /* constants computed or converted, by value; NULL where borrowed */
	size_t owned_bytes;
	struct place *places;
	size_t n_places;
};

static inline size_t plan_tensor(const struct network_plan *p, size_t value)
{
	size_t n = p->net->graph->n_tensors;

	return value < n ? value : value - n;
}

static inline bool plan_blocked(const struct network_plan *p, size_t value)
{
	return value >= p->net->graph->n_tensors;
}

/* A plan for tensors of the graph, of any shape. */
struct network_plan *plan_new(const struct network *net, const size_t *tensors, size_t n,
                              enum convolution_choice algorithm, struct error *e);

/* Memory that the plan owns for a value of so many bytes. */
void *plan_own(struct network_plan *p, size_t value, size_t bytes, struct error *e);
/* A list of n values for a step. */
size_t *plan_list(struct network_plan *p, size_t n);

/* run.c: all steps on up to p->group images, each NULL where nothing depends on it.
 * outputs[image * n_wanted + k]: the k-th wanted tensor, plain. */
int plan_run(const struct network_plan *p, struct network_workspace *ws, size_t images,
             const float *const *inputs, void *const *outputs, struct error *e);

/* fuse.c: the steps for the needed nodes, with normalizations, sums and bounds fused.
 * values: constants, by value. */
int plan_fuse(struct network_plan *p, const bool *needed, const void *const *values,
              struct error *e);

/* layout.c: which steps are blocked, and steps between those that are and those that are
 * not; constants that are wanted blocked. */
int plan_layout(struct network_plan *p, const void **values, struct error *e);

/* place.c: where the values of all steps lie. */
int plan_place(struct network_plan *p, const void *const *values, struct error *e);

#endif
