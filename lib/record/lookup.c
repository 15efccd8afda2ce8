/* lookup.c -- see lookup.h. */
#include "record/lookup.h"

#include <string.h>

static int read_next(struct lookup *l, struct error *e)
{
	do
		l->more = ndr_read_item(l->in, &l->item, e);
	while (l->more == 1 && l->item.number == NDR_NO_ITEM);
	return l->more;
}

static int not_there(const struct lookup *l, uint32_t number, struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "%s: item %u is missing", l->name, number);
}

/* To the end of the segment, which tells whether items were left out of it. */
static int finish_part(struct lookup *l, struct error *e)
{
	while (l->more == 1)
		if (read_next(l, e) < 0)
			return -1;
	if (l->part && l->part->flags & NDR_SUBSET && l->missing != NDR_NO_ITEM)
		return not_there(l, l->missing, e);
	return 0;
}

/* On to the next segment: 1, or 0 after a valid end. */
static int next_part(struct lookup *l, struct error *e)
{
	int more = finish_part(l, e) < 0 ? -1 : ndr_next_segment(l->in, &l->part, e);

	if (more != 1)
		return more;
	if (ndr_union_add(&l->parts, l->part, l->name, e) < 0)
		return -1;
	l->left = l->part->range;
	l->missing = NDR_NO_ITEM;
	return read_next(l, e) < 0 ? -1 : 1;
}

int lookup_open(struct lookup *l, const char *name, uint64_t most_label_pixels, struct error *e)
{
	l->name = name;
	l->in = ndr_open((char **)&l->name, 1, most_label_pixels, e);
	return l->in && next_part(l, e) == 1 ? 0 : -1;
}

void lookup_close(struct lookup *l)
{
	ndr_item_free(&l->item);
	ndr_union_free(&l->parts);
	ndr_close(l->in);
}

int lookup_find(struct lookup *l, uint32_t number, struct error *e)
{
	while (number < l->left.first || number >= l->left.end) {
		const int more = next_part(l, e);

		if (more != 1)
			return more < 0 ? -1 : not_there(l, number, e);
	}
	while (l->more == 1 && l->item.number < number)
		if (read_next(l, e) < 0)
			return -1;
	l->left.first = number + 1;
	if (l->more == 1 && l->item.number == number)
		return 1;
	if (l->missing == NDR_NO_ITEM)
		l->missing = number;
	return 0;
}

int lookup_take(struct lookup *l, const struct ndr_item *like, struct ndr_item *item,
                struct error *e)
{
	const int found = lookup_find(l, like->number, e);
	struct ndr_item_info info, other;
	struct ndr_item old;

	if (found != 1)
		return found;
	old = *item;
	*item = l->item;
	l->item = old;
	ndr_item_clear(&l->item, like->number); /* which is compared with the next */
	if (ndr_item_info(like, &info, e) < 0 || ndr_item_info(item, &other, e) < 0)
		return -1;
	if (strcmp(info.name, other.name) != 0)
		return error_set(e, EXIT_MALFORMED, "item %u is %s in %s, but %s in %s",
		                 like->number, info.name, like->input, other.name, l->name);
	return 1;
}

int lookup_finish(struct lookup *l, struct error *e)
{
	int more;

	while ((more = next_part(l, e)) == 1)
		;
	return more;
}
