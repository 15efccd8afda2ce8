/* scatter.c -- ScatterND: a tensor with some of its values, or blocks of them, replaced. */
#include <string.h>

#include "operator/operators.h"

struct scatter {
	int depth;           /* axes that an index names */
	size_t count, block; /* indices, and values that each is the place of */
};

int scatter_infer(struct graph *g, struct node *n, struct error *e)
{
	struct scatter *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x, *indices, *updates;
	struct shape need;
	size_t depth;
	char have[128], text[128];

	if (!p || node_arity(g, n, 3, 3, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	indices = node_input(g, n, 1);
	updates = node_input(g, n, 2);
	if (strcmp(node_text(n, "reduction", "none"), "none") != 0)
		return node_fail(g, n, e, "reduction %s is not supported",
		                 node_text(n, "reduction", ""));
	if (indices->kind != KIND_INT || indices->shape.rank < 1 || updates->kind != x->kind)
		return node_fail(g, n, e,
		                 "its indices are no integers, or its values of "
		                 "another type");
	depth = indices->shape.dims[indices->shape.rank - 1];
	if (depth < 1 || depth > (size_t)x->shape.rank ||
	    indices->shape.rank - 1 + x->shape.rank - (int)depth > RANK_MAX)
		return node_fail(g, n, e, "indices of %zu axes, of %d", depth, x->shape.rank);
	p->depth = (int)depth;
	p->count = shape_product(&indices->shape, 0, indices->shape.rank - 1);
	p->block = shape_product(&x->shape, p->depth, x->shape.rank);
	need = indices->shape;
	need.rank--;
	for (int i = p->depth; i < x->shape.rank; i++)
		need.dims[need.rank++] = x->shape.dims[i];
	if (!shape_equal(&need, &updates->shape))
		return node_fail(g, n, e, "values of %s where %s are needed",
		                 shape_text(&updates->shape, have, sizeof have),
		                 shape_text(&need, text, sizeof text));
	n->params = p;
	return node_set(g, n, 0, x->kind, &x->shape, e);
}

int scatter_run(const struct run *r, struct error *e)
{
	const struct scatter *p = r->node->params;
	const struct tensor *x = node_input(r->g, r->node, 0);
	const int64_t *index = r->in[1];
	size_t width = kind_size(x->kind) * p->block;
	char *y = r->out[0];

	memcpy(y, r->in[0], x->count * kind_size(x->kind));
	for (size_t i = 0; i < p->count; i++) {
		size_t at = 0, k;

		for (int axis = 0; axis < p->depth; axis++, index++) {
			if (node_axis(r->g, r->node, *index, (int)x->shape.dims[axis], false,
			              &k, e) < 0)
				return -1;
			at = at * x->shape.dims[axis] + k;
		}
		memcpy(y + at * width, (const char *)r->in[2] + i * width, width);
	}
	return 0;
}
