/* merge.c -- what the parts of a stream say of the whole, put together. */
#include "record/ndr.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static int add_counts(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	uint64_t *total = (uint64_t *)sum->data;
	const uint64_t *more = rec->data;

	for (uint64_t i = 0; i < rec->length / sizeof *more; i++)
		if (__builtin_add_overflow(total[i], more[i], &total[i]))
			return error_set(e, EXIT_MALFORMED,
			                 "counts add up to more than 64 bits");
	return 0;
}

/* An entry of TOP. */
struct strong {
	double value, item; /* item -1: none */
};

static bool is_stronger(const struct strong *a, const struct strong *b)
{
	if (a->item < 0 || b->item < 0)
		return a->item >= 0;
	return a->value > b->value || (a->value == b->value && a->item < b->item);
}

/* Of two rows of each unit the strongest, as many as the shorter row has: what
 * comes after its end is not known. */
static int merge_top(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	const size_t ka = sum->dims[1], kb = rec->dims[1], k = ka < kb ? ka : kb;
	const struct strong *a = sum->data, *b = rec->data;
	struct strong *merged = memory_new(rec->dims[0] * k, sizeof *merged, e), *to = merged;

	if (!merged)
		return -1;
	for (uint32_t unit = 0; unit < rec->dims[0]; unit++, a += ka, b += kb)
		for (size_t i = 0, j = 0; i + j < k;)
			*to++ = is_stronger(&b[j], &a[i]) ? b[j++] : a[i++];
	free((void *)sum->data);
	sum->data = merged;
	sum->dims[1] = (uint32_t)k;
	sum->length = (uint64_t)rec->dims[0] * k * sizeof *merged;
	return 0;
}

static int begin_sum(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	void *data = memory_new(rec->length, 1, e);

	if (!data)
		return -1;
	*sum = *rec;
	sum->data = memcpy(data, rec->data, rec->length);
	return 0;
}

int ndr_merge(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	if (!sum->data)
		return begin_sum(sum, rec, e);
	switch (rec->type) {
	case NDR_SCORE:
	case NDR_COUNT:
		return add_counts(sum, rec, e);
	case NDR_TOP:
		return merge_top(sum, rec, e);
	default:
		if (rec->length == sum->length &&
		    memcmp(rec->data, sum->data, rec->length) == 0)
			return 0;
		return error_set(e, EXIT_MALFORMED,
		                 "parts of a stream hold different matrices (MATRIX)");
	}
}
