/* outgoing.h -- where the units of a tensor go from there: into weights, or through an operator
 * that keeps them apart. */
#ifndef OPERATOR_OUTGOING_H
#define OPERATOR_OUTGOING_H

#include "graph/graph.h"

/* A tensor's values as units: value i is one of unit i / inner % units. */
struct outgoing {
	size_t units, inner;
};

enum outgoing_kind {
	OUTGOING_NONE,    /* the units are mixed, or it is not known how */
	OUTGOING_APART,   /* output 0 has them in the same order, with how many values each */
	OUTGOING_WEIGHTS, /* input 1, which is constant, has a weight for each */
};

/* What the node does with its input number i, which has units so; APART: *out is how output 0
 * has them. */
enum outgoing_kind outgoing_kind(const struct graph *g, const struct node *n, size_t i,
                                 struct outgoing of, struct outgoing *out);
/* Where that is into weights w, adds their squares, unit by unit. */
void outgoing_add(const struct graph *g, const struct node *n, struct outgoing of,
                  const float *w, double *square);

#endif
