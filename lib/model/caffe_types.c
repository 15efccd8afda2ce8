/* caffe_types.c -- names of layer types, the old ones too. */
#include "model/caffe_types.h"

#include <string.h>

/* V1LayerParameter.LayerType, by number. */
static const struct type {
	const char *old, *name;
	bool idle; /* nothing to do when the network is used */
} types[] = {
        {"NONE", "None", false},
        {"ACCURACY", "Accuracy", true},
        {"BNLL", "BNLL", false},
        {"CONCAT", "Concat", false},
        {"CONVOLUTION", "Convolution", false},
        {"DATA", "Data", true},
        {"DROPOUT", "Dropout", false},
        {"EUCLIDEAN_LOSS", "EuclideanLoss", true},
        {"FLATTEN", "Flatten", false},
        {"HDF5_DATA", "HDF5Data", true},
        {"HDF5_OUTPUT", "HDF5Output", true},
        {"IM2COL", "Im2col", false},
        {"IMAGE_DATA", "ImageData", true},
        {"INFOGAIN_LOSS", "InfogainLoss", true},
        {"INNER_PRODUCT", "InnerProduct", false},
        {"LRN", "LRN", false},
        {"MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss", true},
        {"POOLING", "Pooling", false},
        {"RELU", "ReLU", false},
        {"SIGMOID", "Sigmoid", false},
        {"SOFTMAX", "Softmax", false},
        {"SOFTMAX_LOSS", "SoftmaxWithLoss", true},
        {"SPLIT", "Split", false},
        {"TANH", "TanH", false},
        {"WINDOW_DATA", "WindowData", true},
        {"ELTWISE", "Eltwise", false},
        {"POWER", "Power", false},
        {"SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss", true},
        {"HINGE_LOSS", "HingeLoss", true},
        {"MEMORY_DATA", "MemoryData", true},
        {"ARGMAX", "ArgMax", false},
        {"THRESHOLD", "Threshold", false},
        {"DUMMY_DATA", "DummyData", true},
        {"SLICE", "Slice", false},
        {"MVN", "MVN", false},
        {"ABSVAL", "AbsVal", false},
        {"SILENCE", "Silence", true},
        {"CONTRASTIVE_LOSS", "ContrastiveLoss", true},
        {"EXP", "Exp", false},
        {"DECONVOLUTION", "Deconvolution", false},
};

enum { TYPES = sizeof types / sizeof types[0] };

bool caffe_is_idle(const char *type)
{
	for (size_t i = 0; i < TYPES; i++)
		if (strcmp(types[i].name, type) == 0)
			return types[i].idle;
	return false;
}

const char *caffe_type(const struct prototxt *p, const struct prototxt_field *layer,
                       struct error *e)
{
	const char *names[TYPES + 1], *type = NULL;
	size_t i;

	if (strcmp(layer->name, "layer") == 0) {
		type = prototxt_string(p, layer, "type", NULL, e);
	} else {
		for (i = 0; i < TYPES; i++)
			names[i] = types[i].old;
		names[TYPES] = NULL;
		i = (size_t)prototxt_enum(p, layer, "type", names, 0, e);
		type = i ? types[i].name : NULL;
	}
	if (!type)
		prototxt_fail(p, layer, e, "a layer without a type");
	return e->code == EXIT_OK ? type : NULL;
}
