/* top.c -- see top.h. */
#include "dissect/top.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/machine.h"
#include "dissect/ordered.h"

int top_init(struct top *t, size_t units, size_t k, struct error *e)
{
	size_t all;

	*t = (struct top){.units = units, .k = k};
	if (!size_multiply(units, k, &all))
		return error_set(e, EXIT_SYSTEM, "too many images to keep");
	t->count = memory_new(units, sizeof(*t->count), e);
	t->image = memory_new(all, sizeof(*t->image), e);
	if (e->code)
		return -1;
	for (size_t i = 0; i < all; i++)
		t->image[i].item = -1;
	return 0;
}

void top_free(struct top *t)
{
	free(t->count);
	free(t->image);
	*t = (struct top){0};
}

VECTOR_CLONES(static, int32_t, largest_key, (const float *map, size_t cells), (map, cells))
{
	int32_t largest = INT32_MIN;

	for (size_t i = 0; i < cells; i++) {
		const int32_t key = ordered_key(map[i]);

		largest = key > largest ? key : largest;
	}
	return largest;
}

void top_values(const float *maps, size_t units, size_t cells, float *values)
{
	for (size_t k = 0; k < units; k++)
		values[k] = ordered_value(largest_key(maps + k * cells, cells));
}

static int is_stronger(struct top_image a, struct top_image b)
{
	return a.value > b.value || (a.value == b.value && a.item < b.item);
}

void top_offer(struct top *t, size_t unit, double value, uint32_t item)
{
	struct top_image *image = t->image + unit * t->k;
	const struct top_image offered = {value, item};
	size_t i = t->count[unit];

	if (i == t->k && !is_stronger(offered, image[i - 1]))
		return;
	if (i < t->k)
		t->count[unit]++;
	else
		i--;
	for (; i > 0 && is_stronger(offered, image[i - 1]); i--)
		image[i] = image[i - 1];
	image[i] = offered;
}
