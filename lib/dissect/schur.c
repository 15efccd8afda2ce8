/* schur.c -- see schur.h. */
#include "dissect/schur.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/matrix.h"

enum { MOST_STEPS = 60, EXCEPTIONAL_EVERY = 10 };

/* Q = Z H Z'; reflections take H from Q to its Schur form. */
struct schur {
	size_t d;
	double *h, *z; /* z is Z' */
	double *v;     /* (d): a reflection */
	double *work;  /* (d) */
};

static double *at(const struct schur *s, size_t row, size_t column)
{
	return s->h + row * s->d + column;
}

/* Rows [row, row + n) of m, columns [from, to): m -= beta v (v' m). */
static void reflect_rows(const struct schur *s, double *m, size_t row, size_t n, double beta,
                         size_t from, size_t to)
{
	memset(s->work + from, 0, (to - from) * sizeof(*s->work));
	for (size_t i = 0; i < n; i++)
		row_add(s->work + from, s->v[i], m + (row + i) * s->d + from, to - from);
	for (size_t i = 0; i < n; i++)
		row_add(m + (row + i) * s->d + from, -beta * s->v[i], s->work + from,
		        to - from);
}

/* The similarity of H by the reflection in s->v of axes [k, k + n), where H's
 * columns from on and rows up to to are not zero, within rows and columns of
 * [low, high); and Z' with it. */
static void reflect(const struct schur *s, size_t k, size_t n, double beta, size_t from,
                    size_t to, size_t low, size_t high)
{
	reflect_rows(s, s->h, k, n, beta, from, high);
	for (size_t r = low; r < to; r++)
		reflection_apply(s->v, beta, at(s, r, k), n);
	reflect_rows(s, s->z, k, n, beta, 0, s->d);
}

static void reduce_to_hessenberg(const struct schur *s)
{
	for (size_t k = 0; k + 2 < s->d; k++) {
		const size_t n = s->d - k - 1;
		double beta;

		for (size_t i = 0; i < n; i++)
			s->v[i] = *at(s, k + 1 + i, k);
		beta = reflection_make(s->v, n);
		if (beta == 0)
			continue;
		reflect(s, k + 1, n, beta, k, s->d, 0, s->d);
		for (size_t i = 1; i < n; i++)
			*at(s, k + 1 + i, k) = 0;
	}
}

/* One double-shift step on rows and columns [low, high), at least 3. */
static void step(const struct schur *s, size_t low, size_t high, int steps)
{
	const double *a = at(s, high - 2, high - 2), *b = a + s->d; /* the last 2 x 2 block */
	double sum = a[0] + b[1], product = a[0] * b[1] - a[1] * b[0];
	const double *h0 = at(s, low, low), *h1 = h0 + s->d, *h2 = h1 + s->d;

	if (steps % EXCEPTIONAL_EVERY == EXCEPTIONAL_EVERY - 1) {
		const double w = fabs(b[0]) + fabs(*at(s, high - 2, high - 3));

		sum = 1.5 * w;
		product = w * w;
	}
	s->v[0] = h0[0] * h0[0] + h0[1] * h1[0] - sum * h0[0] + product;
	s->v[1] = h1[0] * (h0[0] + h1[1] - sum);
	s->v[2] = h1[0] * h2[1];
	for (size_t k = low; k + 1 < high; k++) {
		const size_t n = high - k < 3 ? high - k : 3;
		const double beta = reflection_make(s->v, n);

		if (beta != 0)
			reflect(s, k, n, beta, k > low ? k - 1 : low,
			        k + 4 < high ? k + 4 : high, low, high);
		for (size_t i = 1; i < n; i++) {
			if (k > low)
				*at(s, k + i, k - 1) = 0;
		}
		for (size_t i = 0; i < 3 && k + 1 + i < high; i++)
			s->v[i] = *at(s, k + 1 + i, k);
	}
}

/* Rows i and i + 1 of Z' span a 2 x 2 block: a rotation, or a mirror, whose
 * axes become the rows. */
static void take_pair(const struct schur *s, size_t i, double *angle, unsigned char *plane)
{
	const double *a = at(s, i, i), *b = a + s->d;
	double *z0 = s->z + i * s->d, *z1 = z0 + s->d;
	double half, c, n;

	if (a[0] * b[1] - a[1] * b[0] > 0) {
		plane[i] = 1;
		angle[i] = atan2(b[0] - a[1], a[0] + b[1]);
		return;
	}
	half = atan2(a[1] + b[0], a[0] - b[1]) / 2;
	c = cos(half);
	n = sin(half);
	for (size_t j = 0; j < s->d; j++) {
		const double x = z0[j], y = z1[j];

		z0[j] = c * x + n * y;
		z1[j] = c * y - n * x;
	}
	angle[i + 1] = M_PI;
}

static int iterate(const struct schur *s, double *angle, unsigned char *plane, struct error *e)
{
	size_t high = s->d;
	int steps = 0;

	while (high > 0) {
		size_t low = high - 1;

		while (low > 0 && fabs(*at(s, low, low - 1)) > DBL_EPSILON)
			low--;
		if (high - low > 2) {
			if (steps == MOST_STEPS)
				return error_set(
				        e, EXIT_MALFORMED,
				        "the Schur form of the matrix does not converge");
			step(s, low, high, steps++);
			continue;
		}
		if (high - low == 2)
			take_pair(s, low, angle, plane);
		else if (*at(s, low, low) < 0)
			angle[low] = M_PI;
		high = low;
		steps = 0;
	}
	return 0;
}

int schur_orthogonal(double *q, size_t d, double *angle, unsigned char *plane, struct error *e)
{
	struct schur s = {
	        .d = d,
	        .h = memory_new(d * d, sizeof(double), e),
	        .z = q,
	        .v = memory_new(d, sizeof(double), e),
	        .work = memory_new(d, sizeof(double), e),
	};
	int status = -1;

	if (!e->code) {
		memcpy(s.h, q, d * d * sizeof(*q));
		memset(q, 0, d * d * sizeof(*q));
		for (size_t i = 0; i < d; i++) {
			q[i * d + i] = 1;
			angle[i] = 0;
			plane[i] = 0;
		}
		reduce_to_hessenberg(&s);
		status = iterate(&s, angle, plane, e);
	}
	free(s.h);
	free(s.v);
	free(s.work);
	return status;
}
