/* cnn-forward.c -- images through a network, up to the wanted tensors.
 *
 *	IMAGE -> ACT for each item and layer; everything else passes */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "network/preprocess.h"
#include "network/network.h"
#include "record/ndr.h"
#include "tool/blas.h"
#include "filter/filter.h"

enum { ORDER_PRESET, ORDER_RGB, ORDER_BGR };

static const char *model, *weights, *layers, *mean, *standard, *input_size;
static double scale = NAN; /* not given */
static bool keep_images, list;
static int preset, channels, algorithm;

static const struct tool_option options[] = {
        {.name = "model",
         .letter = 'm',
         .kind = TOOL_TEXT,
         .value = &model,
         .argument = "FILE",
         .help = "the network: an ONNX file, or with -w Caffe's deploy.prototxt",
         .required = true,
         .local = true},
        {.name = "weights",
         .letter = 'w',
         .kind = TOOL_TEXT,
         .value = &weights,
         .argument = "FILE",
         .help = "weights of a Caffe network",
         .local = true},
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &layers,
         .argument = "NAMES",
         .help = "wanted tensors, joined by commas"},
        {.name = "preset",
         .kind = TOOL_CHOICE,
         .value = &preset,
         .argument = PREPROCESS_PRESETS,
         .help = "values that the network was trained on [none]"},
        {.name = "channels",
         .kind = TOOL_CHOICE,
         .value = &channels,
         .argument = "preset|rgb|bgr",
         .help = "their order [preset]"},
        {.name = "scale",
         .kind = TOOL_REAL,
         .value = &scale,
         .argument = "X",
         .help = "pixel values are multiplied by it [1]"},
        {.name = "mean",
         .kind = TOOL_TEXT,
         .value = &mean,
         .argument = "A,B,C",
         .help = "then this is taken off each channel [0]"},
        {.name = "std",
         .kind = TOOL_TEXT,
         .value = &standard,
         .argument = "A,B,C",
         .help = "then each is divided by this [1]"},
        {.name = "input-size",
         .kind = TOOL_TEXT,
         .value = &input_size,
         .argument = "HxW",
         .help = "size of the images, where the model leaves it open"},
        {.name = "algorithm",
         .kind = TOOL_CHOICE,
         .value = &algorithm,
         .argument = "auto|direct|winograd",
         .help = "of convolutions [auto]"},
        {.name = "keep-images",
         .kind = TOOL_FLAG,
         .value = &keep_images,
         .help = "pass the images on"},
        {.name = "list",
         .kind = TOOL_FLAG,
         .value = &list,
         .help = "print all tensors of the model instead",
         .local = true,
         .alone = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Run images through a network and write the activations of its layers.",
        .example = "broden-cat broden1_227 | cnn-forward -m alexnet.onnx -l conv5 > conv5.ndr",
        .libraries = blas_kernels,
        .unused = TOOL_VERBOSE,
};

struct job {
	struct tool *tool;
	struct network *net;
	struct plan *plan;
	size_t *wanted, n_wanted;
	size_t height, width;
	struct preprocess preprocess;
	size_t group;               /* images at a time */
	struct plan_workspace **ws; /* (threads), made when first used */
	float **images;             /* (threads): (group, 3, height, width) */
	uint32_t first_group;       /* layers that the segment came with */
};

/* ---- options ---- */

/* What the preset says, then what the options say. */
static int parse_values(struct job *j, struct error *e)
{
	struct preprocess_values v = preprocess_presets[preset];

	if ((mean && preprocess_parse("--mean", mean, v.mean, e) < 0) ||
	    (standard && preprocess_parse("--std", standard, v.standard, e) < 0))
		return -1;
	if (scale == 0 || v.standard[0] == 0 || v.standard[1] == 0 || v.standard[2] == 0)
		return error_set(e, EXIT_USAGE, "--%s is zero", scale == 0 ? "scale" : "std");
	if (channels != ORDER_PRESET)
		v.reversed = channels == ORDER_BGR;
	v.scale = isnan(scale) ? v.scale : scale;
	preprocess_make(&j->preprocess, &v);
	if (!preset && channels == ORDER_PRESET && isnan(scale) && !mean && !standard)
		return tool_warn_result(
		        j->tool, "pixel values are fed as they are, 0 to 255 in RGB order; "
		                 "--preset or --mean and its like change that");
	return 0;
}

/* By the name that Caffe's descriptions have; needed only where no weights are given. */
static bool is_description(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".prototxt") == 0;
}

static int open_model(struct job *j, struct error *e)
{
	struct error why = {0};
	size_t height = 0, width = 0, depth;
	char rest;

	if (!weights && !list && is_description(model))
		return error_set(e, EXIT_USAGE,
		                 "%s: a Caffe network needs its weights (-w FILE)", model);
	if (input_size &&
	    (sscanf(input_size, "%5zux%5zu%c", &height, &width, &rest) != 2 ||
	     strspn(input_size, "0123456789x") != strlen(input_size) || !height || !width))
		return error_set(e, EXIT_USAGE, "--input-size '%.40s' is not HxW", input_size);
	if (weights || is_description(model))
		j->net = network_open_caffe(model, weights, height, width, &why);
	else
		j->net = network_open(model, height, width, &why);
	if (!j->net && why.code == EXIT_USAGE)
		return error_set(e, EXIT_USAGE, "%s (--input-size HxW)", why.text);
	if (!j->net)
		return error_set(e, why.code, "%s", why.text);
	for (size_t i = 0; network_note(j->net, i); i++)
		tool_warn(j->tool, "%s", network_note(j->net, i));
	network_input(j->net, &depth, &j->height, &j->width);
	if (input_size && (height != j->height || width != j->width))
		return error_set(e, EXIT_USAGE, "%s: the model fixes its input to %zux%zu",
		                 model, j->height, j->width);
	if (depth != PREPROCESS_CHANNELS && !list)
		return error_set(e, EXIT_USAGE, "%s: the network takes %zu channels, not 3",
		                 model, depth);
	return 0;
}

static int add_wanted(struct job *j, const char *name, struct error *e)
{
	size_t i, after;
	struct network_tensor t, next;

	if (network_find(j->net, name, &j->wanted[j->n_wanted], e) < 0)
		return -1;
	for (i = 0; i < j->n_wanted; i++)
		if (j->wanted[i] == j->wanted[j->n_wanted])
			return error_set(e, EXIT_USAGE, "layer %s is named twice", name);
	if (network_feeds_activation(j->net, j->wanted[j->n_wanted], &after)) {
		network_tensor(j->net, after, &next);
		if (tool_warn_result(j->tool,
		                     "layer %s feeds only an activation function (%s): %s",
		                     name, next.operator_name, next.name) < 0)
			return -1;
	}
	network_tensor(j->net, j->wanted[j->n_wanted++], &t);
	if (!t.problem && t.is_map && !t.has_field)
		return tool_warn_result(j->tool,
		                        "layer %s has cells of unknown place: use act-segment "
		                        "--upsample resize",
		                        name);
	return 0;
}

static int find_layers(struct job *j, struct error *e)
{
	char *names = memory_string(layers ? layers : "", e), *name, *save;
	size_t i, n = 1;
	int status = names ? 0 : -1;

	for (i = 0; names && names[i]; i++)
		n += names[i] == ',';
	j->wanted = memory_new(n, sizeof *j->wanted, e);
	for (name = names && j->wanted ? strtok_r(names, ",", &save) : NULL;
	     name && status == 0; name = strtok_r(NULL, ",", &save))
		status = add_wanted(j, name, e);
	free(names);
	if (status < 0 || !j->wanted)
		return -1;
	if (j->n_wanted == 0)
		return error_set(e, EXIT_USAGE,
		                 "no layer is named: -l NAME (--list shows them)");
	j->plan = network_plan_new(j->net, j->wanted, j->n_wanted,
	                           (enum network_algorithm)algorithm, e);
	return j->plan ? 0 : -1;
}

/* ---- --list ---- */

static int print_list(struct job *j, struct error *e)
{
	int fd = tool_output(j->tool, false);
	char *text = fd < 0 ? NULL : network_listing(j->net, e);
	int status = text ? 0 : -1;

	if (text && dprintf(fd, "%s", text) < 0)
		status = error_errno(e, "%s", tool_output_name(j->tool));
	free(text);
	return status;
}

/* ---- images ---- */

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	j->first_group = (uint32_t)s->meta.layers;
	for (size_t i = 0; i < j->n_wanted; i++) {
		struct network_tensor t, before;
		struct ndr_layer l = {.input = {(uint32_t)j->height, (uint32_t)j->width}};
		size_t at;

		network_tensor(j->net, j->wanted[i], &t);
		l.name = (char *)t.name;
		l.units = (uint32_t)t.units;
		l.height = (uint32_t)t.h;
		l.width = (uint32_t)t.w;
		for (int k = 0; k < 2 && t.has_field; k++) {
			l.offset[k] = t.field[k].offset;
			l.stride[k] = t.field[k].stride;
			l.size[k] = t.field[k].size;
		}
		if (network_is_activation(j->net, j->wanted[i], &at)) {
			network_tensor(j->net, at, &before);
			l.before = (char *)before.name;
		}
		if (ndr_meta_add_layer(&s->meta, &l, e) < 0)
			return -1;
	}
	return 0;
}

static int prepare_thread(struct job *j, size_t thread, struct error *e)
{
	if (j->ws[thread])
		return 0;
	j->images[thread] = memory_new(j->group * PREPROCESS_CHANNELS * j->height * j->width,
	                               sizeof(float), e);
	if (!j->images[thread])
		return -1;
	j->ws[thread] = network_workspace_new(j->plan, e);
	return j->ws[thread] ? 0 : -1;
}

static int check_image(const struct job *j, const struct ndr_record *image, const char *name,
                       uint32_t number, struct error *e)
{
	char advice[64] = "";

	if (!image)
		return error_set(e, EXIT_MALFORMED, "item %u (%s): no image in the stream",
		                 number, name);
	if (image->dims[0] == j->height && image->dims[1] == j->width)
		return 0;
	if (j->height == j->width)
		snprintf(advice, sizeof advice, " (broden-cat --size %zu)", j->height);
	return error_set(e, EXIT_MALFORMED,
	                 "item %u (%s): image of %ux%u, the network takes %zux%zu%s", number,
	                 name, image->dims[0], image->dims[1], j->height, j->width, advice);
}

/* An item's pixels into values, and room for its activations in out. */
static int start_item(struct job *j, const struct ndr_item *in, struct ndr_item *out,
                      float *values, float **outputs, struct error *e)
{
	static const unsigned nothing[] = {0}, images[] = {NDR_IMAGE, 0};
	const struct ndr_record *image = ndr_item_find(in, NDR_IMAGE, NDR_ANY_GROUP);
	struct ndr_item_info info;

	if (ndr_item_info(in, &info, e) < 0 ||
	    check_image(j, image, info.name, in->number, e) < 0 ||
	    filter_copy(in, out, keep_images ? nothing : images, e) < 0)
		return -1;
	for (size_t i = 0; i < j->n_wanted; i++) {
		struct ndr_record rec = {.type = NDR_ACT, .dtype = NDR_F32, .ndim = 3};
		struct network_tensor t;

		network_tensor(j->net, j->wanted[i], &t);
		rec.group = j->first_group + (uint32_t)i;
		rec.dims[0] = (uint32_t)t.units;
		rec.dims[1] = (uint32_t)t.h;
		rec.dims[2] = (uint32_t)t.w;
		outputs[i] = ndr_item_add(out, &rec, e);
		if (!outputs[i])
			return -1;
	}
	preprocess_image(&j->preprocess, image->data, j->height * j->width, values);
	return 0;
}

static int run_items(void *job, const struct ndr_item *in, struct ndr_item *out, size_t n,
                     size_t thread, struct error *e)
{
	struct job *j = job;
	size_t values = PREPROCESS_CHANNELS * j->height * j->width, failed;
	const float *inputs[NETWORK_BUNDLE];
	struct ndr_item_info info;
	struct error why = {0};
	float **outputs = memory_new(n * j->n_wanted, sizeof *outputs, e);
	int status = outputs ? prepare_thread(j, thread, e) : -1;

	for (size_t i = 0; i < n && status == 0; i++) {
		inputs[i] = j->images[thread] + i * values;
		status = start_item(j, &in[i], &out[i], j->images[thread] + i * values,
		                    outputs + i * j->n_wanted, e);
	}
	if (status == 0 &&
	    network_run(j->plan, j->ws[thread], n, inputs, outputs, &failed, &why) < 0)
		status = ndr_item_info(&in[failed], &info, e) < 0
		                 ? -1
		                 : error_set(e, why.code, "item %u (%s): %s", in[failed].number,
		                             info.name, why.text);
	free(outputs);
	return status;
}

/* ---- */

static int forward(struct job *j)
{
	struct tool *t = j->tool;
	struct filter f = {.segment = begin_segment,
	                   .items = run_items,
	                   .consumes = NDR_IMAGE,
	                   .consumed = "images",
	                   .ctx = j};

	if (find_layers(j, &t->error) < 0 || tool_digest(t, "model", model) < 0 ||
	    (weights && tool_digest(t, "weights", weights) < 0))
		return -1;
	j->ws = memory_new(t->threads, sizeof *j->ws, &t->error);
	j->images = memory_new(t->threads, sizeof *j->images, &t->error);
	f.group = j->group = network_bundle(j->plan);
	return j->ws && j->images ? filter_map(t, &f) : -1;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	int status = open_model(&j, &t->error);

	if (status == 0 && list)
		status = print_list(&j, &t->error);
	else if (status == 0)
		status = parse_values(&j, &t->error) < 0 ? -1 : forward(&j);
	for (size_t i = 0; j.images && i < t->threads; i++) {
		network_workspace_free(j.ws[i]);
		free(j.images[i]);
	}
	free(j.ws);
	free(j.images);
	free(j.wanted);
	network_plan_free(j.plan);
	network_close(j.net);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	blas_choose_kernels(argv);
	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
