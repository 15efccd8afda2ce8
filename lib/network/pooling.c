/* pooling.c -- MaxPool, AveragePool and their global forms. */
#include <math.h>
#include <string.h>

#include "network/blocked.h"
#include "network/lanes.h"
#include "network/operators.h"
#include "network/window.h"

struct pool {
	struct window window; /* first, as in a convolution */
	bool maximum;
	bool count_padding; /* average over the padding too */
};

int pool_infer(struct graph *g, struct node *n, struct error *e)
{
	struct pool *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x;
	struct shape out;
	int i;

	if (!p || node_arity(g, n, 1, 1, e) != 0 || node_one_output(g, n, e) != 0 ||
	    !(x = node_float(g, n, 0, e)) || window_infer(g, n, NULL, &p->window, e) != 0)
		return -1;
	for (i = 0; i < SPACE; i++) {
		size_t reach = (p->window.kernel[i] - 1) * p->window.dilation[i] + 1;

		if (p->window.begin[i] >= reach || p->window.end[i] >= reach)
			return node_fail(g, n, e, "padding as large as the window");
	}
	p->maximum = strcmp(n->type, "MaxPool") == 0;
	p->count_padding = node_int(n, "count_include_pad", 0) != 0;
	n->params = p;
	out = window_shape(&p->window, p->window.channels);
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

/* Taps [from, to) of a window, by axis, and how many values an average is over. */
struct taps {
	size_t from[SPACE], to[SPACE], count[SPACE];
};

/* The taps of window number o along an axis that lie inside the input. */
static void find_taps(const struct pool *p, int axis, size_t o, struct taps *t)
{
	const struct window *w = &p->window;
	size_t k, at;

	t->count[axis] = t->from[axis] = t->to[axis] = 0;
	for (k = 0; k < w->kernel[axis]; k++) {
		at = o * w->stride[axis] + k * w->dilation[axis];
		if (at >= w->begin[axis] && at - w->begin[axis] < w->in[axis]) {
			t->from[axis] = t->to[axis] == 0 ? k : t->from[axis];
			t->to[axis] = k + 1;
		}
		t->count[axis] += at < w->begin[axis] + w->in[axis] + w->end[axis];
	}
	if (!p->count_padding)
		t->count[axis] = t->to[axis] - t->from[axis];
}

/* One window of one block; x: the place of its first tap. */
#define COMBINE(name, start, expression)                                                       \
	VECTOR_CLONES                                                                          \
	static void name(const struct window *w, const struct taps *t, const float *x,         \
	                 float *y)                                                             \
	{                                                                                      \
		size_t line = w->dilation[1] * w->in[2], plane = w->dilation[0] * w->in[1];    \
		size_t z, r, k;                                                                \
		lanes sum = LANES_OF(start);                                                   \
                                                                                               \
		for (z = t->from[0]; z < t->to[0]; z++)                                        \
			for (r = t->from[1]; r < t->to[1]; r++) {                              \
				const float *row =                                             \
				        x + (z * plane * w->in[2] + r * line) * BLOCK;         \
                                                                                               \
				for (k = t->from[2]; k < t->to[2]; k++) {                      \
					lanes v = *(const lanes *)(row + k * w->dilation[2] *  \
					                                         BLOCK);       \
                                                                                               \
					sum = (expression);                                    \
				}                                                              \
			}                                                                      \
		*(lanes *)y = sum;                                                             \
	}

COMBINE(largest, -INFINITY, LANES_MAX(sum, v))
COMBINE(sum_of, 0.0f, sum + v)

static void divide(float *y, float by)
{
	size_t lane;

	for (lane = 0; lane < BLOCK; lane++)
		y[lane] /= by;
}

/* One block of one image. */
static void pool_block(const struct pool *p, const float *x, float *y)
{
	const struct window *w = &p->window;
	size_t o[SPACE], at[SPACE];
	struct taps t;
	int i;

	for (o[0] = 0; o[0] < w->out[0]; o[0]++) {
		find_taps(p, 0, o[0], &t);
		for (o[1] = 0; o[1] < w->out[1]; o[1]++) {
			find_taps(p, 1, o[1], &t);
			for (o[2] = 0; o[2] < w->out[2]; o[2]++, y += BLOCK) {
				const float *first;

				find_taps(p, 2, o[2], &t);
				/* Of a window that begins in the padding this is before x. */
				for (i = 0; i < SPACE; i++)
					at[i] = o[i] * w->stride[i] - w->begin[i];
				first = x + (ptrdiff_t)((at[0] * w->in[1] + at[1]) * w->in[2] +
				                        at[2]) *
				                    BLOCK;
				(p->maximum ? largest : sum_of)(w, &t, first, y);
				if (!p->maximum)
					divide(y,
					       (float)(t.count[0] * t.count[1] * t.count[2]));
			}
		}
	}
}

int pool_run(const struct run *r, struct error *e)
{
	const struct pool *p = r->node->params;
	const struct window *w = &p->window;
	size_t i;

	(void)e;
	for (i = 0; i < w->batch * blocks_of(w->channels); i++)
		pool_block(p, (const float *)r->in[0] + i * w->area_in * BLOCK,
		           (float *)r->out[0] + i * w->area_out * BLOCK);
	return 0;
}

/* ---- global ---- */

int global_pool_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x;
	struct shape out;
	int i;

	if (node_arity(g, n, 1, 1, e) != 0 || !(x = node_float(g, n, 0, e)))
		return -1;
	if (x->shape.rank < 3 || x->count == 0)
		return node_fail(g, n, e, "its input is not a map");
	out = x->shape;
	for (i = 2; i < out.rank; i++)
		out.dims[i] = 1;
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

/* n sums of area values each: value i of sum s is x[i * step + s * apart]. */
VECTOR_CLONES
static void average(const float *x, size_t area, size_t step, float *y, size_t n, size_t apart)
{
	double sum[BLOCK] = {0};
	size_t i, lane;

	for (i = 0; i < area; i++)
		for (lane = 0; lane < n; lane++)
			sum[lane] += x[i * step + lane * apart];
	for (lane = 0; lane < n; lane++)
		y[lane] = (float)(sum[lane] / (double)area);
}

VECTOR_CLONES
static void maximum(const float *x, size_t area, size_t step, float *y, size_t n, size_t apart)
{
	size_t i, lane;

	for (lane = 0; lane < n; lane++) {
		const float *at = x + lane * apart;
		float top = at[0];

		for (i = 1; i < area; i++)
			top = at[i * step] > top ? at[i * step] : top;
		y[lane] = top;
	}
}

static void global_pool(const struct run *r,
                        void (*pool)(const float *x, size_t area, size_t step, float *y,
                                     size_t n, size_t apart))
{
	const struct shape *s = &node_input(r->g, r->node, 0)->shape;
	size_t maps = shape_product(s, 0, 2), area = shape_product(s, 2, s->rank), m;
	const float *x = r->in[0];
	float *y = r->out[0];

	if (r->blocked) {
		maps = s->dims[0] * blocks_of(s->dims[1]);
		for (m = 0; m < maps; m++)
			pool(x + m * area * BLOCK, area, BLOCK, y + m * BLOCK, BLOCK, 1);
		return;
	}
	for (m = 0; m < maps; m++)
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
