/* run.c -- images through a network; see network.h. */
#include "network/inside.h"

#include <math.h>
#include <stdlib.h>

#include "base/finite.h"
#include "base/memory.h"
#include "plan/run.h"
#include "plan/steps.h"

static int check_wanted(const struct network *net, size_t i, struct error *e)
{
	struct network_tensor t;

	network_tensor(net, i, &t);
	if (t.problem)
		return error_set(e, EXIT_MALFORMED, "%s", t.problem);
	if (!t.is_map)
		return error_set(e, EXIT_USAGE, "%s: tensor %s is not a map of units: %s",
		                 net->graph->path, t.name, t.reason);
	return 0;
}

/* A tensor to resume from holds all of its values in its map. */
static int check_from(const struct network *net, size_t i, struct error *e)
{
	struct network_tensor t;

	if (check_wanted(net, i, e) < 0)
		return -1;
	network_tensor(net, i, &t);
	if (t.skip + t.rest > 0)
		return error_set(e, EXIT_USAGE,
		                 "%s: tensor %s has %zu tokens beside those of its map: the "
		                 "network cannot be resumed there",
		                 net->graph->path, t.name, t.skip + t.rest);
	return 0;
}

/* How a tensor that is a map is one. */
static const struct plan_view *view_of(const struct network *net, size_t i,
                                       struct plan_view *view)
{
	bool placed;

	network_view(net, &net->graph->tensors[net->listed[i]], view, &placed);
	return view;
}

static const enum convolution_choice choices[] = {
        [NETWORK_AUTO] = CONVOLUTION_AUTO,
        [NETWORK_DIRECT] = CONVOLUTION_DIRECT,
        [NETWORK_WINOGRAD] = CONVOLUTION_WINOGRAD,
};

/* Does the wanted tensor follow from another, and is another one? */
static int check_follows(const struct network *net, size_t from, size_t wanted, struct error *e)
{
	const struct graph *g = net->graph;
	bool *follows = memory_new(g->n_tensors, sizeof *follows, e), given = from == wanted;

	if (!follows)
		return -1;
	follows[net->listed[from]] = true;
	for (size_t i = 0; i < g->n_nodes; i++) {
		const struct node *n = &g->nodes[i];
		bool any = false;

		for (size_t k = 0; k < n->n_inputs; k++)
			any = any || (n->inputs[k] != NO_TENSOR && follows[n->inputs[k]]);
		for (size_t k = 0; any && k < n->n_outputs; k++)
			if (n->outputs[k] != NO_TENSOR)
				follows[n->outputs[k]] = true;
	}
	if (given || !follows[net->listed[wanted]])
		error_set(e, EXIT_USAGE, "%s: tensor %s does not follow from %s", g->path,
		          g->tensors[net->listed[wanted]].name,
		          g->tensors[net->listed[from]].name);
	free(follows);
	return e->code ? -1 : 0;
}

#define NOWHERE ((size_t)-1)

struct plan *network_plan_new(const struct network *net, const size_t *wanted, size_t n,
                              enum network_algorithm algorithm, struct error *e)
{
	return network_plan_resume(net, NOWHERE, wanted, n, algorithm, e);
}

struct plan *network_plan_resume(const struct network *net, size_t from, const size_t *wanted,
                                 size_t n, enum network_algorithm algorithm, struct error *e)
{
	size_t i, *tensors = memory_new(n, sizeof *tensors, e);
	struct plan_view view;
	struct plan *p = NULL;

	if (from != NOWHERE && check_from(net, from, e) < 0) {
		free(tensors);
		return NULL;
	}
	for (i = 0; tensors && i < n; i++) {
		if (check_wanted(net, wanted[i], e) < 0 ||
		    (from != NOWHERE && check_follows(net, from, wanted[i], e) < 0))
			break;
		tensors[i] = net->listed[wanted[i]];
	}
	if (tensors && i == n)
		p = plan_resume(net->graph, from == NOWHERE ? NO_TENSOR : net->listed[from],
		                tensors, n, choices[algorithm], e);
	free(tensors);
	for (i = 0; p && i < n; i++)
		plan_show(p, i, view_of(net, wanted[i], &view));
	if (p && from != NOWHERE)
		plan_show_given(p, view_of(net, from, &view));
	return p;
}

size_t network_plan_parts(const struct plan *plan)
{
	return plan_parts(plan);
}

int network_plan_prepare(struct plan *plan, size_t part, struct error *e)
{
	return plan_prepare(plan, part, e);
}

int network_plan_finish(struct plan *plan, struct error *e)
{
	return plan_finish(plan, e);
}

bool network_needs_image(const struct plan *plan)
{
	return plan_needs_image(plan);
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
	const struct plan_view *v = &p->views[k];
	size_t area = v->height * v->width, i = finite_prefix(x, v->units * area);

	if (i == v->units * area)
		return 0;
	return error_set(e, EXIT_MALFORMED, "tensor %s: unit %zu is %s", t->name, i / area,
	                 isnan(x[i]) ? "not a number" : "infinite");
}

int network_run(const struct plan *plan, struct plan_workspace *ws, size_t images,
                const float *const *inputs, float *const *outputs, size_t *failed,
                struct error *e)
{
	return network_resume(plan, ws, images, inputs, NULL, outputs, failed, e);
}

int network_resume(const struct plan *plan, struct plan_workspace *ws, size_t images,
                   const float *const *inputs, const float *const *values,
                   float *const *outputs, size_t *failed, struct error *e)
{
	*failed = 0;
	if (plan_resume_run(plan, ws, images, inputs, values, (void *const *)outputs, e) < 0)
		return -1;
	for (; *failed < images; ++*failed)
		for (size_t k = 0; k < plan->n_wanted; k++)
			if (check_finite(plan, k, outputs[*failed * plan->n_wanted + k], e) < 0)
				return -1;
	return 0;
}
