/* level.c -- see level.h. */
#include "dissect/level.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_DIGITS = 15, MAX_DECIMALS = 18 };

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits of text as integer and power of ten; false if it is no number or has
 * more digits than fit. */
static bool read_decimal(const char *text, int max_digits, uint64_t *digits, int *decimals)
{
	bool any = false, point = false;
	int significant = 0, trailing_zeros = 0;

	*digits = 0;
	*decimals = 0;
	for (; is_digit(*text) || (*text == '.' && !point); text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		any = true;
		*decimals += point;
		if (*text == '0') {
			/* Zeros count only if another digit follows them. */
			trailing_zeros += 1;
			continue;
		}
		for (int i = 0; i <= trailing_zeros; i++) {
			significant += *digits || i == trailing_zeros;
			if (significant > max_digits)
				return false;
			*digits *= 10;
		}
		*digits += (uint64_t)(*text - '0');
		trailing_zeros = 0;
	}
	*decimals -= trailing_zeros;
	if (any && (*text == 'e' || *text == 'E')) {
		char *end;
		long exponent = strtol(text + 1, &end, 10);

		if (end == text + 1 || exponent < -99 || exponent > 99)
			return false;
		*decimals -= (int)exponent;
		text = end;
	}
	return any && !*text;
}

static bool set_level(struct level *l, const char *text, int max_digits)
{
	uint64_t digits;
	int decimals;

	if (!read_decimal(text, max_digits, &digits, &decimals))
		return false;
	if (digits == 0)
		decimals = 0;
	if (decimals < 0 || decimals > MAX_DECIMALS)
		return false;
	l->numerator = digits;
	l->denominator = 1;
	for (int i = 0; i < decimals; i++)
		l->denominator *= 10;
	l->value = strtod(text, NULL);
	return l->numerator < l->denominator;
}

int level_parse(struct level *l, const char *text, struct error *e)
{
	if (set_level(l, text, MAX_DIGITS))
		return 0;
	return error_set(e, EXIT_USAGE,
	                 "'%s' is not a level: a decimal number from 0 to less than 1, "
	                 "of at most %d digits and %d decimals",
	                 text, MAX_DIGITS, MAX_DECIMALS);
}

int level_from_value(struct level *l, double value, struct error *e)
{
	char text[64];

	if (!(value >= 0 && value < 1))
		return error_set(e, EXIT_MALFORMED, "level %g is not in [0, 1)", value);
	for (int digits = 1; digits <= MAX_DIGITS; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value && set_level(l, text, MAX_DIGITS))
			return 0;
	}
	snprintf(text, sizeof(text), "%.*f", MAX_DECIMALS, value);
	if (!set_level(l, text, MAX_DECIMALS))
		return error_set(e, EXIT_MALFORMED, "level %.17g is too close to 1", value);
	l->value = value;
	return 0;
}

uint64_t level_allowance(const struct level *l, uint64_t samples)
{
	return (uint64_t)((unsigned __int128)l->numerator * samples / l->denominator);
}

bool level_is_tied(const struct level *l, uint64_t samples, uint64_t at_or_above)
{
	return at_or_above > 1 && (unsigned __int128)at_or_above * l->denominator >
	                                  (unsigned __int128)l->numerator * samples * 2;
}
