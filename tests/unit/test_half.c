/* test_half.c -- 16-bit numbers against the definition, in doubles. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/half.h"
#include "tap.h"

static double value_of(unsigned bits)
{
	const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
	const double sign = bits & 0x8000 ? -1 : 1;

	if (exponent == 0x1f)
		return fraction ? NAN : sign * INFINITY;
	return sign * (exponent ? ldexp(fraction + 1024, exponent - 25) : ldexp(fraction, -24));
}

/* Of all positive numbers, of which 65536 would be the next, the nearest. */
static unsigned nearest(double x)
{
	unsigned low = 0, high = 0x7c00;

	while (high - low > 1) {
		const unsigned middle = (low + high) / 2;

		if (value_of(middle) <= x)
			low = middle;
		else
			high = middle;
	}
	{
		const double above = (high == 0x7c00 ? 65536 : value_of(high)) - x,
		             below = x - value_of(low);

		return above < below || (above == below && low % 2) ? high : low;
	}
}

static bool same(float a, double b)
{
	return isnan(b) ? isnan(a) : a == b && !signbit(a) == !signbit(b);
}

static void test_all_numbers(void)
{
	uint16_t all[65536], back[65536];
	float *wide = malloc(sizeof all * 2);
	bool one = true, many = true, round_trip = true;

	for (unsigned i = 0; i < 65536; i++) {
		all[i] = (uint16_t)i;
		one = one && same(half_to_float((uint16_t)i), value_of(i));
	}
	half_widen(all, wide, 65535); /* no multiple of what is done at a time */
	wide[65535] = half_to_float(65535);
	half_narrow(wide, back, 65535);
	for (unsigned i = 0; i < 65536; i++) {
		const bool number = (i & 0x7c00) != 0x7c00 || (i & 0x3ff) == 0;

		many = many && same(wide[i], value_of(i));
		round_trip = round_trip && (!number || half_from_float(wide[i]) == i) &&
		             (!number || i == 65535 || back[i] == i);
	}
	ok(one, "each of them as a float");
	ok(many, "an array of them");
	ok(round_trip, "and back");
	ok(half_prefix(wide, 0x7c00) == 0x7c00, "none is beyond the greatest");
	ok(half_prefix(wide, 65536) == 0x7c00, "but infinity");
	free(wide);
}

/* Floats around all steps and halves of steps, and at random. */
static void test_rounding(void)
{
	enum { N = 1 << 16 };
	float *x = malloc(N * sizeof *x);
	uint16_t *many = malloc(N * sizeof *many);
	uint64_t state = 1;
	bool good = true, alike = true;

	for (unsigned i = 0; i < N; i++) {
		const unsigned step = i / 4 % 0x7c00;
		const double middle =
		        (value_of(step) + (step == 0x7bff ? 65536 : value_of(step + 1))) / 2;
		uint32_t bits;

		state = state * 6364136223846793005 + 1442695040888963407;
		bits = (uint32_t)(state >> 32);
		x[i] = i % 4 == 0   ? (float)middle
		       : i % 4 == 1 ? nextafterf((float)middle, INFINITY)
		       : i % 4 == 2 ? nextafterf((float)middle, 0)
		                    : 0;
		if (i % 4 == 3)
			memcpy(&x[i], &bits, sizeof bits);
		if (i % 8 > 3)
			x[i] = -x[i];
	}
	half_narrow(x, many, N);
	for (unsigned i = 0; i < N; i++) {
		const uint16_t got = half_from_float(x[i]);
		const double size = fabs((double)x[i]);

		if (isnan(x[i])) {
			good = good && (got & 0x7c00) == 0x7c00 && (got & 0x3ff);
			continue;
		}
		alike = alike && many[i] == got;
		good = good && (got & 0x7fff) == (size >= 65536 ? 0x7c00 : nearest(size)) &&
		       (got >> 15 != 0) == (signbit(x[i]) != 0);
	}
	ok(good, "the nearest, of two the even one");
	ok(alike, "arrays as one by one");
	free(many);
	free(x);
}

static void test_limits(void)
{
	float x[100] = {0};

	ok(half_from_float(65519.996f) == 0x7bff && half_from_float(65520) == 0x7c00,
	   "the limit");
	x[70] = 65504.004f;
	x[80] = NAN;
	ok(half_prefix(x, 100) == 70, "the first that is beyond, rounded or not");
	x[70] = -65504;
	ok(half_prefix(x, 100) == 80, "what is no number is beyond, too");
	ok(half_prefix(x, 80) == 80 && half_prefix(x, 0) == 0, "all, and none");
}

int main(void)
{
	test_all_numbers();
	test_rounding();
	test_limits();
	return done();
}
