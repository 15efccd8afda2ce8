/* cast.c -- changes of type, and integers that stand for floats. */
#include <limits.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "graph/literal.h"
#include "operator/operators.h"

/* The type to cast to: a number, up to operator set 5 a name. */
static int64_t cast_type(const struct node *n)
{
	static const struct {
		const char *name;
		int64_t type;
	} names[] = {
	        {"FLOAT", ONNX_FLOAT},   {"FLOAT16", ONNX_FLOAT16}, {"DOUBLE", ONNX_DOUBLE},
	        {"BOOL", ONNX_BOOL},     {"INT8", ONNX_INT8},       {"INT16", ONNX_INT16},
	        {"INT32", ONNX_INT32},   {"INT64", ONNX_INT64},     {"UINT8", ONNX_UINT8},
	        {"UINT16", ONNX_UINT16}, {"UINT32", ONNX_UINT32},   {"UINT64", ONNX_UINT64}};
	const char *text = node_text(n, "to", "");

	for (size_t i = 0; n->opset < 6 && i < sizeof names / sizeof *names; i++)
		if (strcasecmp(names[i].name, text) == 0)
			return names[i].type;
	return node_int(n, "to", 0);
}

int cast_infer(struct graph *g, struct node *n, struct error *e)
{
	int64_t to = cast_type(n);
	enum kind kind;

	if (node_arity(g, n, 1, 1, e) < 0)
		return -1;
	if (to < 0 || to > INT_MAX || !literal_kind((int)to, &kind))
		return node_fail(g, n, e, "casting to type %lld %s is not supported",
		                 (long long)to, node_text(n, "to", ""));
	return node_set(g, n, 0, kind, &node_input(g, n, 0)->shape, e);
}

/* Toward zero; what no integer holds becomes the nearest one. */
static int64_t to_int(float x)
{
	if (!(x > -0x1p63f))
		return x == x ? INT64_MIN : 0;
	return x >= 0x1p63f ? INT64_MAX : (int64_t)x;
}

/* The value that the type holds: integers wrap, and float16 rounds to the nearest, a tie to the
 * even one. */
static int64_t wrap(int64_t n, int64_t type)
{
	switch (type) {
	case ONNX_BOOL:
		return n != 0;
	case ONNX_INT8:
		return (int8_t)n;
	case ONNX_INT16:
		return (int16_t)n;
	case ONNX_INT32:
		return (int32_t)n;
	case ONNX_UINT8:
		return (uint8_t)n;
	case ONNX_UINT16:
		return (uint16_t)n;
	case ONNX_UINT32:
		return (uint32_t)n;
	default:
		return n;
	}
}

static float to_half(float x)
{
	int exponent;
	float step;

	if (x == 0 || !isfinite(x))
		return x;
	frexpf(x, &exponent);
	/* Eleven bits, fewer below 2^-14. */
	step = ldexpf(1, (exponent < -13 ? -13 : exponent) - 11);
	x = rintf(x / step) * step;
	return x > 65504 ? INFINITY : x < -65504 ? -INFINITY : x;
}

int cast_run(const struct run *r, struct error *e)
{
	const struct tensor *x = node_input(r->g, r->node, 0),
	                    *y = node_output(r->g, r->node, 0);
	int64_t to = cast_type(r->node);

	(void)e;
	for (size_t i = 0; i < y->count; i++) {
		float f = x->kind == KIND_FLOAT ? ((const float *)r->in[0])[i] : 0;
		int64_t n = x->kind == KIND_INT ? ((const int64_t *)r->in[0])[i] : to_int(f);

		if (x->kind == KIND_INT)
			f = (float)n;
		if (y->kind == KIND_FLOAT)
			((float *)r->out[0])[i] = to == ONNX_FLOAT16 ? to_half(f) : f;
		else if (to == ONNX_BOOL && x->kind == KIND_FLOAT)
			((int64_t *)r->out[0])[i] = f != 0;
		else
			((int64_t *)r->out[0])[i] = wrap(n, to);
	}
	return 0;
}

/* ---- DequantizeLinear: (x - zero) * scale ---- */

struct dequantize {
	size_t channels, inner; /* that have a scale each, and values from one to the next */
};

int dequantize_infer(struct graph *g, struct node *n, struct error *e)
{
	struct dequantize *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *x, *scale, *zero = node_input(g, n, 2);
	size_t axis;

	if (!p || node_arity(g, n, 2, 3, e) < 0 || !(scale = node_float(g, n, 1, e)))
		return -1;
	x = node_input(g, n, 0);
	if (x->kind != KIND_INT || (zero && zero->kind != KIND_INT))
		return node_fail(g, n, e, "its input is not quantized to integers");
	if (node_int(n, "block_size", 0) != 0)
		return node_fail(g, n, e, "scales of blocks are not supported");
	if (scale->count == 0)
		return node_fail(g, n, e, "no scale");
	if (zero && zero->count != scale->count)
		return node_fail(g, n, e, "%zu zeros for %zu scales", zero->count,
		                 scale->count);
	p->channels = scale->count;
	p->inner = x->count;
	if (scale->shape.rank > 0 && scale->count > 1) {
		if (node_axis(g, n, node_int(n, "axis", 1), x->shape.rank, false, &axis, e) < 0)
			return -1;
		if (scale->shape.rank > 1 || scale->count != x->shape.dims[axis])
			return node_fail(g, n, e, "%zu scales for an axis of %zu", scale->count,
			                 x->shape.dims[axis]);
		p->inner = shape_product(&x->shape, (int)axis + 1, x->shape.rank);
	}
	n->params = p;
	return node_set(g, n, 0, KIND_FLOAT, &x->shape, e);
}

int dequantize_run(const struct run *r, struct error *e)
{
	const struct dequantize *p = r->node->params;
	const int64_t *x = r->in[0], *zero = r->node->n_inputs > 2 ? r->in[2] : NULL;
	const float *scale = r->in[1];
	float *y = r->out[0];

	(void)e;
	for (size_t i = 0; i < node_input(r->g, r->node, 0)->count; i++) {
		size_t c = i / p->inner % p->channels;

		y[i] = (float)(x[i] - (zero ? zero[c] : 0)) * scale[c];
	}
	return 0;
}
