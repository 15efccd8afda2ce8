/* receptive.c -- where the cells of a tensor lie in the input image.
 *
 * Each axis carries the centre of cell 0, the extent and the step of its cells, in
 * pixels of the input; a window changes them as
 *	offset += stride * ((reach - 1) / 2 - padding)
 *	size += (reach - 1) * stride,	stride *= step.
 * Where tensors join, the largest field wins on each axis, the first on a tie; what
 * comes from global pooling or dense layers has no place and does not count.
 * Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016). */
#include <string.h>

#include "operator/convolution.h"
#include "operator/movement.h"

/* Cells that see the whole image. */
static void become_whole(const struct graph *g, struct geometry *out)
{
	const struct geometry *image = &g->tensors[g->input].geometry;
	int i;

	out->kind = image->kind == GEOMETRY_MAP ? GEOMETRY_GLOBAL : GEOMETRY_UNKNOWN;
	for (i = 0; i < 2 && image->kind == GEOMETRY_MAP; i++) {
		double n = (double)g->tensors[g->input].shape.dims[image->axis[i]];

		out->field[i] = (struct network_field){(n - 1) / 2, n, n};
	}
}

void geometry_keep(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)g;
	(void)n;
	(void)out;
}

void geometry_lost(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)g;
	(void)n;
	out->kind = GEOMETRY_UNKNOWN;
}

void geometry_whole(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)n;
	become_whole(g, out);
}

void geometry_window(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct window *w = n->params;
	int i;

	(void)g;
	if (out->kind != GEOMETRY_MAP)
		return;
	for (i = 0; i < 2; i++) {
		struct network_field *f = &out->field[i];
		int axis = out->axis[i] - 2 + SPACE - w->axes;
		double reach;

		if (out->axis[i] < 2) {
			out->kind = GEOMETRY_UNKNOWN;
			return;
		}
		reach = (double)((w->kernel[axis] - 1) * w->dilation[axis]);
		f->offset += f->stride * (reach / 2 - (double)w->begin[axis]);
		f->size += reach * f->stride;
		f->stride *= (double)w->stride[axis];
	}
}

void geometry_concat(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct concat *c = n->params;

	(void)g;
	if (out->kind == GEOMETRY_MAP && (out->axis[0] == c->axis || out->axis[1] == c->axis))
		out->kind = GEOMETRY_UNKNOWN;
}

/* An axis of the map goes on as the output's axis that runs along it. */
void geometry_move(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct move *m = n->params;
	int i, axis, to;

	(void)g;
	if (out->kind != GEOMETRY_MAP)
		return;
	for (i = 0; i < 2; i++) {
		struct network_field *f = &out->field[i];

		to = -1;
		for (axis = 0; axis < m->shape.rank; axis++)
			if (m->axes[axis].from == out->axis[i])
				to = axis;
		if (to < 0) {
			out->kind = GEOMETRY_UNKNOWN;
			return;
		}
		f->offset += f->stride * m->axes[to].start;
		f->stride *= m->axes[to].step;
		/* Gather can put more than one axis, or none, in place of the one it reads. */
		if (m->shape.rank != node_output(g, n, 0)->shape.rank &&
		    strcmp(n->type, "Gather") == 0) {
			int gone = 0;

			while (m->axes[gone].from >= 0)
				gone++;
			if (to > gone)
				to += node_output(g, n, 0)->shape.rank - m->shape.rank;
		}
		out->axis[i] = to;
	}
}

/* An axis survives if as many values stand before it, and it is as long. */
static int same_axis(const struct shape *from, const struct shape *to, int axis)
{
	size_t before = shape_product(from, 0, axis);
	int i;

	for (i = 0; i < to->rank; i++)
		if (shape_product(to, 0, i) == before && to->dims[i] == from->dims[axis])
			return i;
	return -1;
}

void geometry_reshape(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct shape *from = &node_input(g, n, 0)->shape;
	const struct shape *to = &node_output(g, n, 0)->shape;
	int y, x;

	if (out->kind != GEOMETRY_MAP)
		return;
	if (from->dims[out->axis[0]] == 1 && from->dims[out->axis[1]] == 1) {
		/* One cell: its field stays, whatever becomes of the axes. */
		out->kind = GEOMETRY_GLOBAL;
		return;
	}
	y = same_axis(from, to, out->axis[0]);
	x = same_axis(from, to, out->axis[1]);
	if (y >= 0 && x >= 0 && y != x) {
		out->axis[0] = y;
		out->axis[1] = x;
	} else if (to->rank <= 2) {
		become_whole(g, out); /* what flattens a map feeds it to a dense layer */
	} else {
		out->kind = GEOMETRY_UNKNOWN;
	}
}

/* A product over channels-last maps keeps their place; others mix it. */
void geometry_matrix(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct tensor *a = node_input(g, n, 0), *b = node_input(g, n, 1);
	int last = a->shape.rank - 1;

	if (out->kind == GEOMETRY_MAP && b->constant && b->shape.rank == 2 &&
	    out->axis[0] != last && out->axis[1] != last)
		return;
	become_whole(g, out);
}

void geometry_resize(const struct graph *g, const struct node *n, struct geometry *out)
{
	geometry_move(g, n, out);
}

void geometry_reduce(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct tensor *x = node_input(g, n, 0), *y = node_output(g, n, 0);
	bool gone[2];
	int i;

	if (out->kind != GEOMETRY_MAP)
		return;
	/* Without keepdims the axes that are left can't be told apart by shape alone. */
	if (y->shape.rank != x->shape.rank) {
		if (y->shape.rank <= 2)
			become_whole(g, out);
		else
			out->kind = GEOMETRY_UNKNOWN;
		return;
	}
	for (i = 0; i < 2; i++)
		gone[i] = y->shape.dims[out->axis[i]] != x->shape.dims[out->axis[i]];
	if (gone[0] && gone[1])
		become_whole(g, out);
	else if (gone[0] || gone[1])
		out->kind = GEOMETRY_UNKNOWN;
}

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

void receptive_infer(struct graph *g, const struct node *n)
{
	struct geometry out = join(g, n), part;
	size_t k;

	for (k = 0; k < n->n_outputs; k++) {
		struct tensor *t = node_output(g, n, k);

		if (!t || t->constant)
			continue;
		part = out;
		/* The parts of a Split stand one after the other in its parameters. */
		if (out.kind != GEOMETRY_UNKNOWN && k > 0 && n->op->geometry == geometry_move) {
			struct node one = *n;

			one.params = (struct move *)n->params + k;
			n->op->geometry(g, &one, &part);
		} else if (out.kind != GEOMETRY_UNKNOWN) {
			n->op->geometry(g, n, &part);
		}
		t->geometry = part;
	}
}
