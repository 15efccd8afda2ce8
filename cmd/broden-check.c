/* broden-check.c -- every fault of a Broden directory, and its statistics counted again.
 *
 *	DIR -> a line a fault, or JSON; with --rewrite category.csv, label.csv and c_*.csv */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "broden/broden.h"
#include "broden/survey.h"
#include "table/table.h"
#include "tool/parallel.h"
#include "tool/tool.h"
#include "options.h"

static struct {
	const char *void_labels;
	int format; /* TEXT or JSON */
	bool palette_index, outside, exact, rewrite;
} o;

enum { TEXT, JSON };
enum { LINES_AT_ONCE = 256 };

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
	struct table table; /* JSON */
	struct text lines;  /* TEXT */
	size_t waiting;     /* faults in either */
	int out;
	uint64_t kinds[BRODEN_FAULT_KINDS], faults;
};

/* ---- the list ---- */

/* On one line, whatever names hold. */
static void put_plain(struct text *t, const char *s)
{
	for (; *s; s++)
		text_byte(t, iscntrl((unsigned char)*s) ? '?' : *s);
}

static void put_line(struct text *t, const struct broden_fault *f)
{
	put_plain(t, f->file);
	if (f->row)
		text_print(t, ": %srow %llu", f->of_index ? "index.csv " : "",
		           (unsigned long long)f->row);
	text_string(t, f->kind == BRODEN_REMARK ? ": remark: " : ": ");
	put_plain(t, f->reason);
	text_byte(t, '\n');
}

/* What waits goes out, at once or when it is much. */
static int put_out(struct check *c, size_t least, struct error *e)
{
	const char *name = tool_output_name(c->tool);
	const size_t n = c->lines.length;
	char *text;
	int status;

	if (c->waiting < least)
		return 0;
	c->waiting = 0;
	if (o.format == JSON)
		return table_flush(&c->table, c->out, name, e);
	text = text_take(&c->lines, "a list of faults", e);
	status = text ? file_write(c->out, name, text, n, e) : -1;
	free(text);
	return status;
}

static int list(struct check *c, const struct broden_faults *f, struct error *e)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct broden_fault *fault = &f->fault[i];

		c->kinds[fault->kind]++;
		if (fault->kind == BRODEN_COUNT && o.rewrite)
			continue;
		c->waiting++;
		if (o.format == TEXT) {
			put_line(&c->lines, fault);
			continue;
		}
		table_text(&c->table, broden_fault_names[fault->kind]);
		table_text(&c->table, fault->file);
		if (fault->row)
			table_count(&c->table, fault->row);
		else
			table_none(&c->table);
		table_text(&c->table, fault->reason);
	}
	return put_out(c, LINES_AT_ONCE, e);
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

enum { TABLES = 2 }; /* before those of categories */

static int write_table(const struct check *c, size_t i, int fd, const char *path,
                       struct error *e)
{
	const struct broden_names *n = broden_survey_names(c->survey);
	const struct broden_statistics *s = broden_survey_statistics(c->survey);

	if (i == 0)
		return broden_write_categories(n, s, fd, path, e);
	if (i == 1)
		return broden_write_labels(n, s, fd, path, e);
	return broden_write_category(n, s, i - TABLES, fd, path, e);
}

/* All are whole before the first gets its name. */
static int rewrite(struct check *c)
{
	const struct broden_names *n = broden_survey_names(c->survey);
	const size_t tables = TABLES + n->categories;
	struct error *e = &c->tool->error;
	struct tool_file **file = memory_new(tables, sizeof(struct tool_file *), e);
	int status = file ? 0 : -1;

	for (size_t i = 0; i < tables && status == 0; i++) {
		const char *name = i == 0   ? "category"
		                   : i == 1 ? "label"
		                            : n->category[i - TABLES];
		char *path = memory_print(e, "%s/%s%s.csv", c->tool->operands[0],
		                          i < TABLES ? "" : "c_", name);

		file[i] = path ? tool_file_open(path, e) : NULL;
		status = file[i] ? write_table(c, i, file[i]->fd, path, e) : -1;
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
	    list(c, faults, &t->error) < 0)
		return -1;
	if (put_out(c, 1, &t->error) < 0 ||
	    (o.format == JSON &&
	     table_end(&c->table, c->out, tool_output_name(t), &t->error) < 0))
		return -1;
	return judge(c);
}

static int run(struct tool *t, bool *faulty)
{
	static const char *const column[] = {"kind", "file", "row", "reason"};
	static bool void_label[NDR_LABELS];
	const struct broden_survey_form form = {
	        .palette = o.palette_index ? PALETTE_INDEX : PALETTE_COLOR,
	        .max_label_pixels =
	                t->most_label_pixels ? t->most_label_pixels : NDR_LABEL_PIXELS,
	        .void_label = o.void_labels ? void_label : NULL,
	        .slots = PARALLEL_SLOTS(t->threads),
	        .outside = o.outside,
	        .exact = o.exact};
	struct check c = {.tool = t, .out = tool_output(t, false)};
	struct broden_faults faults = {0};
	int status = -1;

	if (c.out < 0 ||
	    (o.void_labels && broden_parse_void(o.void_labels, void_label, &t->error) < 0))
		return -1;
	if (o.format == JSON)
		table_begin(&c.table, TABLE_JSON, column, sizeof column / sizeof *column);
	c.survey = broden_survey_open(t->operands[0], &form, &faults, &t->error);
	if (c.survey)
		status = check(&c, &faults, form.slots);
	*faulty = c.faults > 0;
	broden_survey_close(c.survey);
	broden_faults_free(&faults);
	table_free(&c.table);
	text_free(&c.lines);
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
