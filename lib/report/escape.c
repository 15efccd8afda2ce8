/* escape.c -- see escape.h. */
#include "report/escape.h"
#include "table/utf8.h"

#include <stdbool.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* U+0080 to U+009F, and U+FFFE and U+FFFF, which no text has. */
static bool is_no_text(const unsigned char *s, size_t n)
{
	return (n == 2 && s[0] == 0xc2 && s[1] < 0xa0) ||
	       (n == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe);
}

/* The reference to a character that HTML and XML give a meaning; NULL: it has none. */
static const char *reference(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* A character of n bytes as it is, if it is text. */
static void put_character(struct text *t, const unsigned char *s, size_t n)
{
	if (n == 0 || (n == 1 && is_control(*s)) || is_no_text(s, n))
		text_string(t, REPLACEMENT);
	else
		text_bytes(t, s, n);
}

/* Markup, at most so many characters of it; spaces: tabs and line ends that can be written,
 * as they are or, in an attribute, as references. */
static void put_markup(struct text *t, const char *s, bool attribute, size_t most)
{
	const unsigned char *at = (const unsigned char *)s;

	for (size_t done = 0; *at; done++) {
		const size_t n = utf8_length(at);
		const char *known = reference((char)*at);

		if (most && done == most) {
			text_string(t, "\xe2\x80\xa6");
			return;
		}
		if (known)
			text_string(t, known);
		else if (*at == '\n' || *at == '\t')
			text_print(t, attribute ? "&#%d;" : "%c", *at);
		else
			put_character(t, at, n);
		at += n ? n : 1;
	}
}

void escape_html(struct text *t, const char *s)
{
	put_markup(t, s, false, 0);
}

void escape_attribute(struct text *t, const char *s)
{
	put_markup(t, s, true, 0);
}

void escape_svg(struct text *t, const char *s, size_t most)
{
	put_markup(t, s, true, most);
}

void escape_json(struct text *t, const char *s)
{
	const unsigned char *at = (const unsigned char *)s;

	text_byte(t, '"');
	while (*at) {
		const size_t n = utf8_length(at);

		if (n == 1 && (is_control(*at) || strchr("\"\\<>&'", *at)))
			text_print(t, "\\u%04x", *at);
		else if (n == 3 && at[0] == 0xe2 && at[1] == 0x80 && (at[2] & 0xfe) == 0xa8)
			text_print(t, "\\u%04x", 0x2028 + (at[2] & 1));
		else if (n == 0)
			text_string(t, REPLACEMENT);
		else
			text_bytes(t, at, n);
		at += n ? n : 1;
	}
	text_byte(t, '"');
}
