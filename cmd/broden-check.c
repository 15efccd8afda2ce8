/* broden-check.c -- every fault of a Broden directory, and its statistics counted again.
 *
 *	DIR -> a line a fault, or JSON; with --rewrite category.csv, label.csv and c_*.csv */
#include <stdlib.h>

#include "base/memory.h"
#include "broden/broden.h"
#include "broden/fault_list.h"
#include "broden/survey.h"
#include "tool/parallel.h"
#include "tool/tool.h"
#include "options.h"

static struct {
	const char *void_labels;
	int format; /* TEXT or JSON */
	bool palette_index, outside, exact, rewrite;
} o;

enum { TEXT, JSON };

static const struct tool_option options[] = {
        {.name = "exact",
         .kind = TOOL_FLAG,
         .value = &o.exact,
         .help = "every statistic that is not what the maps hold is a fault"},
        {.name = "rewrite",
         .kind = TOOL_FLAG,
         .value = &o.rewrite,
         .help = "write category.csv, label.csv and c_*.csv as it is counted"},
        OPTION_PALETTE_INDEX(&o.palette_index),
        OPTION_OUTSIDE(&o.outside, "names and links may lead out of DIR/images"),
        OPTION_VOID(&o.void_labels),
        {.name = "format",
         .kind = TOOL_CHOICE,
         .value = &o.format,
         .argument = "text|json",
         .help = "how faults are listed [text]"},
        {0},
};

static const struct tool_usage usage = {
        .operands = "DIR",
        .min_operands = 1,
        .max_operands = 1,
        .summary = "List every fault of a Broden directory.",
        .example = "broden-check broden1_227",
        .unused = TOOL_FORCE | TOOL_VERBOSE | TOOL_PROVENANCE,
        .text = true,
        .libraries = image_libraries,
};

struct check {
	struct tool *tool;
	struct broden_survey *survey;
	struct broden_fault_list list;
	uint64_t kinds[BRODEN_FAULT_KINDS], faults;
};

static int list(struct check *c, const struct broden_faults *f, struct error *e)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct broden_fault *fault = &f->fault[i];

		c->kinds[fault->kind]++;
		if (fault->kind == BRODEN_COUNT && o.rewrite)
			continue;
		if (broden_fault_list_add(&c->list, fault, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the rows ---- */

static int fill(void *ctx, size_t slot, struct error *e)
{
	return broden_survey_fill(((struct check *)ctx)->survey, slot, e);
}

static int look(void *ctx, size_t slot, size_t thread, struct error *e)
{
	(void)thread;
	return broden_survey_look(((struct check *)ctx)->survey, slot, e);
}

static int count(void *ctx, size_t slot, struct error *e)
{
	struct check *c = ctx;
	const struct broden_faults *faults;

	if (broden_survey_count(c->survey, slot, &faults, e) < 0 || list(c, faults, e) < 0)
		return -1;
	tool_progress(c->tool, broden_survey_rows(c->survey), 0);
	return 0;
}

/* ---- the tables ---- */

/* All are whole before the first gets its name. */
static int rewrite(struct check *c)
{
	const struct broden_names *n = broden_survey_names(c->survey);
	const struct broden_statistics *s = broden_survey_statistics(c->survey);
	const size_t tables = broden_statistics_tables(n);
	struct error *e = &c->tool->error;
	struct tool_file **file = memory_new(tables, sizeof(struct tool_file *), e);
	int status = file ? 0 : -1;

	for (size_t i = 0; i < tables && status == 0; i++) {
		char *name = broden_statistics_table_name(n, i, e);
		char *path = name ? memory_print(e, "%s/%s", c->tool->operands[0], name) : NULL;

		file[i] = path ? tool_file_open(path, e) : NULL;
		status = file[i] ? broden_statistics_write(n, s, i, file[i]->fd, path, e) : -1;
		free(name);
		free(path);
	}
	for (size_t i = 0; file && i < tables; i++)
		if (file[i] && tool_file_end(file[i], status, e) < 0)
			status = -1;
	free(file);
	return status;
}

/* The list is whole, even if it is long: what it says is the exit status. */
static int judge(struct check *c)
{
	struct tool *t = c->tool;

	for (int i = BRODEN_TABLE; i < BRODEN_FAULT_KINDS; i++)
		c->faults += i == BRODEN_COUNT && o.rewrite ? 0 : c->kinds[i];
	if (!c->faults)
		return o.rewrite ? rewrite(c) : 0;
	error_set(&t->error, EXIT_MALFORMED, "%s: %llu faults in %llu rows%s", t->operands[0],
	          (unsigned long long)c->faults,
	          (unsigned long long)broden_survey_rows(c->survey),
	          o.rewrite ? ", and nothing is rewritten" : "");
	tool_report(t);
	return 0;
}

static int check(struct check *c, struct broden_faults *faults, size_t slots)
{
	struct tool *t = c->tool;
	const struct parallel rows = {.fill = fill,
	                              .work = look,
	                              .drain = count,
	                              .ctx = c,
	                              .threads = t->threads,
	                              .slots = slots};

	if (list(c, faults, &t->error) < 0 || parallel_run(&rows, &t->error) < 0)
		return -1;
	broden_faults_clear(faults);
	if (broden_survey_end(c->survey, faults, &t->error) < 0 ||
	    list(c, faults, &t->error) < 0 || broden_fault_list_end(&c->list, &t->error) < 0)
		return -1;
	return judge(c);
}

static int run(struct tool *t, bool *faulty)
{
	static bool void_label[NDR_LABELS];
	const struct broden_survey_form form = {
	        .palette = o.palette_index ? PALETTE_INDEX : PALETTE_COLOR,
	        .max_label_pixels =
	                t->most_label_pixels ? t->most_label_pixels : NDR_LABEL_PIXELS,
	        .void_label = o.void_labels ? void_label : NULL,
	        .slots = PARALLEL_SLOTS(t->threads),
	        .outside = o.outside,
	        .exact = o.exact};
	struct check c = {.tool = t};
	struct broden_faults faults = {0};
	const int fd = tool_output(t, false);
	int status = -1;

	if (fd < 0 ||
	    (o.void_labels && broden_parse_void(o.void_labels, void_label, &t->error) < 0))
		return -1;
	broden_fault_list_begin(&c.list, o.format == JSON, fd, tool_output_name(t));
	c.survey = broden_survey_open(t->operands[0], &form, &faults, &t->error);
	if (c.survey)
		status = check(&c, &faults, form.slots);
	*faulty = c.faults > 0;
	broden_survey_close(c.survey);
	broden_faults_free(&faults);
	broden_fault_list_free(&c.list);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;
	bool faulty = false;
	int code;

	tool_start(&t, &usage, options, argc, argv);
	code = tool_finish(&t, run(&t, &faulty));
	return code == EXIT_OK && faulty ? EXIT_MALFORMED : code;
}
