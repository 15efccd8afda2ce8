/* rows.c -- see rows.h.  As many sums as a vector has lanes, and then one of them. */
#include "operator/rows.h"

#include <math.h>

#include "base/machine.h"
#include "operator/curves.h"

enum { LANES = 16 };

typedef float floats __attribute__((vector_size(LANES / 2 * sizeof(float)), may_alias,
                                    aligned(sizeof(float))));
typedef double doubles __attribute__((vector_size(LANES / 2 * sizeof(double))));

#define DOUBLES(at) __builtin_convertvector(*(const floats *)(at), doubles)

#define SUM(name, term)                                                                        \
	VECTOR_CLONES(static, double, name, (const float *x, size_t n, double middle),         \
	              (x, n, middle))                                                          \
	{                                                                                      \
		doubles low = {0}, high = {0};                                                 \
		double sum = 0;                                                                \
		size_t i, lane;                                                                \
                                                                                               \
		for (i = 0; i + LANES <= n; i += LANES) {                                      \
			doubles v = DOUBLES(x + i) - middle;                                   \
                                                                                               \
			low += term;                                                           \
			v = DOUBLES(x + i + LANES / 2) - middle;                               \
			high += term;                                                          \
		}                                                                              \
		low += high;                                                                   \
		for (lane = 0; lane < LANES / 2; lane++)                                       \
			sum += low[lane];                                                      \
		for (; i < n; i++) {                                                           \
			double v = x[i] - middle;                                              \
                                                                                               \
			sum += term;                                                           \
		}                                                                              \
		return sum;                                                                    \
	}

SUM(sum_of, v)
SUM(squares_of, v *v)

double row_sum(const float *x, size_t n)
{
	return sum_of(x, n, 0);
}

double row_squares(const float *x, size_t n, double middle)
{
	return squares_of(x, n, middle);
}

VECTOR_CLONES(, float, row_largest, (const float *x, size_t n), (x, n))
{
	float most[LANES], top = -INFINITY;
	size_t i, lane;

	for (lane = 0; lane < LANES; lane++)
		most[lane] = -INFINITY;
	for (i = 0; i + LANES <= n; i += LANES)
		for (lane = 0; lane < LANES; lane++)
			most[lane] = x[i + lane] > most[lane] ? x[i + lane] : most[lane];
	for (; i < n; i++)
		most[0] = x[i] > most[0] ? x[i] : most[0];
	for (lane = 0; lane < LANES; lane++)
		top = most[lane] > top ? most[lane] : top;
	return top;
}

VECTOR_CLONES(, void, row_exp, (float *y, const float *x, size_t n, float top), (y, x, n, top))
{
	for (size_t i = 0; i < n; i++)
		y[i] = curve_exp(x[i] - top);
}
