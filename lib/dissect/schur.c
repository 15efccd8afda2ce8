/* schur.c -- see schur.h. */
#include "dissect/schur.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/machine.h"
#include "dissect/matrix.h"

enum {
	MOST_STEPS = 60,
	EXCEPTIONAL_EVERY = 10,
	LINE = 8, /* doubles in a line of cache */
};

/* Q = Z H Z'; reflections take H from Q to its Schur form. */
struct schur {
	size_t d;
	size_t stride; /* from row to row of H: not a power of two, as caches dislike columns of
	                  that */
	double *h, *z; /* z is Z', its rows d apart */
	double *v;     /* (d): a reflection */
	double *work;  /* (d) */
};

static double *at(const struct schur *s, size_t row, size_t column)
{
	return s->h + row * s->stride + column;
}

/* n rows from m on, stride apart, columns from on: m -= beta v (v' m). */
static void reflect_rows(const struct schur *s, double *m, size_t stride, size_t n, double beta,
                         size_t from)
{
	memset(s->work + from, 0, (s->d - from) * sizeof(*s->work));
	for (size_t i = 0; i < n; i++)
		row_add(s->work + from, s->v[i], m + i * stride + from, s->d - from);
	for (size_t i = 0; i < n; i++)
		row_add(m + i * stride + from, -beta * s->v[i], s->work + from, s->d - from);
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
		reflect_rows(s, at(s, k + 1, 0), s->stride, n, beta, k);
		reflection_apply(s->v, beta, at(s, 0, k + 1), s->stride, s->d, n);
		reflect_rows(s, s->z + (k + 1) * s->d, s->d, n, beta, 0);
		for (size_t i = 1; i < n; i++)
			*at(s, k + 1 + i, k) = 0;
	}
}

/* Three rows, columns [from, to): (a, b, c) -= beta v (v' (a, b, c)). */
VECTOR_CLONES(static, void, reflect_three,
              (double *restrict a, double *restrict b, double *restrict c, const double *v,
               double beta, size_t from, size_t to),
              (a, b, c, v, beta, from, to))
{
	const double x = v[0], y = v[1], z = v[2];

	for (size_t j = from; j < to; j++) {
		const double sum = beta * (x * a[j] + y * b[j] + z * c[j]);

		a[j] -= x * sum;
		b[j] -= y * sum;
		c[j] -= z * sum;
	}
}

/* The similarity by a reflection of two or three axes from k on, within the active
 * block [low, high), whose columns before from and rows after to are 0 there. */
static void reflect_few(const struct schur *s, size_t k, size_t n, double beta, size_t from,
                        size_t to, size_t low, size_t high)
{
	double *h = at(s, k, 0), *z = s->z + k * s->d;

	if (n < 3) { /* work stands for a third row, which stays */
		s->v[2] = 0;
		memset(s->work, 0, s->d * sizeof(*s->work));
	}
	reflect_three(h, h + s->stride, n < 3 ? s->work : h + 2 * s->stride, s->v, beta, from,
	              high);
	reflect_three(z, z + s->d, n < 3 ? s->work : z + 2 * s->d, s->v, beta, 0, s->d);
	for (size_t r = low; r < to; r++) {
		double *x = at(s, r, k), sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += x[i] * s->v[i];
		for (size_t i = 0; i < n; i++)
			x[i] -= beta * sum * s->v[i];
	}
}

/* One double-shift step on rows and columns [low, high), at least 3.  The shifts come in as
 * differences from the diagonal (as in EISPACK's hqr), for near the identity there is not
 * much else to the matrix. */
static void step(const struct schur *s, size_t low, size_t high, int steps)
{
	const double *a = at(s, high - 2, high - 2),
	             *b = a + s->stride; /* the last 2 x 2 block */
	const double *h0 = at(s, low, low), *h1 = h0 + s->stride, *h2 = h1 + s->stride;
	double first = a[0], second = b[1], across = a[1] * b[0], x, y;

	if (steps % EXCEPTIONAL_EVERY == EXCEPTIONAL_EVERY - 1) {
		const double w = fabs(b[0]) + fabs(*at(s, high - 2, high - 3));

		first = second = 0.75 * w;
		across = -0.4375 * w * w;
	}
	x = first - h0[0];
	y = second - h0[0];
	s->v[0] = x * y - across + h0[1] * h1[0];
	s->v[1] = h1[0] * (h1[1] - h0[0] - x - y);
	s->v[2] = h1[0] * h2[1];
	for (size_t k = low; k + 1 < high; k++) {
		const size_t n = high - k < 3 ? high - k : 3;
		const double beta = reflection_make(s->v, n);

		if (beta != 0)
			reflect_few(s, k, n, beta, k > low ? k - 1 : low,
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
	const double *a = at(s, i, i), *b = a + s->stride;
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
	        .stride = ((d / LINE + 1) | 1) * LINE,
	        .z = q,
	        .v = memory_new(d, sizeof(double), e),
	        .work = memory_new(d, sizeof(double), e),
	};
	int status = -1;

	s.h = memory_new(d * s.stride, sizeof(double), e);
	if (!e->code) {
		for (size_t i = 0; i < d; i++)
			memcpy(at(&s, i, 0), q + i * d, d * sizeof(*q));
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
