/* constant.c -- values that a graph holds, shapes and sequences of numbers. */
#include <math.h>
#include <string.h>

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

/* ---- Range ---- */

int range_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *t[3];
	struct shape out = {.rank = 1};
	double x[3], count;

	if (node_arity(g, n, 3, 3, e) < 0)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		t[i] = node_input(g, n, i);
		if (!t[i]->data || t[i]->count != 1 || t[i]->kind != t[0]->kind)
			return node_fail(g, n, e, "%s is not a constant number", t[i]->name);
		x[i] = t[i]->kind == KIND_FLOAT ? (double)*(const float *)t[i]->data
		                                : (double)*(const int64_t *)t[i]->data;
	}
	count = ceil((x[1] - x[0]) / x[2]);
	if (!(count <= COUNT_LIMIT) || x[2] == 0)
		return node_fail(g, n, e, "from %g to %g by %g", x[0], x[1], x[2]);
	out.dims[0] = count > 0 ? (size_t)count : 0;
	return node_set(g, n, 0, t[0]->kind, &out, e);
}

int range_run(const struct run *r, struct error *e)
{
	const struct tensor *y = node_output(r->g, r->node, 0);

	(void)e;
	for (size_t i = 0; i < y->count; i++)
		if (y->kind == KIND_FLOAT)
			((float *)r->out[0])[i] =
			        *(const float *)r->in[0] + (float)i * *(const float *)r->in[2];
		else
			((int64_t *)r->out[0])[i] =
			        (int64_t)((uint64_t) * (const int64_t *)r->in[0] +
			                  i * (uint64_t) * (const int64_t *)r->in[2]);
	return 0;
}
