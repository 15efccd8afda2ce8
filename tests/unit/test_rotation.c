/* test_rotation.c -- random rotations, their powers and Schur forms. */
#include <stdlib.h>

#include "dissect/rotation.h"
#include "tap.h"

/* All products here are sums over indices, as in the textbook. */
static double *product(const double *a, const double *b, size_t d)
{
	double *c = calloc(d * d, sizeof(*c));

	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < d; j++)
			for (size_t k = 0; k < d; k++)
				c[i * d + j] += a[i * d + k] * b[k * d + j];
	return c;
}

static double difference(const double *a, const double *b, size_t d)
{
	double most = 0;

	for (size_t i = 0; i < d * d; i++)
		most = worse(most, fabs(a[i] - b[i]));
	return most;
}

static double from_identity(const double *a, size_t d)
{
	double most = 0;

	for (size_t i = 0; i < d * d; i++)
		most = worse(most, fabs(a[i] - (i % (d + 1) == 0)));
	return most;
}

static void transpose(const double *a, double *b, size_t d)
{
	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < d; j++)
			b[i * d + j] = a[j * d + i];
}

/* By elimination with pivots. */
static double determinant(const double *a, size_t d)
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

static double *power_of(const double *q, size_t d, double alpha)
{
	double *p = calloc(d * d, sizeof(*p));
	struct error e = {0};

	if (rotation_power(p, q, d, alpha, &e) < 0)
		printf("# %s\n", e.text);
	return p;
}

static void check_powers(const double *q, size_t d, const char *name)
{
	double *inverse = malloc(d * d * sizeof(*inverse));
	double *none = power_of(q, d, 0), *one = power_of(q, d, 1), *back = power_of(q, d, -1);
	double *a = power_of(q, d, 0.3), *b = power_of(q, d, 0.45), *sum = power_of(q, d, 0.75);
	double *half = power_of(q, d, 0.5), *ab = product(a, b, d), *ba = product(b, a, d);
	double *square = product(half, half, d);

	transpose(q, inverse, d);
	ok(from_identity(none, d) < 1e-12 * (double)d, "%s: Q^0 = 1", name);
	ok(difference(one, q, d) < 1e-12 * (double)d, "%s: Q^1 = Q", name);
	ok(difference(back, inverse, d) < 1e-12 * (double)d, "%s: Q^-1 is the transpose", name);
	ok(difference(ab, sum, d) < 1e-12 * (double)d &&
	           difference(ba, sum, d) < 1e-12 * (double)d,
	   "%s: Q^0.3 Q^0.45 = Q^0.75", name);
	ok(difference(square, q, d) < 1e-12 * (double)d, "%s: half the way, twice", name);
	ok(rotation_defect(a, d) < 1e-12 * (double)d, "%s: Q^0.3 is orthogonal", name);
	ok(fabs(determinant(half, d) - 1) < 1e-9, "%s: and turns without mirroring", name);
	free(inverse);
	free(none);
	free(one);
	free(back);
	free(a);
	free(b);
	free(sum);
	free(half);
	free(ab);
	free(ba);
	free(square);
}

static void test_random(void)
{
	static const size_t sizes[] = {1, 2, 3, 4, 7, 16, 33, 64, 97};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const size_t d = sizes[i];
		double *q = calloc(d * d, sizeof(*q)), *again = calloc(d * d, sizeof(*q));
		struct error e = {0};
		char name[32];

		snprintf(name, sizeof(name), "d = %zu", d);
		ok(rotation_random(q, d, 1, &e) == 0 && rotation_random(again, d, 1, &e) == 0 &&
		           memcmp(q, again, d * d * sizeof(*q)) == 0,
		   "%s: a function of seed and d", name);
		ok(rotation_defect(q, d) < 1e-14 * (double)(d + 10), "%s: orthogonal", name);
		ok(fabs(determinant(q, d) - 1) < 1e-10, "%s: determinant 1", name);
		ok(rotation_random(again, d, 2, &e) == 0 &&
		           (d == 1 || difference(q, again, d) > 0.01),
		   "%s: another seed, another matrix", name);
		check_powers(q, d, name);
		free(q);
		free(again);
	}
}

/* Over many draws an entry of a Haar matrix has mean 0, variance 1/d, and traces have
 * mean 0 and variance 1 (Diaconis and Shahshahani 1994). */
static void test_distribution(void)
{
	enum { D = 4, DRAWS = 20000 };
	double mean = 0, square = 0, trace = 0, trace_square = 0, q[D * D];
	struct error e = {0};
	bool good = true;

	for (uint64_t seed = 0; seed < DRAWS; seed++) {
		double t = 0;

		good = good && rotation_random(q, D, seed, &e) == 0;
		for (size_t i = 0; i < D; i++)
			t += q[i * D + i];
		mean += q[1 * D + 2] / DRAWS;
		square += q[0 * D + 3] * q[0 * D + 3] / DRAWS;
		trace += t / DRAWS;
		trace_square += t * t / DRAWS;
	}
	/* Four standard errors: 4 * sqrt(1/4 / 20000) = 0.014 and so on. */
	ok(good, "%d draws", DRAWS);
	is_real(mean, 0, 0.015, "mean of an entry");
	is_real(square, 0.25, 0.01, "variance of an entry");
	is_real(trace, 0, 0.03, "mean of the trace");
	is_real(trace_square, 1, 0.06, "variance of the trace");
}

/* Matrices whose eigenvalues coincide. */
static void test_special(void)
{
	enum { D = 6 };
	double q[D * D] = {0}, turn[4], axis[9] = {0};
	struct error e = {0};
	double *half;

	for (size_t i = 0; i < D; i++)
		q[i * D + i] = 1;
	check_powers(q, D, "identity");
	for (size_t i = 0; i < 4; i++)
		q[i * D + i] = -1;
	check_powers(q, D, "two planes turned by pi");
	memset(q, 0, sizeof(q));
	for (size_t i = 0; i < D; i++)
		q[i * D + (i + 2) % D] = 1;
	check_powers(q, D, "two cycles of three");
	memset(q, 0, sizeof(q));
	for (size_t i = 0; i < 5; i++)
		q[i * D + (i + 1) % 5] = 1;
	q[5 * D + 5] = 1;
	check_powers(q, D, "a cycle of five");

	/* The sign of a plane stays: a third of -120 degrees is -40 degrees. */
	turn[0] = turn[3] = cos(-2 * M_PI / 3);
	turn[2] = sin(-2 * M_PI / 3);
	turn[1] = -turn[2];
	half = power_of(turn, 2, 1.0 / 3);
	is_real(half[0], cos(2 * M_PI / 9), 1e-14, "a third of the angle");
	is_real(half[2], -sin(2 * M_PI / 9), 1e-14, "and its sign");
	free(half);

	/* A swap of two axes and the third reversed: half of it turns by 90 degrees about
	 * (1, 1, 0), which stays. */
	axis[1] = axis[3] = 1;
	axis[8] = -1;
	check_powers(axis, 3, "a half turn about (1, 1, 0)");
	half = power_of(axis, 3, 0.5);
	is_real(half[0] + half[1], 1, 1e-14, "the axis of a half turn stays");
	is_real(half[8], 0, 1e-14, "and the rest turns by 90 degrees");
	free(half);

	memset(q, 0, sizeof(q));
	for (size_t i = 0; i < D; i++)
		q[i * D + i] = i ? 1 : -1;
	ok(rotation_power(q, q, D, 0.5, &e) < 0 && e.code == EXIT_MALFORMED, "a mirror: %s",
	   e.text);
	e = (struct error){0};
	q[0] = 0.9;
	ok(rotation_power(q, q, D, 0.5, &e) < 0 && e.code == EXIT_MALFORMED,
	   "not orthogonal: %s", e.text);
	e = (struct error){0};
	q[0] = NAN;
	ok(rotation_power(q, q, D, 0.5, &e) < 0, "NaN: %s", e.text);
}

/* Largest elements by row: 0.9, 0.8, 0.7, so row 0 takes column 1, row 1 would too but
 * is left with its second best, column 2, and row 2 gets column 0. */
static void test_order(void)
{
	static const double q[] = {0.1, 0.9, 0.2, 0.3, 0.8, 0.5, 0.6, 0.7, -1};
	static const double ties[] = {0.5, 0.5, 0.5, 0.5};
	uint32_t order[3];
	struct error e = {0};

	ok(rotation_order(order, q, 3, &e) == 0 && order[1] == 0 && order[2] == 1 &&
	           order[0] == 2,
	   "rows by descending largest element take the best free column");
	ok(rotation_order(order, ties, 2, &e) == 0 && order[0] == 0 && order[1] == 1,
	   "ties: lower row, lower column");
}

/* By hand: a rotation of three units by a cycle, (x, y, z) to (z, x, y). */
static void test_matrix(void)
{
	static const double cycle[9] = {0, 0, 1, 1, 0, 0, 0, 1, 0};
	static const struct {
		struct rotation how;
		float want[9];
		const char *name;
	} cases[] = {
	        {{1, false, false}, {0, 0, 1, 1, 0, 0, 0, 1, 0}, "Q itself"},
	        {{1, false, true}, {0, 1, 0, 0, 0, 1, 1, 0, 0}, "its inverse"},
	        {{0, false, false}, {1, 0, 0, 0, 1, 0, 0, 0, 1}, "Q^0"},
	        {{1, true, false}, {1, 0, 0, 0, 1, 0, 0, 0, 1}, "Q with units put back"},
	        {{0, true, false}, {0, 1, 0, 0, 0, 1, 1, 0, 0}, "Q^0, put back as Q's are"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double q[9];
		float m[9];
		struct error e = {0};
		bool good;

		memcpy(q, cycle, sizeof(q));
		good = rotation_matrix(m, q, 3, &cases[i].how, &e) == 0;
		for (int k = 0; good && k < 9; k++)
			good = fabs(m[k] - cases[i].want[k]) < 1e-6;
		ok(good, "%s %s", cases[i].name, e.text);
	}
}

int main(void)
{
	test_random();
	test_distribution();
	test_special();
	test_order();
	test_matrix();
	return done();
}
