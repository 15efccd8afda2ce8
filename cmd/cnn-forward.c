/* cnn-forward.c -- images through a network, up to the wanted tensors.
 *
 *	IMAGE or PLANES -> ACT for each item and layer; everything else passes
 *	ACT -> ACT with --from, which resumes the network at a layer */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter/filter.h"
#include "forward/forward.h"
#include "forward/model.h"
#include "forward/warn.h"
#include "tool/blas.h"
#include "tool/parallel.h"

static struct forward_model model;
static struct forward_how how = {.values = {.scale = NAN}};
static struct tool_list layers, sets;
static bool keep_images;
static int channels, algorithm;

static const struct tool_option options[] = {
        {.name = "model",
         .letter = 'm',
         .kind = TOOL_TEXT,
         .value = &model.file,
         .argument = "FILE",
         .help = "the network: an ONNX file, or with -w Caffe's deploy.prototxt",
         .required = true,
         .local = true},
        {.name = "weights",
         .letter = 'w',
         .kind = TOOL_TEXT,
         .value = &model.weights,
         .argument = "FILE",
         .help = "weights of a Caffe network",
         .local = true},
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_LIST,
         .value = &layers,
         .argument = "NAMES",
         .help = "wanted tensors, joined by commas, or -l more than once"},
        {.name = "from",
         .kind = TOOL_TEXT,
         .value = &how.from,
         .argument = "NAME",
         .help = "resume at this tensor, whose activations the stream holds"},
        {.name = "preset",
         .kind = TOOL_CHOICE,
         .value = &how.values.preset,
         .argument = PREPROCESS_PRESETS,
         .help = "values that the network was trained on [none]"},
        {.name = "channels",
         .kind = TOOL_CHOICE,
         .value = &channels,
         .argument = PREPROCESS_CHANNELS,
         .help = "their order, or how they are made [preset]"},
        {.name = "scale",
         .kind = TOOL_REAL,
         .value = &how.values.scale,
         .argument = "X",
         .help = "pixel values are multiplied by it [1]"},
        {.name = "mean",
         .kind = TOOL_TEXT,
         .value = &how.values.mean,
         .argument = "A,B,...",
         .help = "then this is taken off each channel [0]"},
        {.name = "std",
         .kind = TOOL_TEXT,
         .value = &how.values.standard,
         .argument = "A,B,...",
         .help = "then each is divided by this [1]"},
        {.name = "input-size",
         .kind = TOOL_TEXT,
         .value = &model.input_size,
         .argument = "HxW",
         .help = "size of the images, where the model leaves it open [that of the first]"},
        {.name = "tokens",
         .kind = TOOL_TEXT,
         .value = &model.tokens,
         .argument = "HxW",
         .help = "how tokens lie in the image, where no convolution tells"},
        {.name = "skip",
         .kind = TOOL_COUNT,
         .value = &model.skip,
         .argument = "N",
         .high = 65535,
         .help = "of tokens, the first N are left out [0]"},
        {.name = "set",
         .kind = TOOL_LIST,
         .value = &sets,
         .argument = "NAME=X,...",
         .help = "values of an input that is not the image"},
        {.name = "algorithm",
         .kind = TOOL_CHOICE,
         .value = &algorithm,
         .argument = "auto|direct|winograd",
         .help = "of convolutions [auto]"},
        {.name = "resize",
         .kind = TOOL_FLAG,
         .value = &how.resize,
         .help = "scale images of another size to that of the network"},
        {.name = "keep-images",
         .kind = TOOL_FLAG,
         .value = &keep_images,
         .help = "pass the images on"},
        {.name = "list",
         .kind = TOOL_FLAG,
         .value = &model.listed,
         .help = "print the tensors, by default all, instead",
         .local = true,
         .alone = true},
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Run images through a network and write the activations of its layers.",
        .example = "broden-cat broden1_227 | cnn-forward -m alexnet.onnx -l conv5 --preset "
                   "caffe > "
                   "conv5.ndr",
        .libraries = blas_kernels,
        .unused = TOOL_VERBOSE,
};

struct job {
	struct tool *tool;
	struct network *net;
	struct forward_choice choice;
	struct forward forward;
	struct filter filter;
};

/* ---- options ---- */

static void say_below(void *job, const char *name, size_t tensor)
{
	const struct job *j = job;
	struct network_tensor t;

	network_tensor(j->net, tensor, &t);
	tool_warn(j->tool, "no tensor %s: taken is the last one below it, %s", name, t.name);
}

static int choose_layers(struct job *j, struct error *e)
{
	for (size_t i = 0; network_note(j->net, i); i++)
		tool_warn(j->tool, "%s", network_note(j->net, i));
	j->choice.below = say_below;
	j->choice.ctx = j;
	for (size_t i = 0; i < layers.count; i++)
		if (forward_choose(&j->choice, j->net, layers.text[i], e) < 0)
			return -1;
	return 0;
}

/* What is odd about the network, or about what is done to the first image. */
static int warn(struct job *j, const struct ndr_item *first, struct error *e)
{
	const struct forward *f = &j->forward;
	char *doubt;
	int status = 0;

	for (size_t i = 0; status == 0 && (doubt = first ? forward_image_warning(f, first, i, e)
	                                                 : forward_warning(f, i, e));
	     i++) {
		status = tool_warn_result(j->tool, "%s", doubt);
		free(doubt);
	}
	return e->code ? -1 : status;
}

/* ---- --list ---- */

static int print_list(struct job *j, struct error *e)
{
	int fd = tool_output(j->tool, false);
	char *text = fd < 0 ? NULL : network_listing(j->net, j->choice.wanted, j->choice.n, e);
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

	return forward_segment(&j->forward, s, e);
}

static int run_items(void *job, const struct ndr_item *in, struct ndr_item *out, size_t n,
                     size_t thread, struct error *e)
{
	static const unsigned nothing[] = {0}, images[] = {NDR_IMAGE, NDR_PLANES, 0};
	struct job *j = job;

	for (size_t i = 0; i < n; i++)
		if (filter_copy(&in[i], &out[i], keep_images ? nothing : images, e) < 0)
			return -1;
	return forward_items(&j->forward, in, out, n, thread, e);
}

/* All that the network alone decides, without its weights. */
static int plan(struct job *j, struct error *e)
{
	if (choose_layers(j, e) < 0 ||
	    forward_open(&j->forward, j->net, &j->choice, &how, j->tool->threads, e) < 0)
		return -1;
	j->filter.group = j->forward.group;
	return warn(j, NULL, e);
}

static int prepare_part(void *job, size_t i, size_t slot, struct error *e)
{
	struct job *j = job;

	(void)slot;
	return forward_prepare(&j->forward, i, e);
}

static int prepare(struct job *j, struct error *e)
{
	const struct parallel_count p = {.count = forward_parts(&j->forward),
	                                 .threads = j->tool->threads,
	                                 .work = prepare_part,
	                                 .ctx = j};
	const struct network_digest *digest = &j->forward.digest;

	if (parallel_count(&p, e) < 0 || forward_begin(&j->forward, e) < 0 ||
	    tool_digest_is(j->tool, "model", digest->model.crc32, digest->model.bytes) < 0)
		return -1;
	return model.weights ? tool_digest_is(j->tool, "weights", digest->weights.crc32,
	                                      digest->weights.bytes)
	                     : 0;
}

/* The size of a model that leaves it open is that of the first image, and weights are packed
 * once there is one. */
static int begin(void *job, const struct ndr_segment *s, const struct ndr_item *item,
                 struct error *e)
{
	static char size[FORWARD_SIZE];
	struct job *j = job;

	if (!j->net) {
		if (forward_first_size(s, item, how.from, size, e) < 0)
			return -1;
		model.input_size = size;
		j->net = forward_model_open(&model, e);
		if (!j->net || plan(j, e) < 0)
			return -1;
	}
	return item && warn(j, item, e) < 0 ? -1 : prepare(j, e);
}

static int forward(struct job *j)
{
	j->filter = (struct filter){.first = begin,
	                            .segment = begin_segment,
	                            .items = run_items,
	                            .consumes = how.from ? NDR_ACT : NDR_IMAGE,
	                            .or_consumes = how.from ? 0 : NDR_PLANES,
	                            .consumed = how.from ? "activations" : "images",
	                            .ctx = j};
	how.algorithm = (enum network_algorithm)algorithm;
	how.values.channels = (enum preprocess_channels)channels;
	return j->net && plan(j, &j->tool->error) < 0 ? -1 : filter_map(j->tool, &j->filter);
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	int status;

	model.set = sets.text;
	model.n_set = sets.count;
	j.net = forward_model_open(&model, &t->error);
	status = j.net ? 0 : -1;
	if (model.is_open && !model.listed && layers.count > 0) {
		t->error = (struct error){0};
		status = 0;
	}
	if (status == 0 && model.listed)
		status = choose_layers(&j, &t->error) < 0 ? -1 : print_list(&j, &t->error);
	else if (status == 0)
		status = forward(&j);
	forward_close(&j.forward);
	free(j.choice.wanted);
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
