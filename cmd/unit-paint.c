/* unit-paint.c -- what the units of a layer see in pictures.
 *
 *	IMAGE, ACT; thresholds; a result -> a PNG for each image, a table of where what fires */
#include <stdlib.h>

#include "filter/filter.h"
#include "stage/layer.h"
#include "stage/sights.h"
#include "options.h"

enum { AT_LEAST, ABOVE };

static const char *threshold_file, *result_file, *directory, *layer_name;
static int upsample = UPSAMPLE_RF, compare = AT_LEAST, format;
static bool incomplete;
static struct paint_choice choice = {.cut = 0.04, .most = 6};

static const struct tool_option options[] = {
        OPTION_THRESHOLDS(&threshold_file),
        OPTION_RESULT(&result_file, "output of unit-label: what units are called", true),
        {.name = "directory",
         .letter = 'd',
         .kind = TOOL_TEXT,
         .value = &directory,
         .argument = "DIR",
         .help = "write DIR/ITEM-NAME.png for each image [only the table]",
         .local = true},
        {.name = "units",
         .kind = TOOL_TEXT,
         .value = &choice.units,
         .argument = "LIST",
         .help = "these units, by number, each alone"},
        {.name = "concepts",
         .kind = TOOL_TEXT,
         .value = &choice.concepts,
         .argument = "LIST",
         .help = "the detectors of these labels [of all]"},
        {.name = "strongest",
         .letter = 'k',
         .kind = TOOL_COUNT,
         .value = &choice.most,
         .argument = "K",
         .help = "paint so many concepts that fire [6]",
         .high = 1000},
        OPTION_CUT(&choice.cut, "units above this are detectors [0.04]"),
        OPTION_ONLY_LAYER(&layer_name, "this layer [the only one]"),
        OPTION_UPSAMPLE(&upsample, "where cells sit among pixels, as for act-segment [rf]"),
        OPTION_COMPARE(&compare, AS_SEGMENTED),
        OPTION_FORMAT(&format),
        OPTION_INCOMPLETE(&incomplete),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[FILE...]",
        .summary = "Paint over images what the units of a layer see in them.",
        .example = "cnn-forward -m net.onnx -l conv5 --keep-images images.ndr | "
                   "unit-paint -T conv5.thr -r conv5-result.csv",
        .unused = TOOL_PROVENANCE | TOOL_FORCE,
        .text = true,
};

struct job {
	struct tool *tool;
	struct thresholds thresholds;
	struct result result;
	struct painter painter;
	bool begun;
	struct table table;
};

static int begin_segment(void *job, struct ndr_segment *s, struct error *e)
{
	struct job *j = job;
	uint32_t layer;

	if (j->begun) /* all segments have the same META */
		return 0;
	j->begun = true;
	if (layer_choose(&s->meta, layer_name, &layer, e) < 0)
		return -1;
	return paint_begin(&j->painter, &s->meta.layer[layer], layer, &j->thresholds, e);
}

static int find_in_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                        size_t thread, struct error *e)
{
	struct job *j = job;

	ndr_item_clear(out, in->number);
	if (in->number == NDR_NO_ITEM)
		return 0;
	return sights_find(&j->painter, directory, in, out, thread, e);
}

static int write_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                      struct error *e)
{
	struct job *j = job;
	const struct ndr_record *png = sights_picture(out);
	char *path;
	int status = sights_write(&j->painter, in, out, &j->table, e);

	if (status < 0 || !png)
		return status;
	path = sights_path(directory, in, e);
	status = path ? tool_file_write(path, png->data, png->length, e) : -1;
	free(path);
	return status;
}

static int paint_all(struct job *j)
{
	struct tool *t = j->tool;
	const struct filter f = {.segment = begin_segment,
	                         .item = find_in_item,
	                         .ordered = write_item,
	                         .wanted = incomplete ? FILTER_ITEMS_PART_ANY
	                                              : FILTER_ITEMS_PART_ASKED,
	                         .consumes = NDR_ACT,
	                         .consumed = "activations",
	                         .ctx = j};
	struct ndr_segment all = {0};
	int status, fd;

	table_begin(&j->table, table_formats[format], sights_column, SIGHTS_COLUMNS);
	status = filter_reduce(t, &f, &all);
	/* What was warned of where thresholds were made goes for what is painted, too. */
	if (status == 0)
		status = ndr_provenance_unite(&all.provenance, &j->thresholds.provenance,
		                              &t->error);
	if (status == 0)
		status = filter_repeat_warnings(t, &all.provenance, "");
	filter_release(&all);
	fd = status < 0 ? -1 : tool_output(t, false);
	return fd < 0 ? -1 : table_end(&j->table, fd, tool_output_name(t), &t->error);
}

static int run(struct tool *t)
{
	struct job j = {.tool = t};
	struct error *e = &t->error;
	int status = -1;

	j.painter =
	        (struct painter){.choice = &choice, .result = &j.result, .threads = t->threads};
	choice.upsample = (enum upsample_method)upsample;
	if (directory && tool_directory(directory, e) < 0)
		return -1;
	if (result_read(&j.result, result_file, e) == 0 &&
	    thresholds_read(&j.thresholds, threshold_file, compare == ABOVE,
	                    t->most_label_pixels, e) == 0)
		status = paint_all(&j);
	paint_end(&j.painter);
	thresholds_free(&j.thresholds);
	table_free(&j.table);
	result_free(&j.result);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
