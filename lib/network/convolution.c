/* convolution.c -- Conv: Y = W * X + b on one to three axes, with groups.
 *
 * Each algorithm says which layers it fits; the first that fits is taken when the
 * model is read, so the choice depends on the layer alone.  Products with OpenBLAS
 * have the same shape for every image: its kernels round differently for other
 * shapes and places. */
#include "network/convolution.h"

#include <cblas.h>
#include <string.h>

#include "network/operators.h"

/* X: (in_group, area_in), W: (out_group, depth), Y: (out_group, area_out); one group
 * of one image.  bias: out_group, or NULL. */
struct operands {
	const float *x, *w, *bias;
	float *y;
	float *scratch;
	struct clamp clamp;
};

struct algorithm {
	const char *name;
	bool (*fits)(const struct convolution *c);
	size_t (*scratch)(const struct convolution *c); /* floats */
	void (*run)(const struct convolution *c, const struct operands *o);
};

/* ---- shared ---- */

VECTOR_CLONES
static void add_and_clamp(float *y, size_t n, float bias, struct clamp c)
{
	size_t i;

	for (i = 0; i < n; i++) {
		float v = y[i] + bias;

		v = v < c.low ? c.low : v;
		y[i] = v > c.high ? c.high : v;
	}
}

VECTOR_CLONES
static void add_row(float *y, size_t n, float bias)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] += bias;
}

/* Bias and bounds on n positions of one channel. */
static void finish_row(const struct operands *o, size_t channel, float *y, size_t n)
{
	float bias = o->bias ? o->bias[channel] : 0;

	if (o->clamp.on)
		add_and_clamp(y, n, bias, o->clamp);
	else if (o->bias)
		add_row(y, n, bias);
}

/* Y[:, from..from+n) = W * columns, columns being (depth, n) with rows stride apart. */
static void multiply(const struct convolution *c, const struct operands *o,
                     const float *columns, size_t stride, size_t from, size_t n)
{
	size_t k;

	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)c->out_group, (int)n,
	            (int)c->depth, 1, o->w, (int)c->depth, columns, (int)stride, 0, o->y + from,
	            (int)c->window.area_out);
	for (k = 0; k < c->out_group; k++)
		finish_row(o, k, o->y + k * c->window.area_out + from, n);
}

/* ---- one tap, no padding, no stride: X is the matrix already ---- */

static bool pointwise_fits(const struct convolution *c)
{
	const struct window *w = &c->window;
	int i;

	for (i = 0; i < SPACE; i++)
		if (w->kernel[i] != 1 || w->stride[i] != 1 || w->begin[i] || w->end[i])
			return false;
	return true;
}

static size_t no_scratch(const struct convolution *c)
{
	(void)c;
	return 0;
}

static void pointwise_run(const struct convolution *c, const struct operands *o)
{
	size_t from, n;

	for (from = 0; from < c->window.area_out; from += n) {
		n = c->window.area_out - from;
		n = n > c->tile ? c->tile : n;
		multiply(c, o, o->x + from, c->window.area_in, from, n);
	}
}

/* ---- one input channel a group: depthwise, directly ---- */

static bool depthwise_fits(const struct convolution *c)
{
	return c->in_group == 1 && c->groups > 1;
}

VECTOR_CLONES
static void add_scaled(float *y, const float *x, size_t stride, size_t n, float weight)
{
	size_t i;

	if (stride == 1)
		for (i = 0; i < n; i++)
			y[i] += weight * x[i];
	else
		for (i = 0; i < n; i++)
			y[i] += weight * x[i * stride];
}

static void depthwise_run(const struct convolution *c, const struct operands *o)
{
	const struct window *w = &c->window;
	size_t channel, tap, k[SPACE];

	for (channel = 0; channel < c->out_group; channel++) {
		float *y = o->y + channel * w->area_out;

		memset(y, 0, w->area_out * sizeof *y);
		for (tap = 0; tap < w->taps; tap++) {
			window_tap(w, tap, k);
			window_slide(w, k, o->x, y, add_scaled, o->w[channel * w->taps + tap]);
		}
		finish_row(o, channel, y, w->area_out);
	}
}

/* ---- the general case: im2col, a tile of output positions at a time ---- */

static bool columns_fit(const struct convolution *c)
{
	(void)c;
	return true;
}

static size_t columns_scratch(const struct convolution *c)
{
	return c->depth * c->tile;
}

/* One row of the matrix, for positions [p, p + n) that lie in one line of the output:
 * the input under one tap. */
static void gather_line(float *out, const float *line, size_t x, size_t n, size_t from,
                        size_t to, size_t stride, size_t shift, size_t pad)
{
	size_t end = x + n, i;

	from = from < x ? x : from > end ? end : from;
	to = to < from ? from : to > end ? end : to;
	for (i = x; i < from; i++)
		*out++ = 0;
	if (stride == 1 && to > from)
		memcpy(out, line + from + shift - pad, (to - from) * sizeof *out);
	else
		for (i = from; i < to; i++)
			out[i - from] = line[i * stride + shift - pad];
	out += to - from;
	for (i = to; i < end; i++)
		*out++ = 0;
}

/* The part of the matrix under one tap of one channel, for output positions [p, p + n).
 * from and to: where the tap lies inside the input. */
static void gather_row(const struct window *w, const float *x, const size_t *k,
                       const size_t *from, const size_t *to, size_t p, size_t n, float *out)
{
	size_t line = p / w->out[2], column = p % w->out[2];
	size_t z = line / w->out[1], y = line % w->out[1], done, part;

	for (done = 0; done < n; done += part, column = 0) {
		part = w->out[2] - column;
		part = part > n - done ? n - done : part;
		if (z < from[0] || z >= to[0] || y < from[1] || y >= to[1]) {
			memset(out + done, 0, part * sizeof *out);
		} else {
			size_t iz = z * w->stride[0] + k[0] * w->dilation[0] - w->begin[0];
			size_t iy = y * w->stride[1] + k[1] * w->dilation[1] - w->begin[1];

			gather_line(out + done, x + (iz * w->in[1] + iy) * w->in[2], column,
			            part, from[2], to[2], w->stride[2], k[2] * w->dilation[2],
			            w->begin[2]);
		}
		if (++y == w->out[1]) {
			y = 0;
			z++;
		}
	}
}

/* columns: (depth, n) for output positions [p, p + n). */
static void gather_columns(const struct convolution *c, const float *x, size_t p, size_t n,
                           float *columns)
{
	const struct window *w = &c->window;
	size_t channel, tap, k[SPACE], from[SPACE], to[SPACE];
	int i;

	for (tap = 0; tap < w->taps; tap++) {
		window_tap(w, tap, k);
		for (i = 0; i < SPACE; i++)
			window_inside(w, i, k[i], &from[i], &to[i]);
		for (channel = 0; channel < c->in_group; channel++)
			gather_row(w, x + channel * w->area_in, k, from, to, p, n,
			           columns + (channel * w->taps + tap) * n);
	}
}

static void columns_run(const struct convolution *c, const struct operands *o)
{
	size_t from, n;

	for (from = 0; from < c->window.area_out; from += n) {
		n = c->window.area_out - from;
		n = n > c->tile ? c->tile : n;
		gather_columns(c, o->x, from, n, o->scratch);
		multiply(c, o, o->scratch, n, from, n);
	}
}

/* ---- choice ---- */

static const struct algorithm algorithms[] = {
        {"pointwise", pointwise_fits, no_scratch, pointwise_run},
        {"depthwise", depthwise_fits, no_scratch, depthwise_run},
        {"im2col", columns_fit, columns_scratch, columns_run},
};

/* Columns of a tile stay in the second-level cache; a tile that is too narrow leaves
 * most of the time to packing the weights. */
enum { TILE_FLOATS = 1 << 18, TILE_LEAST = 256 };

static size_t choose_tile(const struct convolution *c)
{
	size_t tile = TILE_FLOATS / c->depth, parts;

	if (tile < TILE_LEAST)
		tile = TILE_LEAST;
	parts = (c->window.area_out + tile - 1) / tile;
	tile = (c->window.area_out + parts - 1) / parts;
	return (tile + 15) & ~(size_t)15;
}

int convolution_infer(struct graph *g, struct node *n, struct error *e)
{
	struct convolution *c = graph_alloc(g, 1, sizeof *c, e);
	const struct tensor *x, *w, *b = node_input(g, n, 2);
	struct shape out;
	int64_t groups = node_int(n, "group", 1);
	size_t i;

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
	c->tile = choose_tile(c);
	for (i = 0; !algorithms[i].fits(c); i++)
		;
	c->algorithm = &algorithms[i];
	n->params = c;
	out = window_shape(&c->window, w->shape.dims[0]);
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

size_t convolution_scratch(const struct graph *g, const struct node *n)
{
	const struct convolution *c = n->params;

	(void)g;
	return c->algorithm->scratch(c);
}

int convolution_run(const struct run *r, struct error *e)
{
	const struct convolution *c = r->node->params;
	const float *x = r->in[0], *w = r->in[1], *bias = r->n_in > 2 ? r->in[2] : NULL;
	float *y = r->out[0];
	size_t b, k;

	(void)e;
	for (b = 0; b < c->window.batch; b++) {
		for (k = 0; k < c->groups; k++) {
			struct operands o = {
			        .x = x + (b * c->groups + k) * c->in_group * c->window.area_in,
			        .w = w + k * c->out_group * c->depth,
			        .bias = bias ? bias + k * c->out_group : NULL,
			        .y = y +
			             (b * c->groups + k) * c->out_group * c->window.area_out,
			        .scratch = r->scratch,
			        .clamp = r->clamp,
			};

			c->algorithm->run(c, &o);
		}
	}
	return 0;
}
