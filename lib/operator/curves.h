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

/* x in parts: exp(x) is what is returned, times 2 to the power of n.  The polynomial is
 * Cephes'. */
MACHINE_INLINE float curve_exp_parts(float x, int32_t *n)
{
	const float magic = 12582912; /* 1.5 * 2^23: what is added to it becomes an integer */
	float turned = x * 1.44269504088896341f + magic, whole = turned - magic, r, y;
	uint32_t bits;

	memcpy(&bits, &turned, sizeof bits);
	*n = (int32_t)(bits - 0x4b400000u);
	r = x - whole * 0.693359375f;
	r = r - whole * -2.12194440e-4f;
	y = 1.9875691500e-4f;
	y = y * r + 1.3981999507e-3f;
	y = y * r + 8.3334519073e-3f;
	y = y * r + 4.1665795894e-2f;
	y = y * r + 1.6666665459e-1f;
	y = y * r + 5.0000001201e-1f;
	return y * (r * r) + r + 1;
}

MACHINE_INLINE float curve_exp(float x)
{
	float least = x < -105 ? -105 : x, y;
	int32_t n, half;

	y = curve_exp_parts(least > 89 ? 89 : least, &n);
	half = n >> 1; /* in two steps, for what has fewer digits */
	return y * curve_power_of_2(half) * curve_power_of_2(n - half);
}

/* Polynomials of N. Juffa, for small values and for the others; from 4 on it is 1. */
MACHINE_INLINE float curve_erf(float x)
{
	float size = x < 0 ? -x : x, t = size > 4 ? 4 : size, s = t * t, small, large, u;
	int32_t n;

	small = -5.96761703e-4f;
	small = small * s + 4.99119423e-3f;
	small = small * s - 2.67681349e-2f;
	small = small * s + 1.12819925e-1f;
	small = small * s - 3.76125336e-1f;
	small = small * s + 1.28379166e-1f;
	small = small * t + t;
	large = -1.72853470e-5f * t + 3.83197126e-4f;
	u = -3.88396438e-3f * t + 2.42546219e-2f;
	large = large * s + u;
	large = large * t - 1.06777877e-1f;
	large = large * t - 6.34846687e-1f;
	large = large * t - 1.28717512e-1f;
	large = curve_exp_parts(large * t - t, &n);
	large = 1 - large * curve_power_of_2(n);
	u = t > 0.927734375f ? large : small;
	return x < 0 ? -u : u;
}

#endif
