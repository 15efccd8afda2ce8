/* message.c -- what a program says on standard error: one line at a time. */
#include "tool/message.h"
#include "base/memory.h"
#include "tool/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WARNINGS_MAX = 4096 }; /* of one program; a stream that it reads may bring more */

static void say(const struct tool *t, const char *kind, const char *format, va_list args)
        __attribute__((format(printf, 3, 0)));

static void say(const struct tool *t, const char *kind, const char *format, va_list args)
{
	struct error line = {0};
	char text[sizeof line.text];

	vsnprintf(text, sizeof text, format, args);
	error_set(&line, EXIT_USAGE, "%s: %s%s", t->name, kind, text); /* kept to one line */
	progress_write_above(line.text);
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
	if (t->warnings == WARNINGS_MAX)
		return error_set(&t->error, EXIT_MALFORMED,
		                 "more than %d warnings that stay with the result",
		                 WARNINGS_MAX);
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

static void hint(const struct tool *t)
{
	char line[128];

	snprintf(line, sizeof line, "try '%.80s --help'", t->name);
	progress_write_above(line);
}

void tool_misuse(const struct tool *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(t, "", format, args);
	va_end(args);
	hint(t);
	exit(EXIT_USAGE);
}

void tool_report(struct tool *t)
{
	char line[sizeof t->error.text + 128];

	snprintf(line, sizeof line, "%.100s: %s", t->name, t->error.text);
	progress_write_above(line);
	t->error = (struct error){0};
}
