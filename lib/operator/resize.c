/* resize.c -- Resize and Upsample, nearest and linear. */
#include <math.h>
#include <string.h>

#include "operator/movement.h"
#include "operator/operators.h"

enum { LINEAR_AXES = 3 };

/* Along one axis, output i is lower + fraction * (upper - lower). */
struct linear_axis {
	int axis;
	size_t *lower, *upper; /* offsets in the input */
	float *fraction;
};

struct resize {
	struct move move; /* nearest; linear uses it for the axes that keep their size */
	int n_linear;
	struct linear_axis linear[LINEAR_AXES];
	double scale[RANK_MAX];
	const char *place; /* coordinate_transformation_mode */
};

/* Where output i of n lies in an input of dim. */
static double source_of(const struct resize *p, int axis, size_t i, size_t dim, size_t n)
{
	double x = (double)i, scale = p->scale[axis];

	if (strcmp(p->place, "asymmetric") == 0)
		return x / scale;
	if (strcmp(p->place, "align_corners") == 0)
		return n == 1 ? 0 : x * (double)(dim - 1) / ((double)dim * scale - 1);
	if (strcmp(p->place, "pytorch_half_pixel") == 0 && n == 1)
		return 0;
	if (strcmp(p->place, "tf_half_pixel_for_nn") == 0)
		return (x + 0.5) / scale;
	return (x + 0.5) / scale - 0.5;
}

static size_t nearest(double x, size_t dim, const char *mode)
{
	if (strcmp(mode, "floor") == 0)
		x = floor(x);
	else if (strcmp(mode, "ceil") == 0)
		x = ceil(x);
	else if (strcmp(mode, "round_prefer_ceil") == 0)
		x = floor(x + 0.5);
	else
		x = ceil(x - 0.5);
	if (!(x > 0))
		return 0;
	return x > (double)(dim - 1) ? dim - 1 : (size_t)x;
}

/* Scales or sizes: attribute (Upsample 7), input 1 (Upsample 9, Resize 10), inputs 2, 3. */
static int output_shape(const struct graph *g, const struct node *n, const struct shape *in,
                        struct resize *p, struct shape *out, struct error *e)
{
	const struct attribute *a = node_attribute(n, "scales");
	bool late = n->opset >= 11 && strcmp(n->type, "Resize") == 0;
	size_t which = late ? 2 : 1;
	const struct tensor *t = node_input(g, n, which),
	                    *sizes = late ? node_input(g, n, 3) : NULL;
	const float *scales = a ? a->floats : t && t->kind == KIND_FLOAT ? t->data : NULL;
	size_t count = a ? a->n_floats : t ? t->count : 0;
	int64_t dims[RANK_MAX];
	int i, n_sizes = -1;

	*out = *in;
	if (sizes && sizes->count > 0) {
		if (node_ints(g, n, "", 3, dims, RANK_MAX, &n_sizes, e) != 0)
			return -1;
		count = (size_t)n_sizes;
	} else if (!scales) {
		return node_fail(g, n, e, "its scales are not known when the model is read");
	}
	if (count != (size_t)in->rank)
		return node_fail(g, n, e, "%zu scales for %d axes", count, in->rank);
	for (i = 0; i < in->rank; i++) {
		double size = n_sizes >= 0 ? (double)dims[i]
		                           : floor((double)in->dims[i] * (double)scales[i]);

		if (!(size >= 1 && size <= COUNT_LIMIT) || in->dims[i] == 0)
			return node_fail(g, n, e, "an axis of %zu would get size %g",
			                 in->dims[i], size);
		out->dims[i] = (size_t)size;
		p->scale[i] = n_sizes >= 0 ? size / (double)in->dims[i] : (double)scales[i];
	}
	return 0;
}

static int linear_tables(struct graph *g, struct node *n, struct resize *p, int axis,
                         size_t dim, size_t stride, struct error *e)
{
	size_t count = p->move.shape.dims[axis], i;
	struct linear_axis *l = &p->linear[p->n_linear];

	if (p->n_linear == LINEAR_AXES)
		return node_fail(g, n, e, "linear resizing of more than %d axes", LINEAR_AXES);
	p->n_linear++;
	l->axis = axis;
	l->lower = graph_alloc(g, count, sizeof *l->lower, e);
	l->upper = graph_alloc(g, count, sizeof *l->upper, e);
	l->fraction = graph_alloc(g, count, sizeof *l->fraction, e);
	if (!l->lower || !l->upper || !l->fraction)
		return -1;
	for (i = 0; i < count; i++) {
		double x = source_of(p, axis, i, dim, count);
		size_t low;

		x = x < 0 ? 0 : x > (double)(dim - 1) ? (double)(dim - 1) : x;
		low = (size_t)x;
		l->lower[i] = low * stride;
		l->upper[i] = (low + 1 < dim ? low + 1 : low) * stride;
		l->fraction[i] = (float)(x - (double)low);
	}
	return 0;
}

int resize_infer(struct graph *g, struct node *n, struct error *e)
{
	struct resize *p = graph_alloc(g, 1, sizeof *p, e);
	const char *mode = node_text(n, "mode", "nearest");
	bool late = n->opset >= 11 && strcmp(n->type, "Resize") == 0;
	const char *rounding =
	        node_text(n, "nearest_mode", late ? "round_prefer_floor" : "floor");
	bool linear = strcmp(mode, "linear") == 0 || strcmp(mode, "bilinear") == 0;
	const struct tensor *x;
	struct shape out;
	size_t k, stride;
	int i;

	if (!p || node_arity(g, n, 1, 4, e) != 0 || !(x = node_float(g, n, 0, e)))
		return -1;
	p->place = node_text(n, "coordinate_transformation_mode",
	                     late ? "half_pixel" : "asymmetric");
	if (strcmp(p->place, "tf_crop_and_resize") == 0 ||
	    (!linear && strcmp(mode, "nearest") != 0))
		return node_fail(g, n, e, "mode %s, %s is not supported", mode, p->place);
	if (output_shape(g, n, &x->shape, p, &out, e) != 0)
		return -1;
	if (!shape_count(&out, &k))
		return node_fail(g, n, e, "its output is too large");
	if (move_start(g, &p->move, KIND_FLOAT, &out, e) != 0)
		return -1;
	for (i = 0; i < out.rank; i++) {
		stride = shape_product(&x->shape, i + 1, x->shape.rank);
		move_along(&p->move, i, i, stride);
		if (out.dims[i] == x->shape.dims[i] && p->scale[i] == 1)
			continue;
		if (linear && linear_tables(g, n, p, i, x->shape.dims[i], stride, e) != 0)
			return -1;
		for (k = 0; k < out.dims[i]; k++)
			p->move.axes[i].table[k] =
			        linear ? 0
			               : nearest(source_of(p, i, k, x->shape.dims[i],
			                                   out.dims[i]),
			                         x->shape.dims[i], rounding) *
			                         stride;
		/* Affine but for rounding: half-pixel places shift by half a cell's change. */
		p->move.axes[i].start = source_of(p, i, 0, x->shape.dims[i], out.dims[i]);
		p->move.axes[i].step =
		        strcmp(p->place, "align_corners") == 0
		                ? source_of(p, i, 1, x->shape.dims[i], out.dims[i])
		                : 1 / p->scale[i];
	}
	n->params = p;
	move_finish(&p->move, &x->shape);
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

/* The interpolated value whose other axes' offset is at x; i: place along each axis.
 * The corners of the cell are folded along one axis after the other. */
static float interpolate(const struct resize *p, const float *x, const size_t *i)
{
	float corner[1 << LINEAR_AXES];
	size_t c, n = (size_t)1 << p->n_linear;
	int axis;

	for (c = 0; c < n; c++) {
		const float *at = x;

		for (axis = 0; axis < p->n_linear; axis++) {
			const struct linear_axis *l = &p->linear[axis];

			at += (c >> axis & 1 ? l->upper : l->lower)[i[l->axis]];
		}
		corner[c] = *at;
	}
	for (axis = p->n_linear - 1; axis >= 0; axis--) {
		const struct linear_axis *l = &p->linear[axis];

		n /= 2;
		for (c = 0; c < n; c++)
			corner[c] += l->fraction[i[l->axis]] * (corner[c + n] - corner[c]);
	}
	return corner[0];
}

int resize_run(const struct run *r, struct error *e)
{
	const struct resize *p = r->node->params;
	const struct move *m = &p->move;
	size_t count = node_output(r->g, r->node, 0)->count, o, at, rest, i[RANK_MAX];
	int axis;

	(void)e;
	if (p->n_linear == 0) {
		move_apply(m, r->in[0], r->out[0]);
		return 0;
	}
	for (o = 0; o < count; o++) {
		at = 0;
		rest = o;
		for (axis = m->shape.rank - 1; axis >= 0; axis--) {
			i[axis] = rest % m->shape.dims[axis];
			rest /= m->shape.dims[axis];
			at += m->axes[axis].table[i[axis]];
		}
		((float *)r->out[0])[o] = interpolate(p, (const float *)r->in[0] + at, i);
	}
	return 0;
}

void geometry_resize(const struct graph *g, const struct node *n, struct geometry *out)
{
	geometry_move(g, n, out);
}
