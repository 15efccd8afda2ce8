/* exact.h -- sums of floats that do not depend on their order. */
#ifndef DISSECT_EXACT_H
#define DISSECT_EXACT_H

#include <stdint.h>

/* The sum in units of 2^-149, the least float, in digits of 32 bits, the lowest first, which
 * have a sign each.  Zero it before use. */
enum { EXACT_DIGITS = 11 };
struct exact {
	int64_t digit[EXACT_DIGITS];
	uint32_t added; /* since carries were taken */
};

/* Any finite float, up to 2^63 of them. */
void exact_add(struct exact *s, float value);
/* The sum, rounded; equal sums give equal numbers. */
double exact_sum(const struct exact *s);

#endif
