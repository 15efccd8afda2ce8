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

int top_keep_maps(struct top *t, size_t cells, struct error *e)
{
	size_t all, floats;

	if (!size_multiply(t->units, t->k, &all) || !size_multiply(all, cells, &floats))
		return error_set(e, EXIT_SYSTEM, "too many maps to keep");
	t->cells = cells;
	t->place = memory_new(all, sizeof(*t->place), e);
	t->maps = memory_raw(floats, sizeof(*t->maps), e); /* used as images come */
	return t->place && t->maps ? 0 : -1;
}

void top_free(struct top *t)
{
	free(t->place);
	free(t->maps);
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

void top_offer(struct top *t, size_t unit, double value, uint32_t item, const float *map)
{
	struct top_image *image = t->image + unit * t->k;
	size_t *place = t->cells ? t->place + unit * t->k : NULL;
	const struct top_image offered = {value, item};
	size_t i = t->count[unit], free_place = i;

	if (i == t->k && !is_stronger(offered, image[i - 1]))
		return;
	if (i < t->k) {
		t->count[unit]++;
	} else {
		i--;
		free_place = place ? place[i] : 0;
	}
	for (; i > 0 && is_stronger(offered, image[i - 1]); i--) {
		image[i] = image[i - 1];
		if (place)
			place[i] = place[i - 1];
	}
	image[i] = offered;
	if (!place)
		return;
	place[i] = free_place;
	memcpy(t->maps + (unit * t->k + free_place) * t->cells, map,
	       t->cells * sizeof(*t->maps));
}

const float *top_map(const struct top *t, size_t unit, size_t rank)
{
	return rank < t->count[unit]
	               ? t->maps + (unit * t->k + t->place[unit * t->k + rank]) * t->cells
	               : NULL;
}
