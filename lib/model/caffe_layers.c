/* caffe_layers.c -- the types of Caffe layers that are known.
 *
 * Layers come in order, so the shapes of a layer's bottoms are known when its nodes
 * are made: weights get the shape that the layer needs, and what the file holds is
 * compared with it. */
#include "model/caffe_layers.h"

#include <string.h>

#include "model/caffe_build.h"
#include "model/caffe_fields.h"

enum { MANY = TENSOR_LIMIT };

#define CONVOLUTION                                                                            \
	"convolution_param",                                                                   \
	{                                                                                      \
		"num_output bias_term group axis kernel_size kernel_h kernel_w stride "        \
		"stride_h stride_w pad pad_h pad_w dilation",                                  \
		        "weight_filler bias_filler engine force_nd_im2col"                     \
	}

static const struct layer_type {
	const char *name;
	caffe_builder *build;
	size_t least, most;     /* bottoms */
	size_t tops;            /* at most */
	const char *parameters; /* its message in the layer; NULL: none */
	struct caffe_fields fields;
} types[] = {
        {"AbsVal", caffe_build_absolute, 1, 1, 1, NULL, {"", ""}},
        {"Axpy", caffe_build_axpy, 3, 3, 1, NULL, {"", ""}},
        {"BNLL", caffe_build_bnll, 1, 1, 1, NULL, {"", ""}},
        {"BatchNorm",
         caffe_build_batch_norm,
         1,
         1,
         1,
         "batch_norm_param",
         {"use_global_stats eps scale_bias",
          "moving_average_fraction engine scale_filler bias_filler"}},
        {"Bias", caffe_build_bias, 1, 2, 1, "bias_param", {"axis num_axes", "filler"}},
        {"Concat",
         caffe_build_concat,
         1,
         MANY,
         1,
         "concat_param",
         {"axis concat_dim", "engine"}},
        {"Convolution", caffe_build_convolution, 1, 1, 1, CONVOLUTION},
        {"ConvolutionDepthwise", caffe_build_depthwise, 1, 1, 1, CONVOLUTION},
        {"Crop", caffe_build_crop, 2, 2, 1, "crop_param", {"axis offset", ""}},
        {"Deconvolution", caffe_build_deconvolution, 1, 1, 1, CONVOLUTION},
        {"DepthwiseConvolution", caffe_build_depthwise, 1, 1, 1, CONVOLUTION},
        {"Dropout", caffe_build_copies, 1, 1, 1, "dropout_param", {"", "dropout_ratio"}},
        {"ELU", caffe_build_elu, 1, 1, 1, "elu_param", {"alpha", ""}},
        {"Eltwise",
         caffe_build_eltwise,
         2,
         MANY,
         1,
         "eltwise_param",
         {"operation coeff", "stable_prod_grad engine"}},
        {"Flatten", caffe_build_flatten, 1, 1, 1, "flatten_param", {"axis end_axis", ""}},
        {"InnerProduct",
         caffe_build_inner_product,
         1,
         1,
         1,
         "inner_product_param",
         {"num_output bias_term axis transpose", "weight_filler bias_filler engine"}},
        {"Interp",
         caffe_build_interp,
         1,
         1,
         1,
         "interp_param",
         {"height width zoom_factor shrink_factor pad_beg pad_end", ""}},
        {"LRN",
         caffe_build_lrn,
         1,
         1,
         1,
         "lrn_param",
         {"local_size alpha beta norm_region k", "engine"}},
        {"PReLU", caffe_build_prelu, 1, 1, 1, "prelu_param", {"channel_shared", "filler"}},
        {"Permute", caffe_build_permute, 1, 1, 1, "permute_param", {"order", ""}},
        {"Pooling",
         caffe_build_pooling,
         1,
         1,
         1,
         "pooling_param",
         {"pool global_pooling round_mode ceil_mode kernel_size kernel_h kernel_w stride "
          "stride_h stride_w pad pad_h pad_w dilation",
          "engine"}},
        {"Power", caffe_build_power, 1, 1, 1, "power_param", {"power scale shift", ""}},
        {"ReLU", caffe_build_relu, 1, 1, 1, "relu_param", {"negative_slope", "engine"}},
        {"Reshape", caffe_build_reshape, 1, 1, 1, "reshape_param", {"shape axis num_axes", ""}},
        {"SELU", caffe_build_selu, 1, 1, 1, "selu_param", {"alpha lambda", ""}},
        {"Scale",
         caffe_build_scale,
         1,
         2,
         1,
         "scale_param",
         {"axis num_axes bias_term", "filler bias_filler"}},
        {"ShuffleChannel",
         caffe_build_shuffle,
         1,
         1,
         1,
         "shuffle_channel_param",
         {"group", ""}},
        {"Sigmoid", caffe_build_sigmoid, 1, 1, 1, "sigmoid_param", {"", "engine"}},
        {"Slice",
         caffe_build_slice,
         1,
         1,
         MANY,
         "slice_param",
         {"axis slice_dim slice_point", ""}},
        {"Softmax", caffe_build_softmax, 1, 1, 1, "softmax_param", {"axis", "engine"}},
        {"Split", caffe_build_copies, 1, 1, MANY, "split_param", {"", "engine"}},
        {"TanH", caffe_build_tanh, 1, 1, 1, "tanh_param", {"", "engine"}},
        {"Upsample", caffe_build_upsample, 1, 2, 1, "upsample_param", {"scale", ""}},
};

static const struct layer_type *find(const char *type)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i].name, type) == 0)
			return &types[i];
	return NULL;
}

int caffe_layers_check(const struct caffe *c, const struct prototxt_field *layer,
                       const char *type, struct error *e)
{
	const struct layer_type *t = find(type);

	return t ? caffe_fields_check_layer(c, layer, type, t->parameters, &t->fields, e) : 0;
}

int caffe_layers_build(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct layer_type *t = find(l->type);

	if (!t)
		return caffe_node_unknown(c, l, e);
	if (l->n_bottoms < t->least || l->n_bottoms > t->most || l->n_tops < 1 ||
	    l->n_tops > t->tops)
		return caffe_refuse(c, l, e, "%zu bottoms and %zu tops", l->n_bottoms,
		                    l->n_tops);
	for (size_t i = 0; i < l->n_bottoms; i++)
		if (!c->g->tensors[l->bottoms[i]].known)
			return caffe_node_unknown(c, l, e);
	return t->build(c, l, e);
}
