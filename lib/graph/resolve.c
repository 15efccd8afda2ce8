/* resolve.c -- shapes, small constants and geometry of a whole graph, in one walk.
 *
 * Exporters leave integer arithmetic in their graphs (Shape, Gather, Concat, ...);
 * as each shape is known here, all of that is constant and computed on the way.
 * Constants of more than FOLD_LIMIT values, and float ones, wait for a plan that
 * needs them. */
#include "graph/resolve.h"

#include <math.h>
#include <string.h>

#include "graph/literal.h"
#include "graph/node.h"
#include "graph/operation.h"
#include "graph/receptive.h"

enum { FOLD_FLOATS = 64 }; /* floats that an operator's infer may read: scales, bounds */

static bool folds(const struct tensor *t)
{
	return t->count <= (t->kind == KIND_INT ? FOLD_LIMIT : FOLD_FLOATS);
}

/* Initializers: known from the start. */
static int settle_literal(struct graph *g, struct tensor *t, struct error *e)
{
	const struct literal *l = t->literal;
	enum kind kind;
	void *values;

	t->constant = true;
	if (!literal_kind(l->type, &kind))
		return 0;
	if (tensor_set(t, kind, &l->shape, e) < 0)
		return -1;
	if (!folds(t))
		return 0;
	t->data = literal_borrow(l);
	if (t->data)
		return 0;
	values = graph_alloc(g, t->count, kind_size(kind), e);
	if (!values)
		return -1;
	literal_read(l, values);
	t->data = values;
	return 0;
}

/* Run a node whose inputs are known now, into the arena. */
static int fold(struct graph *g, struct node *n, struct error *e)
{
	const void **in = graph_alloc(g, n->n_inputs, sizeof *in, e);
	void **out = graph_alloc(g, n->n_outputs, sizeof *out, e);

	if (!in || !out)
		return -1;
	if (!node_output(g, n, 0))
		return 0;
	for (size_t i = 0; i < n->n_inputs; i++) {
		in[i] = node_values(g, n, i);
		if (node_input(g, n, i) && !in[i] && !n->op->shapes_only)
			return 0;
	}
	for (size_t i = 0; i < n->n_outputs; i++) {
		struct tensor *t = node_output(g, n, i);

		if (!t || !t->known)
			continue;
		if (!folds(t) || n->op->blocked_only || n->op->prepare ||
		    (n->op->scratch && n->op->scratch(g, n)))
			return 0;
		out[i] = graph_alloc(g, t->count, kind_size(t->kind), e);
		if (!out[i])
			return -1;
	}
	if (g->operators->compute(g, n, in, out, e) < 0)
		return -1;
	for (size_t i = 0; i < n->n_outputs; i++)
		if (out[i])
			node_output(g, n, i)->data = out[i];
	return 0;
}

/* The text of an error, which is one line whatever names are in it. */
static const char *keep(struct graph *g, const struct error *fault, struct error *e)
{
	return graph_string(
	        g, (struct bytes){(const uint8_t *)fault->text, strlen(fault->text)}, e);
}

/* Does every input have a shape?  Else say whose fault it is. */
static const char *input_fault(struct graph *g, const struct node *n, struct error *e)
{
	struct error fault = {0};

	for (size_t i = 0; i < n->n_inputs; i++) {
		const struct tensor *t = node_input(g, n, i);

		if (!t || t->known)
			continue;
		if (t->producer != NO_NODE && g->nodes[t->producer].fault)
			return g->nodes[t->producer].fault;
		error_set(&fault, EXIT_MALFORMED, "%s: node %s (%s): %s%s makes its input %s",
		          g->path, n->name, n->type,
		          t->producer == NO_NODE ? "nothing" : "no supported form of ",
		          t->producer == NO_NODE ? "" : g->nodes[t->producer].type, t->name);
		return keep(g, &fault, e);
	}
	return NULL;
}

/* Only of outputs that are parts of one kind can the first be left out. */
static int check_output(const struct graph *g, const struct node *n, struct error *e)
{
	return node_output(g, n, 0) || n->op->part
	               ? 0
	               : node_fail(g, n, e, "its first output has no name");
}

int graph_settle(struct graph *g, struct node *n, struct error *e)
{
	struct error fault = {0};
	bool constant = true;

	n->op = n->opset ? g->operators->find(n->type) : NULL;
	if (n->op && n->op->narrow)
		n->op->narrow(g, n);
	n->fault = input_fault(g, n, e);
	if (e->code != EXIT_OK || n->fault)
		return e->code == EXIT_OK ? 0 : -1;
	if (!n->op) {
		error_set(&fault, EXIT_MALFORMED,
		          "%s: node %s: operator %s%s%s is not supported", g->path, n->name,
		          n->type, n->origin ? " " : "", n->origin ? n->origin : "");
		n->fault = keep(g, &fault, e);
		return n->fault ? 0 : -1;
	}
	for (size_t i = 0; i < n->n_inputs; i++)
		if (node_input(g, n, i) && !node_input(g, n, i)->constant)
			constant = n->op->shapes_only;
	for (size_t i = 0; i < n->n_outputs; i++)
		if (node_output(g, n, i))
			node_output(g, n, i)->constant = constant;
	if (node_check_attributes(g, n, &fault) < 0 || check_output(g, n, &fault) < 0 ||
	    n->op->infer(g, n, &fault) < 0 || (constant && fold(g, n, &fault) < 0)) {
		if (fault.code != EXIT_MALFORMED)
			return error_set(e, fault.code, "%s", fault.text);
		for (size_t i = 0; i < n->n_outputs; i++)
			if (node_output(g, n, i))
				node_output(g, n, i)->known = false;
		n->fault = keep(g, &fault, e);
		return n->fault ? 0 : -1;
	}
	receptive_infer(g, n);
	return 0;
}

static bool is_whole(double value)
{
	return value == (double)(int64_t)value;
}

static int give(struct graph *g, struct tensor *t, const struct graph_given *given,
                struct error *e)
{
	struct shape s = t->shape;
	char text[128];
	void *values;

	for (int i = 0; i < s.rank; i++)
		s.dims[i] = s.dims[i] ? s.dims[i] : 1;
	if (tensor_set(t, t->kind, &s, e) < 0)
		return -1;
	if ((given->n != 1 && given->n != t->count) || t->count > FOLD_LIMIT)
		return error_set(e, EXIT_USAGE,
		                 "%s: input %s takes %zu numbers (%s), %zu are given", g->path,
		                 t->name, t->count, shape_text(&s, text, sizeof text),
		                 given->n);
	values = graph_alloc(g, t->count, kind_size(t->kind), e);
	if (!values)
		return -1;
	for (size_t i = 0; i < t->count; i++) {
		const double value = given->values[given->n == 1 ? 0 : i];

		if (t->kind == KIND_INT && (fabs(value) > 1 << 30 || !is_whole(value)))
			return error_set(e, EXIT_USAGE, "%s: input %s takes whole numbers (%s)",
			                 g->path, t->name, literal_type_name(t->type));
		if (t->kind == KIND_INT)
			((int64_t *)values)[i] = (int64_t)value;
		else
			((float *)values)[i] = (float)value;
	}
	t->data = values;
	t->constant = true;
	return 0;
}

int graph_give(struct graph *g, const struct graph_given *given, size_t n, struct error *e)
{
	for (size_t i = 0; i < n; i++) {
		const size_t t = graph_lookup(g, given[i].name);
		char near[256];

		if (t == NO_TENSOR || !g->tensors[t].is_input) {
			graph_near(g, given[i].name, near, sizeof near);
			return error_set(e, EXIT_USAGE, "%s: no input %s in the model%s",
			                 g->path, given[i].name, near);
		}
		if (g->tensors[t].data)
			return error_set(e, EXIT_USAGE, "%s: input %s is given twice", g->path,
			                 given[i].name);
		if (give(g, &g->tensors[t], &given[i], e) < 0)
			return -1;
	}
	return 0;
}

/* Does the number of channels tell that they are the last axis, or the second? */
static bool is_depth(size_t channels)
{
	return channels == 1 || channels == 3 || channels == 4;
}

static bool feeds_convolution(const struct graph *g, size_t tensor)
{
	for (size_t i = 0; i < g->n_nodes; i++)
		if (strcmp(g->nodes[i].type, "Conv") == 0 && g->nodes[i].n_inputs &&
		    g->nodes[i].inputs[0] == tensor)
			return true;
	return false;
}

int graph_image(struct graph *g, size_t height, size_t width, bool can_be_last, struct error *e)
{
	struct tensor *t = &g->tensors[g->input];
	struct shape s = t->shape;
	struct geometry *p = &t->geometry;
	float least, most;
	char text[128];

	literal_type_range(t->type, &least, &most);
	if (s.rank != 4)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: input %s has %d axes (%s), an image has 4: one for the "
		                 "images of a batch, channels, height and width",
		                 g->path, t->name, s.rank, shape_text(&s, text, sizeof text));
	if (t->kind == KIND_INT && most < 255)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: input %s is of %s, which cannot hold pixel values",
		                 g->path, t->name, literal_type_name(t->type));
	g->channels_last = can_be_last && is_depth(s.dims[3]) && !is_depth(s.dims[1]) &&
	                   !feeds_convolution(g, g->input);
	p->kind = GEOMETRY_MAP;
	p->axis[0] = g->channels_last ? 1 : 2;
	p->axis[1] = p->axis[0] + 1;
	s.dims[0] = 1;
	if (!g->channels_last && s.dims[1] == 0)
		s.dims[1] = 3;
	for (int i = 0; i < 2; i++) {
		size_t *dim = &s.dims[p->axis[i]];

		g->size_open = g->size_open || *dim == 0;
		if (*dim == 0)
			*dim = i == 0 ? height : width;
		if (*dim == 0)
			return error_set(
			        e, EXIT_USAGE,
			        "%s: the model leaves the image's size open: it must be given",
			        g->path);
		p->field[i] = (struct receptive_field){0, 1, 1};
	}
	if (!shape_count(&s, &t->count))
		return error_set(e, EXIT_MALFORMED, "%s: an image of %s is too large", g->path,
		                 shape_text(&s, text, sizeof text));
	return tensor_set(t, t->kind, &s, e);
}

int graph_resolve(struct graph *g, struct error *e)
{
	for (size_t i = 0; i < g->n_tensors; i++) {
		struct tensor *t = &g->tensors[i];

		if (!t->literal)
			continue;
		if (t->producer != NO_NODE)
			return error_set(e, EXIT_MALFORMED, "%s: tensor %s is made twice",
			                 g->path, t->name);
		if (settle_literal(g, t, e) < 0)
			return -1;
	}
	if (graph_sort(g, e) < 0)
		return -1;
	for (size_t i = 0; i < g->n_nodes; i++)
		if (graph_settle(g, &g->nodes[i], e) < 0)
			return -1;
	return 0;
}
