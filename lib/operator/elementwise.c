/* elementwise.c -- functions of values at the same place, broadcast against one another. */
#include <math.h>
#include <string.h>

#include "operator/blocked_shape.h"
#include "operator/broadcast.h"
#include "operator/operators.h"

/* y[i] = a[i * step_a] op b[i * step_b]; steps are 0 or 1.  -1: two of the values have no
 * result. */
typedef int binary_row(void *y, const void *a, const void *b, size_t n, int step_a, int step_b);

/* A row of Y from A and B; fault is a condition under which p and q have no result. */
#define ROW(name, Y, A, B, fault, expression)                                                  \
	VECTOR_CLONES(static, int, name,                                                       \
	              (void *out, const void *left, const void *right, size_t n, int step_a,   \
	               int step_b),                                                            \
	              (out, left, right, n, step_a, step_b))                                   \
	{                                                                                      \
		Y *y = out;                                                                    \
		const A *a = left;                                                             \
		const B *b = right;                                                            \
		A p = *a;                                                                      \
		B q = *b;                                                                      \
		size_t i;                                                                      \
                                                                                               \
		if (step_a && step_b) {                                                        \
			for (i = 0; i < n; i++) {                                              \
				p = a[i];                                                      \
				q = b[i];                                                      \
				if (fault)                                                     \
					return -1;                                             \
				y[i] = (Y)(expression);                                        \
			}                                                                      \
		} else if (step_a) {                                                           \
			for (i = 0; i < n; i++) {                                              \
				p = a[i];                                                      \
				if (fault)                                                     \
					return -1;                                             \
				y[i] = (Y)(expression);                                        \
			}                                                                      \
		} else {                                                                       \
			for (i = 0; i < n; i++) {                                              \
				q = b[i * (size_t)step_b];                                     \
				if (fault)                                                     \
					return -1;                                             \
				y[i] = (Y)(expression);                                        \
			}                                                                      \
		}                                                                              \
		return 0;                                                                      \
	}

#define FLOATS(name, expression) ROW(name, float, float, float, false, expression)
/* Integers wrap, as two's complement does. */
#define INTS(name, fault, expression) ROW(name, int64_t, int64_t, int64_t, fault, expression)
#define COMPARE(name, expression)                                                              \
	ROW(name##_floats, int64_t, float, float, false, expression)                           \
	INTS(name##_ints, false, expression)

/* Squares are what exporters write most. */
static inline float power(float p, float q)
{
	return q == 2 ? p * p : powf(p, q);
}

/* By squaring; what no integer holds wraps, and a negative exponent leaves 1, -1 or 0. */
static int64_t integer_power(int64_t base, int64_t exponent)
{
	uint64_t p = (uint64_t)base, y = 1;

	if (exponent < 0)
		return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
	for (; exponent > 0; exponent /= 2, p *= p)
		y = exponent % 2 ? y * p : y;
	return (int64_t)y;
}

/* What no integer holds becomes the nearest one. */
static int64_t to_integer(double x)
{
	if (!(x > -0x1p63))
		return x == x ? INT64_MIN : 0;
	return x >= 0x1p63 ? INT64_MAX : (int64_t)x;
}

FLOATS(add_floats, p + q)
FLOATS(subtract_floats, p - q)
FLOATS(multiply_floats, p *q)
FLOATS(divide_floats, p / q)
FLOATS(max_floats, p < q ? q : p)
FLOATS(min_floats, q < p ? q : p)
FLOATS(power_floats, power(p, q))
FLOATS(slope_floats, p < 0 ? p * q : p)
ROW(power_float_int, float, float, int64_t, false, power(p, (float)q))
ROW(power_int_float, int64_t, int64_t, float, false, to_integer(pow((double)p, q)))
FLOATS(remainder_floats, fmodf(p, q))
INTS(add_ints, false, (uint64_t)p + (uint64_t)q)
INTS(subtract_ints, false, (uint64_t)p - (uint64_t)q)
INTS(multiply_ints, false, (uint64_t)p *(uint64_t)q)
INTS(divide_ints, q == 0 || (q == -1 && p == INT64_MIN), p / q)
INTS(modulo_ints, q == 0 || (q == -1 && p == INT64_MIN),
     p % q + ((p % q != 0 && (p % q < 0) != (q < 0)) ? q : 0))
INTS(remainder_ints, q == 0 || (q == -1 && p == INT64_MIN), p % q)
INTS(max_ints, false, p < q ? q : p)
INTS(min_ints, false, q < p ? q : p)
INTS(power_ints, p == 0 && q < 0, integer_power(p, q))
INTS(and_ints, false, p &&q)
INTS(or_ints, false, p || q)
INTS(xor_ints, false, !p != !q)
COMPARE(equal, p == q)
COMPARE(greater, p > q)
COMPARE(greater_equal, p >= q)
COMPARE(less, p < q)
COMPARE(less_equal, p <= q)

static const struct binary {
	const char *name;
	binary_row *rows[2][2]; /* by the kinds of both operands; NULL: not supported */
	bool truth;             /* the result is a truth value, else of the first's kind */
	size_t most;            /* inputs */
} binaries[] = {
        {"", {{remainder_floats}, {NULL, remainder_ints}}, false, 2}, /* Mod with fmod */
        {"Add", {{add_floats}, {NULL, add_ints}}, false, 2},
        {"And", {{NULL}, {NULL, and_ints}}, true, 2},
        {"Div", {{divide_floats}, {NULL, divide_ints}}, false, 2},
        {"Equal", {{equal_floats}, {NULL, equal_ints}}, true, 2},
        {"Greater", {{greater_floats}, {NULL, greater_ints}}, true, 2},
        {"GreaterOrEqual", {{greater_equal_floats}, {NULL, greater_equal_ints}}, true, 2},
        {"Less", {{less_floats}, {NULL, less_ints}}, true, 2},
        {"LessOrEqual", {{less_equal_floats}, {NULL, less_equal_ints}}, true, 2},
        {"Max", {{max_floats}, {NULL, max_ints}}, false, TENSOR_LIMIT},
        {"Mean", {{add_floats}}, false, TENSOR_LIMIT}, /* then divided */
        {"Min", {{min_floats}, {NULL, min_ints}}, false, TENSOR_LIMIT},
        {"Mod", {{NULL}, {NULL, modulo_ints}}, false, 2},
        {"Mul", {{multiply_floats}, {NULL, multiply_ints}}, false, 2},
        {"Or", {{NULL}, {NULL, or_ints}}, true, 2},
        {"PRelu", {{slope_floats}}, false, 2},
        {"Pow", {{power_floats, power_float_int}, {power_int_float, power_ints}}, false, 2},
        {"Sub", {{subtract_floats}, {NULL, subtract_ints}}, false, 2},
        {"Sum", {{add_floats}}, false, TENSOR_LIMIT},
        {"Xor", {{NULL}, {NULL, xor_ints}}, true, 2},
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
	if (b->rows[0][0] != slope_floats)
		return old_broadcast(g, n, &first->shape, s, e);
	/* A slope per channel had one axis. */
	for (; t->shape.rank == 1 && s->rank < first->shape.rank - 1; s->rank++)
		s->dims[s->rank] = 1;
	return 0;
}

static int infer_as(struct graph *g, struct node *n, const char *name, struct error *e)
{
	const struct tensor *x, *t;
	const struct binary *b;
	struct shape out, s;
	char left[128], right[128];
	bool one_way;
	size_t i;

	for (i = 0; strcmp(binaries[i].name, name) != 0; i++)
		;
	b = &binaries[i];
	n->params = (void *)(uintptr_t)b;
	if (n->n_inputs < 1)
		return node_fail(g, n, e, "no input");
	if (node_arity(g, n, b->most == 2 ? 2 : n->n_inputs, b->most, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (!b->rows[x->kind][KIND_INT] && !b->rows[x->kind][KIND_FLOAT])
		return node_fail(g, n, e, "its inputs are not %s",
		                 x->kind == KIND_INT ? "floats" : "integers");
	/* Only the second operand is spread over the first. */
	one_way = b->rows[0][0] == slope_floats || (n->opset < 7 && b->most == 2);
	out = x->shape;
	for (i = 1; i < n->n_inputs; i++) {
		t = node_input(g, n, i);
		if (!b->rows[x->kind][t->kind])
			return node_fail(g, n, e, "floats and integers together");
		if (operand_shape(g, n, i, &s, e) < 0)
			return -1;
		if (!shape_broadcast(&out, &s, &out) ||
		    (one_way && !shape_equal(&out, &x->shape)))
			return node_fail(g, n, e, "shapes %s and %s don't fit",
			                 shape_text(&x->shape, left, sizeof left),
			                 shape_text(&t->shape, right, sizeof right));
	}
	return node_set(g, n, 0, b->truth ? KIND_INT : x->kind, &out, e);
}

int binary_infer(struct graph *g, struct node *n, struct error *e)
{
	return infer_as(g, n, n->type, e);
}

/* What is left has the sign of the divisor; with fmod that of the dividend, as in C. */
int modulo_infer(struct graph *g, struct node *n, struct error *e)
{
	return infer_as(g, n, node_int(n, "fmod", 0) ? "" : n->type, e);
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
		if (t->kind != KIND_FLOAT || (!t->constant && t->shape.rank != y->shape.rank))
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

enum { PIECE = 4096 }; /* values done at once, so that bounds are applied in the cache */

/* y = a op b over the whole plane. */
static int combine(const struct run *r, binary_row *row, const struct plane *p, const void *a,
                   enum kind kind_a, const void *b, enum kind kind_b, struct clamp clamp)
{
	size_t width = kind_size(node_output(r->g, r->node, 0)->kind);
	size_t width_a = kind_size(kind_a), width_b = kind_size(kind_b);
	size_t inner = p->dims[p->rank - 1], lines = plane_lines(p), at[2], n;
	size_t step_a = p->strides[0][p->rank - 1], step_b = p->strides[1][p->rank - 1];
	/* Lines along the axis before, which are many where a channel has one number. */
	const int before = p->rank > 1 ? p->rank - 2 : 0;
	const size_t along = p->rank > 1 ? p->dims[before] : 1;
	char *y = r->out[0];

	for (size_t line = 0; line < lines; line++) {
		if (line % along == 0) {
			plane_line(p, line, at, 2);
		} else {
			at[0] += p->strides[0][before];
			at[1] += p->strides[1][before];
		}
		for (size_t i = 0; i < inner; i += n, y += n * width) {
			n = inner - i > PIECE ? PIECE : inner - i;
			if (row(y, (const char *)a + (at[0] + i * step_a) * width_a,
			        (const char *)b + (at[1] + i * step_b) * width_b, n,
			        step_a != 0, step_b != 0) < 0)
				return -1;
			if (clamp.on)
				clamp_row((float *)y, n, clamp);
		}
	}
	return 0;
}

/* A sum becomes a mean. */
static void divide(const struct run *r, const struct shape *stored)
{
	const size_t count = shape_product(stored, 0, stored->rank);
	const float inputs = (float)r->node->n_inputs;
	float *y = r->out[0];

	for (size_t i = 0; i < count; i++)
		y[i] /= inputs;
	if (r->clamp.on)
		clamp_row(y, count, r->clamp);
}

int binary_run(const struct run *r, struct error *e)
{
	const struct binary *op = r->node->params;
	const bool mean = strcmp(op->name, "Mean") == 0;
	const struct tensor *y = node_output(r->g, r->node, 0);
	struct shape out = r->blocked ? shape_blocked(&y->shape) : y->shape, operands[2];
	enum kind kind = node_input(r->g, r->node, 0)->kind, other;
	const void *a = r->in[0];
	size_t i, n = r->node->n_inputs;

	if (y->count == 0)
		return 0;
	operands[0] = stored_shape(r, 0);
	if (n == 1) {
		memcpy(r->out[0], r->in[0], run_count(r) * kind_size(y->kind));
		if (r->clamp.on)
			clamp_row(r->out[0], run_count(r), r->clamp);
	}
	for (i = 1; i < n; i++) {
		struct clamp clamp = r->clamp;
		struct plane p;

		clamp.on = clamp.on && i + 1 == n && !mean;
		operands[1] = stored_shape(r, i);
		other = node_input(r->g, r->node, i)->kind;
		p = plane_of(&out, operands, 2);
		if (combine(r, op->rows[kind][other], &p, a, kind, r->in[i], other, clamp) < 0)
			return node_fail(r->g, r->node, e, "division by zero");
		a = r->out[0];
		operands[0] = out;
	}
	if (mean)
		divide(r, &out);
	return 0;
}

/* Does a constant of shape s have one value, or one for each of an axis of t? */
static bool per_channel(const struct shape *s, const struct shape *t, int along)
{
	int i, axis;

	if (s->rank > t->rank || along < 0)
		return false;
	for (i = 0; i < s->rank; i++) {
		axis = i + t->rank - s->rank;
		if (s->dims[i] != 1 && (axis != along || s->dims[i] != t->dims[axis]))
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
	if (!values || !per_channel(&s, &x->shape, affine_axis(a, &x->shape)) ||
	    (i > 0 && (what == 'S' || what == 'D')))
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

/* ---- Where: one of two, by a truth value ---- */

int where_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *t[OPERANDS];
	struct shape out;
	char text[OPERANDS][128];

	if (node_arity(g, n, OPERANDS, OPERANDS, e) < 0)
		return -1;
	for (size_t i = 0; i < OPERANDS; i++) {
		t[i] = node_input(g, n, i);
		shape_text(&t[i]->shape, text[i], sizeof text[i]);
	}
	if (t[0]->kind != KIND_INT)
		return node_fail(g, n, e, "its condition holds floats");
	if (t[1]->kind != t[2]->kind)
		return node_fail(g, n, e, "floats and integers together");
	if (!shape_broadcast(&t[0]->shape, &t[1]->shape, &out) ||
	    !shape_broadcast(&out, &t[2]->shape, &out))
		return node_fail(g, n, e, "shapes %s, %s and %s don't fit", text[0], text[1],
		                 text[2]);
	return node_set(g, n, 0, t[1]->kind, &out, e);
}

int where_run(const struct run *r, struct error *e)
{
	const struct tensor *y = node_output(r->g, r->node, 0);
	const int64_t *truth = r->in[0];
	size_t width = kind_size(y->kind), at[OPERANDS], step[OPERANDS], inner;
	struct shape operands[OPERANDS];
	struct plane p;
	char *out = r->out[0];

	(void)e;
	if (y->count == 0)
		return 0;
	for (size_t i = 0; i < OPERANDS; i++)
		operands[i] = node_input(r->g, r->node, i)->shape;
	p = plane_of(&y->shape, operands, OPERANDS);
	inner = p.dims[p.rank - 1];
	for (size_t i = 0; i < OPERANDS; i++)
		step[i] = p.strides[i][p.rank - 1];
	for (size_t line = 0; line < plane_lines(&p); line++) {
		plane_line(&p, line, at, OPERANDS);
		for (size_t i = 0; i < inner; i++, out += width) {
			size_t k = truth[at[0] + i * step[0]] ? 1 : 2;

			memcpy(out, (const char *)r->in[k] + (at[k] + i * step[k]) * width,
			       width);
		}
	}
	return 0;
}
