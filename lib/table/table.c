/* table.c -- see table.h. */
#include "table/table.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* In memory, fields of TABLE_TEXT end with this; control characters are gone. */
enum { FIELD_END = 1 };

/* ---- fields as text ---- */

static void put_csv(FILE *f, const char *s)
{
	if (!strpbrk(s, ",\"\r\n")) {
		fputs(s, f);
		return;
	}
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void put_tsv(FILE *f, const char *s)
{
	static const char special[] = "\t\n\r\\", letter[] = "tnr\\";

	for (; *s; s++) {
		const char *at = strchr(special, *s);

		if (at) {
			fputc('\\', f);
			fputc(letter[at - special], f);
		} else {
			fputc(*s, f);
		}
	}
}

/* Bytes of the UTF-8 character at s; 0 where there is none. */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80   ? 1
	           : s[0] < 0xc2 ? 0
	           : s[0] < 0xe0 ? 2
	           : s[0] < 0xf0 ? 3
	           : s[0] < 0xf5 ? 4
	                         : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

static void put_json(FILE *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', f);
	while (*s) {
		size_t n = utf8_length(s);

		if (n == 0) {
			fputs("\\ufffd", f); /* names can be any bytes, JSON cannot */
			n = 1;
		} else if (*s < ' ' || *s == 0x7f) {
			fprintf(f, "\\u%04x", *s);
		} else {
			if (*s == '"' || *s == '\\')
				fputc('\\', f);
			fwrite(s, 1, n, f);
		}
		s += n;
	}
	fputc('"', f);
}

/* Text is aligned when all of it is there. */
static void put_plain(FILE *f, const char *s)
{
	for (; *s; s++)
		fputc(iscntrl((unsigned char)*s) ? '?' : *s, f);
	fputc(FIELD_END, f);
}

static void put_field(const struct table *t, const char *s)
{
	static void (*const put[])(FILE *, const char *) = {put_csv, put_tsv, put_json,
	                                                    put_plain};

	put[t->format](t->out, s);
}

/* ---- rows ---- */

static void before_field(struct table *t)
{
	static const char *const between[] = {",", "\t", ", ", ""};

	if (t->at > 0)
		fputs(between[t->format], t->out);
	if (t->format != TABLE_JSON)
		return;
	if (t->at == 0)
		fputs(t->rows ? ",\n{" : "\n{", t->out);
	put_json(t->out, t->column[t->at]);
	fputs(": ", t->out);
}

static void after_field(struct table *t)
{
	static const char *const end[] = {"\r\n", "\n", "}", ""};

	if (++t->at < t->columns)
		return;
	fputs(end[t->format], t->out);
	t->at = 0;
	t->rows++;
}

int table_begin(struct table *t, enum table_format format, const char *const *column,
                size_t columns, struct error *e)
{
	*t = (struct table){.format = format, .column = column, .columns = columns};
	t->out = open_memstream(&t->text, &t->length);
	if (!t->out)
		return error_errno(e, "no memory for a table");
	if (format == TABLE_JSON)
		fputc('[', t->out);
	else
		for (size_t i = 0; i < columns; i++)
			table_text(t, column[i]);
	return 0;
}

void table_text(struct table *t, const char *s)
{
	before_field(t);
	put_field(t, s);
	after_field(t);
}

/* A number, which JSON does not quote. */
static void put_number(struct table *t, const char *digits)
{
	before_field(t);
	if (t->format == TABLE_TEXT)
		put_field(t, digits);
	else
		fputs(digits, t->out);
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

/* Replace TABLE_TEXT's fields by lines of aligned columns. */
static int align(struct table *t, struct error *e)
{
	size_t *width = memory_new(t->columns, sizeof *width, e), at = 0;
	char *fields = t->text, *end;

	if (!width)
		return -1;
	for (char *s = fields; (end = strchr(s, FIELD_END)); s = end + 1) {
		size_t n = width_of(s, end);

		if (n > width[at])
			width[at] = n;
		at = (at + 1) % t->columns;
	}
	t->text = NULL;
	t->out = open_memstream(&t->text, &t->length);
	for (char *s = fields; t->out && (end = strchr(s, FIELD_END)); s = end + 1) {
		int n = (int)(end - s), pad = (int)(width[at] - width_of(s, end));

		if (at == 0)
			fprintf(t->out, "%.*s%*s", n, s, t->columns > 1 ? pad : 0, "");
		else
			fprintf(t->out, "  %*s%.*s", pad, "", n, s);
		at = (at + 1) % t->columns;
		if (at == 0)
			fputc('\n', t->out);
	}
	free(fields);
	free(width);
	return t->out ? 0 : error_errno(e, "no memory for a table");
}

/* All text is in t->text. */
static int close_memory(struct table *t, struct error *e)
{
	int failed = ferror(t->out);
	FILE *out = t->out;

	t->out = NULL;
	return fclose(out) != 0 || failed ? error_set(e, EXIT_SYSTEM, "no memory for a table")
	                                  : 0;
}

int table_end(struct table *t, int fd, const char *name, struct error *e)
{
	size_t done = 0;

	if (t->format == TABLE_JSON)
		fputs("\n]\n", t->out);
	if (close_memory(t, e) < 0)
		return -1;
	if (t->format == TABLE_TEXT && (align(t, e) < 0 || close_memory(t, e) < 0))
		return -1;
	while (done < t->length) {
		ssize_t n = write(fd, t->text + done, t->length - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return error_errno(e, "%s", name);
	}
	return 0;
}

void table_free(struct table *t)
{
	if (t->out)
		fclose(t->out);
	free(t->text);
	t->out = NULL;
	t->text = NULL;
}
