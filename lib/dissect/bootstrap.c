/* bootstrap.c -- see bootstrap.h. */
#include "dissect/bootstrap.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

void bootstrap_draw(uint64_t seed, size_t samples, size_t blocks, uint32_t *times)
{
	struct xoshiro random = xoshiro_seed(seed);

	memset(times, 0, samples * blocks * sizeof *times);
	for (size_t s = 0; s < samples; s++, times += blocks)
		for (size_t i = 0; i < blocks; i++)
			times[xoshiro_below(&random, blocks)]++;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void bootstrap_interval(double *value, size_t n, double interval[static 2])
{
	const size_t low = n / 40, high = (39 * n + 39) / 40; /* ceil(39 n / 40) */

	qsort(value, n, sizeof *value, compare);
	interval[0] = value[low];
	interval[1] = value[high - 1];
}
