/* graphs.h -- small graphs made by hand, for the tests of networks. */
#ifndef TESTS_GRAPHS_H
#define TESTS_GRAPHS_H

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/literal.h"
#include "graph/resolve.h"
#include "operator/table.h"
#include "network/inside.h"
#include "plan/run.h"
#include "plan/steps.h"

static struct error graph_error;
static enum convolution_choice graph_algorithm; /* of graph_run() */
static uint64_t random_state = 1;

/* The same numbers each time. */
static inline unsigned random_below(unsigned n)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(random_state >> 33) % n;
}

static inline float random_real(float low, float high)
{
	return low + (high - low) * (float)random_below(1 << 20) / (1 << 20);
}

static inline struct shape shape_of(int rank, const size_t *dims)
{
	struct shape s = {.rank = rank};

	for (int i = 0; i < rank; i++)
		s.dims[i] = dims[i];
	return s;
}

/* A graph whose image, called "x", has the shape. */
static inline struct graph *graph_start(int rank, const size_t *dims)
{
	struct graph *g = graph_new("test", &operator_table, &graph_error);
	struct shape s = shape_of(rank, dims);

	g->input = graph_tensor(g, "x", &graph_error);
	if (tensor_set(&g->tensors[g->input], KIND_FLOAT, &s, &graph_error) < 0 ||
	    (rank == 4 && graph_image(g, 0, 0, true, &graph_error) < 0))
		g->input = NO_TENSOR; /* graph_error tells graph_finish() */
	return g;
}

/* A weight of random values in [low, high). */
static inline void graph_weight(struct graph *g, const char *name, int rank, const size_t *dims,
                                float low, float high)
{
	struct literal *l = graph_alloc(g, 1, sizeof *l, &graph_error);
	char *copy = graph_string(g, (struct bytes){(const uint8_t *)name, strlen(name)},
	                          &graph_error);
	float *values;
	size_t i, id = graph_tensor(g, copy, &graph_error);

	*l = (struct literal){.type = ONNX_FLOAT, .shape = shape_of(rank, dims)};
	shape_count(&l->shape, &l->count);
	values = graph_alloc(g, l->count, sizeof *values, &graph_error);
	for (i = 0; i < l->count; i++)
		values[i] = random_real(low, high);
	l->raw = (struct bytes){(const uint8_t *)values, l->count * sizeof *values};
	g->tensors[id].literal = l;
}

/* A node; inputs and outputs: names with spaces between, attributes: "name=1,2 name=same ...".
 */
static inline void graph_add(struct graph *g, const char *type, const char *inputs,
                             const char *outputs, const char *attributes)
{
	struct node *n = graph_node(g, &graph_error);
	char *text, *word, *save, *item, *rest;

#define COPY(s) graph_string(g, (struct bytes){(const uint8_t *)(s), strlen(s)}, &graph_error)
	n->type = type;
	n->name = COPY(outputs);
	n->opset = 13;
	n->inputs = graph_alloc(g, 16, sizeof *n->inputs, &graph_error);
	n->outputs = graph_alloc(g, 4, sizeof *n->outputs, &graph_error);
	n->attributes = graph_alloc(g, 16, sizeof *n->attributes, &graph_error);
	text = COPY(inputs);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		n->inputs[n->n_inputs++] = graph_tensor(g, word, &graph_error);
	text = COPY(outputs);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		const size_t t = graph_tensor(g, word, &graph_error);

		g->tensors[t].producer = g->n_nodes - 1;
		n->outputs[n->n_outputs++] = t;
	}
	text = COPY(attributes);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		struct attribute *a = &n->attributes[n->n_attributes++];
		int64_t *ints = graph_alloc(g, 16, sizeof *ints, &graph_error);

		item = strchr(word, '=');
		*item++ = '\0';
		a->name = word;
		a->s = item;
		a->f = strtof(item, NULL);
		a->ints = ints;
		for (rest = item; *rest == '-' || (*rest >= '0' && *rest <= '9');
		     rest += *rest == ',')
			ints[a->n_ints++] = strtoll(rest, &rest, 10);
		a->i = ints[0];
	}
#undef COPY
}

/* Run a plan for the named tensors on an image; values of all of them, one after the
 * other, free() them.  NULL with graph_error set. */
static inline float *graph_run(const struct network *net, const char *const *names, size_t n,
                               const float *image)
{
	size_t ids[64], i, total = 0;
	struct plan *plan;
	struct plan_workspace *ws = NULL;
	void *outputs[64];
	float *out = NULL;

	for (i = 0; i < n; i++) {
		ids[i] = graph_lookup(net->graph, names[i]);
		total += net->graph->tensors[ids[i]].count;
	}
	plan = plan_new(net->graph, ids, n, graph_algorithm, &graph_error);
	if (plan && plan_finish(plan, &graph_error) < 0) {
		plan_free(plan);
		plan = NULL;
	}
	if (plan)
		ws = network_workspace_new(plan, &graph_error);
	if (ws) {
		out = malloc((total + 1) * sizeof *out);
		for (i = 0, total = 0; i < n; i++) {
			outputs[i] = out + total;
			total += net->graph->tensors[ids[i]].count;
		}
		if (plan_run(plan, ws, 1, &image, outputs, &graph_error) != 0) {
			free(out);
			out = NULL;
		}
	}
	network_workspace_free(ws);
	network_plan_free(plan);
	return out;
}

static inline const struct tensor *graph_get(const struct network *net, const char *name)
{
	return &net->graph->tensors[graph_lookup(net->graph, name)];
}

/* Resolve the graph; NULL with graph_error set. */
static inline struct network *graph_finish(struct graph *g)
{
	if (graph_error.code == EXIT_OK && graph_resolve(g, &graph_error) == 0)
		return network_of(g, &graph_error);
	graph_free(g);
	return NULL;
}

#endif
