/* message.c -- what a program says on standard error: one line at a time. */
#include "tool/message.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int tool_warn_result(struct tool *t, const char *format, ...)
{
	struct error line = {0};
	char text[sizeof line.text], *kept;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(&line, EXIT_USAGE, "%s", text); /* kept to one line */
	for (size_t i = 0; i < t->warnings; i++)
		if (strcmp(t->warning[i], line.text) == 0)
			return 0;
	tool_warn(t, "%s", text);
	if (memory_grow(&t->warning, &t->warning_capacity, t->warnings + 1, sizeof *t->warning,
	                &t->error) < 0)
		return -1;
	kept = memory_string(line.text, &t->error);
	if (!kept)
		return -1;
	t->warning[t->warnings++] = kept;
	return 0;
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
