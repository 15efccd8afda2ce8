/* tap.h -- a test program in TAP: one "ok" or "not ok" line a check.
 *
 *	int main(void)
 *	{
 *		is_int(1 + 1, 2, "addition");
 *		return done();
 *	}
 *
 * Each check returns whether it passed, so that what follows can depend on it. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned tap_run, tap_failed;

__attribute__((format(printf, 2, 0))) static inline bool
tap_line(bool passed, const char *format, va_list args)
{
	tap_failed += !passed;
	printf("%sok %u - ", passed ? "" : "not ", ++tap_run);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	return passed;
}

/* How many of what is drawn at random: all with make check-all, which sets NDPIPE_LONG, else a
 * sample. */
static inline int tap_exhaustive(int sample, int all)
{
	return getenv("NDPIPE_LONG") ? all : sample;
}

/* TAP_CHECK names what is compared and hands the caller's text on. */
#define TAP_CHECK(passed)                                                                      \
	va_list args;                                                                          \
	bool result;                                                                           \
	va_start(args, format);                                                                \
	result = tap_line(passed, format, args);                                               \
	va_end(args)

__attribute__((format(printf, 2, 3))) static inline bool ok(bool passed, const char *format,
                                                            ...)
{
	TAP_CHECK(passed);
	return result;
}

__attribute__((format(printf, 3, 4))) static inline bool is_int(long long got, long long want,
                                                                const char *format, ...)
{
	TAP_CHECK(got == want);
	if (!result)
		printf("#  got %lld\n# want %lld\n", got, want);
	return result;
}

/* NULL equals only NULL. */
__attribute__((format(printf, 3, 4))) static inline bool
is_str(const char *got, const char *want, const char *format, ...)
{
	TAP_CHECK(got && want ? strcmp(got, want) == 0 : got == want);
	if (!result)
		printf("#  got '%s'\n# want '%s'\n", got ? got : "(null)",
		       want ? want : "(null)");
	return result;
}

/* |got - want| <= tolerance; two NaN are equal, as are two equal infinities. */
__attribute__((format(printf, 4, 5))) static inline bool
is_real(double got, double want, double tolerance, const char *format, ...)
{
	TAP_CHECK(got == want || fabs(got - want) <= tolerance || (isnan(got) && isnan(want)));
	if (!result)
		printf("#  got %.17g\n# want %.17g +- %g\n", got, want, tolerance);
	return result;
}

/* The greater of two deviations.  NaN is greater than all, which fmax() would pass over. */
static inline double worse(double a, double b)
{
	return a > b || isnan(a) ? a : b;
}

/* n checks that cannot be made here. */
static inline void skip(const char *reason, unsigned n)
{
	while (n--)
		printf("ok %u # SKIP %s\n", ++tap_run, reason);
}

/* The plan; main()'s exit status. */
static inline int done(void)
{
	printf("1..%u\n", tap_run);
	return tap_failed != 0;
}

#endif
