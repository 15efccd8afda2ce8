/* test_power.c -- powers of rotations. */
#include <stdlib.h>

#include "dissect/power.h"
#include "dissect/rotation.h"
#include "square.h"
#include "tap.h"

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
		double *q = calloc(d * d, sizeof(*q));
		struct error e = {0};
		char name[32];

		snprintf(name, sizeof(name), "d = %zu", d);
		ok(rotation_random(q, d, 1, &e) == 0, "%s: drawn", name);
		check_powers(q, d, name);
		free(q);
	}
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
	test_special();
	test_matrix();
	return done();
}
