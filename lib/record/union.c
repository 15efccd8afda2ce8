/* union.c -- several segments as one; see ndr.h. */
#include "record/ndr.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

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
		u->all.range.cut = 0;
		u->all.schema = s->schema;
		if (ndr_meta_copy(&u->all.meta, &s->meta, e) < 0)
			return -1;
	} else {
		if (ndr_meta_agree(&u->all.meta, &s->meta, name, e) < 0)
			return -1;
		for (size_t i = 0; i < u->parts; i++)
			if (have_common(&s->range, &u->part[i].range))
				return overlap(&s->range, name, e);
		if (s->range.first < all->first)
			all->first = s->range.first;
		if (s->range.end > all->end) {
			all->end = s->range.end;
			all->cut = 0;
		}
		all->most = add_bounds(all->most, s->range.most);
		if (s->range.minor > all->minor)
			all->minor = s->range.minor;
		all->half |= s->range.half;
	}
	u->part[u->parts++] = (struct ndr_part){.range = s->range};
	return ndr_provenance_unite(&u->all.provenance, &s->provenance, e);
}

void ndr_union_end(struct ndr_union *u, const struct ndr_segment *s)
{
	struct ndr_part *part = &u->part[u->parts - 1];

	part->subset = s->flags & NDR_SUBSET;
	/* What is cut off within the range of the whole is no end of it.  A part of which all
	 * is cut off ends where the one before does. */
	if (part->subset && s->range.end == u->all.range.end && s->range.cut > u->all.range.cut)
		u->all.range.cut = s->range.cut;
	u->all.flags |= s->flags;
	u->all.items += s->items;
}

void ndr_union_free(struct ndr_union *u)
{
	ndr_meta_free(&u->all.meta);
	ndr_provenance_free(&u->all.provenance);
	free(u->part);
	*u = (struct ndr_union){0};
}

static int compare_parts(const void *a, const void *b)
{
	const struct ndr_range *x = &((const struct ndr_part *)a)->range,
	                       *y = &((const struct ndr_part *)b)->range;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* The item after the part and those that were cut off it. */
static uint32_t end_of(const struct ndr_part *part)
{
	const struct ndr_range *r = &part->range;

	return part->subset && r->cut > r->end ? r->cut : r->end;
}

static void note_gap(struct ndr_gap *gap, uint32_t first, uint32_t end)
{
	if (gap->first < gap->end)
		return;
	gap->first = first;
	gap->end = end;
}

bool ndr_union_gap(struct ndr_union *u, struct ndr_gap *gap)
{
	const uint64_t all = u->all.meta.items;
	uint64_t next = 0; /* the item that has to come */

	*gap = (struct ndr_gap){.all = all};
	if (u->parts > 0)
		qsort(u->part, u->parts, sizeof *u->part, compare_parts);
	for (size_t i = 0; i < u->parts; i++) {
		const struct ndr_part *part = &u->part[i];
		const uint64_t end = all && part->range.end > all ? all : part->range.end;
		const uint64_t items = part->range.first < end ? end - part->range.first : 0;

		/* A part without items has no place, but for those that were cut off it. */
		if (items == 0 && end_of(part) <= part->range.first)
			continue;
		if (part->range.first > next) {
			gap->hole |= gap->here > 0;
			note_gap(gap, (uint32_t)next, part->range.first);
		}
		gap->here += part->range.most < items ? part->range.most : items;
		next = end_of(part) > next ? end_of(part) : next;
		if (u->parts == 1 && part->subset && part->range.cut)
			next = all;
	}
	if (next < all)
		note_gap(gap, (uint32_t)next, (uint32_t)all);
	return gap->first < gap->end;
}
