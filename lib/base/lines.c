/* lines.c -- see lines.h. */
#include "base/lines.h"

#include <stdlib.h>

#include "base/memory.h"

int lines_add(struct lines *l, struct error *e, const char *format, ...)
{
	va_list args;

	if (memory_grow(&l->line, &l->capacity, l->count + 1, sizeof *l->line, e) < 0)
		return -1;
	va_start(args, format);
	l->line[l->count] = memory_print_list(e, format, args);
	va_end(args);
	if (!l->line[l->count])
		return -1;
	l->count++;
	return 0;
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->line[i]);
	free(l->line);
	*l = (struct lines){0};
}
