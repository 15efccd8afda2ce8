/* caffe_windows.c -- layers that slide a window over maps.
 *
 * Caffe rounds the number of pooling windows up and leaves out those that begin after
 * the padded map; an average counts the padding (ceil_mode and count_include_pad). */
#include <string.h>

#include "model/caffe_build.h"

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

/* What sorts of convolution have in common; groups: those of the field, or how many there are
 * by the sort itself. */
static int build_convolution(struct caffe *c, struct caffe_layer *l, const char *type,
                             int64_t groups, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "convolution_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	bool bias = prototxt_bool(c->text, m, "bias_term", true, e),
	     transposed = strcmp(type, "ConvTranspose") == 0;
	int64_t outputs = prototxt_int(c->text, m, "num_output", 0, e),
	        axis = prototxt_int(c->text, m, "axis", 1, e), dims[4];
	struct shape shape, channels = {.rank = 1};
	struct extent w;
	size_t in[3];

	groups = prototxt_int(c->text, m, "group", groups, e);
	read_extent(c, m, &w, e);
	if (e->code != EXIT_OK)
		return -1;
	if (caffe_axis(axis, x.rank, false) != 1 || x.rank != 4)
		return caffe_refuse(c, l, e,
		                    "only convolutions of maps along y and x are supported");
	if (groups < 1 || x.dims[1] % (size_t)groups != 0 || outputs % groups != 0)
		return caffe_refuse(c, l, e, "%lld groups of %zu and %lld channels",
		                    (long long)groups, x.dims[1], (long long)outputs);
	memcpy(dims,
	       (int64_t[]){outputs, (int64_t)x.dims[1] / groups, w.kernel[0], w.kernel[1]},
	       sizeof dims);
	if (transposed) {
		dims[0] = (int64_t)x.dims[1];
		dims[1] = outputs / groups;
	}
	if (!caffe_shape(dims, 4, &shape))
		return caffe_refuse(c, l, e, "num_output %lld, kernel %lldx%lld",
		                    (long long)outputs, (long long)w.kernel[0],
		                    (long long)w.kernel[1]);
	channels.dims[0] = (size_t)outputs;
	if (caffe_need_blobs(c, l, bias ? 2 : 1, e) < 0)
		return -1;
	in[0] = l->bottoms[0];
	in[1] = caffe_weight(c, l, 0, &shape, e);
	in[2] = bias ? caffe_weight(c, l, 1, &channels, e) : NO_TENSOR;
	if (e->code != EXIT_OK)
		return -1;

	struct attribute a[] = {INT("group", groups), INTS("kernel_shape", w.kernel),
	                        INTS("strides", w.stride), INTS("dilations", w.dilation),
	                        INTS("pads", w.pad)};
	return caffe_node_from(c, l, type, in, bias ? 3 : 2, a, COUNT(a), e);
}

int caffe_build_convolution(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return build_convolution(c, l, "Conv", 1, e);
}

/* Each channel for itself, whether the description says so or not. */
int caffe_build_depthwise(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "convolution_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	int64_t channels = x.rank > 1 ? (int64_t)x.dims[1] : 1,
	        groups = prototxt_int(c->text, m, "group", channels, e);

	if (e->code != EXIT_OK)
		return -1;
	if (groups != channels)
		return caffe_refuse(c, l, e, "%lld groups of %lld channels", (long long)groups,
		                    (long long)channels);
	return build_convolution(c, l, "Conv", channels, e);
}

int caffe_build_deconvolution(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	return build_convolution(c, l, "ConvTranspose", 1, e);
}

/* Is the number of windows rounded up?  round_mode is BVLC's, ceil_mode that of forks. */
static bool rounds_up(const struct caffe *c, const struct prototxt_field *m, struct error *e)
{
	static const char *const modes[] = {"CEIL", "FLOOR", NULL};
	const struct prototxt_field *f = prototxt_next(m, NULL, "ceil_mode");
	bool up = prototxt_enum(c->text, m, "round_mode", modes, 0, e) == 0,
	     ceil = prototxt_bool(c->text, m, "ceil_mode", up, e);

	if (f && prototxt_next(m, NULL, "round_mode") && up != ceil)
		prototxt_fail(c->text, f, e, "ceil_mode and round_mode contradict each other");
	return ceil;
}

/* Caffe refuses a window beside global_pooling, since it would not be used. */
static bool has_window(const struct prototxt_field *m, const struct extent *x)
{
	return prototxt_next(m, NULL, "kernel_size") || prototxt_next(m, NULL, "kernel_h") ||
	       prototxt_next(m, NULL, "kernel_w") || x->stride[0] != 1 || x->stride[1] != 1 ||
	       x->pad[0] != 0 || x->pad[1] != 0;
}

int caffe_build_pooling(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	static const char *const methods[] = {"MAX", "AVE", "STOCHASTIC", NULL};
	const struct prototxt_field *m = caffe_params(c, l, "pooling_param", e);
	int method = prototxt_enum(c->text, m, "pool", methods, 0, e);
	bool global = prototxt_bool(c->text, m, "global_pooling", false, e),
	     up = rounds_up(c, m, e);
	struct extent w;

	read_extent(c, m, &w, e);
	if (e->code != EXIT_OK)
		return -1;
	if (method > 1)
		return caffe_refuse(c, l, e, "stochastic pooling is not supported");
	if (caffe_bottom_shape(c, l, 0).rank != 4)
		return caffe_refuse(c, l, e, "its bottom is not a map");
	if (global && has_window(m, &w))
		return caffe_refuse(c, l, e, "global_pooling, and a kernel, stride or pad");
	if (global)
		return caffe_node_of_bottoms(
		        c, l, method ? "GlobalAveragePool" : "GlobalMaxPool", NULL, 0, e);

	struct attribute a[] = {INTS("kernel_shape", w.kernel), INTS("strides", w.stride),
	                        INTS("dilations", w.dilation),  INTS("pads", w.pad),
	                        INT("ceil_mode", up),           INT("count_include_pad", 1)};

	/* The last is of averages only. */
	return caffe_node_of_bottoms(c, l, method ? "AveragePool" : "MaxPool", a,
	                             method ? COUNT(a) : COUNT(a) - 1, e);
}
