/* compose.c -- see compose.h.  A chain is followed from its end backwards. */
#include "operator/compose.h"

#include <math.h>
#include <string.h>

#include "graph/node.h"
#include "operator/operators.h"
#include "operator/table.h"

struct chain {
	const struct graph *g;
	const void *const *constants;
	struct composed *c;
};

/* The node of that type that makes tensor t, taken into the chain; or NULL. */
static const struct node *take(struct chain *s, size_t t, const char *type)
{
	size_t i = t == NO_TENSOR ? NO_NODE : s->g->tensors[t].producer, k;
	const struct node *n = i == NO_NODE ? NULL : &s->g->nodes[i];

	if (!n || !n->op || strcmp(n->type, type) != 0 || n->n_outputs != 1 || n->opset < 7 ||
	    s->g->tensors[t].kind != KIND_FLOAT)
		return NULL;
	for (k = 0; k < s->c->n_nodes; k++)
		if (s->c->nodes[k] == i)
			return n;
	if (k == COMPOSED_NODES)
		return NULL;
	s->c->nodes[s->c->n_nodes++] = i;
	return n;
}

/* Is t one constant number? */
static bool number(const struct chain *s, size_t t, double *value)
{
	const float *v = s->constants[t];

	if (!v || s->g->tensors[t].kind != KIND_FLOAT || s->g->tensors[t].count != 1)
		return false;
	*value = *v;
	return true;
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-6 * fabs(b);
}

/* The other input of a node of two, if one is a number that is near to value; or NO_TENSOR. */
static size_t beside(const struct chain *s, const struct node *n, double value)
{
	double v;

	for (size_t i = 0; i < 2; i++)
		if (number(s, n->inputs[i], &v) && near(v, value))
			return n->inputs[!i];
	return NO_TENSOR;
}

/* What is divided by the root of 2, or multiplied by its inverse. */
static size_t scaled(struct chain *s, size_t t)
{
	const struct node *n = take(s, t, "Div");
	double v;

	if (n)
		return number(s, n->inputs[1], &v) && near(v, sqrt(2)) ? n->inputs[0]
		                                                       : NO_TENSOR;
	n = take(s, t, "Mul");
	return n ? beside(s, n, sqrt(0.5)) : NO_TENSOR;
}

/* x, if t is 1 + erf(x / sqrt(2)). */
static size_t twice_normal(struct chain *s, size_t t)
{
	const struct node *sum = take(s, t, "Add"), *erf;

	erf = sum ? take(s, beside(s, sum, 1), "Erf") : NULL;
	return erf ? scaled(s, erf->inputs[0]) : NO_TENSOR;
}

/* x, if a * b is x * (1 + erf(x / sqrt(2))). */
static size_t gated(struct chain *s, size_t a, size_t b)
{
	const size_t ends[2] = {a, b}, before = s->c->n_nodes;

	for (size_t i = 0; i < 2; i++) {
		if (twice_normal(s, ends[i]) == ends[!i])
			return ends[!i];
		s->c->n_nodes = before;
	}
	return NO_TENSOR;
}

/* GELU: the product of x, 1 + erf(x / sqrt(2)) and 0.5, in any order. */
static size_t gelu(struct chain *s, size_t t)
{
	const struct node *last = take(s, t, "Mul"), *first;
	size_t x, half, before;

	if (!last)
		return NO_TENSOR;
	before = s->c->n_nodes;
	first = take(s, beside(s, last, 0.5), "Mul");
	x = first ? gated(s, first->inputs[0], first->inputs[1]) : NO_TENSOR;
	for (size_t i = 0; i < 2 && x == NO_TENSOR; i++) {
		s->c->n_nodes = before;
		first = take(s, last->inputs[i], "Mul");
		half = first ? beside(s, first, 0.5) : NO_TENSOR;
		if (half != NO_TENSOR && twice_normal(s, half) == last->inputs[!i])
			x = last->inputs[!i];
		else if (half != NO_TENSOR && twice_normal(s, last->inputs[!i]) == half)
			x = half;
	}
	return x;
}

/* x, if t is the product of x and what a node of that type, the gate, makes of it. */
static size_t self_gated(struct chain *s, size_t t, const char *type, const struct node **gate)
{
	const struct node *last = take(s, t, "Mul");

	for (size_t i = 0; i < 2 && last; i++) {
		*gate = take(s, last->inputs[i], type);
		if (*gate && (*gate)->inputs[0] == last->inputs[!i])
			return last->inputs[!i];
		s->c->n_nodes = 1;
	}
	return NO_TENSOR;
}

static size_t swish(struct chain *s, size_t t)
{
	const struct node *gate;

	return self_gated(s, t, "Sigmoid", &gate);
}

static size_t hard_swish(struct chain *s, size_t t)
{
	const struct node *gate;
	const size_t x = self_gated(s, t, "HardSigmoid", &gate);

	return x != NO_TENSOR && near(node_number(gate, "alpha", 0.2f), 1.0 / 6) &&
	                       node_number(gate, "beta", 0.5f) == 0.5f
	               ? x
	               : NO_TENSOR;
}

/* What t is the mean of, along the last axis; or NO_TENSOR. */
static size_t averaged(struct chain *s, size_t t)
{
	const struct node *n = take(s, t, "ReduceMean");

	return n && reduce_keeps_last(n) ? n->inputs[0] : NO_TENSOR;
}

/* What t is the square of. */
static size_t squared(struct chain *s, size_t t)
{
	const struct node *n = take(s, t, "Pow");
	double v;

	if (n)
		return number(s, n->inputs[1], &v) && v == 2 ? n->inputs[0] : NO_TENSOR;
	n = take(s, t, "Mul");
	return n && n->inputs[0] == n->inputs[1] ? n->inputs[0] : NO_TENSOR;
}

/* The input of n that has a constant value for each along the last axis of x. */
static bool weight(const struct chain *s, const struct node *n, size_t x, size_t *w)
{
	const struct shape *shape = &s->g->tensors[x].shape;

	for (size_t i = 0; i < 2; i++) {
		const struct tensor *t = &s->g->tensors[n->inputs[i]];

		*w = i;
		if (s->constants[n->inputs[i]] && t->shape.rank >= 1 &&
		    t->shape.rank <= shape->rank && t->count == shape->dims[shape->rank - 1] &&
		    t->shape.dims[t->shape.rank - 1] == t->count)
			return true;
	}
	return false;
}

/* (x - mean) / sqrt(mean of squares + epsilon) * scale + shift */
static size_t layer_norm(struct chain *s, size_t t, size_t *scale, size_t *shift,
                         double *epsilon)
{
	const struct node *add = take(s, t, "Add"), *mul, *div, *root, *more, *sub;
	size_t w, b, x, variance = NO_TENSOR;

	if (!add || !weight(s, add, t, &b) || !(mul = take(s, add->inputs[!b], "Mul")) ||
	    !weight(s, mul, t, &w) || !(div = take(s, mul->inputs[!w], "Div")) ||
	    !(sub = take(s, div->inputs[0], "Sub")) ||
	    !(root = take(s, div->inputs[1], "Sqrt")) ||
	    !(more = take(s, root->inputs[0], "Add")))
		return NO_TENSOR;
	for (size_t i = 0; i < 2; i++)
		if (number(s, more->inputs[i], epsilon))
			variance = more->inputs[!i];
	x = sub->inputs[0];
	if (variance == NO_TENSOR || averaged(s, sub->inputs[1]) != x ||
	    squared(s, averaged(s, variance)) != div->inputs[0])
		return NO_TENSOR;
	*scale = mul->inputs[w];
	*shift = add->inputs[b];
	return x;
}

/* Put together a node of that operator that makes t from c's inputs. */
static void put_together(struct chain *s, size_t t, const char *type, size_t n_inputs)
{
	struct composed *c = s->c;
	const struct node *last = &s->g->nodes[s->g->tensors[t].producer];

	c->output = t;
	c->node = (struct node){.name = last->name,
	                        .type = type,
	                        .op = operator_table.find(type),
	                        .opset = last->opset,
	                        .n_inputs = n_inputs,
	                        .n_outputs = 1,
	                        .inputs = c->inputs,
	                        .outputs = &c->output};
}

/* Has the chain's end the shape of what it begins with? */
static bool same(const struct graph *g, size_t a, size_t b)
{
	return shape_equal(&g->tensors[a].shape, &g->tensors[b].shape);
}

/* Functions of one value. */
static const struct {
	const char *type;
	size_t (*x)(struct chain *s, size_t t);
} functions[] = {{"Gelu", gelu}, {"Swish", swish}, {"HardSwish", hard_swish}};

bool compose(const struct graph *g, size_t end, const void *const *constants,
             struct composed *c)
{
	struct chain s = {g, constants, c};
	const size_t t = g->nodes[end].n_outputs == 1 ? g->nodes[end].outputs[0] : NO_TENSOR;
	struct layer_norm *p = &c->layer_norm;

	if (t == NO_TENSOR)
		return false;
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		c->n_nodes = 0;
		c->inputs[0] = functions[i].x(&s, t);
		if (c->inputs[0] == NO_TENSOR || !same(g, c->inputs[0], t))
			continue;
		put_together(&s, t, functions[i].type, 1);
		unary_compose(&c->node);
		return true;
	}
	c->n_nodes = 0;
	*p = (struct layer_norm){.centred = true};
	c->inputs[0] = layer_norm(&s, t, &c->inputs[1], &c->inputs[2], &p->epsilon);
	if (c->inputs[0] == NO_TENSOR || !same(g, c->inputs[0], t))
		return false;
	p->n = p->scales = p->shifts = g->tensors[c->inputs[1]].count;
	p->outer = p->n ? g->tensors[t].count / p->n : 0;
	put_together(&s, t, "LayerNormalization", 3);
	c->node.params = p;
	return true;
}
