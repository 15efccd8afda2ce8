/* receptive.c -- where the cells of a tensor lie in the input image.
 *
 * Each axis carries the centre of cell 0, the extent and the step of its cells, in
 * pixels of the input.  Where tensors join, the largest field wins on each axis, the
 * first on a tie; what comes from global pooling or dense layers has no place and does
 * not count.  What an operator does to places stands beside its arithmetic. */
#include "graph/receptive.h"

#include "graph/node.h"
#include "graph/operation.h"

/* The join of the inputs' fields, axes aligned at the last one as broadcasting does. */
static struct geometry join(const struct graph *g, const struct node *n)
{
	struct geometry out = {.kind = GEOMETRY_UNKNOWN};
	bool first = true;
	int rank = 0, i, shift;
	size_t k;

	for (k = 0; k < n->n_inputs; k++)
		if (node_input(g, n, k) && node_input(g, n, k)->shape.rank > rank)
			rank = node_input(g, n, k)->shape.rank;
	for (k = 0; k < n->n_inputs; k++) {
		const struct tensor *t = node_input(g, n, k);
		struct geometry in;

		if (!t || t->constant)
			continue;
		in = t->geometry;
		if (in.kind == GEOMETRY_UNKNOWN)
			return in;
		shift = rank - t->shape.rank;
		in.axis[0] += shift;
		in.axis[1] += shift;
		if (first || (out.kind == GEOMETRY_GLOBAL && in.kind == GEOMETRY_MAP)) {
			out = in;
			first = false;
			continue;
		}
		if (in.kind == GEOMETRY_GLOBAL)
			continue;
		if (in.axis[0] != out.axis[0] || in.axis[1] != out.axis[1]) {
			out.kind = GEOMETRY_UNKNOWN;
			return out;
		}
		for (i = 0; i < 2; i++)
			if (in.field[i].size > out.field[i].size)
				out.field[i] = in.field[i];
	}
	return out;
}

/* A node's only input that is no constant; NULL if it has several. */
static const struct tensor *only_live_input(const struct graph *g, const struct node *n)
{
	const struct tensor *only = NULL;

	for (size_t k = 0; k < n->n_inputs; k++) {
		const struct tensor *t = node_input(g, n, k);

		if (!t || t->constant)
			continue;
		if (only)
			return NULL;
		only = t;
	}
	return only;
}

void receptive_infer(struct graph *g, const struct node *n)
{
	struct geometry out = join(g, n), part;
	const struct tensor *only = only_live_input(g, n);
	size_t k;

	if (!only || !n->op->flat)
		out.folded.rank = 0;
	for (k = 0; k < n->n_outputs; k++) {
		struct tensor *t = node_output(g, n, k);

		if (!t || t->constant)
			continue;
		part = out;
		/* Broadcasting repeats values: they are no longer in the map's order. */
		if (only && t->count != only->count)
			part.folded.rank = 0;
		if (out.kind != GEOMETRY_UNKNOWN || part.folded.rank > 0) {
			struct node one = *n;

			if (n->op->part)
				one.params = n->op->part(n, k);
			n->op->geometry(g, &one, &part);
		}
		t->geometry = part;
	}
}
