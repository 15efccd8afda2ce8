/* caffe_nodes.c -- see caffe_nodes.h. */
#include "model/caffe_nodes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph/literal.h"
#include "graph/resolve.h"

enum { SAME_NAMES = 100 }; /* most tensors whose names differ in a number only */

/* ---- nodes ---- */

size_t caffe_tensor(struct graph *g, struct error *e, const char *format, ...)
{
	char number[16] = "", *name;
	va_list args, again;
	size_t room;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	room = (size_t)n + sizeof number;
	name = n < 0 ? NULL : graph_alloc(g, room, 1, e);
	if (name)
		vsnprintf(name, room, format, again);
	va_end(again);
	if (!name)
		return NO_TENSOR;
	for (int i = 2; graph_lookup(g, name) != NO_TENSOR; i++) {
		if (i > SAME_NAMES) {
			error_set(e, EXIT_MALFORMED, "%s: too many tensors are called %s",
			          g->path, name);
			return NO_TENSOR;
		}
		snprintf(name + n, sizeof number, "%d", i);
	}
	return graph_tensor(g, name, e);
}

static void *copy(struct graph *g, const void *from, size_t count, size_t size, struct error *e)
{
	void *to = graph_alloc(g, count, size, e);

	if (to && count)
		memcpy(to, from, count * size);
	return to;
}

static int copy_attributes(struct graph *g, struct node *n, struct error *e)
{
	n->attributes = copy(g, n->attributes, n->n_attributes, sizeof *n->attributes, e);
	for (size_t i = 0; n->attributes && i < n->n_attributes; i++) {
		struct attribute *a = &n->attributes[i];

		a->ints = copy(g, a->ints, a->n_ints, sizeof *a->ints, e);
	}
	return e->code == EXIT_OK ? 0 : -1;
}

static int add_node(struct caffe *c, struct caffe_layer *l, const struct node *like, int opset,
                    struct error *e)
{
	struct graph *g = c->g;
	struct node *n = graph_node(g, e);

	if (!n)
		return -1;
	*n = *like;
	n->name = l->name;
	n->opset = opset;
	n->inputs = copy(g, like->inputs, n->n_inputs, sizeof *n->inputs, e);
	n->outputs = copy(g, like->outputs, n->n_outputs, sizeof *n->outputs, e);
	if (!n->inputs || !n->outputs || copy_attributes(g, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n->n_outputs; i++)
		g->tensors[n->outputs[i]].producer = g->n_nodes - 1;
	if (graph_settle(g, n, e) < 0)
		return -1;
	if (l->fault)
		n->fault = l->fault;
	return 0;
}

int caffe_node(struct caffe *c, struct caffe_layer *l, const struct node *like, struct error *e)
{
	return add_node(c, l, like, CAFFE_OPSET, e);
}

int caffe_node_from(struct caffe *c, struct caffe_layer *l, const char *type,
                    const size_t *inputs, size_t n_inputs, struct attribute *attributes,
                    size_t n_attributes, struct error *e)
{
	const struct node like = {.type = type,
	                          .inputs = (size_t *)(uintptr_t)inputs,
	                          .n_inputs = n_inputs,
	                          .outputs = l->tops,
	                          .n_outputs = l->n_tops,
	                          .attributes = attributes,
	                          .n_attributes = n_attributes};

	return caffe_node(c, l, &like, e);
}

int caffe_node_of_bottoms(struct caffe *c, struct caffe_layer *l, const char *type,
                          struct attribute *attributes, size_t n_attributes, struct error *e)
{
	return caffe_node_from(c, l, type, l->bottoms, l->n_bottoms, attributes, n_attributes,
	                       e);
}

int caffe_unary(struct caffe *c, struct caffe_layer *l, const char *type, size_t in, size_t out,
                struct error *e)
{
	const struct node like = {
	        .type = type, .inputs = &in, .n_inputs = 1, .outputs = &out, .n_outputs = 1};

	return caffe_node(c, l, &like, e);
}

int caffe_binary(struct caffe *c, struct caffe_layer *l, const char *type, size_t a, size_t b,
                 size_t out, struct error *e)
{
	size_t in[] = {a, b};
	const struct node like = {
	        .type = type, .inputs = in, .n_inputs = 2, .outputs = &out, .n_outputs = 1};

	return caffe_node(c, l, &like, e);
}

int caffe_reshape(struct caffe *c, struct caffe_layer *l, size_t in, const int64_t *dims,
                  size_t rank, size_t out, struct error *e)
{
	struct attribute a[] = {{.name = "shape", .ints = dims, .n_ints = rank},
	                        {.name = "allowzero", .i = 1}};
	const struct node like = {.type = "Reshape",
	                          .inputs = &in,
	                          .n_inputs = 1,
	                          .outputs = &out,
	                          .n_outputs = 1,
	                          .attributes = a,
	                          .n_attributes = 2};

	return caffe_node(c, l, &like, e);
}

int caffe_node_unknown(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct node like = {.type = l->type,
	                          .inputs = l->bottoms,
	                          .n_inputs = l->n_bottoms,
	                          .outputs = l->tops,
	                          .n_outputs = l->n_tops};

	return add_node(c, l, &like, 0, e);
}

int caffe_refuse(struct caffe *c, struct caffe_layer *l, struct error *e, const char *format,
                 ...)
{
	char text[256];
	struct error fault = {0};
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	prototxt_fail(c->text, l->field, &fault, "layer %s (%s): %s", l->name, l->type, text);
	l->fault = copy(c->g, fault.text, strlen(fault.text) + 1, 1, e);
	return l->fault ? caffe_node_unknown(c, l, e) : -1;
}

/* ---- constants ---- */

size_t caffe_constant(struct caffe *c, struct caffe_layer *l, const struct shape *shape,
                      float value, struct error *e)
{
	size_t t = caffe_tensor(c->g, e, "%s constant", l->name);
	struct tensor *x;
	float *values;

	if (t == NO_TENSOR)
		return NO_TENSOR;
	x = &c->g->tensors[t];
	if (tensor_set(x, KIND_FLOAT, shape, e) < 0)
		return NO_TENSOR;
	values = graph_alloc(c->g, x->count, sizeof *values, e);
	if (!values)
		return NO_TENSOR;
	for (size_t i = 0; i < x->count; i++)
		values[i] = value;
	x->constant = true;
	x->data = values;
	return t;
}

size_t caffe_integers(struct caffe *c, struct caffe_layer *l, const int64_t *values, size_t n,
                      struct error *e)
{
	const struct shape list = {.rank = 1, .dims = {n}};
	size_t t = caffe_tensor(c->g, e, "%s numbers", l->name);

	if (t == NO_TENSOR || tensor_set(&c->g->tensors[t], KIND_INT, &list, e) < 0)
		return NO_TENSOR;
	c->g->tensors[t].data = copy(c->g, values, n, sizeof *values, e);
	c->g->tensors[t].constant = true;
	return c->g->tensors[t].data ? t : NO_TENSOR;
}

/* Keep the first reason why the layer's weights can't be used. */
__attribute__((format(printf, 4, 5))) static int
keep_fault(struct caffe *c, struct caffe_layer *l, struct error *e, const char *format, ...)
{
	char text[256];
	struct error fault = {0};
	va_list args;

	if (l->fault)
		return 0;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(&fault, EXIT_MALFORMED, "%s: layer %s (%s): %s",
	          c->weights ? caffe_weights_path(c->weights) : c->g->path, l->name, l->type,
	          text);
	l->fault = copy(c->g, fault.text, strlen(fault.text) + 1, 1, e);
	return l->fault ? 0 : -1;
}

int caffe_need_blobs(struct caffe *c, struct caffe_layer *l, size_t need, struct error *e)
{
	const struct caffe_stored *s;
	size_t have;

	if (!c->weights)
		return keep_fault(c, l, e,
		                  "its weights are needed, and no file of them is given");
	s = caffe_weights_find(c->weights, l->name);
	if (!s)
		return keep_fault(c, l, e, "no weights for it");
	if (caffe_stored_count(c->weights, s, &have, e) < 0)
		return -1;
	if (have != need)
		return keep_fault(c, l, e, "%zu blobs of weights where %zu are needed", have,
		                  need);
	return 0;
}

/* Equal but for leading ones, which old files put before every shape. */
static bool same_shape(const struct shape *a, const struct shape *b)
{
	int i = 0, k = 0;

	while (i < a->rank && a->dims[i] == 1)
		i++;
	while (k < b->rank && b->dims[k] == 1)
		k++;
	return a->rank - i == b->rank - k &&
	       memcmp(a->dims + i, b->dims + k, (size_t)(a->rank - i) * sizeof *a->dims) == 0;
}

/* Shapes that differ in ones only hold the same values in the same order, whether a file
 * says 1x1xN, N or Nx1x1. */
static bool fits(const struct literal *literal, const struct shape *shape)
{
	struct shape bare = {0};

	if (same_shape(&literal->shape, shape))
		return true;
	for (int i = 0; i < shape->rank; i++)
		if (shape->dims[i] != 1)
			bare.dims[bare.rank++] = shape->dims[i];
	return same_shape(&literal->shape, &bare);
}

size_t caffe_weight(struct caffe *c, struct caffe_layer *l, size_t i, const struct shape *shape,
                    struct error *e)
{
	size_t t = caffe_tensor(c->g, e, "%s blob %zu", l->name, i);
	char have[128], need[128];
	struct tensor *x;
	struct literal *literal;

	if (t == NO_TENSOR)
		return NO_TENSOR;
	x = &c->g->tensors[t];
	if (tensor_set(x, KIND_FLOAT, shape, e) < 0)
		return NO_TENSOR;
	x->constant = true;
	if (l->fault)
		return t;
	literal = graph_alloc(c->g, 1, sizeof *literal, e);
	if (!literal || caffe_stored_blob(c->weights, caffe_weights_find(c->weights, l->name),
	                                  i, literal, e) < 0)
		return NO_TENSOR;
	if (literal->count == x->count && fits(literal, shape)) {
		literal->shape = *shape;
		x->literal = literal;
		return t;
	}
	if (keep_fault(c, l, e, "blob %zu is %s with %zu values where %s is needed", i,
	               shape_text(&literal->shape, have, sizeof have), literal->count,
	               shape_text(shape, need, sizeof need)) != 0)
		return NO_TENSOR;
	return t;
}

float *caffe_read_weight(struct caffe *c, size_t t, struct error *e)
{
	struct tensor *x = &c->g->tensors[t];
	float *values;

	if (!x->literal)
		return NULL;
	values = graph_alloc(c->g, x->count, sizeof *values, e);
	if (!values)
		return NULL;
	literal_read(x->literal, values);
	x->literal = NULL;
	x->data = values;
	return values;
}
