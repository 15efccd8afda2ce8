/* report_maxima.c -- how a unit's maxima are spread, and its images at quantiles of them; see
 * report_side.h. */
#include "base/memory.h"
#include "dissect/ordered.h"
#include "record/summary.h"
#include "stage/report_side.h"

/* The least float whose place in the order has these high bits. */
static double bin_value(uint32_t place)
{
	const int32_t key = (int32_t)(place ^ UINT32_C(1) << 31);
	const float value = ordered_value(key);

	return key >= ORDERED_INFINITY ? (double)ordered_value(ORDERED_INFINITY - 1)
	       : key <= ORDERED_MINUS_INFINITY
	               ? (double)ordered_value(ORDERED_MINUS_INFINITY + 1)
	               : (double)value;
}

static int keep_histogram(struct report_unit *u, const struct ndr_maxima *m, struct error *e)
{
	enum { LOW_BITS = 32 - NDR_MAXIMA_BITS };

	u->bin = memory_new(m->count, sizeof *u->bin, e);
	if (!u->bin)
		return -1;
	u->bins = m->count;
	for (size_t i = 0; i < u->bins; i++) {
		const uint32_t first = m->bin[i].bin << LOW_BITS,
		               last = first | ((UINT32_C(1) << LOW_BITS) - 1);

		u->bin[i] = (struct report_bin){.low = bin_value(first),
		                                .high = bin_value(last),
		                                .images = m->bin[i].images};
		u->images += m->bin[i].images;
	}
	return 0;
}

int side_take_maxima(struct report_side *side, bool samples, const struct ndr_record *rec,
                     struct error *e)
{
	const struct ndr_maxima m = ndr_maxima_view(rec);
	const struct maxima_bin *bin = (const struct maxima_bin *)(const void *)m.bin;
	struct report_unit *u = &side->unit[m.unit];
	size_t before = m.count;

	if (keep_histogram(u, &m, e) < 0)
		return -1;
	if (!samples || m.count == 0)
		return 0;
	u->quantile = memory_new(CHOSEN_SHARES, sizeof *u->quantile, e);
	if (!u->quantile)
		return -1;
	for (int i = 0; i < CHOSEN_SHARES; i++) {
		const size_t at = maxima_quantile(bin, m.count, chosen_share[i]);
		struct report_example *x = &u->quantile[u->quantiles];

		if (at == before) { /* an image that is at two quantiles is shown once */
			x[-1].share[0] = chosen_share[i];
			continue;
		}
		before = at;
		u->quantiles++;
		x->value = (double)bin[at].value;
		x->item = bin[at].item;
		x->share[0] = x->share[1] = chosen_share[i];
	}
	return 0;
}
