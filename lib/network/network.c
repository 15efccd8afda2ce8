/* network.c -- opening a model and asking what is in it; see network.h. */
#include "network/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/finite.h"
#include "base/memory.h"
#include "model/caffe.h"
#include "model/onnx.h"
#include "plan/run.h"
#include "plan/steps.h"

/* How many nodes read each tensor, and one of them. */
static int count_users(struct network *net, struct error *e)
{
	const struct graph *g = net->graph;

	net->users = memory_new(g->n_tensors, sizeof *net->users, e);
	net->user = memory_new(g->n_tensors, sizeof *net->user, e);
	if (!net->users || !net->user)
		return -1;
	for (size_t i = 0; i < g->n_nodes; i++)
		for (size_t k = 0; k < g->nodes[i].n_inputs; k++)
			if (g->nodes[i].inputs[k] != NO_TENSOR) {
				net->users[g->nodes[i].inputs[k]]++;
				net->user[g->nodes[i].inputs[k]] = i;
			}
	return 0;
}

/* Tensors worth listing: the image and what is computed from it. */
static int list_tensors(struct network *net, struct error *e)
{
	const struct graph *g = net->graph;

	net->listed = memory_new(g->n_tensors, sizeof *net->listed, e);
	net->number = memory_new(g->n_tensors, sizeof *net->number, e);
	if (!net->listed || !net->number)
		return -1;
	if (g->input != NO_TENSOR)
		net->listed[net->n_listed++] = g->input;
	for (size_t i = 0; i < g->n_nodes; i++)
		for (size_t k = 0; k < g->nodes[i].n_outputs; k++) {
			size_t t = g->nodes[i].outputs[k];

			if (t != NO_TENSOR && !g->tensors[t].constant)
				net->listed[net->n_listed++] = t;
		}
	for (size_t i = 0; i < net->n_listed; i++)
		net->number[net->listed[i]] = i;
	return 0;
}

struct network *network_of(struct graph *g, struct error *e)
{
	struct network *net = memory_new(1, sizeof *net, e);

	if (!net) {
		graph_free(g);
		return NULL;
	}
	net->graph = g;
	if (count_users(net, e) < 0 || list_tensors(net, e) < 0) {
		network_close(net);
		return NULL;
	}
	return net;
}

struct network *network_open(const char *path, size_t height, size_t width, struct error *e)
{
	struct graph *g = graph_new(path, plan_operators(), e);

	if (!g)
		return NULL;
	if (onnx_open(g, height, width, e) < 0) {
		graph_free(g);
		return NULL;
	}
	return network_of(g, e);
}

struct network *network_open_caffe(const char *description, const char *weights, size_t height,
                                   size_t width, struct error *e)
{
	struct graph *g = graph_new(description, plan_operators(), e);

	if (!g)
		return NULL;
	if (caffe_read(g, weights, height, width, e) < 0) {
		graph_free(g);
		return NULL;
	}
	return network_of(g, e);
}

void network_close(struct network *net)
{
	if (!net)
		return;
	graph_free(net->graph);
	free(net->users);
	free(net->user);
	free(net->listed);
	free(net->number);
	free(net);
}

const char *network_note(const struct network *net, size_t i)
{
	return i < net->graph->n_notes ? net->graph->notes[i] : NULL;
}

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

/* ---- plans ---- */

static int check_wanted(const struct network *net, size_t i, struct error *e)
{
	struct network_tensor t;

	network_tensor(net, i, &t);
	if (t.problem)
		return error_set(e, EXIT_MALFORMED, "%s", t.problem);
	if (!t.is_map)
		return error_set(e, EXIT_USAGE, "%s: tensor %s is not a map of units",
		                 net->graph->path, t.name);
	return 0;
}

static const enum convolution_choice choices[] = {
        [NETWORK_AUTO] = CONVOLUTION_AUTO,
        [NETWORK_DIRECT] = CONVOLUTION_DIRECT,
        [NETWORK_WINOGRAD] = CONVOLUTION_WINOGRAD,
};

struct plan *network_plan_new(const struct network *net, const size_t *wanted, size_t n,
                              enum network_algorithm algorithm, struct error *e)
{
	size_t i, *tensors = memory_new(n, sizeof *tensors, e);
	struct plan *p = NULL;

	for (i = 0; tensors && i < n; i++) {
		if (check_wanted(net, wanted[i], e) < 0)
			break;
		tensors[i] = net->listed[wanted[i]];
	}
	if (tensors && i == n)
		p = plan_new(net->graph, tensors, n, choices[algorithm], e);
	free(tensors);
	return p;
}

void network_plan_free(struct plan *plan)
{
	plan_free(plan);
}

_Static_assert((int)NETWORK_BUNDLE == (int)PLAN_BUNDLE && (int)NETWORK_RANK == (int)RANK_MAX,
               "network.h tells the sizes of the rooms below");

size_t network_bundle(const struct plan *plan)
{
	return plan_bundle(plan);
}

struct plan_workspace *network_workspace_new(const struct plan *plan, struct error *e)
{
	return plan_workspace_new(plan, e);
}

void network_workspace_free(struct plan_workspace *ws)
{
	plan_workspace_free(ws);
}

static int check_finite(const struct plan *p, size_t k, const float *x, struct error *e)
{
	const struct tensor *t = &p->graph->tensors[plan_tensor(p, p->wanted[k])];
	size_t i = finite_prefix(x, t->count);
	size_t area = t->shape.rank == 4 ? t->shape.dims[2] * t->shape.dims[3] : 1;

	if (i == t->count)
		return 0;
	return error_set(e, EXIT_MALFORMED, "tensor %s: unit %zu is %s", t->name, i / area,
	                 isnan(x[i]) ? "not a number" : "infinite");
}

int network_run(const struct plan *plan, struct plan_workspace *ws, size_t images,
                const float *const *inputs, float *const *outputs, size_t *failed,
                struct error *e)
{
	*failed = 0;
	if (plan_run(plan, ws, images, inputs, (void *const *)outputs, e) < 0)
		return -1;
	for (; *failed < images; ++*failed)
		for (size_t k = 0; k < plan->n_wanted; k++)
			if (check_finite(plan, k, outputs[*failed * plan->n_wanted + k], e) < 0)
				return -1;
	return 0;
}
