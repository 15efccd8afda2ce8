/* bytes.h -- a piece of memory that something else owns. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *p;
	size_t n;
};

/* Do the bytes spell this string? */
static inline bool bytes_are(struct bytes b, const char *s)
{
	return strlen(s) == b.n && (b.n == 0 || memcmp(b.p, s, b.n) == 0);
}

static inline bool bytes_same(struct bytes a, struct bytes b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

#endif
