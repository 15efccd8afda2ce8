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
	default:
		if (rec->length == sum->length &&
		    memcmp(rec->data, sum->data, rec->length) == 0)
			return 0;
		return error_set(
		        e, EXIT_MALFORMED,
		        "parts of a stream hold different matrices (MATRIX or LINEAR)");
	}
}
