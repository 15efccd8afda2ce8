/* clamp.c -- see clamp.h. */
#include "kernel/clamp.h"

#include "base/machine.h"

VECTOR_CLONES(extern, void, clamp_row, (float *x, size_t n, struct clamp c), (x, n, c))
{
	for (size_t i = 0; i < n; i++) {
		float v = x[i];

		v = v < c.low ? c.low : v;
		x[i] = v > c.high ? c.high : v;
	}
}
