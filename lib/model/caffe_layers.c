/* caffe_layers.c -- what each type of Caffe layer is in terms of the operators.
 *
 * Layers come in order, so the shapes of a layer's bottoms are known when its nodes
 * are made: weights get the shape that the layer needs, and what the file holds is
 * compared with it.
 *
 * Caffe rounds the number of pooling windows up and leaves out those that begin after
 * the padded map; an average counts the padding (ceil_mode and count_include_pad). */
#include "model/caffe_layers.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define INT(label, x)                                                                          \
	{                                                                                      \
		.name = (label), .i = (x)                                                      \
	}
#define FLOAT(label, x)                                                                        \
	{                                                                                      \
		.name = (label), .f = (x)                                                      \
	}
#define INTS(label, a)                                                                         \
	{                                                                                      \
		.name = (label), .ints = (a), .n_ints = COUNT(a)                               \
	}

/* A copy: it outlives tensors that are added. */
static struct shape shape_of_bottom(const struct caffe *c, const struct caffe_layer *l,
                                    size_t i)
{
	return c->g->tensors[l->bottoms[i]].shape;
}

/* A layer's parameters; NULL if there are none, or with e set. */
static const struct prototxt_field *params(const struct caffe *c, const struct caffe_layer *l,
                                           const char *name, struct error *e)
{
	return prototxt_message(c->text, l->field, name, e);
}

/* The axis that a parameter names, from 0 to rank - 1 (or rank if end); or -1. */
static int axis_of(int64_t axis, int rank, bool end)
{
	int64_t top = rank + (end ? 1 : 0);

	if (axis < -top || axis >= top)
		return -1;
	return (int)(axis < 0 ? axis + top : axis);
}

/* ---- windows ---- */

/* A size along y and x: name (one number for both, or two), or the fields h and w, where
 * "" stands for none. */
static void read_pair(const struct caffe *c, const struct prototxt_field *m, const char *name,
                      const char *h, const char *w, int64_t otherwise, int64_t *out,
                      struct error *e)
{
	size_t n = prototxt_ints(c->text, m, name, out, 2, e);

	if (n > 2 || (n && (prototxt_next(m, NULL, h) || prototxt_next(m, NULL, w)))) {
		prototxt_fail(c->text, prototxt_next(m, NULL, name), e,
		              "%s is given more than once", name);
		return;
	}
	if (n == 0)
		out[0] = out[1] = otherwise;
	else if (n == 1)
		out[1] = out[0];
	out[0] = prototxt_int(c->text, m, h, out[0], e);
	out[1] = prototxt_int(c->text, m, w, out[1], e);
}

struct extent {
	int64_t kernel[2], stride[2], dilation[2], pad[4];
};

static void read_extent(const struct caffe *c, const struct prototxt_field *m, struct extent *x,
                        struct error *e)
{
	read_pair(c, m, "kernel_size", "kernel_h", "kernel_w", 0, x->kernel, e);
	read_pair(c, m, "stride", "stride_h", "stride_w", 1, x->stride, e);
	read_pair(c, m, "pad", "pad_h", "pad_w", 0, x->pad, e);
	read_pair(c, m, "dilation", "", "", 1, x->dilation, e);
	x->pad[2] = x->pad[0];
	x->pad[3] = x->pad[1];
}

/* A shape of rank dimensions from what a file says; false if it can't be one. */
static bool shape_of(const int64_t *dims, int rank, struct shape *s)
{
	size_t count;
	int i;

	s->rank = rank;
	for (i = 0; i < rank; i++) {
		if (dims[i] < 1)
			return false;
		s->dims[i] = (size_t)dims[i];
	}
	return shape_count(s, &count);
}

static int build_convolution(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "convolution_param", e);
	const struct shape x = shape_of_bottom(c, l, 0);
	bool bias = prototxt_bool(c->text, m, "bias_term", true, e);
	int64_t outputs = prototxt_int(c->text, m, "num_output", 0, e),
	        groups = prototxt_int(c->text, m, "group", 1, e),
	        axis = prototxt_int(c->text, m, "axis", 1, e), dims[4];
	struct shape shape, channels = {.rank = 1};
	struct extent w;
	size_t in[3];

	read_extent(c, m, &w, e);
	if (e->code != EXIT_OK)
		return -1;
	if (axis_of(axis, x.rank, false) != 1 || x.rank != 4)
		return caffe_refuse(c, l, e,
		                    "only convolutions of maps along y and x are supported");
	if (groups < 1 || x.dims[1] % (size_t)groups != 0 || outputs % groups != 0)
		return caffe_refuse(c, l, e, "%lld groups of %zu and %lld channels",
		                    (long long)groups, x.dims[1], (long long)outputs);
	memcpy(dims,
	       (int64_t[]){outputs, (int64_t)x.dims[1] / groups, w.kernel[0], w.kernel[1]},
	       sizeof dims);
	if (!shape_of(dims, 4, &shape))
		return caffe_refuse(c, l, e, "num_output %lld, kernel %lldx%lld",
		                    (long long)outputs, (long long)w.kernel[0],
		                    (long long)w.kernel[1]);
	channels.dims[0] = shape.dims[0];
	if (caffe_need_blobs(c, l, bias ? 2 : 1, e) != 0)
		return -1;
	in[0] = l->bottoms[0];
	in[1] = caffe_weight(c, l, 0, &shape, e);
	in[2] = bias ? caffe_weight(c, l, 1, &channels, e) : NO_TENSOR;
	if (e->code != EXIT_OK)
		return -1;

	struct attribute a[] = {INT("group", groups), INTS("kernel_shape", w.kernel),
	                        INTS("strides", w.stride), INTS("dilations", w.dilation),
	                        INTS("pads", w.pad)};
	return caffe_node_from(c, l, "Conv", in, bias ? 3 : 2, a, COUNT(a), e);
}

static int build_pooling(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	static const char *const methods[] = {"MAX", "AVE", "STOCHASTIC", NULL},
	                         *const modes[] = {"CEIL", "FLOOR", NULL};
	const struct prototxt_field *m = params(c, l, "pooling_param", e);
	int method = prototxt_enum(c->text, m, "pool", methods, 0, e);
	bool global = prototxt_bool(c->text, m, "global_pooling", false, e),
	     up = prototxt_enum(c->text, m, "round_mode", modes, 0, e) == 0;
	struct extent w;

	read_extent(c, m, &w, e);
	if (e->code != EXIT_OK)
		return -1;
	if (method > 1)
		return caffe_refuse(c, l, e, "stochastic pooling is not supported");
	if (shape_of_bottom(c, l, 0).rank != 4)
		return caffe_refuse(c, l, e, "its bottom is not a map");
	if (global)
		return caffe_node_of_bottoms(
		        c, l, method ? "GlobalAveragePool" : "GlobalMaxPool", NULL, 0, e);

	struct attribute a[] = {INTS("kernel_shape", w.kernel), INTS("strides", w.stride),
	                        INTS("dilations", w.dilation),  INTS("pads", w.pad),
	                        INT("ceil_mode", up),           INT("count_include_pad", 1)};

	return caffe_node_of_bottoms(c, l, method ? "AveragePool" : "MaxPool", a, COUNT(a), e);
}

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
	size_t i, left = 0, to, value;

	for (i = 0; i < COUNT(steps); i++)
		left += steps[i].value != steps[i].nothing;
	if (left == 0)
		return caffe_unary(c, l, "Identity", in, out, e);
	for (i = 0; i < COUNT(steps); i++) {
		if (steps[i].value == steps[i].nothing)
			continue;
		to = --left ? caffe_tensor(c->g, e, "%s/%s", l->name, i ? "shifted" : "scaled")
		            : out;
		value = caffe_constant(c, l, &scalar, steps[i].value, e);
		if (to == NO_TENSOR || value == NO_TENSOR ||
		    caffe_binary(c, l, steps[i].type, in, value, to, e) != 0)
			return -1;
		in = to;
	}
	return 0;
}

static int build_power(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "power_param", e);
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

	if (e->code != EXIT_OK || caffe_binary(c, l, "Mul", x, x, squares, e) != 0 ||
	    caffe_node(c, l, &average, e) != 0 ||
	    add_power(c, l, mean, alpha, 1, -beta, factor, e) != 0)
		return -1;
	return caffe_binary(c, l, "Mul", x, factor, l->tops[0], e);
}

static int build_lrn(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	static const char *const regions[] = {"ACROSS_CHANNELS", "WITHIN_CHANNEL", NULL};
	const struct prototxt_field *m = params(c, l, "lrn_param", e);
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

static int build_eltwise(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	static const char *const operations[] = {"PROD", "SUM", "MAX", NULL};
	static const char *const types[] = {"Mul", "Add", "Max"};
	const struct prototxt_field *m = params(c, l, "eltwise_param", e);
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
			    add_power(c, l, l->bottoms[i], coefficients[i], 0, 1, part, e) != 0)
				return -1;
		}
		if (i == 0) {
			sum = part;
			continue;
		}
		to = i + 1 == l->n_bottoms ? l->tops[0]
		                           : caffe_tensor(c->g, e, "%s/part", l->name);
		if (to == NO_TENSOR ||
		    caffe_binary(c, l, types[operation], sum, part, to, e) != 0)
			return -1;
		sum = to;
	}
	return 0;
}

/* ---- one value, or none, for each channel ---- */

static int build_batch_norm(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "batch_norm_param", e);
	bool global = prototxt_bool(c->text, m, "use_global_stats", true, e),
	     scales = prototxt_bool(c->text, m, "scale_bias", false, e);
	struct attribute a[] = {FLOAT("epsilon", prototxt_float(c->text, m, "eps", 1e-5f, e))};
	const struct shape x = shape_of_bottom(c, l, 0), one = {.rank = 1, .dims = {1}};
	struct shape channels = {.rank = 1};
	size_t in[5], count, i, k;
	float *values, factor;

	if (e->code != EXIT_OK)
		return -1;
	if (!global || scales)
		return caffe_refuse(c, l, e, "%s is not supported",
		                    scales ? "scale_bias" : "use_global_stats: false");
	if (x.rank < 2)
		return caffe_refuse(c, l, e, "its bottom has no channels");
	channels.dims[0] = x.dims[1];
	if (caffe_need_blobs(c, l, 3, e) != 0)
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
	for (i = 3; i < 5 && values && e->code == EXIT_OK; i++) {
		float *sums = caffe_read_weight(c, in[i], e);

		for (k = 0; sums && k < channels.dims[0]; k++)
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
	const struct shape x = shape_of_bottom(c, l, 0);
	const struct shape *given =
	        l->n_bottoms > 1 ? &c->g->tensors[l->bottoms[1]].shape : NULL;
	int from, i;

	if (given)
		axes = given->rank;
	from = axes == 0 ? 0 : axis_of(axis, x.rank, false);
	if (from < 0 || axes < -1 || axes > x.rank - from)
		return false;
	axes = axes < 0 ? x.rank - from : axes;
	s->rank = x.rank - from;
	for (i = 0; i < s->rank; i++) {
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
	const struct shape s = {.rank = 1, .dims = {shape_of_bottom(c, l, 0).dims[1]}};
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
	int i;

	if (l->n_bottoms == 1)
		return caffe_weight(c, l, 0, s, e);
	for (i = 0; i < s->rank; i++)
		dims[i] = (int64_t)s->dims[i];
	t = caffe_tensor(c->g, e, "%s/operand", l->name);
	if (t == NO_TENSOR ||
	    caffe_reshape(c, l, l->bottoms[1], dims, (size_t)s->rank, t, e) != 0)
		return NO_TENSOR;
	return t;
}

static int build_scale(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "scale_param", e);
	int64_t axis = prototxt_int(c->text, m, "axis", 1, e),
	        axes = prototxt_int(c->text, m, "num_axes", 1, e);
	bool bias = prototxt_bool(c->text, m, "bias_term", false, e), own = l->n_bottoms == 1;
	size_t blobs = (own ? 1 : 0) + (bias ? 1 : 0), scale, shift, product = l->tops[0];
	const struct shape x = shape_of_bottom(c, l, 0);
	struct shape s;

	if (e->code != EXIT_OK || (blobs && caffe_need_blobs(c, l, blobs, e) != 0))
		return -1;
	if (!operand_shape(c, l, axis, axes, &s))
		return caffe_refuse(c, l, e, "axis %lld, num_axes %lld don't fit",
		                    (long long)axis, (long long)axes);
	if (own && axes == 1 && axis_of(axis, x.rank, false) == 1)
		return scale_channels(c, l, bias, e);
	scale = second(c, l, &s, e);
	if (bias)
		product = caffe_tensor(c->g, e, "%s/scaled", l->name);
	if (scale == NO_TENSOR || product == NO_TENSOR ||
	    caffe_binary(c, l, "Mul", l->bottoms[0], scale, product, e) != 0)
		return -1;
	if (!bias)
		return 0;
	shift = caffe_weight(c, l, blobs - 1, &s, e);
	return shift == NO_TENSOR ? -1
	                          : caffe_binary(c, l, "Add", product, shift, l->tops[0], e);
}

static int build_bias(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "bias_param", e);
	int64_t axis = prototxt_int(c->text, m, "axis", 1, e),
	        axes = prototxt_int(c->text, m, "num_axes", 1, e);
	struct shape s;
	size_t shift;

	if (e->code != EXIT_OK || (l->n_bottoms == 1 && caffe_need_blobs(c, l, 1, e) != 0))
		return -1;
	if (!operand_shape(c, l, axis, axes, &s))
		return caffe_refuse(c, l, e, "axis %lld, num_axes %lld don't fit",
		                    (long long)axis, (long long)axes);
	shift = second(c, l, &s, e);
	return shift == NO_TENSOR
	               ? -1
	               : caffe_binary(c, l, "Add", l->bottoms[0], shift, l->tops[0], e);
}

static int build_prelu(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "prelu_param", e);
	bool shared = prototxt_bool(c->text, m, "channel_shared", false, e);
	struct shape s;
	size_t slope;

	if (e->code != EXIT_OK || caffe_need_blobs(c, l, 1, e) != 0)
		return -1;
	if (!operand_shape(c, l, 1, shared ? 0 : 1, &s))
		return caffe_refuse(c, l, e, "its bottom has no channels");
	slope = caffe_weight(c, l, 0, &s, e);
	return slope == NO_TENSOR
	               ? -1
	               : caffe_binary(c, l, "PRelu", l->bottoms[0], slope, l->tops[0], e);
}

/* ---- functions of one value ---- */

static int build_relu(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "relu_param", e);
	float slope = prototxt_float(c->text, m, "negative_slope", 0, e);
	struct attribute a[] = {FLOAT("alpha", slope)};

	if (e->code != EXIT_OK)
		return -1;
	return slope == 0 ? caffe_node_of_bottoms(c, l, "Relu", NULL, 0, e)
	                  : caffe_node_of_bottoms(c, l, "LeakyRelu", a, 1, e);
}

static int build_elu(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "elu_param", e);
	struct attribute a[] = {FLOAT("alpha", prototxt_float(c->text, m, "alpha", 1, e))};

	return e->code == EXIT_OK ? caffe_node_of_bottoms(c, l, "Elu", a, 1, e) : -1;
}

static int build_softmax(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "softmax_param", e);
	struct attribute a[] = {INT("axis", prototxt_int(c->text, m, "axis", 1, e))};

	return e->code == EXIT_OK ? caffe_node_of_bottoms(c, l, "Softmax", a, 1, e) : -1;
}

static int build_sigmoid(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Sigmoid", NULL, 0, e);
}

static int build_tanh(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Tanh", NULL, 0, e);
}

static int build_absolute(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Abs", NULL, 0, e);
}

static int build_bnll(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return caffe_node_of_bottoms(c, l, "Softplus", NULL, 0, e);
}

/* Dropout outside training, and Split: the bottom again, for every top. */
static int build_copies(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	size_t i;

	for (i = 0; i < l->n_tops; i++)
		if (caffe_unary(c, l, "Identity", l->bottoms[0], l->tops[i], e) != 0)
			return -1;
	return 0;
}

/* ---- shapes ---- */

static int build_inner_product(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "inner_product_param", e);
	bool bias = prototxt_bool(c->text, m, "bias_term", true, e),
	     transposed = prototxt_bool(c->text, m, "transpose", false, e);
	int64_t outputs = prototxt_int(c->text, m, "num_output", 0, e),
	        axis = prototxt_int(c->text, m, "axis", 1, e);
	const struct shape x = shape_of_bottom(c, l, 0);
	struct attribute a[] = {INT("transB", !transposed)};
	struct shape shape, row = {.rank = 1};
	int64_t depth;
	size_t in[3] = {l->bottoms[0]};

	if (e->code != EXIT_OK)
		return -1;
	if (x.rank < 2 || axis_of(axis, x.rank, false) != 1)
		return caffe_refuse(c, l, e, "axis %lld of %d is not supported",
		                    (long long)axis, x.rank);
	depth = (int64_t)shape_product(&x, 1, x.rank);
	if (!shape_of(transposed ? (int64_t[]){depth, outputs} : (int64_t[]){outputs, depth}, 2,
	              &shape))
		return caffe_refuse(c, l, e, "num_output %lld of %lld inputs",
		                    (long long)outputs, (long long)depth);
	row.dims[0] = (size_t)outputs;
	if (x.rank > 2) {
		in[0] = caffe_tensor(c->g, e, "%s/flat", l->name);
		if (in[0] == NO_TENSOR ||
		    caffe_unary(c, l, "Flatten", l->bottoms[0], in[0], e) != 0)
			return -1;
	}
	if (caffe_need_blobs(c, l, bias ? 2 : 1, e) != 0)
		return -1;
	in[1] = caffe_weight(c, l, 0, &shape, e);
	in[2] = bias ? caffe_weight(c, l, 1, &row, e) : NO_TENSOR;
	return e->code == EXIT_OK
	               ? caffe_node_from(c, l, "Gemm", in, bias ? 3 : 2, a, COUNT(a), e)
	               : -1;
}

static int build_concat(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "concat_param", e);
	int64_t axis = prototxt_int(c->text, m, "concat_dim", 1, e);
	struct attribute a[] = {INT("axis", prototxt_int(c->text, m, "axis", axis, e))};

	return e->code == EXIT_OK ? caffe_node_of_bottoms(c, l, "Concat", a, 1, e) : -1;
}

static int build_slice(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "slice_param", e);
	int64_t axis = prototxt_int(c->text, m, "slice_dim", 1, e), dim, last = 0;
	int64_t *parts = graph_alloc(c->g, l->n_tops, sizeof *parts, e);
	const struct shape x = shape_of_bottom(c, l, 0);
	size_t points, i;
	int at;

	axis = prototxt_int(c->text, m, "axis", axis, e);
	points = prototxt_ints(c->text, m, "slice_point", parts, parts ? l->n_tops : 0, e);
	if (e->code != EXIT_OK)
		return -1;
	at = axis_of(axis, x.rank, false);
	if (at < 0 || (points != 0 && points != l->n_tops - 1))
		return caffe_refuse(c, l, e, "axis %lld, %zu slice points for %zu tops",
		                    (long long)axis, points, l->n_tops);
	/* Points become sizes; the last part ends with the bottom. */
	dim = (int64_t)x.dims[at];
	if (points)
		parts[points] = dim;
	for (i = 0; points && i <= points; i++) {
		int64_t point = parts[i];

		if (point <= last || point > dim)
			return caffe_refuse(c, l, e, "slice point %lld of %lld",
			                    (long long)point, (long long)dim);
		parts[i] = point - last;
		last = point;
	}

	struct attribute a[] = {INT("axis", at),
	                        {.name = "split", .ints = parts, .n_ints = l->n_tops}};

	return caffe_node_of_bottoms(c, l, "Split", a, points ? 2 : 1, e);
}

/* Axes from axis to end_axis become one. */
static int build_flatten(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "flatten_param", e);
	const struct shape x = shape_of_bottom(c, l, 0);
	int64_t first = prototxt_int(c->text, m, "axis", 1, e),
	        last = prototxt_int(c->text, m, "end_axis", -1, e), dims[RANK_MAX];
	int from = axis_of(first, x.rank, false), to = axis_of(last, x.rank, false), i;
	size_t n = 0;

	if (e->code != EXIT_OK)
		return -1;
	if (from < 0 || to < from)
		return caffe_refuse(c, l, e, "axes %lld to %lld of %d", (long long)first,
		                    (long long)last, x.rank);
	for (i = 0; i < from; i++)
		dims[n++] = (int64_t)x.dims[i];
	dims[n++] = (int64_t)shape_product(&x, from, to + 1);
	for (i = to + 1; i < x.rank; i++)
		dims[n++] = (int64_t)x.dims[i];
	return caffe_reshape(c, l, l->bottoms[0], dims, n, l->tops[0], e);
}

/* Axes [axis, axis + num_axes) are replaced: 0 copies one of them, -1 is what is left. */
static int build_reshape(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "reshape_param", e);
	const struct shape x = shape_of_bottom(c, l, 0);
	int64_t axis = prototxt_int(c->text, m, "axis", 0, e),
	        axes = prototxt_int(c->text, m, "num_axes", -1, e), given[RANK_MAX],
	        dims[2 * RANK_MAX];
	const struct prototxt_field *shape = prototxt_message(c->text, m, "shape", e);
	size_t n_given = prototxt_ints(c->text, shape, "dim", given, RANK_MAX, e), n = 0, k;
	int from = axis_of(axis, x.rank, true), to, i;

	if (e->code != EXIT_OK)
		return -1;
	if (from < 0 || axes < -1 || axes > x.rank - from || n_given > RANK_MAX)
		return caffe_refuse(c, l, e, "axis %lld, num_axes %lld of %d", (long long)axis,
		                    (long long)axes, x.rank);
	to = axes < 0 ? x.rank : from + (int)axes;
	for (i = 0; i < from; i++)
		dims[n++] = (int64_t)x.dims[i];
	for (k = 0; k < n_given; k++) {
		if (given[k] == 0 && from + (int)k >= x.rank)
			return caffe_refuse(c, l, e, "dim 0 has no axis to copy");
		dims[n++] = given[k] == 0 ? (int64_t)x.dims[from + (int)k] : given[k];
	}
	for (i = to; i < x.rank; i++)
		dims[n++] = (int64_t)x.dims[i];
	return caffe_reshape(c, l, l->bottoms[0], dims, n, l->tops[0], e);
}

/* The part of bottom 0 that is as large as bottom 1, from axis on. */
static int build_crop(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = params(c, l, "crop_param", e);
	const struct shape x = shape_of_bottom(c, l, 0), like = shape_of_bottom(c, l, 1);
	int64_t axis = prototxt_int(c->text, m, "axis", 2, e), offsets[RANK_MAX],
	        starts[RANK_MAX], ends[RANK_MAX], axes[RANK_MAX];
	size_t given = prototxt_ints(c->text, m, "offset", offsets, RANK_MAX, e), n = 0;
	int from = axis_of(axis, x.rank, false), i;

	if (e->code != EXIT_OK)
		return -1;
	if (from < 0 || like.rank != x.rank || (given > 1 && given != (size_t)(x.rank - from)))
		return caffe_refuse(c, l, e, "axis %lld, %zu offsets for %d axes",
		                    (long long)axis, given, x.rank);
	for (i = from; i < x.rank; i++, n++) {
		axes[n] = i;
		starts[n] = given == 0 ? 0 : given == 1 ? offsets[0] : offsets[n];
		if (starts[n] < 0 || starts[n] > (int64_t)x.dims[i] ||
		    like.dims[i] > x.dims[i] - (size_t)starts[n])
			return caffe_refuse(c, l, e, "offset %lld and size %zu of %zu",
			                    (long long)starts[n], like.dims[i], x.dims[i]);
		ends[n] = starts[n] + (int64_t)like.dims[i];
	}

	struct attribute a[] = {{.name = "starts", .ints = starts, .n_ints = n},
	                        {.name = "ends", .ints = ends, .n_ints = n},
	                        {.name = "axes", .ints = axes, .n_ints = n}};
	return caffe_node_from(c, l, "Slice", l->bottoms, 1, a, COUNT(a), e);
}

/* ---- types ---- */

enum { MANY = TENSOR_LIMIT };

static const struct layer_type {
	const char *name;
	int (*build)(struct caffe *c, struct caffe_layer *l, struct error *e);
	size_t least, most; /* bottoms */
	size_t tops;        /* at most */
} types[] = {
        {"AbsVal", build_absolute, 1, 1, 1},
        {"BNLL", build_bnll, 1, 1, 1},
        {"BatchNorm", build_batch_norm, 1, 1, 1},
        {"Bias", build_bias, 1, 2, 1},
        {"Concat", build_concat, 1, MANY, 1},
        {"Convolution", build_convolution, 1, 1, 1},
        {"Crop", build_crop, 2, 2, 1},
        {"Dropout", build_copies, 1, 1, 1},
        {"ELU", build_elu, 1, 1, 1},
        {"Eltwise", build_eltwise, 2, MANY, 1},
        {"Flatten", build_flatten, 1, 1, 1},
        {"InnerProduct", build_inner_product, 1, 1, 1},
        {"LRN", build_lrn, 1, 1, 1},
        {"PReLU", build_prelu, 1, 1, 1},
        {"Pooling", build_pooling, 1, 1, 1},
        {"Power", build_power, 1, 1, 1},
        {"ReLU", build_relu, 1, 1, 1},
        {"Reshape", build_reshape, 1, 1, 1},
        {"Scale", build_scale, 1, 2, 1},
        {"Sigmoid", build_sigmoid, 1, 1, 1},
        {"Slice", build_slice, 1, 1, MANY},
        {"Softmax", build_softmax, 1, 1, 1},
        {"Split", build_copies, 1, 1, MANY},
        {"TanH", build_tanh, 1, 1, 1},
};

int caffe_build(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct layer_type *t = types;
	size_t i;

	while (t < types + COUNT(types) && strcmp(t->name, l->type) != 0)
		t++;
	if (t == types + COUNT(types))
		return caffe_dud(c, l, e);
	if (l->n_bottoms < t->least || l->n_bottoms > t->most || l->n_tops < 1 ||
	    l->n_tops > t->tops)
		return caffe_refuse(c, l, e, "%zu bottoms and %zu tops", l->n_bottoms,
		                    l->n_tops);
	for (i = 0; i < l->n_bottoms; i++)
		if (!c->g->tensors[l->bottoms[i]].known)
			return caffe_dud(c, l, e);
	return t->build(c, l, e);
}
