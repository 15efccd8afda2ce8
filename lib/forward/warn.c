/* warn.c -- see warn.h. */
#include "forward/warn.h"

static int warn_layer(struct tool *tool, const struct network *net, size_t tensor)
{
	struct network_tensor t, next;
	size_t after;

	network_tensor(net, tensor, &t);
	if (network_feeds_activation(net, tensor, &after)) {
		network_tensor(net, after, &next);
		if (tool_warn_result(tool,
		                     "layer %s feeds only an activation function (%s): %s",
		                     t.name, next.operator_name, next.name) < 0)
			return -1;
	}
	if (t.problem || !t.is_map || t.has_field)
		return 0;
	return tool_warn_result(tool,
	                        "layer %s has cells of unknown place%s%s%s: use "
	                        "act-segment --upsample resize",
	                        t.name, t.reason ? " (" : "", t.reason ? t.reason : "",
	                        t.reason ? ")" : "");
}

int forward_warn(const struct forward *f)
{
	for (size_t i = 0; i < f->choice.n; i++)
		if (warn_layer(f->tool, f->net, f->choice.wanted[i]) < 0)
			return -1;
	if (!preprocess_is_plain(&f->how->values) || f->input.integers ||
	    !network_needs_image(f->plan))
		return 0;
	return tool_warn_result(f->tool,
	                        "pixel values are fed as they are, 0 to 255 in RGB order; "
	                        "--preset or --mean and its like change that");
}

int forward_warn_first(const struct forward *f, const struct ndr_item *first)
{
	const struct ndr_record *image = forward_input_image(first);
	size_t height, width;

	if (!image || !network_needs_image(f->plan))
		return 0;
	if (f->input.depth == 1 && image->type == NDR_IMAGE && !f->how->values.channels &&
	    tool_warn_result(f->tool,
	                     "grey is the average of red, green and blue; --channels luma "
	                     "weighs them") < 0)
		return -1;
	forward_image_size(image, &height, &width);
	if (!f->input.resize || (height == f->input.height && width == f->input.width))
		return 0;
	return tool_warn_result(f->tool,
	                        "images are scaled to the %zux%zu that the network takes, "
	                        "the first from %zux%zu",
	                        f->input.height, f->input.width, height, width);
}
