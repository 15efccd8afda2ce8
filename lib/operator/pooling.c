/* pooling.c -- MaxPool, AveragePool, LpPool, and global pools. */
#include <math.h>
#include <string.h>

#include "kernel/blocked.h"
#include "kernel/lanes.h"
#include "operator/operators.h"
#include "operator/window_infer.h"

struct pool {
	struct window window; /* first, as in a convolution */
	enum { MAXIMA, AVERAGES, NORMS } what;
	float exponent;     /* of norms */
	bool count_padding; /* average over the padding too */
};

int pool_infer(struct graph *g, struct node *n, struct error *e)
{
	struct pool *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x;
	struct shape out;

	if (!p || node_arity(g, n, 1, 1, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    window_infer(g, n, NULL, &p->window, e) < 0)
		return -1;
	for (int i = 0; i < SPACE; i++) {
		size_t reach = (p->window.kernel[i] - 1) * p->window.dilation[i] + 1;

		if (p->window.begin[i] >= reach || p->window.end[i] >= reach)
			return node_fail(g, n, e, "padding as large as the window");
	}
	p->what = strcmp(n->type, "MaxPool") == 0  ? MAXIMA
	          : strcmp(n->type, "LpPool") == 0 ? NORMS
	                                           : AVERAGES;
	if (p->what == NORMS) {
		/* A float in the first operator set. */
		const struct attribute *a = node_attribute(n, "p");

		p->exponent = !a ? 2 : a->type == 'f' ? a->f : (float)a->i;
		if (!(p->exponent > 0))
			return node_fail(g, n, e, "p %g", (double)p->exponent);
	}
	p->count_padding = node_int(n, "count_include_pad", 0) != 0;
	n->params = p;
	out = window_shape(&p->window, p->window.channels);
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

bool pool_halves(const struct node *n)
{
	const struct pool *p = n->params;

	if (n->op->run != pool_run || p->what != MAXIMA || p->window.axes != 2)
		return false;
	for (int i = 1; i < SPACE; i++) {
		const struct window *w = &p->window;

		if (w->kernel[i] != 2 || w->stride[i] != 2 || w->dilation[i] != 1 ||
		    w->begin[i] > 0 || w->out[i] != w->in[i] / 2)
			return false;
	}
	return true;
}

/* Along an axis, the taps [from, to) of a window that lie inside the input, and how many
 * values an average is over. */
struct reach {
	size_t from, to, count;
};

static struct reach find_reach(const struct pool *p, int axis, size_t o)
{
	const struct window *w = &p->window;
	struct reach r = {0};
	size_t at;

	for (size_t k = 0; k < w->kernel[axis]; k++) {
		at = o * w->stride[axis] + k * w->dilation[axis];
		if (at >= w->begin[axis] && at - w->begin[axis] < w->in[axis]) {
			r.from = r.to == 0 ? k : r.from;
			r.to = k + 1;
		}
		r.count += at < w->begin[axis] + w->in[axis] + w->end[axis];
	}
	if (!p->count_padding)
		r.count = r.to - r.from;
	return r;
}

/* The windows of a line of the output. */
size_t pool_scratch(const struct graph *g, const struct node *n)
{
	const struct pool *p = n->params;

	(void)g;
	return p->window.out[2] * sizeof(struct reach) / sizeof(float);
}

MACHINE_INLINE void power_lanes(lanes *x, float exponent)
{
	for (int i = 0; i < BLOCK; i++)
		(*x)[i] = powf(fabsf((*x)[i]), exponent);
}

/* A line of the output, of one block; x: where the first window's first tap lies; z, r and
 * line: what the windows reach; p: the exponent. */
#define COMBINE(name, start, expression, result)                                               \
	VECTOR_CLONES(static, void, name,                                                      \
	              (const struct window *w, struct reach z, struct reach r,                 \
	               const struct reach *line, float p, const float *x, float *y),           \
	              (w, z, r, line, p, x, y))                                                \
	{                                                                                      \
		size_t down = w->dilation[1] * w->in[2] * BLOCK, gap = w->dilation[2] * BLOCK; \
		size_t deep = w->dilation[0] * w->in[1] * w->in[2] * BLOCK, i, k, n, o;        \
                                                                                               \
		for (o = 0; o < w->out[2]; o++) {                                              \
			const float *first = x + line[o].from * gap;                           \
			lanes sum = LANES_OF(start), count, v;                                 \
                                                                                               \
			n = line[o].to - line[o].from;                                         \
			count = LANES_OF((float)(z.count * r.count * line[o].count));          \
			for (i = z.from; i < z.to; i++)                                        \
				for (k = r.from; k < r.to; k++) {                              \
					const float *at = first + i * deep + k * down;         \
					size_t m;                                              \
                                                                                               \
					for (m = 0; m < n; m++, at += gap) {                   \
						v = *(const lanes *)at;                        \
						sum = (expression);                            \
					}                                                      \
				}                                                              \
			(void)count;                                                           \
			(void)p;                                                               \
			*(lanes *)(y + o * BLOCK) = (result);                                  \
			x += w->stride[2] * BLOCK;                                             \
		}                                                                              \
	}

COMBINE(maxima, -INFINITY, LANES_MAX(sum, v), sum)
COMBINE(averages, 0.0f, sum + v, sum / count)
COMBINE(norms, 0.0f, (power_lanes(&v, p), sum + v), (power_lanes(&sum, 1 / p), sum))

/* One block of one image. */
static void pool_block(const struct pool *p, const struct reach *line, const float *x, float *y)
{
	static void (*const lines[])(const struct window *w, struct reach z, struct reach r,
	                             const struct reach *line, float p, const float *x,
	                             float *y) = {maxima, averages, norms};
	const struct window *w = &p->window;

	for (size_t z = 0; z < w->out[0]; z++) {
		struct reach deep = find_reach(p, 0, z);

		for (size_t r = 0; r < w->out[1]; r++, y += w->out[2] * BLOCK) {
			/* Of a window that begins in the padding this is before x. */
			size_t at_z = z * w->stride[0] - w->begin[0],
			       at_r = r * w->stride[1] - w->begin[1];
			ptrdiff_t at =
			        (ptrdiff_t)((at_z * w->in[1] + at_r) * w->in[2] - w->begin[2]);

			lines[p->what](w, deep, find_reach(p, 1, r), line, p->exponent,
			               x + at * BLOCK, y);
		}
	}
}

int pool_run(const struct run *r, struct error *e)
{
	const struct pool *p = r->node->params;
	const struct window *w = &p->window;
	struct reach *line = (struct reach *)r->scratch;

	(void)e;
	for (size_t i = 0; i < w->out[2]; i++)
		line[i] = find_reach(p, 2, i);
	for (size_t i = 0; i < w->batch * blocks_of(w->channels); i++)
		pool_block(p, line, (const float *)r->in[0] + i * w->area_in * BLOCK,
		           (float *)r->out[0] + i * w->area_out * BLOCK);
	return 0;
}

/* ---- global ---- */

int global_pool_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x;
	struct shape out;

	if (node_arity(g, n, 1, 1, e) < 0 || !(x = node_float(g, n, 0, e)))
		return -1;
	if (x->shape.rank < 3 || x->count == 0)
		return node_fail(g, n, e, "its input is not a map");
	out = x->shape;
	for (int i = 2; i < out.rank; i++)
		out.dims[i] = 1;
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

/* n sums of area values each: value i of sum s is x[i * stride + s * lane_stride]. */
VECTOR_CLONES(static, void, average,
              (const float *x, size_t area, size_t stride, float *y, size_t n,
               size_t lane_stride),
              (x, area, stride, y, n, lane_stride))
{
	double sum[BLOCK] = {0};

	for (size_t i = 0; i < area; i++)
		for (size_t lane = 0; lane < n; lane++)
			sum[lane] += x[i * stride + lane * lane_stride];
	for (size_t lane = 0; lane < n; lane++)
		y[lane] = (float)(sum[lane] / (double)area);
}

VECTOR_CLONES(static, void, maximum,
              (const float *x, size_t area, size_t stride, float *y, size_t n,
               size_t lane_stride),
              (x, area, stride, y, n, lane_stride))
{
	for (size_t lane = 0; lane < n; lane++) {
		const float *at = x + lane * lane_stride;
		float top = at[0];

		for (size_t i = 1; i < area; i++)
			top = at[i * stride] > top ? at[i * stride] : top;
		y[lane] = top;
	}
}

static void global_pool(const struct run *r,
                        void (*pool)(const float *x, size_t area, size_t stride, float *y,
                                     size_t n, size_t lane_stride))
{
	const struct shape *s = &node_input(r->g, r->node, 0)->shape;
	size_t maps = shape_product(s, 0, 2), area = shape_product(s, 2, s->rank);
	const float *x = r->in[0];
	float *y = r->out[0];

	if (r->blocked) {
		maps = s->dims[0] * blocks_of(s->dims[1]);
		for (size_t m = 0; m < maps; m++)
			pool(x + m * area * BLOCK, area, BLOCK, y + m * BLOCK, BLOCK, 1);
		return;
	}
	for (size_t m = 0; m < maps; m++)
		pool(x + m * area, area, 1, y + m, 1, 0);
}

int global_average_run(const struct run *r, struct error *e)
{
	(void)e;
	global_pool(r, average);
	return 0;
}

int global_max_run(const struct run *r, struct error *e)
{
	(void)e;
	global_pool(r, maximum);
	return 0;
}
