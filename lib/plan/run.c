/* run.c -- see run.h. */
#include "plan/run.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "operator/blocked_shape.h"
#include "plan/steps.h"

struct plan_workspace {
	char *memory;    /* tensors, then scratch */
	void **pointers; /* to the plan's locations, of the first image */
	void **shifted;  /* the same, of the image that a step runs on */
	size_t *strides; /* bytes from image to image */
	float *scratch;
};

static void *resolve(const struct plan_workspace *ws, const struct location *p)
{
	if (p->constant)
		return (void *)(uintptr_t)p->constant;
	return p->offset == NOT_STORED ? NULL : ws->memory + p->offset;
}

struct plan_workspace *plan_workspace_new(const struct plan *plan, struct error *e)
{
	struct plan_workspace *ws = memory_new(1, sizeof *ws, e);

	if (!ws)
		return NULL;
	ws->memory = memory_new(plan->bytes, 1, e);
	ws->scratch = memory_new(plan->scratch, sizeof *ws->scratch, e);
	ws->pointers = memory_new(plan->n_locations, sizeof *ws->pointers, e);
	ws->shifted = memory_new(plan->n_locations, sizeof *ws->shifted, e);
	ws->strides = memory_new(plan->n_locations, sizeof *ws->strides, e);
	if (!ws->memory || !ws->scratch || !ws->pointers || !ws->shifted || !ws->strides) {
		plan_workspace_free(ws);
		return NULL;
	}
	for (size_t i = 0; i < plan->n_locations; i++) {
		ws->pointers[i] = resolve(ws, &plan->locations[i]);
		ws->strides[i] = plan->locations[i].stride;
	}
	return ws;
}

void plan_workspace_free(struct plan_workspace *ws)
{
	if (!ws)
		return;
	free(ws->memory);
	free(ws->scratch);
	free(ws->pointers);
	free(ws->shifted);
	free(ws->strides);
	free(ws);
}

/* What stands at location number i for an image. */
static void *at_image(const struct plan_workspace *ws, size_t i, size_t image)
{
	char *first = ws->pointers[i];

	return first ? first + image * ws->strides[i] : NULL;
}

/* The image in the order that the network takes, and as the integers. */
static void load_integers(const struct graph *g, const float *input, int64_t *out)
{
	const struct tensor *t = &g->tensors[g->input];
	const size_t channels = g->channels_last ? t->shape.dims[3] : 1;
	const size_t area = t->count / channels;

	for (size_t c = 0; c < channels; c++)
		for (size_t i = 0; i < area; i++)
			out[i * channels + c] = (int64_t)input[c * area + i];
}

/* The image in the order that the network takes. */
static void load_image(const struct plan *p, const struct plan_workspace *ws, size_t image,
                       const float *input)
{
	const struct graph *g = p->graph;
	void *at = at_image(ws, p->given_at + GIVEN_IMAGE, image);
	float *out = at;
	size_t channels, area;

	if (!input || !out)
		return;
	if (g->tensors[g->input].kind == KIND_INT) {
		load_integers(g, input, at);
		return;
	}
	if (!g->channels_last) {
		memcpy(out, input, g->tensors[g->input].count * sizeof *out);
		return;
	}
	channels = g->tensors[g->input].shape.dims[3];
	area = g->tensors[g->input].count / channels;
	for (size_t c = 0; c < channels; c++)
		for (size_t i = 0; i < area; i++)
			out[i * channels + c] = input[c * area + i];
}

/* Does a map that is so viewed stand as it is handed over? */
static bool in_order(const struct plan_view *v)
{
	return v->units == 0 || (v->first == 0 && v->column == 1 && v->row == v->width &&
	                         v->unit == v->height * v->width);
}

/* Where in a tensor the value stands that follows so many of a map. */
static size_t seen_at(const struct plan_view *v, size_t i)
{
	size_t x = i % v->width, y = i / v->width % v->height, unit = i / v->width / v->height;

	return v->first + unit * v->unit + y * v->row + x * v->column;
}

/* The values that the plan resumes from. */
static void load_tensor(const struct plan *p, const struct plan_workspace *ws, size_t image,
                        const float *values)
{
	const size_t count = p->graph->tensors[p->given[GIVEN_TENSOR]].count;
	float *out = at_image(ws, p->given_at + GIVEN_TENSOR, image);

	if (in_order(&p->given_view)) {
		memcpy(out, values, count * sizeof *values);
		return;
	}
	for (size_t i = 0; i < count; i++)
		out[seen_at(&p->given_view, i)] = values[i];
}

/* A wanted value as the map that it is seen as. */
static void show(const struct plan_view *v, const struct shape *shape, bool blocked,
                 const float *value, float *out)
{
	const struct blocked_size size = shape_blocked_size(shape);

	for (size_t i = 0; i < v->units * v->height * v->width; i++) {
		size_t at = seen_at(v, i), channel = blocked ? at / size.area : 0;

		if (blocked)
			at = (channel / BLOCK * size.area + at % size.area) * BLOCK +
			     channel % BLOCK;
		out[i] = value[at];
	}
}

/* Put a value into the other order. */
static void reorder(const struct plan *p, const struct step *s, void *const *at)
{
	const struct shape *shape = &p->graph->tensors[plan_tensor(p, s->inputs[0])].shape;

	if (plan_blocked(p, s->outputs[0]))
		blocked_from_plain(shape_blocked_size(shape), at[0], at[1]);
	else
		blocked_to_plain(shape_blocked_size(shape), at[0], at[1]);
}

/* What a step's operator is run with on images [image, image + n). */
static struct run run_of(const struct plan *p, struct plan_workspace *ws, const struct step *s,
                         size_t image, size_t n)
{
	void **at = ws->shifted + s->at;

	for (size_t k = 0; k < s->n_inputs + s->n_outputs; k++)
		at[k] = at_image(ws, s->at + k, image);
	return (struct run){
	        .g = p->graph,
	        .node = s->node,
	        .in = (const void *const *)at,
	        .n_in = s->n_inputs,
	        .out = at + s->n_inputs,
	        .blocked = s->blocked,
	        .scratch = ws->scratch,
	        .prepared = &s->prepared,
	        .clamp = s->clamp,
	        .after = s->after,
	        .images = n,
	        .in_stride = ws->strides + s->at,
	        .out_stride = ws->strides + s->at + s->n_inputs,
	};
}

/* A step on images [image, image + n), of which all but a few operators take one. */
static int run_step(const struct plan *p, struct plan_workspace *ws, const struct step *s,
                    size_t image, size_t n, struct error *e)
{
	struct run r;

	if (s->view)
		return 0;
	if (n > 1 && !(s->node && s->node->op->several_images)) {
		for (size_t k = 0; k < n; k++)
			if (run_step(p, ws, s, image + k, 1, e) < 0)
				return -1;
		return 0;
	}
	r = run_of(p, ws, s, image, n);
	if (!s->node) {
		reorder(p, s, ws->shifted + s->at);
		return 0;
	}
	return s->node->op->run(&r, e);
}

/* The steps of the head on an image. */
static int run_head(const struct plan *p, struct plan_workspace *ws, size_t image,
                    struct error *e)
{
	for (size_t i = 0; i < p->head; i++) {
		const struct step *s = &p->steps[i];

		if (s->pair) {
			const struct run r = run_of(p, ws, s, image, 1),
			                 next = run_of(p, ws, s + 1, image, 1);

			if (s->node->op->run_pair(&r, &next, e) < 0)
				return -1;
			i++;
		} else if (run_step(p, ws, s, image, 1, e) < 0) {
			return -1;
		}
	}
	return 0;
}

/* Copy the wanted tensors that the head, or the tail, has made for an image. */
static void hand_over(const struct plan *p, const struct plan_workspace *ws, bool early,
                      size_t image, void *const *outputs)
{
	for (size_t k = 0; k < p->n_wanted; k++) {
		const struct tensor *t = &p->graph->tensors[plan_tensor(p, p->wanted[k])];
		const void *value = at_image(ws, p->wanted_at + k, image);
		void *out = outputs[image * p->n_wanted + k];

		if (p->early[k] != early)
			continue;
		if (!in_order(&p->views[k]))
			show(&p->views[k], &t->shape, plan_blocked(p, p->wanted[k]), value,
			     out);
		else if (plan_blocked(p, p->wanted[k]))
			blocked_to_plain(shape_blocked_size(&t->shape), value, out);
		else
			memcpy(out, value, t->count * kind_size(t->kind));
	}
}

int plan_run(const struct plan *p, struct plan_workspace *ws, size_t images,
             const float *const *inputs, void *const *outputs, struct error *e)
{
	return plan_resume_run(p, ws, images, inputs, NULL, outputs, e);
}

int plan_resume_run(const struct plan *p, struct plan_workspace *ws, size_t images,
                    const float *const *inputs, const float *const *values,
                    void *const *outputs, struct error *e)
{
	for (size_t image = 0; image < images; image++) {
		load_image(p, ws, image, inputs[image]);
		if (values)
			load_tensor(p, ws, image, values[image]);
		if (run_head(p, ws, image, e) < 0)
			return -1;
		hand_over(p, ws, true, image, outputs);
	}
	for (size_t i = p->head; i < p->n_steps; i++)
		if (run_step(p, ws, &p->steps[i], 0, images, e) < 0)
			return -1;
	for (size_t image = 0; image < images; image++)
		hand_over(p, ws, false, image, outputs);
	return 0;
}
