/* count.c -- see count.h. */
#include "record/count.h"

#include <stdlib.h>

enum { TYPES = UINT16_MAX + 1 };

int counts_init(struct type_counts *c, struct error *e)
{
	c->of = calloc(TYPES, sizeof *c->of); /* pages that are there once they are used */
	c->type = calloc(TYPES, sizeof *c->type);
	return c->of && c->type ? 0 : error_set(e, EXIT_SYSTEM, "no memory to count records");
}

void counts_free(struct type_counts *c)
{
	free(c->of);
	free(c->type);
}

void counts_add(struct type_counts *c, uint16_t type)
{
	if (c->of[type]++ == 0)
		c->type[c->types++] = type;
}

void counts_clear(struct type_counts *c)
{
	for (size_t i = 0; i < c->types; i++)
		c->of[c->type[i]] = 0;
	c->types = 0;
}

static int compare_types(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

void counts_sort(struct type_counts *c)
{
	qsort(c->type, c->types, sizeof *c->type, compare_types);
}
