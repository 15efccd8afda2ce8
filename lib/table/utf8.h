/* utf8.h -- which bytes are UTF-8 (RFC 3629). */
#ifndef TABLE_UTF8_H
#define TABLE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at s, which ends with a NUL; 0 where there is none. */
size_t utf8_length(const unsigned char *s);
/* Whether all of text is. */
bool utf8_is(const char *text);

#endif
