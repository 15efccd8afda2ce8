/* csv.c -- see csv.h.  Fields are unquoted where they stand. */
#include "table/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/file.h"
#include "table/utf8.h"

enum { COLUMNS_MAX = 65536 };

static int bad_row(const struct csv *c, struct error *e, const char *reason)
{
	return error_set(e, EXIT_MALFORMED, "%s: row %llu: %s", c->name,
	                 (unsigned long long)c->row, reason);
}

/* The end of a field that starts at c->at; it is cut off from the rest there.
 * Returns what followed it, ',' or '\n'; -1 on error. */
static int next_field(struct csv *c, char **field, struct error *e)
{
	char *in = c->at, *out = c->at;
	char after;

	*field = out;
	if (in < c->end && *in == '"') {
		for (in++;; in++) {
			if (in >= c->end)
				return bad_row(c, e, "quoted field does not end");
			if (*in == '"' && *++in != '"')
				break;
			*out++ = *in;
		}
	} else {
		while (in < c->end && *in != ',' && *in != '\n' && *in != '\r')
			in++;
		out = in;
	}
	if (in < c->end && *in == '\r' && (in + 1 == c->end || in[1] == '\n'))
		in++;
	after = in < c->end ? *in : '\n';
	if (after != ',' && after != '\n')
		return bad_row(c, e,
		               after == '\r' ? "stray carriage return"
		                             : "text after a quoted field");
	c->at = in < c->end ? in + 1 : in;
	*out = '\0';
	return after;
}

/* Into c->fields; the number of fields, 0 at the end. */
static int next_row(struct csv *c, size_t *count, struct error *e)
{
	int after;

	for (*count = 0; *count == 0;) {
		if (c->at >= c->end)
			return 0;
		c->row++;
		do {
			if (*count == COLUMNS_MAX)
				return bad_row(c, e, "more than 65536 fields");
			if (memory_grow(&c->fields, &c->capacity, *count + 1, sizeof *c->fields,
			                e) < 0)
				return -1;
			after = next_field(c, &c->fields[*count], e);
			if (after < 0)
				return -1;
			++*count;
		} while (after == ',');
		if (*count == 1 && !*c->fields[0])
			*count = 0;
	}
	return 1;
}

int csv_parse(struct csv *c, char *text, size_t length, const char *name, struct error *e)
{
	size_t count;
	int more;

	*c = (struct csv){.text = text, .at = text, .end = text + length};
	c->name = memory_string(name, e);
	if (!c->name)
		return -1;
	if (utf16_is(text, length))
		return error_set(e, EXIT_MALFORMED, "%s: UTF-16, not UTF-8", name);
	if (memchr(text, '\0', length))
		return error_set(e, EXIT_MALFORMED, "%s: NUL byte: not a CSV file", name);
	c->at += utf8_mark(text, length);
	more = next_row(c, &count, e);
	if (more < 0)
		return -1;
	if (!more)
		return error_set(e, EXIT_MALFORMED, "%s: no header row", name);
	c->header = memory_new(count, sizeof *c->header, e);
	if (!c->header)
		return -1;
	memcpy(c->header, c->fields, count * sizeof *c->header);
	c->columns = count;
	return 0;
}

int csv_open(struct csv *c, const char *path, struct error *e)
{
	size_t length;
	char *text;

	*c = (struct csv){0};
	text = file_read(path, path, &length, e);
	return text ? csv_parse(c, text, length, path, e) : -1;
}

void csv_close(struct csv *c)
{
	free(c->header);
	free(c->fields);
	free(c->name);
	free(c->text);
	*c = (struct csv){0};
}

size_t csv_used(const struct csv *c)
{
	return (size_t)(c->at - c->text);
}

char *csv_take(struct csv *c)
{
	char *text = c->text;

	c->text = c->at = c->end = NULL;
	return text;
}

int csv_column(const struct csv *c, const char *name)
{
	for (size_t i = 0; i < c->columns; i++)
		if (strcmp(c->header[i], name) == 0)
			return (int)i;
	return -1;
}

int csv_need(const struct csv *c, const char *name, struct error *e)
{
	int i = csv_column(c, name);

	if (i < 0 && c->columns == 1 && strpbrk(c->header[0], ";\t"))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: no column '%s': fields are separated by '%s', not ','",
		                 c->name, name, strchr(c->header[0], ';') ? ";" : "\\t");
	if (i < 0)
		return error_set(e, EXIT_MALFORMED, "%s: no column '%s'", c->name, name);
	for (size_t k = (size_t)i + 1; k < c->columns; k++)
		if (strcmp(c->header[k], name) == 0)
			return error_set(e, EXIT_MALFORMED, "%s: column '%s' is there twice",
			                 c->name, name);
	return i;
}

int csv_next(struct csv *c, struct error *e)
{
	size_t count;
	int more = next_row(c, &count, e);

	if (more <= 0)
		return more;
	if (count != c->columns)
		return error_set(e, EXIT_MALFORMED, "%s: row %llu: %zu fields instead of %zu",
		                 c->name, (unsigned long long)c->row, count, c->columns);
	c->field = c->fields;
	return 1;
}

static int bad_field(const struct csv *c, size_t column, const char *what, struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "%s: row %llu: %s '%.40s': %s", c->name,
	                 (unsigned long long)c->row, c->header[column], c->field[column], what);
}

bool csv_whole(const char *text, size_t length, uint64_t *value)
{
	size_t i = 0;

	for (*value = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++)
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, text[i] - '0', value))
			*value = UINT64_MAX;
	if (i == 0)
		return false;
	if (i + 1 < length && text[i] == '.')
		for (i++; i < length && text[i] == '0';)
			i++;
	return i == length;
}

int csv_count(const struct csv *c, size_t column, uint64_t low, uint64_t high, uint64_t *value,
              struct error *e)
{
	const char *s = c->field[column];

	if (!csv_whole(s, strlen(s), value))
		return bad_field(c, column, "not a whole number", e);
	if (*value < low || *value > high)
		return bad_field(c, column, "out of range", e);
	return 0;
}

int csv_real(const struct csv *c, size_t column, double *value, struct error *e)
{
	const char *s = c->field[column];
	char *end;

	*value = strtod(s, &end);
	if (!*s || *end || !isfinite(*value))
		return bad_field(c, column, "not a number", e);
	return 0;
}
