/* open.c -- a network made ready for a stream: see forward.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "forward/forward.h"
#include "forward/warn.h"
#include "tool/parallel.h"

static int choose_layers(struct forward *f)
{
	const struct tool_list *layers = &f->how->layers;

	for (size_t i = 0; network_note(f->net, i); i++)
		tool_warn(f->tool, "%s", network_note(f->net, i));
	for (size_t i = 0; i < layers->count; i++)
		if (forward_choose(&f->choice, f->net, layers->text[i], f->tool) < 0)
			return -1;
	return 0;
}

static struct plan *new_plan(struct forward *f, struct error *e)
{
	const struct forward_how *how = f->how;
	const struct forward_choice *c = &f->choice;

	if (!how->from)
		return network_plan_new(f->net, c->wanted, c->n, how->algorithm, e);
	return network_find(f->net, how->from, &f->from, e) < 0
	               ? NULL
	               : network_plan_resume(f->net, f->from, c->wanted, c->n, how->algorithm,
	                                     e);
}

/* All that the network alone decides, without its weights. */
static int plan(struct forward *f)
{
	struct forward_input *input = &f->input;
	struct error *e = &f->tool->error;

	if (f->choice.n == 0)
		return error_set(e, EXIT_USAGE,
		                 "no layer is named: -l NAME (--list shows them)");
	f->plan = new_plan(f, e);
	if (!f->plan)
		return -1;
	f->group = network_bundle(f->plan);
	input->integers = network_integers(f->net, &input->least, &input->most);
	network_input(f->net, &input->depth, &input->height, &input->width);
	input->resize = f->how->resize;
	if (preprocess_choose(&f->how->values, input->depth, &input->preprocess, e) < 0)
		return -1;
	f->threads = f->tool->threads;
	f->ws = memory_new(f->threads, sizeof *f->ws, e);
	f->images = memory_new(f->threads, sizeof *f->images, e);
	return f->ws && f->images ? forward_warn(f) : -1;
}

int forward_open(struct forward *f, struct forward_how *how, struct tool *t)
{
	const struct forward_model *m = &how->model;

	f->how = how;
	f->tool = t;
	f->net = forward_model_open(&how->model, &t->error);
	if (m->is_open && !m->listed && how->layers.count > 0) {
		t->error = (struct error){0};
		return 0;
	}
	if (!f->net || choose_layers(f) < 0)
		return -1;
	return m->listed ? 0 : plan(f);
}

void forward_close(struct forward *f)
{
	for (size_t i = 0; f->ws && f->images && i < f->threads; i++) {
		network_workspace_free(f->ws[i]);
		free(f->images[i]);
	}
	free(f->ws);
	free(f->images);
	network_plan_free(f->plan);
	free(f->choice.wanted);
	network_close(f->net);
}

char *forward_listing(const struct forward *f)
{
	return network_listing(f->net, f->choice.wanted, f->choice.n, &f->tool->error);
}

/* ---- the first segment ---- */

/* The size of a model that leaves it open. */
static int take_first_size(struct forward *f, const struct ndr_segment *s,
                           const struct ndr_item *item)
{
	const struct ndr_record *image = item ? forward_input_image(item) : NULL;
	const int layer = f->how->from ? ndr_meta_find_layer(&s->meta, f->how->from) : -1;
	size_t height = 0, width = 0;

	if (image) {
		forward_image_size(image, &height, &width);
	} else if (layer >= 0) {
		height = s->meta.layer[layer].input[0];
		width = s->meta.layer[layer].input[1];
	}
	if (height == 0 || width == 0)
		return error_set(&f->tool->error, EXIT_MALFORMED,
		                 "the model leaves the image's size open, and the stream does "
		                 "not begin with an image (--input-size HxW)");
	snprintf(f->first_size, sizeof f->first_size, "%zux%zu", height, width);
	f->how->model.input_size = f->first_size;
	return 0;
}

static int prepare_part(void *forward, size_t part, size_t slot, struct error *e)
{
	const struct forward *f = forward;

	(void)slot;
	return network_plan_prepare(f->plan, part, e);
}

static int prepare(struct forward *f)
{
	const struct parallel_count p = {.count = network_plan_parts(f->plan),
	                                 .threads = f->threads,
	                                 .work = prepare_part,
	                                 .ctx = f};

	if (parallel_count(&p, &f->tool->error) < 0)
		return -1;
	network_digest(f->net, &f->digest);
	return network_plan_finish(f->plan, &f->tool->error);
}

static int note_digests(const struct forward *f)
{
	const struct network_digest *d = &f->digest;

	if (tool_digest_is(f->tool, "model", d->model.crc32, d->model.bytes) < 0)
		return -1;
	if (!f->how->model.weights)
		return 0;
	return tool_digest_is(f->tool, "weights", d->weights.crc32, d->weights.bytes);
}

int forward_begin(struct forward *f, const struct ndr_segment *s, const struct ndr_item *item)
{
	if (!f->net) {
		if (take_first_size(f, s, item) < 0)
			return -1;
		f->net = forward_model_open(&f->how->model, &f->tool->error);
		if (!f->net || choose_layers(f) < 0 || plan(f) < 0)
			return -1;
	}
	if (item && forward_warn_first(f, item) < 0)
		return -1;
	return prepare(f) < 0 ? -1 : note_digests(f);
}
