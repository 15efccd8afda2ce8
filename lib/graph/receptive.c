/* receptive.c -- where the cells of a tensor lie in the input image.
 *
 * Each axis carries the centre of cell 0, the extent and the step of its cells, in
 * pixels of the input.  Where tensors join, the largest field wins on each axis, of
 * equal ones that which holds them all; what comes from global pooling or dense layers has no
 * place and does not count.  What an operator does to places stands beside its arithmetic. */
#include "graph/receptive.h"

#include "graph/node.h"
#include "graph/operation.h"

static bool has_place(const struct geometry *p)
{
	return p->kind == GEOMETRY_MAP || p->kind == GEOMETRY_TOKENS;
}

/* Do the cells of both lie along the same axes? */
static bool same_axes(const struct geometry *a, const struct geometry *b)
{
	bool same = a->kind == b->kind && a->axis[0] == b->axis[0] && a->axis[1] == b->axis[1];

	if (a->kind != GEOMETRY_TOKENS)
		return same;
	return same && a->skip == b->skip && a->grid[0] == b->grid[0] &&
	       a->grid[1] == b->grid[1];
}

/* Fields of which none is larger than another: what holds them all, if their cells lie as far
 * apart. */
static void widen(struct receptive_field *f, const struct receptive_field *other)
{
	double low = f->offset - f->size / 2, high = f->offset + f->size / 2;

	if (f->stride != other->stride)
		return;
	low = low < other->offset - other->size / 2 ? low : other->offset - other->size / 2;
	high = high > other->offset + other->size / 2 ? high : other->offset + other->size / 2;
	f->offset = (low + high) / 2;
	f->size = high - low;
}

/* Input k's geometry, axes aligned at the last one as broadcasting does; false if it has none
 * that counts. */
static bool input_geometry(const struct graph *g, const struct node *n, size_t k, int rank,
                           struct geometry *in)
{
	const struct tensor *t = node_input(g, n, k);

	if (!t || t->constant)
		return false;
	*in = t->geometry;
	in->axis[0] += rank - t->shape.rank;
	in->axis[1] += rank - t->shape.rank;
	return true;
}

/* The join of the inputs' fields. */
static struct geometry join(const struct graph *g, const struct node *n)
{
	struct geometry out = {.kind = GEOMETRY_UNKNOWN}, in;
	double largest[2] = {0};
	bool first = true;
	int rank = 0;

	for (size_t k = 0; k < n->n_inputs; k++)
		if (node_input(g, n, k) && node_input(g, n, k)->shape.rank > rank)
			rank = node_input(g, n, k)->shape.rank;
	for (size_t k = 0; k < n->n_inputs; k++) {
		if (!input_geometry(g, n, k, rank, &in))
			continue;
		if (in.kind == GEOMETRY_UNKNOWN)
			return in;
		if (first || (out.kind == GEOMETRY_GLOBAL && has_place(&in)))
			out = in;
		else if (has_place(&in) && !same_axes(&in, &out))
			return (struct geometry){
			        .lost = "its inputs' cells lie along other axes"};
		first = false;
		for (int i = 0; i < 2 && has_place(&in); i++) {
			if (in.field[i].size <= largest[i])
				continue;
			largest[i] = in.field[i].size;
			out.field[i] = in.field[i];
		}
	}
	for (size_t k = 0; k < n->n_inputs; k++)
		for (int i = 0; i < 2; i++)
			if (has_place(&out) && input_geometry(g, n, k, rank, &in) &&
			    has_place(&in) && in.field[i].size == largest[i])
				widen(&out.field[i], &in.field[i]);
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
	struct node one;
	size_t k;

	if (!only || !n->op->flat)
		out.folded.rank = 0;
	for (k = 0; k < n->n_outputs; k++) {
		struct tensor *t = node_output(g, n, k);

		if (!t || !t->known || t->constant)
			continue;
		part = out;
		/* Broadcasting repeats values: they are no longer in the map's order. */
		if (only && t->count != only->count)
			part.folded.rank = 0;
		one = *n;
		one.outputs = &n->outputs[k];
		one.n_outputs = 1;
		if (n->op->part)
			one.params = n->op->part(n, k);
		n->op->geometry(g, &one, &part);
		t->geometry = part;
	}
}
