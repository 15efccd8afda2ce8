/* human-sheet.c -- a page on which people say what units' strongest images show.
 *
 *	THRESH, SCORE, COUNT, TOP, TOPMAP of STEM; IMAGE, LABEL -> HTML, and a key
 *
 * Bau et al. 2017, section 3.1. */
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "image/image.h"
#include "record/ndr.h"
#include "report/sheet.h"
#include "stage/questions.h"
#include "stage/report.h"
#include "tool/tool.h"
#include "options.h"

static const char *images, *phrases, *key_file;
static uint64_t patches = 15, sample, seed = 1;
static int upsample = UPSAMPLE_RF, compare;
static struct reporting_choice choice = {.min_images = 10, .cut = 0.04, .thumbnail = 112};

static const struct tool_option options[] = {
        OPTION_IMAGES(&images),
        {.name = "phrases",
         .kind = TOOL_TEXT,
         .value = &phrases,
         .argument = "CSV",
         .help = "ask whether these are right, and labels and decoys [ask for phrases]",
         .local = true},
        OPTION_SIDE("key", &key_file,
                    "write there, with --phrases, where each phrase comes from"),
        {.name = "patches",
         .kind = TOOL_COUNT,
         .value = &patches,
         .argument = "K",
         .help = "images of a unit, as many as STEM.top.ndr has at most [15]",
         .low = 1,
         .high = 1000},
        {.name = "sample",
         .kind = TOOL_COUNT,
         .value = &sample,
         .argument = "N",
         .help = "ask for phrases for so many units [all]",
         .low = 1,
         .high = 1 << 24},
        {.name = "seed",
         .kind = TOOL_COUNT,
         .value = &seed,
         .argument = "S",
         .help = "which units, decoys and order [1]",
         .high = (double)UINT32_MAX},
        OPTION_MIN_IMAGES(&choice.min_images),
        OPTION_ONLY_LAYER(&choice.layer, "this layer [the only one]"),
        OPTION_UPSAMPLE(&upsample,
                        "where cells sit among label pixels, as for act-segment [rf]"),
        OPTION_COMPARE(&compare, AS_SEGMENTED),
        {0},
};

static const struct tool_usage usage = {
        .operands = "STEM",
        .min_operands = 1,
        .max_operands = 1,
        .summary = "Ask people what the units of a dissection show.",
        .input = &images,
        .example = "human-sheet -i images.ndr --sample 20 conv5 > describe.html",
        .unused = TOOL_THREADS | TOOL_FORCE | TOOL_PROVENANCE | TOOL_VERBOSE,
        .text = true,
        .libraries = image_libraries,
        .needs = (const struct tool_need[]){{"phrases", "key"}, {"key", "phrases"}, {0}},
};

static void show_progress(void *tool, uint64_t done, uint64_t total)
{
	tool_progress(tool, done, total);
}

static int write_sheet(struct tool *t, const struct report *r, const struct questions *q)
{
	struct sheet s = {.report = r, .questions = q->count, .patches = patches};
	struct sheet_question *asked = memory_new(q->count, sizeof *asked, &t->error);
	struct text text = {0};
	const int fd = tool_output(t, false);
	size_t length;
	char *page;
	int status;

	if (!asked || fd < 0) {
		free(asked);
		return -1;
	}
	for (size_t i = 0; i < q->count; i++)
		asked[i] = q->question[i].asked;
	s.question = asked;
	sheet_write(&text, &s);
	free(asked);
	length = text.length;
	page = text_take(&text, "a page", &t->error);
	status = page ? file_write(fd, tool_output_name(t), page, length, &t->error) : -1;
	free(page);
	return status;
}

static int write_key(struct tool *t, const struct report *r, const struct questions *q)
{
	struct tool_file *f = tool_file_open(key_file, &t->error);

	return tool_file_end(f, f ? questions_key(q, r, f->fd, key_file, &t->error) : -1,
	                     &t->error);
}

static int ask(struct tool *t, struct reporting *r, struct questions *q)
{
	const struct report *report = &r->report;

	if (reporting_add(r, t->operands[0], &t->error) < 0 ||
	    reporting_begin(r, &t->error) < 0 ||
	    reporting_read(r, images ? images : "-", show_progress, t, &t->error) < 0 ||
	    (phrases ? questions_judge(q, report, phrases, seed, &t->error)
	             : questions_describe(q, report, sample, seed, &t->error)) < 0 ||
	    (phrases && write_key(t, report, q) < 0))
		return -1;
	return write_sheet(t, report, q);
}

static int run(struct tool *t)
{
	const struct tool_side others[] = {{"--images", images}, {"--phrases", phrases}};
	struct questions q = {0};
	struct reporting r;
	int status;

	if (tool_check_side(t, &(struct tool_side){"--key", key_file}, others,
	                    sizeof others / sizeof *others) < 0)
		return -1;
	choice.upsample = (enum upsample_method)upsample;
	choice.strict = compare;
	choice.most_label_pixels = t->most_label_pixels;
	reporting_open(&r, &choice);
	status = ask(t, &r, &q);
	questions_free(&q);
	reporting_close(&r);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
