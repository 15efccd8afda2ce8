/* provenance.c -- what a program was told, for the PROV records of what it writes. */
#include "tool/tool.h"
#include "base/checksum.h"
#include "base/memory.h"
#include "base/text.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int add_detail(struct tool *t, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static int add_detail(struct tool *t, const char *format, ...)
{
	char *line, *all;
	va_list args;

	va_start(args, format);
	line = memory_print_list(&t->error, format, args);
	va_end(args);
	if (!line)
		return -1;
	all = memory_print(&t->error, "%s%s\n", t->details ? t->details : "", line);
	free(line);
	if (!all)
		return -1;
	free(t->details);
	t->details = all;
	return 0;
}

int tool_digest_is(struct tool *t, const char *what, uint32_t crc32, uint64_t size)
{
	return add_detail(t, "digest.%s=crc32:%08" PRIx32 ":%" PRIu64, what, crc32, size);
}

int tool_digest(struct tool *t, const char *what, const char *path)
{
	unsigned char block[1 << 16];
	uint32_t crc = 0;
	uint64_t size = 0;
	ssize_t n;
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* a pipe can be read only once */
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(&t->error, "%s", path);
	while ((n = read(fd, block, sizeof block)) > 0) {
		crc = checksum(crc, block, (size_t)n);
		size += (uint64_t)n;
	}
	if (n < 0)
		error_errno(&t->error, "%s", path);
	close(fd);
	return n < 0 ? -1 : tool_digest_is(t, what, crc, size);
}

static void write_text(struct text *f, const char *s)
{
	for (; *s; s++)
		text_byte(f, iscntrl((unsigned char)*s) ? '?' : *s);
}

static void write_option(struct text *f, const struct tool_option *o)
{
	const char *choice;

	switch (o->kind) {
	case TOOL_FLAG:
		if (*(bool *)o->value)
			text_print(f, "option.%s=yes\n", o->name);
		break;
	case TOOL_TEXT:
		if (*(const char **)o->value) {
			text_print(f, "option.%s=", o->name);
			write_text(f, *(const char **)o->value);
			text_byte(f, '\n');
		}
		break;
	case TOOL_LIST: {
		const struct tool_list *list = o->value;

		for (size_t i = 0; i < list->count; i++) {
			if (i == 0)
				text_print(f, "option.%s=", o->name);
			else
				text_byte(f, ',');
			write_text(f, list->text[i]);
		}
		text_string(f, list->count ? "\n" : "");
		break;
	}
	case TOOL_COUNT:
		text_print(f, "option.%s=%" PRIu64 "\n", o->name, *(uint64_t *)o->value);
		break;
	case TOOL_REAL:
		if (!isnan(*(double *)o->value))
			text_print(f, "option.%s=%.17g\n", o->name, *(double *)o->value);
		break;
	case TOOL_CHOICE:
		choice = o->argument;
		for (int i = *(int *)o->value; i > 0; i--)
			choice = strchr(choice, '|') + 1;
		text_print(f, "option.%s=%.*s\n", o->name, (int)strcspn(choice, "|"), choice);
		break;
	case TOOL_SHARD: {
		const struct tool_shard *shard = o->value;

		text_print(f, "option.%s=%" PRIu64 "/%" PRIu64 "\n", o->name, shard->part,
		           shard->parts);
		break;
	}
	}
}

const char *tool_details(struct tool *t)
{
	struct text lines = {0};
	char *text;

	for (const struct tool_option *o = t->options; o && o->name; o++)
		if (!o->local)
			write_option(&lines, o);
	if (t->details)
		text_string(&lines, t->details);
	text = text_take(&lines, "provenance", &t->error);
	if (!text)
		return "";
	free(t->details);
	t->details = text;
	t->options = NULL; /* they are in the details now */
	return t->details;
}
