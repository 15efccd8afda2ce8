/* unary.c -- functions of one value. */
#include <math.h>
#include <string.h>

#include "operator/operators.h"

typedef void unary_row(float *y, const float *x, size_t n, float a, float b);

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

UNARY(absolute_row, fabsf(v))
UNARY(ceil_row, ceilf(v))
UNARY(elu_row, v < 0 ? a * (expf(v) - 1) : v)
UNARY(exp_row, expf(v))
UNARY(floor_row, floorf(v))
UNARY(hard_sigmoid_row, fmaxf(0, fminf(1, a *v + b)))
UNARY(hard_swish_row, v *fmaxf(0, fminf(1, v *(1.0f / 6) + 0.5f)))
UNARY(leaky_row, v < 0 ? a * v : v)
UNARY(negative_row, -v)
UNARY(relu_row, v < 0 ? 0 : v)
UNARY(selu_row, v > 0 ? b * v : b * (a * expf(v) - a))
UNARY(sigmoid_row, 1 / (1 + expf(-v)))
UNARY(softplus_row, v > 20 ? v : log1pf(expf(v)))
UNARY(sqrt_row, sqrtf(v))
UNARY(tanh_row, tanhf(v))

static const struct unary {
	const char *name;
	unary_row *row;
	const char *first, *second; /* attributes a and b, and what they are by default */
	float a, b;
} unaries[] = {
        {"Abs", absolute_row, "", "", 0, 0},
        {"Ceil", ceil_row, "", "", 0, 0},
        {"Elu", elu_row, "alpha", "", 1, 0},
        {"Exp", exp_row, "", "", 0, 0},
        {"Floor", floor_row, "", "", 0, 0},
        {"HardSigmoid", hard_sigmoid_row, "alpha", "beta", 0.2f, 0.5f},
        {"HardSwish", hard_swish_row, "", "", 0, 0},
        {"LeakyRelu", leaky_row, "alpha", "", 0.01f, 0},
        {"Neg", negative_row, "", "", 0, 0},
        {"Relu", relu_row, "", "", 0, 0},
        {"Selu", selu_row, "alpha", "gamma", 1.67326319217681884765625f,
         1.05070102214813232421875f},
        {"Sigmoid", sigmoid_row, "", "", 0, 0},
        {"Softplus", softplus_row, "", "", 0, 0},
        {"Sqrt", sqrt_row, "", "", 0, 0},
        {"Tanh", tanh_row, "", "", 0, 0},
};

int unary_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x;
	size_t i;

	if (node_arity(g, n, 1, 1, e) < 0 || !(x = node_float(g, n, 0, e)))
		return -1;
	for (i = 0; strcmp(unaries[i].name, n->type) != 0; i++)
		;
	n->params = (void *)(uintptr_t)&unaries[i];
	return node_set(g, n, 0, KIND_FLOAT, &x->shape, e);
}

int unary_run(const struct run *r, struct error *e)
{
	const struct unary *u = r->node->params;
	/* The first operator set rounded what it had without attributes. */
	bool short_selu = u->row == selu_row && r->node->opset < 6;

	(void)e;
	u->row(r->out[0], r->in[0], run_count(r),
	       node_number(r->node, u->first, short_selu ? 1.6732f : u->a),
	       node_number(r->node, u->second, short_selu ? 1.0507f : u->b));
	return 0;
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
