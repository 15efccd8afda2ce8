/* transpose.c -- Transpose: axes in another order. */
#include "operator/blocked_shape.h"
#include "operator/movement.h"
#include "operator/operators.h"

int transpose_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	int64_t order[RANK_MAX];
	bool seen[RANK_MAX] = {0};
	const struct tensor *x;
	struct shape out;
	size_t from;
	int i, count;

	if (!m || node_arity(g, n, 1, 1, e) < 0 ||
	    node_ints(g, n, "perm", NO_TENSOR, order, RANK_MAX, &count, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	out = x->shape;
	if (count >= 0 && count != out.rank)
		return node_fail(g, n, e, "perm has %d numbers for %d axes", count, out.rank);
	for (i = 0; i < out.rank; i++) {
		if (count < 0)
			order[i] = out.rank - 1 - i;
		if (node_axis(g, n, order[i], out.rank, false, &from, e) < 0)
			return -1;
		if (seen[from])
			return node_fail(g, n, e, "perm names axis %zu twice", from);
		seen[from] = true;
		order[i] = (int64_t)from;
		out.dims[i] = x->shape.dims[from];
	}
	if (move_start(g, m, x->kind, &out, e) < 0)
		return -1;
	for (i = 0; i < out.rank; i++)
		move_along(m, i, (int)order[i], move_stride(&x->shape, (int)order[i]));
	n->params = m;
	return move_output(g, n, 0, m, e);
}

/* Axes after the batch go round by one, one way or the other. */
enum turn transpose_turns(const struct graph *g, const struct node *n)
{
	const struct move *m = n->params;
	int rank = m->shape.rank, last = 0, first = 0;

	for (int i = 1; i < rank; i++) {
		last += m->axes[i].from == (i == rank - 1 ? 1 : i + 1);
		first += m->axes[i].from == (i == 1 ? rank - 1 : i - 1);
	}
	if (rank < 3 || m->kind != KIND_FLOAT || m->axes[0].from != 0 || move_keeps_order(n) ||
	    node_input(g, n, 0)->count == 0)
		return TURN_NONE;
	return last == rank - 1 ? TURN_TO_LAST : first == rank - 1 ? TURN_FROM_LAST : TURN_NONE;
}

int transpose_run(const struct run *r, struct error *e)
{
	if (!r->blocked)
		return move_run(r, e);
	if (transpose_turns(r->g, r->node) == TURN_TO_LAST)
		blocked_to_last(shape_blocked_size(&node_input(r->g, r->node, 0)->shape),
		                r->in[0], r->out[0]);
	else
		blocked_from_last(shape_blocked_size(&node_output(r->g, r->node, 0)->shape),
		                  r->in[0], r->out[0]);
	return 0;
}
