/* unit-summary.c -- count the detectors in result tables.
 *
 *	tables of unit-label, or as released by Bau et al. -> one row a file, or a concept */
#include <inttypes.h>
#include <string.h>

#include "stage/concepts.h"
#include "stage/detectors.h"
#include "tool/tool.h"
#include "options.h"

static double threshold = 0.04;
static bool by_concept;
static int rule = LABEL_TOP, format;

static const struct tool_option options[] = {
        OPTION_CUT(&threshold, "detectors are above this [0.04]"),
        {.name = "count",
         .kind = TOOL_CHOICE,
         .value = &rule,
         .argument = "top|per-category",
         .help = "a unit counts once, or in every category [top]"},
        {.name = "concepts",
         .kind = TOOL_FLAG,
         .value = &by_concept,
         .help = "a row for each concept that is detected instead"},
        OPTION_FORMAT(&format),
        {0},
};

static const struct tool_usage usage = {
        .operands = "[CSV...]",
        .summary = "Count detectors and the concepts that they detect.",
        .example = "unit-summary conv5-result.csv",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_FORCE | TOOL_PROGRESS | TOOL_PROVENANCE |
                  TOOL_LABEL_PIXELS,
        .text = true,
};

static int count_file(struct tool *t, struct detectors *d, struct concepts *c, const char *path)
{
	const char *file = strcmp(path, "-") == 0 ? "<stdin>" : path;
	struct result r = {0};
	int status = result_read(&r, path, &t->error);

	if (status == 0)
		status =
		        detectors_add(d, file, &r, threshold, (enum label_rule)rule, &t->error);
	if (status == 0 && by_concept)
		status = concepts_add(c, file, &r, threshold, (enum label_rule)rule, &t->error);
	if (status == 0 && r.wrong_rows > 0)
		tool_warn(t,
		          "%s: row %" PRIu64 ", the first of %" PRIu64
		          ", is not what its own counts give: the counts are used",
		          file, r.first_wrong_row, r.wrong_rows);
	result_free(&r);
	return status;
}

static int run(struct tool *t)
{
	static char *standard[] = {"-"};
	char **path = t->operand_count ? t->operands : standard;
	const size_t files = t->operand_count ? t->operand_count : 1;
	struct detectors d = {0};
	struct concepts c = {0};
	int status = 0, fd;

	for (size_t i = 0; status == 0 && i < files; i++)
		status = count_file(t, &d, &c, path[i]);
	if (status == 0) {
		fd = tool_output(t, false);
		if (fd < 0)
			status = -1;
		else if (by_concept)
			status = concepts_write(&c, table_formats[format], fd,
			                        tool_output_name(t), &t->error);
		else
			status = detectors_write(&d, table_formats[format], fd,
			                         tool_output_name(t), &t->error);
	}
	detectors_free(&d);
	concepts_free(&c);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
