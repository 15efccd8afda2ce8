/* open.c -- a network from its model; see network.h. */
#include "network/inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "model/caffe.h"
#include "model/onnx.h"
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

static int read_onnx(struct graph *g, const struct network_options *o, struct error *e)
{
	struct graph_given *given = memory_new(o->n_given, sizeof *given, e);
	int status = -1;

	for (size_t i = 0; given && i < o->n_given; i++)
		given[i] = (struct graph_given){o->given[i].name, o->given[i].values,
		                                o->given[i].n};
	if (given)
		status = onnx_open(g, o->height, o->width, given, o->n_given, e);
	free(given);
	return status;
}

static int read_caffe(struct graph *g, const char *weights, const struct network_options *o,
                      struct error *e)
{
	if (o->n_given)
		return error_set(e, EXIT_USAGE,
		                 "%s: a Caffe network's input %s cannot be given", g->path,
		                 o->given[0].name);
	return caffe_read(g, weights, o->height, o->width, e);
}

static struct network *open_model(const char *path, bool caffe, const char *weights,
                                  struct network_options *o, struct error *e)
{
	struct graph *g = graph_new(path, plan_operators(), e);
	int status;

	if (!g)
		return NULL;
	status = caffe ? read_caffe(g, weights, o, e) : read_onnx(g, o, e);
	o->size_open = g->size_open;
	if (status == 0)
		return network_of(g, e);
	graph_free(g);
	return NULL;
}

struct network *network_open(const char *path, size_t height, size_t width, struct error *e)
{
	struct network_options o = {.height = height, .width = width};

	return open_model(path, false, NULL, &o, e);
}

struct network *network_open_caffe(const char *description, const char *weights, size_t height,
                                   size_t width, struct error *e)
{
	struct network_options o = {.height = height, .width = width};

	return open_model(description, true, weights, &o, e);
}

bool network_is_caffe(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".prototxt") == 0;
}

struct network *network_open_any(const char *path, const char *weights,
                                 struct network_options *o, struct error *e)
{
	return open_model(path, weights || network_is_caffe(path), weights, o, e);
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

void network_digest(const struct network *net, struct network_digest *d)
{
	const struct graph *g = net->graph;
	uint32_t all = 0;
	uint64_t bytes = 0;

	memset(d, 0, sizeof *d);
	for (size_t i = 0; i < g->n_maps; i++) {
		size_t n = g->maps[i].n;
		uint32_t crc = checksum(0, g->maps[i].p, n);

		if (i == 0) {
			d->model.crc32 = crc;
			d->model.bytes = n;
		} else if (i == 1) {
			d->weights.crc32 = crc;
			d->weights.bytes = n;
		}
		all = checksum_join(all, crc, n);
		bytes += n;
	}
	snprintf(d->text, sizeof d->text, "crc32:%08" PRIx32 ":%" PRIu64, all, bytes);
}

const char *network_note(const struct network *net, size_t i)
{
	return i < net->graph->n_notes ? net->graph->notes[i] : NULL;
}
