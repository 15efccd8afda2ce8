/* prototxt.c -- see prototxt.h.
 *
 * Fields stand in one array in the order of the text, a message before its own
 * fields, so a tree needs no pointers: each field says how many it spans. */
#include "model/prototxt.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct prototxt {
	char *path;
	char *pool; /* names and values */
	struct prototxt_field *fields;
	size_t n_fields, cap_fields;
};

struct parser {
	struct prototxt *p;
	const uint8_t *at, *end;
	unsigned line;
	unsigned depth;
	char *pool; /* where the next string goes */
	struct error *e;
};

/* ---- characters ---- */

static int fail(const struct parser *s, const char *what)
{
	return error_set(s->e, EXIT_MALFORMED, "%s: line %u: %s", s->p->path, s->line, what);
}

/* The next character, or -1 at the end. */
static int peek(const struct parser *s)
{
	return s->at < s->end ? *s->at : -1;
}

static void skip_space(struct parser *s)
{
	for (; s->at < s->end; s->at++) {
		if (*s->at == '#')
			while (s->at + 1 < s->end && s->at[1] != '\n')
				s->at++;
		else if (*s->at == '\n')
			s->line++;
		else if (!strchr(" \t\r\v\f", *s->at) || *s->at == '\0')
			break;
	}
}

/* Take this character if it comes next. */
static bool take(struct parser *s, char c)
{
	skip_space(s);
	if (peek(s) != (unsigned char)c)
		return false;
	s->at++;
	return true;
}

static bool is_word(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '+' || c == '-';
}

static int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* A number or an identifier.  The pool has room: no string is longer in it than two
 * bytes for each of its text. */
static const char *read_word(struct parser *s)
{
	const char *word = s->pool;
	bool minus = take(s, '-'); /* spaces can follow it */

	if (minus)
		*s->pool++ = '-';
	skip_space(s);
	while (is_word(peek(s)))
		*s->pool++ = (char)*s->at++;
	if (s->pool == word + minus)
		return NULL;
	*s->pool++ = '\0';
	return word;
}

/* ---- strings ---- */

/* Up to most digits of that base; a number of one byte, or the parse fails. */
static int read_code(struct parser *s, int base, int most)
{
	int value = 0, n = 0;

	while (n < most && digit_of(peek(s)) < base) {
		value = value * base + digit_of(*s->at++);
		n++;
	}
	if (n == 0 || value == 0 || value > 255)
		return fail(s, "bad number after a backslash");
	*s->pool++ = (char)value;
	return 0;
}

static int read_escape(struct parser *s)
{
	static const char letters[] = "abfnrtv\\'\"?", meant[] = "\a\b\f\n\r\t\v\\'\"?";
	const char *letter;
	int c = peek(s);

	if (c >= '0' && c <= '7')
		return read_code(s, 8, 3);
	if (c < 0)
		return fail(s, "a string without end");
	s->at++;
	if (c == 'x' || c == 'X')
		return read_code(s, 16, 2);
	letter = c ? strchr(letters, c) : NULL;
	if (!letter)
		return fail(s, "unknown letter after a backslash");
	*s->pool++ = meant[letter - letters];
	return 0;
}

/* Quoted strings that stand side by side are one. */
static const char *read_string(struct parser *s)
{
	const char *text = s->pool;
	int quote, c;

	for (skip_space(s); (quote = peek(s)) == '"' || quote == '\''; skip_space(s)) {
		s->at++;
		while ((c = peek(s)) != quote) {
			if (c < 0 || c == '\n' || c == '\0') {
				fail(s, "a string without end");
				return NULL;
			}
			s->at++;
			if (c != '\\')
				*s->pool++ = (char)c;
			else if (read_escape(s) != 0)
				return NULL;
		}
		s->at++;
	}
	*s->pool++ = '\0';
	return text;
}

/* ---- fields ---- */

/* Append a field; its place, or -1. */
static int add_field(struct parser *s, const char *name, enum prototxt_kind kind,
                     const char *text, unsigned line)
{
	struct prototxt *p = s->p;

	if (p->n_fields == PROTOTXT_FIELDS)
		return fail(s, "too many fields");
	if (memory_grow(&p->fields, &p->cap_fields, p->n_fields + 1, sizeof *p->fields, s->e) !=
	    0)
		return -1;
	p->fields[p->n_fields] = (struct prototxt_field){name, kind, text, line, 1};
	return (int)p->n_fields++;
}

static int read_fields(struct parser *s, char close);

static int read_message(struct parser *s, const char *name, char close)
{
	int m = add_field(s, name, PROTOTXT_MESSAGE, NULL, s->line);

	if (m < 0)
		return -1;
	if (++s->depth > PROTOTXT_DEPTH)
		return fail(s, "messages are nested too deeply");
	if (read_fields(s, close) != 0)
		return -1;
	s->depth--;
	s->p->fields[m].span = s->p->n_fields - (size_t)m;
	return 0;
}

/* A message, string, number or identifier. */
static int read_value(struct parser *s, const char *name, bool colon)
{
	unsigned line;
	const char *text;
	int c;

	if (take(s, '{'))
		return read_message(s, name, '}');
	if (take(s, '<'))
		return read_message(s, name, '>');
	if (!colon)
		return fail(s, "a ':' or '{' is missing");
	c = peek(s);
	line = s->line;
	if (c == '"' || c == '\'') {
		text = read_string(s);
		return text && add_field(s, name, PROTOTXT_STRING, text, line) >= 0 ? 0 : -1;
	}
	text = read_word(s);
	if (!text)
		return fail(s, "a value is missing");
	return add_field(s, name, PROTOTXT_WORD, text, line) >= 0 ? 0 : -1;
}

static int read_list(struct parser *s, const char *name)
{
	if (take(s, ']'))
		return 0;
	do {
		if (read_value(s, name, true) != 0)
			return -1;
	} while (take(s, ','));
	return take(s, ']') ? 0 : fail(s, "a list without end");
}

/* Fields up to the closing character; 0: up to the end of the text. */
static int read_fields(struct parser *s, char close)
{
	const char *name;
	bool colon;

	for (;;) {
		skip_space(s);
		if (s->at == s->end)
			return close ? fail(s, "the text ends inside a message") : 0;
		if (close && take(s, close))
			return 0;
		name = is_word(*s->at) && *s->at != '-' ? read_word(s) : NULL;
		if (!name)
			return fail(s, "a field's name is missing");
		colon = take(s, ':');
		if (take(s, '[') ? read_list(s, name) != 0 : read_value(s, name, colon) != 0)
			return -1;
		if (!take(s, ','))
			take(s, ';');
	}
}

struct prototxt *prototxt_parse(const char *path, struct bytes text, struct error *e)
{
	struct prototxt *p;
	struct parser s = {.at = text.p, .end = text.p + text.n, .line = 1, .e = e};

	if (text.n > PROTOTXT_BYTES) {
		error_set(e, EXIT_MALFORMED, "%s: longer than %d bytes", path, PROTOTXT_BYTES);
		return NULL;
	}
	p = s.p = memory_new(1, sizeof *p, e);
	if (!p)
		return NULL;
	p->path = memory_string(path, e);
	p->pool = s.pool = memory_new(2 * text.n + 2, 1, e);
	if (!p->path || !p->pool || read_message(&s, "", 0) != 0) {
		prototxt_free(p);
		return NULL;
	}
	return p;
}

void prototxt_free(struct prototxt *p)
{
	if (!p)
		return;
	free(p->path);
	free(p->pool);
	free(p->fields);
	free(p);
}

/* ---- reading ---- */

const struct prototxt_field *prototxt_root(const struct prototxt *p)
{
	return &p->fields[0];
}

const struct prototxt_field *prototxt_next(const struct prototxt_field *m,
                                           const struct prototxt_field *previous,
                                           const char *name)
{
	const struct prototxt_field *f, *end;

	if (!m)
		return NULL;
	end = m + m->span;
	for (f = previous ? previous + previous->span : m + 1; f < end; f += f->span)
		if (!name || strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

int prototxt_fail(const struct prototxt *p, const struct prototxt_field *f, struct error *e,
                  const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return error_set(e, EXIT_MALFORMED, "%s: line %u: %s", p->path, f->line, text);
}

/* The only field of that name, or NULL. */
static const struct prototxt_field *only(const struct prototxt *p,
                                         const struct prototxt_field *m, const char *name,
                                         struct error *e)
{
	const struct prototxt_field *f = prototxt_next(m, NULL, name), *again;

	again = f ? prototxt_next(m, f, name) : NULL;
	if (!again)
		return f;
	prototxt_fail(p, again, e, "%s is given twice", name);
	return NULL;
}

static int wrong(const struct prototxt *p, const struct prototxt_field *f, const char *what,
                 struct error *e)
{
	return prototxt_fail(p, f, e, "%s '%.60s' is not %s", f->name, f->text ? f->text : "{",
	                     what);
}

const struct prototxt_field *prototxt_message(const struct prototxt *p,
                                              const struct prototxt_field *m, const char *name,
                                              struct error *e)
{
	const struct prototxt_field *f = only(p, m, name, e);

	if (!f || f->kind == PROTOTXT_MESSAGE)
		return f;
	wrong(p, f, "a message", e);
	return NULL;
}

static bool parse_int(const struct prototxt_field *f, int64_t *value)
{
	char *end;

	if (f->kind != PROTOTXT_WORD || strchr(f->text, '+'))
		return false;
	errno = 0;
	*value = strtoll(f->text, &end, 0);
	return end != f->text && *end == '\0' && errno == 0;
}

/* Decimal, inf or nan, perhaps with an f after it. */
static bool parse_float(const struct prototxt_field *f, float *value)
{
	char *end;

	if (f->kind != PROTOTXT_WORD || strpbrk(f->text, "xX"))
		return false;
	*value = strtof(f->text, &end);
	if (end != f->text && (*end == 'f' || *end == 'F'))
		end++;
	return end != f->text && *end == '\0';
}

int64_t prototxt_int(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                     int64_t otherwise, struct error *e)
{
	const struct prototxt_field *f = only(p, m, name, e);
	int64_t value;

	if (!f)
		return otherwise;
	if (parse_int(f, &value))
		return value;
	wrong(p, f, "a whole number", e);
	return otherwise;
}

float prototxt_float(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                     float otherwise, struct error *e)
{
	const struct prototxt_field *f = only(p, m, name, e);
	float value;

	if (!f)
		return otherwise;
	if (parse_float(f, &value))
		return value;
	wrong(p, f, "a number", e);
	return otherwise;
}

static int number_of(const struct prototxt_field *f, const char *const *names)
{
	int64_t number;
	int i;

	for (i = 0; names[i]; i++)
		if (f->kind == PROTOTXT_WORD && strcmp(f->text, names[i]) == 0)
			return i;
	return parse_int(f, &number) && number >= 0 && number < i ? (int)number : -1;
}

int prototxt_enum(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                  const char *const *names, int otherwise, struct error *e)
{
	const struct prototxt_field *f = only(p, m, name, e);
	int number = f ? number_of(f, names) : otherwise;

	if (!f || number >= 0)
		return number;
	wrong(p, f, "known", e);
	return otherwise;
}

bool prototxt_bool(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                   bool otherwise, struct error *e)
{
	static const char *const words[] = {"false", "true", NULL},
	                         *const short_words[] = {"f", "t", NULL},
	                         *const capitals[] = {"False", "True", NULL};
	const struct prototxt_field *f = only(p, m, name, e);
	int value;

	if (!f)
		return otherwise;
	value = number_of(f, words);
	value = value < 0 ? number_of(f, short_words) : value;
	value = value < 0 ? number_of(f, capitals) : value;
	if (value >= 0)
		return value != 0;
	wrong(p, f, "true or false", e);
	return otherwise;
}

const char *prototxt_string(const struct prototxt *p, const struct prototxt_field *m,
                            const char *name, const char *otherwise, struct error *e)
{
	const struct prototxt_field *f = only(p, m, name, e);

	if (!f)
		return otherwise;
	if (f->kind == PROTOTXT_STRING)
		return f->text;
	wrong(p, f, "a quoted string", e);
	return otherwise;
}

size_t prototxt_ints(const struct prototxt *p, const struct prototxt_field *m, const char *name,
                     int64_t *out, size_t cap, struct error *e)
{
	const struct prototxt_field *f = NULL;
	int64_t value;
	size_t n = 0;

	for (; (f = prototxt_next(m, f, name)); n++) {
		if (!parse_int(f, &value)) {
			wrong(p, f, "a whole number", e);
			return 0;
		}
		if (n < cap)
			out[n] = value;
	}
	return n;
}

size_t prototxt_floats(const struct prototxt *p, const struct prototxt_field *m,
                       const char *name, float *out, size_t cap, struct error *e)
{
	const struct prototxt_field *f = NULL;
	float value;
	size_t n = 0;

	for (; (f = prototxt_next(m, f, name)); n++) {
		if (!parse_float(f, &value)) {
			wrong(p, f, "a number", e);
			return 0;
		}
		if (n < cap)
			out[n] = value;
	}
	return n;
}
