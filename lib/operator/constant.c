/* constant.c -- values that a graph holds, shapes, and changes of type. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "graph/literal.h"
#include "operator/operators.h"

/* ---- Constant ---- */

int constant_infer(struct graph *g, struct node *n, struct error *e)
{
	struct tensor *y = node_output(g, n, 0);
	struct shape list = {.rank = 1}, scalar = {0};
	const struct attribute *a;

	if (!y)
		return node_fail(g, n, e, "no output");
	if (n->n_attributes != 1)
		return node_fail(g, n, e, "it has %zu values", n->n_attributes);
	a = &n->attributes[0];
	if (a->tensor) {
		enum kind kind;

		if (!literal_kind(a->tensor->type, &kind))
			return node_fail(g, n, e, "values of type %d are not supported",
			                 a->tensor->type);
		y->literal = a->tensor;
		return node_set(g, n, 0, kind, &a->tensor->shape, e);
	}
	if (strcmp(a->name, "value_int") == 0)
		return node_set(g, n, 0, KIND_INT, &scalar, e);
	if (strcmp(a->name, "value_float") == 0)
		return node_set(g, n, 0, KIND_FLOAT, &scalar, e);
	if (strcmp(a->name, "value_ints") == 0) {
		list.dims[0] = a->n_ints;
		return node_set(g, n, 0, KIND_INT, &list, e);
	}
	if (strcmp(a->name, "value_floats") == 0) {
		list.dims[0] = a->n_floats;
		return node_set(g, n, 0, KIND_FLOAT, &list, e);
	}
	return node_fail(g, n, e, "%s is not supported", a->name);
}

int constant_run(const struct run *r, struct error *e)
{
	const struct attribute *a = &r->node->attributes[0];
	const struct tensor *y = node_output(r->g, r->node, 0);

	(void)e;
	if (a->tensor)
		literal_read(a->tensor, r->out[0]);
	else if (y->shape.rank == 0 && y->kind == KIND_INT)
		*(int64_t *)r->out[0] = a->i;
	else if (y->shape.rank == 0)
		*(float *)r->out[0] = a->f;
	else if (y->count && y->kind == KIND_INT)
		memcpy(r->out[0], a->ints, y->count * sizeof *a->ints);
	else if (y->count)
		memcpy(r->out[0], a->floats, y->count * sizeof *a->floats);
	return 0;
}

/* ---- ConstantOfShape ---- */

int constant_of_shape_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct attribute *a = node_attribute(n, "value");
	int64_t dims[RANK_MAX];
	struct shape out;
	enum kind kind = KIND_FLOAT;

	if (node_arity(g, n, 1, 1, e) < 0 ||
	    node_ints(g, n, "", 0, dims, RANK_MAX, &out.rank, e) < 0)
		return -1;
	if (a && (!a->tensor || a->tensor->count != 1 || !literal_kind(a->tensor->type, &kind)))
		return node_fail(g, n, e, "its value is not one number");
	for (int i = 0; i < out.rank; i++) {
		if (dims[i] < 0)
			return node_fail(g, n, e, "dimension %lld", (long long)dims[i]);
		out.dims[i] = (size_t)dims[i];
	}
	return node_set(g, n, 0, kind, &out, e);
}

int constant_of_shape_run(const struct run *r, struct error *e)
{
	const struct attribute *a = node_attribute(r->node, "value");
	const struct tensor *y = node_output(r->g, r->node, 0);
	union {
		float f;
		int64_t i;
	} value = {.i = 0};
	size_t i;

	(void)e;
	if (a)
		literal_read(a->tensor, &value);
	for (i = 0; i < y->count; i++)
		if (y->kind == KIND_FLOAT)
			((float *)r->out[0])[i] = value.f;
		else
			((int64_t *)r->out[0])[i] = value.i;
	return 0;
}

/* ---- Shape ---- */

/* Axes [start, end) of the input; both clamp as slices do. */
static void shape_range(const struct node *n, int rank, int *start, int *end)
{
	int64_t from = node_int(n, "start", 0), to = node_int(n, "end", rank);

	from += from < 0 ? rank : 0;
	to += to < 0 ? rank : 0;
	*start = from < 0 ? 0 : from > rank ? rank : (int)from;
	*end = to < *start ? *start : to > rank ? rank : (int)to;
}

int shape_infer(struct graph *g, struct node *n, struct error *e)
{
	struct shape out = {.rank = 1};
	int start, end;

	if (node_arity(g, n, 1, 1, e) < 0)
		return -1;
	shape_range(n, node_input(g, n, 0)->shape.rank, &start, &end);
	out.dims[0] = (size_t)(end - start);
	return node_set(g, n, 0, KIND_INT, &out, e);
}

int shape_run(const struct run *r, struct error *e)
{
	const struct tensor *x = node_input(r->g, r->node, 0);
	int start, end;

	(void)e;
	shape_range(r->node, x->shape.rank, &start, &end);
	for (int i = start; i < end; i++)
		((int64_t *)r->out[0])[i - start] = (int64_t)x->shape.dims[i];
	return 0;
}

/* ---- Cast ---- */

enum { TO_FLOAT = 1, TO_INT32 = 6, TO_INT64 = 7, TO_BOOL = 9, TO_DOUBLE = 11 };

/* The type to cast to: a number, up to operator set 5 a name. */
static int64_t cast_type(const struct node *n)
{
	static const struct {
		const char *name;
		int64_t type;
	} names[] = {{"FLOAT", TO_FLOAT},
	             {"DOUBLE", TO_DOUBLE},
	             {"INT32", TO_INT32},
	             {"INT64", TO_INT64},
	             {"BOOL", TO_BOOL}};
	const char *text = node_text(n, "to", "");

	for (size_t i = 0; n->opset < 6 && i < sizeof names / sizeof *names; i++)
		if (strcasecmp(names[i].name, text) == 0)
			return names[i].type;
	return node_int(n, "to", 0);
}

int cast_infer(struct graph *g, struct node *n, struct error *e)
{
	int64_t to = cast_type(n);
	const struct tensor *x;

	if (node_arity(g, n, 1, 1, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (to != TO_FLOAT && to != TO_DOUBLE && to != TO_INT32 && to != TO_INT64 &&
	    to != TO_BOOL)
		return node_fail(g, n, e, "casting to type %lld %s is not supported",
		                 (long long)to, node_text(n, "to", ""));
	return node_set(g, n, 0, to == TO_FLOAT || to == TO_DOUBLE ? KIND_FLOAT : KIND_INT,
	                &x->shape, e);
}

/* Toward zero; what no integer holds becomes the nearest one. */
static int64_t to_int(float x)
{
	if (!(x > -0x1p63f))
		return x == x ? INT64_MIN : 0;
	return x >= 0x1p63f ? INT64_MAX : (int64_t)x;
}

int cast_run(const struct run *r, struct error *e)
{
	const struct tensor *x = node_input(r->g, r->node, 0),
	                    *y = node_output(r->g, r->node, 0);
	int64_t to = cast_type(r->node);

	(void)e;
	for (size_t i = 0; i < y->count; i++) {
		float f = x->kind == KIND_FLOAT ? ((const float *)r->in[0])[i] : 0;
		int64_t n = x->kind == KIND_INT ? ((const int64_t *)r->in[0])[i] : to_int(f);

		if (y->kind == KIND_FLOAT)
			((float *)r->out[0])[i] = x->kind == KIND_FLOAT ? f : (float)n;
		else if (to == TO_BOOL)
			((int64_t *)r->out[0])[i] = x->kind == KIND_FLOAT ? f != 0 : n != 0;
		else
			((int64_t *)r->out[0])[i] = to == TO_INT32 ? (int32_t)n : n;
	}
	return 0;
}
