/* polygon.c -- see polygon.h. */
#include "image/polygon.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { CROSSINGS_MAX = 1 << 23, TIMES_MAX = 32 };

/* Where an edge crosses the line through the centres of a row. */
struct polygon_crossing {
	uint32_t row;
	double x;
};

static int by_place(const void *a, const void *b)
{
	const struct polygon_crossing *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (x->x > y->x) - (x->x < y->x);
}

/* The first of n pixels whose centre is not before v. */
static uint32_t first_at(double v, uint32_t n)
{
	const double first = ceil(v - 0.5);

	return first <= 0 ? 0 : first >= n ? n : (uint32_t)first;
}

/* The crossings of an edge; from above to below, so that it is the same seen from both sides.
 */
static int cross(const struct label_map *map, const float *a, const float *b,
                 struct polygon_work *w, size_t *n, const char *place, struct error *e)
{
	const float *upper = a[1] < b[1] ? a : b, *lower = upper == a ? b : a;
	const double x = upper[0], y = upper[1];
	double slope;
	const uint32_t first = first_at(upper[1], map->height),
	               end = first_at(lower[1], map->height);

	if (first >= end)
		return 0;
	slope = ((double)lower[0] - x) / ((double)lower[1] - y);
	w->crossings += end - first;
	if (w->crossings > CROSSINGS_MAX)
		return error_set(e, EXIT_MALFORMED, "%s: polygons that cross more than %d rows",
		                 place, CROSSINGS_MAX);
	if (memory_grow(&w->crossing, &w->capacity, *n + (end - first), sizeof *w->crossing,
	                e) < 0)
		return -1;
	for (uint32_t row = first; row < end; row++)
		w->crossing[(*n)++] =
		        (struct polygon_crossing){row, x + (row + 0.5 - y) * slope};
	return 0;
}

int polygon_count(const struct label_map *map, uint64_t pixels, struct polygon_work *w,
                  const char *place, struct error *e)
{
	w->pixels += pixels;
	return w->pixels <= (uint64_t)map->height * map->width * TIMES_MAX
	               ? 0
	               : error_set(e, EXIT_MALFORMED,
	                           "%s: what is drawn covers the picture more than %d times",
	                           place, TIMES_MAX);
}

int polygon_fill(struct label_map *map, const float *xy, size_t n, uint16_t value,
                 struct polygon_work *w, const char *place, struct error *e)
{
	size_t crossings = 0;

	for (size_t i = 0; i < n; i++)
		if (cross(map, xy + 2 * i, xy + 2 * (i + 1 < n ? i + 1 : 0), w, &crossings,
		          place, e) < 0)
			return -1;
	if (crossings)
		qsort(w->crossing, crossings, sizeof *w->crossing, by_place);
	/* A closed line crosses each row an even number of times. */
	for (size_t i = 0; i + 1 < crossings; i += 2) {
		uint16_t *row = map->label + (size_t)w->crossing[i].row * map->width;
		const uint32_t first = first_at(w->crossing[i].x, map->width),
		               end = first_at(w->crossing[i + 1].x, map->width);

		if (polygon_count(map, end - first, w, place, e) < 0)
			return -1;
		for (uint32_t x = first; x < end; x++)
			row[x] = value;
	}
	return 0;
}

void polygon_work_free(struct polygon_work *w)
{
	free(w->crossing);
	*w = (struct polygon_work){0};
}
