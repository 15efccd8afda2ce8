/* reduce.c -- ReduceMean, ReduceSum, ReduceMax, ReduceMin. */
#include <math.h>
#include <string.h>

#include "operator/operators.h"

/* Kept axes and reduced axes of the input, each with the strides of its own. */
struct axes {
	int rank;
	size_t dims[RANK_MAX], strides[RANK_MAX], count;
};

struct reduce {
	struct axes kept, reduced;
};

static void append(struct axes *a, size_t dim, size_t stride)
{
	a->dims[a->rank] = dim;
	a->strides[a->rank++] = stride;
	a->count *= dim;
}

/* Which axes go; all if none is named, unless the operator says that means none. */
static int named_axes(const struct graph *g, const struct node *n, int rank, bool *gone,
                      struct error *e)
{
	int64_t axes[RANK_MAX];
	size_t axis;
	int count;

	if (node_ints(g, n, "axes", 1, axes, RANK_MAX, &count, e) < 0)
		return -1;
	if (count < 0)
		count = 0;
	for (int i = 0; i < rank; i++)
		gone[i] = count == 0 && node_int(n, "noop_with_empty_axes", 0) == 0;
	for (int i = 0; i < count; i++) {
		if (node_axis(g, n, axes[i], rank, false, &axis, e) < 0)
			return -1;
		gone[axis] = true;
	}
	return 0;
}

int reduce_infer(struct graph *g, struct node *n, struct error *e)
{
	struct reduce *p = graph_alloc(g, 1, sizeof *p, e);
	bool keep = node_int(n, "keepdims", 1) != 0, gone[RANK_MAX];
	const struct tensor *x;
	struct shape out = {0};
	size_t stride = 1;

	if (!p || node_arity(g, n, 1, 2, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    named_axes(g, n, x->shape.rank, gone, e) < 0)
		return -1;
	if (x->count == 0)
		return node_fail(g, n, e, "nothing to reduce");
	p->kept.count = p->reduced.count = 1;
	for (int i = 0; i < x->shape.rank; i++) {
		stride = shape_product(&x->shape, i + 1, x->shape.rank);
		append(gone[i] ? &p->reduced : &p->kept, x->shape.dims[i], stride);
		if (!gone[i] || keep)
			out.dims[out.rank++] = gone[i] ? 1 : x->shape.dims[i];
	}
	n->params = p;
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

static size_t offset_of(const struct axes *a, size_t i)
{
	size_t at = 0;

	for (int axis = a->rank - 1; axis >= 0; axis--) {
		at += i % a->dims[axis] * a->strides[axis];
		i /= a->dims[axis];
	}
	return at;
}

int reduce_run(const struct run *r, struct error *e)
{
	const struct reduce *p = r->node->params;
	const char *what = r->node->type + strlen("Reduce");
	const float *x = r->in[0];
	float *y = r->out[0];

	(void)e;
	for (size_t i = 0; i < p->kept.count; i++) {
		const float *from = x + offset_of(&p->kept, i);
		double sum = 0;
		float least = INFINITY, most = -INFINITY;

		for (size_t k = 0; k < p->reduced.count; k++) {
			float v = from[offset_of(&p->reduced, k)];

			sum += v;
			least = v < least ? v : least;
			most = v > most ? v : most;
		}
		if (strcmp(what, "Max") == 0)
			y[i] = most;
		else if (strcmp(what, "Min") == 0)
			y[i] = least;
		else
			y[i] = (float)(strcmp(what, "Mean") == 0
			                       ? sum / (double)p->reduced.count
			                       : sum);
	}
	return 0;
}

void geometry_reduce(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct tensor *x = node_input(g, n, 0), *y = node_output(g, n, 0);
	bool gone[2];

	if (out->kind != GEOMETRY_MAP)
		return;
	/* Without keepdims the axes that are left can't be told apart by shape alone. */
	if (y->shape.rank != x->shape.rank) {
		if (y->shape.rank <= 2)
			geometry_whole_image(g, n, out);
		else
			out->kind = GEOMETRY_UNKNOWN;
		return;
	}
	for (int i = 0; i < 2; i++)
		gone[i] = y->shape.dims[out->axis[i]] != x->shape.dims[out->axis[i]];
	if (gone[0] && gone[1])
		geometry_whole_image(g, n, out);
	else if (gone[0] || gone[1])
		out->kind = GEOMETRY_UNKNOWN;
}
