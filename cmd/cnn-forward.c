/* cnn-forward.c -- images through a network, up to the wanted tensors.
 *
 *	IMAGE or PLANES -> ACT for each item and layer; everything else passes
 *	ACT -> ACT with --from, which resumes the network at a layer */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter/filter.h"
#include "forward/forward.h"
#include "tool/blas.h"
#include "options.h"

static struct forward_how how = {.values = {.scale = NAN}};
static bool keep_images;
static int channels, algorithm, dtype;

static const struct tool_option options[] = {
        OPTION_MODEL(&how.model.file,
                     "the network: an ONNX file, or with -w Caffe's deploy.prototxt"),
        OPTION_WEIGHTS(&how.model.weights),
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_LIST,
         .value = &how.layers,
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
        OPTION_INPUT_SIZE(
                &how.model.input_size,
                "size of the images, where the model leaves it open [that of the first]"),
        OPTION_TOKENS(&how.model.tokens),
        {.name = "skip",
         .kind = TOOL_COUNT,
         .value = &how.model.skip,
         .argument = "N",
         .high = 65535,
         .help = "of tokens, the first N are left out [0]"},
        OPTION_INPUTS(&how.model.sets),
        OPTION_ALGORITHM(&algorithm),
        {.name = "dtype",
         .kind = TOOL_CHOICE,
         .value = &dtype,
         .argument = "f32|f16",
         .help = "of activations in the stream: f16 is half the size [f32]"},
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
         .value = &how.model.listed,
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
        .needs = (const struct tool_need[]){{"skip", "tokens"}, {0}},
};

struct job {
	struct tool *tool;
	struct forward forward;
	struct filter filter;
};

static int begin(void *job, const struct ndr_segment *s, const struct ndr_item *item,
                 struct error *e)
{
	struct job *j = job;

	(void)e; /* is the tool's */
	if (forward_begin(&j->forward, s, item) < 0)
		return -1;
	j->filter.group = j->forward.group;
	return 0;
}

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

static int run_images(struct job *j)
{
	j->filter = (struct filter){.first = begin,
	                            .segment = begin_segment,
	                            .items = run_items,
	                            .consumes = how.from ? NDR_ACT : NDR_IMAGE,
	                            .or_consumes = how.from ? 0 : NDR_PLANES,
	                            .consumed = how.from ? "activations" : "images",
	                            .ctx = j};
	return filter_map(j->tool, &j->filter);
}

static int print_list(struct job *j)
{
	int fd = tool_output(j->tool, false);
	char *text = fd < 0 ? NULL : forward_listing(&j->forward);
	int status = text ? 0 : -1;

	if (text && dprintf(fd, "%s", text) < 0)
		status = error_errno(&j->tool->error, "%s", tool_output_name(j->tool));
	free(text);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	int status;

	how.half = dtype == 1;
	how.algorithm = (enum network_algorithm)algorithm;
	how.values.channels = (enum preprocess_channels)channels;
	status = forward_open(&j.forward, &how, t);
	if (status == 0)
		status = how.model.listed ? print_list(&j) : run_images(&j);
	forward_close(&j.forward);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	blas_choose_kernels(argv);
	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
