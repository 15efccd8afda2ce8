/* rotation.c -- see rotation.h. */
#include "dissect/rotation.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "dissect/matrix.h"

/* ---- random numbers ---- */

struct random {
	struct xoshiro bits;
	double spare; /* a second normal number, if there is one */
	bool has_spare;
};

/* In [-1, 1). */
static double next_uniform(struct random *r)
{
	return (double)(xoshiro_next(&r->bits) >> 11) * 0x1p-52 - 1;
}

/* ln x for x > 0, by arithmetic alone: libraries differ in the last bit. */
static double natural_log(double x)
{
	int exponent;
	double m = frexp(x, &exponent), t, sum = 0;

	if (m < 0.70710678118654752) {
		m *= 2;
		exponent--;
	}
	t = (m - 1) / (m + 1);
	for (int k = 25; k >= 1; k -= 2)
		sum = sum * t * t + 1.0 / k;
	return 2 * t * sum + exponent * 0.69314718055994531;
}

static double next_normal(struct random *r)
{
	double x, y, s, factor;

	if (r->has_spare) {
		r->has_spare = false;
		return r->spare;
	}
	do {
		x = next_uniform(r);
		y = next_uniform(r);
		s = x * x + y * y;
	} while (s >= 1 || s == 0);
	factor = sqrt(-2 * natural_log(s) / s);
	r->spare = y * factor;
	r->has_spare = true;
	return x * factor;
}

/* ---- Q ---- */

static void transpose(double *m, size_t d)
{
	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < i; j++) {
			const double x = m[i * d + j];

			m[i * d + j] = m[j * d + i];
			m[j * d + i] = x;
		}
}

/* Reflections [from, to) of rows of g, in turn or the last one first, of rows of m from the
 * first on: by some rows that stay in the cache while the reflections pass. */
static void reflect_rows(const double *g, const double *beta, size_t from, size_t to,
                         bool backwards, double *m, size_t first, size_t d)
{
	for (size_t j = first, rows; j < d; j += rows) {
		rows = d - j < REFLECTION_ROWS ? d - j : REFLECTION_ROWS;
		for (size_t i = from; i < to; i++) {
			const size_t k = backwards ? to - 1 - (i - from) : i;

			reflection_apply(g + k * d + k, beta[k], m + j * d + k, d, rows, d - k);
		}
	}
}

/* Columns lie in rows here: column j of the Gaussian matrix is row j of g, and
 * column j of its orthogonal factor becomes row j of q. */
static void factorise(double *g, double *q, size_t d, double *beta)
{
	enum { PANEL = 32 };   /* reflections at a time */
	bool mirrored = false; /* determinant -1 */

	memset(q, 0, d * d * sizeof(*q));
	for (size_t from = 0, to; from < d; from = to) {
		to = d - from < PANEL ? d : from + PANEL;
		for (size_t k = from; k < to; k++) {
			double *v = g + k * d + k;
			const bool negative = v[0] < 0;

			beta[k] = reflection_make(v, d - k);
			/* The diagonal of R is made positive by this sign of Q's column. */
			q[k * d + k] = (beta[k] == 0) == negative ? -1 : 1;
			mirrored ^= (beta[k] != 0) ^ (q[k * d + k] < 0);
			reflection_apply(v, beta[k], v + d, d, to - k - 1, d - k);
		}
		reflect_rows(g, beta, from, to, false, g, to, d);
	}
	/* Before its diagonal a row of q is 0, and stays so. */
	for (size_t to = d, from; to > 0; to = from) {
		from = (to - 1) / PANEL * PANEL;
		reflect_rows(g, beta, from, to, true, q, from, d);
	}
	for (size_t j = 0; mirrored && j < d; j++)
		q[j * d] = -q[j * d];
}

int rotation_random(double *q, size_t d, uint64_t seed, struct error *e)
{
	double *g = memory_new(d * d, sizeof(*g), e);
	double *beta = memory_new(d, sizeof(*beta), e);
	struct random r = {.bits = xoshiro_seed(seed)};

	if (g && beta) {
		for (size_t i = 0; i < d * d; i++)
			g[i] = next_normal(&r);
		transpose(g, d);
		factorise(g, q, d, beta);
		transpose(q, d);
	}
	free(g);
	free(beta);
	return e->code ? -1 : 0;
}

/* ---- order of units ---- */

struct peak {
	double value;
	uint32_t row;
};

static int compare_peaks(const void *a, const void *b)
{
	const struct peak *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->row < y->row ? -1 : 1;
}

int rotation_order(uint32_t *order, const double *q, size_t d, struct error *e)
{
	struct peak *peaks = memory_new(d, sizeof(*peaks), e);
	bool *taken = memory_new(d, sizeof(*taken), e);

	for (size_t i = 0; !e->code && i < d; i++) {
		peaks[i] = (struct peak){q[i * d], (uint32_t)i};
		for (size_t j = 1; j < d; j++)
			peaks[i].value = fmax(peaks[i].value, q[i * d + j]);
	}
	if (!e->code)
		qsort(peaks, d, sizeof(*peaks), compare_peaks);
	for (size_t i = 0; !e->code && i < d; i++) {
		const double *row = q + peaks[i].row * d;
		size_t best = d;

		for (size_t j = 0; j < d; j++)
			if (!taken[j] && (best == d || row[j] > row[best]))
				best = j;
		taken[best] = true;
		order[best] = peaks[i].row;
	}
	free(peaks);
	free(taken);
	return e->code ? -1 : 0;
}
