/* test_product.c -- packed products on every set of instructions that runs here, against
 * sums in double precision; and the same bytes however a product is cut up. */
#include <stdint.h>
#include <stdlib.h>

#include "network/product.h"
#include "tap.h"

enum { ROWS = 21, DEPTH = 70, COLUMNS = 11 * PRODUCT_LANES };

static _Alignas(64) float x[DEPTH * COLUMNS], y[3 * PRODUCT_ROWS * COLUMNS],
        again[3 * PRODUCT_ROWS * COLUMNS], packed[3 * PRODUCT_ROWS * DEPTH];
static float w[ROWS * DEPTH];

static void fill(float *a, size_t n)
{
	static uint32_t state = 1;

	while (n-- > 0) {
		state = state * 1664525 + 1013904223;
		*a++ = (float)(state >> 8) / (1 << 23) - 1;
	}
}

static double error_of(size_t rows, size_t columns)
{
	double worst = 0, sum;
	size_t r, c, d;

	for (r = 0; r < rows; r++)
		for (c = 0; c < columns; c++) {
			sum = 0;
			for (d = 0; d < DEPTH; d++)
				sum += (double)w[r * DEPTH + d] * x[d * COLUMNS + c];
			worst = fmax(worst, fabs(sum - y[r * COLUMNS + c]));
		}
	return worst;
}

/* Every width, and the same columns half a vector at a time. */
static void check_set(const struct product_set *set)
{
	size_t columns, from;
	double worst = 0;
	bool same = true;

	for (columns = PRODUCT_HALF; columns <= COLUMNS; columns += PRODUCT_HALF) {
		memset(y, 0, sizeof y);
		memset(again, 0, sizeof again);
		product(set, packed, ROWS, DEPTH, x, COLUMNS, columns, y, COLUMNS);
		worst = fmax(worst, error_of(ROWS, columns));
		for (from = 0; from < columns; from += PRODUCT_HALF)
			product(set, packed, ROWS, DEPTH, x + from, COLUMNS, PRODUCT_HALF,
			        again + from, COLUMNS);
		same = same && memcmp(y, again, sizeof y) == 0;
	}
	ok(worst < 1e-5, "%s: off by %.2g", set->name, worst);
	ok(same, "%s: the same bytes however it is cut up", set->name);
}

int main(void)
{
	const struct product_set *set;

	fill(w, ROWS * DEPTH);
	fill(x, DEPTH * COLUMNS);
	product_pack(w, ROWS, DEPTH, DEPTH, packed);
	for (set = product_sets; set->name; set++) {
		if (set->runs())
			check_set(set);
		else
			ok(true, "%s # SKIP not on this processor", set->name);
	}
	return done();
}
