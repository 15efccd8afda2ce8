/* square.h -- square matrices as in the textbook. */
#ifndef UNIT_SQUARE_H
#define UNIT_SQUARE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static inline double *product(const double *a, const double *b, size_t d)
{
	double *c = calloc(d * d, sizeof(*c));

	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < d; j++)
			for (size_t k = 0; k < d; k++)
				c[i * d + j] += a[i * d + k] * b[k * d + j];
	return c;
}

static inline double difference(const double *a, const double *b, size_t d)
{
	double most = 0;

	for (size_t i = 0; i < d * d; i++)
		most = worse(most, fabs(a[i] - b[i]));
	return most;
}

static inline double from_identity(const double *a, size_t d)
{
	double most = 0;

	for (size_t i = 0; i < d * d; i++)
		most = worse(most, fabs(a[i] - (i % (d + 1) == 0)));
	return most;
}

static inline void transpose(const double *a, double *b, size_t d)
{
	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < d; j++)
			b[i * d + j] = a[j * d + i];
}

/* How far a times its transpose is from the identity. */
static inline double defect(const double *a, size_t d)
{
	double *b = malloc(d * d * sizeof(*b)), *ab, most;

	transpose(a, b, d);
	ab = product(a, b, d);
	most = from_identity(ab, d);
	free(b);
	free(ab);
	return most;
}

/* By elimination with pivots. */
static inline double determinant(const double *a, size_t d)
{
	double *m = malloc(d * d * sizeof(*m)), result = 1;

	memcpy(m, a, d * d * sizeof(*m));
	for (size_t k = 0; k < d; k++) {
		size_t pivot = k;

		for (size_t i = k + 1; i < d; i++)
			if (fabs(m[i * d + k]) > fabs(m[pivot * d + k]))
				pivot = i;
		for (size_t j = 0; j < d; j++) {
			const double x = m[k * d + j];

			m[k * d + j] = m[pivot * d + j];
			m[pivot * d + j] = x;
		}
		result *= pivot == k ? m[k * d + k] : -m[k * d + k];
		for (size_t i = k + 1; i < d; i++)
			for (size_t j = d; j-- > k;)
				m[i * d + j] -= m[i * d + k] / m[k * d + k] * m[k * d + j];
	}
	free(m);
	return result;
}

#endif
