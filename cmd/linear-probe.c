/* linear-probe.c -- how well linear classifiers tell classes by a layer's activations.
 *
 *	ACT, LABEL -> a row a layer
 *
 * Half of the images, chosen by their names, train the classifiers, the others test them
 * (Bau et al. 2017, section 3.6). */
#include <cblas.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "dissect/accuracy.h"
#include "dissect/probe.h"
#include "filter/filter.h"
#include "stage/features.h"
#include "stage/truth.h"
#include "table/table.h"
#include "tool/parallel.h"
#include "options.h"

static const char *truth_file, *category;
static double cost = 0.001, share = 0.5;
static uint64_t memory = 4096;
static int pool, format;
static bool incomplete;

static const struct tool_option options[] = {
        OPTION_CLASS_CATEGORY(&category),
        OPTION_CLASS_TABLE(&truth_file),
        {.name = "cost",
         .letter = 'C',
         .kind = TOOL_REAL,
         .value = &cost,
         .argument = "X",
         .help = "what an error costs beside the weights' square [0.001]",
         .low = 1e-12,
         .high = 1e12},
        {.name = "pool",
         .kind = TOOL_CHOICE,
         .value = &pool,
         .argument = "none|avg|max",
         .help = "features: all of a map, its mean, its maximum [none]"},
        {.name = "train",
         .kind = TOOL_REAL,
         .value = &share,
         .argument = "SHARE",
         .help = "share of the images to train on [0.5]",
         .low = 0.001,
         .high = 0.999},
        OPTION_MEMORY(&memory, "keep at most so many MiB of features [4096]"),
        OPTION_FORMAT(&format),
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Measure how well linear classifiers tell classes by activations.",
        .example = "linear-probe -c scene conv5.ndr",
        .unused = TOOL_VERBOSE | TOOL_FORCE | TOOL_PROVENANCE,
        .text = true,
};

struct job {
	const struct ndr_meta *meta; /* of the segment at hand */
	struct truth truth;
	struct features features;
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	j->meta = &s->meta;
	if (j->features.layers) /* all segments have the same META */
		return 0;
	if (truth_open(&j->truth, &s->meta, category, truth_file, e) < 0)
		return -1;
	return features_open(&j->features, &s->meta, (enum features_pool)pool, share,
	                     memory << 20, e);
}

static int keep_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                     struct error *e)
{
	struct job *j = job;
	const char *class;
	int known;

	(void)out;
	if (in->number == NDR_NO_ITEM)
		return 0;
	known = truth_of(&j->truth, j->meta, in, &class, e);
	return known < 0 ? -1 : features_add(&j->features, in, known ? class : NULL, e);
}

/* ---- one layer's classifiers, a class at a time ---- */

struct fit {
	const struct features_side *train, *test;
	const float *const *test_row;
	struct probe probe;
	double scale;
	size_t classes;
	float *value; /* (test images, classes): what each class's classifier says */
};

static int fit_class(void *fit, size_t class, size_t slot, struct error *e)
{
	struct fit *f = fit;
	const size_t features = f->probe.features;
	double *weight = memory_new(features + 1, sizeof *weight, e);
	int status = weight ? probe_fit(&f->probe, f->train->class, (uint32_t) class, cost,
	                                weight, e)
	                    : -1;

	(void)slot;
	for (size_t i = 0; status == 0 && i < f->test->images; i++)
		f->value[i * f->classes + class] =
		        (float)probe_value(weight, f->test_row[i], features, f->scale);
	free(weight);
	return status;
}

/* Its accuracies go to a, (classes). */
static int fit_layer(struct tool *t, const struct features_split *s, size_t layer,
                     struct accuracy *a)
{
	const float *const *x = s->train.row[layer];
	struct fit f = {.train = &s->train,
	                .test = &s->test,
	                .test_row = s->test.row[layer],
	                .scale = probe_scale(x, s->train.images, s->width[layer]),
	                .classes = s->classes};
	const struct parallel_count p = {
	        .count = s->classes, .threads = t->threads, .work = fit_class, .ctx = &f};
	int status = -1;

	f.value = memory_new(s->test.images, s->classes * sizeof *f.value, &t->error);
	if (f.value &&
	    probe_open(&f.probe, x, s->train.images, s->width[layer], f.scale, &t->error) == 0)
		status = parallel_count(&p, &t->error);
	for (size_t i = 0; status == 0 && i < s->test.images; i++)
		accuracy_add(&a[s->test.class[i]], accuracy_rank(f.value + i * s->classes,
		                                                 s->classes, s->test.class[i]));
	probe_free(&f.probe);
	free(f.value);
	return status;
}

static int fit_layers(struct tool *t, const struct features_split *s, const struct ndr_meta *m,
                      uint64_t without_class, struct table *out)
{
	int status = 0;

	for (size_t l = 0; l < s->layers && status == 0; l++) {
		struct accuracy *a = memory_new(s->classes, sizeof *a, &t->error);
		struct accuracy_shares shares;

		status = a ? fit_layer(t, s, l, a) : -1;
		if (status == 0) {
			shares = accuracy_shares(a, s->classes);
			table_text(out, m->layer[l].name);
			table_count(out, s->width[l]);
			table_count(out, s->classes);
			table_count(out, s->train.images);
			table_count(out, s->test.images);
			table_real(out, shares.top1);
			table_real(out, shares.class_top1);
			table_count(out, without_class);
			table_count(out, s->left_out);
		}
		free(a);
	}
	return status;
}

static int write_table(struct tool *t, const struct features *f, const struct ndr_meta *m)
{
	static const char *const column[] = {"layer",          "features",      "classes",
	                                     "train",          "test",          "accuracy",
	                                     "class-accuracy", "without-class", "rare"};
	struct features_split s = {0};
	struct table out;
	const int fd = tool_output(t, false);
	int status = fd < 0 ? -1 : features_split(f, &s, &t->error);

	if (status == 0 && f->without_class + s.left_out)
		tool_warn(t,
		          "%" PRIu64 " images without a class and %" PRIu64
		          " of classes too rare to train on and to test were left out",
		          f->without_class, s.left_out);
	table_begin(&out, table_formats[format], column, sizeof column / sizeof *column);
	if (status == 0)
		status = fit_layers(t, &s, m, f->without_class, &out);
	if (status == 0)
		status = table_end(&out, fd, tool_output_name(t), &t->error);
	table_free(&out);
	features_split_free(&s);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {0};
	const struct filter f = {.segment = begin_segment,
	                         .ordered = keep_item,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_ALL,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status;

	if (!truth_file == !category)
		return error_set(&t->error, EXIT_USAGE,
		                 "one of --category and --truth is needed");
	openblas_set_num_threads(1); /* threads take classes */
	status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = write_table(t, &j.features, &all.meta);
	features_free(&j.features);
	truth_free(&j.truth);
	filter_release(&all);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
