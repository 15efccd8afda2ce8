/* table.c -- the table of operators. */
#include "operator/table.h"

#include <string.h>

#include "operator/operators.h"

#define ACTIVATION .activation = true
#define WINDOW     "auto_pad=s kernel_shape=I pads=I strides=I dilations=I"
#define OLD_BINARY .attributes = "axis=i broadcast=i"
#define UNARY                                                                                  \
	.infer = unary_infer, .run = unary_run, .geometry = geometry_keep, .flat = true,       \
	.blocked = map_blocked
#define BINARY                                                                                 \
	.infer = binary_infer, .run = binary_run, .geometry = geometry_keep, .clamps = true,   \
	.flat = true, .blocked = binary_blocked, .blocked_input = every_input_blocked,         \
	.operand = binary_operand
#define VIEW(rule)                                                                             \
	.infer = rule, .run = view_run, .geometry = geometry_reshape, .view = true, .flat = true
#define MOVE(rule) .infer = rule, .run = move_run, .geometry = geometry_move
#define REDUCE                                                                                 \
	.infer = reduce_infer, .run = reduce_run, .geometry = geometry_reduce,                 \
	.attributes = "axes=I keepdims=i noop_with_empty_axes=i"

/* Attributes: ONNX's texts of each operator's versions, to operator set 25. */
static const struct operation table[] = {
        {"Abs", UNARY},
        {"Add", OLD_BINARY, BINARY, .adds = true, .scales = binary_scales},
        {"AveragePool", .attributes = WINDOW " count_include_pad=i ceil_mode=i",
         .infer = pool_infer, .run = pool_run, .geometry = geometry_window,
         .scratch = pool_scratch, .blocked = map_blocked, .blocked_only = true},
        {"BatchNormalization",
         .attributes = "epsilon=f is_test=i momentum=f spatial=i training_mode=i",
         .infer = batch_norm_infer, .run = batch_norm_run, .geometry = geometry_keep,
         .flat = true, .scales = batch_norm_scales, .clamps = true, .blocked = map_blocked},
        {"Cast", .attributes = "to=is saturate=i round_mode=s", .infer = cast_infer,
         .run = cast_run, .geometry = geometry_keep, .flat = true},
        {"Ceil", UNARY},
        {"Clip", .attributes = "min=f max=f", .infer = clip_infer, .run = clip_run,
         .geometry = geometry_keep, .flat = true, .bounds = clip_bounds, .blocked = map_blocked,
         ACTIVATION},
        {"Concat", .attributes = "axis=i", .infer = concat_infer, .run = concat_run,
         .geometry = geometry_concat, .blocked = concat_blocked,
         .blocked_input = every_input_blocked, .joins = concat_joins},
        {"Constant",
         .attributes = "value=t value_float=f value_floats=F value_int=i value_ints=I",
         .infer = constant_infer, .run = constant_run, .geometry = geometry_lost},
        {"ConstantOfShape", .attributes = "value=t", .infer = constant_of_shape_infer,
         .run = constant_of_shape_run, .geometry = geometry_lost},
        {"Conv", .attributes = WINDOW " group=i", .infer = convolution_infer,
         .run = convolution_run, .geometry = geometry_window, .prepare = convolution_prepare,
         .clamps = true, .blocked = map_blocked, .blocked_only = true, .several_images = true,
         .weighs = true, .takes_residual = convolution_takes_residual,
         .blocked_input = convolution_blocked_input,
         .weight_floats = convolution_weight_floats},
        {"Div", OLD_BINARY, BINARY, .scales = binary_scales},
        {"Dropout", .attributes = "is_test=i ratio=f seed=i", .infer = dropout_infer,
         .run = dropout_run, .geometry = geometry_keep, .view = true, .flat = true,
         .blocked = map_blocked},
        {"Elu", .attributes = "alpha=f", UNARY, ACTIVATION},
        {"Exp", UNARY},
        {"Flatten", .attributes = "axis=i", VIEW(flatten_infer)},
        {"Floor", UNARY},
        {"Gather", .attributes = "axis=i", MOVE(gather_infer)},
        {"Gemm", .attributes = "alpha=f beta=f broadcast=i transA=i transB=i",
         .infer = gemm_infer, .run = gemm_run, .geometry = geometry_whole_image,
         .clamps = true},
        {"GlobalAveragePool", .infer = global_pool_infer, .run = global_average_run,
         .geometry = geometry_whole_image, .blocked = map_blocked},
        {"GlobalMaxPool", .infer = global_pool_infer, .run = global_max_run,
         .geometry = geometry_whole_image, .blocked = map_blocked},
        {"HardSigmoid", .attributes = "alpha=f beta=f", UNARY, ACTIVATION},
        {"HardSwish", UNARY, ACTIVATION},
        {"Identity", .infer = identity_infer, .run = view_run, .geometry = geometry_keep,
         .view = true, .flat = true, .blocked = map_blocked},
        {"InstanceNormalization", .attributes = "epsilon=f", .infer = instance_norm_infer,
         .run = instance_norm_run, .geometry = geometry_keep, .flat = true},
        {"LRN", .attributes = "alpha=f beta=f bias=f size=i", .infer = lrn_infer,
         .run = lrn_run, .geometry = geometry_keep, .scratch = lrn_scratch},
        {"LeakyRelu", .attributes = "alpha=f", UNARY, ACTIVATION},
        {"LogSoftmax", .attributes = "axis=i", .infer = softmax_infer, .run = softmax_run,
         .geometry = geometry_keep, .flat = true},
        {"MatMul", .infer = matmul_infer, .run = matmul_run, .geometry = geometry_matrix},
        {"Max", BINARY},
        {"MaxPool", .attributes = WINDOW " ceil_mode=i storage_order=i", .infer = pool_infer,
         .run = pool_run, .geometry = geometry_window, .scratch = pool_scratch,
         .blocked = map_blocked, .blocked_only = true},
        {"Min", BINARY},
        {"Mul", OLD_BINARY, BINARY, .scales = binary_scales},
        {"Neg", UNARY},
        {"PRelu", BINARY, ACTIVATION},
        {"Pad", .attributes = "mode=s pads=I paddings=I value=f", MOVE(pad_infer)},
        {"Pow", OLD_BINARY, BINARY},
        {"ReduceMax", REDUCE},
        {"ReduceMean", REDUCE},
        {"ReduceMin", REDUCE},
        {"ReduceSum", REDUCE},
        {"Relu", UNARY, .bounds = relu_bounds, ACTIVATION},
        {"Reshape", .attributes = "shape=I allowzero=i", VIEW(reshape_infer)},
        {"Resize",
         .attributes = "mode=s coordinate_transformation_mode=s nearest_mode=s cubic_coeff_a=f "
                       "exclude_outside=i extrapolation_value=f antialias=i axes=I "
                       "keep_aspect_ratio_policy=s",
         .infer = resize_infer, .run = resize_run, .geometry = geometry_resize,
         .scratch = resize_scratch},
        {"Selu", .attributes = "alpha=f gamma=f", UNARY, ACTIVATION},
        {"Shape", .attributes = "start=i end=i", .infer = shape_infer, .run = shape_run,
         .geometry = geometry_lost, .shapes_only = true},
        {"Sigmoid", UNARY, ACTIVATION},
        {"Slice", .attributes = "axes=I starts=I ends=I", MOVE(slice_infer)},
        {"Softmax", .attributes = "axis=i", .infer = softmax_infer, .run = softmax_run,
         .geometry = geometry_keep, .flat = true},
        {"Softplus", UNARY, ACTIVATION},
        {"Split", .attributes = "axis=i split=I num_outputs=i", .infer = split_infer,
         .run = split_run, .geometry = geometry_move, .part = split_part},
        {"Sqrt", UNARY},
        {"Squeeze", .attributes = "axes=I", VIEW(squeeze_infer)},
        {"Sub", OLD_BINARY, BINARY, .scales = binary_scales},
        {"Sum", BINARY},
        {"Tanh", UNARY, ACTIVATION},
        {"Transpose", .attributes = "perm=I", MOVE(transpose_infer)},
        {"Unsqueeze", .attributes = "axes=I", VIEW(unsqueeze_infer)},
        {"Upsample", .attributes = "mode=s scales=F height_scale=f width_scale=f",
         .infer = resize_infer, .run = resize_run, .geometry = geometry_resize,
         .scratch = resize_scratch},
};

static const struct operation *find(const char *name)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static int compute(const struct graph *g, const struct node *n, const void *const *in,
                   void *const *out, struct error *e)
{
	const struct run r = {.g = g, .node = n, .in = in, .n_in = n->n_inputs, .out = out};

	return n->op->run(&r, e);
}

const struct operator_table operator_table = {find, compute};
