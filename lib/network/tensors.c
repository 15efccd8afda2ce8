/* tensors.c -- what is in a network; see network.h. */
#include "network/inside.h"

#include <stdio.h>
#include <string.h>

#include "graph/literal.h"
#include "graph/node.h"

void network_input(const struct network *net, size_t *channels, size_t *height, size_t *width)
{
	const struct tensor *t = &net->graph->tensors[net->graph->input];

	*channels = t->shape.dims[net->graph->channels_last ? 3 : 1];
	*height = t->shape.dims[t->geometry.axis[0]];
	*width = t->shape.dims[t->geometry.axis[1]];
}

const char *network_integers(const struct network *net, float *least, float *most)
{
	const struct tensor *t = &net->graph->tensors[net->graph->input];

	if (t->kind == KIND_FLOAT)
		return NULL;
	literal_type_range(t->type, least, most);
	return literal_type_name(t->type);
}

size_t network_tensor_count(const struct network *net)
{
	return net->n_listed;
}

void network_tokens(struct network *net, size_t rows, size_t columns, size_t skip)
{
	net->token_rows = rows;
	net->token_columns = columns;
	net->token_skip = skip;
}

static size_t stride_of(const struct shape *s, int axis)
{
	return shape_product(s, axis + 1, s->rank);
}

/* The axes of cells are known: units lie along the only other one that has several values. */
static const char *view_places(const struct tensor *t, struct plan_view *v)
{
	const struct shape *s = &t->shape;
	const struct geometry *p = &t->geometry;
	bool tokens = p->kind == GEOMETRY_TOKENS;
	size_t row = stride_of(s, p->axis[0]), column = stride_of(s, p->axis[1]);

	*v = (struct plan_view){.units = 1,
	                        .height = tokens ? p->grid[0] : s->dims[p->axis[0]],
	                        .width = tokens ? p->grid[1] : s->dims[p->axis[1]],
	                        .first = tokens ? p->skip * row : 0,
	                        .row = tokens ? p->grid[1] * row : row,
	                        .column = column};
	for (int i = 0; i < s->rank; i++) {
		if (i == p->axis[0] || i == p->axis[1] || s->dims[i] == 1)
			continue;
		if (v->units > 1)
			return "its units lie along more than one axis";
		v->units = s->dims[i];
		v->unit = stride_of(s, i);
	}
	return NULL;
}

const char *network_view(const struct network *net, const struct tensor *t, struct plan_view *v,
                         bool *placed)
{
	const struct shape *s = &t->shape;
	size_t rows = net->token_rows, columns = net->token_columns, cells = rows * columns;

	*placed = t->geometry.kind == GEOMETRY_MAP || t->geometry.kind == GEOMETRY_TOKENS;
	if (t->kind != KIND_FLOAT || t->count == 0)
		return t->count == 0 ? "it is empty" : "its values are integers";
	if (*placed)
		return view_places(t, v);
	if (s->rank == 3 && s->dims[0] == 1 && cells > 0 &&
	    s->dims[1] == net->token_skip + cells) {
		*v = (struct plan_view){s->dims[2], rows,
		                        columns,    net->token_skip * s->dims[2],
		                        1,          columns * s->dims[2],
		                        s->dims[2]};
		return NULL;
	}
	if (s->dims[0] == 1 && s->rank == 3)
		return cells > 0
		               ? "it has another number of tokens than --tokens and --skip say"
		               : "no convolution tells how its tokens lie (--tokens HxW)";
	if (s->dims[0] != 1 || (s->rank != 2 && s->rank != 4))
		return "its axes are not those of a map";
	*v = (struct plan_view){.units = s->dims[1],
	                        .height = s->rank == 4 ? s->dims[2] : 1,
	                        .width = s->rank == 4 ? s->dims[3] : 1,
	                        .column = 1};
	v->row = v->width;
	v->unit = v->height * v->width;
	*placed = t->geometry.kind == GEOMETRY_GLOBAL;
	return *placed && v->unit > 1
	               ? "each cell sees the whole image, and none tells which axis has units"
	               : NULL;
}

static void describe_map(const struct network *net, const struct tensor *t,
                         struct network_tensor *out)
{
	struct plan_view v;

	out->reason = network_view(net, t, &v, &out->has_field);
	out->is_map = !out->reason;
	if (!out->is_map) {
		out->has_field = false;
		return;
	}
	out->units = v.units;
	out->h = v.height;
	out->w = v.width;
	if (!out->has_field)
		out->reason = t->geometry.lost;
	if (t->geometry.kind == GEOMETRY_TOKENS) {
		out->skip = t->geometry.skip;
		out->rest = t->shape.dims[t->geometry.axis[0]] - out->skip - v.height * v.width;
	} else if (t->shape.rank == 3 && !out->has_field) {
		out->skip = net->token_skip;
	}
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
	describe_map(net, t, out);
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
