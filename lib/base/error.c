/* error.c -- see error.h. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names in messages can come from hostile files: keep it to one line. */
static void keep_one_line(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

enum { WHOLE_BYTES = 8192 };

/* Of a text that is too long for e, because of a path, the beginning and the end, in which the
 * reason is. */
static void take(struct error *e, const char *whole)
{
	static const char gap[] = "...";
	const size_t n = strlen(whole), room = sizeof e->text - 1, half = room / 2;
	const char *end = whole + n - (room - half - (sizeof gap - 1));
	size_t begin = half;

	if (n <= room) {
		memcpy(e->text, whole, n + 1);
	} else { /* no character in two */
		while (begin > 0 && ((unsigned char)whole[begin] & 0xc0) == 0x80)
			begin--;
		while (((unsigned char)*end & 0xc0) == 0x80)
			end++;
		memcpy(e->text, whole, begin);
		memcpy(e->text + begin, gap, sizeof gap - 1);
		memcpy(e->text + begin + sizeof gap - 1, end, strlen(end) + 1);
	}
	keep_one_line(e->text);
}

int error_set(struct error *e, enum exit_code code, const char *format, ...)
{
	char whole[WHOLE_BYTES];
	va_list args;

	if (e->code != EXIT_OK)
		return -1;
	e->code = code;
	va_start(args, format);
	vsnprintf(whole, sizeof whole, format, args);
	va_end(args);
	take(e, whole);
	return -1;
}

int error_errno(struct error *e, const char *format, ...)
{
	char whole[WHOLE_BYTES];
	int saved = errno;
	va_list args;
	size_t n;

	if (e->code != EXIT_OK)
		return -1;
	e->code = EXIT_SYSTEM;
	va_start(args, format);
	vsnprintf(whole, sizeof whole, format, args);
	va_end(args);
	n = strlen(whole);
	snprintf(whole + n, sizeof whole - n, ": %s", strerror(saved));
	take(e, whole);
	return -1;
}
