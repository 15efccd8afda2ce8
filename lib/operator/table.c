/* table.c -- the table of operators. */
#include "operator/table.h"

#include <string.h>

#include "operator/operators.h"

#define ACTIVATION .activation = true
#define UNARY                                                                                  \
	.infer = unary_infer, .run = unary_run, .geometry = geometry_keep,                     \
	.blocked = map_blocked
#define BINARY                                                                                 \
	.infer = binary_infer, .run = binary_run, .geometry = geometry_keep, .clamps = true,   \
	.blocked = binary_blocked, .blocked_input = every_input_blocked,                       \
	.operand = binary_operand
#define VIEW(rule) .infer = rule, .run = view_run, .geometry = geometry_reshape, .view = true
#define MOVE(rule) .infer = rule, .run = move_run, .geometry = geometry_move
#define REDUCE     .infer = reduce_infer, .run = reduce_run, .geometry = geometry_reduce

static const struct operation table[] = {
        {"Abs", UNARY},
        {"Add", BINARY, .adds = true, .scales = binary_scales},
        {"AveragePool", .infer = pool_infer, .run = pool_run, .geometry = geometry_window,
         .scratch = pool_scratch, .blocked = map_blocked, .blocked_only = true},
        {"BatchNormalization", .infer = batch_norm_infer, .run = batch_norm_run,
         .geometry = geometry_keep, .scales = batch_norm_scales, .clamps = true,
         .blocked = map_blocked},
        {"Cast", .infer = cast_infer, .run = cast_run, .geometry = geometry_keep},
        {"Ceil", UNARY},
        {"Clip", .infer = clip_infer, .run = clip_run, .geometry = geometry_keep,
         .bounds = clip_bounds, .blocked = map_blocked, ACTIVATION},
        {"Concat", .infer = concat_infer, .run = concat_run, .geometry = geometry_concat,
         .blocked = concat_blocked, .blocked_input = every_input_blocked,
         .joins = concat_joins},
        {"Constant", .infer = constant_infer, .run = constant_run, .geometry = geometry_lost},
        {"ConstantOfShape", .infer = constant_of_shape_infer, .run = constant_of_shape_run,
         .geometry = geometry_lost},
        {"Conv", .infer = convolution_infer, .run = convolution_run,
         .geometry = geometry_window, .prepare = convolution_prepare, .clamps = true,
         .blocked = map_blocked, .blocked_only = true, .several_images = true, .weighs = true,
         .takes_residual = convolution_takes_residual,
         .blocked_input = convolution_blocked_input,
         .weight_floats = convolution_weight_floats},
        {"Div", BINARY, .scales = binary_scales},
        {"Dropout", .infer = dropout_infer, .run = dropout_run, .geometry = geometry_keep,
         .view = true, .blocked = map_blocked},
        {"Elu", UNARY, ACTIVATION},
        {"Exp", UNARY},
        {"Flatten", VIEW(flatten_infer)},
        {"Floor", UNARY},
        {"Gather", MOVE(gather_infer)},
        {"Gemm", .infer = gemm_infer, .run = gemm_run, .geometry = geometry_whole,
         .clamps = true},
        {"GlobalAveragePool", .infer = global_pool_infer, .run = global_average_run,
         .geometry = geometry_whole, .blocked = map_blocked},
        {"GlobalMaxPool", .infer = global_pool_infer, .run = global_max_run,
         .geometry = geometry_whole, .blocked = map_blocked},
        {"HardSigmoid", UNARY, ACTIVATION},
        {"HardSwish", UNARY, ACTIVATION},
        {"Identity", .infer = identity_infer, .run = view_run, .geometry = geometry_keep,
         .view = true, .blocked = map_blocked},
        {"InstanceNormalization", .infer = instance_norm_infer, .run = instance_norm_run,
         .geometry = geometry_keep},
        {"LRN", .infer = lrn_infer, .run = lrn_run, .geometry = geometry_keep,
         .scratch = lrn_scratch},
        {"LeakyRelu", UNARY, ACTIVATION},
        {"LogSoftmax", .infer = softmax_infer, .run = softmax_run, .geometry = geometry_keep},
        {"MatMul", .infer = matmul_infer, .run = matmul_run, .geometry = geometry_matrix},
        {"Max", BINARY},
        {"MaxPool", .infer = pool_infer, .run = pool_run, .geometry = geometry_window,
         .scratch = pool_scratch, .blocked = map_blocked, .blocked_only = true},
        {"Min", BINARY},
        {"Mul", BINARY, .scales = binary_scales},
        {"Neg", UNARY},
        {"PRelu", BINARY, ACTIVATION},
        {"Pad", MOVE(pad_infer)},
        {"Pow", BINARY},
        {"ReduceMax", REDUCE},
        {"ReduceMean", REDUCE},
        {"ReduceMin", REDUCE},
        {"ReduceSum", REDUCE},
        {"Relu", UNARY, .bounds = relu_bounds, ACTIVATION},
        {"Reshape", VIEW(reshape_infer)},
        {"Resize", .infer = resize_infer, .run = resize_run, .geometry = geometry_resize,
         .scratch = resize_scratch},
        {"Selu", UNARY, ACTIVATION},
        {"Shape", .infer = shape_infer, .run = shape_run, .geometry = geometry_lost,
         .shapes_only = true},
        {"Sigmoid", UNARY, ACTIVATION},
        {"Slice", MOVE(slice_infer)},
        {"Softmax", .infer = softmax_infer, .run = softmax_run, .geometry = geometry_keep},
        {"Softplus", UNARY, ACTIVATION},
        {"Split", .infer = split_infer, .run = split_run, .geometry = geometry_move,
         .part = split_part},
        {"Sqrt", UNARY},
        {"Squeeze", VIEW(squeeze_infer)},
        {"Sub", BINARY, .scales = binary_scales},
        {"Sum", BINARY},
        {"Tanh", UNARY, ACTIVATION},
        {"Transpose", MOVE(transpose_infer)},
        {"Unsqueeze", VIEW(unsqueeze_infer)},
        {"Upsample", .infer = resize_infer, .run = resize_run, .geometry = geometry_resize,
         .scratch = resize_scratch},
};

static const struct operation *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof table / sizeof table[0]; i++)
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
