/* match.c -- see match.h. */
#include "dissect/match.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

struct place {
	double distance;
	uint32_t unit;
};

static int by_distance(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->distance != right->distance)
		return left->distance < right->distance ? -1 : 1;
	return (left->unit > right->unit) - (left->unit < right->unit);
}

/* One over the variance; 0 where all are equal, or there are none. */
static double weight(const double *x, size_t n)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; x && i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; x && i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean) / (double)n;
	return sum > 0 ? 1 / sum : 0;
}

int match_open(struct match *m, const double *a, const double *b, size_t units, size_t near,
               struct error *e)
{
	const double weight_a = weight(a, units), weight_b = weight(b, units);
	struct place *place = memory_new(units, sizeof *place, e);
	size_t all;

	m->units = units;
	m->near = near < 1 ? 1 : near > units ? units : near;
	m->order = place && size_multiply(units, units, &all)
	                   ? memory_new(all, sizeof *m->order, e)
	                   : NULL;
	for (size_t u = 0; m->order && u < units; u++) {
		for (size_t v = 0; v < units; v++) {
			const double x = a[u] - a[v], y = b ? b[u] - b[v] : 0;

			place[v].unit = (uint32_t)v;
			place[v].distance = v == u ? -1 : x * x * weight_a + y * y * weight_b;
		}
		qsort(place, units, sizeof *place, by_distance);
		for (size_t v = 0; v < units; v++)
			m->order[u * units + v] = place[v].unit;
	}
	free(place);
	return m->order ? 0 : -1;
}

void match_free(struct match *m)
{
	free(m->order);
	*m = (struct match){0};
}

/* One of those near a unit, or the next, that is not taken. */
static uint32_t draw_near(const struct match *m, struct xoshiro *x, uint32_t unit,
                          const uint8_t *taken)
{
	const uint32_t *order = m->order + unit * m->units;
	size_t free_ones = 0, i;
	uint64_t at;

	for (i = 0; i < m->near; i++)
		free_ones += !taken[order[i]];
	if (free_ones == 0) {
		while (taken[order[i]])
			i++;
		return order[i];
	}
	at = xoshiro_below(x, free_ones);
	for (i = 0; taken[order[i]] || at-- > 0; i++)
		;
	return order[i];
}

static int ascending(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

void match_draw(const struct match *m, struct xoshiro *x, const uint32_t *unit, size_t size,
                uint8_t *taken, uint32_t *drawn)
{
	for (size_t i = 0; i < size; i++)
		drawn[i] = unit[i];
	for (size_t i = 0; i < size; i++) {
		const size_t k = i + xoshiro_below(x, size - i);
		const uint32_t from = drawn[k];

		drawn[k] = drawn[i];
		drawn[i] = draw_near(m, x, from, taken);
		taken[drawn[i]] = 1;
	}
	for (size_t i = 0; i < size; i++)
		taken[drawn[i]] = 0;
	qsort(drawn, size, sizeof *drawn, ascending);
}
