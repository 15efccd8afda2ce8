/* outgoing.c -- the weights by which units go on; see network.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/literal.h"
#include "network/inside.h"
#include "operator/operator.h"
#include "operator/outgoing.h"

enum { DEEPEST = 4, MOST_INPUTS = 4 }; /* of what constants are computed from */

/* A copy of a constant's values, to free(); NULL: not known, or with e set. */
static void *constant_values(const struct graph *g, size_t tensor, int depth, struct error *e)
{
	const struct tensor *t = &g->tensors[tensor];
	const struct node *n = t->producer == NO_NODE ? NULL : &g->nodes[t->producer];
	void *in[MOST_INPUTS] = {0};
	size_t i = 0;
	void *out;

	if (!t->data && !t->literal &&
	    (!n || depth == DEEPEST || n->n_inputs > MOST_INPUTS || n->n_outputs != 1))
		return NULL;
	out = memory_raw(t->count, kind_size(t->kind), e);
	if (!out)
		return NULL;
	if (t->data) {
		memcpy(out, t->data, t->count * kind_size(t->kind));
		return out;
	}
	if (t->literal) {
		literal_read(t->literal, out);
		return out;
	}
	for (; i < n->n_inputs; i++)
		if (n->inputs[i] != NO_TENSOR &&
		    !(in[i] = constant_values(g, n->inputs[i], depth + 1, e)))
			break;
	if (i < n->n_inputs ||
	    g->operators->compute(g, n, (const void *const *)in, &out, e) < 0) {
		free(out);
		out = NULL;
	}
	for (i = 0; i < MOST_INPUTS; i++)
		free(in[i]);
	return out;
}

static int add_weights(const struct graph *g, const struct node *n, struct outgoing of,
                       double *square, struct error *e)
{
	float *w = constant_values(g, n->inputs[1], 0, e);

	if (!w)
		return e->code ? -1 : 0;
	outgoing_add(g, n, of, w, square);
	free(w);
	return 1;
}

/* What a node does with a tensor that has the units so: 1, 0 if that is not known. */
static int follow(const struct graph *g, const struct node *n, struct outgoing *of,
                  double *square, struct error *e)
{
	struct outgoing out;
	int status = 1;

	for (size_t k = 0; k < n->n_inputs && status == 1; k++) {
		const size_t t = n->inputs[k];

		if (t == NO_TENSOR || of[t].units == 0)
			continue;
		switch (outgoing_kind(g, n, k, of[t], &out)) {
		case OUTGOING_NONE:
			return 0;
		case OUTGOING_APART:
			of[n->outputs[0]] = out;
			break;
		case OUTGOING_WEIGHTS:
			status = add_weights(g, n, of[t], square, e);
			break;
		}
	}
	return status;
}

int network_outgoing(const struct network *net, size_t i, double *norm, struct error *e)
{
	const struct graph *g = net->graph;
	const size_t from = net->listed[i];
	struct plan_view view;
	struct outgoing *of;
	bool placed;
	int status = 1;

	if (network_view(net, &g->tensors[from], &view, &placed) || view.units == 0)
		return 0;
	of = memory_new(g->n_tensors, sizeof *of, e);
	if (!of)
		return -1;
	of[from] = (struct outgoing){view.units, view.unit};
	for (size_t u = 0; u < view.units; u++)
		norm[u] = 0;
	for (size_t k = 0; k < g->n_nodes && status == 1; k++)
		status = follow(g, &g->nodes[k], of, norm, e);
	free(of);
	for (size_t u = 0; u < view.units && status == 1; u++)
		norm[u] = sqrt(norm[u]);
	return status;
}
