/* warn.c -- see warn.h. */
#include "forward/warn.h"

#include <stdlib.h>

#include "base/memory.h"

char *forward_doubt(const struct network *net, size_t tensor, size_t which, struct error *e)
{
	struct network_tensor t, next;
	size_t after;

	network_tensor(net, tensor, &t);
	if (network_feeds_activation(net, tensor, &after) && which-- == 0) {
		network_tensor(net, after, &next);
		return memory_print(e, "layer %s feeds only an activation function (%s): %s",
		                    t.name, next.operator_name, next.name);
	}
	if (!t.problem && t.is_map && !t.has_field && which == 0)
		return memory_print(e,
		                    "layer %s has cells of unknown place%s%s%s: use "
		                    "act-segment --upsample resize",
		                    t.name, t.reason ? " (" : "", t.reason ? t.reason : "",
		                    t.reason ? ")" : "");
	return NULL;
}

char *forward_warning(const struct forward *f, size_t which, struct error *e)
{
	const struct preprocess_choice *v = &f->how->values;

	for (size_t i = 0, k = 0; i < f->n_wanted; i++, k = 0) {
		char *doubt;

		for (; (doubt = forward_doubt(f->net, f->wanted[i], k, e)); k++) {
			if (which-- == 0)
				return doubt;
			free(doubt);
		}
		if (e->code != EXIT_OK)
			return NULL;
	}
	if (preprocess_is_plain(v) && !f->input.integers && network_needs_image(f->plan) &&
	    which == 0)
		return memory_string("pixel values are fed as they are, 0 to 255 in RGB order; "
		                     "--preset or --mean and its like change that",
		                     e);
	return NULL;
}

char *forward_image_warning(const struct forward *f, const struct ndr_item *first, size_t which,
                            struct error *e)
{
	const struct ndr_record *image = first ? forward_input_image(first) : NULL;
	size_t height, width;

	if (!image || !network_needs_image(f->plan))
		return NULL;
	if (f->input.depth == 1 && image->type == NDR_IMAGE && !f->how->values.channels &&
	    which-- == 0)
		return memory_string("grey is the average of red, green and blue; --channels "
		                     "luma weighs them",
		                     e);
	forward_image_size(image, &height, &width);
	if (f->input.resize && (height != f->input.height || width != f->input.width) &&
	    which == 0)
		return memory_print(e,
		                    "images are scaled to the %zux%zu that the network takes, "
		                    "the first from %zux%zu",
		                    f->input.height, f->input.width, height, width);
	return NULL;
}
