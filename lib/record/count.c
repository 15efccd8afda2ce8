/* count.c -- see count.h. */
#include "record/count.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t *page_of(const struct type_counts *c, uint32_t type)
{
	return type < COUNT_PAGE ? c->first : c->page[type / COUNT_PAGE];
}

void counts_free(struct type_counts *c)
{
	for (size_t i = 0; i < COUNT_PAGES; i++)
		free(c->page[i]);
}

int counts_add(struct type_counts *c, uint16_t type, struct error *e)
{
	uint64_t **page = &c->page[type / COUNT_PAGE];

	if (type < COUNT_PAGE) {
		c->first[type]++;
		return 0;
	}
	if (!*page)
		*page = memory_new(COUNT_PAGE, sizeof **page, e);
	if (!*page)
		return -1;
	(*page)[type % COUNT_PAGE]++;
	return 0;
}

void counts_clear(struct type_counts *c)
{
	memset(c->first, 0, sizeof c->first);
	for (size_t i = 0; i < COUNT_PAGES; i++)
		if (c->page[i])
			memset(c->page[i], 0, COUNT_PAGE * sizeof *c->page[i]);
}

uint64_t counts_of(const struct type_counts *c, uint16_t type)
{
	const uint64_t *page = page_of(c, type);

	return page ? page[type % COUNT_PAGE] : 0;
}

uint32_t counts_next(const struct type_counts *c, uint32_t from)
{
	while (from <= UINT16_MAX) {
		const uint64_t *page = page_of(c, from);

		if (page && page[from % COUNT_PAGE])
			break;
		from = page ? from + 1 : (from / COUNT_PAGE + 1) * COUNT_PAGE;
	}
	return from;
}

size_t counts_types(const struct type_counts *c)
{
	size_t n = 0;

	for (uint32_t type = counts_next(c, 0); type <= UINT16_MAX;
	     type = counts_next(c, type + 1))
		n++;
	return n;
}
