/* tensors.c -- what is in a network; see network.h. */
#include "network/inside.h"

#include <stdio.h>
#include <string.h>

#include "graph/node.h"

void network_input(const struct network *net, size_t *channels, size_t *height, size_t *width)
{
	const struct tensor *t = &net->graph->tensors[net->graph->input];

	*channels = t->shape.dims[net->graph->channels_last ? 3 : 1];
	*height = t->shape.dims[t->geometry.axis[0]];
	*width = t->shape.dims[t->geometry.axis[1]];
}

size_t network_tensor_count(const struct network *net)
{
	return net->n_listed;
}

/* A map has its units on axis 1 and its place, if known, on axes 2 and 3. */
static void describe_map(const struct tensor *t, struct network_tensor *out)
{
	const struct shape *s = &t->shape;

	out->is_map = t->kind == KIND_FLOAT && (s->rank == 2 || s->rank == 4) &&
	              s->dims[0] == 1 && t->count > 0;
	if (!out->is_map)
		return;
	if (s->rank == 4 && t->geometry.kind == GEOMETRY_MAP &&
	    (t->geometry.axis[0] != 2 || t->geometry.axis[1] != 3)) {
		out->is_map = false;
		return;
	}
	out->units = s->dims[1];
	out->h = s->rank == 4 ? s->dims[2] : 1;
	out->w = s->rank == 4 ? s->dims[3] : 1;
	out->has_field = t->geometry.kind != GEOMETRY_UNKNOWN;
	for (int i = 0; i < 2; i++) {
		const struct receptive_field *f = &t->geometry.field[i];

		out->field[i] = (struct network_field){f->offset, f->size, f->stride};
	}
}

void network_tensor(const struct network *net, size_t i, struct network_tensor *out)
{
	const struct graph *g = net->graph;
	const struct tensor *t = &g->tensors[net->listed[i]];

	memset(out, 0, sizeof *out);
	out->name = t->name;
	out->operator_name = t->producer == NO_NODE ? "" : g->nodes[t->producer].type;
	if (!t->known) {
		out->problem = t->producer != NO_NODE && g->nodes[t->producer].fault
		                       ? g->nodes[t->producer].fault
		                       : "its operator does not make it";
		return;
	}
	out->rank = t->shape.rank;
	for (int axis = 0; axis < t->shape.rank; axis++)
		out->dims[axis] = t->shape.dims[axis];
	describe_map(t, out);
}

int network_find(const struct network *net, const char *name, size_t *i, struct error *e)
{
	const struct graph *g = net->graph;
	size_t t = graph_lookup(g, name);
	char near[256];

	if (t != NO_TENSOR &&
	    (t == g->input || (g->tensors[t].producer != NO_NODE && !g->tensors[t].constant))) {
		*i = net->number[t];
		return 0;
	}
	if (t != NO_TENSOR)
		return error_set(e, EXIT_USAGE, "%s: tensor %s does not depend on the image",
		                 g->path, name);
	graph_near(g, name, near, sizeof near);
	return error_set(e, EXIT_USAGE, "%s: no tensor %s in the model%s", g->path, name, near);
}

/* Does tensor begin with name and '/' or '.', there or after a '/'? */
static bool is_below(const char *tensor, const char *name)
{
	const size_t n = strlen(name);

	for (const char *at = tensor; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, name, n) == 0 && (at[n] == '/' || at[n] == '.'))
			return true;
	}
	return false;
}

bool network_find_below(const struct network *net, const char *name, size_t *i)
{
	struct network_tensor t;

	name += *name == '/';
	for (size_t k = network_tensor_count(net); *name && k-- > 0;) {
		network_tensor(net, k, &t);
		if (!t.problem && t.is_map && *t.operator_name && is_below(t.name, name)) {
			*i = k;
			return true;
		}
	}
	return false;
}

bool network_feeds_activation(const struct network *net, size_t i, size_t *after)
{
	const struct graph *g = net->graph;
	size_t t = net->listed[i];
	const struct node *n;

	if (net->users[t] != 1)
		return false;
	n = &g->nodes[net->user[t]];
	if (!n->op || !n->op->activation || !node_output(g, n, 0))
		return false;
	*after = net->number[n->outputs[0]];
	return true;
}

bool network_is_activation(const struct network *net, size_t i, size_t *before)
{
	const struct graph *g = net->graph;
	const struct tensor *t = &g->tensors[net->listed[i]], *x;
	const struct node *n;

	if (t->producer == NO_NODE)
		return false;
	n = &g->nodes[t->producer];
	x = node_input(g, n, 0);
	if (!n->op || !n->op->activation || !x || x->constant)
		return false;
	*before = net->number[n->inputs[0]];
	return true;
}
