/* survey_tables.c -- the tables of a Broden directory, whatever they hold; see survey.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "broden/survey_parts.h"
#include "table/utf8.h"

enum { LABELS = 65536 };

int survey_add(struct broden_faults *f, struct error *e, enum broden_fault_kind kind,
               const char *file, uint64_t row, const struct error *why, bool absent)
{
	const char *reason = why->text;
	const size_t n = strlen(file);
	char place[40];

	if (why->code == EXIT_SYSTEM && !absent)
		return error_set(e, why->code, "%s", why->text);
	if (strncmp(reason, file, n) == 0 && strncmp(reason + n, ": ", 2) == 0)
		reason += n + 2;
	for (int i = 0; i < 2; i++) {
		const int k =
		        snprintf(place, sizeof place, "%srow %llu: ", i ? "" : "index.csv ",
		                 (unsigned long long)row);

		if (strncmp(reason, place, (size_t)k) == 0)
			reason += k;
	}
	return broden_faults_add(f, e, kind, file, row, "%s", reason);
}

/* ---- one table ---- */

static char *trim(char *s)
{
	size_t length;

	return broden_trim(s, &length);
}

/* Opens it: 1, or 0 where it cannot be used, which is a fault. */
static int open_table(const char *place, struct csv *table, struct broden_faults *f,
                      struct error *e)
{
	struct error why = {0};
	size_t length;
	char *text;

	*table = (struct csv){0};
	errno = 0;
	text = file_read(place, place, &length, &why);
	if (!text)
		return survey_add(f, e, BRODEN_TABLE, place, 0, &why,
		                  errno == ENOENT || errno == ENOTDIR || errno == EISDIR ||
		                          errno == EACCES);
	if (csv_parse(table, text, length, place, &why) < 0)
		return survey_add(f, e, BRODEN_TABLE, place, 0, &why, false);
	for (size_t i = 0; i < table->columns; i++)
		table->header[i] = trim(table->header[i]);
	return 1;
}

/* The next row that has its fields: 1; 0 after the last; *damaged if some were passed over. */
static int next_row(struct csv *table, const char *place, bool *damaged,
                    struct broden_faults *f, struct error *e)
{
	for (;;) {
		const size_t before = csv_used(table);
		struct error why = {0};
		const int more = csv_next(table, &why);

		if (more >= 0)
			return more;
		*damaged = true;
		if (survey_add(f, e, BRODEN_TABLE, place, table->row, &why, false) < 0)
			return -1;
		if (csv_used(table) == before)
			return 0;
	}
}

/* A column that must be there: -1 is a fault, -2 an error. */
static int need(const struct csv *table, const char *name, const char *place,
                struct broden_faults *f, struct error *e)
{
	struct error why = {0};
	const int column = csv_need(table, name, &why);

	if (column >= 0)
		return column;
	return survey_add(f, e, BRODEN_TABLE, place, 0, &why, false) < 0 ? -2 : -1;
}

/* A whole number up to most: 1; 0 where it is none, which is a fault. */
static int number_of(const struct csv *table, int column, uint64_t most, uint64_t *value,
                     const char *place, struct broden_faults *f, struct error *e)
{
	struct error why = {0};

	table->field[column] = trim(table->field[column]);
	if (csv_count(table, (size_t)column, 0, most, value, &why) == 0)
		return 1;
	return survey_add(f, e, BRODEN_TABLE, place, table->row, &why, false);
}

/* The same of a statistic, which may not be there. */
static int statistic(const struct csv *table, const char *name, uint64_t *value,
                     const char *place, struct broden_faults *f, struct error *e)
{
	const int column = csv_column(table, name);

	*value = UINT64_MAX;
	if (column < 0 || !*trim(table->field[column]))
		return 0;
	if (number_of(table, column, UINT64_MAX - 1, value, place, f, e) < 0)
		return -1;
	return 0;
}

static int read_stated(const struct csv *table, struct stated *to, const char *place,
                       struct broden_faults *f, struct error *e)
{
	const int coverage = csv_column(table, "coverage");
	struct error why = {0};

	*to = (struct stated){.row = table->row, .coverage = NAN};
	if (statistic(table, "frequency", &to->frequency, place, f, e) < 0)
		return -1;
	if (coverage < 0)
		return 0;
	table->field[coverage] = trim(table->field[coverage]);
	if (!*table->field[coverage] ||
	    csv_real(table, (size_t)coverage, &to->coverage, &why) == 0)
		return 0;
	to->coverage = NAN;
	return survey_add(f, e, BRODEN_TABLE, place, table->row, &why, false);
}

/* Whether it can be a name; else that is a fault, 0. */
static int check_name(const char *name, const char *place, uint64_t row,
                      struct broden_faults *f, struct error *e)
{
	const char *reason = !*name           ? "the name is empty"
	                     : !utf8_is(name) ? "the name is not UTF-8"
	                                      : NULL;

	return reason ? broden_faults_add(f, e, BRODEN_TABLE, place, row, "%s", reason) : 1;
}

/* ---- category.csv ---- */

static int add_category(struct broden_survey *s, const struct csv *table, const char *name,
                        const char *place, struct broden_faults *f, struct error *e)
{
	static const char *const numbers[CATEGORY_NUMBERS] = {"first", "last", "count",
	                                                      "frequency"};
	struct survey_category *c;
	int good = check_name(name, place, table->row, f, e);

	if (good <= 0)
		return good;
	for (size_t i = 0; i < s->categories; i++)
		if (strcmp(s->category[i].name, name) == 0)
			return broden_faults_add(f, e, BRODEN_TABLE, place, table->row,
			                         "category '%.200s' again", name);
	if (strpbrk(name, "/,"))
		return broden_faults_add(f, e, BRODEN_TABLE, place, table->row,
		                         "category '%.200s' is no plain name", name);
	if (s->categories == CATEGORIES_MAX)
		return broden_faults_add(f, e, BRODEN_TABLE, place, table->row,
		                         "more than %d categories", CATEGORIES_MAX);
	if (memory_grow(&s->category, &s->capacity, s->categories + 1, sizeof *c, e) < 0)
		return -1;
	c = &s->category[s->categories++];
	*c = (struct survey_category){.row = table->row, .column = -1};
	c->name = memory_string(name, e);
	c->place = memory_print(e, "%s/c_%s.csv", s->files.directory, name);
	if (!c->name || !c->place)
		return -1;
	for (int i = 0; i < CATEGORY_NUMBERS; i++)
		if (statistic(table, numbers[i], &c->number[i], place, f, e) < 0)
			return -1;
	return 0;
}

static int read_categories(struct broden_survey *s, const char *place, struct broden_faults *f,
                           struct error *e)
{
	struct csv table;
	bool damaged = false;
	int status = open_table(place, &table, f, e), name = -1;

	if (status > 0) {
		name = need(&table, "name", place, f, e);
		status = name < -1 ? -1 : 0;
	}
	while (status == 0 && name >= 0 &&
	       (status = next_row(&table, place, &damaged, f, e)) == 1)
		status = add_category(s, &table, trim(table.field[name]), place, f, e);
	csv_close(&table);
	return status;
}

/* ---- label.csv ---- */

static const char *field_or_nothing(const struct csv *table, const char *name)
{
	const int column = csv_column(table, name);

	return column < 0 ? "" : trim(table->field[column]);
}

static int add_label(struct broden_survey *s, const struct csv *table, int number, int name,
                     const char *place, struct broden_faults *f, struct error *e)
{
	const char *text = trim(table->field[name]);
	struct survey_label *l;
	uint64_t n;
	int good = number_of(table, number, LABELS - 1, &n, place, f, e);

	if (good <= 0)
		return good;
	if (n == 0 && (!*text || strcmp(text, "-") == 0))
		return 0;
	if (n == 0)
		return broden_faults_add(f, e, BRODEN_TABLE, place, table->row,
		                         "'%.200s' has number 0, which stands for unlabelled",
		                         text);
	l = &s->label[n];
	if (l->name)
		return broden_faults_add(f, e, BRODEN_TABLE, place, table->row,
		                         "label %llu again, as in row %llu",
		                         (unsigned long long)n,
		                         (unsigned long long)l->stated.row);
	good = check_name(text, place, table->row, f, e);
	if (good <= 0)
		return good;
	l->name = memory_string(text, e);
	l->synonyms = memory_string(field_or_nothing(table, "syns"), e);
	l->categories = memory_string(field_or_nothing(table, "category"), e);
	if (!l->name || !l->synonyms || !l->categories)
		return -1;
	return read_stated(table, &l->stated, place, f, e);
}

static int by_name(const void *a, const void *b)
{
	const struct survey_label *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order ? order : (*x > *y) - (*x < *y);
}

/* Results name labels, not numbers. */
static int find_same_names(struct broden_survey *s, const char *place, struct broden_faults *f,
                           struct error *e)
{
	const struct survey_label **label = memory_new(LABELS, sizeof *label, e);
	size_t n = 0;
	int status = label ? 0 : -1;

	for (size_t i = 1; label && i < LABELS; i++)
		if (s->label[i].name)
			label[n++] = &s->label[i];
	if (label)
		qsort(label, n, sizeof *label, by_name);
	for (size_t i = 1; i < n && status == 0; i++)
		if (strcmp(label[i - 1]->name, label[i]->name) == 0)
			status = broden_faults_add(
			        f, e, BRODEN_REMARK, place, label[i]->stated.row,
			        "labels %td and %td are both '%.200s'", label[i - 1] - s->label,
			        label[i] - s->label, label[i]->name);
	free(label);
	return status;
}

static int read_labels(struct broden_survey *s, const char *place, struct broden_faults *f,
                       struct error *e)
{
	struct csv table;
	bool damaged = false;
	int status = open_table(place, &table, f, e), number = -1, name = -1;

	if (status > 0) {
		number = need(&table, "number", place, f, e);
		name = number < -1 ? -2 : need(&table, "name", place, f, e);
		status = name < -1 ? -1 : 0;
	}
	if (number >= 0 && name >= 0) {
		while ((status = next_row(&table, place, &damaged, f, e)) == 1)
			if (add_label(s, &table, number, name, place, f, e) < 0) {
				status = -1;
				break;
			}
		s->whole_labels = !damaged;
	}
	csv_close(&table);
	return status == 0 ? find_same_names(s, place, f, e) : status;
}

/* ---- c_*.csv ---- */

static int add_code(struct broden_survey *s, struct survey_category *c, const struct csv *table,
                    int number, struct broden_faults *f, struct error *e)
{
	const char *name = field_or_nothing(table, "name");
	uint64_t n;
	const int good = number_of(table, number, LABELS - 1, &n, c->place, f, e);

	if (good < 0)
		return -1;
	if (!good)
		c->damaged = true;
	if (!good || n == 0)
		return 0;
	if (!s->label[n].name && s->whole_labels &&
	    broden_faults_add(f, e, BRODEN_TABLE, c->place, table->row,
	                      "label %llu is not in label.csv", (unsigned long long)n) < 0)
		return -1;
	if (s->label[n].name && *name && strcmp(name, s->label[n].name) != 0 &&
	    broden_faults_add(f, e, BRODEN_TABLE, c->place, table->row,
	                      "label %llu is '%.100s', and in label.csv '%.100s'",
	                      (unsigned long long)n, name, s->label[n].name) < 0)
		return -1;
	if (memory_grow(&c->listed, &c->capacity, c->count + 1, sizeof *c->listed, e) < 0)
		return -1;
	c->listed[c->count].number = (uint16_t)n;
	return read_stated(table, &c->listed[c->count++].stated, c->place, f, e);
}

static int by_number(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->stated.row < y->stated.row ? -1 : 1;
}

const struct stated *survey_stated(const struct survey_category *c, uint16_t number)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (c->listed[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->count && c->listed[low].number == number ? &c->listed[low].stated
	                                                         : NULL;
}

/* By number, each once. */
static int order_codes(struct survey_category *c, struct broden_faults *f, struct error *e)
{
	size_t n = 0;

	qsort(c->listed, c->count, sizeof *c->listed, by_number);
	for (size_t i = 0; i < c->count; i++) {
		const struct listed *l = &c->listed[i];

		if (!n || l->number != c->listed[n - 1].number)
			c->listed[n++] = *l;
		else if (broden_faults_add(f, e, BRODEN_TABLE, c->place, l->stated.row,
		                           "label %u again, as in row %llu", l->number,
		                           (unsigned long long)c->listed[n - 1].stated.row) < 0)
			return -1;
	}
	c->count = n;
	return 0;
}

static int read_codes(struct broden_survey *s, struct survey_category *c,
                      struct broden_faults *f, struct error *e)
{
	struct csv table;
	int status = open_table(c->place, &table, f, e), number = -1;

	c->damaged = status == 0;
	if (status > 0) {
		number = need(&table, "number", c->place, f, e);
		c->damaged |= number < 0;
		status = number < -1 ? -1 : 0;
	}
	while (status == 0 && number >= 0 &&
	       (status = next_row(&table, c->place, &c->damaged, f, e)) == 1)
		status = add_code(s, c, &table, number, f, e);
	csv_close(&table);
	return status == 0 && c->count ? order_codes(c, f, e) : status;
}

/* ---- index.csv's header ---- */

static bool is_known(const struct broden_survey *s, const char *name)
{
	for (size_t i = 0; i < FIXED; i++)
		if (strcmp(name, broden_columns[i]) == 0)
			return true;
	for (size_t i = 0; i < s->categories; i++)
		if (strcmp(name, s->category[i].name) == 0)
			return true;
	return !*name;
}

static int read_header(struct broden_survey *s, struct broden_faults *f, struct error *e)
{
	int status = open_table(s->index_place, &s->index, f, e);

	if (status <= 0)
		return status;
	s->rows_follow = true;
	for (size_t i = 0; i < FIXED; i++) {
		s->column[i] =
		        i == SPLIT ? csv_column(&s->index, broden_columns[i])
		                   : need(&s->index, broden_columns[i], s->index_place, f, e);
		if (s->column[i] < -1)
			return -1;
		s->rows_follow &= s->column[i] >= 0 || i != IMAGE;
	}
	for (size_t i = 0; i < s->categories; i++) {
		s->category[i].column =
		        need(&s->index, s->category[i].name, s->index_place, f, e);
		if (s->category[i].column < -1)
			return -1;
	}
	for (size_t i = 0; i < s->index.columns; i++)
		if (!is_known(s, s->index.header[i]) &&
		    broden_faults_add(f, e, BRODEN_REMARK, s->index_place, 1,
		                      "column '%.200s' is no category of category.csv",
		                      s->index.header[i]) < 0)
			return -1;
	return 0;
}

static char *table_place(const struct broden_survey *s, const char *name, struct error *e)
{
	return memory_print(e, "%s/%s.csv", s->files.directory, name);
}

int survey_read_tables(struct broden_survey *s, struct broden_faults *f, struct error *e)
{
	char *categories = table_place(s, "category", e), *labels = table_place(s, "label", e);
	int status = -1;

	s->index_place = table_place(s, "index", e);
	if (categories && labels && s->index_place)
		status = read_categories(s, categories, f, e);
	if (status == 0)
		status = read_labels(s, labels, f, e);
	for (size_t i = 0; i < s->categories && status == 0; i++)
		status = read_codes(s, &s->category[i], f, e);
	if (status == 0)
		status = read_header(s, f, e);
	free(categories);
	free(labels);
	return status;
}
