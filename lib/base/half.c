/* half.c -- see half.h. */
#include "base/half.h"

#include <math.h>

float half_to_float(uint16_t bits)
{
	int exponent = bits >> 10 & 0x1f;
	int fraction = bits & 0x3ff;
	float x;

	if (exponent == 0x1f)
		x = fraction ? NAN : INFINITY;
	else if (exponent == 0)
		x = ldexpf((float)fraction, -24);
	else
		x = ldexpf((float)(fraction + 1024), exponent - 25);
	return bits & 0x8000 ? -x : x;
}
