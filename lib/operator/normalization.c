/* normalization.c -- normalization over a batch, a map, a group, a cell; LRN, Softmax. */
#include <math.h>
#include <string.h>

#include "kernel/blocked.h"
#include "operator/curves.h"
#include "operator/layer_norm.h"
#include "operator/operators.h"
#include "operator/rows.h"

/* ---- y = x * scale + shift, per channel ---- */

VECTOR_CLONES(static, void, scale_row,
              (float *y, const float *x, size_t n, float scale, float shift),
              (y, x, n, scale, shift))
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * scale + shift;
}

VECTOR_CLONES(static, void, scale_area,
              (float *restrict y, const float *restrict x, size_t n,
               const float *restrict scale, const float *restrict shift),
              (y, x, n, scale, shift))
{
	for (size_t i = 0; i < n; i++)
		for (size_t lane = 0; lane < BLOCK; lane++)
			y[i * BLOCK + lane] = x[i * BLOCK + lane] * scale[lane] + shift[lane];
}

/* Input 0 is (batch, channels, ...) and inputs 1 to count have a value per channel. */
static int per_channel(const struct graph *g, const struct node *n, size_t count,
                       struct error *e)
{
	const struct tensor *x = node_float(g, n, 0, e), *t;

	if (!x)
		return -1;
	if (x->shape.rank < 2)
		return node_fail(g, n, e, "its input has no channels");
	for (size_t i = 1; i <= count; i++) {
		t = node_float(g, n, i, e);
		if (!t)
			return -1;
		if (t->shape.rank != 1 || t->count != x->shape.dims[1])
			return node_fail(g, n, e, "%s has %zu values for %zu channels", t->name,
			                 t->count, x->shape.dims[1]);
	}
	return node_set(g, n, 0, KIND_FLOAT, &x->shape, e);
}

/* Between the attributes that told, further outputs did. */
static bool is_training(const struct graph *g, const struct node *n)
{
	if (n->opset < 7)
		return !node_int(n, "is_test", 0);
	for (size_t i = 1; n->opset < 14 && i < n->n_outputs; i++)
		if (node_output(g, n, i))
			return true;
	return node_int(n, "training_mode", 0) != 0;
}

int batch_norm_infer(struct graph *g, struct node *n, struct error *e)
{
	if (node_arity(g, n, 5, 5, e) < 0)
		return -1;
	if (is_training(g, n))
		return node_fail(g, n, e, "training mode is not supported");
	if (node_int(n, "spatial", 1) != 1)
		return node_fail(g, n, e, "spatial=0 is not supported");
	return per_channel(g, n, 4, e);
}

int batch_norm_run(const struct run *r, struct error *e)
{
	const struct tensor *t = node_input(r->g, r->node, 0);
	const float *x = r->in[0], *gamma = r->in[1], *beta = r->in[2], *mean = r->in[3],
	            *variance = r->in[4];
	double epsilon = node_number(r->node, "epsilon", 1e-5f);
	size_t maps = shape_product(&t->shape, 0, 2), area = maps ? t->count / maps : 0, c;
	size_t together = r->blocked ? BLOCK : 1; /* channels */
	size_t channels = t->shape.dims[1];
	float *y = r->out[0];

	(void)e;
	for (size_t m = 0; m < maps;) {
		float scale[BLOCK] = {0}, shift[BLOCK] = {0};
		size_t lane, first = m % channels;

		for (lane = 0; lane < together && first + lane < channels; lane++, m++) {
			double factor;

			c = first + lane;
			factor = gamma[c] / sqrt(variance[c] + epsilon);
			scale[lane] = (float)factor;
			shift[lane] = (float)(beta[c] - mean[c] * factor);
		}
		if (r->blocked)
			scale_area(y, x, area, scale, shift);
		else
			scale_row(y, x, area, scale[0], shift[0]);
		if (r->clamp.on)
			clamp_row(y, area * together, r->clamp);
		x += area * together;
		y += area * together;
	}
	return 0;
}

bool batch_norm_scales(const struct graph *g, const struct node *n, size_t i,
                       const void *const *constants, struct affine *a)
{
	const float *values[4];
	double epsilon = node_number(n, "epsilon", 1e-5f);

	for (size_t k = 0; k < 4; k++) {
		values[k] = constants[n->inputs[k + 1]];
		if (i != 0 || !values[k] || affine_axis(a, &node_input(g, n, 0)->shape) != 1)
			return false;
	}
	for (size_t c = 0; c < a->channels; c++) {
		double scale = values[0][c] / sqrt(values[3][c] + epsilon);

		a->scale[c] *= scale;
		a->shift[c] = (a->shift[c] - values[2][c]) * scale + values[1][c];
	}
	return true;
}

/* ---- over values of the image itself ---- */

/* Their mean and the mean of their squares' distance from it; or from 0, if not centred. */
static void find_moments(const float *x, size_t n, bool centred, double *mean, double *variance)
{
	*mean = centred ? row_sum(x, n) / (double)n : 0;
	*variance = row_squares(x, n, *mean) / (double)n;
}

int instance_norm_infer(struct graph *g, struct node *n, struct error *e)
{
	return node_arity(g, n, 3, 3, e) < 0 ? -1 : per_channel(g, n, 2, e);
}

int instance_norm_run(const struct run *r, struct error *e)
{
	const struct tensor *t = node_input(r->g, r->node, 0);
	const float *x = r->in[0], *gamma = r->in[1], *beta = r->in[2];
	double epsilon = node_number(r->node, "epsilon", 1e-5f);
	size_t maps = shape_product(&t->shape, 0, 2), area = maps ? t->count / maps : 0, c;
	float *y = r->out[0];

	(void)e;
	for (size_t m = 0; m < maps; m++, x += area, y += area) {
		double mean, variance, scale;

		c = m % t->shape.dims[1];
		find_moments(x, area, true, &mean, &variance);
		scale = gamma[c] / sqrt(variance + epsilon);
		scale_row(y, x, area, (float)scale, (float)(beta[c] - mean * scale));
	}
	return 0;
}

struct group_norm {
	size_t groups, together; /* channels of a group */
	bool by_group; /* scale and shift have a value for each, not for each channel */
};

/* Operator set 18 had a scale for each group, from 21 on each channel has one. */
int group_norm_infer(struct graph *g, struct node *n, struct error *e)
{
	struct group_norm *p = graph_alloc(g, 1, sizeof *p, e);
	int64_t groups = node_int(n, "num_groups", 0);
	const struct tensor *x, *t;
	size_t need;

	if (!p || node_arity(g, n, 3, 3, e) < 0 || per_channel(g, n, 0, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (groups < 1 || (size_t)groups > x->shape.dims[1] ||
	    x->shape.dims[1] % (size_t)groups != 0)
		return node_fail(g, n, e, "%lld groups of %zu channels", (long long)groups,
		                 x->shape.dims[1]);
	p->groups = (size_t)groups;
	p->together = x->shape.dims[1] / p->groups;
	p->by_group = n->opset < 21;
	need = p->by_group ? p->groups : x->shape.dims[1];
	for (size_t i = 1; i <= 2; i++) {
		t = node_float(g, n, i, e);
		if (!t)
			return -1;
		if (t->shape.rank != 1 || t->count != need)
			return node_fail(g, n, e, "%s has %zu values where %zu are needed",
			                 t->name, t->count, need);
	}
	n->params = p;
	return 0;
}

int group_norm_run(const struct run *r, struct error *e)
{
	const struct group_norm *p = r->node->params;
	const struct tensor *t = node_input(r->g, r->node, 0);
	const float *x = r->in[0], *gamma = r->in[1], *beta = r->in[2];
	double epsilon = node_number(r->node, "epsilon", 1e-5f), mean, variance, scale;
	size_t area = shape_product(&t->shape, 2, t->shape.rank);
	float *y = r->out[0];

	(void)e;
	for (size_t k = 0; k < t->shape.dims[0] * p->groups; k++) {
		find_moments(x, p->together * area, true, &mean, &variance);
		for (size_t i = 0; i < p->together; i++, x += area, y += area) {
			size_t group = k % p->groups,
			       c = p->by_group ? group : group * p->together + i;

			scale = gamma[c] / sqrt(variance + epsilon);
			scale_row(y, x, area, (float)scale, (float)(beta[c] - mean * scale));
		}
	}
	return 0;
}

/* A weight that repeats along the leading axes of those from axis on, or not at all. */
static int repeating(const struct graph *g, const struct node *n, size_t i, size_t axis,
                     size_t *count, struct error *e)
{
	const struct shape *x = &node_input(g, n, 0)->shape;
	const struct tensor *t = node_float(g, n, i, e);
	int first = 0;
	char text[128];

	if (!t)
		return -1;
	while (first < t->shape.rank && t->shape.dims[first] == 1)
		first++;
	for (int k = first; k < t->shape.rank; k++) {
		int at = x->rank - t->shape.rank + k;

		if (at < (int)axis || t->shape.dims[k] != x->dims[at])
			return node_fail(g, n, e, "%s of %s does not fit", t->name,
			                 shape_text(&t->shape, text, sizeof text));
	}
	*count = t->count;
	return 0;
}

int layer_norm_infer(struct graph *g, struct node *n, struct error *e)
{
	struct layer_norm *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x;
	struct shape kept;
	size_t axis;

	if (!p || node_arity(g, n, 2, 3, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    node_axis(g, n, node_int(n, "axis", -1), x->shape.rank, false, &axis, e) < 0 ||
	    repeating(g, n, 1, axis, &p->scales, e) < 0 ||
	    (node_input(g, n, 2) && repeating(g, n, 2, axis, &p->shifts, e) < 0))
		return -1;
	p->centred = strcmp(n->type, "LayerNormalization") == 0;
	p->epsilon = node_number(n, "epsilon", 1e-5f);
	p->outer = shape_product(&x->shape, 0, (int)axis);
	p->n = shape_product(&x->shape, (int)axis, x->shape.rank);
	if (p->n == 0)
		return node_fail(g, n, e, "nothing to normalize");
	n->params = p;
	kept = x->shape;
	for (int i = (int)axis; i < kept.rank; i++)
		kept.dims[i] = 1;
	if (node_set(g, n, 1, KIND_FLOAT, &kept, e) < 0 ||
	    node_set(g, n, 2, KIND_FLOAT, &kept, e) < 0)
		return -1;
	return node_set(g, n, 0, KIND_FLOAT, &x->shape, e);
}

/* Those of the values stay; mean and deviation are one for the axes that are normalized. */
void geometry_statistics(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct shape *x = &node_input(g, n, 0)->shape, *y = &node_output(g, n, 0)->shape;
	size_t gone = 0;

	if (out->kind != GEOMETRY_MAP && out->kind != GEOMETRY_TOKENS)
		return;
	for (int i = 0; i < 2; i++)
		gone += y->dims[out->axis[i]] != x->dims[out->axis[i]];
	if (gone == 2)
		geometry_whole_image(g, n, out);
	else if (gone == 1)
		geometry_lose(out, "rows or columns become one");
}

VECTOR_CLONES(static, void, normalize,
              (float *y, const float *x, size_t n, float mean, float factor,
               const float *scale),
              (y, x, n, mean, factor, scale))
{
	for (size_t i = 0; i < n; i++)
		y[i] = (x[i] - mean) * factor * scale[i];
}

VECTOR_CLONES(static, void, add_row, (float *y, const float *shift, size_t n), (y, shift, n))
{
	for (size_t i = 0; i < n; i++)
		y[i] += shift[i];
}

int layer_norm_run(const struct run *r, struct error *e)
{
	const struct layer_norm *p = r->node->params;
	double mean, variance, factor;
	const float *x = r->in[0];
	float *y = r->out[0], *means = r->node->n_outputs > 1 ? r->out[1] : NULL,
	      *factors = r->node->n_outputs > 2 ? r->out[2] : NULL;

	(void)e;
	for (size_t o = 0; o < p->outer; o++, x += p->n, y += p->n) {
		find_moments(x, p->n, p->centred, &mean, &variance);
		factor = 1 / sqrt(variance + p->epsilon);
		for (size_t i = 0; i < p->n; i += p->scales)
			normalize(y + i, x + i, p->scales, (float)mean, (float)factor,
			          r->in[1]);
		for (size_t i = 0; p->shifts && i < p->n; i += p->shifts)
			add_row(y + i, r->in[2], p->shifts);
		if (means)
			means[o] = (float)mean;
		if (factors)
			factors[o] = (float)factor;
	}
	return 0;
}

/* ---- y = x / (bias + alpha / size * sum of squares over size channels) ^ beta ---- */

int lrn_infer(struct graph *g, struct node *n, struct error *e)
{
	int64_t size = node_int(n, "size", 0);

	if (node_arity(g, n, 1, 1, e) < 0)
		return -1;
	if (size < 1 || size > 1 << 20)
		return node_fail(g, n, e, "size %lld", (long long)size);
	return per_channel(g, n, 0, e);
}

size_t lrn_scratch(const struct graph *g, const struct node *n)
{
	const struct tensor *t = node_input(g, n, 0);

	return shape_product(&t->shape, 2, t->shape.rank);
}

VECTOR_CLONES(static, void, add_squares, (float *sum, const float *x, size_t n), (sum, x, n))
{
	for (size_t i = 0; i < n; i++)
		sum[i] += x[i] * x[i];
}

/* The exponent that networks use, without a call of powf for each value. */
VECTOR_CLONES(static, void, divide_three_quarters,
              (float *y, const float *x, const float *sum, size_t n, float bias, float alpha),
              (y, x, sum, n, bias, alpha))
{
	for (size_t i = 0; i < n; i++) {
		float s = bias + alpha * sum[i];

		y[i] = x[i] / sqrtf(s * sqrtf(s));
	}
}

static void divide_power(float *y, const float *x, const float *sum, size_t n, float bias,
                         float alpha, float beta)
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] / powf(bias + alpha * sum[i], beta);
}

int lrn_run(const struct run *r, struct error *e)
{
	const struct tensor *t = node_input(r->g, r->node, 0);
	float bias = node_number(r->node, "bias", 1),
	      beta = node_number(r->node, "beta", 0.75f);
	size_t size = (size_t)node_int(r->node, "size", 1);
	float alpha = node_number(r->node, "alpha", 1e-4f) / (float)size;
	size_t channels = t->shape.dims[1], area = shape_product(&t->shape, 2, t->shape.rank);
	size_t from, to;
	const float *x = r->in[0];
	float *y = r->out[0];

	(void)e;
	for (size_t b = 0; b < t->shape.dims[0]; b++, x += channels * area) {
		for (size_t c = 0; c < channels; c++, y += area) {
			from = c < (size - 1) / 2 ? 0 : c - (size - 1) / 2;
			to = c + size / 2 + 1;
			to = to > channels ? channels : to;
			memset(r->scratch, 0, area * sizeof *r->scratch);
			for (size_t k = from; k < to; k++)
				add_squares(r->scratch, x + k * area, area);
			if (beta == 0.75f)
				divide_three_quarters(y, x + c * area, r->scratch, area, bias,
				                      alpha);
			else
				divide_power(y, x + c * area, r->scratch, area, bias, alpha,
				             beta);
		}
	}
	return 0;
}

/* ---- softmax and its logarithm ---- */

struct softmax {
	size_t outer, n, inner;
};

/* Up to operator set 12 all axes from the given one are one. */
int softmax_infer(struct graph *g, struct node *n, struct error *e)
{
	struct softmax *s = graph_alloc(g, 1, sizeof *s, e);
	const struct tensor *x;
	bool together = n->opset < 13;
	size_t axis;

	if (!s || node_arity(g, n, 1, 1, e) < 0 || !(x = node_float(g, n, 0, e)) ||
	    node_axis(g, n, node_int(n, "axis", together ? 1 : -1), x->shape.rank, false, &axis,
	              e) < 0)
		return -1;
	s->outer = shape_product(&x->shape, 0, (int)axis);
	s->inner = together ? 1 : shape_product(&x->shape, (int)axis + 1, x->shape.rank);
	s->n = s->outer && s->inner ? x->count / s->outer / s->inner : 0;
	n->params = s;
	return node_set(g, n, 0, KIND_FLOAT, &x->shape, e);
}

VECTOR_CLONES(static, void, multiply_row, (float *y, size_t n, float factor), (y, n, factor))
{
	for (size_t i = 0; i < n; i++)
		y[i] *= factor;
}

VECTOR_CLONES(static, void, subtract_both,
              (float *y, const float *x, size_t n, float first, float second),
              (y, x, n, first, second))
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] - first - second;
}

/* Values that lie side by side. */
static void soften(float *y, const float *x, size_t n, bool logarithm)
{
	float top = row_largest(x, n);
	double sum;

	row_exp(y, x, n, top);
	sum = row_sum(y, n);
	if (logarithm)
		subtract_both(y, x, n, top, (float)log(sum));
	else
		multiply_row(y, n, (float)(1 / sum));
}

/* Others. */
static void soften_apart(float *y, const float *x, size_t n, size_t stride, bool logarithm)
{
	float top = -INFINITY;
	double sum = 0;

	for (size_t k = 0; k < n; k++)
		top = x[k * stride] > top ? x[k * stride] : top;
	for (size_t k = 0; k < n; k++) {
		y[k * stride] = curve_exp(x[k * stride] - top);
		sum += y[k * stride];
	}
	for (size_t k = 0; k < n; k++)
		y[k * stride] = logarithm ? x[k * stride] - top - (float)log(sum)
		                          : (float)(y[k * stride] / sum);
}

int softmax_run(const struct run *r, struct error *e)
{
	const struct softmax *s = r->node->params;
	bool logarithm = strcmp(r->node->type, "LogSoftmax") == 0;

	(void)e;
	for (size_t o = 0; o < s->outer; o++)
		for (size_t i = 0; i < s->inner; i++) {
			const float *x = (const float *)r->in[0] + o * s->n * s->inner + i;
			float *y = (float *)r->out[0] + o * s->n * s->inner + i;

			if (s->inner == 1)
				soften(y, x, s->n, logarithm);
			else
				soften_apart(y, x, s->n, s->inner, logarithm);
		}
	return 0;
}
