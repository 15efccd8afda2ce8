/* reduce.c -- sums, maxima and the like along axes, and where the maxima are. */
#include <math.h>
#include <string.h>

#include "operator/axes.h"
#include "operator/operators.h"

struct reduce {
	const struct reduction *how;
	struct axes kept, reduced; /* of the input */
	bool keeps, gone[RANK_MAX];
	bool last_alone; /* of the axes, the last one goes */
};

/* Take in n values, each stride after the one before. */
typedef double take_floats(double sum, const float *x, size_t n, size_t stride);
typedef int64_t take_ints(int64_t sum, const int64_t *x, size_t n, size_t stride);

#define FLOATS(name, expression)                                                               \
	static double name(double sum, const float *x, size_t n, size_t stride)                \
	{                                                                                      \
		for (size_t i = 0; i < n; i++) {                                               \
			double v = x[i * stride];                                              \
                                                                                               \
			sum = expression;                                                      \
		}                                                                              \
		return sum;                                                                    \
	}
#define INTS(name, expression)                                                                 \
	static int64_t name(int64_t sum, const int64_t *x, size_t n, size_t stride)            \
	{                                                                                      \
		for (size_t i = 0; i < n; i++) {                                               \
			int64_t v = x[i * stride];                                             \
                                                                                               \
			sum = (int64_t)(expression);                                           \
		}                                                                              \
		return sum;                                                                    \
	}

FLOATS(add, sum + v)
FLOATS(add_absolute, sum + fabs(v))
FLOATS(add_square, sum + v * v)
FLOATS(larger, v > sum ? v : sum)
FLOATS(multiply, sum *v)
FLOATS(smaller, v < sum ? v : sum)
/* Integers wrap, as two's complement does. */
INTS(add_ints, (uint64_t)sum + (uint64_t)v)
INTS(larger_ints, v > sum ? v : sum)
INTS(multiply_ints, (uint64_t)sum *(uint64_t)v)
INTS(smaller_ints, v < sum ? v : sum)

static double same(double sum, size_t n)
{
	(void)n;
	return sum;
}

static double mean(double sum, size_t n)
{
	return sum / (double)n;
}

static double root(double sum, size_t n)
{
	(void)n;
	return sqrt(sum);
}

static double logarithm(double sum, size_t n)
{
	(void)n;
	return log(sum);
}

static const struct reduction {
	const char *name;
	take_floats *floats;
	double start;
	double (*end)(double sum, size_t n);
	take_ints *ints; /* NULL: floats only */
	int64_t start_int;
} reductions[] = {
        {"ReduceL1", add_absolute, 0, same, NULL, 0},
        {"ReduceL2", add_square, 0, root, NULL, 0},
        {"ReduceLogSum", add, 0, logarithm, NULL, 0},
        {"ReduceMax", larger, -INFINITY, same, larger_ints, INT64_MIN},
        {"ReduceMean", add, 0, mean, NULL, 0},
        {"ReduceMin", smaller, INFINITY, same, smaller_ints, INT64_MAX},
        {"ReduceProd", multiply, 1, same, multiply_ints, 1},
        {"ReduceSum", add, 0, same, add_ints, 0},
        {"ReduceSumSquare", add_square, 0, same, NULL, 0},
};

/* Of an operator set that has noop_with_empty_axes: without axes, values as they are. */
static const struct reduction nothing = {"", add, 0, same, add_ints, 0};

/* Which axes go, and how many; all if none is named, unless the operator says that means
 * none. */
static int named_axes(const struct graph *g, const struct node *n, int rank, bool *gone,
                      int *count, struct error *e)
{
	int64_t axes[RANK_MAX];
	size_t axis;

	if (node_ints(g, n, "axes", 1, axes, RANK_MAX, count, e) < 0)
		return -1;
	if (*count < 0)
		*count = 0;
	for (int i = 0; i < rank; i++)
		gone[i] = *count == 0 && node_int(n, "noop_with_empty_axes", 0) == 0;
	for (int i = 0; i < *count; i++) {
		if (node_axis(g, n, axes[i], rank, false, &axis, e) < 0)
			return -1;
		gone[axis] = true;
	}
	return 0;
}

static const struct reduction *find_reduction(const char *type)
{
	size_t i = 0;

	while (strcmp(reductions[i].name, type) != 0)
		i++;
	return &reductions[i];
}

int reduce_infer(struct graph *g, struct node *n, struct error *e)
{
	struct reduce *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x;
	struct shape out = {0};
	size_t stride;
	int count;

	if (!p || node_arity(g, n, 1, 2, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	p->how = find_reduction(n->type);
	p->keeps = node_int(n, "keepdims", 1) != 0;
	if (x->kind == KIND_INT && !p->how->ints)
		return node_fail(g, n, e, "input %s does not hold floats", x->name);
	if (named_axes(g, n, x->shape.rank, p->gone, &count, e) < 0)
		return -1;
	if (count == 0 && node_int(n, "noop_with_empty_axes", 0) != 0)
		p->how = &nothing;
	if (x->count == 0)
		return node_fail(g, n, e, "nothing to reduce");
	p->kept.count = p->reduced.count = 1;
	p->last_alone = x->shape.rank > 0;
	for (int i = 0; i < x->shape.rank; i++) {
		stride = shape_product(&x->shape, i + 1, x->shape.rank);
		p->last_alone = p->last_alone && p->gone[i] == (i == x->shape.rank - 1);
		axes_append(p->gone[i] ? &p->reduced : &p->kept, x->shape.dims[i], stride);
		if (!p->gone[i] || p->keeps)
			out.dims[out.rank++] = p->gone[i] ? 1 : x->shape.dims[i];
	}
	n->params = p;
	return node_set(g, n, 0, x->kind, &out, e);
}

bool reduce_keeps_last(const struct node *n)
{
	const struct reduce *p = n->params;

	return p->keeps && p->how != &nothing && p->last_alone;
}

int reduce_run(const struct run *r, struct error *e)
{
	const struct reduce *p = r->node->params;
	const struct reduction *how = p->how;
	const bool ints = node_input(r->g, r->node, 0)->kind == KIND_INT;
	int last = p->reduced.rank - 1; /* of the reduced axes: a line */
	size_t n = last < 0 ? 1 : p->reduced.dims[last];
	size_t stride = last < 0 ? 1 : p->reduced.strides[last];

	(void)e;
	for (size_t i = 0; i < p->kept.count; i++) {
		size_t from = axes_offset(&p->kept, p->kept.rank, i), at;
		double sum = how->start;
		int64_t sum_int = how->start_int;

		for (size_t k = 0; k < p->reduced.count / n; k++) {
			at = from + axes_offset(&p->reduced, last, k);
			if (ints)
				sum_int = how->ints(sum_int, (const int64_t *)r->in[0] + at, n,
				                    stride);
			else
				sum = how->floats(sum, (const float *)r->in[0] + at, n, stride);
		}
		if (ints)
			((int64_t *)r->out[0])[i] = sum_int;
		else
			((float *)r->out[0])[i] = (float)how->end(sum, p->reduced.count);
	}
	return 0;
}

void geometry_reduce(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct reduce *p = n->params;
	int axis[2];

	if (out->kind != GEOMETRY_MAP && out->kind != GEOMETRY_TOKENS)
		return;
	for (int i = 0; i < 2; i++) {
		axis[i] = out->axis[i];
		for (int k = 0; k < out->axis[i] && !p->keeps; k++)
			axis[i] -= p->gone[k];
	}
	if (p->gone[out->axis[0]] && p->gone[out->axis[1]]) {
		geometry_whole_image(g, n, out);
	} else if (p->gone[out->axis[0]] || p->gone[out->axis[1]]) {
		geometry_lose(out, "rows or columns become one");
	} else {
		out->axis[0] = axis[0];
		out->axis[1] = axis[1];
	}
}

/* ---- ArgMax and ArgMin ---- */

struct extreme {
	size_t outer, n, inner;
	bool most, last; /* of equal ones the last */
};

int extreme_infer(struct graph *g, struct node *n, struct error *e)
{
	struct extreme *p = graph_alloc(g, 1, sizeof *p, e);
	bool keep = node_int(n, "keepdims", 1) != 0;
	const struct tensor *x;
	struct shape out = {0};
	size_t axis;

	if (!p || node_arity(g, n, 1, 1, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    node_axis(g, n, node_int(n, "axis", 0), x->shape.rank, false, &axis, e) < 0)
		return -1;
	p->outer = shape_product(&x->shape, 0, (int)axis);
	p->n = x->shape.dims[axis];
	p->inner = shape_product(&x->shape, (int)axis + 1, x->shape.rank);
	p->most = strcmp(n->type, "ArgMax") == 0;
	p->last = node_int(n, "select_last_index", 0) != 0;
	if (p->n == 0)
		return node_fail(g, n, e, "nothing to choose from");
	for (int i = 0; i < x->shape.rank; i++)
		if (i != (int)axis || keep)
			out.dims[out.rank++] = i == (int)axis ? 1 : x->shape.dims[i];
	n->params = p;
	return node_set(g, n, 0, KIND_INT, &out, e);
}

int extreme_run(const struct run *r, struct error *e)
{
	const struct extreme *p = r->node->params;
	int64_t *y = r->out[0];

	(void)e;
	for (size_t i = 0; i < p->outer * p->inner; i++) {
		const float *x =
		        (const float *)r->in[0] + i / p->inner * p->n * p->inner + i % p->inner;
		size_t best = 0;

		for (size_t k = 1; k < p->n; k++) {
			float v = x[k * p->inner], top = x[best * p->inner];

			if ((p->most ? v > top : v < top) || (p->last && v == top))
				best = k;
		}
		y[i] = (int64_t)best;
	}
	return 0;
}
