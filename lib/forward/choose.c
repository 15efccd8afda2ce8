/* choose.c -- see choose.h. */
#include "forward/choose.h"
#include "forward/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int parse_size(const char *option, const char *text, size_t *height, size_t *width,
                      struct error *e)
{
	char rest;

	if (sscanf(text, "%5zux%5zu%c", height, width, &rest) == 2 &&
	    strspn(text, "0123456789x") == strlen(text) && *height && *width)
		return 0;
	return error_set(e, EXIT_USAGE, "--%s '%.40s' is not HxW", option, text);
}

static int check_input(const struct forward_model *m, const struct network *net, size_t height,
                       size_t width, struct error *e)
{
	size_t depth, takes[2];

	network_input(net, &depth, &takes[0], &takes[1]);
	if (m->input_size && (height != takes[0] || width != takes[1]))
		return error_set(e, EXIT_USAGE, "%s: the model fixes its input to %zux%zu",
		                 m->file, takes[0], takes[1]);
	return 0;
}

struct network *forward_model_open(struct forward_model *m, struct error *e)
{
	struct error why = {0};
	size_t height = 0, width = 0, rows = 0, columns = 0;
	struct network *net;

	if (!m->weights && !m->listed && network_is_caffe(m->file)) {
		error_set(e, EXIT_USAGE, "%s: a Caffe network needs its weights (-w FILE)",
		          m->file);
		return NULL;
	}
	if ((m->input_size &&
	     parse_size("input-size", m->input_size, &height, &width, e) < 0) ||
	    (m->tokens && parse_size("tokens", m->tokens, &rows, &columns, e) < 0))
		return NULL;
	if (m->skip > 0 && !m->tokens) {
		error_set(e, EXIT_USAGE, "--skip without --tokens");
		return NULL;
	}
	net = network_open_any(m->file, m->weights, height, width, &why);
	m->is_open = !net && why.code == EXIT_USAGE;
	if (!net)
		error_set(e, why.code, "%s%s", why.text,
		          why.code == EXIT_USAGE ? " (--input-size HxW)" : "");
	else if (check_input(m, net, height, width, e) < 0) {
		network_close(net);
		net = NULL;
	}
	if (net)
		network_tokens(net, rows, columns, (size_t)m->skip);
	return net;
}

int forward_first_size(const struct ndr_segment *s, const struct ndr_item *item,
                       const char *from, char size[static FORWARD_SIZE], struct error *e)
{
	const struct ndr_record *image = item ? feed_image(item) : NULL;
	const int layer = from ? ndr_meta_find_layer(&s->meta, from) : -1;
	uint32_t height = 0, width = 0;

	if (image) {
		const uint32_t *pixels = image->dims + (image->type == NDR_PLANES);

		height = pixels[0];
		width = pixels[1];
	} else if (layer >= 0) {
		height = s->meta.layer[layer].input[0];
		width = s->meta.layer[layer].input[1];
	}
	if (height == 0 || width == 0)
		return error_set(e, EXIT_MALFORMED,
		                 "the model leaves the image's size open, and the stream does "
		                 "not begin with an image (--input-size HxW)");
	snprintf(size, FORWARD_SIZE, "%" PRIu32 "x%" PRIu32, height, width);
	return 0;
}

/* The next name in *list, to free(); NULL with e set.  *list goes on after it. */
static char *next_name(const char **list, struct error *e)
{
	char *name = memory_new(strlen(*list) + 1, 1, e), *end = name;
	const char *s = *list;

	for (; name && *s && *s != ','; s++) {
		s += s[0] == '\\' && s[1] == ',';
		*end++ = *s;
	}
	*list = s + (*s == ',');
	return name;
}

static int add_wanted(struct forward_choice *c, const struct network *net, const char *name,
                      struct error *e)
{
	struct error why = {0};
	size_t tensor;

	if (!*name)
		return 0;
	if (network_find(net, name, &tensor, &why) < 0) {
		if (!network_find_below(net, name, &tensor))
			return error_set(e, why.code, "%s", why.text);
		if (c->below)
			c->below(c->ctx, name, tensor);
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->wanted[i] == tensor)
			return error_set(e, EXIT_USAGE, "layer %s is named twice", name);
	if (memory_grow(&c->wanted, &c->room, c->n + 1, sizeof *c->wanted, e) < 0)
		return -1;
	c->wanted[c->n++] = tensor;
	return 0;
}

int forward_choose(struct forward_choice *c, const struct network *net, const char *list,
                   struct error *e)
{
	struct error none = {0};
	size_t tensor;
	char *name;
	int status = 0;

	if (network_find(net, list, &tensor, &none) == 0)
		return add_wanted(c, net, list, e);
	if (!list[strspn(list, ",")])
		return error_set(e, EXIT_USAGE,
		                 "'%s' names no layer (cnn-forward --list shows them)", list);
	while (*list && status == 0) {
		name = next_name(&list, e);
		status = name ? add_wanted(c, net, name, e) : -1;
		free(name);
	}
	return status;
}

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
