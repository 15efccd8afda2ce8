/* discovery.c -- see discovery.h. */
#include "dissect/discovery.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

double discovery_p(uint64_t reached, uint64_t permutations)
{
	return ((double)reached + 1) / ((double)permutations + 1);
}

static int compare(const void *pa, const void *pb)
{
	const double a = **(const double *const *)pa, b = **(const double *const *)pb;

	return (a > b) - (a < b);
}

int discovery_q(const double *p, size_t n, double *q, struct error *e)
{
	const double **order = memory_new(n, sizeof *order, e);
	double least = 1;

	if (!order)
		return -1;
	for (size_t i = 0; i < n; i++)
		order[i] = &p[i];
	if (n > 0)
		qsort(order, n, sizeof *order, compare);
	for (size_t i = n; i-- > 0;) {
		const double v = *order[i] * (double)n / (double)(i + 1);

		least = v < least ? v : least;
		q[order[i] - p] = least;
	}
	free(order);
	return 0;
}

uint64_t discovery_least(size_t n, uint64_t permutations, double level)
{
	const double p = discovery_p(0, permutations);
	uint64_t k = (uint64_t)ceil((double)n * p / level);

	/* As discovery_q() rounds. */
	while (k > 1 && p * (double)n / (double)(k - 1) <= level)
		k--;
	while (p * (double)n / (double)k > level)
		k++;
	return k;
}
