/* onnx_scope.c -- see onnx_scope.h. */
#include "model/onnx_scope.h"

#include <string.h>

#include "graph/literal.h"
#include "model/onnx_parts.h"
#include "model/protobuf.h"

/* ---- names ---- */

/* The tensor of that name with a prefix: looked up, or made too. */
static size_t prefixed(struct graph *g, const char *prefix, struct bytes name, bool make,
                       struct error *e)
{
	size_t n = strlen(prefix), t;
	char *text = graph_alloc(g, n + name.n + 1, 1, e);
	struct bytes whole = {(const uint8_t *)text, n + name.n};

	if (!text)
		return NO_TENSOR;
	memcpy(text, prefix, n);
	if (name.n)
		memcpy(text + n, name.p, name.n);
	text = graph_string(g, whole, e); /* which refuses zeros */
	if (!text)
		return NO_TENSOR;
	t = graph_lookup(g, text);
	return t == NO_TENSOR && make ? graph_tensor(g, text, e) : t;
}

size_t onnx_find_tensor(struct graph *g, const struct scope *s, struct bytes name, bool makes,
                        struct error *e)
{
	size_t t;

	for (size_t i = 0; i < s->n_formals; i++)
		if (bytes_same(s->formals[i], name))
			return s->actual[i];
	t = prefixed(g, s->prefix, name, makes || !s->outer, e);
	if (t == NO_TENSOR && s->outer && e->code == EXIT_OK)
		return onnx_find_tensor(g, s->outer, name, false, e);
	return t;
}

/* Names of tensors (field 1 or 2 of a NodeProto). */
static int read_names(struct graph *g, const struct scope *s, struct bytes message,
                      uint32_t number, size_t *ids, struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	size_t n = 0;

	while (wire_next(&w, &f) == 1) {
		if (f.number != number)
			continue;
		ids[n] =
		        f.bytes.n ? onnx_find_tensor(g, s, f.bytes, number == 2, e) : NO_TENSOR;
		if (e->code != EXIT_OK)
			return -1;
		n++;
	}
	return 0;
}

int onnx_read_called(const struct graph *g, struct bytes message, struct called *c,
                     struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	int r;

	*c = (struct called){0};
	while ((r = wire_next(&w, &f)) == 1) {
		if (f.number == 2 && c->n_outputs == 0)
			c->first = f.bytes;
		c->n_inputs += f.number == 1;
		c->n_outputs += f.number == 2;
		c->n_attributes += f.number == 5;
		c->name = f.number == 3 ? f.bytes : c->name;
		c->type = f.number == 4 ? f.bytes : c->type;
		c->domain = f.number == 7 ? f.bytes : c->domain;
		c->overload = f.number == 8 ? f.bytes : c->overload;
	}
	return r == 0 ? 0 : onnx_malformed(g, e, "broken node");
}

/* ---- nodes ---- */

/* The attribute of a function, or of its call, that one inside of it takes its value from. */
static const struct attribute *referred(const struct scope *s, const char *name)
{
	for (size_t i = 0; i < s->n_attributes; i++)
		if (strcmp(s->attributes[i].name, name) == 0)
			return &s->attributes[i];
	return NULL;
}

int onnx_read_attributes(struct graph *g, const struct scope *s, struct bytes message,
                         uint32_t number, struct attribute *out, size_t *n, struct error *e)
{
	struct wire w = wire_open(message);
	struct wire_field f;
	const char *name, *refers;

	while (wire_next(&w, &f) == 1) {
		if (f.number != number)
			continue;
		refers = NULL;
		if (onnx_attribute(g, f.bytes, &out[*n], &refers, e) < 0)
			return -1;
		if (refers) {
			const struct attribute *a = referred(s, refers);

			if (!a)
				continue;
			name = out[*n].name;
			out[*n] = *a;
			out[*n].name = name;
		}
		++*n;
	}
	return 0;
}

struct node *onnx_add_node(struct graph *g, const char *type, const char *name, int opset,
                           size_t *inputs, size_t n_inputs, size_t *outputs, size_t n_outputs,
                           struct error *e)
{
	struct node *n = graph_node(g, e);

	if (!n)
		return NULL;
	n->type = type;
	n->name = name ? name : "";
	n->opset = opset;
	n->inputs = inputs;
	n->n_inputs = n_inputs;
	n->outputs = outputs;
	n->n_outputs = n_outputs;
	for (size_t k = 0; k < n_outputs; k++) {
		struct tensor *t = outputs[k] == NO_TENSOR ? NULL : &g->tensors[outputs[k]];

		if (!t)
			continue;
		if (t->producer != NO_NODE) {
			error_set(e, EXIT_MALFORMED, "%s: tensor %s is made by two nodes",
			          g->path, t->name);
			return NULL;
		}
		t->producer = g->n_nodes - 1;
		if (!*n->name)
			n->name = t->name;
	}
	return n;
}

int onnx_read_origin(struct graph *g, const struct called *c, const char **origin,
                     struct error *e)
{
	static const char of[] = "of domain ";
	char *text;

	*origin = NULL;
	if (c->domain.n == 0 || bytes_are(c->domain, "ai.onnx"))
		return 0;
	text = graph_alloc(g, sizeof of + c->domain.n, 1, e);
	if (!text)
		return -1;
	memcpy(text, of, sizeof of - 1);
	memcpy(text + sizeof of - 1, c->domain.p, c->domain.n);
	*origin = text;
	return 0;
}

int onnx_read_ends(struct graph *g, const struct scope *s, struct bytes message,
                   const struct called *c, size_t **inputs, size_t **outputs, struct error *e)
{
	*inputs = graph_alloc(g, c->n_inputs, sizeof **inputs, e);
	*outputs = graph_alloc(g, c->n_outputs, sizeof **outputs, e);
	if (!*inputs || !*outputs || read_names(g, s, message, 1, *inputs, e) < 0)
		return -1;
	return read_names(g, s, message, 2, *outputs, e);
}

int onnx_read_plain(struct graph *g, const struct scope *s, struct bytes message,
                    const struct called *c, const char *origin, struct error *e)
{
	size_t *inputs, *outputs, count = 0;
	const char *type = graph_string(g, c->type, e);
	const char *name = c->name.n ? graph_string(g, c->name, e) : NULL;
	struct attribute *attributes = graph_alloc(g, c->n_attributes, sizeof *attributes, e);
	struct node *n;

	if (e->code != EXIT_OK || onnx_read_ends(g, s, message, c, &inputs, &outputs, e) < 0 ||
	    onnx_read_attributes(g, s, message, 5, attributes, &count, e) < 0)
		return -1;
	n = onnx_add_node(g, type, name, origin ? 0 : s->opset, inputs, c->n_inputs, outputs,
	                  c->n_outputs, e);
	if (!n)
		return -1;
	n->origin = origin;
	n->attributes = attributes;
	n->n_attributes = count;
	return 0;
}

int onnx_initializer(struct graph *g, const struct wire_field *f, const char *prefix,
                     struct error *e)
{
	struct literal *l;
	struct bytes name;
	size_t id;

	if (f->number == 15)
		return error_set(e, EXIT_MALFORMED, "%s: sparse weights are not supported",
		                 g->path);
	if (f->number != 5)
		return 0;
	l = graph_alloc(g, 1, sizeof *l, e);
	if (!l || onnx_tensor(g, f->bytes, l, &name, e) < 0)
		return -1;
	id = prefixed(g, prefix, name, true, e);
	if (id == NO_TENSOR)
		return -1;
	if (g->tensors[id].literal)
		return error_set(e, EXIT_MALFORMED, "%s: tensor %s has values twice", g->path,
		                 g->tensors[id].name);
	g->tensors[id].literal = l;
	return 0;
}
