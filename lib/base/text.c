/* text.c -- see text.h. */
#include "base/text.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

/* Room for n bytes more and a NUL. */
static bool reserve(struct text *t, size_t n)
{
	size_t need, capacity = t->capacity ? t->capacity : FIRST_BYTES;
	char *bytes;

	if (t->lost || !size_add(t->length, n, &need) || !size_add(need, 1, &need)) {
		t->lost = true;
		return false;
	}
	if (need <= t->capacity)
		return true;
	while (capacity < need && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	bytes = capacity < need ? NULL : realloc(t->bytes, capacity);
	if (!bytes) {
		t->lost = true;
		return false;
	}
	t->bytes = bytes;
	t->capacity = capacity;
	return true;
}

void text_bytes(struct text *t, const void *bytes, size_t n)
{
	if (n == 0 || !reserve(t, n))
		return;
	memcpy(t->bytes + t->length, bytes, n);
	t->length += n;
}

void text_byte(struct text *t, char c)
{
	text_bytes(t, &c, 1);
}

void text_string(struct text *t, const char *s)
{
	text_bytes(t, s, strlen(s));
}

void text_print(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		t->lost = true;
	else if (reserve(t, (size_t)n)) {
		va_start(args, format);
		vsnprintf(t->bytes + t->length, (size_t)n + 1, format, args);
		va_end(args);
		t->length += (size_t)n;
	}
}

char *text_take(struct text *t, const char *what, struct error *e)
{
	char *bytes = NULL;

	if (reserve(t, 0)) {
		bytes = t->bytes;
		bytes[t->length] = '\0';
		*t = (struct text){0};
		return bytes;
	}
	text_free(t);
	error_set(e, EXIT_SYSTEM, "no memory for %s", what);
	return NULL;
}

void text_free(struct text *t)
{
	free(t->bytes);
	*t = (struct text){0};
}
