/* sums_classes.c -- see sums_classes.h.  Classes are sorted by what they are, so numbers
 * change from part to part, but never their order. */
#include "record/sums_classes.h"
#include "base/memory.h"
#include "record/format.h"
#include "record/summary.h"

#include <stdlib.h>
#include <string.h>

static int add_pixels(uint64_t *sum, uint64_t more, struct error *e)
{
	return __builtin_add_overflow(*sum, more, sum)
	               ? error_set(e, EXIT_MALFORMED, "counts add up to more than 64 bits")
	               : 0;
}

static uint32_t listed(const struct ndr_class *c)
{
	return (uint32_t)c->categories + c->labels;
}

/* A place in CLASSES: a class, and its part of the list. */
struct cursor {
	uint64_t at, count;
	const struct ndr_class *class;
	const uint16_t *list;
};

static struct cursor cursor(const struct ndr_classes *c)
{
	return (struct cursor){0, c->count, c->class, c->list};
}

static void advance(struct cursor *c)
{
	c->list += listed(c->class ++);
	c->at++;
}

/* < 0: a's class comes first; 0: both have it; > 0: b's. */
static int compare(const struct cursor *a, const struct cursor *b)
{
	if (a->at == a->count || b->at == b->count)
		return a->at == a->count ? 1 : -1;
	return ndr_class_compare(a->class, a->list, b->class, b->list);
}

/* How many classes there are together, and the length of their lists. */
static void measure(struct cursor a, struct cursor b, uint64_t *count, uint64_t *length)
{
	*count = *length = 0;
	while (a.at < a.count || b.at < b.count) {
		const int order = compare(&a, &b);

		++*count;
		*length += listed(order > 0 ? b.class : a.class);
		if (order <= 0)
			advance(&a);
		if (order >= 0)
			advance(&b);
	}
}

static int merge(struct cursor a, struct cursor b, struct ndr_class *class, uint16_t *list,
                 uint32_t *old, uint32_t *new, struct error *e)
{
	for (uint32_t place = 0; a.at < a.count || b.at < b.count; place++, class ++) {
		const int order = compare(&a, &b);
		const struct cursor *one = order > 0 ? &b : &a;

		*class = *one->class;
		if (order == 0 && (add_pixels(&class->pixels, b.class->pixels, e) < 0 ||
		                   add_pixels(&class->images, b.class->images, e) < 0))
			return -1;
		memcpy(list, one->list, listed(class) * sizeof *list);
		list += listed(class);
		if (order <= 0) {
			old[a.at] = place;
			advance(&a);
		}
		if (order >= 0) {
			new[b.at] = place;
			advance(&b);
		}
	}
	return 0;
}

/* Of a record that grows, its length and dims. */
static int set_length(struct ndr_record *rec, uint64_t n, struct error *e)
{
	if (n > RECORD_CAP)
		return error_set(e, EXIT_SYSTEM, "a record cannot hold more than 1 GiB");
	rec->length = n;
	rec->dims[0] = (uint32_t)n;
	return 0;
}

int sums_classes_merge(struct ndr_record *sum, const struct ndr_record *rec, uint32_t *old,
                       uint32_t *new, struct error *e)
{
	const struct ndr_classes a = ndr_classes_view(sum), b = ndr_classes_view(rec);
	uint64_t count, length;
	unsigned char *p;
	uint16_t *list;

	measure(cursor(&a), cursor(&b), &count, &length);
	if (set_length(sum, SUMMARY_BYTES + count * CLASS_BYTES + length * sizeof *list, e) < 0)
		return -1;
	p = memory_new(sum->length, 1, e);
	if (!p)
		return -1;
	put64(p, count);
	put64(p + 8, length);
	list = (uint16_t *)(void *)(p + SUMMARY_BYTES + count * CLASS_BYTES);
	if (merge(cursor(&a), cursor(&b), (struct ndr_class *)(void *)(p + SUMMARY_BYTES), list,
	          old, new, e) < 0) {
		free(p);
		return -1;
	}
	free((void *)sum->data);
	sum->data = p;
	return 0;
}

void sums_joint_renumber(struct ndr_record *rec, const uint32_t *place)
{
	const struct ndr_joint j = ndr_joint_view(rec);
	struct ndr_joint_class *c = (struct ndr_joint_class *)j.class;

	for (uint64_t i = 0; i < j.count; i++)
		c[i].class = place[c[i].class];
}

int sums_joint_merge(struct ndr_record *sum, const struct ndr_record *rec,
                     const uint32_t *place, struct error *e)
{
	const struct ndr_joint a = ndr_joint_view(sum), b = ndr_joint_view(rec);
	unsigned char *p = memory_new(
	        SUMMARY_BYTES + (a.count + b.count) * sizeof(struct ndr_joint_class), 1, e);
	struct ndr_joint_class *to;
	uint64_t i = 0, k = 0;

	if (!p)
		return -1;
	to = (struct ndr_joint_class *)(void *)(p + SUMMARY_BYTES);
	for (; i < a.count || k < b.count; to++) {
		const uint64_t x = i < a.count ? a.class[i].class : UINT64_MAX,
		               y = k < b.count ? place[b.class[k].class] : UINT64_MAX;

		to->class = (uint32_t)(x < y ? x : y);
		if ((x <= y && add_pixels(&to->pixels, a.class[i++].pixels, e) < 0) ||
		    (y <= x && add_pixels(&to->pixels, b.class[k++].pixels, e) < 0)) {
			free(p);
			return -1;
		}
	}
	put32(p, a.unit);
	put64(p + 8, (uint64_t)(to - (struct ndr_joint_class *)(void *)(p + SUMMARY_BYTES)));
	free((void *)sum->data);
	sum->data = p;
	return set_length(sum, (uint64_t)((unsigned char *)to - p), e);
}
