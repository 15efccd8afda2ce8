/* class-accuracy.c -- how often the greatest logit is that of the image's class.
 *
 *	ACT of 1x1 maps, LABEL -> a row a layer, or a class */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/accuracy.h"
#include "filter/filter.h"
#include "stage/classes.h"
#include "stage/truth.h"
#include "table/table.h"
#include "options.h"

static const char *only, *truth_file, *category, *class_file;
static bool by_class, incomplete;
static int format;

static const struct tool_option options[] = {
        {.name = "layer",
         .letter = 'l',
         .kind = TOOL_TEXT,
         .value = &only,
         .argument = "NAME",
         .help = "of this layer alone [all]"},
        OPTION_CLASS_CATEGORY(&category),
        OPTION_CLASS_TABLE(&truth_file),
        {.name = "classes",
         .kind = TOOL_TEXT,
         .value = &class_file,
         .argument = "FILE",
         .help = "the names of the units' classes, a line each",
         .local = true},
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

struct job {
	const struct ndr_meta *meta; /* of the segment at hand */
	struct truth truth;
	struct classes *classes; /* (layers) */
	struct accuracy **of;    /* (layers)(classes), NULL: of no interest */
	size_t layers;
	uint64_t unknown; /* images that nothing says the class of */
	uint64_t foreign; /* images of a class that no unit stands for */
};

static int open_layer(struct job *j, const struct ndr_layer *layer, size_t l, struct error *e)
{
	struct classes *c = &j->classes[l];

	if (only && strcmp(layer->name, only) != 0)
		return 0;
	if (layer->height != 1 || layer->width != 1)
		return error_set(e, EXIT_USAGE,
		                 "layer %.100s: its maps are %ux%u, logits have 1x1",
		                 layer->name, layer->height, layer->width);
	if ((class_file ? classes_read(c, class_file, e)
	     : category ? classes_of_category(c, j->meta, category, e)
	                : classes_numbers(c, layer->units, e)) < 0)
		return -1;
	if (c->count != layer->units)
		return error_set(e, EXIT_USAGE,
		                 "layer %.100s has %u units, but %s%.100s %zu%s: give their "
		                 "names with --classes",
		                 layer->name, layer->units, class_file ? "" : "category ",
		                 class_file ? class_file : category, c->count,
		                 class_file ? " lines" : " labels");
	j->of[l] = memory_new(c->count, sizeof(struct accuracy), e);
	return j->of[l] ? 0 : -1;
}

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;

	j->meta = &s->meta;
	if (only && ndr_meta_find_layer(&s->meta, only) < 0)
		return error_set(e, EXIT_USAGE, "no layer %.100s in the input", only);
	if (j->of) /* all segments have the same META */
		return 0;
	if ((truth_file ? truth_read(&j->truth, truth_file, e)
	                : truth_of_category(&j->truth, &s->meta, category, e)) < 0)
		return -1;
	j->classes = memory_new(s->meta.layers, sizeof *j->classes, e);
	j->of = memory_new(s->meta.layers, sizeof *j->of, e);
	if (!j->classes || !j->of)
		return -1;
	for (; j->layers < s->meta.layers; j->layers++)
		if (open_layer(j, &s->meta.layer[j->layers], j->layers, e) < 0)
			return j->layers++, -1;
	return 0;
}

static int count_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                      struct error *e)
{
	struct job *j = job;
	const char *name;
	int known;

	(void)out;
	if (in->number == NDR_NO_ITEM)
		return 0;
	known = truth_of(&j->truth, j->meta, in, &name, e);
	if (known <= 0)
		return j->unknown += known == 0, known;
	for (size_t i = 0; i < in->count; i++) {
		const struct ndr_record *rec = &in->record[i];
		long class;

		if (rec->type != NDR_ACT || !j->of[rec->group])
			continue;
		class = classes_find(&j->classes[rec->group], name);
		if (class < 0)
			j->foreign += only || rec->group == 0;
		else
			accuracy_add(&j->of[rec->group][class],
			             accuracy_rank(rec->data, rec->dims[0], (size_t) class));
	}
	return 0;
}

static void write_classes(struct table *out, const struct job *j, const struct ndr_meta *m)
{
	for (size_t l = 0; l < j->layers; l++)
		for (size_t c = 0; c < j->classes[l].count; c++) {
			const struct accuracy *a = &j->of[l][c];

			table_text(out, m->layer[l].name);
			table_text(out, j->classes[l].name[c]);
			table_count(out, a->images);
			table_count(out, a->top1);
			table_count(out, a->top5);
		}
}

static void write_layers(struct table *out, const struct job *j, const struct ndr_meta *m)
{
	for (size_t l = 0; l < j->layers; l++) {
		struct accuracy_shares s;

		if (!j->of[l])
			continue;
		s = accuracy_shares(j->of[l], j->classes[l].count);
		table_text(out, m->layer[l].name);
		table_count(out, s.images);
		table_count(out, s.classes);
		table_real(out, s.top1);
		table_real(out, s.top5);
		table_real(out, s.class_top1);
		table_real(out, s.class_top5);
	}
}

static int write_table(struct tool *t, const struct job *j, const struct ndr_meta *m)
{
	static const char *const per_class[] = {"layer", "class", "images", "top1", "top5"};
	static const char *const per_layer[] = {"layer", "images",     "classes",   "top1",
	                                        "top5",  "class-top1", "class-top5"};
	struct table out;
	const int fd = tool_output(t, false);
	int status;

	if (fd < 0)
		return -1;
	if (by_class)
		table_begin(&out, table_formats[format], per_class, 5);
	else
		table_begin(&out, table_formats[format], per_layer, 7);
	(by_class ? write_classes : write_layers)(&out, j, m);
	status = table_end(&out, fd, tool_output_name(t), &t->error);
	table_free(&out);
	return status;
}

static int run(struct tool *t)
{
	struct job j = {0};
	const struct filter f = {.segment = begin_segment,
	                         .ordered = count_item,
	                         .wanted = incomplete ? FILTER_ITEMS_ANY : FILTER_ITEMS_ALL,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = &j};
	struct ndr_segment all = {0};
	int status;

	if (!truth_file == !category)
		return error_set(&t->error, EXIT_USAGE,
		                 "one of --category and --truth is needed");
	status = filter_reduce(t, &f, &all);
	if (status == 0 && j.unknown)
		tool_warn(t, "%llu images have no class: they were left out",
		          (unsigned long long)j.unknown);
	if (status == 0 && j.foreign)
		tool_warn(t,
		          "%llu images are of a class that no unit stands for: they were left "
		          "out",
		          (unsigned long long)j.foreign);
	if (status == 0)
		status = write_table(t, &j, &all.meta);
	for (size_t l = 0; l < j.layers; l++) {
		classes_free(&j.classes[l]);
		free(j.of[l]);
	}
	free(j.classes);
	free(j.of);
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
