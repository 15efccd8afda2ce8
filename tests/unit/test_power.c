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

/* Has a + a' no eigenvalue below 0, up to rounding?  By Cholesky. */
static bool is_positive(const double *a, size_t d)
{
	double *m = malloc(d * d * sizeof(*m));
	bool good = true;

	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < d; j++)
			m[i * d + j] = a[i * d + j] + a[j * d + i] + (i == j) * 1e-9;
	for (size_t k = 0; k < d; k++) {
		good = good && m[k * d + k] > 0;
		for (size_t i = k + 1; i < d; i++)
			for (size_t j = k + 1; j < d; j++)
				m[i * d + j] -= m[i * d + k] * m[k * d + j] / m[k * d + k];
	}
	free(m);
	return good;
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
	ok(is_positive(half, d), "%s: no plane turns by more than a right angle then", name);
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
	static const size_t sizes[] = {1, 2, 3, 4, 7, 16, 33, 64, 97, 256};

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

/* Z turned in the planes of its rows by alpha times the angles. */
static double *turned(const double *z, size_t d, const double *angles, double alpha)
{
	double *w = malloc(d * d * sizeof(*w)), *back = malloc(d * d * sizeof(*back)), *q;

	memcpy(w, z, d * d * sizeof(*w));
	for (size_t i = 0; i + 1 < d; i += 2)
		for (size_t j = 0; j < d; j++) {
			const double c = cos(alpha * angles[i / 2]);
			const double s = sin(alpha * angles[i / 2]);

			w[i * d + j] = c * z[i * d + j] + s * z[(i + 1) * d + j];
			w[(i + 1) * d + j] = c * z[(i + 1) * d + j] - s * z[i * d + j];
		}
	transpose(w, back, d);
	q = product(back, z, d);
	free(w);
	free(back);
	return q;
}

/* Rotations by known angles in known planes, whose powers are thus known: angles that are
 * equal or close, that turn the other way, or hardly at all. */
static void test_known_planes(void)
{
	enum { PLANES = 8, D = 2 * PLANES + 1 };
	static const struct {
		const char *name;
		double angle[PLANES], error;
	} cases[] = {
	        {"equal, one the other way", {1, 1, 1, -1, 1, 2, 2, -2}, 1e-13},
	        {"close by",
	         {1, 1 + 1e-15, 1 + 1e-12, 1 + 1e-9, 1 + 1e-6, -1 - 1e-3, 1 + 1e-2, -1.1},
	         1e-13},
	        {"a step apart that is hardly close",
	         {1, 1.06, -1.12, 1.18, -1.24, 1.3, 1.36, -1.42},
	         1e-12},
	        {"hardly turned", {0, 1e-15, -1e-12, 1e-9, 1e-8, -1e-6, 1e-4, 1e-3}, 1e-13},
	        {"nearly turned about",
	         {3.1, -3.1, 3.11, -3.12, 3.13, 3.14, -3.14, 3.0},
	         1e-11},
	};
	double z[D * D];
	struct error e = {0};

	ok(rotation_random(z, D, 7, &e) == 0, "axes of the planes");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double *q = turned(z, D, cases[i].angle, 1);

		for (double alpha = 0.125; alpha < 1; alpha += 0.125) {
			double *want = turned(z, D, cases[i].angle, alpha);
			double *got = power_of(q, D, alpha);
			const double most = difference(want, got, D);

			ok(most < cases[i].error, "%s: ^%g (%g)", cases[i].name, alpha, most);
			free(want);
			free(got);
		}
		check_powers(q, D, cases[i].name);
		free(q);
	}
}

/* A rotation in single precision, as a stream has it: its powers are those of the nearest
 * orthogonal matrix. */
static void test_rounded(void)
{
	enum { D = 96 };
	double *q = calloc(D * D, sizeof(*q)), *rounded = calloc(D * D, sizeof(*q));
	double *want, *got;
	struct error e = {0};

	ok(rotation_random(q, D, 3, &e) == 0, "drawn");
	for (size_t i = 0; i < D * D; i++)
		rounded[i] = (float)q[i];
	want = power_of(q, D, 0.6);
	got = power_of(rounded, D, 0.6);
	ok(difference(want, got, D) < 1e-6, "a power of a rounded matrix");
	ok(defect(got, D) < 1e-13, "is orthogonal");
	free(q);
	free(rounded);
	free(want);
	free(got);
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
	test_known_planes();
	test_rounded();
	test_matrix();
	return done();
}
