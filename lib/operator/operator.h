/* operator.h -- what an operator is, and what operator files share.
 *
 * infer() checks a node once, sets its outputs' kinds and shapes and leaves what
 * run() needs in node->params.  run() only computes: everything that depends on
 * the file has been checked.  The same run() folds constants at open. */
#ifndef OPERATOR_OPERATOR_H
#define OPERATOR_OPERATOR_H

#include "base/machine.h"
#include "graph/graph.h"
#include "kernel/product.h"

/* What an operator works out from its weights once for a plan. */
struct prepared {
	const struct algorithm *algorithm;
	float *weights; /* in the algorithm's order; NULL: they depend on the image */
	size_t scratch; /* floats */
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
	/* More than one only where op->many: then bytes from one to the next, 0 where it is
	 * the same for all. */
	size_t images;
	const size_t *in_step, *out_step;
};

/* Values of input 0, as they are stored. */
size_t run_count(const struct run *r);

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
	               enum network_algorithm wish, size_t images, struct prepared *p,
	               struct error *e);
	/* Can run() work on blocked values?  NULL: no. */
	bool (*blocked)(const struct graph *g, const struct node *n);
	bool joins;      /* all inputs are maps, not the first alone */
	bool always;     /* it works on blocked values only */
	bool many;       /* run() takes several images at once */
	bool view;       /* output 0 is input 0's values in the same order */
	bool clamps;     /* run() obeys clamp */
	bool activation; /* an activation function */
	bool constant;   /* needs only its inputs' shapes */
};

/* operator.c */
const struct operation *operator_find(const char *name);

/* Fail with the node's name and type before the reason. */
int node_fail(const struct graph *g, const struct node *n, struct error *e, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/* Input or output i, or NULL where it is absent. */
struct tensor *node_input(const struct graph *g, const struct node *n, size_t i);
struct tensor *node_output(const struct graph *g, const struct node *n, size_t i);
/* The same, but its absence, another kind, or no output 0, is an error: NULL with e set. */
struct tensor *node_float(const struct graph *g, const struct node *n, size_t i,
                          struct error *e);
/* Refuse fewer inputs than least and more than most. */
int node_arity(const struct graph *g, const struct node *n, size_t least, size_t most,
               struct error *e);
int node_set(const struct graph *g, const struct node *n, size_t i, enum kind kind,
             const struct shape *shape, struct error *e);
/* Refuse a node whose outputs beyond the first are used. */
int node_one_output(const struct graph *g, const struct node *n, struct error *e);

const struct attribute *node_attribute(const struct node *n, const char *name);
int64_t node_int(const struct node *n, const char *name, int64_t otherwise);
float node_number(const struct node *n, const char *name, float otherwise);
const char *node_text(const struct node *n, const char *name, const char *otherwise);

/* A list of integers that must be known at open: attribute name, or input i where
 * the attribute is absent.  *n is -1 where there is neither. */
int node_ints(const struct graph *g, const struct node *n, const char *name, size_t input,
              int64_t *out, int cap, int *count, struct error *e);
/* The values of input i if they are known at open, else NULL. */
const void *node_values(const struct graph *g, const struct node *n, size_t i);

/* An axis attribute as 0 to rank - 1 (or rank if end is true). */
int node_axis(const struct graph *g, const struct node *n, int64_t axis, int rank, bool end,
              size_t *out, struct error *e);

/* The shape of a and b together by multidirectional broadcasting; false if they don't fit. */
bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out);

/* Places stay; become those of cells that see the whole image; can't be told. */
geometry_rule geometry_keep, geometry_whole, geometry_lost;
/* Those of the operators' families, each in its file. */
geometry_rule geometry_window, geometry_reshape, geometry_move, geometry_concat,
        geometry_matrix, geometry_resize, geometry_reduce;

/* receptive.c: geometry of every output of the node. */
void receptive_infer(struct graph *g, const struct node *n);

#endif
