/* table.c -- the table of operators. */
#include "operator/table.h"

#include <string.h>

#include "operator/operators.h"

#define ACTIVATION .activation = true
#define WINDOW     "auto_pad=s kernel_shape=I pads=I strides=I dilations=I"
#define OLD_BINARY .attributes = "axis=i broadcast=i"
#define UNARY                                                                                  \
	.infer = unary_infer, .run = unary_run, .geometry = geometry_keep, .flat = true,       \
	.apply = unary_apply, .blocked = map_blocked
#define BINARY BINARY_BUT(binary_infer)
#define BINARY_BUT(rule)                                                                       \
	.infer = rule, .run = binary_run, .geometry = geometry_keep, .clamps = true,           \
	.flat = true, .blocked = binary_blocked, .blocked_input = every_input_blocked,         \
	.operand = binary_operand
#define VIEW(rule)                                                                             \
	.infer = rule, .run = view_run, .geometry = geometry_reshape, .view = true, .flat = true
#define MOVE(rule)                                                                             \
	.infer = rule, .run = move_run, .geometry = geometry_move,                             \
	.keeps_order = move_keeps_order
#define DENSE(rule)                                                                            \
	.infer = rule, .run = dense_run, .geometry = geometry_matrix,                          \
	.prepare = dense_prepare, .several_images = true, .weighs = true, .clamps = true,      \
	.units = dense_units, .takes_residual = dense_takes_residual,                          \
	.weight_floats = dense_weight_floats
#define POOL                                                                                   \
	.infer = pool_infer, .run = pool_run, .geometry = geometry_window,                     \
	.scratch = pool_scratch, .blocked = map_blocked, .blocked_only = true
#define LAYER_NORM                                                                             \
	.infer = layer_norm_infer, .run = layer_norm_run, .geometry = geometry_statistics,     \
	.flat = true, .attributes = "axis=i epsilon=f stash_type=i"
#define EXTREME                                                                                \
	.infer = extreme_infer, .run = extreme_run, .geometry = geometry_lost,                 \
	.attributes = "axis=i keepdims=i select_last_index=i"
#define REDUCE                                                                                 \
	.infer = reduce_infer, .run = reduce_run, .geometry = geometry_reduce,                 \
	.attributes = "axes=I keepdims=i noop_with_empty_axes=i"

/* Attributes: ONNX's texts of each operator's versions, to operator set 25. */
static const struct operation table[] = {
        {"Abs", UNARY},
        {"Add", OLD_BINARY, BINARY, .adds = true, .scales = binary_scales},
        {"And", OLD_BINARY, BINARY},
        {"ArgMax", EXTREME},
        {"ArgMin", EXTREME},
        {"AveragePool", .attributes = WINDOW " count_include_pad=i ceil_mode=i", POOL},
        {"BatchNormalization",
         .attributes = "epsilon=f is_test=i momentum=f spatial=i training_mode=i",
         .infer = batch_norm_infer, .run = batch_norm_run, .geometry = geometry_keep,
         .flat = true, .scales = batch_norm_scales, .clamps = true, .blocked = map_blocked},
        {"Cast", .attributes = "to=is saturate=i round_mode=s", .infer = cast_infer,
         .run = cast_run, .geometry = geometry_keep, .flat = true},
        {"Ceil", UNARY},
        {"Celu", .attributes = "alpha=f", UNARY, ACTIVATION},
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
         .blocked_input = convolution_blocked_input, .pairs = convolution_pairs,
         .run_pair = convolution_run_pair, .weight_floats = convolution_weight_floats},
        {"ConvTranspose", .attributes = WINDOW " group=i output_padding=I output_shape=I",
         .infer = transposed_infer, .run = transposed_run, .geometry = geometry_transposed,
         .scratch = transposed_scratch, .clamps = true},
        {"Cos", UNARY},
        {"DepthToSpace", .attributes = "blocksize=i mode=s", MOVE(depth_to_space_infer)},
        {"DequantizeLinear", .attributes = "axis=i block_size=i output_dtype=i",
         .infer = dequantize_infer, .run = dequantize_run, .geometry = geometry_keep,
         .flat = true},
        {"Div", OLD_BINARY, BINARY, .scales = binary_scales},
        {"Dropout", .attributes = "is_test=i ratio=f seed=i", .infer = dropout_infer,
         .run = dropout_run, .geometry = geometry_keep, .view = true, .flat = true,
         .blocked = map_blocked},
        {"Einsum", .attributes = "equation=s", .infer = einsum_infer, .run = einsum_run,
         .geometry = geometry_einsum, .scratch = einsum_scratch},
        {"Elu", .attributes = "alpha=f", UNARY, ACTIVATION},
        {"Equal", OLD_BINARY, BINARY},
        {"Erf", UNARY},
        {"Exp", UNARY},
        {"Expand", MOVE(expand_infer)},
        {"Flatten", .attributes = "axis=i", VIEW(flatten_infer)},
        {"Floor", UNARY},
        {"Gather", .attributes = "axis=i", MOVE(gather_infer)},
        {"Gelu", .attributes = "approximate=s", UNARY, ACTIVATION},
        {"Gemm", .attributes = "alpha=f beta=f broadcast=i transA=i transB=i",
         DENSE(gemm_infer)},
        {"GlobalAveragePool", .infer = global_pool_infer, .run = global_average_run,
         .geometry = geometry_whole_image, .blocked = map_blocked},
        {"GlobalMaxPool", .infer = global_pool_infer, .run = global_max_run,
         .geometry = geometry_whole_image, .blocked = map_blocked},
        {"Greater", OLD_BINARY, BINARY},
        {"GreaterOrEqual", BINARY},
        {"GroupNormalization", .attributes = "epsilon=f num_groups=i stash_type=i",
         .infer = group_norm_infer, .run = group_norm_run, .geometry = geometry_keep,
         .flat = true},
        {"HardSigmoid", .attributes = "alpha=f beta=f", UNARY, ACTIVATION},
        {"HardSwish", UNARY, ACTIVATION},
        {"Identity", .infer = identity_infer, .run = view_run, .geometry = geometry_keep,
         .view = true, .flat = true, .blocked = map_blocked},
        {"If", .narrow = if_narrow, .infer = if_infer, .run = view_run,
         .geometry = geometry_keep, .view = true, .flat = true, .blocked = map_blocked},
        {"InstanceNormalization", .attributes = "epsilon=f", .infer = instance_norm_infer,
         .run = instance_norm_run, .geometry = geometry_keep, .flat = true},
        {"LRN", .attributes = "alpha=f beta=f bias=f size=i", .infer = lrn_infer,
         .run = lrn_run, .geometry = geometry_map, .scratch = lrn_scratch},
        {"LayerNormalization", LAYER_NORM},
        {"LeakyRelu", .attributes = "alpha=f", UNARY, ACTIVATION},
        {"Less", OLD_BINARY, BINARY},
        {"LessOrEqual", BINARY},
        {"Log", UNARY},
        {"LogSoftmax", .attributes = "axis=i", .infer = softmax_infer, .run = softmax_run,
         .geometry = geometry_keep, .flat = true},
        {"LpPool", .attributes = WINDOW " ceil_mode=i p=if", POOL},
        {"MatMul", DENSE(matmul_infer)},
        {"Max", BINARY},
        {"MaxPool", .attributes = WINDOW " ceil_mode=i storage_order=i", POOL},
        {"Mean", BINARY},
        {"Min", BINARY},
        {"Mish", UNARY, ACTIVATION},
        {"Mod", .attributes = "fmod=i", BINARY_BUT(modulo_infer)},
        {"Mul", OLD_BINARY, BINARY, .scales = binary_scales},
        {"Neg", UNARY},
        {"Not", UNARY},
        {"Or", OLD_BINARY, BINARY},
        {"PRelu", BINARY, ACTIVATION},
        {"Pad", .attributes = "mode=s pads=I paddings=I value=f", MOVE(pad_infer)},
        {"Pow", OLD_BINARY, BINARY},
        {"RMSNormalization", LAYER_NORM},
        {"Range", .infer = range_infer, .run = range_run, .geometry = geometry_lost},
        {"Reciprocal", UNARY},
        {"ReduceL1", REDUCE},
        {"ReduceL2", REDUCE},
        {"ReduceLogSum", REDUCE},
        {"ReduceMax", REDUCE},
        {"ReduceMean", REDUCE},
        {"ReduceMin", REDUCE},
        {"ReduceProd", REDUCE},
        {"ReduceSum", REDUCE},
        {"ReduceSumSquare", REDUCE},
        {"Relu", UNARY, .bounds = relu_bounds, ACTIVATION},
        {"Reshape", .attributes = "shape=I allowzero=i", VIEW(reshape_infer)},
        {"Resize",
         .attributes = "mode=s coordinate_transformation_mode=s nearest_mode=s cubic_coeff_a=f "
                       "exclude_outside=i extrapolation_value=f antialias=i axes=I "
                       "keep_aspect_ratio_policy=s",
         .infer = resize_infer, .run = resize_run, .geometry = geometry_move,
         .scratch = resize_scratch},
        {"Round", UNARY},
        {"ScatterND", .attributes = "reduction=s", .infer = scatter_infer, .run = scatter_run,
         .geometry = geometry_lost},
        {"Selu", .attributes = "alpha=f gamma=f", UNARY, ACTIVATION},
        {"Shape", .attributes = "start=i end=i", .infer = shape_infer, .run = shape_run,
         .geometry = geometry_lost, .shapes_only = true},
        {"Sigmoid", UNARY, ACTIVATION},
        {"Sign", UNARY},
        {"Sin", UNARY},
        {"Slice", .attributes = "axes=I starts=I ends=I", MOVE(slice_infer)},
        {"Softmax", .attributes = "axis=i", .infer = softmax_infer, .run = softmax_run,
         .geometry = geometry_keep, .flat = true},
        {"Softplus", UNARY, ACTIVATION},
        {"Softsign", UNARY, ACTIVATION},
        {"SpaceToDepth", .attributes = "blocksize=i", MOVE(space_to_depth_infer)},
        {"Split", .attributes = "axis=i split=I num_outputs=i", .infer = split_infer,
         .run = split_run, .geometry = geometry_move, .part = split_part},
        {"Sqrt", UNARY},
        {"Squeeze", .attributes = "axes=I", VIEW(squeeze_infer)},
        {"Sub", OLD_BINARY, BINARY, .scales = binary_scales},
        {"Sum", BINARY},
        {"Swish", .attributes = "alpha=f", UNARY, ACTIVATION},
        {"Tanh", UNARY, ACTIVATION},
        {"ThresholdedRelu", .attributes = "alpha=f", UNARY, ACTIVATION},
        {"Tile", MOVE(tile_infer)},
        {"Transpose", .attributes = "perm=I", .infer = transpose_infer, .run = transpose_run,
         .geometry = geometry_move, .keeps_order = move_keeps_order, .turns = transpose_turns},
        {"Unsqueeze", .attributes = "axes=I", VIEW(unsqueeze_infer)},
        {"Upsample", .attributes = "mode=s scales=F height_scale=f width_scale=f",
         .infer = resize_infer, .run = resize_run, .geometry = geometry_move,
         .scratch = resize_scratch},
        {"Where", .infer = where_infer, .run = where_run, .geometry = geometry_keep,
         .flat = true},
        {"Xor", OLD_BINARY, BINARY},
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
