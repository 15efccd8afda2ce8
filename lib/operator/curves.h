/* curves.h -- exp and erf in arithmetic that loops can take many values of at a time.
 *
 * Every step is rounded, in the same order on all processors: so are results.  They are as
 * near as the C library's, or within a bit more than a unit in the last place. */
#ifndef OPERATOR_CURVES_H
#define OPERATOR_CURVES_H

#include <stdint.h>
#include <string.h>

#include "base/machine.h"

/* 2 to the power of n. */
MACHINE_INLINE float curve_power_of_2(int32_t n)
{
	uint32_t bits = (uint32_t)(n + 127) << 23;
	float y;

	memcpy(&y, &bits, sizeof y);
	return y;
}

/* exp(r) * 2^n, r being what is left of x; the polynomial is Cephes'. */
MACHINE_INLINE float curve_exp(float x)
{
	const float magic = 12582912; /* 1.5 * 2^23: what is added to it becomes an integer */
	float least = x < -105 ? -105 : x, v = least > 89 ? 89 : least;
	float turned = v * 1.44269504088896341f + magic, n = turned - magic, r, y;
	uint32_t bits;
	int32_t power, half;

	memcpy(&bits, &turned, sizeof bits);
	power = (int32_t)(bits - 0x4b400000u);
	half = power >> 1; /* in two steps, for what has fewer digits */
	r = v - n * 0.693359375f;
	r = r - n * -2.12194440e-4f;
	y = 1.9875691500e-4f;
	y = y * r + 1.3981999507e-3f;
	y = y * r + 8.3334519073e-3f;
	y = y * r + 4.1665795894e-2f;
	y = y * r + 1.6666665459e-1f;
	y = y * r + 5.0000001201e-1f;
	y = y * (r * r) + r + 1;
	return y * curve_power_of_2(half) * curve_power_of_2(power - half);
}

/* Polynomials of N. Juffa, for small values and for the others. */
MACHINE_INLINE float curve_erf(float x)
{
	float t = x < 0 ? -x : x, s = x * x, small, large, u;

	small = -5.96761703e-4f;
	small = small * s + 4.99119423e-3f;
	small = small * s - 2.67681349e-2f;
	small = small * s + 1.12819925e-1f;
	small = small * s - 3.76125336e-1f;
	small = small * s + 1.28379166e-1f;
	small = small * x + x;
	large = -1.72853470e-5f * t + 3.83197126e-4f;
	u = -3.88396438e-3f * t + 2.42546219e-2f;
	large = large * s + u;
	large = large * t - 1.06777877e-1f;
	large = large * t - 6.34846687e-1f;
	large = large * t - 1.28717512e-1f;
	large = large * t - t;
	large = 1 - curve_exp(large);
	large = t > 4 ? 1 : large;
	large = x < 0 ? -large : large;
	return t > 0.927734375f ? large : small;
}

#endif
