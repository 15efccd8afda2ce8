/* message.c -- what a program says on standard error: one line at a time. */
#include "tool/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void say(const struct tool *t, const char *kind, const char *format, va_list args)
        __attribute__((format(printf, 3, 0)));

static void say(const struct tool *t, const char *kind, const char *format, va_list args)
{
	struct error line = {0};
	char text[sizeof line.text];

	vsnprintf(text, sizeof text, format, args);
	error_set(&line, EXIT_USAGE, "%s: %s%s", t->name, kind, text); /* kept to one line */
	fprintf(stderr, "%s\n", line.text);
}

void tool_warn(const struct tool *t, const char *format, ...)
{
	va_list args;

	if (t->quiet)
		return;
	va_start(args, format);
	say(t, "warning: ", format, args);
	va_end(args);
}

void tool_note(const struct tool *t, const char *format, ...)
{
	va_list args;

	if (!t->verbose || t->quiet)
		return;
	va_start(args, format);
	say(t, "", format, args);
	va_end(args);
}

void tool_misuse(const struct tool *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(t, "", format, args);
	va_end(args);
	fprintf(stderr, "try '%s --help'\n", t->name);
	exit(EXIT_USAGE);
}

void tool_report(struct tool *t)
{
	fprintf(stderr, "%s: %s\n", t->name, t->error.text);
	t->error = (struct error){0};
}
