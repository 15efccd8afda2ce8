/* run.c -- one image through the steps of a plan. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "network/plan.h"

struct network_workspace {
	char *memory;    /* tensors, then scratch */
	void **pointers; /* of the steps' inputs and outputs */
	float *scratch;
};

static void *resolve(const struct network_workspace *ws, const struct place *p)
{
	if (p->constant)
		return (void *)(uintptr_t)p->constant;
	return p->offset == NOT_PLACED ? NULL : ws->memory + p->offset;
}

struct network_workspace *network_workspace_new(const struct network_plan *plan,
                                                struct error *e)
{
	struct network_workspace *ws = memory_new(1, sizeof *ws, e);
	size_t i;

	if (!ws)
		return NULL;
	ws->memory = memory_new(plan->bytes, 1, e);
	ws->scratch = memory_new(plan->scratch, sizeof *ws->scratch, e);
	ws->pointers = memory_new(plan->pointers, sizeof *ws->pointers, e);
	if (!ws->memory || !ws->scratch || !ws->pointers) {
		network_workspace_free(ws);
		return NULL;
	}
	for (i = 0; i < plan->pointers; i++)
		ws->pointers[i] = resolve(ws, &plan->places[i]);
	return ws;
}

void network_workspace_free(struct network_workspace *ws)
{
	if (!ws)
		return;
	free(ws->memory);
	free(ws->scratch);
	free(ws->pointers);
	free(ws);
}

/* The image in the order that the network takes. */
static void place_image(const struct network_plan *p, struct network_workspace *ws,
                        const float *input)
{
	const struct graph *g = p->net->graph;
	float *out = resolve(ws, &p->image);
	size_t channels, height, width, c, i;

	if (!g->channels_last) {
		memcpy(out, input, g->tensors[g->input].count * sizeof *out);
		return;
	}
	network_input(p->net, &channels, &height, &width);
	for (c = 0; c < channels; c++)
		for (i = 0; i < height * width; i++)
			out[i * channels + c] = input[c * height * width + i];
}

/* Copy; false if there is a NaN or an infinity, whose exponent is all ones. */
VECTOR_CLONES
static bool copy_finite(float *out, const float *in, size_t n)
{
	const uint32_t mask = 0x7f800000;
	uint32_t bad = 0, bits;
	size_t i;

	memcpy(out, in, n * sizeof *out);
	for (i = 0; i < n; i++) {
		memcpy(&bits, &in[i], sizeof bits);
		bad |= (bits & mask) == mask;
	}
	return bad == 0;
}

static int hand_over(const struct network_plan *p, const struct network_workspace *ws, size_t k,
                     float *out, struct error *e)
{
	const struct tensor *t = &p->net->graph->tensors[p->wanted[k]];
	size_t i, area = t->shape.rank == 4 ? t->shape.dims[2] * t->shape.dims[3] : 1;

	if (copy_finite(out, plan_result(p, ws, k), t->count))
		return 0;
	for (i = 0; isfinite(out[i]); i++)
		;
	return error_set(e, EXIT_MALFORMED, "tensor %s: unit %zu is %s", t->name, i / area,
	                 isnan(out[i]) ? "not a number" : "infinite");
}

int plan_run(const struct network_plan *plan, struct network_workspace *ws, const float *image,
             struct error *e)
{
	size_t i;

	if (image)
		place_image(plan, ws, image);
	for (i = 0; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		struct run r = {
		        .g = plan->net->graph,
		        .node = s->node,
		        .in = (const void *const *)(ws->pointers + (s->in - plan->places)),
		        .n_in = s->n_in,
		        .out = ws->pointers + (s->outs - plan->places),
		        .scratch = ws->scratch,
		        .prepared = &s->prepared,
		        .clamp = s->clamp,
		};

		if (!s->view && s->node->op->run(&r, e) != 0)
			return -1;
	}
	return 0;
}

const void *plan_result(const struct network_plan *p, const struct network_workspace *ws,
                        size_t k)
{
	return resolve(ws, &p->wanted_at[k]);
}

int network_run(const struct network_plan *plan, struct network_workspace *ws,
                const float *input, float *const *outputs, struct error *e)
{
	size_t i;

	if (plan_run(plan, ws, input, e) != 0)
		return -1;
	for (i = 0; i < plan->n_wanted; i++)
		if (hand_over(plan, ws, i, outputs[i], e) != 0)
			return -1;
	return 0;
}
