/* finite.c -- see finite.h. */
#include "base/finite.h"
#include "base/machine.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* All exponent bits set is infinity or NaN. */
VECTOR_CLONES(static, bool, all_finite, (const float *x, size_t n), (x, n))
{
	const uint32_t exponent = 0x7f800000;
	uint32_t bad = 0, bits;

	for (size_t i = 0; i < n; i++) {
		memcpy(&bits, &x[i], sizeof bits);
		bad |= (bits & exponent) == exponent;
	}
	return bad == 0;
}

size_t finite_prefix(const float *x, size_t n)
{
	size_t i = 0;

	if (all_finite(x, n))
		return n;
	while (isfinite(x[i]))
		i++;
	return i;
}
