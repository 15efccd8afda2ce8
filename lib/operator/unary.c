/* unary.c -- functions of one value. */
#include <math.h>
#include <string.h>

#include "operator/curves.h"
#include "operator/operators.h"

typedef void unary_row(float *y, const float *x, size_t n, float a, float b);
typedef void unary_ints(int64_t *y, const int64_t *x, size_t n);

#define UNARY(name, expression)                                                                \
	VECTOR_CLONES(static, void, name,                                                      \
	              (float *y, const float *x, size_t n, float a, float b), (y, x, n, a, b)) \
	{                                                                                      \
		size_t i;                                                                      \
                                                                                               \
		(void)a;                                                                       \
		(void)b;                                                                       \
		for (i = 0; i < n; i++) {                                                      \
			float v = x[i];                                                        \
                                                                                               \
			y[i] = expression;                                                     \
		}                                                                              \
	}

#define UNARY_INTS(name, expression)                                                           \
	static void name(int64_t *y, const int64_t *x, size_t n)                               \
	{                                                                                      \
		for (size_t i = 0; i < n; i++) {                                               \
			int64_t v = x[i];                                                      \
                                                                                               \
			y[i] = (int64_t)(expression);                                          \
		}                                                                              \
	}

static const float root_half = 0.70710678118654752440f;
static const float gelu_scale = 0.79788456080286535588f; /* sqrt(2 / pi) */

static inline float softplus(float v)
{
	return v > 20 ? v : log1pf(expf(v));
}

/* v, but at least 0 and at most 1; NaN stays.  Compilers make vectors of it, which they don't
 * of fmaxf(). */
static inline float within_one(float v)
{
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

UNARY(absolute_row, fabsf(v))
UNARY(ceil_row, ceilf(v))
UNARY(celu_row, v < 0 ? a * expm1f(v / a) : v)
UNARY(cosine_row, cosf(v))
UNARY(elu_row, v < 0 ? a * (curve_exp(v) - 1) : v)
UNARY(erf_row, curve_erf(v))
UNARY(exp_row, curve_exp(v))
UNARY(floor_row, floorf(v))
UNARY(gelu_row, 0.5f * v * (1 + curve_erf(v * root_half)))
/* (1 + tanh(z)) / 2 is the logistic function of 2 z. */
UNARY(gelu_tanh_row, v / (1 + curve_exp(-2 * gelu_scale * (v + 0.044715f * v * v * v))))
UNARY(hard_sigmoid_row, within_one(a *v + b))
UNARY(hard_swish_row, v *within_one(v *(1.0f / 6) + 0.5f))
UNARY(leaky_row, v < 0 ? a * v : v)
UNARY(log_row, logf(v))
UNARY(mish_row, v *tanhf(softplus(v)))
UNARY(negative_row, -v)
UNARY(reciprocal_row, 1 / v)
UNARY(relu_row, v < 0 ? 0 : v)
UNARY(round_row, rintf(v)) /* a tie goes to the even number */
UNARY(selu_row, v > 0 ? b * v : b * (a * curve_exp(v) - a))
UNARY(sigmoid_row, 1 / (1 + curve_exp(-v)))
UNARY(sign_row, v > 0 ? 1 : v < 0 ? -1 : v)
UNARY(sine_row, sinf(v))
UNARY(softplus_row, softplus(v))
UNARY(softsign_row, v / (1 + fabsf(v)))
UNARY(sqrt_row, sqrtf(v))
UNARY(swish_row, v / (1 + curve_exp(-a * v)))
UNARY(tanh_row, tanhf(v))
UNARY(threshold_row, v > a ? v : 0)
UNARY_INTS(absolute_ints, v < 0 ? -(uint64_t)v : (uint64_t)v)
UNARY_INTS(negative_ints, -(uint64_t)v)
UNARY_INTS(not_ints, v == 0)
UNARY_INTS(sign_ints, (v > 0) - (v < 0))

static const struct unary {
	const char *name;
	unary_row *row;             /* NULL: integers only */
	const char *first, *second; /* names of attributes a and b; NULL: none */
	float a, b;                 /* what they are by default */
	unary_ints *ints;           /* NULL: floats only */
	const char *approximate;    /* what that attribute says; NULL: there is none */
} unaries[] = {
        {"Abs", .row = absolute_row, .ints = absolute_ints},
        {"Ceil", .row = ceil_row},
        {"Celu", .row = celu_row, .first = "alpha", .a = 1},
        {"Cos", .row = cosine_row},
        {"Elu", .row = elu_row, .first = "alpha", .a = 1},
        {"Erf", .row = erf_row},
        {"Exp", .row = exp_row},
        {"Floor", .row = floor_row},
        {"Gelu", .row = gelu_row, .approximate = "none"},
        {"Gelu", .row = gelu_tanh_row, .approximate = "tanh"},
        {"HardSigmoid", .row = hard_sigmoid_row, .first = "alpha", .a = 0.2f, .second = "beta",
         .b = 0.5f},
        {"HardSwish", .row = hard_swish_row},
        {"LeakyRelu", .row = leaky_row, .first = "alpha", .a = 0.01f},
        {"Log", .row = log_row},
        {"Mish", .row = mish_row},
        {"Neg", .row = negative_row, .ints = negative_ints},
        {"Not", .ints = not_ints},
        {"Reciprocal", .row = reciprocal_row},
        {"Relu", .row = relu_row},
        {"Round", .row = round_row},
        {"Selu", .row = selu_row, .first = "alpha", .a = 1.67326319217681884765625f,
         .second = "gamma", .b = 1.05070102214813232421875f},
        {"Sigmoid", .row = sigmoid_row},
        {"Sign", .row = sign_row, .ints = sign_ints},
        {"Sin", .row = sine_row},
        {"Softplus", .row = softplus_row},
        {"Softsign", .row = softsign_row},
        {"Sqrt", .row = sqrt_row},
        {"Swish", .row = swish_row, .first = "alpha", .a = 1},
        {"Tanh", .row = tanh_row},
        {"ThresholdedRelu", .row = threshold_row, .first = "alpha", .a = 1},
};

static const struct unary *find_unary(const struct node *n)
{
	const char *approximate = node_text(n, "approximate", "none");

	for (size_t i = 0; i < sizeof unaries / sizeof *unaries; i++)
		if (strcmp(unaries[i].name, n->type) == 0 &&
		    (!unaries[i].approximate ||
		     strcmp(unaries[i].approximate, approximate) == 0))
			return &unaries[i];
	return NULL;
}

int unary_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct unary *u = find_unary(n);
	const struct tensor *x;

	if (!u)
		return node_fail(g, n, e, "approximate %s is not known",
		                 node_text(n, "approximate", ""));
	if (node_arity(g, n, 1, 1, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (x->kind == KIND_INT && !u->ints)
		return node_fail(g, n, e, "input %s does not hold floats", x->name);
	if (x->kind == KIND_FLOAT && !u->row)
		return node_fail(g, n, e, "input %s holds floats", x->name);
	n->params = (void *)(uintptr_t)u;
	return node_set(g, n, 0, x->kind, &x->shape, e);
}

static void apply_row(const struct node *n, float *y, const float *x, size_t count)
{
	const struct unary *u = n->params;
	/* The first operator set rounded what it had without attributes. */
	bool short_selu = u->row == selu_row && n->opset < 6;
	float a = short_selu ? 1.6732f : u->a, b = short_selu ? 1.0507f : u->b;

	u->row(y, x, count, u->first ? node_number(n, u->first, a) : a,
	       u->second ? node_number(n, u->second, b) : b);
}

int unary_run(const struct run *r, struct error *e)
{
	const struct unary *u = r->node->params;

	(void)e;
	if (node_input(r->g, r->node, 0)->kind == KIND_INT)
		u->ints(r->out[0], r->in[0], run_count(r));
	else
		apply_row(r->node, r->out[0], r->in[0], run_count(r));
	return 0;
}

void unary_apply(const struct node *n, float *x, size_t count)
{
	apply_row(n, x, x, count);
}

void unary_compose(struct node *n)
{
	n->params = (void *)(uintptr_t)find_unary(n);
}

/* Bounds are attributes up to operator set 10, then inputs. */
int clip_infer(struct graph *g, struct node *n, struct error *e)
{
	struct clamp *c = graph_alloc(g, 1, sizeof *c, e);
	const struct tensor *x, *bound;
	size_t i;

	if (!c || node_arity(g, n, 1, 3, e) < 0 || !(x = node_float(g, n, 0, e)))
		return -1;
	*c = (struct clamp){true, node_number(n, "min", -INFINITY),
	                    node_number(n, "max", INFINITY)};
	for (i = 1; i <= 2; i++) {
		bound = node_input(g, n, i);
		if (!bound)
			continue;
		if (!bound->data || bound->kind != KIND_FLOAT || bound->count != 1)
			return node_fail(g, n, e, "its bounds are not constant numbers");
		*(i == 1 ? &c->low : &c->high) = *(const float *)bound->data;
	}
	n->params = c;
	return node_set(g, n, 0, KIND_FLOAT, &x->shape, e);
}

void clip_bounds(const struct node *n, struct clamp *c)
{
	*c = *(const struct clamp *)n->params;
}

void relu_bounds(const struct node *n, struct clamp *c)
{
	(void)n;
	*c = (struct clamp){true, 0, INFINITY};
}

int clip_run(const struct run *r, struct error *e)
{
	const struct clamp *c = r->node->params;
	size_t count = run_count(r);

	(void)e;
	memcpy(r->out[0], r->in[0], count * sizeof(float));
	clamp_row(r->out[0], count, *c);
	return 0;
}
