/* test_agreement.c -- hand-computed and published cases. */
#include "dissect/agreement.h"

#include <math.h>

#include "tap.h"

static void test_wilson(void)
{
	struct interval i = agreement_wilson(0, 0);

	is_real(i.low, 0, 0, "nothing is known: from 0");
	is_real(i.high, 1, 0, "to 1");
	/* R. G. Newcombe, "Two-sided confidence intervals for the single proportion", 1998,
	 * table I, method 3. */
	i = agreement_wilson(81, 263);
	is_real(i.low, 0.2553, 5e-5, "81 of 263, low");
	is_real(i.high, 0.3662, 5e-5, "81 of 263, high");
	i = agreement_wilson(15, 148);
	is_real(i.low, 0.0624, 5e-5, "15 of 148, low");
	is_real(i.high, 0.1605, 5e-5, "15 of 148, high");
	i = agreement_wilson(0, 20);
	is_real(i.low, 0, 1e-15, "0 of 20, low");
	is_real(i.high, 0.1611, 5e-5, "0 of 20, high");
	i = agreement_wilson(1, 29);
	is_real(i.low, 0.0061, 5e-5, "1 of 29, low");
	is_real(i.high, 0.1718, 5e-5, "1 of 29, high");
}

static void test_alpha(void)
{
	/* K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, example A: two
	 * observers, ten units, binary. */
	static const struct answers two[] = {{1, 2}, {2, 2}, {1, 2}, {0, 2}, {0, 2},
	                                     {1, 2}, {0, 2}, {0, 2}, {1, 2}, {0, 2}};
	/* By hand: questions of 3 and 2 answers, and one of 1, which pairs with none: yes 3 of
	 * 5, apart 2 * 2 * 1 / 2 + 2 * 1 / 1 = 4; 1 - 4 * 4 / (2 * 3 * 2). */
	static const struct answers three[] = {{2, 3}, {1, 2}, {1, 1}};
	static const struct answers alike[] = {{2, 2}, {3, 3}}, few[] = {{1, 1}, {0, 0}};

	is_real(agreement_alpha(two, 10), 0.095, 5e-4, "the published example");
	is_real(agreement_raw(two, 10), 0.6, 1e-15, "6 pairs of 10 are alike");
	is_real(agreement_alpha(three, 3), -1.0 / 3, 1e-15, "answers that are missing");
	is_real(agreement_raw(three, 3), 0.25, 1e-15, "1 pair of 4 is alike");
	is_real(agreement_alpha(alike, 2), 1, 0, "all are alike");
	ok(isnan(agreement_alpha(few, 2)), "no pairs");
	ok(isnan(agreement_raw(few, 2)), "no pairs, raw");
}

static void test_interval(void)
{
	static const struct answers a[] = {{2, 2}, {2, 2}, {0, 2}, {1, 2}};
	static const uint32_t unit[] = {3, 3, 5, 9};
	struct interval one, two;
	struct error e = {0};

	is_int(agreement_alpha_interval(a, unit, 4, 1000, 1, &one, &e), 0, "an interval");
	is_int(agreement_alpha_interval(a, unit, 4, 1000, 1, &two, &e), 0, "the same again");
	ok(one.low == two.low && one.high == two.high, "from the same seed");
	/* Samples are of three units: all of unit 9 is the least, 0 of 2 apart: yes 3 of 6,
	 * 1 - 5 * 6 / (2 * 3 * 3). */
	is_real(one.low, 1 - 30.0 / 18, 1e-15, "as often as 1 in 27, unit 9 alone");
	is_real(one.high, 1, 1e-15, "and units 3 and 5 alone");
	is_int(agreement_alpha_interval(a, unit, 1, 100, 1, &one, &e), 0, "one unit");
	is_real(one.low, 1, 0, "is all there is");
	is_int(agreement_alpha_interval(a, unit, 0, 100, 1, &one, &e), 0, "none");
	ok(isnan(one.low), "says nothing");
}

static void test_accept(void)
{
	ok(answers_accept(&(struct answers){2, 3}), "two of three");
	ok(!answers_accept(&(struct answers){2, 4}), "half is no majority");
	ok(!answers_accept(&(struct answers){0, 0}), "nobody");
}

int main(void)
{
	test_wilson();
	test_alpha();
	test_interval();
	test_accept();
	return done();
}
