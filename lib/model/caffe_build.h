/* caffe_build.h -- what the files that build layers share.
 *
 * Each caffe_build_X() appends the nodes of a layer of one type, whose bottoms are known and
 * as many as caffe_layers.c says.  A layer that can't be computed leaves the reason in a
 * node; -1 is for what concerns the whole model, with e set. */
#ifndef MODEL_CAFFE_BUILD_H
#define MODEL_CAFFE_BUILD_H

#include "model/caffe_nodes.h"

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

/* The shape of bottom i; a copy, which outlives tensors that are added. */
struct shape caffe_bottom_shape(const struct caffe *c, const struct caffe_layer *l, size_t i);

/* A layer's parameters; NULL if there are none, or with e set. */
const struct prototxt_field *caffe_params(const struct caffe *c, const struct caffe_layer *l,
                                          const char *name, struct error *e) CHECK_RESULT;

/* The axis that a parameter names, from 0 to rank - 1 (or rank if end); or -1. */
int caffe_axis(int64_t axis, int rank, bool end);

/* A shape of rank dimensions from what a file says; false if it can't be one. */
bool caffe_shape(const int64_t *dims, int rank, struct shape *s);

typedef int caffe_builder(struct caffe *c, struct caffe_layer *l, struct error *e);

/* caffe_windows.c */
caffe_builder caffe_build_convolution, caffe_build_depthwise, caffe_build_deconvolution,
        caffe_build_pooling;

/* caffe_values.c */
caffe_builder caffe_build_power, caffe_build_lrn, caffe_build_eltwise, caffe_build_batch_norm,
        caffe_build_scale, caffe_build_bias, caffe_build_prelu, caffe_build_relu,
        caffe_build_elu, caffe_build_softmax, caffe_build_sigmoid, caffe_build_tanh,
        caffe_build_absolute, caffe_build_bnll, caffe_build_selu, caffe_build_axpy,
        caffe_build_inner_product;

/* caffe_shapes.c */
caffe_builder caffe_build_concat, caffe_build_slice, caffe_build_flatten, caffe_build_reshape,
        caffe_build_crop, caffe_build_copies, caffe_build_permute, caffe_build_shuffle,
        caffe_build_interp, caffe_build_upsample;

#endif
