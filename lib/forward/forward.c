/* forward.c -- see forward.h. */
#include "forward/forward.h"
#include "base/half.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	if ((l->input[0] && l->input[0] != f->input.height) ||
	    (l->input[1] && l->input[1] != f->input.width))
		return error_set(e, EXIT_MALFORMED,
		                 "layer %s is of images of %ux%u, the network takes %zux%zu",
		                 l->name, l->input[0], l->input[1], f->input.height,
		                 f->input.width);
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
	if (f->how->from && find_source(f, &s->meta, e) < 0)
		return -1;
	f->first_group = (uint32_t)s->meta.layers;
	s->range.half = s->range.half || f->how->half;
	for (size_t i = 0; i < f->choice.n; i++) {
		struct network_tensor t, before;
		struct ndr_layer l = {
		        .input = {(uint32_t)f->input.height, (uint32_t)f->input.width},
		        .model = f->digest.text};
		size_t at;

		network_tensor(f->net, f->choice.wanted[i], &t);
		l.name = (char *)t.name;
		l.units = (uint32_t)t.units;
		l.height = (uint32_t)t.h;
		l.width = (uint32_t)t.w;
		for (int k = 0; k < 2 && t.has_field; k++) {
			l.offset[k] = t.field[k].offset;
			l.stride[k] = t.field[k].stride;
			l.size[k] = t.field[k].size;
		}
		if (network_is_activation(f->net, f->choice.wanted[i], &at)) {
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
	f->images[thread] =
	        memory_new(f->group * forward_input_values(&f->input), sizeof(float), e);
	if (!f->images[thread])
		return -1;
	f->ws[thread] = network_workspace_new(f->plan, e);
	return f->ws[thread] ? 0 : -1;
}

/* What an item brings: its pixels as values where they are needed, and the activations to
 * resume from. */
static int take_item(struct forward *f, const struct ndr_item *in, float *pixels,
                     const float **values, struct error *e)
{
	const struct ndr_record *act = ndr_item_find(in, NDR_ACT, f->from_group);
	struct ndr_item_info info;
	struct network_tensor t;
	struct error why = {0};

	if (ndr_item_info(in, &info, e) < 0)
		return -1;
	if (f->how->from && !act) {
		network_tensor(f->net, f->from, &t);
		return error_set(e, EXIT_MALFORMED,
		                 "item %u (%s): no activations of layer %s in the stream",
		                 in->number, info.name, t.name);
	}
	if (f->how->from)
		*values = act->data;
	if (!network_needs_image(f->plan))
		return 0;
	if (forward_input_fill(&f->input, in, pixels, &why) == 0)
		return 0;
	if (why.code == EXIT_MALFORMED && f->how->from && !forward_input_image(in)) {
		network_tensor(f->net, f->from, &t);
		return error_set(e, why.code,
		                 "item %u (%s): %s, and %s is not all that the network goes on "
		                 "with (cnn-forward --keep-images)",
		                 in->number, info.name, why.text, t.name);
	}
	return error_set(e, why.code, "item %u (%s): %s", in->number, info.name, why.text);
}

/* Room for an item's activations in out. */
static int start_item(const struct forward *f, struct ndr_item *out, float **outputs,
                      struct error *e)
{
	for (size_t i = 0; i < f->choice.n; i++) {
		struct ndr_record rec = {
		        .type = NDR_ACT, .dtype = NDR_F32, .ndim = 3, .half = f->how->half};
		struct network_tensor t;

		network_tensor(f->net, f->choice.wanted[i], &t);
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

/* Whether an item's activations are numbers of 16 bits. */
static int check_half(const struct forward *f, const struct ndr_item *in, float *const *outputs,
                      struct error *e)
{
	for (size_t i = 0; f->how->half && i < f->choice.n; i++) {
		struct ndr_item_info info;
		struct network_tensor t;
		size_t n, at;

		network_tensor(f->net, f->choice.wanted[i], &t);
		n = t.units * t.h * t.w;
		at = half_prefix(outputs[i], n);
		if (at == n)
			continue;
		return ndr_item_info(in, &info, e) < 0
		               ? -1
		               : error_set(e, EXIT_MALFORMED,
		                           "item %u (%s): tensor %s: unit %zu is %.9g, beyond "
		                           "the "
		                           "%g of --dtype f16",
		                           in->number, info.name, t.name, at / (t.h * t.w),
		                           (double)outputs[i][at], (double)HALF_GREATEST);
	}
	return 0;
}

int forward_items(struct forward *f, const struct ndr_item *in, struct ndr_item *out, size_t n,
                  size_t thread, struct error *e)
{
	const size_t size = forward_input_values(&f->input);
	size_t failed;
	const float *inputs[NETWORK_BUNDLE], *values[NETWORK_BUNDLE];
	struct ndr_item_info info;
	struct error why = {0};
	float **outputs = memory_new(n * f->choice.n, sizeof *outputs, e);
	int status = outputs ? prepare_thread(f, thread, e) : -1;

	for (size_t i = 0; i < n && status == 0; i++) {
		float *pixels = f->images[thread] + i * size;

		inputs[i] = network_needs_image(f->plan) ? pixels : NULL;
		status =
		        take_item(f, &in[i], pixels, &values[i], e) < 0 ||
		                        start_item(f, &out[i], outputs + i * f->choice.n, e) < 0
		                ? -1
		                : 0;
	}
	if (status == 0 &&
	    network_resume(f->plan, f->ws[thread], n, inputs, f->how->from ? values : NULL,
	                   outputs, &failed, &why) < 0)
		status = ndr_item_info(&in[failed], &info, e) < 0
		                 ? -1
		                 : error_set(e, why.code, "item %u (%s): %s", in[failed].number,
		                             info.name, why.text);
	for (size_t i = 0; i < n && status == 0; i++)
		status = check_half(f, &in[i], outputs + i * f->choice.n, e);
	free(outputs);
	return status;
}

/* ---- from a tensor on, without a stream ---- */

int forward_resume(struct forward *f, const struct ndr_meta *m, uint32_t *group,
                   struct error *e)
{
	struct network_tensor t;

	if (find_source(f, m, e) < 0)
		return -1;
	*group = f->from_group;
	if (!network_needs_image(f->plan))
		return 0;
	network_tensor(f->net, f->from, &t);
	return error_set(e, EXIT_USAGE, "%s is not all that the network goes on with", t.name);
}

int forward_logits(const struct forward *f, size_t *units, struct error *e)
{
	struct network_tensor t;

	network_tensor(f->net, f->choice.wanted[0], &t);
	*units = t.units;
	if (t.h == 1 && t.w == 1)
		return 0;
	return error_set(e, EXIT_USAGE, "%s: its maps are %zux%zu, logits have 1x1", t.name,
	                 t.h, t.w);
}

int forward_values(struct forward *f, const float *const *values, size_t n, float *const *out,
                   size_t thread, struct error *e)
{
	const float *inputs[NETWORK_BUNDLE] = {0};
	size_t failed;

	if (prepare_thread(f, thread, e) < 0)
		return -1;
	return network_resume(f->plan, f->ws[thread], n, inputs, values, out, &failed, e);
}

int forward_outgoing(const struct forward *f, double *norm, struct error *e)
{
	return network_outgoing(f->net, f->from, norm, e);
}
