/* table.c -- see table.h. */
#include "table/table.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "table/utf8.h"

const enum table_format table_formats[] = {TABLE_TEXT, TABLE_CSV, TABLE_TSV, TABLE_JSON};

/* In memory, fields of TABLE_TEXT end with this; control characters are gone. */
enum { FIELD_END = 1 };

/* ---- fields as text ---- */

static void put_csv(struct text *f, const char *s)
{
	if (!strpbrk(s, ",\"\r\n")) {
		text_string(f, s);
		return;
	}
	text_byte(f, '"');
	for (; *s; s++) {
		if (*s == '"')
			text_byte(f, '"');
		text_byte(f, *s);
	}
	text_byte(f, '"');
}

static void put_tsv(struct text *f, const char *s)
{
	static const char special[] = "\t\n\r\\", letter[] = "tnr\\";

	for (; *s; s++) {
		const char *at = strchr(special, *s);

		if (at) {
			text_byte(f, '\\');
			text_byte(f, letter[at - special]);
		} else {
			text_byte(f, *s);
		}
	}
}

static void put_json(struct text *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	text_byte(f, '"');
	while (*s) {
		size_t n = utf8_length(s);

		if (n == 0) {
			text_string(f, "\\ufffd"); /* names can be any bytes, JSON cannot */
			n = 1;
		} else if (*s < ' ' || *s == 0x7f || strchr("<>&", *s)) {
			text_print(f, "\\u%04x", *s);
		} else if (n == 3 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] & 0xfe) == 0xa8) {
			text_print(f, "\\u%04x", 0x2028 + (s[2] & 1));
		} else {
			if (*s == '"' || *s == '\\')
				text_byte(f, '\\');
			text_bytes(f, s, n);
		}
		s += n;
	}
	text_byte(f, '"');
}

/* Text is aligned when all of it is there. */
static void put_plain(struct text *f, const char *s)
{
	for (; *s; s++)
		text_byte(f, iscntrl((unsigned char)*s) ? '?' : *s);
	text_byte(f, FIELD_END);
}

static void put_field(struct table *t, const char *s)
{
	static void (*const put[])(struct text *, const char *) = {put_csv, put_tsv, put_json,
	                                                           put_plain};

	put[t->format](&t->out, s);
}

/* ---- rows ---- */

static void before_field(struct table *t)
{
	static const char *const between[] = {",", "\t", ", ", ""};

	if (t->at > 0)
		text_string(&t->out, between[t->format]);
	if (t->format != TABLE_JSON)
		return;
	if (t->at == 0)
		text_string(&t->out, t->rows ? ",\n{" : "\n{");
	put_json(&t->out, t->column[t->at]);
	text_string(&t->out, ": ");
}

static void after_field(struct table *t)
{
	static const char *const end[] = {"\r\n", "\n", "}", ""};

	if (++t->at < t->columns)
		return;
	text_string(&t->out, end[t->format]);
	t->at = 0;
	t->rows++;
}

void table_begin(struct table *t, enum table_format format, const char *const *column,
                 size_t columns)
{
	*t = (struct table){.format = format, .column = column, .columns = columns};
	if (format == TABLE_JSON)
		text_byte(&t->out, '[');
	else
		for (size_t i = 0; i < columns; i++)
			table_text(t, column[i]);
}

void table_text(struct table *t, const char *s)
{
	before_field(t);
	put_field(t, s);
	after_field(t);
}

void table_list(struct table *t, const char *const *s, size_t n)
{
	before_field(t);
	if (t->format == TABLE_JSON)
		text_byte(&t->out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_string(&t->out, t->format == TABLE_JSON ? ", " : "; ");
		put_field(t, s[i]);
	}
	if (t->format == TABLE_JSON)
		text_byte(&t->out, ']');
	after_field(t);
}

/* A number, which JSON does not quote. */
static void put_number(struct table *t, const char *digits)
{
	before_field(t);
	if (t->format == TABLE_TEXT)
		put_field(t, digits);
	else
		text_string(&t->out, digits);
	after_field(t);
}

void table_count(struct table *t, uint64_t v)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%" PRIu64, v);
	put_number(t, digits);
}

void table_real(struct table *t, double v)
{
	char digits[32];

	snprintf(digits, sizeof digits - 2, "%.17g", v);
	if (!strpbrk(digits, ".e"))
		strcat(digits, ".0");
	put_number(t, digits);
}

void table_none(struct table *t)
{
	static const char *const none[] = {"", "", "null", "-"};

	put_number(t, none[t->format]);
}

/* ---- output ---- */

/* Columns on the screen; a UTF-8 character takes one. */
static size_t width_of(const char *s, const char *end)
{
	size_t n = 0;

	for (; s < end; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* TABLE_TEXT's fields as lines of aligned columns; NULL with e set. */
static char *align(const struct table *t, const char *fields, struct error *e)
{
	size_t *width = memory_new(t->columns, sizeof *width, e), at = 0;
	struct text lines = {0};
	const char *end;

	if (!width)
		return NULL;
	for (const char *s = fields; (end = strchr(s, FIELD_END)); s = end + 1) {
		size_t n = width_of(s, end);

		if (n > width[at])
			width[at] = n;
		at = (at + 1) % t->columns;
	}
	for (const char *s = fields; (end = strchr(s, FIELD_END)); s = end + 1) {
		int n = (int)(end - s), pad = (int)(width[at] - width_of(s, end));

		if (at == 0)
			text_print(&lines, "%.*s%*s", n, s, t->columns > 1 ? pad : 0, "");
		else
			text_print(&lines, "  %*s%.*s", pad, "", n, s);
		at = (at + 1) % t->columns;
		if (at == 0)
			text_byte(&lines, '\n');
	}
	free(width);
	return text_take(&lines, "a table", e);
}

int table_flush(struct table *t, int fd, const char *name, struct error *e)
{
	size_t n = t->out.length;
	char *text = text_take(&t->out, "a table", e);
	int status = text ? file_write(fd, name, text, n, e) : -1;

	free(text);
	return status;
}

int table_end(struct table *t, int fd, const char *name, struct error *e)
{
	char *text, *aligned;
	int status;

	if (t->format == TABLE_JSON)
		text_string(&t->out, "\n]\n");
	text = text_take(&t->out, "a table", e);
	if (text && t->format == TABLE_TEXT) {
		aligned = align(t, text, e);
		free(text);
		text = aligned;
	}
	status = text ? file_write(fd, name, text, strlen(text), e) : -1;
	free(text);
	return status;
}

void table_free(struct table *t)
{
	text_free(&t->out);
}
