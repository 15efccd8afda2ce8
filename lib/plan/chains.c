/* chains.c -- see chains.h. */
#include "plan/chains.h"

#include <stdlib.h>

#include "base/memory.h"
#include "operator/compose.h"

struct readers {
	const struct graph *g;
	size_t *count; /* inputs of needed nodes, and wanted tensors, by tensor */
};

static void count(struct readers *r, const struct plan *p, const bool *needed)
{
	for (size_t i = 0; i < r->g->n_nodes; i++)
		for (size_t k = 0; needed[i] && k < r->g->nodes[i].n_inputs; k++)
			if (r->g->nodes[i].inputs[k] != NO_TENSOR)
				r->count[r->g->nodes[i].inputs[k]]++;
	for (size_t i = 0; i < p->n_wanted; i++)
		r->count[p->wanted[i]]++;
}

/* How often nodes of the chain read tensor t. */
static size_t reads(const struct graph *g, const struct composed *c, size_t t)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_nodes; i++)
		for (size_t k = 0; k < g->nodes[c->nodes[i]].n_inputs; k++)
			n += g->nodes[c->nodes[i]].inputs[k] == t;
	return n;
}

/* Are all nodes of the chain there, and for nobody else? */
static bool closed(const struct readers *r, const struct composed *c,
                   const struct node *const *nodes)
{
	for (size_t i = 0; i < c->n_nodes; i++) {
		const size_t t = r->g->nodes[c->nodes[i]].outputs[0];

		if (nodes[c->nodes[i]] != &r->g->nodes[c->nodes[i]] ||
		    (i > 0 && reads(r->g, c, t) != r->count[t]))
			return false;
	}
	return true;
}

int plan_chains(struct plan *p, const bool *needed, const void *const *values,
                const struct node **nodes, struct error *e)
{
	const struct graph *g = p->graph;
	struct readers r = {.g = g};

	p->composed = memory_new(g->n_nodes, sizeof *p->composed, e);
	r.count = memory_new(g->n_tensors, sizeof *r.count, e);
	if (!p->composed || !r.count) {
		free(r.count);
		return -1;
	}
	count(&r, p, needed);
	for (size_t i = 0; i < g->n_nodes; i++)
		nodes[i] = needed[i] ? &g->nodes[i] : NULL;
	for (size_t i = 0; i < g->n_nodes; i++) {
		struct composed *c = &p->composed[p->n_composed];

		if (!nodes[i] || !compose(g, i, values, c) || !closed(&r, c, nodes))
			continue;
		for (size_t k = 1; k < c->n_nodes; k++)
			nodes[c->nodes[k]] = NULL;
		nodes[i] = &c->node;
		p->n_composed++;
	}
	free(r.count);
	return 0;
}
