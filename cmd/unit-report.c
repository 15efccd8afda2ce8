/* unit-report.c -- one dissection, or two side by side, as a page to look at.
 *
 *	THRESH, SCORE, COUNT, TOP, TOPMAP of STEM; IMAGE, LABEL -> HTML
 *
 * Only the images that TOP names are decoded, drawn and kept. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "image/image.h"
#include "record/ndr.h"
#include "report/page.h"
#include "stage/report.h"
#include "tool/tool.h"
#include "options.h"

enum { LARGE_PAGE = 30000000 }; /* bytes, beyond which browsers are slow */

static const char *images, *folder;
static int upsample = UPSAMPLE_RF, compare;
static uint64_t thumbnail = 112;
static struct tool_list networks, formulas;
static struct reporting_choice choice = {.min_images = 10, .cut = 0.04};

static const struct tool_option options[] = {
        OPTION_IMAGES(&images),
        {.name = "formulas",
         .kind = TOOL_LIST,
         .value = &formulas,
         .argument = "FILE",
         .help = "formulas of the units too, each STEM's: --lengths of unit-formula",
         .local = true},
        {.name = "folder",
         .kind = TOOL_TEXT,
         .value = &folder,
         .argument = "DIR",
         .help = "write DIR/index.html and DIR/images, photographs in their own size",
         .local = true},
        {.name = "network",
         .kind = TOOL_LIST,
         .value = &networks,
         .argument = "NAME",
         .help = "what the network is called, given twice each STEM's [its file's digest]"},
        {.name = "data",
         .kind = TOOL_TEXT,
         .value = &choice.data,
         .argument = "NAME",
         .help = "what the data set is called [nothing]"},
        {.name = "activations",
         .kind = TOOL_TEXT,
         .value = &choice.activations,
         .argument = "KIND",
         .help = "read STEM.KIND.ndr for the masks of all detectors, and more images [none]"},
        {.name = "thumbnail",
         .kind = TOOL_COUNT,
         .value = &thumbnail,
         .argument = "PIXELS",
         .help = "longer side of the photographs on the page [112]",
         .low = 16,
         .high = 1024},
        OPTION_CUT(&choice.cut, "units above this are detectors [0.04]"),
        OPTION_MIN_IMAGES(&choice.min_images),
        OPTION_ONLY_LAYER(&choice.layer, "this layer [the only one]"),
        OPTION_UPSAMPLE(&upsample,
                        "where cells sit among label pixels, as for act-segment [rf]"),
        OPTION_COMPARE(&compare, AS_SEGMENTED),
        {0},
};

static const struct tool_usage usage = {
        .operands = "STEM [STEM]",
        .min_operands = 1,
        .max_operands = 2,
        .summary = "Show what the units of STEM.thr.ndr, STEM.score.ndr and STEM.top.ndr "
                   "detect.",
        .input = &images,
        .example = "unit-report -i images.ndr conv5 > conv5.html",
        .unused = TOOL_THREADS | TOOL_FORCE | TOOL_PROVENANCE,
        .text = true,
        .libraries = image_libraries,
};

static void show_progress(void *tool, uint64_t done, uint64_t total)
{
	tool_progress(tool, done, total);
}

/* ---- output ---- */

/* Makes DIR/images; its path, to free(). */
static char *make_folders(struct error *e)
{
	char *path = memory_print(e, "%s/images", folder);

	if (!path)
		return NULL;
	if (tool_directory(folder, e) == 0 && tool_directory(path, e) == 0)
		return path;
	free(path);
	return NULL;
}

/* Photographs first, so that a page that is there has them. */
static int write_folder(const struct report *r, const char *page, size_t length,
                        struct error *e)
{
	char *directory = make_folders(e), *path;
	int status = directory ? 0 : -1;

	for (size_t i = 0; i < r->pictures && status == 0; i++) {
		const struct report_picture *p = &r->picture[i];

		path = memory_print(e, "%s/%" PRIu32 ".jpg", directory, p->item);
		status = path ? tool_file_write(path, p->jpeg.bytes, p->jpeg.length, e) : -1;
		free(path);
	}
	free(directory);
	path = status == 0 ? memory_print(e, "%s/index.html", folder) : NULL;
	status = path ? tool_file_write(path, page, length, e) : -1;
	free(path);
	return status;
}

static int write_page(struct tool *t, const struct report *r)
{
	struct text text = {0};
	int status = page_write(&text, r, &t->error);
	const size_t length = text.length;
	char *page = text_take(&text, "a page", &t->error);
	int fd;

	if (status < 0 || !page) {
		free(page);
		return -1;
	}
	tool_note(t, "%zu images, a page of %zu bytes", r->pictures, length);
	if (length > LARGE_PAGE)
		tool_warn(t,
		          "the page has %zu MB: fewer images (act-top -k), a smaller "
		          "--thumbnail, no --activations or --folder make it smaller",
		          length / 1000000);
	if (folder)
		status = write_folder(r, page, length, &t->error);
	else {
		fd = tool_output(t, false);
		status = fd < 0 ? -1
		                : file_write(fd, tool_output_name(t), page, length, &t->error);
	}
	free(page);
	return status;
}

/* What this program was told, and of what files, for the page. */
static int sign(struct tool *t, struct report *r)
{
	static const char *const kinds[] = {"score", "thr", "top"};

	for (size_t i = 0; i < t->operand_count; i++)
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			char *path =
			        memory_print(&t->error, "%s.%s.ndr", t->operands[i], kinds[k]);
			int status = path ? tool_digest(t, kinds[k], path) : -1;

			free(path);
			if (status < 0)
				return -1;
		}
	for (size_t i = 0; i < formulas.count; i++)
		if (tool_digest(t, "formulas", formulas.text[i]) < 0)
			return -1;
	r->command = tool_details(t);
	r->version = NDPIPE_VERSION;
	return t->error.code ? -1 : 0;
}

static int report(struct tool *t, struct reporting *r)
{
	for (size_t i = 0; i < t->operand_count; i++)
		if (reporting_add(r, t->operands[i], &t->error) < 0)
			return -1;
	if (sign(t, &r->report) < 0)
		return -1;
	if (reporting_begin(r, &t->error) < 0 || reporting_activations(r, &t->error) < 0)
		return -1;
	for (size_t n = 0; n < r->report.sides; n++)
		for (size_t i = 0; i < r->report.side[n].warnings; i++)
			tool_warn(t, "%s", r->report.side[n].warning[i]);
	return reporting_read(r, images ? images : "-", show_progress, t, &t->error) < 0
	               ? -1
	               : write_page(t, &r->report);
}

static int run(struct tool *t)
{
	struct reporting r;
	int status;

	if (folder && t->output)
		return error_set(&t->error, EXIT_USAGE,
		                 "--folder and --output exclude each other");
	if (networks.count > t->operand_count)
		return error_set(&t->error, EXIT_USAGE, "--network: %zu names of %zu networks",
		                 networks.count, t->operand_count);
	if (formulas.count > t->operand_count)
		return error_set(&t->error, EXIT_USAGE,
		                 "--formulas: %zu files for %zu dissections", formulas.count,
		                 t->operand_count);
	for (size_t i = 0; i < formulas.count; i++)
		choice.formulas[i] = formulas.text[i];
	for (size_t i = 0; i < networks.count; i++)
		choice.network[i] = networks.text[i];
	if (networks.count == 1)
		choice.network[1] = choice.network[0];
	choice.upsample = (enum upsample_method)upsample;
	choice.strict = compare;
	choice.thumbnail = (uint32_t)thumbnail;
	choice.folder = folder;
	choice.most_label_pixels = t->most_label_pixels;
	reporting_open(&r, &choice);
	status = report(t, &r);
	reporting_close(&r);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
