/* escape.h -- names that strangers chose, in the languages of a page.
 *
 * Whatever the bytes of s are, what is appended is UTF-8 and means s and nothing else.  A
 * byte that is not UTF-8, and a control character that the language has no way to write,
 * become U+FFFD. */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include "base/text.h"

/* Text between the tags of HTML: < > & are written as references. */
void escape_html(struct text *t, const char *s);
/* The value of an attribute of HTML, between double quotes; line ends and tabs, which it
 * would lose, as references too. */
void escape_attribute(struct text *t, const char *s);
/* Text or an attribute's value in SVG, which is XML 1.0; at most so many characters of it,
 * then an ellipsis (0: all). */
void escape_svg(struct text *t, const char *s, size_t most);
/* A string of JSON with its quotes, which can stand in a script element: < > & and U+2028
 * and U+2029 as \uXXXX. */
void escape_json(struct text *t, const char *s);

#endif
