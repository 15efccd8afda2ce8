/* movement.h -- operators that put values elsewhere, as one table an axis.
 *
 * Element (i0, i1, ...) of the output is the input's at table[0][i0] + table[1][i1] +
 * ..., or fill where an entry is NOWHERE.  Slice, Pad, Transpose, Gather, Split and
 * nearest Resize are all of this kind. */
#ifndef OPERATOR_MOVEMENT_H
#define OPERATOR_MOVEMENT_H

#include "operator/operator.h"

#define NOWHERE ((size_t)-1)

struct move_axis {
	size_t *table;      /* of the output's dimension */
	int from;           /* input axis that it runs along, or -1 */
	double start, step; /* position i is at start + i * step there */
	double reach;       /* positions that one is made of, beyond the first */
};

struct move {
	enum kind kind;
	struct shape shape; /* of the output */
	struct move_axis axes[RANK_MAX];
	int outer;    /* axes [outer, rank) are one contiguous block of the input */
	size_t block; /* its values */
	float fill_float;
	int64_t fill_int;
};

/* Start a move to shape: allocates the tables. */
int move_start(struct graph *g, struct move *m, enum kind kind, const struct shape *shape,
               struct error *e) CHECK_RESULT;
/* Output axis runs along input axis from, whose values are stride apart; identity. */
void move_along(struct move *m, int axis, int from, size_t stride);
/* Finish: find the block.  in: shape of the input. */
void move_finish(struct move *m, const struct shape *in);
/* The same for a move that makes output number output of a node, which gets its shape. */
int move_output(struct graph *g, struct node *n, size_t output, struct move *m,
                struct error *e) CHECK_RESULT;
/* Values from one position to the next along an axis of a tensor of that shape. */
size_t move_stride(const struct shape *s, int axis);
void move_apply(const struct move *m, const void *in, void *out);

/* Concat: which axis. */
struct concat {
	int axis;
	size_t outer, inner; /* products of the dimensions before and after it */
};

#endif
