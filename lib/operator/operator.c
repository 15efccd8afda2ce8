/* operator.c -- the table of operators, and helpers for reading nodes. */
#include "operator/operator.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "operator/blocked_shape.h"
#include "operator/operators.h"

#define ACTIVATION .activation = true
#define UNARY                                                                                  \
	.infer = unary_infer, .run = unary_run, .geometry = geometry_keep,                     \
	.blocked = map_blocked
#define BINARY                                                                                 \
	.infer = binary_infer, .run = binary_run, .geometry = geometry_keep, .clamps = true,   \
	.blocked = binary_blocked, .joins = true
#define VIEW(rule) .infer = rule, .run = view_run, .geometry = geometry_reshape, .view = true
#define MOVE(rule) .infer = rule, .run = move_run, .geometry = geometry_move
#define REDUCE     .infer = reduce_infer, .run = reduce_run, .geometry = geometry_reduce

static const struct operation table[] = {
        {"Abs", UNARY},
        {"Add", BINARY},
        {"AveragePool", .infer = pool_infer, .run = pool_run, .geometry = geometry_window,
         .scratch = pool_scratch, .blocked = map_blocked, .always = true},
        {"BatchNormalization", .infer = batch_norm_infer, .run = batch_norm_run,
         .geometry = geometry_keep, .clamps = true, .blocked = map_blocked},
        {"Cast", .infer = cast_infer, .run = cast_run, .geometry = geometry_keep},
        {"Ceil", UNARY},
        {"Clip", .infer = clip_infer, .run = clip_run, .geometry = geometry_keep,
         .blocked = map_blocked, ACTIVATION},
        {"Concat", .infer = concat_infer, .run = concat_run, .geometry = geometry_concat,
         .blocked = concat_blocked, .joins = true},
        {"Constant", .infer = constant_infer, .run = constant_run, .geometry = geometry_lost},
        {"ConstantOfShape", .infer = constant_of_shape_infer, .run = constant_of_shape_run,
         .geometry = geometry_lost},
        {"Conv", .infer = convolution_infer, .run = convolution_run,
         .geometry = geometry_window, .prepare = convolution_prepare, .clamps = true,
         .blocked = map_blocked, .always = true, .many = true},
        {"Div", BINARY},
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
         .scratch = pool_scratch, .blocked = map_blocked, .always = true},
        {"Min", BINARY},
        {"Mul", BINARY},
        {"Neg", UNARY},
        {"PRelu", BINARY, ACTIVATION},
        {"Pad", MOVE(pad_infer)},
        {"Pow", BINARY},
        {"ReduceMax", REDUCE},
        {"ReduceMean", REDUCE},
        {"ReduceMin", REDUCE},
        {"ReduceSum", REDUCE},
        {"Relu", UNARY, ACTIVATION},
        {"Reshape", VIEW(reshape_infer)},
        {"Resize", .infer = resize_infer, .run = resize_run, .geometry = geometry_resize},
        {"Selu", UNARY, ACTIVATION},
        {"Shape", .infer = shape_infer, .run = shape_run, .geometry = geometry_lost,
         .constant = true},
        {"Sigmoid", UNARY, ACTIVATION},
        {"Slice", MOVE(slice_infer)},
        {"Softmax", .infer = softmax_infer, .run = softmax_run, .geometry = geometry_keep},
        {"Softplus", UNARY, ACTIVATION},
        {"Split", .infer = split_infer, .run = split_run, .geometry = geometry_move},
        {"Sqrt", UNARY},
        {"Squeeze", VIEW(squeeze_infer)},
        {"Sub", BINARY},
        {"Sum", BINARY},
        {"Tanh", UNARY, ACTIVATION},
        {"Transpose", MOVE(transpose_infer)},
        {"Unsqueeze", VIEW(unsqueeze_infer)},
        {"Upsample", .infer = resize_infer, .run = resize_run, .geometry = geometry_resize},
};

const struct operation *operator_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

int node_fail(const struct graph *g, const struct node *n, struct error *e, const char *format,
              ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return error_set(e, EXIT_MALFORMED, "%s: node %s (%s): %s", g->path, n->name, n->type,
	                 text);
}

struct tensor *node_input(const struct graph *g, const struct node *n, size_t i)
{
	if (i >= n->n_inputs || n->inputs[i] == NO_TENSOR)
		return NULL;
	return &g->tensors[n->inputs[i]];
}

struct tensor *node_output(const struct graph *g, const struct node *n, size_t i)
{
	if (i >= n->n_outputs || n->outputs[i] == NO_TENSOR)
		return NULL;
	return &g->tensors[n->outputs[i]];
}

struct tensor *node_float(const struct graph *g, const struct node *n, size_t i,
                          struct error *e)
{
	struct tensor *t = node_input(g, n, i);

	if (!t) {
		node_fail(g, n, e, "input %zu is missing", i);
		return NULL;
	}
	if (t->kind != KIND_FLOAT) {
		node_fail(g, n, e, "input %s does not hold floats", t->name);
		return NULL;
	}
	return t;
}

int node_arity(const struct graph *g, const struct node *n, size_t least, size_t most,
               struct error *e)
{
	size_t i;

	if (n->n_inputs < least || n->n_inputs > most)
		return node_fail(g, n, e, "it has %zu inputs", n->n_inputs);
	for (i = 0; i < least; i++)
		if (n->inputs[i] == NO_TENSOR)
			return node_fail(g, n, e, "input %zu is missing", i);
	return 0;
}

int node_set(const struct graph *g, const struct node *n, size_t i, enum kind kind,
             const struct shape *shape, struct error *e)
{
	struct tensor *t = node_output(g, n, i);
	char text[128];

	if (!t)
		return 0;
	if (tensor_set(t, kind, shape, e) != 0) {
		*e = (struct error){0};
		return node_fail(g, n, e, "its output of %s is too large",
		                 shape_text(shape, text, sizeof text));
	}
	return 0;
}

int node_one_output(const struct graph *g, const struct node *n, struct error *e)
{
	size_t i;

	for (i = 1; i < n->n_outputs; i++)
		if (n->outputs[i] != NO_TENSOR)
			return node_fail(g, n, e, "only its first output is supported");
	return 0;
}

const struct attribute *node_attribute(const struct node *n, const char *name)
{
	size_t i;

	for (i = 0; i < n->n_attributes; i++)
		if (strcmp(n->attributes[i].name, name) == 0)
			return &n->attributes[i];
	return NULL;
}

int64_t node_int(const struct node *n, const char *name, int64_t otherwise)
{
	const struct attribute *a = node_attribute(n, name);

	return a ? a->i : otherwise;
}

float node_number(const struct node *n, const char *name, float otherwise)
{
	const struct attribute *a = node_attribute(n, name);

	return a ? a->f : otherwise;
}

const char *node_text(const struct node *n, const char *name, const char *otherwise)
{
	const struct attribute *a = node_attribute(n, name);

	return a && a->s ? a->s : otherwise;
}

size_t run_count(const struct run *r)
{
	const struct tensor *t = node_input(r->g, r->node, 0);

	return r->blocked ? blocked_count(shape_blocked_size(&t->shape)) : t->count;
}

/* Is its first output a map of floats? */
bool map_blocked(const struct graph *g, const struct node *n)
{
	const struct tensor *x = node_input(g, n, 0), *y = node_output(g, n, 0);

	return x && y && x->kind == KIND_FLOAT && y->kind == KIND_FLOAT &&
	       shape_is_blockable(&x->shape) && shape_is_blockable(&y->shape);
}

const void *node_values(const struct graph *g, const struct node *n, size_t i)
{
	const struct tensor *t = node_input(g, n, i);

	return t ? t->data : NULL;
}

int node_ints(const struct graph *g, const struct node *n, const char *name, size_t input,
              int64_t *out, int cap, int *count, struct error *e)
{
	const struct attribute *a = node_attribute(n, name);
	const struct tensor *t = node_input(g, n, input);
	const int64_t *values = a ? a->ints : NULL;
	size_t have = a ? a->n_ints : 0;

	*count = -1;
	if (!a && !t)
		return 0;
	if (!a) {
		if (t->kind != KIND_INT || t->shape.rank > 1)
			return node_fail(g, n, e, "%s is not a list of integers", t->name);
		if (!t->data)
			return node_fail(g, n, e, "%s is not known when the model is read",
			                 t->name);
		values = t->data;
		have = t->count;
	}
	if (have > (size_t)cap)
		return node_fail(g, n, e, "%s has %zu numbers, at most %d", name, have, cap);
	if (have)
		memcpy(out, values, have * sizeof *out);
	*count = (int)have;
	return 0;
}

int node_axis(const struct graph *g, const struct node *n, int64_t axis, int rank, bool end,
              size_t *out, struct error *e)
{
	int64_t top = rank + (end ? 1 : 0);

	if (axis < -rank || axis >= top)
		return node_fail(g, n, e, "axis %lld of %d", (long long)axis, rank);
	*out = (size_t)(axis < 0 ? axis + rank : axis);
	return 0;
}

bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out)
{
	int i, rank = a->rank > b->rank ? a->rank : b->rank;
	struct shape s = {.rank = rank};

	for (i = 1; i <= rank; i++) {
		size_t x = i <= a->rank ? a->dims[a->rank - i] : 1;
		size_t y = i <= b->rank ? b->dims[b->rank - i] : 1;

		if (x != y && x != 1 && y != 1)
			return false;
		s.dims[rank - i] = x == 1 ? y : x;
	}
	*out = s;
	return true;
}

/* Cells that see the whole image. */
void geometry_whole(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct geometry *image = &g->tensors[g->input].geometry;
	int i;

	(void)n;
	out->kind = image->kind == GEOMETRY_MAP ? GEOMETRY_GLOBAL : GEOMETRY_UNKNOWN;
	for (i = 0; i < 2 && image->kind == GEOMETRY_MAP; i++) {
		double size = (double)g->tensors[g->input].shape.dims[image->axis[i]];

		out->field[i] = (struct network_field){(size - 1) / 2, size, size};
	}
}

void geometry_keep(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)g;
	(void)n;
	(void)out;
}

void geometry_lost(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)g;
	(void)n;
	out->kind = GEOMETRY_UNKNOWN;
}
