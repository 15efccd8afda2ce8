/* unit-paint.c -- what the units of a layer see in pictures.
 *
 *	IMAGE, ACT; thresholds; a result -> a PNG for each image, a table of where what fires */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "stage/paint.h"
#include "options.h"

enum { AT_LEAST, ABOVE };

static const char *threshold_file, *result_file, *directory, *layer_name;
static int upsample = UPSAMPLE_RF, compare = AT_LEAST, format;
static bool incomplete;
static struct paint_choice choice = {.cut = 0.04, .most = 6};

static const struct tool_option options[] = {
        OPTION_THRESHOLDS(&threshold_file),
        {.name = "result",
         .letter = 'r',
         .kind = TOOL_TEXT,
         .value = &result_file,
         .argument = "CSV",
         .help = "output of unit-label: what units are called",
         .required = true,
         .local = true},
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
        OPTION_ONLY_LAYER(&layer_name),
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

static const char *const column[] = {"item",  "image",  "concept",   "category", "iou",  "unit",
                                     "fires", "peak",   "threshold", "strength", "left", "top",
                                     "width", "height", "percent",   "painted"};

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
	int layer = layer_name ? ndr_meta_find_layer(&s->meta, layer_name) : 0;

	if (j->begun) /* all segments have the same META */
		return 0;
	if (layer < 0 || s->meta.layers == 0)
		return error_set(e, layer < 0 ? EXIT_USAGE : EXIT_MALFORMED,
		                 layer < 0 ? "--layer '%s': not in the input"
		                           : "no activations in the input",
		                 layer_name);
	if (!layer_name && s->meta.layers > 1)
		return error_set(e, EXIT_USAGE, "%zu layers: choose one with --layer",
		                 s->meta.layers);
	j->begun = true;
	return paint_begin(&j->painter, &s->meta.layer[layer], (uint32_t)layer, &j->thresholds,
	                   e);
}

/* What is found goes to out in two records of our own: sights and a PNG. */
enum { SIGHTS = NDR_PRIVATE, PICTURE };

static int add_bytes(struct ndr_item *out, unsigned type, const void *bytes, size_t n,
                     struct error *e)
{
	const struct ndr_record rec = {
	        .type = (uint16_t)type, .ndim = 1, .dims = {(uint32_t)n}, .data = bytes};

	return n > UINT32_MAX               ? error_set(e, EXIT_SYSTEM, "a picture too large")
	       : ndr_item_add(out, &rec, e) ? 0
	                                    : -1;
}

static int find_in_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                        size_t thread, struct error *e)
{
	struct job *j = job;
	struct paint_sight *sight = NULL;
	struct ndr_item_info info;
	struct text png = {0};
	struct error why = {0};
	size_t n = 0;
	int status;

	ndr_item_clear(out, in->number);
	if (in->number == NDR_NO_ITEM)
		return 0;
	if (ndr_item_info(in, &info, e) < 0)
		return -1;
	status = paint_item(&j->painter, in, thread, &sight, &n, &png, &why);
	if (status < 0)
		error_set(e, why.code, "%s: item %u (%.200s): %s", in->input, in->number,
		          info.name, why.text);
	if (status == 0)
		status = add_bytes(out, SIGHTS, sight, n * sizeof *sight, e);
	if (status == 0 && directory) {
		const size_t length = png.length;
		char *bytes = text_take(&png, "a picture", e);

		status = bytes ? add_bytes(out, PICTURE, bytes, length, e) : -1;
		free(bytes);
	}
	text_free(&png);
	free(sight);
	return status;
}

/* DIR/ITEM-NAME.png: of the image's name, what follows the last '/', without what follows the
 * last '.'; and '-' for what is neither letter, digit, '.', '_' nor '-'. */
static char *choose_path(uint32_t number, const char *name, struct error *e)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                           "0123456789._-";
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name,
	           *dot = strrchr(base, '.');
	const size_t length = dot ? (size_t)(dot - base) : strlen(base);
	char *path;

	if (asprintf(&path, "%s/%" PRIu32 "-%.*s.png", directory, number,
	             length < 100 ? (int)length : 100, base) < 0) {
		error_set(e, EXIT_SYSTEM, "no memory for a path");
		return NULL;
	}
	for (char *s = path + strlen(directory) + 1; *s; s++)
		if (!strchr(kept, *s))
			*s = '-';
	return path;
}

static int write_picture(uint32_t number, const char *name, const struct ndr_record *png,
                         struct error *e)
{
	char *path = choose_path(number, name, e);
	int status = path ? tool_file_write(path, png->data, png->length, e) : -1;

	free(path);
	return status;
}

static void write_row(struct job *j, const struct ndr_item *in, const char *name,
                      const struct paint_sight *s)
{
	const struct paint_concept *c = &j->painter.concept[s->concept];
	const struct ndr_record *image = ndr_item_find(in, NDR_IMAGE, NDR_ANY_GROUP);
	struct table *t = &j->table;

	table_count(t, in->number);
	table_text(t, name);
	table_text(t, c->label);
	table_text(t, c->category);
	table_real(t, c->score);
	table_count(t, s->unit + 1);
	table_count(t, s->fires);
	table_real(t, s->peak);
	table_real(t, j->painter.row[s->unit].t);
	table_real(t, s->strength);
	table_count(t, s->box.left);
	table_count(t, s->box.top);
	table_count(t, s->box.width);
	table_count(t, s->box.height);
	table_real(t, 100 * (double)s->pixels / ((double)image->dims[0] * image->dims[1]));
	table_count(t, s->painted);
}

static int write_item(void *job, const struct ndr_item *in, struct ndr_item *out,
                      struct error *e)
{
	const struct ndr_record *sights = ndr_item_find(out, SIGHTS, NDR_ANY_GROUP),
	                        *png = ndr_item_find(out, PICTURE, NDR_ANY_GROUP);
	const struct paint_sight *s = sights ? sights->data : NULL;
	struct ndr_item_info info;

	if (!sights)
		return 0;
	if (ndr_item_info(in, &info, e) < 0)
		return -1;
	for (size_t i = 0; i < sights->length / sizeof *s; i++)
		write_row(job, in, info.name, s + i);
	return png ? write_picture(in->number, info.name, png, e) : 0;
}

/* What was warned of where the activations and the thresholds were made goes for what is
 * painted. */
static int repeat_warnings(struct tool *t, struct ndr_provenance *all,
                           const struct ndr_provenance *thresholds)
{
	struct ndr_warnings w;
	int status = ndr_provenance_unite(all, thresholds, &t->error);

	if (status < 0 || ndr_provenance_warnings(all, &w, &t->error) < 0)
		return -1;
	for (size_t i = 0; i < w.count; i++)
		if (strcmp(w.warning[i].program, t->name) != 0)
			tool_warn(t, "%s: %s", w.warning[i].program, w.warning[i].text);
	ndr_warnings_free(&w);
	return 0;
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

	table_begin(&j->table, table_formats[format], column, sizeof column / sizeof *column);
	status = filter_reduce(t, &f, &all);
	if (status == 0)
		status = repeat_warnings(t, &all.provenance, &j->thresholds.provenance);
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
	if (directory && mkdir(directory, 0777) < 0 && errno != EEXIST)
		return error_errno(e, "%s", directory);
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
