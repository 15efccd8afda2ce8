/* caffe_layers.c -- the types of Caffe layers that are known.
 *
 * Layers come in order, so the shapes of a layer's bottoms are known when its nodes
 * are made: weights get the shape that the layer needs, and what the file holds is
 * compared with it. */
#include "model/caffe_layers.h"

#include <string.h>

#include "model/caffe_build.h"

enum { MANY = TENSOR_LIMIT };

static const struct layer_type {
	const char *name;
	caffe_builder *build;
	size_t least, most; /* bottoms */
	size_t tops;        /* at most */
} types[] = {
        {"AbsVal", caffe_build_absolute, 1, 1, 1},
        {"BNLL", caffe_build_bnll, 1, 1, 1},
        {"BatchNorm", caffe_build_batch_norm, 1, 1, 1},
        {"Bias", caffe_build_bias, 1, 2, 1},
        {"Concat", caffe_build_concat, 1, MANY, 1},
        {"Convolution", caffe_build_convolution, 1, 1, 1},
        {"Crop", caffe_build_crop, 2, 2, 1},
        {"Dropout", caffe_build_copies, 1, 1, 1},
        {"ELU", caffe_build_elu, 1, 1, 1},
        {"Eltwise", caffe_build_eltwise, 2, MANY, 1},
        {"Flatten", caffe_build_flatten, 1, 1, 1},
        {"InnerProduct", caffe_build_inner_product, 1, 1, 1},
        {"LRN", caffe_build_lrn, 1, 1, 1},
        {"PReLU", caffe_build_prelu, 1, 1, 1},
        {"Pooling", caffe_build_pooling, 1, 1, 1},
        {"Power", caffe_build_power, 1, 1, 1},
        {"ReLU", caffe_build_relu, 1, 1, 1},
        {"Reshape", caffe_build_reshape, 1, 1, 1},
        {"Scale", caffe_build_scale, 1, 2, 1},
        {"Sigmoid", caffe_build_sigmoid, 1, 1, 1},
        {"Slice", caffe_build_slice, 1, 1, MANY},
        {"Softmax", caffe_build_softmax, 1, 1, 1},
        {"Split", caffe_build_copies, 1, 1, MANY},
        {"TanH", caffe_build_tanh, 1, 1, 1},
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
