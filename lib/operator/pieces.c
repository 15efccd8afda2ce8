/* pieces.c -- Split and Concat: a tensor in pieces along an axis. */
#include <string.h>

#include "base/memory.h"
#include "operator/blocked_shape.h"
#include "operator/movement.h"
#include "operator/operators.h"

/* ---- Split: a move for each output ---- */

/* Sizes of the parts: given, or equal; if their number is given, the last can be smaller. */
static int split_sizes(const struct graph *g, const struct node *n, size_t dim, int64_t *sizes,
                       struct error *e)
{
	bool uneven = node_attribute(n, "num_outputs");
	size_t i, sum = 0, part = (dim + n->n_outputs - 1) / n->n_outputs;
	int count;

	if (uneven && node_int(n, "num_outputs", 0) != (int64_t)n->n_outputs)
		return node_fail(g, n, e, "num_outputs %lld for %zu outputs",
		                 (long long)node_int(n, "num_outputs", 0), n->n_outputs);
	if (node_ints(g, n, "split", 1, sizes, (int)n->n_outputs, &count, e) < 0)
		return -1;
	if (count >= 0 && (size_t)count != n->n_outputs)
		return node_fail(g, n, e, "%d sizes for %zu outputs", count, n->n_outputs);
	if (count >= 0 && uneven)
		return node_fail(g, n, e, "num_outputs and sizes");
	if (count < 0 && dim % n->n_outputs != 0 && !uneven)
		return node_fail(g, n, e, "%zu does not divide into %zu", dim, n->n_outputs);
	for (i = 0; i < n->n_outputs; i++) {
		if (count < 0)
			sizes[i] = (int64_t)(part < dim - sum ? part : dim - sum);
		if (sizes[i] < 0 || (size_t)sizes[i] > dim - sum)
			return node_fail(g, n, e, "size %lld of a part", (long long)sizes[i]);
		sum += (size_t)sizes[i];
	}
	return sum == dim ? 0 : node_fail(g, n, e, "the parts make %zu of %zu", sum, dim);
}

int split_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *moves = graph_alloc(g, n->n_outputs, sizeof *moves, e);
	int64_t *sizes = graph_alloc(g, n->n_outputs, sizeof *sizes, e);
	const struct tensor *x;
	struct shape out;
	size_t axis, first = 0, i, k;
	int a;

	if (!moves || !sizes || node_arity(g, n, 1, 2, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	out = x->shape;
	if (n->n_outputs == 0 || n->n_outputs > FOLD_LIMIT)
		return node_fail(g, n, e, "%zu outputs", n->n_outputs);
	if (node_axis(g, n, node_int(n, "axis", 0), out.rank, false, &axis, e) < 0 ||
	    split_sizes(g, n, out.dims[axis], sizes, e) < 0)
		return -1;
	for (i = 0; i < n->n_outputs; i++) {
		struct move *m = &moves[i];

		out.dims[axis] = (size_t)sizes[i];
		if (move_start(g, m, x->kind, &out, e) < 0)
			return -1;
		for (a = 0; a < out.rank; a++)
			move_along(m, a, a, move_stride(&x->shape, a));
		m->axes[axis].start = (double)first;
		for (k = 0; k < out.dims[axis]; k++)
			m->axes[axis].table[k] += first * move_stride(&x->shape, (int)axis);
		first += out.dims[axis];
		if (move_output(g, n, i, m, e) < 0)
			return -1;
	}
	n->params = moves;
	return 0;
}

/* The parts stand one after the other in the node's parameters. */
void *split_part(const struct node *n, size_t i)
{
	return (struct move *)n->params + i;
}

int split_run(const struct run *r, struct error *e)
{
	const struct move *moves = r->node->params;
	size_t i;

	(void)e;
	for (i = 0; i < r->node->n_outputs; i++)
		if (r->out[i])
			move_apply(&moves[i], r->in[0], r->out[i]);
	return 0;
}

/* ---- Concat ---- */

int concat_infer(struct graph *g, struct node *n, struct error *e)
{
	struct concat *c = graph_alloc(g, 1, sizeof *c, e);
	const struct tensor *x, *t;
	struct shape out, s;
	char left[128], right[128];
	size_t axis, i;

	if (!c)
		return -1;
	if (n->n_inputs < 1)
		return node_fail(g, n, e, "no input");
	if (node_arity(g, n, n->n_inputs, n->n_inputs, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (node_axis(g, n, node_int(n, "axis", 1), x->shape.rank, false, &axis, e) < 0)
		return -1;
	out = x->shape;
	for (i = 1; i < n->n_inputs; i++) {
		t = node_input(g, n, i);
		s = t->shape;
		if (s.rank == out.rank)
			s.dims[axis] = out.dims[axis];
		if (t->kind != x->kind || !shape_equal(&s, &out))
			return node_fail(g, n, e, "%s and %s don't go together",
			                 shape_text(&x->shape, left, sizeof left),
			                 shape_text(&t->shape, right, sizeof right));
		if (!size_add(out.dims[axis], t->shape.dims[axis], &out.dims[axis]))
			return node_fail(g, n, e, "its output is too large");
	}
	c->axis = (int)axis;
	c->outer = shape_product(&out, 0, (int)axis);
	c->inner = shape_product(&out, (int)axis + 1, out.rank);
	n->params = c;
	return node_set(g, n, 0, x->kind, &out, e);
}

/* Along the channels, and each but the last is whole blocks of them. */
bool concat_blocked(const struct graph *g, const struct node *n)
{
	const struct concat *c = n->params;
	size_t i;

	if (!map_blocked(g, n) || c->axis != 1 || c->outer != 1)
		return false;
	for (i = 0; i + 1 < n->n_inputs; i++)
		if (node_input(g, n, i)->shape.dims[1] % BLOCK != 0)
			return false;
	return true;
}

bool concat_joins(const struct node *n)
{
	const struct concat *c = n->params;

	return c->outer == 1;
}

/* Inputs that the plan made in their place in the output are there already. */
int concat_run(const struct run *r, struct error *e)
{
	const struct concat *c = r->node->params;
	const struct tensor *y = node_output(r->g, r->node, 0);
	size_t width = kind_size(y->kind), whole = y->shape.dims[c->axis] * c->inner * width;
	size_t i, o, part, at = 0;

	(void)e;
	for (i = 0; i < r->node->n_inputs; i++, at += part) {
		const char *in = r->in[i];
		char *out = (char *)r->out[0] + at;

		part = node_input(r->g, r->node, i)->shape.dims[c->axis];
		part = (r->blocked ? round_up(part, BLOCK) : part) * c->inner * width;
		if (in == out)
			continue;
		for (o = 0; o < c->outer; o++)
			memcpy(out + o * whole, in + o * part, part);
	}
	return 0;
}

void geometry_concat(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct concat *c = n->params;

	size_t before = 0, found = 0;

	if ((out->kind != GEOMETRY_MAP && out->kind != GEOMETRY_TOKENS) ||
	    (out->axis[0] != c->axis && out->axis[1] != c->axis))
		return;
	/* Tokens that have no place can stand before and after those that have. */
	for (size_t i = 0; i < n->n_inputs; i++) {
		const struct tensor *t = node_input(g, n, i);

		if (!t->constant && t->geometry.kind == out->kind)
			found++;
		else if (found == 0)
			before += t->shape.dims[c->axis];
	}
	if (out->kind == GEOMETRY_TOKENS && found == 1)
		out->skip += before;
	else
		geometry_lose(out, "maps are put side by side");
}
