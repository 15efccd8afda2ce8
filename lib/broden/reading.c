/* reading.c -- the tables of a Broden directory as files; see directory.h. */
#include "broden/directory.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"

int broden_warn(struct broden *b, struct error *e, const char *format, ...)
{
	char text[400];
	va_list args;

	if (memory_grow(&b->warning, &b->warning_capacity, b->warnings + 1, sizeof *b->warning,
	                e) < 0)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	b->warning[b->warnings] = memory_string(text, e);
	return b->warning[b->warnings++] ? 0 : -1;
}

/* Byte by byte: words that hold the NUL which was just written are slow to read. */
char *broden_trim(char *s, size_t *length)
{
	char *end;

	while (*s == ' ' || *s == '\t')
		s++;
	end = s;
	for (char *p = s; *p; p++)
		if (*p != ' ' && *p != '\t')
			end = p + 1;
	*end = '\0';
	*length = (size_t)(end - s);
	return s;
}

static int path_of(const struct broden *b, const char *stem, const char *name,
                   char path[static PATH_MAX], struct error *e)
{
	if (snprintf(path, PATH_MAX, "%s/%s%s.csv", b->directory, stem, name) < PATH_MAX)
		return 0;
	return error_set(e, EXIT_USAGE, "%.200s: path is too long", b->directory);
}

int broden_open_table(const struct broden *b, const char *stem, const char *name,
                      char path[static PATH_MAX], struct csv *table, struct broden_file *file,
                      struct error *e)
{
	size_t length;
	char *text;

	*table = (struct csv){0};
	if (path_of(b, stem, name, path, e) < 0)
		return -1;
	text = file_read(path, path, &length, e);
	if (!text)
		return -1;
	if (file)
		*file = (struct broden_file){checksum(0, text, length), length};
	if (csv_parse(table, text, length, path, e) < 0)
		return -1;
	for (size_t i = 0; i < table->columns; i++)
		table->header[i] = broden_trim(table->header[i], &length);
	return 0;
}
