/* test_probe.c -- classifiers whose minimum is known. */
#include <math.h>
#include <stdlib.h>

#include "dissect/probe.h"
#include "tap.h"

/* Two images at 1 and -1 of a feature that is divided by scale: f(w) = w^2 / 2 + 2 C (1 - w)^2,
 * least at 4 C / (1 + 4 C), as the constant's weight is 0; another feature is 0 in both. */
static void test_two(double cost, double scale)
{
	const float one[] = {0, (float)scale}, minus[] = {0, -(float)scale};
	const float *const x[] = {one, minus};
	const uint32_t class[] = {7, 3};
	struct probe p = {0};
	struct error e = {0};
	double w[3] = {9, 9, 9};
	const double want = 4 * cost / (1 + 4 * cost);
	int status = probe_open(&p, x, 2, 2, scale, &e);

	if (status == 0)
		status = probe_fit(&p, class, 7, cost, w, &e);
	ok(status == 0 && w[0] == 0 && fabs(w[1] - want) < 1e-12 && fabs(w[2]) < 1e-12,
	   "C %g: w = %.17g, b = %g", cost, w[1], w[2]);
	ok(fabs(probe_value(w, one, 2, scale) - want) < 1e-12, "what it says of an image");
	if (status == 0)
		status = probe_fit(&p, class, 3, cost, w, &e);
	ok(status == 0 && fabs(w[1] + want) < 1e-12, "the other class: the other sign");
	probe_free(&p);
}

/* Nothing tells the classes: only the constant can, which follows the more frequent one.
 * f(b) = b^2 / 2 + C (3 (1 + b)^2 + (1 - b)^2), least at -4 C / (1 + 8 C). */
static void test_nothing(void)
{
	static const float none[] = {0};
	const float *const x[] = {none, none, none, none};
	const uint32_t class[] = {0, 1, 0, 0};
	struct probe p = {0};
	struct error e = {0};
	double w[2];
	int status = probe_open(&p, x, 4, 1, 1, &e);

	if (status == 0)
		status = probe_fit(&p, class, 1, 0.25, w, &e);
	ok(status == 0 && w[0] == 0 && fabs(w[1] + 1.0 / 3) < 1e-12, "a constant: b = %.17g",
	   w[1]);
	ok(probe_bytes(none, 1) == probe_bytes((const float[9]){0}, 9), "zeros take no room");
	probe_free(&p);
}

int main(void)
{
	test_two(0.25, 1);
	test_two(1000, 4);
	test_nothing();
	return done();
}
