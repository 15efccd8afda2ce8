/* directory.c -- a Broden directory opened: its tables; see broden.h. */
#include "broden/broden.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"
#include "broden/directory.h"

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

static int open_all(struct broden *b, const char *directory, const struct broden_choice *choice,
                    struct error *e)
{
	char path[PATH_MAX];

	b->directory = memory_string(directory, e);
	if (!b->directory || broden_read_categories(b, choice->categories, e) < 0 ||
	    broden_read_labels(b, e) < 0 || broden_read_index(b, choice, e) < 0)
		return -1;
	if (snprintf(path, sizeof path, "%s/images", directory) >= (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: path is too long", directory);
	if (!realpath(path, b->images))
		return error_errno(e, "%s", path);
	b->root = open(b->images, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->root < 0 ? error_errno(e, "%s", path) : 0;
}

struct broden *broden_open(const char *directory, const struct broden_choice *choice,
                           struct error *e)
{
	struct broden *b = memory_new(1, sizeof *b, e);

	if (b)
		b->root = -1;
	if (b && open_all(b, directory, choice, e) < 0) {
		broden_close(b);
		b = NULL;
	}
	return b;
}

void broden_close(struct broden *b)
{
	if (!b)
		return;
	if (b->root >= 0)
		close(b->root);
	ndr_meta_free(&b->meta);
	free(b->directory);
	free(b->column);
	free(b->row);
	free(b->text);
	for (size_t i = 0; i < b->warnings; i++)
		free(b->warning[i]);
	free(b->warning);
	free(b);
}

const struct ndr_meta *broden_meta(const struct broden *b)
{
	return &b->meta;
}

const char *broden_warning(const struct broden *b, size_t i)
{
	return i < b->warnings ? b->warning[i] : NULL;
}

struct broden_file broden_file_read(const struct broden *b, enum broden_table table)
{
	return b->file[table];
}
