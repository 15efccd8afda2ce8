/* union.c -- several segments as one; see ndr.h. */
#include "record/ndr.h"
#include "base/memory.h"

#include <stdio.h>

static uint32_t add_bounds(uint32_t a, uint32_t b)
{
	return a > NDR_UNBOUNDED - b ? NDR_UNBOUNDED : a + b;
}

static bool have_common(const struct ndr_range *a, const struct ndr_range *b)
{
	uint32_t first = a->first > b->first ? a->first : b->first;

	return first < a->end && first < b->end;
}

static int overlap(const struct ndr_range *r, const char *name, struct error *e)
{
	char items[32];

	if (r->end == NDR_UNBOUNDED)
		snprintf(items, sizeof items, "from %u on", r->first);
	else
		snprintf(items, sizeof items, "%u to %u", r->first, r->end - 1);
	return error_set(e, EXIT_MALFORMED,
	                 "%s: announced items %s overlap with those in another segment", name,
	                 items);
}

int ndr_union_add(struct ndr_union *u, const struct ndr_segment *s, const char *name,
                  struct error *e)
{
	struct ndr_range *all = &u->all.range;

	if (memory_grow(&u->part, &u->capacity, u->parts + 1, sizeof *u->part, e) < 0)
		return -1;
	if (u->parts == 0) {
		u->all.range = s->range;
		u->all.schema = s->schema;
		if (ndr_meta_copy(&u->all.meta, &s->meta, e) < 0)
			return -1;
	} else {
		if (ndr_meta_agree(&u->all.meta, &s->meta, name, e) < 0)
			return -1;
		for (size_t i = 0; i < u->parts; i++)
			if (have_common(&s->range, &u->part[i]))
				return overlap(&s->range, name, e);
		if (s->range.first < all->first)
			all->first = s->range.first;
		if (s->range.end > all->end)
			all->end = s->range.end;
		all->most = add_bounds(all->most, s->range.most);
	}
	u->part[u->parts++] = s->range;
	return ndr_provenance_unite(&u->all.provenance, &s->provenance, e);
}

void ndr_union_end(struct ndr_union *u, const struct ndr_segment *s)
{
	u->all.flags |= s->flags;
	u->all.items += s->items;
}
