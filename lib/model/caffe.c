/* caffe.c -- Caffe models: layers and blobs to tensors; see caffe.h.
 *
 * A blob is a name for a place in memory, and a layer that has it as bottom and top
 * writes over it.  Here each value is a tensor of its own: the last one has the blob's
 * name, those before it are named after the layer that would write over them. */
#include "model/caffe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/resolve.h"
#include "model/caffe_fields.h"
#include "model/caffe_layers.h"
#include "model/caffe_types.h"

/* ---- what the description says ---- */

/* The blob of that name: a tensor, for the last value in it. */
static size_t blob(struct graph *g, const char *name, struct error *e)
{
	size_t t = graph_lookup(g, name);
	const char *kept;

	if (t != NO_TENSOR)
		return t;
	kept = graph_string(g, (struct bytes){(const uint8_t *)name, strlen(name)}, e);
	return kept ? graph_tensor(g, kept, e) : NO_TENSOR;
}

/* The blobs that a layer's fields of that name list. */
static int read_blobs(struct caffe *c, const struct prototxt_field *layer, const char *name,
                      size_t **blobs, size_t *count, struct error *e)
{
	const struct prototxt_field *f;
	size_t n = 0;

	for (f = NULL; (f = prototxt_next(layer, f, name)); n++)
		if (f->kind != PROTOTXT_STRING || !*f->text)
			return prototxt_fail(c->text, f, e, "%s is not a blob's name", name);
	*count = n;
	*blobs = graph_alloc(c->g, n, sizeof **blobs, e);
	if (!*blobs)
		return -1;
	for (f = NULL, n = 0; (f = prototxt_next(layer, f, name)); n++) {
		(*blobs)[n] = blob(c->g, f->text, e);
		if ((*blobs)[n] == NO_TENSOR)
			return -1;
	}
	return 0;
}

static struct caffe_layer *new_layer(struct caffe *c, struct error *e)
{
	if (c->n_layers == NODE_LIMIT) {
		error_set(e, EXIT_MALFORMED, "%s: more than %d layers", c->g->path, NODE_LIMIT);
		return NULL;
	}
	if (memory_grow(&c->layers, &c->cap_layers, c->n_layers + 1, sizeof *c->layers, e) < 0)
		return NULL;
	memset(&c->layers[c->n_layers], 0, sizeof *c->layers);
	return &c->layers[c->n_layers++];
}

/* An input of the network; n dims, 0: not told. */
static int add_input(struct caffe *c, const struct prototxt_field *f, const char *name,
                     const int64_t *dims, size_t n, struct error *e)
{
	struct caffe_layer *l;

	if (n > RANK_MAX)
		return prototxt_fail(c->text, f, e, "input %.60s has %zu axes", name, n);
	l = new_layer(c, e);
	if (!l)
		return -1;
	l->name = l->type = "input";
	l->n_tops = 1;
	l->tops = graph_alloc(c->g, 1, sizeof *l->tops, e);
	if (!l->tops || (l->tops[0] = blob(c->g, name, e)) == NO_TENSOR)
		return -1;
	l->shape.rank = n ? (int)n : 4;
	for (size_t i = 0; i < n; i++) {
		if (dims[i] < 0 || dims[i] > COUNT_LIMIT)
			return prototxt_fail(c->text, f, e, "dimension %lld of input %.60s",
			                     (long long)dims[i], name);
		l->shape.dims[i] = (size_t)dims[i];
	}
	return 0;
}

/* Dims of a BlobShape. */
static size_t read_dims(const struct caffe *c, const struct prototxt_field *shape,
                        int64_t *dims, struct error *e)
{
	return prototxt_ints(c->text, shape, "dim", dims, RANK_MAX, e);
}

static bool has_input_layer(const struct caffe *c)
{
	const struct prototxt_field *root = prototxt_root(c->text);

	for (const struct prototxt_field *f = NULL; (f = prototxt_next(root, f, "layer"));) {
		const struct prototxt_field *type = prototxt_next(f, NULL, "type");

		if (type && type->kind == PROTOTXT_STRING && strcmp(type->text, "Input") == 0)
			return true;
	}
	return false;
}

/* The old header: input: "data", and an input_shape or four input_dims for each.  Without
 * any shape the names mean nothing beside an Input layer, and Caffe strips them. */
static int read_header(struct caffe *c, struct error *e)
{
	const struct prototxt_field *root = prototxt_root(c->text), *input = NULL,
	                            *shape = prototxt_next(root, NULL, "input_shape");
	size_t left = prototxt_ints(c->text, root, "input_dim", NULL, 0, e), n;
	int64_t dims[RANK_MAX], *old = graph_alloc(c->g, left, sizeof *old, e);

	if (!old || caffe_fields_check_net(c, e) < 0)
		return -1;
	if (!shape && left == 0 && has_input_layer(c))
		return prototxt_next(root, NULL, "input")
		               ? graph_note(c->g, e,
		                            "%s: input is passed over: it has no shape, and "
		                            "an Input layer stands beside it",
		                            c->g->path)
		               : 0;
	left = prototxt_ints(c->text, root, "input_dim", old, left, e);
	while ((input = prototxt_next(root, input, "input"))) {
		if (input->kind != PROTOTXT_STRING || !*input->text)
			return prototxt_fail(c->text, input, e, "input is not a blob's name");
		n = 0;
		if (shape) {
			n = read_dims(c, shape, dims, e);
			shape = prototxt_next(root, shape, "input_shape");
		} else if (left >= 4) {
			memcpy(dims, old, 4 * sizeof *old);
			old += 4;
			left -= 4;
			n = 4;
		}
		if (e->code != EXIT_OK || add_input(c, input, input->text, dims, n, e) < 0)
			return -1;
	}
	return 0;
}

/* An Input layer: a shape for each top, or one for all. */
static int read_input_layer(struct caffe *c, const struct prototxt_field *layer,
                            struct error *e)
{
	static const struct caffe_fields known = {"shape", ""};
	const struct prototxt_field *top = NULL, *next,
	                            *m = prototxt_message(c->text, layer, "input_param", e),
	                            *shape = prototxt_next(m, NULL, "shape");
	int64_t dims[RANK_MAX];
	size_t n;

	if (caffe_fields_check_layer(c, layer, "Input", "input_param", &known, e) < 0)
		return -1;
	while ((top = prototxt_next(layer, top, "top"))) {
		n = read_dims(c, shape, dims, e);
		if (top->kind != PROTOTXT_STRING || !*top->text)
			return prototxt_fail(c->text, top, e, "top is not a blob's name");
		if (e->code != EXIT_OK || add_input(c, top, top->text, dims, n, e) < 0)
			return -1;
		next = shape ? prototxt_next(m, shape, "shape") : NULL;
		shape = next ? next : shape;
	}
	return e->code == EXIT_OK ? 0 : -1;
}

static bool has_stage(const struct prototxt_field *state, const char *stage)
{
	for (const struct prototxt_field *f = NULL; (f = prototxt_next(state, f, "stage"));)
		if (f->kind == PROTOTXT_STRING && strcmp(f->text, stage) == 0)
			return true;
	return false;
}

/* Does a NetStateRule hold for a network that is used: phase TEST, whatever state says of
 * it, and the level and stages of state? */
static bool rule_holds(const struct caffe *c, const struct prototxt_field *rule,
                       struct error *e)
{
	static const char *const phases[] = {"TRAIN", "TEST", NULL};
	const struct prototxt_field *f,
	        *state = prototxt_message(c->text, prototxt_root(c->text), "state", e);
	int64_t level = prototxt_int(c->text, state, "level", 0, e);

	if (caffe_fields_check_rule(c, rule, e) < 0 ||
	    prototxt_enum(c->text, rule, "phase", phases, 1, e) != 1 ||
	    prototxt_int(c->text, rule, "min_level", level, e) > level ||
	    prototxt_int(c->text, rule, "max_level", level, e) < level)
		return false;
	for (f = NULL; (f = prototxt_next(rule, f, "stage"));)
		if (f->kind != PROTOTXT_STRING || !has_stage(state, f->text))
			return false;
	for (f = NULL; (f = prototxt_next(rule, f, "not_stage"));)
		if (f->kind == PROTOTXT_STRING && has_stage(state, f->text))
			return false;
	return true;
}

static bool any_rule_holds(const struct caffe *c, const struct prototxt_field *layer,
                           const char *name, struct error *e)
{
	const struct prototxt_field *rule = NULL;

	while ((rule = prototxt_next(layer, rule, name)))
		if (rule_holds(c, rule, e))
			return true;
	return false;
}

/* Is the layer there when the network is used? */
static bool is_used(const struct caffe *c, const struct prototxt_field *layer, struct error *e)
{
	static const char *const phases[] = {"TRAIN", "TEST", NULL};
	const struct prototxt_field *exclude = prototxt_next(layer, NULL, "exclude");

	if (prototxt_enum(c->text, layer, "phase", phases, 1, e) == 0)
		return false;
	if (!prototxt_next(layer, NULL, "include"))
		return !any_rule_holds(c, layer, "exclude", e);
	if (exclude)
		prototxt_fail(c->text, exclude, e, "include and exclude in one layer");
	return any_rule_holds(c, layer, "include", e);
}

static bool in_place(const struct caffe_layer *l, size_t top)
{
	return top < l->n_bottoms && l->tops[top] == l->bottoms[top];
}

static int read_layer(struct caffe *c, const struct prototxt_field *field, struct error *e)
{
	const char *type, *name;
	struct caffe_layer *l;

	if (field->kind != PROTOTXT_MESSAGE)
		return prototxt_fail(c->text, field, e, "%s is not a message", field->name);
	if (prototxt_next(field, NULL, "layer"))
		return prototxt_fail(c->text, field, e,
		                     "layers of Caffe's first format are not supported "
		                     "(upgrade_net_proto_text converts them)");
	type = caffe_type(c->text, field, e);
	if (!type || !is_used(c, field, e))
		return e->code == EXIT_OK ? 0 : -1;
	if (caffe_is_idle(type))
		return caffe_fields_note_data(c, field, e);
	if (strcmp(type, "Input") == 0)
		return read_input_layer(c, field, e);
	if (caffe_layers_check(c, field, type, e) < 0)
		return -1;
	name = prototxt_string(c->text, field, "name", "", e);
	l = new_layer(c, e);
	if (!l)
		return -1;
	l->field = field;
	l->name = graph_string(c->g, (struct bytes){(const uint8_t *)name, strlen(name)}, e);
	l->type = graph_string(c->g, (struct bytes){(const uint8_t *)type, strlen(type)}, e);
	if (!l->name || !l->type ||
	    read_blobs(c, field, "bottom", &l->bottoms, &l->n_bottoms, e) < 0 ||
	    read_blobs(c, field, "top", &l->tops, &l->n_tops, e) < 0)
		return -1;
	/* Outside training it does nothing, and in place not even a copy. */
	if (strcmp(type, "Dropout") == 0 && l->n_tops == 1 && in_place(l, 0))
		c->n_layers--;
	return 0;
}

static int read_layers(struct caffe *c, struct error *e)
{
	const struct prototxt_field *root = prototxt_root(c->text), *f = NULL;

	while ((f = prototxt_next(root, f, NULL)))
		if ((strcmp(f->name, "layer") == 0 || strcmp(f->name, "layers") == 0) &&
		    read_layer(c, f, e) < 0)
			return -1;
	return e->code == EXIT_OK ? 0 : -1;
}

/* ---- from blobs to tensors ---- */

/* By blob, while layers are walked: the layer that makes it, those still to come that
 * write over it, and the tensor with its value at this point. */
struct blob_state {
	size_t maker, next, now;
};

/* Find out, from the last layer to the first, what writes over each top. */
static int find_writers(struct caffe *c, struct blob_state *blobs, struct error *e)
{
	for (size_t i = c->n_layers; i-- > 0;) {
		struct caffe_layer *l = &c->layers[i];

		l->next = graph_alloc(c->g, l->n_tops, sizeof *l->next, e);
		if (!l->next)
			return -1;
		for (size_t k = 0; k < l->n_tops; k++) {
			struct blob_state *b = &blobs[l->tops[k]];

			l->next[k] = b->next;
			b->next = in_place(l, k) ? i : NO_LAYER;
			if (!in_place(l, k))
				b->maker = i;
		}
	}
	return 0;
}

static int link_bottoms(struct caffe *c, struct caffe_layer *l, const struct blob_state *blobs,
                        size_t *tensors, struct error *e)
{
	for (size_t k = 0; k < l->n_bottoms; k++) {
		const struct blob_state *b = &blobs[l->bottoms[k]];

		tensors[k] = b->now;
		if (b->now != NO_TENSOR)
			continue;
		/* What no layer makes, such as labels, is a fault of those that need it. */
		tensors[k] = l->bottoms[k];
		if (b->maker != NO_LAYER)
			return prototxt_fail(c->text, l->field, e,
			                     "layer %s needs %s, which is only made by a later "
			                     "layer (%s)",
			                     l->name, c->g->tensors[l->bottoms[k]].name,
			                     c->layers[b->maker].name);
	}
	return 0;
}

/* The tensor for a top: the blob's own, unless a later layer writes over it. */
static size_t top_tensor(struct caffe *c, const struct caffe_layer *l, size_t k,
                         struct error *e)
{
	char type[32];
	const char *name;
	size_t i;

	if (l->next[k] == NO_LAYER)
		return l->tops[k];
	name = c->layers[l->next[k]].type;
	for (i = 0; name[i] && i + 1 < sizeof type; i++)
		type[i] = (char)tolower((unsigned char)name[i]);
	type[i] = '\0';
	return caffe_tensor(c->g, e, "%s/pre_%s", c->g->tensors[l->tops[k]].name, type);
}

static int link_tops(struct caffe *c, struct caffe_layer *l, struct blob_state *blobs,
                     struct error *e)
{
	size_t t;

	for (size_t k = 0; k < l->n_tops; k++) {
		struct blob_state *b = &blobs[l->tops[k]];

		if (b->now != NO_TENSOR && !in_place(l, k))
			return error_set(
			        e, EXIT_MALFORMED,
			        "%s: blob %s is made twice, the second time by layer %s",
			        c->g->path, c->g->tensors[l->tops[k]].name, l->name);
		t = top_tensor(c, l, k, e);
		if (t == NO_TENSOR)
			return -1;
		b->now = t;
	}
	for (size_t k = 0; k < l->n_tops; k++)
		l->tops[k] = blobs[l->tops[k]].now;
	return 0;
}

/* The image is the first input that has four axes, or else the first. */
static int find_image(struct caffe *c, size_t *image, struct error *e)
{
	*image = NO_LAYER;
	for (size_t i = c->n_layers; i-- > 0;)
		if (!c->layers[i].field &&
		    (*image == NO_LAYER || c->layers[i].shape.rank == 4 ||
		     c->layers[*image].shape.rank != 4))
			*image = i;
	if (*image == NO_LAYER)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: the network has no input: it takes a deploy file, where "
		                 "an Input layer or an input field stands for the data",
		                 c->g->path);
	return 0;
}

static int settle_input(struct caffe *c, const struct caffe_layer *l, bool image, size_t height,
                        size_t width, struct error *e)
{
	struct tensor *t = &c->g->tensors[l->tops[0]];

	if (!image)
		return 0;
	t->shape = l->shape;
	t->kind = KIND_FLOAT;
	t->is_input = true;
	c->g->input = l->tops[0];
	return graph_image(c->g, height, width, false, e);
}

static int build(struct caffe *c, struct blob_state *blobs, size_t height, size_t width,
                 struct error *e)
{
	size_t image, *bottoms;

	if (find_writers(c, blobs, e) < 0 || find_image(c, &image, e) < 0)
		return -1;
	for (size_t i = 0; i < c->n_layers; i++) {
		struct caffe_layer *l = &c->layers[i];

		bottoms = graph_alloc(c->g, l->n_bottoms, sizeof *bottoms, e);
		if (!bottoms || link_bottoms(c, l, blobs, bottoms, e) < 0 ||
		    link_tops(c, l, blobs, e) < 0)
			return -1;
		l->bottoms = bottoms;
		if (l->field ? caffe_layers_build(c, l, e) < 0
		             : settle_input(c, l, i == image, height, width, e) < 0)
			return -1;
	}
	return 0;
}

static int link_and_build(struct caffe *c, size_t height, size_t width, struct error *e)
{
	size_t n = c->g->n_tensors;
	struct blob_state *blobs = memory_new(n, sizeof *blobs, e);
	int r = -1;

	for (size_t i = 0; blobs && i < n; i++)
		blobs[i] = (struct blob_state){NO_LAYER, NO_LAYER, NO_TENSOR};
	if (blobs)
		r = build(c, blobs, height, width, e);
	free(blobs);
	return r;
}

int caffe_read(struct graph *g, const char *weights, size_t height, size_t width,
               struct error *e)
{
	struct caffe c = {.g = g};
	struct bytes text;
	int r = -1;

	if (graph_map(g, g->path, &text, e) == 0)
		c.text = prototxt_parse(g->path, text, e);
	if (c.text && weights)
		c.weights = caffe_weights_open(g, weights, e);
	if (c.text && (c.weights || !weights) && read_header(&c, e) == 0 &&
	    read_layers(&c, e) == 0)
		r = link_and_build(&c, height, width, e);
	caffe_weights_free(c.weights);
	prototxt_free(c.text);
	free(c.layers);
	return r;
}
