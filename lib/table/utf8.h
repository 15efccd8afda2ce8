/* utf8.h -- which bytes are UTF-8 (RFC 3629). */
#ifndef TABLE_UTF8_H
#define TABLE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at s, which ends with a NUL; 0 where there is none. */
size_t utf8_length(const unsigned char *s);
/* Whether all of text is. */
bool utf8_is(const char *text);
/* Bytes of the byte order mark that a file begins with, which programs for Windows write: 3 or
 * 0. */
size_t utf8_mark(const char *text, size_t length);
/* Whether the mark is that of UTF-16. */
bool utf16_is(const char *text, size_t length);

#endif
