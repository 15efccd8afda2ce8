/* sums_maxima.c -- see sums_maxima.h. */
#include "record/sums_maxima.h"
#include "base/memory.h"
#include "base/random.h"
#include "record/format.h"
#include "record/summary.h"

#include <stdlib.h>

static int add_images(struct ndr_maxima_bin *to, const struct ndr_maxima_bin *b,
                      struct error *e)
{
	const uint64_t images = to->images;

	if (images == 0 || random_rank(b->item) < random_rank(to->item))
		*to = *b;
	return __builtin_add_overflow(images, b->images, &to->images)
	               ? error_set(e, EXIT_MALFORMED, "counts add up to more than 64 bits")
	               : 0;
}

int sums_maxima_merge(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_maxima a = ndr_maxima_view(sum), b = ndr_maxima_view(rec);
	struct ndr_maxima_bin *first, *to;
	unsigned char *p;
	uint64_t i = 0, k = 0, length;

	/* Each is at most a record, 1 GiB. */
	p = memory_new(SUMMARY_BYTES + (a.count + b.count) * sizeof *to, 1, e);
	if (!p)
		return -1;
	to = first = (struct ndr_maxima_bin *)(void *)(p + SUMMARY_BYTES);
	for (; i < a.count || k < b.count; to++) {
		const uint64_t x = i < a.count ? a.bin[i].bin : UINT64_MAX,
		               y = k < b.count ? b.bin[k].bin : UINT64_MAX;

		if ((x <= y && add_images(to, &a.bin[i++], e) < 0) ||
		    (y <= x && add_images(to, &b.bin[k++], e) < 0)) {
			free(p);
			return -1;
		}
	}
	put32(p, a.unit);
	put32(p + 4, NDR_MAXIMA_BITS);
	put64(p + 8, (uint64_t)(to - first));
	length = (uint64_t)((unsigned char *)to - p);
	free((void *)sum->data);
	sum->data = p;
	sum->length = length; /* of 4096 bins at most */
	sum->dims[0] = (uint32_t)length;
	return 0;
}
