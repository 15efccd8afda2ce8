/* operators.h -- every operator's infer and run functions, for the table in table.c. */
#ifndef OPERATOR_OPERATORS_H
#define OPERATOR_OPERATORS_H

#include "operator/operator.h"

typedef int infer_function(struct graph *g, struct node *n, struct error *e) CHECK_RESULT;
typedef int run_function(const struct run *r, struct error *e) CHECK_RESULT;
typedef size_t scratch_function(const struct graph *g, const struct node *n);
typedef int prepare_function(const struct graph *g, const struct node *n, const float *weights,
                             enum convolution_choice choice, size_t images, struct prepared *p,
                             struct error *e) CHECK_RESULT;
typedef bool blocked_function(const struct graph *g, const struct node *n);
typedef void operand_function(const struct graph *g, const struct node *n, size_t i,
                              struct shape *s);
typedef void bounds_function(const struct node *n, struct clamp *c);
typedef bool scales_function(const struct graph *g, const struct node *n, size_t i,
                             const void *const *constants, struct affine *a);

/* convolution.c */
infer_function convolution_infer;
run_function convolution_run;
prepare_function convolution_prepare;
bool convolution_takes_residual(const struct node *n, enum convolution_choice choice);
bool convolution_blocked_input(const struct node *n, size_t i, enum convolution_choice choice);
size_t convolution_pairs(const struct node *n, const struct node *next,
                         enum convolution_choice choice);
int convolution_run_pair(const struct run *r, const struct run *next,
                         struct error *e) CHECK_RESULT;
size_t convolution_weight_floats(const struct node *n, enum convolution_choice choice);

/* pooling.c */
infer_function pool_infer, global_pool_infer;
run_function pool_run, global_average_run, global_max_run;
scratch_function pool_scratch;
/* Is it a pool that takes the maxima of 2x2 values each, none of them in padding? */
bool pool_halves(const struct node *n);

/* normalization.c */
infer_function batch_norm_infer, instance_norm_infer, group_norm_infer, layer_norm_infer,
        lrn_infer, softmax_infer;
run_function batch_norm_run, instance_norm_run, group_norm_run, layer_norm_run, lrn_run,
        softmax_run;
scratch_function lrn_scratch;
scales_function batch_norm_scales;

/* unary.c */
infer_function unary_infer, clip_infer;
run_function unary_run, clip_run;
bounds_function relu_bounds, clip_bounds;
void unary_apply(const struct node *n, float *x, size_t count);
void unary_compose(struct node *n); /* what infer leaves, for a node without attributes */

/* elementwise.c */
infer_function binary_infer, modulo_infer, where_infer;
run_function binary_run, where_run;
blocked_function binary_blocked;
operand_function binary_operand;
scales_function binary_scales;

/* transposed.c */
infer_function transposed_infer;
run_function transposed_run;
scratch_function transposed_scratch;

/* einsum.c */
infer_function einsum_infer;
run_function einsum_run;
scratch_function einsum_scratch;

/* dense.c */
infer_function gemm_infer, matmul_infer;
run_function dense_run;
prepare_function dense_prepare;
int dense_units(const struct node *n);
bool dense_takes_residual(const struct node *n, enum convolution_choice choice);
size_t dense_weight_floats(const struct node *n, enum convolution_choice choice);

/* reduce.c */
infer_function reduce_infer, extreme_infer;
run_function reduce_run, extreme_run;
bool reduce_keeps_last(const struct node *n); /* the last axis, and no other, becomes one */

/* reshape.c: same values, other shape */
infer_function flatten_infer, reshape_infer, squeeze_infer, unsqueeze_infer, identity_infer,
        if_infer, dropout_infer;
void if_narrow(const struct graph *g, struct node *n);
run_function view_run, dropout_run;

/* movement.c: values elsewhere */
bool move_keeps_order(const struct node *n);
run_function move_run;

/* transpose.c */
infer_function transpose_infer;
enum turn transpose_turns(const struct graph *g, const struct node *n);
run_function transpose_run;

/* pick.c */
infer_function slice_infer, pad_infer, gather_infer;

/* pieces.c */
infer_function split_infer, concat_infer;
run_function split_run, concat_run;
void *split_part(const struct node *n, size_t i);
blocked_function concat_blocked;
bool concat_joins(const struct node *n);

/* repeat.c */
infer_function expand_infer, tile_infer, depth_to_space_infer, space_to_depth_infer;

/* scatter.c */
infer_function scatter_infer;
run_function scatter_run;

/* resize.c */
infer_function resize_infer;
run_function resize_run;
scratch_function resize_scratch;

/* constant.c */
infer_function constant_infer, constant_of_shape_infer, shape_infer, range_infer;
run_function constant_run, constant_of_shape_run, shape_run, range_run;

/* cast.c */
infer_function cast_infer, dequantize_infer;
run_function cast_run, dequantize_run;

#endif
