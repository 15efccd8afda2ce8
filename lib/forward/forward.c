/* forward.c -- see forward.h. */
#include "forward/forward.h"
#include "base/memory.h"
#include "image/resize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int forward_open(struct forward *f, const struct network *net,
                 const struct forward_choice *wanted, const char *from,
                 enum network_algorithm algorithm, size_t threads, struct error *e)
{
	size_t depth;

	if (wanted->n == 0)
		return error_set(e, EXIT_USAGE,
		                 "no layer is named: -l NAME (--list shows them)");
	f->net = net;
	f->wanted = wanted->wanted;
	f->n_wanted = wanted->n;
	f->threads = threads;
	f->resumes = from;
	if (from && network_find(net, from, &f->from, e) < 0)
		return -1;
	f->plan = from ? network_plan_resume(net, f->from, f->wanted, f->n_wanted, algorithm, e)
	               : network_plan_new(net, f->wanted, f->n_wanted, algorithm, e);
	if (!f->plan)
		return -1;
	f->group = network_bundle(f->plan);
	network_input(net, &depth, &f->height, &f->width);
	network_digest(net, &f->digest);
	f->ws = memory_new(threads, sizeof *f->ws, e);
	f->images = memory_new(threads, sizeof *f->images, e);
	return f->ws && f->images ? 0 : -1;
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
}

bool forward_needs_image(const struct forward *f)
{
	return network_needs_image(f->plan);
}

/* Are the activations of the layer those that the network would go on with? */
static int check_source(const struct forward *f, const struct ndr_layer *l, struct error *e)
{
	struct network_tensor t;

	network_tensor(f->net, f->from, &t);
	if (l->units != t.units || l->height != t.h || l->width != t.w)
		return error_set(e, EXIT_MALFORMED,
		                 "layer %s: %u units of %ux%u in the stream, the network has "
		                 "%zu of %zux%zu",
		                 l->name, l->units, l->height, l->width, t.units, t.h, t.w);
	if (l->basis)
		return error_set(
		        e, EXIT_MALFORMED,
		        "layer %s is in another basis (%.200s): rotate-basis --inverse "
		        "turns it back",
		        l->name, l->basis);
	if (l->model && strcmp(l->model, f->digest.text) != 0)
		return error_set(e, EXIT_MALFORMED,
		                 "layer %s is of another network (%.100s, this one is %s)",
		                 l->name, l->model, f->digest.text);
	if ((l->input[0] && l->input[0] != f->height) ||
	    (l->input[1] && l->input[1] != f->width))
		return error_set(e, EXIT_MALFORMED,
		                 "layer %s is of images of %ux%u, the network takes %zux%zu",
		                 l->name, l->input[0], l->input[1], f->height, f->width);
	return 0;
}

static int find_source(struct forward *f, const struct ndr_meta *m, struct error *e)
{
	struct network_tensor t;
	int group;

	network_tensor(f->net, f->from, &t);
	group = ndr_meta_find_layer(m, t.name);
	if (group < 0)
		return error_set(e, EXIT_MALFORMED, "the stream has no layer %s", t.name);
	f->from_group = (uint32_t)group;
	return check_source(f, &m->layer[group], e);
}

int forward_segment(struct forward *f, struct ndr_segment *s, struct error *e)
{
	if (f->resumes && find_source(f, &s->meta, e) < 0)
		return -1;
	f->first_group = (uint32_t)s->meta.layers;
	for (size_t i = 0; i < f->n_wanted; i++) {
		struct network_tensor t, before;
		struct ndr_layer l = {.input = {(uint32_t)f->height, (uint32_t)f->width},
		                      .model = f->digest.text};
		size_t at;

		network_tensor(f->net, f->wanted[i], &t);
		l.name = (char *)t.name;
		l.units = (uint32_t)t.units;
		l.height = (uint32_t)t.h;
		l.width = (uint32_t)t.w;
		for (int k = 0; k < 2 && t.has_field; k++) {
			l.offset[k] = t.field[k].offset;
			l.stride[k] = t.field[k].stride;
			l.size[k] = t.field[k].size;
		}
		if (network_is_activation(f->net, f->wanted[i], &at)) {
			network_tensor(f->net, at, &before);
			l.before = (char *)before.name;
		}
		if (ndr_meta_add_layer(&s->meta, &l, e) < 0)
			return -1;
	}
	return 0;
}

static int prepare_thread(struct forward *f, size_t thread, struct error *e)
{
	if (f->ws[thread])
		return 0;
	f->images[thread] = memory_new(f->group * PREPROCESS_CHANNELS * f->height * f->width,
	                               sizeof(float), e);
	if (!f->images[thread])
		return -1;
	f->ws[thread] = network_workspace_new(f->plan, e);
	return f->ws[thread] ? 0 : -1;
}

static int check_image(const struct forward *f, const struct ndr_record *image,
                       const char *name, uint32_t number, struct error *e)
{
	char advice[64] = "";

	struct network_tensor t;

	if (!image && f->resumes) {
		network_tensor(f->net, f->from, &t);
		return error_set(e, EXIT_MALFORMED,
		                 "item %u (%s): no image in the stream, and %s is not all that "
		                 "the network goes on with (cnn-forward --keep-images)",
		                 number, name, t.name);
	}
	if (!image)
		return error_set(e, EXIT_MALFORMED, "item %u (%s): no image in the stream",
		                 number, name);
	if (f->resize || (image->dims[0] == f->height && image->dims[1] == f->width))
		return 0;
	if (f->height == f->width)
		snprintf(advice, sizeof advice, " (broden-cat --size %zu)", f->height);
	return error_set(e, EXIT_MALFORMED,
	                 "item %u (%s): image of %ux%u, the network takes %zux%zu%s", number,
	                 name, image->dims[0], image->dims[1], f->height, f->width, advice);
}

/* Pixels into values. */
static int feed(struct forward *f, const struct ndr_record *image, float *values,
                struct error *e)
{
	const struct image whole = {image->dims[0], image->dims[1], (uint8_t *)image->data};
	struct image scaled;

	if (whole.height == f->height && whole.width == f->width) {
		preprocess_image(&f->preprocess, image->data, f->height * f->width, values);
		return 0;
	}
	if (image_resize(&whole, (uint32_t)f->height, (uint32_t)f->width, &scaled, e) < 0)
		return -1;
	preprocess_image(&f->preprocess, scaled.pixel, f->height * f->width, values);
	image_free(&scaled);
	return 0;
}

/* What an item brings: its pixels as values where they are needed, and the activations to
 * resume from. */
static int take_item(struct forward *f, const struct ndr_item *in, float *pixels,
                     const float **values, struct error *e)
{
	const struct ndr_record *image = ndr_item_find(in, NDR_IMAGE, NDR_ANY_GROUP);
	const struct ndr_record *act = ndr_item_find(in, NDR_ACT, f->from_group);
	struct ndr_item_info info;
	struct network_tensor t;

	if (ndr_item_info(in, &info, e) < 0)
		return -1;
	if (f->resumes && !act) {
		network_tensor(f->net, f->from, &t);
		return error_set(e, EXIT_MALFORMED,
		                 "item %u (%s): no activations of layer %s in the stream",
		                 in->number, info.name, t.name);
	}
	if (f->resumes)
		*values = act->data;
	if (!network_needs_image(f->plan))
		return 0;
	if (check_image(f, image, info.name, in->number, e) < 0)
		return -1;
	return feed(f, image, pixels, e);
}

/* Room for an item's activations in out. */
static int start_item(const struct forward *f, struct ndr_item *out, float **outputs,
                      struct error *e)
{
	for (size_t i = 0; i < f->n_wanted; i++) {
		struct ndr_record rec = {.type = NDR_ACT, .dtype = NDR_F32, .ndim = 3};
		struct network_tensor t;

		network_tensor(f->net, f->wanted[i], &t);
		rec.group = f->first_group + (uint32_t)i;
		rec.dims[0] = (uint32_t)t.units;
		rec.dims[1] = (uint32_t)t.h;
		rec.dims[2] = (uint32_t)t.w;
		outputs[i] = ndr_item_add(out, &rec, e);
		if (!outputs[i])
			return -1;
	}
	return 0;
}

int forward_items(struct forward *f, const struct ndr_item *in, struct ndr_item *out, size_t n,
                  size_t thread, struct error *e)
{
	size_t size = PREPROCESS_CHANNELS * f->height * f->width, failed;
	const float *inputs[NETWORK_BUNDLE], *values[NETWORK_BUNDLE];
	struct ndr_item_info info;
	struct error why = {0};
	float **outputs = memory_new(n * f->n_wanted, sizeof *outputs, e);
	int status = outputs ? prepare_thread(f, thread, e) : -1;

	for (size_t i = 0; i < n && status == 0; i++) {
		float *pixels = f->images[thread] + i * size;

		inputs[i] = network_needs_image(f->plan) ? pixels : NULL;
		status =
		        take_item(f, &in[i], pixels, &values[i], e) < 0 ||
		                        start_item(f, &out[i], outputs + i * f->n_wanted, e) < 0
		                ? -1
		                : 0;
	}
	if (status == 0 &&
	    network_resume(f->plan, f->ws[thread], n, inputs, f->resumes ? values : NULL,
	                   outputs, &failed, &why) < 0)
		status = ndr_item_info(&in[failed], &info, e) < 0
		                 ? -1
		                 : error_set(e, why.code, "item %u (%s): %s", in[failed].number,
		                             info.name, why.text);
	free(outputs);
	return status;
}
