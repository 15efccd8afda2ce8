/* class-accuracy.c -- how often the greatest logit is that of the image's class.
 *
 *	ACT of 1x1 maps, LABEL -> a row a layer, or a class */
#include <inttypes.h>

#include "filter/filter.h"
#include "stage/accuracies.h"
#include "options.h"

static struct accuracies_choice choice;
static bool by_class, incomplete;
static int format;

static const struct tool_option options[] = {
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &choice.layer,
         .argument = "NAME",
         .help = "of this layer alone [all]"},
        OPTION_CLASS_CATEGORY(&choice.category),
        OPTION_CLASS_TABLE(&choice.truth_file),
        OPTION_CLASS_NAMES(&choice.class_file, "the names of the units' classes, a line each"),
        {.name = "by-class",
         .kind = TOOL_FLAG,
         .value = &by_class,
         .help = "a row for each class instead"},
        OPTION_FORMAT(&format),
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Count how often a network names the right class.",
        .example = "cnn-forward -m alexnet.onnx -l score --preset demo images.ndr | "
                   "class-accuracy --truth classes.csv",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_FORCE | TOOL_PROVENANCE,
        .text = true,
};

static int begin_segment(void *accuracies, struct ndr_segment *s, struct error *e)
{
	return accuracies_segment(accuracies, &s->meta, e);
}

static int count_item(void *accuracies, const struct ndr_item *in, struct ndr_item *out,
                      struct error *e)
{
	(void)out;
	return in->number == NDR_NO_ITEM ? 0 : accuracies_add(accuracies, in, e);
}

static void warn_of_images(const struct tool *t, const struct accuracies *a,
                           const struct ndr_meta *m)
{
	if (a->unknown)
		tool_warn(t, "%" PRIu64 " images have no class: they were left out",
		          a->unknown);
	for (size_t l = 0; l < a->layers; l++)
		if (a->foreign[l])
			tool_warn(t,
			          "layer %.100s: %" PRIu64 " images are of a class that no "
			          "unit stands for: they were left out",
			          m->layer[l].name, a->foreign[l]);
}

static int run(struct tool *t)
{
	struct accuracies a = {.choice = &choice};
	const struct filter f = {.segment = begin_segment,
	                         .ordered = count_item,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_ALL,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &a};
	struct ndr_segment all = {0};
	int status, fd;

	if (!choice.truth_file == !choice.category)
		return error_set(&t->error, EXIT_USAGE,
		                 "one of --category and --truth is needed");
	status = filter_reduce(t, &f, &all);
	if (status == 0)
		warn_of_images(t, &a, &all.meta);
	fd = status < 0 ? -1 : tool_output(t, false);
	status = fd < 0 ? -1
	                : accuracies_write(&a, &all.meta, by_class, table_formats[format], fd,
	                                   tool_output_name(t), &t->error);
	accuracies_close(&a);
	filter_release(&all);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
