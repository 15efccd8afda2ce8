/* test_rotation.c -- random rotations. */
#include <stdlib.h>

#include "dissect/rotation.h"
#include "square.h"
#include "tap.h"

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
		ok(defect(q, d) < 1e-14 * (double)(d + 10), "%s: orthogonal", name);
		ok(fabs(determinant(q, d) - 1) < 1e-10, "%s: determinant 1", name);
		ok(rotation_random(again, d, 2, &e) == 0 &&
		           (d == 1 || difference(q, again, d) > 0.01),
		   "%s: another seed, another matrix", name);
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

int main(void)
{
	test_random();
	test_distribution();
	test_order();
	return done();
}
