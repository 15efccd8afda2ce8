/* elementwise.c -- functions of values at the same place, broadcast against one another. */
#include <math.h>
#include <string.h>

#include "operator/blocked_shape.h"
#include "operator/operators.h"

/* y[i] = a[i * step_a] op b[i * step_b]; steps are 0 or 1. */
typedef void float_row(float *y, const float *a, const float *b, size_t n, int step_a,
                       int step_b);
typedef int int_row(int64_t *y, const int64_t *a, const int64_t *b, size_t n, int step_a,
                    int step_b);

#define FLOATS(name, expression)                                                               \
	VECTOR_CLONES(                                                                         \
	        static, void, name,                                                            \
	        (float *y, const float *a, const float *b, size_t n, int step_a, int step_b),  \
	        (y, a, b, n, step_a, step_b))                                                  \
	{                                                                                      \
		size_t i;                                                                      \
		float p = *a, q = *b;                                                          \
                                                                                               \
		if (step_a && step_b) {                                                        \
			for (i = 0; i < n; i++) {                                              \
				p = a[i];                                                      \
				q = b[i];                                                      \
				y[i] = expression;                                             \
			}                                                                      \
		} else if (step_a) {                                                           \
			for (i = 0; i < n; i++) {                                              \
				p = a[i];                                                      \
				y[i] = expression;                                             \
			}                                                                      \
		} else {                                                                       \
			for (i = 0; i < n; i++) {                                              \
				q = b[i * (size_t)step_b];                                     \
				y[i] = expression;                                             \
			}                                                                      \
		}                                                                              \
	}

/* Integers wrap, as two's complement does; fault is a condition that has no result. */
#define INTS(name, fault, expression)                                                          \
	static int name(int64_t *y, const int64_t *a, const int64_t *b, size_t n, int step_a,  \
	                int step_b)                                                            \
	{                                                                                      \
		size_t i;                                                                      \
                                                                                               \
		for (i = 0; i < n; i++) {                                                      \
			int64_t p = a[i * (size_t)step_a], q = b[i * (size_t)step_b];          \
                                                                                               \
			if (fault)                                                             \
				return -1;                                                     \
			y[i] = (int64_t)(expression);                                          \
		}                                                                              \
		return 0;                                                                      \
	}

FLOATS(add_floats, p + q)
FLOATS(subtract_floats, p - q)
FLOATS(multiply_floats, p *q)
FLOATS(divide_floats, p / q)
FLOATS(max_floats, p < q ? q : p)
FLOATS(min_floats, q < p ? q : p)
FLOATS(power_floats, powf(p, q))
FLOATS(slope_floats, p < 0 ? p * q : p)
INTS(add_ints, false, (uint64_t)p + (uint64_t)q)
INTS(subtract_ints, false, (uint64_t)p - (uint64_t)q)
INTS(multiply_ints, false, (uint64_t)p *(uint64_t)q)
INTS(divide_ints, q == 0 || (q == -1 && p == INT64_MIN), p / q)
INTS(max_ints, false, p < q ? q : p)
INTS(min_ints, false, q < p ? q : p)

static const struct binary {
	const char *name;
	float_row *floats;
	int_row *ints; /* NULL: floats only */
	size_t most;   /* inputs */
} binaries[] = {
        {"Add", add_floats, add_ints, 2},
        {"Div", divide_floats, divide_ints, 2},
        {"Max", max_floats, max_ints, TENSOR_LIMIT},
        {"Min", min_floats, min_ints, TENSOR_LIMIT},
        {"Mul", multiply_floats, multiply_ints, 2},
        {"PRelu", slope_floats, NULL, 2},
        {"Pow", power_floats, NULL, 2},
        {"Sub", subtract_floats, subtract_ints, 2},
        {"Sum", add_floats, NULL, TENSOR_LIMIT},
};

/* Up to operator set 6 the second operand's axes are a's from the attribute axis on, or the
 * last ones; -1 is what Caffe2 called those. */
static int old_broadcast(const struct graph *g, const struct node *n, const struct shape *a,
                         struct shape *b, struct error *e)
{
	int64_t last = a->rank - b->rank, axis = node_int(n, "axis", -1);

	if (node_int(n, "broadcast", 0) == 0)
		return shape_equal(a, b)
		               ? 0
		               : node_fail(g, n, e, "shapes differ without broadcast");
	if (axis == -1)
		axis = last;
	else if (axis < 0)
		axis += a->rank;
	if (axis < 0 || axis > last)
		return node_fail(g, n, e, "axis %lld of %d for an operand with %d axes",
		                 (long long)node_int(n, "axis", -1), a->rank, b->rank);
	while (b->rank + axis < a->rank)
		b->dims[b->rank++] = 1;
	return 0;
}

/* What input i's shape counts as beside the first. */
static int operand_shape(const struct graph *g, const struct node *n, size_t i, struct shape *s,
                         struct error *e)
{
	const struct tensor *first = node_input(g, n, 0), *t = node_input(g, n, i);
	const struct binary *b = n->params;

	*s = t->shape;
	if (i == 0 || n->opset >= 7 || b->most != 2)
		return 0;
	if (t->count == 1) {
		s->rank = 0;
		return 0;
	}
	if (b->floats != slope_floats)
		return old_broadcast(g, n, &first->shape, s, e);
	/* A slope per channel had one axis. */
	for (; t->shape.rank == 1 && s->rank < first->shape.rank - 1; s->rank++)
		s->dims[s->rank] = 1;
	return 0;
}

int binary_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x, *t;
	const struct binary *b;
	struct shape out, s;
	char left[128], right[128];
	bool one_way;
	size_t i;

	for (i = 0; strcmp(binaries[i].name, n->type) != 0; i++)
		;
	b = &binaries[i];
	n->params = (void *)(uintptr_t)b;
	if (n->n_inputs < 1)
		return node_fail(g, n, e, "no input");
	if (node_arity(g, n, b->most == 2 ? 2 : n->n_inputs, b->most, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (x->kind == KIND_INT && !b->ints)
		return node_fail(g, n, e, "its inputs are not floats");
	/* Only the second operand is spread over the first. */
	one_way = b->floats == slope_floats || (n->opset < 7 && b->most == 2);
	out = x->shape;
	for (i = 1; i < n->n_inputs; i++) {
		t = node_input(g, n, i);
		if (t->kind != x->kind)
			return node_fail(g, n, e, "floats and integers together");
		if (operand_shape(g, n, i, &s, e) < 0)
			return -1;
		if (!shape_broadcast(&out, &s, &out) ||
		    (one_way && !shape_equal(&out, &x->shape)))
			return node_fail(g, n, e, "shapes %s and %s don't fit",
			                 shape_text(&x->shape, left, sizeof left),
			                 shape_text(&t->shape, right, sizeof right));
	}
	return node_set(g, n, 0, x->kind, &out, e);
}

/* An operand's shape with as many axes as the output's. */
static struct shape fill_axes(const struct shape *s, int rank)
{
	struct shape filled = {.rank = rank};
	int i, more = rank - s->rank;

	for (i = 0; i < rank; i++)
		filled.dims[i] = i < more ? 1 : s->dims[i - more];
	return filled;
}

void binary_operand(const struct graph *g, const struct node *n, size_t i, struct shape *s)
{
	struct error none = {0}; /* binary_infer() saw it */

	if (operand_shape(g, n, i, s, &none) == 0)
		*s = fill_axes(s, node_output(g, n, 0)->shape.rank);
}

/* Each operand is one number, or one for each channel, or has the output's shape. */
bool binary_blocked(const struct graph *g, const struct node *n)
{
	const struct tensor *y = node_output(g, n, 0), *t;
	struct shape s;
	size_t i;

	if (!map_blocked(g, n) || y->shape.dims[0] != 1 || y->count == 1)
		return false;
	for (i = 0; i < n->n_inputs; i++) {
		t = node_input(g, n, i);
		if (t->count == 1)
			continue;
		if (!t->constant && t->shape.rank != y->shape.rank)
			return false;
		binary_operand(g, n, i, &s);
		if (s.dims[1] != y->shape.dims[1] ||
		    (shape_product(&s, 2, s.rank) != 1 && !shape_equal(&s, &y->shape)))
			return false;
	}
	return true;
}

/* The shape of operand i as it is stored. */
static struct shape stored_shape(const struct run *r, size_t i)
{
	struct shape s;

	binary_operand(r->g, r->node, i, &s);
	return r->blocked && node_input(r->g, r->node, i)->count != 1 ? shape_blocked(&s) : s;
}

enum { ROW = 4096 }; /* values done at once, so that bounds are applied in the cache */

/* The output and two operands with equal ranks, axes merged where that can be. */
struct plane {
	int rank;
	size_t dims[RANK_MAX], a[RANK_MAX], b[RANK_MAX]; /* strides, 0 where broadcast */
};

static void strides_of(const struct shape *s, const struct shape *out, size_t *strides)
{
	size_t step = 1;
	int i, k;

	for (i = out->rank - 1; i >= 0; i--) {
		k = i - (out->rank - s->rank);
		strides[i] = k >= 0 && s->dims[k] != 1 ? step : 0;
		step *= k >= 0 ? s->dims[k] : 1;
	}
}

static struct plane plane_of(const struct shape *out, const struct shape *a,
                             const struct shape *b)
{
	struct plane p = {0};
	size_t sa[RANK_MAX], sb[RANK_MAX];
	int i;

	strides_of(a, out, sa);
	strides_of(b, out, sb);
	for (i = 0; i < out->rank; i++) {
		int last = p.rank - 1;

		if (out->dims[i] == 1)
			continue;
		if (p.rank && p.a[last] == sa[i] * out->dims[i] &&
		    p.b[last] == sb[i] * out->dims[i]) {
			p.dims[last] *= out->dims[i];
			p.a[last] = sa[i];
			p.b[last] = sb[i];
		} else {
			p.dims[p.rank] = out->dims[i];
			p.a[p.rank] = sa[i];
			p.b[p.rank++] = sb[i];
		}
	}
	if (p.rank == 0) {
		p.dims[0] = 1;
		p.rank = 1;
	}
	return p;
}

/* y = a op b over the whole plane. */
static int combine(const struct run *r, const struct binary *op, enum kind kind,
                   const struct plane *p, const void *a, const void *b, struct clamp clamp)
{
	size_t width = kind_size(kind), inner = p->dims[p->rank - 1], outer = 1, o, i, n;
	size_t step_a = p->a[p->rank - 1], step_b = p->b[p->rank - 1];
	char *y = r->out[0];
	int axis;

	for (axis = 0; axis < p->rank - 1; axis++)
		outer *= p->dims[axis];
	for (o = 0; o < outer; o++) {
		size_t at_a = 0, at_b = 0, rest = o;

		for (axis = p->rank - 2; axis >= 0; axis--) {
			at_a += rest % p->dims[axis] * p->a[axis];
			at_b += rest % p->dims[axis] * p->b[axis];
			rest /= p->dims[axis];
		}
		for (i = 0; i < inner; i += n, y += n * width) {
			const char *pa = (const char *)a + (at_a + i * step_a) * width;
			const char *pb = (const char *)b + (at_b + i * step_b) * width;

			n = inner - i > ROW ? ROW : inner - i;
			if (kind == KIND_INT) {
				if (op->ints((int64_t *)y, (const int64_t *)pa,
				             (const int64_t *)pb, n, step_a != 0,
				             step_b != 0) < 0)
					return -1;
				continue;
			}
			op->floats((float *)y, (const float *)pa, (const float *)pb, n,
			           step_a != 0, step_b != 0);
			if (clamp.on)
				clamp_row((float *)y, n, clamp);
		}
	}
	return 0;
}

int binary_run(const struct run *r, struct error *e)
{
	const struct binary *op = r->node->params;
	const struct tensor *y = node_output(r->g, r->node, 0);
	struct shape out = r->blocked ? shape_blocked(&y->shape) : y->shape, left, right;
	const void *a = r->in[0];
	size_t i, n = r->node->n_inputs;

	if (y->count == 0)
		return 0;
	left = stored_shape(r, 0);
	if (n == 1) {
		memcpy(r->out[0], r->in[0], run_count(r) * kind_size(y->kind));
		if (r->clamp.on)
			clamp_row(r->out[0], run_count(r), r->clamp);
	}
	for (i = 1; i < n; i++) {
		struct clamp clamp = r->clamp;
		struct plane p;

		clamp.on = clamp.on && i + 1 == n;
		right = stored_shape(r, i);
		p = plane_of(&out, &left, &right);
		if (combine(r, op, y->kind, &p, a, r->in[i], clamp) < 0)
			return node_fail(r->g, r->node, e, "division by zero");
		a = r->out[0];
		left = out;
	}
	return 0;
}

/* Does a constant of shape s have one value, or one for each of axis 1 of t? */
static bool per_channel(const struct shape *s, const struct shape *t)
{
	int i, axis;

	if (s->rank > t->rank)
		return false;
	for (i = 0; i < s->rank; i++) {
		axis = i + t->rank - s->rank;
		if (s->dims[i] != 1 && (axis != 1 || s->dims[i] != t->dims[1]))
			return false;
	}
	return true;
}

/* Mul, Add, Sub or Div with a constant. */
bool binary_scales(const struct graph *g, const struct node *n, size_t i,
                   const void *const *constants, struct affine *a)
{
	const struct tensor *x = node_input(g, n, i), *other = node_input(g, n, !i);
	const float *values = constants[n->inputs[!i]];
	char what = n->type[0]; /* M, A, S or D */
	struct shape s;

	binary_operand(g, n, !i, &s);
	if (!values || !per_channel(&s, &x->shape) || (i > 0 && (what == 'S' || what == 'D')))
		return false;
	for (size_t c = 0; c < a->channels; c++) {
		double v = values[other->count == 1 ? 0 : c];

		if (what == 'M' || what == 'D') {
			v = what == 'D' ? 1 / v : v;
			a->scale[c] *= v;
			a->shift[c] *= v;
		} else {
			a->shift[c] += what == 'S' ? -v : v;
		}
	}
	return true;
}
