/* caffe_values.c -- layers of arithmetic: a value from those at its place, its channel's
 * weights, or all values. */
#include <string.h>

#include "model/caffe_build.h"

/* ---- arithmetic ---- */

/* out = (scale * in + shift) ^ power, in as many nodes as it takes. */
static int add_power(struct caffe *c, struct caffe_layer *l, size_t in, float scale,
                     float shift, float power, size_t out, struct error *e)
{
	const struct shape scalar = {0};
	const struct {
		const char *type;
		float value, nothing;
	} steps[] = {{"Mul", scale, 1}, {"Add", shift, 0}, {"Pow", power, 1}};
	size_t left = 0, to, value;

	for (size_t i = 0; i < COUNT(steps); i++)
		left += steps[i].value != steps[i].nothing;
	if (left == 0)
		return caffe_unary(c, l, "Identity", in, out, e);
	for (size_t i = 0; i < COUNT(steps); i++) {
		if (steps[i].value == steps[i].nothing)
			continue;
		to = --left ? caffe_tensor(c->g, e, "%s/%s", l->name, i ? "shifted" : "scaled")
		            : out;
		value = caffe_constant(c, l, &scalar, steps[i].value, e);
		if (to == NO_TENSOR || value == NO_TENSOR ||
		    caffe_binary(c, l, steps[i].type, in, value, to, e) < 0)
			return -1;
		in = to;
	}
	return 0;
}

int caffe_build_power(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "power_param", e);
	float power = prototxt_float(c->text, m, "power", 1, e),
	      scale = prototxt_float(c->text, m, "scale", 1, e),
	      shift = prototxt_float(c->text, m, "shift", 0, e);

	if (e->code != EXIT_OK)
		return -1;
	return add_power(c, l, l->bottoms[0], scale, shift, power, l->tops[0], e);
}

/* x / (1 + alpha * mean of squares around it in its own map) ^ beta */
static int within_channel(struct caffe *c, struct caffe_layer *l, int64_t size, float alpha,
                          float beta, struct error *e)
{
	int64_t pad = (size - 1) / 2, kernel[] = {size, size}, pads[] = {pad, pad, pad, pad};
	struct attribute a[] = {INTS("kernel_shape", kernel), INTS("pads", pads),
	                        INT("count_include_pad", 1)};
	size_t x = l->bottoms[0], squares = caffe_tensor(c->g, e, "%s/squares", l->name),
	       mean = caffe_tensor(c->g, e, "%s/mean", l->name),
	       factor = caffe_tensor(c->g, e, "%s/factor", l->name);
	const struct node average = {.type = "AveragePool",
	                             .inputs = &squares,
	                             .n_inputs = 1,
	                             .outputs = &mean,
	                             .n_outputs = 1,
	                             .attributes = a,
	                             .n_attributes = COUNT(a)};

	if (e->code != EXIT_OK || caffe_binary(c, l, "Mul", x, x, squares, e) < 0 ||
	    caffe_node(c, l, &average, e) < 0 ||
	    add_power(c, l, mean, alpha, 1, -beta, factor, e) < 0)
		return -1;
	return caffe_binary(c, l, "Mul", x, factor, l->tops[0], e);
}

int caffe_build_lrn(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	static const char *const regions[] = {"ACROSS_CHANNELS", "WITHIN_CHANNEL", NULL};
	const struct prototxt_field *m = caffe_params(c, l, "lrn_param", e);
	int64_t size = prototxt_int(c->text, m, "local_size", 5, e);
	float alpha = prototxt_float(c->text, m, "alpha", 1, e),
	      beta = prototxt_float(c->text, m, "beta", 0.75f, e),
	      k = prototxt_float(c->text, m, "k", 1, e);
	int region = prototxt_enum(c->text, m, "norm_region", regions, 0, e);

	if (e->code != EXIT_OK)
		return -1;
	if (size < 1 || size % 2 == 0)
		return caffe_refuse(c, l, e, "local_size %lld is not odd", (long long)size);
	if (region == 1)
		return within_channel(c, l, size, alpha, beta, e);

	struct attribute a[] = {INT("size", size), FLOAT("alpha", alpha), FLOAT("beta", beta),
	                        FLOAT("bias", k)};

	return caffe_node_of_bottoms(c, l, "LRN", a, COUNT(a), e);
}

int caffe_build_eltwise(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	static const char *const operations[] = {"PROD", "SUM", "MAX", NULL};
	static const char *const types[] = {"Mul", "Add", "Max"};
	const struct prototxt_field *m = caffe_params(c, l, "eltwise_param", e);
	int operation = prototxt_enum(c->text, m, "operation", operations, 1, e);
	float *coefficients = graph_alloc(c->g, l->n_bottoms, sizeof *coefficients, e);
	size_t n = prototxt_floats(c->text, m, "coeff", coefficients, l->n_bottoms, e), i, part,
	       sum, to;

	if (e->code != EXIT_OK)
		return -1;
	if (n != 0 && (operation != 1 || n != l->n_bottoms))
		return caffe_refuse(c, l, e, "%zu coefficients for %s of %zu bottoms", n,
		                    operations[operation], l->n_bottoms);
	for (i = 1; i < l->n_bottoms; i++)
		if (!shape_equal(&c->g->tensors[l->bottoms[i]].shape,
		                 &c->g->tensors[l->bottoms[0]].shape))
			return caffe_refuse(c, l, e, "its bottoms have different shapes");
	for (i = 0; i < l->n_bottoms; i++) {
		part = l->bottoms[i];
		if (n && coefficients[i] != 1) {
			part = caffe_tensor(c->g, e, "%s/scaled", l->name);
			if (part == NO_TENSOR ||
			    add_power(c, l, l->bottoms[i], coefficients[i], 0, 1, part, e) < 0)
				return -1;
		}
		if (i == 0) {
			sum = part;
			continue;
		}
		to = i + 1 == l->n_bottoms ? l->tops[0]
		                           : caffe_tensor(c->g, e, "%s/part", l->name);
		if (to == NO_TENSOR ||
		    caffe_binary(c, l, types[operation], sum, part, to, e) < 0)
			return -1;
		sum = to;
	}
	return 0;
}

/* ---- one value, or none, for each channel ---- */

int caffe_build_batch_norm(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "batch_norm_param", e);
	bool global = prototxt_bool(c->text, m, "use_global_stats", true, e),
	     scales = prototxt_bool(c->text, m, "scale_bias", false, e);
	struct attribute a[] = {FLOAT("epsilon", prototxt_float(c->text, m, "eps", 1e-5f, e))};
	const struct shape x = caffe_bottom_shape(c, l, 0), one = {.rank = 1, .dims = {1}};
	struct shape channels = {.rank = 1};
	size_t in[5], count;
	float *values, factor;

	if (e->code != EXIT_OK)
		return -1;
	if (!global || scales)
		return caffe_refuse(c, l, e, "%s is not supported",
		                    scales ? "scale_bias" : "use_global_stats: false");
	if (x.rank < 2)
		return caffe_refuse(c, l, e, "its bottom has no channels");
	channels.dims[0] = x.dims[1];
	if (caffe_need_blobs(c, l, 3, e) < 0)
		return -1;
	in[0] = l->bottoms[0];
	in[1] = caffe_constant(c, l, &channels, 1, e);
	in[2] = caffe_constant(c, l, &channels, 0, e);
	in[3] = caffe_weight(c, l, 0, &channels, e);
	in[4] = caffe_weight(c, l, 1, &channels, e);
	count = caffe_weight(c, l, 2, &one, e);
	if (e->code != EXIT_OK)
		return -1;
	/* Mean and variance are sums, and the third blob says of how many. */
	values = caffe_read_weight(c, count, e);
	factor = values && *values != 0 ? 1 / *values : 0;
	for (size_t i = 3; i < 5 && values && e->code == EXIT_OK; i++) {
		float *sums = caffe_read_weight(c, in[i], e);

		for (size_t k = 0; sums && k < channels.dims[0]; k++)
			sums[k] *= factor;
	}
	return e->code == EXIT_OK
	               ? caffe_node_from(c, l, "BatchNormalization", in, 5, a, COUNT(a), e)
	               : -1;
}

/* A layer whose second operand, a weight or bottom, has the bottom's dims from some axis
 * on: that shape with ones after it.  false if it can't be. */
static bool operand_shape(const struct caffe *c, const struct caffe_layer *l, int64_t axis,
                          int64_t axes, struct shape *s)
{
	const struct shape x = caffe_bottom_shape(c, l, 0);
	const struct shape *given =
	        l->n_bottoms > 1 ? &c->g->tensors[l->bottoms[1]].shape : NULL;
	int from;

	if (given)
		axes = given->rank;
	from = axes == 0 ? 0 : caffe_axis(axis, x.rank, false);
	if (from < 0 || axes < -1 || axes > x.rank - from)
		return false;
	axes = axes < 0 ? x.rank - from : axes;
	s->rank = x.rank - from;
	for (int i = 0; i < s->rank; i++) {
		s->dims[i] = i < axes ? x.dims[from + i] : 1;
		if (given && i < axes && given->dims[i] != s->dims[i])
			return false;
	}
	return true;
}

/* y = scale * x + bias as one node, where both have a value for each channel. */
static int scale_channels(struct caffe *c, struct caffe_layer *l, bool bias, struct error *e)
{
	struct attribute a[] = {FLOAT("epsilon", 0)};
	const struct shape s = {.rank = 1, .dims = {caffe_bottom_shape(c, l, 0).dims[1]}};
	size_t in[5] = {l->bottoms[0]};

	in[1] = caffe_weight(c, l, 0, &s, e);
	in[2] = bias ? caffe_weight(c, l, 1, &s, e) : caffe_constant(c, l, &s, 0, e);
	in[3] = caffe_constant(c, l, &s, 0, e);
	in[4] = caffe_constant(c, l, &s, 1, e);
	return e->code == EXIT_OK
	               ? caffe_node_from(c, l, "BatchNormalization", in, 5, a, COUNT(a), e)
	               : -1;
}

/* The second operand: bottom 1 in its shape, or a weight. */
static size_t second(struct caffe *c, struct caffe_layer *l, const struct shape *s,
                     struct error *e)
{
	int64_t dims[RANK_MAX];
	size_t t;

	if (l->n_bottoms == 1)
		return caffe_weight(c, l, 0, s, e);
	for (int i = 0; i < s->rank; i++)
		dims[i] = (int64_t)s->dims[i];
	t = caffe_tensor(c->g, e, "%s/operand", l->name);
	if (t == NO_TENSOR ||
	    caffe_reshape(c, l, l->bottoms[1], dims, (size_t)s->rank, t, e) < 0)
		return NO_TENSOR;
	return t;
}

int caffe_build_scale(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "scale_param", e);
	int64_t axis = prototxt_int(c->text, m, "axis", 1, e),
	        axes = prototxt_int(c->text, m, "num_axes", 1, e);
	bool bias = prototxt_bool(c->text, m, "bias_term", false, e), own = l->n_bottoms == 1;
	size_t blobs = (own ? 1 : 0) + (bias ? 1 : 0), scale, shift, product = l->tops[0];
	const struct shape x = caffe_bottom_shape(c, l, 0);
	struct shape s;

	if (e->code != EXIT_OK || (blobs && caffe_need_blobs(c, l, blobs, e) < 0))
		return -1;
	if (!operand_shape(c, l, axis, axes, &s))
		return caffe_refuse(c, l, e, "axis %lld, num_axes %lld don't fit",
		                    (long long)axis, (long long)axes);
	if (own && axes == 1 && caffe_axis(axis, x.rank, false) == 1)
		return scale_channels(c, l, bias, e);
	scale = second(c, l, &s, e);
	if (bias)
		product = caffe_tensor(c->g, e, "%s/scaled", l->name);
	if (scale == NO_TENSOR || product == NO_TENSOR ||
	    caffe_binary(c, l, "Mul", l->bottoms[0], scale, product, e) < 0)
		return -1;
	if (!bias)
		return 0;
	shift = caffe_weight(c, l, blobs - 1, &s, e);
	return shift == NO_TENSOR ? -1
	                          : caffe_binary(c, l, "Add", product, shift, l->tops[0], e);
}

int caffe_build_bias(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "bias_param", e);
	int64_t axis = prototxt_int(c->text, m, "axis", 1, e),
	        axes = prototxt_int(c->text, m, "num_axes", 1, e);
	struct shape s;
	size_t shift;

	if (e->code != EXIT_OK || (l->n_bottoms == 1 && caffe_need_blobs(c, l, 1, e) < 0))
		return -1;
	if (!operand_shape(c, l, axis, axes, &s))
		return caffe_refuse(c, l, e, "axis %lld, num_axes %lld don't fit",
		                    (long long)axis, (long long)axes);
	shift = second(c, l, &s, e);
	return shift == NO_TENSOR
	               ? -1
	               : caffe_binary(c, l, "Add", l->bottoms[0], shift, l->tops[0], e);
}

int caffe_build_prelu(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "prelu_param", e);
	bool shared = prototxt_bool(c->text, m, "channel_shared", false, e);
	struct shape s;
	size_t slope;

	if (e->code != EXIT_OK || caffe_need_blobs(c, l, 1, e) < 0)
		return -1;
	if (!operand_shape(c, l, 1, shared ? 0 : 1, &s))
		return caffe_refuse(c, l, e, "its bottom has no channels");
	slope = caffe_weight(c, l, 0, &s, e);
	return slope == NO_TENSOR
	               ? -1
	               : caffe_binary(c, l, "PRelu", l->bottoms[0], slope, l->tops[0], e);
}

/* ---- functions of one value ---- */

int caffe_build_relu(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "relu_param", e);
	float slope = prototxt_float(c->text, m, "negative_slope", 0, e);
	struct attribute a[] = {FLOAT("alpha", slope)};

	if (e->code != EXIT_OK)
		return -1;
	return slope == 0 ? caffe_node_of_bottoms(c, l, "Relu", NULL, 0, e)
	                  : caffe_node_of_bottoms(c, l, "LeakyRelu", a, 1, e);
}

int caffe_build_elu(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "elu_param", e);
	struct attribute a[] = {FLOAT("alpha", prototxt_float(c->text, m, "alpha", 1, e))};

	return e->code == EXIT_OK ? caffe_node_of_bottoms(c, l, "Elu", a, 1, e) : -1;
}

int caffe_build_softmax(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "softmax_param", e);
	struct attribute a[] = {INT("axis", prototxt_int(c->text, m, "axis", 1, e))};

	return e->code == EXIT_OK ? caffe_node_of_bottoms(c, l, "Softmax", a, 1, e) : -1;
}

int caffe_build_sigmoid(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Sigmoid", NULL, 0, e);
}

int caffe_build_tanh(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Tanh", NULL, 0, e);
}

int caffe_build_absolute(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Abs", NULL, 0, e);
}

int caffe_build_bnll(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Softplus", NULL, 0, e);
}

/* The constants that networks which normalize themselves are derived from, unless told. */
int caffe_build_selu(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "selu_param", e);
	struct attribute a[] = {FLOAT("alpha", prototxt_float(c->text, m, "alpha",
	                                                      1.67326319217681884765625f, e)),
	                        FLOAT("gamma", prototxt_float(c->text, m, "lambda",
	                                                      1.05070102214813232421875f, e))};

	return e->code == EXIT_OK ? caffe_node_of_bottoms(c, l, "Selu", a, COUNT(a), e) : -1;
}

/* The first bottom, a number for each channel, times the second, and the third. */
int caffe_build_axpy(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct shape a = caffe_bottom_shape(c, l, 0), x = caffe_bottom_shape(c, l, 1),
	                   y = caffe_bottom_shape(c, l, 2);
	int64_t dims[RANK_MAX];
	size_t factor, product;

	if (x.rank < 2 || !shape_equal(&x, &y) || a.rank < 2 ||
	    shape_product(&a, 0, a.rank) != shape_product(&x, 0, 2) || a.dims[1] != x.dims[1])
		return caffe_refuse(c, l, e, "its bottoms don't go together");
	for (int i = 0; i < x.rank; i++)
		dims[i] = i < 2 ? (int64_t)x.dims[i] : 1;
	factor = caffe_tensor(c->g, e, "%s/factor", l->name);
	product = caffe_tensor(c->g, e, "%s/product", l->name);
	if (factor == NO_TENSOR || product == NO_TENSOR ||
	    caffe_reshape(c, l, l->bottoms[0], dims, (size_t)x.rank, factor, e) < 0 ||
	    caffe_binary(c, l, "Mul", l->bottoms[1], factor, product, e) < 0)
		return -1;
	return caffe_binary(c, l, "Add", product, l->bottoms[2], l->tops[0], e);
}

/* ---- sums of products ---- */

int caffe_build_inner_product(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "inner_product_param", e);
	bool bias = prototxt_bool(c->text, m, "bias_term", true, e),
	     transposed = prototxt_bool(c->text, m, "transpose", false, e);
	int64_t outputs = prototxt_int(c->text, m, "num_output", 0, e),
	        axis = prototxt_int(c->text, m, "axis", 1, e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	struct attribute a[] = {INT("transB", !transposed)};
	struct shape shape, row = {.rank = 1};
	int64_t depth;
	size_t in[3] = {l->bottoms[0]};

	if (e->code != EXIT_OK)
		return -1;
	if (x.rank < 2 || caffe_axis(axis, x.rank, false) != 1)
		return caffe_refuse(c, l, e, "axis %lld of %d is not supported",
		                    (long long)axis, x.rank);
	depth = (int64_t)shape_product(&x, 1, x.rank);
	if (!caffe_shape(transposed ? (int64_t[]){depth, outputs} : (int64_t[]){outputs, depth},
	                 2, &shape))
		return caffe_refuse(c, l, e, "num_output %lld of %lld inputs",
		                    (long long)outputs, (long long)depth);
	row.dims[0] = (size_t)outputs;
	if (x.rank > 2) {
		in[0] = caffe_tensor(c->g, e, "%s/flat", l->name);
		if (in[0] == NO_TENSOR ||
		    caffe_unary(c, l, "Flatten", l->bottoms[0], in[0], e) < 0)
			return -1;
	}
	if (caffe_need_blobs(c, l, bias ? 2 : 1, e) < 0)
		return -1;
	in[1] = caffe_weight(c, l, 0, &shape, e);
	in[2] = bias ? caffe_weight(c, l, 1, &row, e) : NO_TENSOR;
	return e->code == EXIT_OK
	               ? caffe_node_from(c, l, "Gemm", in, bias ? 3 : 2, a, COUNT(a), e)
	               : -1;
}
