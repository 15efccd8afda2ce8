/* plan.h -- what plan.c makes and run.c runs. */
#ifndef NETWORK_PLAN_H
#define NETWORK_PLAN_H

#include "network/model.h"
#include "network/operator.h"

/* Values of a tensor: constant, or at an offset of the workspace. */
struct place {
	const void *constant;
	size_t offset; /* bytes; NOT_PLACED: nobody wants it */
};

#define NOT_PLACED ((size_t)-1)

struct step {
	const struct node *node;
	size_t out;            /* tensor made: the last of those fused, or output 0 */
	struct clamp clamp;    /* ReLU or Clip fused into it */
	float *weights, *bias; /* owned: with a normalization folded in, or NULL */
	struct prepared prepared;
	bool view; /* nothing to do: the output is the input's memory */
	struct place *in, *outs;
	size_t n_in;
};

struct network_plan {
	const struct network *net;
	enum network_algorithm algorithm;
	size_t *wanted, n_wanted; /* tensors */
	struct place *wanted_at;
	struct step *steps;
	size_t n_steps;
	struct place image;
	size_t bytes;   /* of a workspace's tensors */
	size_t scratch; /* floats */
	size_t pointers;
	void **owned; /* constants computed or converted, by tensor; NULL where borrowed */
	size_t owned_bytes;
	struct place *places;
};

/* A plan for tensors of the graph, of any shape. */
struct network_plan *plan_new(const struct network *net, const size_t *tensors, size_t n,
                              enum network_algorithm algorithm, struct error *e);

/* run.c: all steps on one image (NULL where nothing depends on one); then the values
 * of the k-th wanted tensor. */
int plan_run(const struct network_plan *p, struct network_workspace *ws, const float *image,
             struct error *e);
const void *plan_result(const struct network_plan *p, const struct network_workspace *ws,
                        size_t k);

/* place.c: where the tensors of all steps lie. */
int plan_place(struct network_plan *p, const void *const *values, struct error *e);

/* fuse.c: the steps for the needed nodes, with normalizations and bounds fused.
 * values: by tensor, constants. */
int plan_fuse(struct network_plan *p, const bool *needed, const void *const *values,
              struct error *e);

#endif
