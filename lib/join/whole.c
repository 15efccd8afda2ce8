/* whole.c -- see whole.h. */
#include "join/whole.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/memory.h"
#include "table/csv.h"
#include "table/utf8.h"

static bool is_csv(const char *path)
{
	const size_t n = strlen(path);

	return n > 4 && strcasecmp(path + n - 4, ".csv") == 0;
}

/* A column behind the first: a category, or a label of one. */
struct column {
	uint32_t category, name; /* name UINT32_MAX: cells have names */
	bool passed;             /* over */
};

struct reading {
	struct join_wholes *s;
	struct join_names *names;
	uint32_t category; /* of all columns, or UINT32_MAX */
	struct column *column;
	size_t columns, capacity; /* with that of images */
	uint64_t row;
	const char *path;
	char place[300];
	struct error *e;
};

__attribute__((format(printf, 2, 3))) static int bad(const struct reading *r,
                                                     const char *format, ...)
{
	char reason[200];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	return error_set(r->e, EXIT_MALFORMED, "%s: %s", r->place, reason);
}

static void set_place(struct reading *r, uint64_t row)
{
	r->row = row;
	snprintf(r->place, sizeof r->place, "%.200s: row %llu", r->path,
	         (unsigned long long)row);
}

static int add_column(struct reading *r, const char *text)
{
	struct column c = {.category = r->category, .name = UINT32_MAX};
	const size_t n = strlen(text);

	c.passed = !r->columns || !n;
	if (!c.passed &&
	    (r->category == UINT32_MAX
	             ? join_category(r->names, text, n, r->place, &c.category, r->e)
	             : join_name(r->names, text, n, r->place, &c.name, r->e)) < 0)
		return -1;
	if (memory_grow(&r->column, &r->capacity, r->columns + 1, sizeof c, r->e) < 0)
		return -1;
	r->column[r->columns++] = c;
	return 0;
}

static int read_header(struct reading *r, char *const *field, size_t n)
{
	bool any = false;

	if (strcmp(field[0], "image") != 0)
		return bad(r, "the first column is 'image', and then come %s, separated by %s",
		           r->category == UINT32_MAX ? "categories" : "labels",
		           is_csv(r->path) ? "','" : "tabs (by ',' if the name ends in .csv)");
	for (size_t i = 0; i < n; i++) {
		if (add_column(r, field[i]) < 0)
			return -1;
		any |= !r->column[i].passed;
	}
	return any ? 0
	           : bad(r, "no column of a %s",
	                 r->category == UINT32_MAX ? "category" : "label");
}

static int add_label(struct reading *r, const char *image, uint32_t category, uint32_t name)
{
	struct join_wholes *s = r->s;

	if (memory_grow(&s->label, &s->capacity, s->count + 1, sizeof *s->label, r->e) < 0)
		return -1;
	s->label[s->count] =
	        (struct join_whole){memory_string(image, r->e), category, name, r->row};
	return s->label[s->count++].image ? 0 : -1;
}

static int read_names(struct reading *r, const char *image, uint32_t category, const char *cell)
{
	while (*cell) {
		size_t n;
		const char *end;
		uint32_t name;

		cell += strspn(cell, "; \t");
		n = strcspn(cell, ";");
		for (end = cell + n; end > cell && (end[-1] == ' ' || end[-1] == '\t');)
			end--;
		if (end > cell && (join_name(r->names, cell, (size_t)(end - cell), r->place,
		                             &name, r->e) < 0 ||
		                   add_label(r, image, category, name) < 0))
			return -1;
		cell += n;
	}
	return 0;
}

/* 1, 0, or -1 if the cell says neither; programs write numbers with fractions, and truth by
 * its name. */
static int truth(const char *cell)
{
	static const char *const yes[] = {"1", "1.0", "True", "true", "TRUE"},
	                         *const no[] = {"",     "0",     "0.0",   "-1",
	                                        "-1.0", "False", "false", "FALSE"};

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (strcmp(cell, yes[i]) == 0)
			return 1;
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (strcmp(cell, no[i]) == 0)
			return 0;
	return -1;
}

static int read_cell(struct reading *r, const char *image, const struct column *c,
                     const char *cell)
{
	int is;

	if (c->passed)
		return 0;
	if (c->name == UINT32_MAX)
		return read_names(r, image, c->category, cell);
	is = truth(cell);
	if (is < 0)
		return bad(r, "'%.80s' is neither 1 nor 0", cell);
	return is ? add_label(r, image, c->category, c->name) : 0;
}

static int read_row(struct reading *r, char *const *field, size_t n)
{
	if (!*field[0])
		return bad(r, "no image is named");
	for (size_t i = 0; i < n && i < r->columns; i++)
		if (read_cell(r, field[0], &r->column[i], field[i]) < 0)
			return -1;
	return n == r->columns ? 0 : bad(r, "%zu fields instead of %zu", n, r->columns);
}

/* ---- the two forms ---- */

static int read_csv(struct reading *r, char *text, size_t length)
{
	struct csv c;
	int more;

	if (csv_parse(&c, text, length, r->path, r->e) < 0) {
		csv_close(&c);
		return -1;
	}
	set_place(r, c.row);
	more = read_header(r, c.header, c.columns);
	while (more >= 0 && (more = csv_next(&c, r->e)) == 1) {
		set_place(r, c.row);
		more = read_row(r, c.field, c.columns);
	}
	csv_close(&c);
	return more;
}

/* Cut a line at its tabs. */
static int fields_of(const struct reading *r, char *line, char ***field, size_t *capacity,
                     size_t *count)
{
	for (*count = 0; line;) {
		char *tab = strchr(line, '\t');

		if (memory_grow(field, capacity, *count + 1, sizeof **field, r->e) < 0)
			return -1;
		(*field)[(*count)++] = line;
		if (tab)
			*tab++ = '\0';
		line = tab;
	}
	return 0;
}

static int read_tabs(struct reading *r, char *text)
{
	char **field = NULL;
	size_t capacity = 0, count;
	int status = 0;

	for (char *next; text && status == 0; text = next) {
		size_t n = strcspn(text, "\n");

		next = text[n] ? text + n + 1 : NULL;
		text[n] = '\0';
		if (n && text[n - 1] == '\r')
			text[--n] = '\0';
		set_place(r, r->row + 1);
		if (!n && r->row > 1)
			continue;
		status = fields_of(r, text, &field, &capacity, &count);
		if (status == 0)
			status = r->row == 1 ? read_header(r, field, count)
			                     : read_row(r, field, count);
	}
	free(field);
	return status;
}

static int by_image(const void *a, const void *b)
{
	const struct join_whole *x = a, *y = b;
	const int order = strcmp(x->image, y->image);

	if (order)
		return order;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	return (x->name > y->name) - (x->name < y->name);
}

void join_whole_order(struct join_wholes *s)
{
	if (s->count)
		qsort(s->label, s->count, sizeof *s->label, by_image);
}

int join_whole_parse(struct join_wholes *s, char *text, size_t length, const char *path,
                     uint32_t category, struct join_names *names, struct error *e)
{
	struct reading r = {.s = s, .names = names, .category = category, .path = path, .e = e};
	int status = -1;

	if (is_csv(path))
		status = read_csv(&r, text, length);
	else {
		if (utf16_is(text, length))
			error_set(e, EXIT_MALFORMED, "%s: UTF-16, not UTF-8", path);
		else if (memchr(text, '\0', length))
			error_set(e, EXIT_MALFORMED, "%s: NUL byte: not a table in text", path);
		else
			status = read_tabs(&r, text + utf8_mark(text, length));
		free(text);
	}
	free(r.column);
	if (status == 0)
		join_whole_order(s);
	return status;
}

int join_whole_read(struct join_wholes *s, const char *path, uint32_t category,
                    struct join_names *names, struct error *e)
{
	size_t length;
	char *text = file_read(path, path, &length, e);

	return text ? join_whole_parse(s, text, length, path, category, names, e) : -1;
}

const struct join_whole *join_whole_of(const struct join_wholes *s, const char *image,
                                       size_t *count)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(s->label[middle].image, image) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*count = 0;
	while (low + *count < s->count && strcmp(s->label[low + *count].image, image) == 0)
		++*count;
	return *count ? &s->label[low] : NULL;
}

void join_whole_free(struct join_wholes *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->label[i].image);
	free(s->label);
	*s = (struct join_wholes){0};
}
