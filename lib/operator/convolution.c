/* convolution.c -- Conv: Y = W * X + b on one to three axes, with groups.
 *
 * Each algorithm says which layers it fits and what it costs there; the cheapest is
 * taken, so the choice depends on the layer alone. */
#include "operator/convolution.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/blocked.h"
#include "kernel/pair.h"
#include "operator/operators.h"
#include "operator/window_infer.h"

static const struct {
	enum convolution_choice name;
	const struct algorithm *algorithm;
} algorithms[] = {
        {CONVOLUTION_DIRECT, &algorithm_depthwise},
        {CONVOLUTION_DIRECT, &algorithm_direct},
        {CONVOLUTION_WINOGRAD, &algorithm_phases},
        {CONVOLUTION_WINOGRAD, &algorithm_winograd},
};

const struct algorithm *convolution_algorithm(const struct convolution *c,
                                              enum convolution_choice choice)
{
	const struct algorithm *best = NULL;
	bool chosen = false; /* best is what was asked for */
	size_t i;

	for (i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
		const struct algorithm *a = algorithms[i].algorithm;
		bool named = algorithms[i].name == choice;

		if (!a->fits(c) || (chosen && !named))
			continue;
		if (!best || (named && !chosen) || a->cost(c) < best->cost(c))
			best = a;
		chosen = chosen || named;
	}
	return best;
}

bool convolution_in_place(const struct algorithm *a, const struct convolution *c)
{
	return c->groups == 1 || a->all_groups ||
	       (c->in_group % BLOCK == 0 && c->out_group % BLOCK == 0);
}

bool convolution_takes_residual(const struct node *n, enum convolution_choice choice)
{
	const struct convolution *c = n->params;

	return convolution_in_place(convolution_algorithm(c, choice), c);
}

bool convolution_blocked_input(const struct node *n, size_t i, enum convolution_choice choice)
{
	const struct convolution *c = n->params;

	return i == WEIGHED_RESIDUAL ||
	       (i == WEIGHED_MAP && !convolution_plain(convolution_algorithm(c, choice), c));
}

size_t convolution_weight_floats(const struct node *n, enum convolution_choice choice)
{
	const struct convolution *c = n->params;

	return convolution_algorithm(c, choice)->packed(c);
}

int convolution_infer(struct graph *g, struct node *n, struct error *e)
{
	struct convolution *c = graph_alloc(g, 1, sizeof *c, e);
	const struct tensor *x, *w, *b = node_input(g, n, 2);
	struct shape out;
	int64_t groups = node_int(n, "group", 1);

	if (!c || node_arity(g, n, 2, 3, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    !(w = node_float(g, n, 1, e)) || (b && !node_float(g, n, 2, e)))
		return -1;
	if (w->shape.rank != x->shape.rank || w->count == 0)
		return node_fail(g, n, e, "weights with %d axes for an input with %d",
		                 w->shape.rank, x->shape.rank);
	if (window_infer(g, n, w->shape.dims + 2, &c->window, e) < 0)
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

/* Scratch memory: the bias of a group, the group's input and output where it is not whole
 * blocks of channels, then what the algorithm needs, then weights that are computed. */
struct scratch {
	size_t x, y, algorithm, packed, total; /* offsets; the bias is first */
};

/* How many groups run at once. */
static size_t groups_at_once(const struct algorithm *a, const struct convolution *c)
{
	return a->all_groups ? c->groups : 1;
}

/* Floats of all groups' weights. */
static size_t packed_floats(const struct algorithm *a, const struct convolution *c)
{
	return c->groups / groups_at_once(a, c) * a->packed(c);
}

static int divide_scratch(const struct algorithm *a, const struct convolution *c, size_t images,
                          bool packs, struct scratch *s)
{
	size_t channels = c->out_group * groups_at_once(a, c);
	size_t floats = a->scratch(c, !convolution_in_place(a, c) ? 1 : images);

	s->x = blocks_of(channels) * BLOCK;
	s->y = s->x;
	if (!convolution_in_place(a, c))
		s->y += blocks_of(c->in_group) * BLOCK * c->window.area_in;
	s->algorithm = s->y;
	if (!convolution_in_place(a, c))
		s->algorithm += blocks_of(c->out_group) * BLOCK * c->window.area_out;
	if (!size_add(s->algorithm, floats, &s->packed) ||
	    !size_add(s->packed, packs ? packed_floats(a, c) : 0, &s->total) ||
	    s->total > SIZE_MAX / 64)
		return -1;
	return 0;
}

static void pack(const struct algorithm *a, const struct convolution *c, const float *w,
                 float *packed)
{
	size_t size = a->packed(c);

	for (size_t k = 0; k < c->groups; k += groups_at_once(a, c))
		a->pack(c, w + k * c->out_group * c->depth, packed + k * size);
}

int convolution_prepare(const struct graph *g, const struct node *n, const float *weights,
                        enum convolution_choice choice, size_t images, struct prepared *p,
                        struct error *e)
{
	const struct convolution *c = n->params;
	const struct algorithm *a = convolution_algorithm(c, choice);
	struct scratch s;

	p->algorithm = a;
	if (divide_scratch(a, c, images * c->window.batch, !weights, &s) < 0)
		return node_fail(g, n, e, "its padding is too large");
	p->scratch = s.total;
	if (!weights)
		return 0;
	p->weights = memory_large(packed_floats(a, c), sizeof *p->weights, e);
	if (!p->weights)
		return -1;
	pack(a, c, weights, p->weights);
	return 0;
}

/* A group that is not whole blocks of channels, image by image. */
static void run_copied(const struct algorithm *a, const struct convolution *c,
                       struct operands o, size_t group, float *x, float *y)
{
	const float *from = o.x;
	float *to = o.y;
	size_t images = o.images;

	o.images = 1;
	o.x = x;
	o.y = y;
	for (size_t image = 0; image < images; image++) {
		blocked_copy(from + image * o.x_stride, group * c->in_group, x, 0, c->in_group,
		             c->window.area_in);
		a->run(c, &o);
		blocked_copy(y, 0, to + image * o.y_stride, group * c->out_group, c->out_group,
		             c->window.area_out);
	}
}

/* All groups of images that share their weights. */
static void run_images(const struct run *r, const struct operands *common, const float *w,
                       const float *bias, const struct scratch *s)
{
	const struct convolution *c = r->node->params;
	const struct algorithm *a = r->prepared->algorithm;
	size_t at_once = groups_at_once(a, c), channels = c->out_group * at_once;
	size_t x_blocks = c->in_group / BLOCK, y_blocks = c->out_group / BLOCK;

	for (size_t group = 0; group < c->groups; group += at_once) {
		struct operands o = *common;

		o.w = w + group / at_once * a->packed(c);
		if (bias) {
			memcpy(r->scratch, bias + group * c->out_group,
			       channels * sizeof *bias);
			o.bias = r->scratch;
		}
		if (!convolution_in_place(a, c)) {
			run_copied(a, c, o, group, r->scratch + s->x, r->scratch + s->y);
			continue;
		}
		o.x += group * x_blocks * BLOCK * c->window.area_in;
		o.y += group * y_blocks * BLOCK * c->window.area_out;
		if (o.residual)
			o.residual += group * y_blocks * BLOCK * c->window.area_out;
		a->run(c, &o);
	}
}

/* Floats between images of a tensor with a batch of its own. */
static size_t image_floats(const struct convolution *c, bool plain)
{
	return plain ? c->window.channels * c->window.area_in
	             : blocks_of(c->window.channels) * BLOCK * c->window.area_in;
}

static const float *at_image(const struct run *r, size_t input, size_t image)
{
	const char *first = input < r->n_in ? r->in[input] : NULL;

	return first ? (const float *)(first + image * r->in_stride[input]) : NULL;
}

/* What an algorithm is told of a run, but its weights, bias and scratch memory. */
static struct operands operands_of(const struct run *r, size_t image)
{
	return (struct operands){
	        .set = product_best(),
	        .x = at_image(r, WEIGHED_MAP, image),
	        .y = r->out[0] ? (float *)((char *)r->out[0] + image * r->out_stride[0]) : NULL,
	        .residual = at_image(r, WEIGHED_RESIDUAL, image),
	        .clamp = r->clamp};
}

int convolution_run(const struct run *r, struct error *e)
{
	const struct convolution *c = r->node->params;
	const struct algorithm *a = r->prepared->algorithm;
	size_t units = blocks_of(c->groups * c->out_group) * BLOCK, n;
	float *packed = r->prepared->weights;
	struct scratch s;
	/* Images run together unless each has weights or a batch of its own. */
	bool alone = !packed || c->window.batch > 1 || (r->n_in > 2 && r->in_stride[2] > 0);

	(void)e;
	divide_scratch(a, c, (alone ? 1 : r->images) * c->window.batch, !packed, &s);
	memset(r->scratch, 0, s.x * sizeof *r->scratch);
	for (size_t image = 0; image < r->images; image += n) {
		struct operands o = operands_of(r, image);

		o.scratch = r->scratch + s.algorithm;
		n = alone ? 1 : r->images;
		o.images = n * c->window.batch;
		o.x_stride = r->in_stride[0] / sizeof *o.x;
		o.y_stride = r->out_stride[0] / sizeof *o.y;
		o.residual_stride = o.residual ? r->in_stride[3] / sizeof *o.residual : 0;
		if (c->window.batch > 1) {
			o.x_stride = image_floats(c, convolution_plain(a, c));
			o.y_stride = o.residual_stride = units * c->window.area_out;
		}
		if (!r->prepared->weights) {
			packed = r->scratch + s.packed;
			pack(a, c, at_image(r, 1, image), packed);
		}
		run_images(r, &o, packed, at_image(r, 2, image), &s);
	}
	return 0;
}

static size_t bias_floats(const struct convolution *c)
{
	return blocks_of(c->groups * c->out_group) * BLOCK;
}

/* A layer and a depthwise one; or Winograd's algorithm and a pool that takes the
 * maxima of its results before they are written. */
size_t convolution_pairs(const struct node *n, const struct node *next,
                         enum convolution_choice choice)
{
	const struct convolution *wide = n->params, *deep = next->params;

	if (pool_halves(next) && wide->groups == 1 && wide->window.batch == 1 &&
	    convolution_algorithm(wide, choice) == &algorithm_winograd)
		return bias_floats(wide) + algorithm_winograd.scratch(wide, 1);
	if (next->op != n->op || convolution_algorithm(wide, choice) != &algorithm_direct ||
	    convolution_algorithm(deep, choice) != &algorithm_depthwise ||
	    !pair_fits(wide, deep))
		return 0;
	return bias_floats(wide) + bias_floats(deep) + pair_scratch(wide, deep);
}

/* The bias at the head of scratch memory, filled up to whole blocks; behind it. */
static float *fill_bias(const struct run *r, struct operands *o, float *scratch)
{
	const struct convolution *c = r->node->params;
	const float *bias = at_image(r, WEIGHED_BIAS, 0);
	const size_t units = c->groups * c->out_group;

	if (bias) {
		memcpy(scratch, bias, units * sizeof *bias);
		memset(scratch + units, 0, (bias_floats(c) - units) * sizeof *bias);
		o->bias = scratch;
	}
	return scratch + bias_floats(c);
}

int convolution_run_pair(const struct run *r, const struct run *next, struct error *e)
{
	struct operands from = operands_of(r, 0), to = operands_of(next, 0);
	float *scratch = fill_bias(r, &from, r->scratch);

	(void)e;
	from.images = to.images = 1;
	from.w = r->prepared->weights;
	if (next->node->op != r->node->op) {
		from.scratch = scratch;
		from.y = to.y;
		from.halved = true;
		algorithm_winograd.run(r->node->params, &from);
		return 0;
	}
	from.scratch = fill_bias(next, &to, scratch);
	to.w = next->prepared->weights;
	pair_run(r->node->params, &from, next->node->params, &to);
	return 0;
}

/* offset += stride * ((reach - 1) / 2 - padding), size += (reach - 1) * stride,
 * stride *= step: Dumoulin and Visin, "A guide to convolution arithmetic for deep
 * learning" (2016). */
void geometry_window(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct window *w = n->params;

	geometry_map(g, n, out);
	if (out->kind != GEOMETRY_MAP)
		return;
	for (int i = 0; i < 2; i++) {
		struct receptive_field *f = &out->field[i];
		const int axis = window_map_axis(w, i, out);
		double reach;

		if (axis < 0)
			return;
		reach = (double)((w->kernel[axis] - 1) * w->dilation[axis]);
		f->offset += f->stride * (reach / 2 - (double)w->begin[axis]);
		f->size += reach * f->stride;
		f->stride *= (double)w->stride[axis];
	}
}
