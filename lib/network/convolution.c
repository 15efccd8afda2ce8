/* convolution.c -- Conv: Y = W * X + b on one to three axes, with groups.
 *
 * Each algorithm says which layers it fits and what it costs there; the cheapest is
 * taken, so the choice depends on the layer alone. */
#include "network/convolution.h"

#include <stdlib.h>

#include "base/memory.h"
#include "network/operators.h"

static const struct algorithm *const algorithms[] = {&depthwise, &columns, &winograd};

/* The cheapest that fits; of those with the wished name, if any of them does. */
static const struct algorithm *choose(const struct convolution *c, enum network_algorithm wish)
{
	const struct algorithm *best = NULL;
	bool wished = false;
	size_t i;

	for (i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
		const struct algorithm *a = algorithms[i];
		bool named = a->name == wish;

		if (!a->fits(c) || (wished && !named))
			continue;
		if (!best || (named && !wished) || a->cost(c) < best->cost(c))
			best = a;
		wished = wished || named;
	}
	return best;
}

VECTOR_CLONES
static void add(const float *x, float *y, size_t n, float bias)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] = x[i] + bias;
}

VECTOR_CLONES
static void add_and_clamp(const float *x, float *y, size_t n, float bias, struct clamp c)
{
	size_t i;

	for (i = 0; i < n; i++) {
		float v = x[i] + bias;

		v = v < c.low ? c.low : v;
		y[i] = v > c.high ? c.high : v;
	}
}

void convolution_finish(const struct operands *o, size_t channel, const float *x, float *y,
                        size_t n)
{
	float bias = o->bias ? o->bias[channel] : 0;

	if (o->clamp.on)
		add_and_clamp(x, y, n, bias, o->clamp);
	else
		add(x, y, n, bias);
}

int convolution_infer(struct graph *g, struct node *n, struct error *e)
{
	struct convolution *c = graph_alloc(g, 1, sizeof *c, e);
	const struct tensor *x, *w, *b = node_input(g, n, 2);
	struct shape out;
	int64_t groups = node_int(n, "group", 1);

	if (!c || node_arity(g, n, 2, 3, e) != 0 || !(x = node_float(g, n, 0, e)) ||
	    !(w = node_float(g, n, 1, e)) || (b && !node_float(g, n, 2, e)))
		return -1;
	if (w->shape.rank != x->shape.rank || w->count == 0)
		return node_fail(g, n, e, "weights with %d axes for an input with %d",
		                 w->shape.rank, x->shape.rank);
	if (window_infer(g, n, w->shape.dims + 2, &c->window, e) != 0)
		return -1;
	if (groups < 1 || (size_t)groups > c->window.channels ||
	    c->window.channels % (size_t)groups != 0 || w->shape.dims[0] % (size_t)groups != 0)
		return node_fail(g, n, e, "%lld groups of %zu and %zu channels",
		                 (long long)groups, c->window.channels, w->shape.dims[0]);
	c->groups = (size_t)groups;
	c->in_group = c->window.channels / c->groups;
	c->out_group = w->shape.dims[0] / c->groups;
	if (w->shape.dims[1] != c->in_group)
		return node_fail(g, n, e, "weights for %zu channels, the input has %zu",
		                 w->shape.dims[1] * c->groups, c->window.channels);
	if (b && (b->shape.rank != 1 || b->shape.dims[0] != w->shape.dims[0]))
		return node_fail(g, n, e, "a bias of %zu values for %zu channels", b->count,
		                 w->shape.dims[0]);
	c->depth = c->in_group * c->window.taps;
	n->params = c;
	out = window_shape(&c->window, w->shape.dims[0]);
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

static void pack(const struct algorithm *a, const struct convolution *c, const float *w,
                 float *packed)
{
	size_t k, size = a->packed(c);

	for (k = 0; k < c->groups; k++)
		a->pack(c, w + k * c->out_group * c->depth, packed + k * size);
}

int convolution_prepare(const struct node *n, const float *weights, enum network_algorithm wish,
                        struct prepared *p, struct error *e)
{
	const struct convolution *c = n->params;
	const struct algorithm *a = choose(c, wish);
	size_t packed = a->packed ? a->packed(c) : 0;

	p->algorithm = a;
	p->scratch = a->scratch ? a->scratch(c) : 0;
	if (!packed)
		return 0;
	if (!weights) {
		p->scratch = round_up(p->scratch, PRODUCT_LANES);
		p->packed_at = p->scratch;
		p->scratch += c->groups * packed;
		return 0;
	}
	p->weights = memory_new(c->groups * packed, sizeof *p->weights, e);
	if (!p->weights)
		return -1;
	pack(a, c, weights, p->weights);
	return 0;
}

/* The weights in the algorithm's order; those that are computed with the image are packed
 * behind the rest of the scratch memory. */
static const float *weights_of(const struct run *r, const struct algorithm *a)
{
	float *packed = r->scratch + r->prepared->packed_at;

	if (r->prepared->weights)
		return r->prepared->weights;
	if (!a->packed)
		return r->in[1];
	pack(a, r->node->params, r->in[1], packed);
	return packed;
}

int convolution_run(const struct run *r, struct error *e)
{
	const struct convolution *c = r->node->params;
	const struct algorithm *a = r->prepared->algorithm;
	const float *x = r->in[0], *w = weights_of(r, a);
	const float *bias = r->n_in > 2 ? r->in[2] : NULL;
	size_t size = a->packed ? a->packed(c) : c->out_group * c->depth;
	float *y = r->out[0];
	size_t i;

	(void)e;
	for (i = 0; i < c->window.batch * c->groups; i++) {
		size_t group = i % c->groups;
		const struct operands o = {
		        .set = product_best(),
		        .x = x + i * c->in_group * c->window.area_in,
		        .w = w + group * size,
		        .bias = bias ? bias + group * c->out_group : NULL,
		        .y = y + i * c->out_group * c->window.area_out,
		        .scratch = r->scratch,
		        .clamp = r->clamp,
		};

		a->run(c, &o);
	}
	return 0;
}
