/* matrix.c -- see matrix.h. */
#include "dissect/matrix.h"

#include <math.h>

#include "base/machine.h"

enum { LANES = 8 };

VECTOR_CLONES(extern, void, row_add,
              (double *restrict y, double a, const double *restrict x, size_t n), (y, a, x, n))
{
	for (size_t i = 0; i < n; i++)
		y[i] += a * x[i];
}

/* In lanes of its own making, a sum vectorises without being reordered. */
VECTOR_CLONES(extern, double, row_dot, (const double *x, const double *y, size_t n), (x, y, n))
{
	double lane[LANES] = {0}, sum = 0;
	size_t i;

	for (i = 0; i + LANES <= n; i += LANES)
		for (int j = 0; j < LANES; j++)
			lane[j] += x[i + j] * y[i + j];
	for (; i < n; i++)
		sum += x[i] * y[i];
	for (int j = 0; j < LANES; j++)
		sum += lane[j];
	return sum;
}

double reflection_make(double *x, size_t n)
{
	const double rest = row_dot(x + 1, x + 1, n - 1);
	const double norm = sqrt(x[0] * x[0] + rest);

	if (rest == 0)
		return 0;
	x[0] += x[0] < 0 ? -norm : norm;
	return 2 / (x[0] * x[0] + rest);
}

/* A row: the four below give each of theirs the same bytes. */
static void reflect_one(const double *v, double beta, double *x, size_t n)
{
	row_add(x, -beta * row_dot(v, x, n), v, n);
}

typedef double lanes
        __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

VECTOR_CLONES(static, void, reflect_four,
              (const double *restrict v, double beta, double *restrict x, size_t stride,
               size_t n),
              (v, beta, x, stride, n))
{
	double *row[] = {x, x + stride, x + 2 * stride, x + 3 * stride};
	lanes lane[REFLECTION_ROWS] = {0};
	double sum[REFLECTION_ROWS] = {0};
	size_t i;

	for (i = 0; i + LANES <= n; i += LANES)
		for (int r = 0; r < REFLECTION_ROWS; r++)
			lane[r] += *(const lanes *)(v + i) * *(const lanes *)(row[r] + i);
	for (; i < n; i++)
		for (int r = 0; r < REFLECTION_ROWS; r++)
			sum[r] += v[i] * row[r][i];
	for (int r = 0; r < REFLECTION_ROWS; r++) {
		for (int j = 0; j < LANES; j++)
			sum[r] += lane[r][j];
		sum[r] *= -beta;
	}
	for (i = 0; i + LANES <= n; i += LANES)
		for (int r = 0; r < REFLECTION_ROWS; r++)
			*(lanes *)(row[r] + i) += sum[r] * *(const lanes *)(v + i);
	for (; i < n; i++)
		for (int r = 0; r < REFLECTION_ROWS; r++)
			row[r][i] += sum[r] * v[i];
}

void reflection_apply(const double *v, double beta, double *x, size_t stride, size_t rows,
                      size_t n)
{
	size_t i;

	for (i = 0; i + REFLECTION_ROWS <= rows; i += REFLECTION_ROWS)
		reflect_four(v, beta, x + i * stride, stride, n);
	for (; i < rows; i++)
		reflect_one(v, beta, x + i * stride, n);
}
