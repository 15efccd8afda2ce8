/* maxima.c -- see maxima.h. */
#include "dissect/maxima.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "dissect/ordered.h"

int maxima_init(struct maxima *m, size_t units, unsigned bits, struct error *e)
{
	*m = (struct maxima){.units = units, .bits = bits};
	m->unit = memory_new(units, sizeof *m->unit, e);
	return m->unit ? 0 : -1;
}

void maxima_free(struct maxima *m)
{
	for (size_t i = 0; m->unit && i < m->units; i++)
		free(m->unit[i].bin);
	free(m->unit);
	*m = (struct maxima){0};
}

static int insert(struct maxima_unit *u, size_t at, const struct maxima_bin *bin,
                  struct error *e)
{
	if (memory_grow(&u->bin, &u->capacity, u->count + 1, sizeof *u->bin, e) < 0)
		return -1;
	memmove(u->bin + at + 1, u->bin + at, (u->count++ - at) * sizeof *u->bin);
	u->bin[at] = *bin;
	return 0;
}

int maxima_offer(struct maxima *m, size_t unit, float value, uint32_t item, struct error *e)
{
	struct maxima_unit *u = &m->unit[unit];
	const int32_t key = ordered_key(value);
	const uint32_t place = (uint32_t)key + (UINT32_C(1) << 31);
	struct maxima_bin offered = {.bin = place >> (32 - m->bits),
	                             .item = item,
	                             .value = ordered_value(key),
	                             .images = 1};
	size_t low = 0, high = u->count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (u->bin[middle].bin < offered.bin)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == u->count || u->bin[low].bin != offered.bin)
		return insert(u, low, &offered, e);
	offered.images += u->bin[low].images;
	if (random_rank(item) < random_rank(u->bin[low].item))
		u->bin[low] = offered;
	else
		u->bin[low].images++;
	return 0;
}

size_t maxima_quantile(const struct maxima_bin *bin, size_t count, double share)
{
	uint64_t all = 0, below = 0;
	size_t i = 0;

	for (size_t k = 0; k < count; k++)
		all += bin[k].images;
	for (; i + 1 < count; i++) {
		below += bin[i].images;
		if ((double)below >= share * (double)all)
			break;
	}
	return i;
}
