/* counters.c -- see counters.h. */
#include "stage/counters.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

int counters_check_ranges(uint64_t items, uint64_t ranges, struct error *e)
{
	return ranges <= items
	               ? 0
	               : error_set(e, EXIT_USAGE,
	                           "--segments %" PRIu64 ": there are %" PRIu64 " items",
	                           ranges, items);
}

int counters_open(struct counters *c, size_t ranges, const struct ndr_meta *masks,
                  const struct ndr_meta *labels, size_t threads, uint64_t memory,
                  struct error *e)
{
	c->counter = memory_new(ranges, sizeof *c->counter, e);
	if (!c->counter)
		return -1;
	c->count = ranges;
	c->items = masks->items;
	for (size_t i = 0; i < ranges; i++)
		if (counter_open(&c->counter[i], masks, labels, ranges > 1 ? 1 : threads,
		                 memory / ranges, e) < 0)
			return -1;
	return 0;
}

void counters_close(struct counters *c)
{
	for (size_t i = 0; i < c->count; i++)
		counter_close(&c->counter[i]);
	free(c->counter);
	*c = (struct counters){0};
}

size_t counters_threads(const struct counters *c)
{
	return c->counter->threads;
}

int counters_add(struct counters *c, size_t thread, const struct ndr_item *masks,
                 const struct ndr_item *labels, struct error *e)
{
	size_t i = 0;

	if (c->count > 1) {
		if (masks->number >= c->items)
			return error_set(e, EXIT_MALFORMED, "item %u of %" PRIu64,
			                 masks->number, c->items);
		i = (size_t)(((masks->number + UINT64_C(1)) * c->count - 1) / c->items);
	}
	return counter_add(&c->counter[i], thread, masks, labels, e);
}

void counters_finish(struct counters *c)
{
	for (size_t i = 0; i < c->count; i++)
		counter_finish(&c->counter[i]);
}

int counters_range(uint64_t items, size_t count, size_t i, const struct ndr_range *all,
                   struct ndr_range *range, struct error *e)
{
	*range = *all;
	range->first = (uint32_t)(i * items / count);
	range->end = (uint32_t)((i + 1) * items / count);
	range->most = range->end - range->first;
	if (range->end <= all->first || range->first >= all->end)
		return 0;
	if (range->first < all->first || range->end > all->end)
		return error_set(e, EXIT_MALFORMED,
		                 "a segment is of items %u to %u, which are not all here: "
		                 "let --segments be a multiple of the shards",
		                 range->first, range->end - 1);
	return 1;
}
