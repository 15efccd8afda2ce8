/* unit-summary.c -- count the detectors in result tables.
 *
 *	tables of unit-label, or as released by Bau et al. -> one row a file */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/result.h"
#include "dissect/label.h"
#include "tool/tool.h"

static double threshold = 0.04;
static int rule = LABEL_TOP, format;

static const struct tool_option options[] = {
        {.name = "threshold",
         .kind = TOOL_REAL,
         .value = &threshold,
         .argument = "IOU",
         .help = "detectors are above this [0.04]",
         .high = 1},
        {.name = "count",
         .kind = TOOL_CHOICE,
         .value = &rule,
         .argument = "top|per-category",
         .help = "a unit counts once, or in every category [top]"},
        {.name = "format",
         .kind = TOOL_CHOICE,
         .value = &format,
         .argument = "text|csv|tsv|json",
         .help = "format of the table [text]"},
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

/* Before the categories' columns. */
static const char *const first_column[] = {"file", "units", "detectors", "unique"};
enum { FIRST_COLUMNS = sizeof first_column / sizeof *first_column };

/* One row. */
struct summary {
	const char *file;
	size_t units, categories;
	char **category;
	struct label_tally total, *by_category; /* (categories) */
};

struct table_plan {
	size_t categories, capacity;
	const char **category; /* names that some file has, in the order of columns */
};

/* ---- one file ---- */

static int count_detectors(struct summary *s, const struct result *r, struct error *e)
{
	s->units = r->units;
	s->category = memory_new(r->categories, sizeof *s->category, e);
	s->by_category = memory_new(r->categories, sizeof *s->by_category, e);
	if (!s->category || !s->by_category)
		return -1;
	for (s->categories = 0; s->categories < r->categories; s->categories++) {
		char *name = memory_string(r->category[s->categories], e);

		if (!name)
			return -1;
		s->category[s->categories] = name;
	}
	return label_count(r->label, r->iou, r->best, r->units, r->categories, threshold,
	                   (enum label_rule)rule, &s->total, s->by_category, e);
}

static int summarise(struct tool *t, struct summary *s, const char *path)
{
	struct result r = {0};
	int status;

	s->file = strcmp(path, "-") == 0 ? "<stdin>" : path;
	status = result_read(&r, path, &t->error);
	if (status == 0)
		status = count_detectors(s, &r, &t->error);
	if (status == 0 && r.wrong_rows > 0)
		tool_warn(t,
		          "%s: row %" PRIu64 ", the first of %" PRIu64
		          ", is not what its own counts give: the counts are used",
		          s->file, r.first_wrong_row, r.wrong_rows);
	result_free(&r);
	return status;
}

static void free_summaries(struct summary *s, size_t files)
{
	for (size_t i = 0; s && i < files; i++) {
		for (size_t c = 0; c < s[i].categories; c++)
			free(s[i].category[c]);
		free(s[i].category);
		free(s[i].by_category);
	}
	free(s);
}

/* ---- the table ---- */

static int find(const char *const *name, size_t n, const char *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name[i], wanted) == 0)
			return (int)i;
	return -1;
}

/* Broden's categories in the order of the paper, then others as files have them. */
static int plan_columns(struct table_plan *p, const struct summary *s, size_t files,
                        struct error *e)
{
	static const char *const order[] = {"object",   "part",    "scene",
	                                    "material", "texture", "color"};
	const size_t known = sizeof order / sizeof *order;

	for (size_t turn = 0; turn <= known; turn++)
		for (size_t i = 0; i < files; i++)
			for (size_t c = 0; c < s[i].categories; c++) {
				const char *name = s[i].category[c];

				if ((turn < known && strcmp(name, order[turn]) != 0) ||
				    find(p->category, p->categories, name) >= 0)
					continue;
				if (memory_grow(&p->category, &p->capacity, p->categories + 1,
				                sizeof *p->category, e) < 0)
					return -1;
				p->category[p->categories++] = name;
			}
	return 0;
}

/* Text has a column "detectors/unique" for each category, other formats have two. */
static void write_row(struct table *t, const struct table_plan *p, const struct summary *s)
{
	table_text(t, s->file);
	table_count(t, s->units);
	table_count(t, s->total.detectors);
	table_count(t, s->total.unique);
	for (size_t i = 0; i < p->categories; i++) {
		int c = find((const char *const *)s->category, s->categories, p->category[i]);
		char both[64];

		if (c < 0) {
			table_none(t);
			if (t->format != TABLE_TEXT)
				table_none(t);
		} else if (t->format == TABLE_TEXT) {
			snprintf(both, sizeof both, "%zu/%zu", s->by_category[c].detectors,
			         s->by_category[c].unique);
			table_text(t, both);
		} else {
			table_count(t, s->by_category[c].detectors);
			table_count(t, s->by_category[c].unique);
		}
	}
}

/* The header: strings to free. */
static char **name_columns(const struct table_plan *p, bool text, size_t *columns,
                           struct error *e)
{
	static const char *const tail[] = {"-detectors", "-unique"};
	const size_t each = text ? 1 : 2;
	char **name;

	*columns = FIRST_COLUMNS + each * p->categories;
	name = memory_new(*columns, sizeof *name, e);
	for (size_t i = 0; name && i < *columns; i++) {
		size_t k = i - FIRST_COLUMNS;
		int n = i < FIRST_COLUMNS ? asprintf(&name[i], "%s", first_column[i])
		                          : asprintf(&name[i], "%s%s", p->category[k / each],
		                                     text ? "" : tail[k % each]);

		if (n < 0) {
			name[i] = NULL;
			error_set(e, EXIT_SYSTEM, "no memory for a column's name");
			break;
		}
	}
	return name;
}

static int write_table(struct tool *t, const struct table_plan *p, const struct summary *s,
                       size_t files)
{
	/* In the order of --format's choices. */
	static const enum table_format formats[] = {TABLE_TEXT, TABLE_CSV, TABLE_TSV,
	                                            TABLE_JSON};
	struct error *e = &t->error;
	struct table table = {0};
	size_t columns;
	char **name = name_columns(p, formats[format] == TABLE_TEXT, &columns, e);
	int status = -1, fd;

	if (!e->code) {
		table_begin(&table, formats[format], (const char *const *)name, columns);
		for (size_t i = 0; i < files; i++)
			write_row(&table, p, &s[i]);
		fd = tool_output(t, false);
		status = fd < 0 ? -1 : table_end(&table, fd, tool_output_name(t), e);
	}
	table_free(&table);
	for (size_t i = 0; name && i < columns; i++)
		free(name[i]);
	free(name);
	return status;
}

static int run(struct tool *t)
{
	static char *standard[] = {"-"};
	char **path = t->operand_count ? t->operands : standard;
	size_t files = t->operand_count ? t->operand_count : 1;
	struct summary *s = memory_new(files, sizeof *s, &t->error);
	struct table_plan plan = {0};
	int status = s ? 0 : -1;

	for (size_t i = 0; status == 0 && i < files; i++)
		status = summarise(t, &s[i], path[i]);
	if (status == 0)
		status = plan_columns(&plan, s, files, &t->error);
	if (status == 0)
		status = write_table(t, &plan, s, files);
	free(plan.category);
	free_summaries(s, files);
	return status;
}

int main(int argc, char *argv[])
{
	struct tool t;

	tool_start(&t, &usage, options, argc, argv);
	return tool_finish(&t, run(&t));
}
