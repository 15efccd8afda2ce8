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

int error_set(struct error *e, enum exit_code code, const char *format, ...)
{
	va_list args;

	if (e->code != EXIT_OK)
		return -1;
	e->code = code;
	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	keep_one_line(e->text);
	return -1;
}

int error_errno(struct error *e, const char *format, ...)
{
	int saved = errno;
	va_list args;
	size_t n;

	if (e->code != EXIT_OK)
		return -1;
	e->code = EXIT_SYSTEM;
	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, ": %s", strerror(saved));
	keep_one_line(e->text);
	return -1;
}
