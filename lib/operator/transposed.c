/* transposed.c -- ConvTranspose: each value of the input spreads the kernel over the output.
 *
 * It is the gradient of a convolution from its output to its input, so struct window is that
 * of this convolution: in is what is computed here, out what is given.  A product with the
 * weights makes what each tap adds, for some channels at a time, and the taps are added up. */
#include <cblas.h>
#include <string.h>

#include "base/memory.h"
#include "operator/operators.h"
#include "operator/window_infer.h"

enum { COLUMNS = 1 << 20 }; /* floats of what taps add at a time, if a channel takes no more */

struct transposed {
	struct window window; /* first */
	size_t groups, in_group, out_group;
	size_t together; /* channels of the output at a time */
};

int transposed_infer(struct graph *g, struct node *n, struct error *e)
{
	struct transposed *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x, *w, *b = node_input(g, n, 2);
	int64_t groups = node_int(n, "group", 1);
	struct shape out;
	size_t columns, units;

	if (!p || node_arity(g, n, 2, 3, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    !(w = node_float(g, n, 1, e)) || (b && !node_float(g, n, 2, e)))
		return -1;
	if (w->shape.rank != x->shape.rank || w->count == 0)
		return node_fail(g, n, e, "weights with %d axes for an input with %d",
		                 w->shape.rank, x->shape.rank);
	if (window_infer_transposed(g, n, w->shape.dims + 2, &p->window, e) < 0)
		return -1;
	if (w->shape.dims[0] != p->window.channels)
		return node_fail(g, n, e, "weights for %zu channels, the input has %zu",
		                 w->shape.dims[0], p->window.channels);
	if (groups < 1 || (size_t)groups > p->window.channels ||
	    p->window.channels % (size_t)groups != 0 ||
	    !size_multiply((size_t)groups, w->shape.dims[1], &units))
		return node_fail(g, n, e, "%lld groups of %zu channels", (long long)groups,
		                 p->window.channels);
	if (b && (b->shape.rank != 1 || b->shape.dims[0] != units))
		return node_fail(g, n, e, "a bias of %zu values for %zu channels", b->count,
		                 units);
	if (!size_multiply(p->window.taps, p->window.area_out, &columns) ||
	    columns > COUNT_LIMIT)
		return node_fail(g, n, e, "it is too large on the way");
	p->groups = (size_t)groups;
	p->in_group = p->window.channels / p->groups;
	p->out_group = w->shape.dims[1];
	p->together = columns < COLUMNS ? COLUMNS / columns : 1;
	if (p->together > p->out_group)
		p->together = p->out_group;
	n->params = p;
	out = x->shape;
	out.dims[1] = units;
	for (int i = 2; i < out.rank; i++)
		out.dims[i] = p->window.in[SPACE - p->window.axes + i - 2];
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

size_t transposed_scratch(const struct graph *g, const struct node *n)
{
	const struct transposed *p = n->params;

	(void)g;
	return p->together * p->window.taps * p->window.area_out;
}

VECTOR_CLONES(static, void, add_line, (float *y, size_t stride, const float *x, size_t n),
              (y, stride, x, n))
{
	if (stride == 1)
		for (size_t i = 0; i < n; i++)
			y[i] += x[i];
	else
		for (size_t i = 0; i < n; i++)
			y[i * stride] += x[i];
}

/* Add what one tap brings, of each position that is given, to a channel of the output. */
static void add_tap(const struct window *w, size_t tap, const float *column, float *y)
{
	size_t k[SPACE], from[SPACE], to[SPACE], at[SPACE];

	window_tap(w, tap, k);
	for (int i = 0; i < SPACE; i++) {
		window_inside(w, i, k[i], &from[i], &to[i]);
		if (from[i] == to[i])
			return;
	}
	for (size_t z = from[0]; z < to[0]; z++)
		for (size_t line = from[1]; line < to[1]; line++) {
			const size_t o[SPACE] = {z, line, from[2]};

			for (int i = 0; i < SPACE; i++)
				at[i] = o[i] * w->stride[i] + k[i] * w->dilation[i] -
				        w->begin[i];
			add_line(y + (at[0] * w->in[1] + at[1]) * w->in[2] + at[2],
			         w->stride[2],
			         column + (z * w->out[1] + line) * w->out[2] + from[2],
			         to[2] - from[2]);
		}
}

/* Channels [first, first + n) of a group of an image. */
static void run_channels(const struct transposed *p, const float *x, const float *w,
                         const float *bias, size_t n, float *columns, float *y)
{
	const struct window *win = &p->window;
	size_t rows = n * win->taps;

	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)rows, (int)win->area_out,
	            (int)p->in_group, 1, w, (int)(p->out_group * win->taps), x,
	            (int)win->area_out, 0, columns, (int)win->area_out);
	for (size_t c = 0; c < n; c++, y += win->area_in) {
		for (size_t i = 0; i < win->area_in; i++)
			y[i] = bias ? bias[c] : 0;
		for (size_t tap = 0; tap < win->taps; tap++, columns += win->area_out)
			add_tap(win, tap, columns, y);
	}
}

int transposed_run(const struct run *r, struct error *e)
{
	const struct transposed *p = r->node->params;
	const struct window *win = &p->window;
	const float *bias = r->node->n_inputs > 2 ? r->in[2] : NULL;

	(void)e;
	for (size_t k = 0; k < win->batch * p->groups; k++) {
		size_t group = k % p->groups, n;
		const float *x = (const float *)r->in[0] + k * p->in_group * win->area_out;
		const float *w = (const float *)r->in[1] +
		                 group * p->in_group * p->out_group * win->taps;
		float *y = (float *)r->out[0] + k * p->out_group * win->area_in;

		for (size_t c = 0; c < p->out_group; c += n) {
			n = p->out_group - c < p->together ? p->out_group - c : p->together;
			run_channels(p, x, w + c * win->taps,
			             bias ? bias + group * p->out_group + c : NULL, n,
			             r->scratch, y + c * win->area_in);
		}
		if (r->clamp.on)
			clamp_row(y, p->out_group * win->area_in, r->clamp);
	}
	return 0;
}

/* A cell o is made of those at (o + padding - tap) / stride: of their mean's place, and as
 * many of them as the kernel holds strides. */
void geometry_transposed(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct window *w = n->params;

	geometry_map(g, n, out);
	if (out->kind != GEOMETRY_MAP)
		return;
	for (int i = 0; i < 2; i++) {
		struct receptive_field *f = &out->field[i];
		const int axis = window_map_axis(w, i, out);
		size_t reach;

		if (axis < 0)
			return;
		reach = (w->kernel[axis] - 1) * w->dilation[axis];
		f->stride /= (double)w->stride[axis];
		f->offset += f->stride * ((double)w->begin[axis] - (double)reach / 2);
		f->size += (double)(reach / w->stride[axis] * w->stride[axis]) * f->stride;
	}
}
