/* exact.c -- see exact.h. */
#include "dissect/exact.h"

#include <math.h>

enum { LEAST = -149, BITS = 24 };

/* All digits but the highest into [0, 2^32). */
static void carry(struct exact *s)
{
	for (int i = 0; i + 1 < EXACT_DIGITS; i++) {
		const int64_t low = s->digit[i] & UINT32_MAX;

		s->digit[i + 1] += (s->digit[i] - low) / (INT64_C(1) << 32);
		s->digit[i] = low;
	}
	s->added = 0;
}

void exact_add(struct exact *s, float value)
{
	int exponent;
	const double fraction = frexp(value, &exponent); /* value = fraction * 2^exponent */
	int shift = exponent - BITS - LEAST;
	int64_t whole;

	if (value == 0)
		return;
	if (shift < 0) { /* below the normal floats there are fewer bits */
		whole = (int64_t)ldexp(fraction, BITS + shift);
		shift = 0;
	} else {
		whole = (int64_t)ldexp(fraction, BITS);
	}
	const int64_t wide = (whole < 0 ? -whole : whole) << shift % 32;
	const int64_t low = wide & UINT32_MAX, high = wide >> 32;

	s->digit[shift / 32] += whole < 0 ? -low : low;
	s->digit[shift / 32 + 1] += whole < 0 ? -high : high;
	if (++s->added == UINT32_C(1) << 29)
		carry(s);
}

double exact_sum(const struct exact *s)
{
	struct exact c = *s;
	double sum = 0;
	int negative;

	carry(&c);
	negative = c.digit[EXACT_DIGITS - 1] < 0;
	if (negative) {
		for (int i = 0; i < EXACT_DIGITS; i++)
			c.digit[i] = -s->digit[i];
		carry(&c);
	}
	for (int i = EXACT_DIGITS; i-- > 0;)
		sum = sum * 0x1p32 + (double)c.digit[i];
	return ldexp(negative ? -sum : sum, LEAST);
}
