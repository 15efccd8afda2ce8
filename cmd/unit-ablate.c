/* unit-ablate.c -- does taking out the detectors of a concept hurt its class more than others?
 *
 *	ACT, LABEL, a result and the rest of the network -> tables
 *
 * The activations are kept in memory, and each set of units is taken out of them in turn. */
#include <inttypes.h>
#include <math.h>

#include "filter/filter.h"
#include "removal/tables.h"
#include "tool/blas.h"
#include "options.h"

static struct forward_how how = {.values = {.scale = NAN}};
static struct removal_choice choice = {.share = 0.5};
static const char *result_file, *logits;
static double cut = 0.04;
static uint64_t random_sets = 200, near = 20, seed = 1, memory = 4096;
static int algorithm, to, format = TABLE_CSV;
static bool incomplete;

/* Tables beside the first. */
enum { EFFECTS, SINGLE, CLASSES, SETS, TABLES };
static const char *file[TABLES];
static const char *const file_option[TABLES] = {"--effects", "--single", "--by-class",
                                                "--sets"};
static removal_table *const write_of[TABLES] = {removal_write_effects, removal_write_single,
                                                removal_write_classes, removal_write_sets};

static const struct tool_option options[] = {
        OPTION_MODEL(&how.model.file, "the network, as for cnn-forward, like the next five"),
        OPTION_WEIGHTS(&how.model.weights),
        OPTION_INPUT_SIZE(
                &how.model.input_size,
                "size of the images, where the model leaves it open [that in the stream]"),
        OPTION_TOKENS(&how.model.tokens),
        OPTION_INPUTS(&how.model.sets),
        OPTION_ALGORITHM(&algorithm),
        {.name = "layer",
         .kind = TOOL_TEXT,
         .value = &how.from,
         .argument = "NAME",
         .help = "take units out of this layer",
         .required = true},
        {.name = "logits",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &logits,
         .argument = "NAME",
         .help = "the tensor that has a value for each class",
         .required = true},
        OPTION_RESULT(&result_file, "output of unit-label: which units detect what", true),
        OPTION_CUT(&cut, "IoU of a detector [0.04]"),
        OPTION_CLASS_CATEGORY(&choice.category),
        OPTION_CLASS_TABLE(&choice.truth_file),
        OPTION_CLASS_NAMES(&choice.class_file, "the names of the logits' classes, a line each"),
        OPTION_TO(&to, "what units become: 0, or their mean [zero]"),
        {.name = "train",
         .kind = TOOL_REAL,
         .value = &choice.share,
         .argument = "SHARE",
         .help = "share of the images that order and means are found on [0.5]",
         .low = 0.001,
         .high = 0.999},
        {.name = "random",
         .kind = TOOL_COUNT,
         .value = &random_sets,
         .argument = "N",
         .help = "random sets for each concept [200]",
         .low = 1,
         .high = 100000},
        {.name = "near",
         .kind = TOOL_COUNT,
         .value = &near,
         .argument = "K",
         .help = "random units are among the K most like those that they stand for [20]",
         .low = 1,
         .high = 1 << 20},
        {.name = "seed",
         .kind = TOOL_COUNT,
         .value = &seed,
         .argument = "S",
         .help = "which random sets [1]"},
        OPTION_SIDE("effects", &file[EFFECTS],
                    "write what each concept's set does to each class, as TSV"),
        OPTION_SIDE("single", &file[SINGLE],
                    "write what each unit does to each class, on images that train"),
        OPTION_SIDE("by-class", &file[CLASSES],
                    "write what the most important units of a class do to it"),
        OPTION_SIDE("sets", &file[SETS], "write all sets that stand for concepts"),
        OPTION_MEMORY(&memory, "keep at most so many MiB of activations [4096]"),
        OPTION_DATA_FORMAT(&format),
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Measure what taking units out of a layer does to the classes that the "
                   "network names.",
        .example = "unit-ablate -m alexnet.onnx --layer conv5 -l score --truth classes.csv -r "
                   "conv5-result.csv conv5.ndr",
        .libraries = blas_kernels,
        .unused = TOOL_VERBOSE | TOOL_FORCE | TOOL_PROVENANCE,
        .text = true,
};

struct job {
	struct forward forward;
	struct removal removal;
};

/* ---- what comes ---- */

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;
	uint32_t group;
	size_t classes;

	if (j->removal.units) /* all segments have the same META */
		return 0;
	if (forward_begin(&j->forward, s, NULL) < 0 ||
	    forward_resume(&j->forward, &s->meta, &group, e) < 0 ||
	    forward_logits(&j->forward, &classes, e) < 0)
		return -1;
	return removal_open(&j->removal, &s->meta, classes, e);
}

static int keep_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                     struct error *e)
{
	struct job *j = job;

	(void)out;
	return in->number == NDR_NO_ITEM ? 0 : removal_add(&j->removal, in, e);
}

/* ---- what goes ---- */

static int write_tables(struct tool *t, const struct study *s)
{
	int fd;

	for (int i = 0; i < TABLES; i++) {
		struct tool_file *out = file[i] ? tool_file_open(file[i], &t->error) : NULL;
		int status = 0;

		if (out)
			status = write_of[i](s, TABLE_TSV, out->fd, file[i], &t->error);
		if (file[i] && tool_file_end(out, out ? status : -1, &t->error) < 0)
			return -1;
	}
	fd = tool_output(t, false);
	return fd < 0 ? -1
	              : removal_write_concepts(s, (enum table_format)format, fd,
	                                       tool_output_name(t), &t->error);
}

static void warn(const struct tool *t, const struct removal *r)
{
	if (r->without_class)
		tool_warn(t, "%" PRIu64 " images have no class: they were left out",
		          r->without_class);
	if (r->foreign)
		tool_warn(t,
		          "%" PRIu64
		          " images are of a class that no unit stands for: they were left out",
		          r->foreign);
}

static int check_options(struct tool *t)
{
	struct tool_side others[TABLES + 3] = {{"--result", result_file},
	                                       {"--model", how.model.file},
	                                       {"--weights", how.model.weights}};

	if (!choice.truth_file == !choice.category)
		return error_set(&t->error, EXIT_USAGE,
		                 "one of --category and --truth is needed");
	for (size_t i = 0; i < TABLES; i++) {
		others[3 + i] = (struct tool_side){file_option[i], file[i]};
		if (file[i] && tool_check_side(t, &others[3 + i], others, 3 + i) < 0)
			return -1;
	}
	how.algorithm = (enum network_algorithm)algorithm;
	how.layers = (struct tool_list){1, {logits}};
	choice.layer = how.from;
	choice.to_mean = to == 1;
	choice.bytes = memory << 20;
	return 0;
}

static int study(struct tool *t, struct job *j, const struct result *result)
{
	struct study s = {.tool = t,
	                  .forward = &j->forward,
	                  .removal = &j->removal,
	                  .result = result,
	                  .result_name = result_file,
	                  .cut = cut,
	                  .random = random_sets,
	                  .near = near,
	                  .seed = seed};
	int status = removal_finish(&j->removal, &t->error);

	if (status == 0) {
		warn(t, &j->removal);
		status = study_measure(&s);
	}
	if (status == 0)
		status = write_tables(t, &s);
	study_free(&s);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {.removal = {.choice = &choice}};
	const struct filter f = {.segment = begin_segment,
	                         .ordered = keep_item,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_ALL,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	struct result result = {0};
	int status = check_options(t);

	if (status == 0)
		status = result_read(&result, result_file, &t->error);
	if (status == 0)
		status = forward_open(&j.forward, &how, t);
	if (status == 0)
		status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = study(t, &j, &result);
	result_free(&result);
	forward_close(&j.forward);
	removal_free(&j.removal);
	filter_release(&all);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	blas_choose_kernels(argv);
	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
