/* node.c -- see node.h. */
#include "graph/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph/operation.h"

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
	if (n->n_inputs < least || n->n_inputs > most)
		return node_fail(g, n, e, "it has %zu inputs", n->n_inputs);
	for (size_t i = 0; i < least; i++)
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
	if (tensor_set(t, kind, shape, e) < 0) {
		*e = (struct error){0};
		return node_fail(g, n, e, "its output of %s is too large",
		                 shape_text(shape, text, sizeof text));
	}
	return 0;
}

/* What stands behind NAME= in a list of attributes, or NULL. */
static const char *find_known(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = list ? list : ""; *s; s += strcspn(s, " "), s += strspn(s, " "))
		if (strncmp(s, name, n) == 0 && s[n] == '=')
			return s + n + 1;
	return NULL;
}

int node_check_attributes(const struct graph *g, const struct node *n, struct error *e)
{
	/* Of operator set 1, on memory that could be written over. */
	static const char everywhere[] = "consumed_inputs=I";

	for (size_t i = 0; i < n->n_attributes; i++) {
		const struct attribute *a = &n->attributes[i];
		const char *known = find_known(n->op->attributes, a->name);

		if (!known && !(known = find_known(everywhere, a->name)))
			return node_fail(g, n, e,
			                 "attribute %.60s is not known, and may change what is "
			                 "computed",
			                 a->name);
		if (a->type && !memchr(known, a->type, strcspn(known, " ")))
			return node_fail(g, n, e, "attribute %.60s has the wrong type",
			                 a->name);
		if (node_attribute(n, a->name) != a)
			return node_fail(g, n, e, "attribute %.60s is given twice", a->name);
	}
	return 0;
}

const struct attribute *node_attribute(const struct node *n, const char *name)
{
	for (size_t i = 0; i < n->n_attributes; i++)
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
