/* pooling.c -- MaxPool, AveragePool and their global forms. */
#include <math.h>
#include <string.h>

#include "network/operators.h"
#include "network/window.h"

struct pool {
	struct window window; /* first, as in a convolution */
	bool count_padding;   /* average over the padding too */
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
	p->count_padding = node_int(n, "count_include_pad", 0) != 0;
	n->params = p;
	out = window_shape(&p->window, p->window.channels);
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

VECTOR_CLONES
static void max_row(float *y, const float *x, size_t stride, size_t n, float weight)
{
	size_t i;

	(void)weight;
	if (stride == 1)
		for (i = 0; i < n; i++)
			y[i] = x[i] > y[i] ? x[i] : y[i];
	else if (stride == 2)
		for (i = 0; i < n; i++)
			y[i] = x[2 * i] > y[i] ? x[2 * i] : y[i];
	else
		for (i = 0; i < n; i++)
			y[i] = x[i * stride] > y[i] ? x[i * stride] : y[i];
}

VECTOR_CLONES
static void add_row(float *y, const float *x, size_t stride, size_t n, float weight)
{
	size_t i;

	(void)weight;
	if (stride == 1)
		for (i = 0; i < n; i++)
			y[i] += x[i];
	else
		for (i = 0; i < n; i++)
			y[i] += x[i * stride];
}

/* Combine what lies under the windows of one channel, on top of start. */
static void combine(const struct window *w, const float *x, float *y, float start,
                    window_row *row)
{
	size_t i, k[SPACE];

	for (i = 0; i < w->area_out; i++)
		y[i] = start;
	for (i = 0; i < w->taps; i++) {
		window_tap(w, i, k);
		window_slide(w, k, x, y, row, 1);
	}
}

/* The largest of x and what is one and two gaps after it. */
VECTOR_CLONES
static void max_three(float *y, const float *x, size_t gap, size_t stride, size_t n)
{
	const float *x1 = x + gap, *x2 = x1 + gap;
	size_t i;

	if (stride == 1)
		for (i = 0; i < n; i++) {
			float v = x[i] > y[i] ? x[i] : y[i];

			v = x1[i] > v ? x1[i] : v;
			y[i] = x2[i] > v ? x2[i] : v;
		}
	else
		for (i = 0; i < n; i++) {
			float v = x[i * stride] > y[i] ? x[i * stride] : y[i];

			v = x1[i * stride] > v ? x1[i * stride] : v;
			y[i] = x2[i * stride] > v ? x2[i * stride] : v;
		}
}

/* y: n maxima over taps along one axis, which are gap apart. */
static void max_along(float *y, const float *x, size_t taps, size_t gap, size_t stride,
                      size_t n)
{
	size_t k;

	for (k = 0; k < n; k++)
		y[k] = -INFINITY;
	for (k = 0; k + 3 <= taps; k += 3)
		max_three(y, x + k * gap, gap, stride, n);
	for (; k < taps; k++)
		max_row(y, x + k * gap, stride, n, 1);
}

/* Lines of a padded channel are a multiple of the stride long, so that all of them are
 * one row to the maxima along it. */
static size_t padded_size(const struct window *w, size_t *height, size_t *width)
{
	window_reach(w, height, width);
	*width = (*width + w->stride[2] - 1) / w->stride[2] * w->stride[2];
	return *height * *width;
}

size_t max_pool_scratch(const struct graph *g, const struct node *n)
{
	const struct window *w = &((const struct pool *)n->params)->window;
	size_t height, width;

	(void)g;
	return window_is_flat(w) ? 2 * padded_size(w, &height, &width) : 0;
}

/* Maxima of one channel along x, then along y. */
static void max_pool_plane(const struct window *w, const float *x, float *y, float *scratch)
{
	size_t height, width, size = padded_size(w, &height, &width), line;
	size_t reach = (w->kernel[2] - 1) * w->dilation[2], half = width / w->stride[2];
	float *along_x = scratch + size;

	window_pad(w, x, -INFINITY, height, width, scratch);
	max_along(along_x, scratch, w->kernel[2], w->dilation[2], w->stride[2],
	          (size - reach - 1) / w->stride[2] + 1);
	for (line = 0; line < w->out[1]; line++)
		max_along(y + line * w->out[2], along_x + line * w->stride[1] * half,
		          w->kernel[1], w->dilation[1] * half, 1, w->out[2]);
}

int max_pool_run(const struct run *r, struct error *e)
{
	const struct window *w = &((const struct pool *)r->node->params)->window;
	bool flat = window_is_flat(w);
	size_t c;

	(void)e;
	for (c = 0; flat && c < w->batch * w->channels; c++)
		max_pool_plane(w, (const float *)r->in[0] + c * w->area_in,
		               (float *)r->out[0] + c * w->area_out, r->scratch);
	for (c = 0; !flat && c < w->batch * w->channels; c++)
		combine(w, (const float *)r->in[0] + c * w->area_in,
		        (float *)r->out[0] + c * w->area_out, -INFINITY, max_row);
	return 0;
}

/* Values that the window at position o along an axis averages over. */
static size_t window_count(const struct pool *p, int axis, size_t o)
{
	const struct window *w = &p->window;
	size_t k, n = 0, at;

	for (k = 0; k < w->kernel[axis]; k++) {
		at = o * w->stride[axis] + k * w->dilation[axis];
		if (p->count_padding)
			n += at < w->begin[axis] + w->in[axis] + w->end[axis];
		else
			n += at >= w->begin[axis] && at - w->begin[axis] < w->in[axis];
	}
	return n;
}

/* How many values each window averages over, for one channel. */
size_t average_pool_scratch(const struct graph *g, const struct node *n)
{
	const struct pool *p = n->params;

	(void)g;
	return p->window.area_out;
}

static void count_values(const struct pool *p, float *counts)
{
	const struct window *w = &p->window;
	size_t o[SPACE], n[SPACE];

	for (o[0] = 0; o[0] < w->out[0]; o[0]++) {
		n[0] = window_count(p, 0, o[0]);
		for (o[1] = 0; o[1] < w->out[1]; o[1]++) {
			n[1] = n[0] * window_count(p, 1, o[1]);
			for (o[2] = 0; o[2] < w->out[2]; o[2]++) {
				n[2] = n[1] * window_count(p, 2, o[2]);
				*counts++ = (float)n[2];
			}
		}
	}
}

VECTOR_CLONES
static void divide_row(float *y, const float *by, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] /= by[i];
}

int average_pool_run(const struct run *r, struct error *e)
{
	const struct pool *p = r->node->params;
	const struct window *w = &p->window;
	size_t c;

	(void)e;
	count_values(p, r->scratch);
	for (c = 0; c < w->batch * w->channels; c++) {
		float *y = (float *)r->out[0] + c * w->area_out;

		combine(w, (const float *)r->in[0] + c * w->area_in, y, 0, add_row);
		divide_row(y, r->scratch, w->area_out);
	}
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

int global_average_run(const struct run *r, struct error *e)
{
	const struct tensor *t = node_input(r->g, r->node, 0);
	size_t maps = shape_product(&t->shape, 0, 2), area = t->count / maps, m, i;
	const float *x = r->in[0];
	float *y = r->out[0];

	(void)e;
	for (m = 0; m < maps; m++, x += area) {
		double sum = 0;

		for (i = 0; i < area; i++)
			sum += x[i];
		y[m] = (float)(sum / (double)area);
	}
	return 0;
}

int global_max_run(const struct run *r, struct error *e)
{
	const struct tensor *t = node_input(r->g, r->node, 0);
	size_t maps = shape_product(&t->shape, 0, 2), area = t->count / maps, m, i;
	const float *x = r->in[0];
	float *y = r->out[0];

	(void)e;
	for (m = 0; m < maps; m++, x += area) {
		y[m] = x[0];
		for (i = 1; i < area; i++)
			y[m] = x[i] > y[m] ? x[i] : y[m];
	}
	return 0;
}
