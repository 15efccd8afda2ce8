/* resize.c -- Resize and Upsample: nearest, linear and cubic.
 *
 * Sizes, the source of each cell and the weights around it are computed in single
 * precision by the formulas of onnxruntime's upsamplebase.h and upsample.cc, as rounding
 * decides which cell is the nearest.  Places are computed in double precision. */
#include <math.h>

#include "operator/movement.h"
#include "operator/operators.h"
#include "operator/resizing.h"

static const float TIE = 1e-6f; /* from the middle between two cells */

/* Along one axis, output i is the sum of weight[i][t] times input at[i][t]. */
struct resample {
	int axis;
	size_t taps;
	size_t *at;
	float *weight;
};

struct resize {
	struct move move; /* first; nearest, and the others' places */
	int n_axes;
	struct resample axes[RANK_MAX]; /* those that change */
	size_t room;                    /* floats that the largest tensor between them takes */
};

/* One axis that changes its size. */
struct change {
	enum transform transform;
	float scale;
	size_t in, out;
};

/* Where cell i of the output lies in the input. */
static float source_of(const struct change *c, size_t i)
{
	float x = (float)i, in = (float)c->in, out = (float)c->out, adjustment;

	switch (c->transform) {
	case ASYMMETRIC:
		return x / c->scale;
	case CORNERS:
		return c->out == 1 ? 0 : x * (in - 1) / (out - 1);
	case TF_HALF_PIXEL:
		return (x + 0.5f) / c->scale;
	case SYMMETRIC:
		adjustment = out / (c->scale * in);
		return (float)((double)(in / 2 * (1 - adjustment)) +
		               ((double)x + 0.5) / (double)c->scale - 0.5);
	case PYTORCH:
		if (c->out == 1)
			return 0;
		break;
	case HALF_PIXEL:
		break;
	}
	return (x + 0.5f) / c->scale - 0.5f;
}

/* The whole number that the mode takes x to.  What rounding keeps from a tie is a tie. */
static float rounded(float x, enum rounding mode)
{
	float low = floorf(x), off = x - low - 0.5f;

	if (mode == FLOOR)
		return low;
	if (mode == CEIL)
		return ceilf(x);
	if (fabsf(off) <= TIE)
		return mode == PREFER_FLOOR ? low : low + 1;
	return off < 0 ? low : low + 1;
}

/* A cell of the input: those beyond its ends are the last ones. */
static size_t inside(float cell, size_t dim)
{
	return !(cell > 0) ? 0 : cell > (float)(dim - 1) ? dim - 1 : (size_t)cell;
}

/* Cells until sources lie between cells as the first did, as often as that fits into n. */
static size_t whole_periods(double step, size_t n)
{
	for (size_t period = 1; period < n; period++) {
		double moved = (double)period * step;

		if (fabs(moved - round(moved)) < 1e-5)
			return n / period * period;
	}
	return n;
}

/* The places of cells along an axis: that of cell i is start + i * step, where its source
 * is; or where sources are rounded to whole cells, where they are on the average of a
 * period.  Sources beyond the ends count as they are: borders don't move places, no more
 * than padding does. */
static void find_places(const struct change *c, const struct resizing *how,
                        enum rounding rounding, struct move_axis *a)
{
	double in = (double)c->in, out = (double)c->out;
	/* A scale that stands for the two sizes is their ratio. */
	bool ratio = (float)c->out / (float)c->in == c->scale;
	double top = ratio ? in : 1, bottom = ratio ? out : (double)c->scale, sum = 0;

	if (c->transform == CORNERS && c->out > 1) {
		top = in - 1;
		bottom = out - 1;
	}
	a->step = top / bottom;
	if (how->mode == NEAREST) {
		size_t n = whole_periods(a->step, c->out);

		for (size_t i = 0; i < n; i++)
			sum += (double)rounded(source_of(c, i), rounding);
		a->start = (2 * sum * bottom - top * (double)n * (double)(n - 1)) /
		           (2 * (double)n * bottom);
		return;
	}
	switch (c->transform) {
	case HALF_PIXEL:
		a->start = (top - bottom) / (2 * bottom);
		break;
	case PYTORCH:
		a->start = c->out == 1 ? 0 : (top - bottom) / (2 * bottom);
		break;
	case SYMMETRIC:
		a->start = ((in - 1) * bottom - (out - 1) * top) / (2 * bottom);
		break;
	case TF_HALF_PIXEL:
		a->start = a->step / 2;
		break;
	case CORNERS:
	case ASYMMETRIC:
		a->start = 0;
		break;
	}
}

static void nearest_table(const struct change *c, enum rounding rounding, size_t stride,
                          size_t *table)
{
	for (size_t i = 0; i < c->out; i++)
		table[i] = inside(rounded(source_of(c, i), rounding), c->in) * stride;
}

/* What a cell at distance d from a source counts.
 * R. Keys, "Cubic convolution interpolation for digital image processing" (1981). */
static double kernel(const struct resizing *how, double d)
{
	double a = (double)how->coefficient;

	if (how->mode == LINEAR)
		return d < 1 ? 1 - d : 0;
	if (d <= 1)
		return ((a + 2) * d - (a + 3)) * d * d + 1;
	return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/* How many times as wide the kernel is for an axis. */
static double width_of(const struct resizing *how, const struct change *c)
{
	return how->smooths && c->scale < 1 ? 1 / (double)c->scale : 1;
}

/* Cells on each side of a source, at most. */
static size_t cells_of(const struct resizing *how, double width)
{
	return (size_t)ceil((how->mode == LINEAR ? 1 : 2) * width);
}

/* Weights of a cell whose source is x, so many as taps; *first is the first one's cell.  Those
 * of a wider kernel are made to have the sum 1. */
static void weigh(const struct resizing *how, double width, float x, size_t dim, size_t taps,
                  float *weight, float *first)
{
	const bool whole = how->exclude || width > 1;
	double sum = 0;

	if (how->mode == LINEAR && !whole) {
		x = x < 0 ? 0 : x > (float)(dim - 1) ? (float)(dim - 1) : x;
		*first = floorf(x);
		weight[1] = x - *first;
		weight[0] = 1 - weight[1];
		return;
	}
	*first = floorf(x) + 1 - (float)cells_of(how, width);
	for (size_t t = 0; t < taps; t++) {
		float cell = *first + (float)t;
		double v = kernel(how, fabs((double)x - (double)cell) / width);

		if (how->exclude && (cell < 0 || cell > (float)(dim - 1)))
			v = 0;
		weight[t] = (float)v;
		sum += v;
	}
	for (size_t t = 0; whole && t < taps; t++)
		weight[t] = (float)((double)weight[t] / sum);
}

static int resample_tables(struct graph *g, const struct node *n, const struct change *c,
                           const struct resizing *how, struct resample *r, double *reach,
                           struct error *e)
{
	const double width = width_of(how, c);

	r->taps = 2 * cells_of(how, width);
	r->at = graph_alloc(g, c->out, r->taps * sizeof *r->at, e);
	r->weight = graph_alloc(g, c->out, r->taps * sizeof *r->weight, e);
	if (!r->at || !r->weight)
		return -1;
	for (size_t i = 0; i < c->out; i++) {
		float *weight = r->weight + i * r->taps, first;
		size_t low = 0, high = r->taps - 1;

		weigh(how, width, source_of(c, i), c->in, r->taps, weight, &first);
		if (isnan(weight[0]))
			return node_fail(g, n, e, "exclude_outside leaves cell %zu nothing", i);
		for (size_t t = 0; t < r->taps; t++)
			r->at[i * r->taps + t] = inside(first + (float)t, c->in);
		while (low < high && weight[low] == 0)
			low++;
		while (high > low && weight[high] == 0)
			high--;
		*reach = fmax(*reach, (double)(high - low));
	}
	return 0;
}

/* One axis. */
static int resize_axis(struct graph *g, const struct node *n, const struct resizing *how,
                       int axis, size_t dim, size_t stride, struct resize *p, struct error *e)
{
	struct change c = {how->transform, how->scale[axis], dim, how->out.dims[axis]};
	enum rounding rounding = how->early && c.scale < 1 ? CEIL : how->rounding;

	find_places(&c, how, rounding, &p->move.axes[axis]);
	if (how->mode == NEAREST) {
		nearest_table(&c, rounding, stride, p->move.axes[axis].table);
		return 0;
	}
	p->axes[p->n_axes].axis = axis;
	return resample_tables(g, n, &c, how, &p->axes[p->n_axes++], &p->move.axes[axis].reach,
	                       e);
}

int resize_infer(struct graph *g, struct node *n, struct error *e)
{
	struct resize *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x;
	struct shape between;
	struct resizing how;
	size_t count;

	if (!p || node_arity(g, n, 1, 4, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    resizing_read(g, n, &x->shape, &how, e) < 0)
		return -1;
	if (!shape_count(&how.out, &count))
		return node_fail(g, n, e, "its output is too large");
	if (move_start(g, &p->move, KIND_FLOAT, &how.out, e) < 0)
		return -1;
	between = x->shape;
	for (int i = 0; i < between.rank; i++) {
		size_t stride = shape_product(&x->shape, i + 1, x->shape.rank);

		move_along(&p->move, i, i, stride);
		/* Where no size changes nothing does, whatever the scales. */
		if (how.scale[i] == 1 || shape_equal(&how.out, &x->shape))
			continue;
		if (resize_axis(g, n, &how, i, x->shape.dims[i], stride, p, e) < 0)
			return -1;
		between.dims[i] = how.out.dims[i];
		if (!shape_count(&between, &count))
			return node_fail(g, n, e, "it is too large on the way");
		p->room = count > p->room ? count : p->room;
	}
	n->params = p;
	move_finish(&p->move, &x->shape);
	return node_set(g, n, 0, KIND_FLOAT, &how.out, e);
}

/* Tensors between the axes: none for one, one for two, else two that take turns. */
size_t resize_scratch(const struct graph *g, const struct node *n)
{
	const struct resize *p = n->params;

	(void)g;
	return p->n_axes < 2 ? 0 : p->n_axes == 2 ? p->room : 2 * p->room;
}

/* x (outer, from, inner) to y (outer, to, inner): each row of y is a sum of rows of x. */
VECTOR_CLONES(static, void, resample,
              (const struct resample *r, const float *x, size_t outer, size_t from, size_t to,
               size_t inner, float *y),
              (r, x, outer, from, to, inner, y))
{
	for (size_t o = 0; o < outer; o++, x += from * inner) {
		const size_t *at = r->at;
		const float *weight = r->weight;

		for (size_t i = 0; i < to; i++, y += inner) {
			for (size_t k = 0; k < inner; k++)
				y[k] = weight[0] * x[at[0] * inner + k];
			for (size_t t = 1; t < r->taps; t++)
				for (size_t k = 0; k < inner; k++)
					y[k] += weight[t] * x[at[t] * inner + k];
			at += r->taps;
			weight += r->taps;
		}
	}
}

int resize_run(const struct run *r, struct error *e)
{
	const struct resize *p = r->node->params;
	struct shape s = node_input(r->g, r->node, 0)->shape;
	const float *x = r->in[0];

	(void)e;
	if (p->n_axes == 0) {
		move_apply(&p->move, x, r->out[0]);
		return 0;
	}
	for (int i = 0; i < p->n_axes; i++) {
		const struct resample *axis = &p->axes[i];
		size_t from = s.dims[axis->axis], to = p->move.shape.dims[axis->axis];
		float *y = i + 1 == p->n_axes ? r->out[0] : r->scratch + i % 2 * p->room;

		resample(axis, x, shape_product(&s, 0, axis->axis), from, to,
		         shape_product(&s, axis->axis + 1, s.rank), y);
		s.dims[axis->axis] = to;
		x = y;
	}
	return 0;
}
