/* human-score.c -- how far people agree with the phrases for units.
 *
 *	the key of human-sheet, the tables that its page saved -> a row a layer */
#include <inttypes.h>

#include "stage/judged.h"
#include "tool/tool.h"
#include "options.h"

static double most_decoys = 0.5;
static uint64_t samples = 1000, seed = 1;
static int format;
static bool incomplete;

static const struct tool_option options[] = {
        {.name = "max-decoys",
         .kind = TOOL_REAL,
         .value = &most_decoys,
         .argument = "SHARE",
         .help = "leave out raters who say yes to more of the decoys [0.5]",
         .high = 1},
        {.name = "bootstrap",
         .kind = TOOL_COUNT,
         .value = &samples,
         .argument = "B",
         .help = "samples of units for alpha's interval [1000]",
         .low = 1,
         .high = 1000000},
        {.name = "seed",
         .kind = TOOL_COUNT,
         .value = &seed,
         .argument = "S",
         .help = "which samples [1]",
         .high = (double)UINT32_MAX},
        OPTION_FORMAT(&format),
        {.name = "incomplete",
         .kind = TOOL_FLAG,
         .value = &incomplete,
         .help = "go on where rows of a rater are missing"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "KEY ANSWERS...",
        .min_operands = 2,
        .summary = "Count the phrases for units that people accept.",
        .example = "human-score key.csv answers.csv",
        .unused = TOOL_THREADS | TOOL_VERBOSE | TOOL_FORCE | TOOL_PROGRESS | TOOL_PROVENANCE |
                  TOOL_LABEL_PIXELS,
        .text = true,
};

static void warn_of_raters(const struct tool *t, const struct judged *j)
{
	for (size_t i = 0; i < j->raters; i++) {
		const struct judged_rater *r = &j->rater[i];

		if (r->dropped)
			tool_warn(t,
			          "rater '%.100s' says yes to %" PRIu64 " of %" PRIu64
			          " decoys: left out",
			          r->name, r->decoys.yes, r->decoys.all);
		else if (r->missing)
			tool_warn(t, "rater '%.100s' has no rows of %" PRIu64 " questions",
			          r->name, r->missing);
	}
}

static int run(struct tool *t)
{
	struct judged j = {0};
	int status = judged_key(&j, t->operands[0], &t->error), fd;

	for (size_t i = 1; status == 0 && i < t->operand_count; i++)
		status = judged_read(&j, t->operands[i], &t->error);
	if (status == 0)
		status = judged_count(&j, most_decoys, incomplete, &t->error);
	if (status == 0) {
		warn_of_raters(t, &j);
		fd = tool_output(t, false);
		status = fd < 0 ? -1
		                : judged_write(&j, table_formats[format], samples, seed, fd,
		                               tool_output_name(t), &t->error);
	}
	judged_free(&j);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
