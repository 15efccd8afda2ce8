/* constants.c -- see constants.h. */
#include "plan/constants.h"

#include <stdlib.h>

#include "base/memory.h"
#include "graph/literal.h"
#include "operator/blocked_shape.h"

static void *own(struct plan *p, size_t t, struct error *e)
{
	const struct tensor *x = &p->graph->tensors[t];

	return plan_own(p, t, x->count * kind_size(x->kind), e);
}

static int load_literal(struct plan *p, size_t t, struct error *e)
{
	void *copy = own(p, t, e);

	if (!copy)
		return -1;
	literal_read(p->graph->tensors[t].literal, copy);
	p->values[t] = copy;
	return 0;
}

int plan_prepare_node(const struct plan *p, const struct node *n, const float *weights,
                      size_t images, struct prepared *out, struct error *e)
{
	*out = (struct prepared){0};
	if (n->op->prepare)
		return n->op->prepare(p->graph, n, weights, p->choice, images, out, e);
	out->scratch = n->op->scratch ? n->op->scratch(p->graph, n) : 0;
	return 0;
}

/* Run a constant node that takes its first input, and makes its output, in blocks. */
static int run_blocked(struct run *r, enum convolution_choice choice, struct error *e)
{
	const struct operation *op = r->node->op;
	const struct tensor *x = node_input(r->g, r->node, 0),
	                    *y = node_output(r->g, r->node, 0);
	const void *in = r->in[0], *rest[4] = {0};
	void *out = r->out[0];
	float *copy = memory_new(blocked_count(shape_blocked_size(&x->shape)), sizeof *copy, e);
	float *result = copy ? memory_new(blocked_count(shape_blocked_size(&y->shape)),
	                                  sizeof *result, e)
	                     : NULL;

	if (result) {
		for (size_t k = 1; k < r->n_in && k < 4; k++)
			rest[k] = r->in[k];
		blocked_from_plain(shape_blocked_size(&x->shape), in, copy);
		rest[0] = copy;
		if (op->blocked_input && !op->blocked_input(r->node, 0, choice))
			rest[0] = in;
		r->in = rest;
		r->out = (void *[]){result};
		r->blocked = true;
		if (r->node->op->run(r, e) == 0)
			blocked_to_plain(shape_blocked_size(&y->shape), result, out);
	}
	free(copy);
	free(result);
	return e->code == EXIT_OK ? 0 : -1;
}

/* Compute a constant node. */
static int run_constant(struct plan *p, const struct node *n, const void **values,
                        struct error *e)
{
	const struct graph *g = p->graph;
	const void **in = memory_new(n->n_inputs, sizeof *in, e);
	void **out = memory_new(n->n_outputs, sizeof *out, e);
	size_t *strides = memory_new(n->n_inputs + n->n_outputs, sizeof *strides, e);
	struct prepared prepared;
	float *scratch = NULL;
	int status = -1;
	struct run r = {.g = g,
	                .node = n,
	                .in = in,
	                .n_in = n->n_inputs,
	                .out = out,
	                .prepared = &prepared,
	                .images = 1,
	                .in_stride = strides,
	                .out_stride = strides};

	for (size_t k = 0; in && k < n->n_inputs; k++)
		in[k] = n->inputs[k] == NO_TENSOR ? NULL : values[n->inputs[k]];
	for (size_t k = 0; out && k < n->n_outputs && e->code == EXIT_OK; k++)
		if (n->outputs[k] != NO_TENSOR && g->tensors[n->outputs[k]].known)
			values[n->outputs[k]] = out[k] = own(p, n->outputs[k], e);
	if (e->code == EXIT_OK && plan_prepare_node(p, n, NULL, 1, &prepared, e) == 0)
		r.scratch = scratch = memory_new(prepared.scratch, sizeof *scratch, e);
	if (e->code == EXIT_OK)
		status =
		        n->op->blocked_only ? run_blocked(&r, p->choice, e) : n->op->run(&r, e);
	free(in);
	free(out);
	free(strides);
	free(scratch);
	return status;
}

/* Is all that the node does with its second input to pack it? */
static bool packs(const struct graph *g, const struct node *n)
{
	const struct tensor *y = node_output(g, n, 0);

	return n->op->prepare && y && !y->constant;
}

/* Which tensors have values that are read as they are. */
static void mark_read(const struct plan *p, const bool *needed, bool *read)
{
	const struct graph *g = p->graph;

	for (size_t i = 0; i < p->n_wanted; i++)
		read[p->wanted[i]] = true;
	for (size_t i = 0; i < g->n_nodes; i++)
		for (size_t k = 0; needed[i] && k < g->nodes[i].n_inputs; k++)
			if (g->nodes[i].inputs[k] != NO_TENSOR &&
			    !(k == WEIGHED_WEIGHTS && packs(g, &g->nodes[i])))
				read[g->nodes[i].inputs[k]] = true;
}

/* Values of literals; those that are only packed wait until then. */
static int load_literals(struct plan *p, const bool *live, const bool *read, struct error *e)
{
	const struct graph *g = p->graph;

	for (size_t t = 0; t < g->n_tensors; t++) {
		p->values[t] = g->tensors[t].data;
		if (!live[t] || !g->tensors[t].literal || !g->tensors[t].known || p->values[t])
			continue;
		p->values[t] = literal_borrow(g->tensors[t].literal);
		if (p->values[t])
			continue;
		if (!read[t])
			p->values[t] = g->tensors[t].literal;
		else if (load_literal(p, t, e) < 0)
			return -1;
	}
	return 0;
}

int plan_load_constants(struct plan *p, bool *needed, const bool *live, struct error *e)
{
	const struct graph *g = p->graph;
	bool *read = memory_new(g->n_tensors, sizeof *read, e);
	int status = -1;

	if (read) {
		mark_read(p, needed, read);
		status = load_literals(p, live, read, e);
	}
	free(read);
	for (size_t i = 0; i < g->n_nodes && status == 0; i++) {
		const struct tensor *y = node_output(g, &g->nodes[i], 0);

		if (!needed[i] || !y || !y->constant)
			continue;
		needed[i] = false;
		status = run_constant(p, &g->nodes[i], p->values, e);
	}
	return status;
}
