/* test_accuracy.c -- hand-computed cases: ranks and shares; support vectors whose weights
 * follow from two equations. */
#include "dissect/accuracy.h"

#include <float.h>
#include <math.h>

#include "base/random.h"
#include "dissect/probe.h"
#include "tap.h"

static void test_rank(void)
{
	const float logit[] = {1, 3, 3, -2, 3};

	is_int(accuracy_rank(logit, 5, 1), 0, "the first of the greatest");
	is_int(accuracy_rank(logit, 5, 2), 1, "the second of equals");
	is_int(accuracy_rank(logit, 5, 4), 2, "the third");
	is_int(accuracy_rank(logit, 5, 0), 3, "three are greater");
	is_int(accuracy_rank(logit, 5, 3), 4, "the least");
}

static void test_shares(void)
{
	struct accuracy of[3] = {0};
	struct accuracy_shares s = accuracy_shares(of, 3);

	is_int(s.classes, 0, "no images, no classes");
	is_real(s.top1, 0, 0, "and no share");
	for (size_t i = 0; i < 8; i++) /* 6 right, 1 among five, 1 not */
		accuracy_add(&of[0], i < 6 ? 0 : i == 6 ? 4 : 5);
	accuracy_add(&of[2], 1);
	accuracy_add(&of[2], 9);
	s = accuracy_shares(of, 3);
	is_int(s.images, 10, "images");
	is_int(s.classes, 2, "the second class has none");
	is_real(s.top1, 0.6, 1e-15, "6 of 10");
	is_real(s.top5, 0.8, 1e-15, "8 of 10");
	is_real(s.class_top1, 0.375, 1e-15, "mean of 6/8 and 0/2");
	is_real(s.class_top5, 0.6875, 1e-15, "mean of 7/8 and 1/2");
}

/* Five images of two classes of three: 3 of the first, of which one is named the second; 2 of
 * the second, of which one is named the third. */
static void test_balanced(void)
{
	static const float logits[5][3] = {
	        {4, 1, 0}, {2, 1, 0}, {1, 3, 0}, {0, 7, 1}, {0, -1, 1}};
	static const size_t class[5] = {0, 0, 0, 1, 1};
	struct accuracy of[3] = {0};

	is_int(accuracy_first((const float[]){1, 3, 3}, 3), 1, "the first of the greatest");
	for (size_t i = 0; i < 5; i++)
		accuracy_count(of, logits[i], 3, class[i]);
	is_int(of[1].named, 2, "named twice, once for another");
	is_real(accuracy_balanced(&of[0], 5), (2.0 / 3 + 1) / 2, 1e-15, "2 of 3, none of 2");
	is_real(accuracy_balanced(&of[1], 5), (0.5 + 2.0 / 3) / 2, 1e-15, "1 of 2, 1 of 3");
	ok(isnan(accuracy_balanced(&of[2], 5)), "no images, no accuracy");
	ok(isnan(accuracy_balanced(&of[0], 3)), "nor where all are of the class");
	is_real(accuracy_logit(&of[0]), 7.0 / 3, 1e-15, "4, 2 and 1");
	is_real(accuracy_logit(&of[1]), 3, 1e-15, "7 and -1");
	ok(isnan(accuracy_logit(&of[2])), "no images, no logit");
}

static double sum_of(const float *x, size_t n, int step)
{
	struct exact s = {0};

	for (size_t i = 0; i < n; i++)
		exact_add(&s, x[(step > 0 ? i : n - 1 - i)]);
	return exact_sum(&s);
}

static void test_exact(void)
{
	static const float wide[] = {FLT_MAX, 1, -FLT_MAX, 0x1p-149f, 3, -0x1p-149f, -0.0f},
	                   tiny[] = {0x1p-149f, 0x1p-149f, -0x1p-126f},
	                   below[] = {-FLT_MAX, -FLT_MAX, -0x1p100f};
	struct exact s = {0};
	uint64_t state = 5;
	float x[4000];
	double plain = 0;

	is_real(sum_of(wide, 7, 1), 4, 0, "what doubles lose");
	is_real(sum_of(wide, 7, -1), 4, 0, "in another order");
	is_real(sum_of(tiny, 3, 1), 0x1p-148 - 0x1p-126, 0, "the least floats");
	is_real(sum_of(below, 3, 1), -2.0 * FLT_MAX - 0x1p100, 0, "and the greatest, below 0");
	is_real(sum_of(wide, 0, 1), 0, 0, "nothing");
	for (size_t i = 0; i < 4000; i++) {
		x[i] = (float)ldexp((double)(int64_t)splitmix_next(&state), (int)(i % 40) - 80);
		plain += x[i];
	}
	is_real(sum_of(x, 4000, 1), plain, 1e-12 * fabs(plain), "many, as doubles add them");
	ok(sum_of(x, 4000, 1) == sum_of(x, 4000, -1), "the same backwards");
	s.added = (UINT32_C(1) << 29) - 1; /* carries are taken now */
	for (int i = 0; i < 3; i++)
		exact_add(&s, -1.5f);
	is_real(exact_sum(&s), -4.5, 0, "across a carry");
}

static void fit(const float *const *x, const uint32_t *class, uint32_t which, double cost,
                double scale, double weight[static 2])
{
	struct probe p = {0};
	struct error e = {0};

	is_int(probe_open(&p, x, 2, 1, scale, &e), 0, "opened");
	is_int(probe_fit(&p, class, which, cost, weight, &e), 0, "fitted");
	probe_free(&p);
}

/* Minimise w^2/2 + b^2/2 + C sum max(0, 1 - y (w x + b))^2. */
static void test_probe(void)
{
	const float a[] = {1}, b[] = {-1}, c[] = {3}, zero[] = {0};
	const uint32_t class[] = {7, 9};
	double weight[2];

	/* By symmetry b = 0, and w = 4C / (1 + 4C). */
	fit((const float *const[]){a, b}, class, 7, 0.25, 1, weight);
	is_real(weight[0], 0.5, 1e-9, "two points, apart");
	is_real(weight[1], 0, 1e-9, "no offset");
	fit((const float *const[]){a, b}, class, 9, 0.25, 1, weight);
	is_real(weight[0], -0.5, 1e-9, "the other class");
	fit((const float *const[]){b, a}, class, 9, 0.25, 1, weight);
	is_real(weight[0], 0.5, 1e-9, "and in the other order");
	/* 11 w + 4 b = -2, 4 w + 3 b = 0. */
	fit((const float *const[]){a, c}, class, 7, 0.5, 1, weight);
	is_real(weight[0], -6.0 / 17, 1e-9, "two points of one side");
	is_real(weight[1], 8.0 / 17, 1e-9, "their offset");
	is_real(probe_value(weight, a, 1, 1), 2.0 / 17, 1e-9, "what is said of the first");
	is_real(probe_value(weight, c, 1, 1), -10.0 / 17, 1e-9, "and of the second");
	is_real(probe_value(weight, c, 1, 2), -1.0 / 17, 1e-9, "at half its size");
	/* x = 2 divided by 2 is x = 1. */
	fit((const float *const[]){(const float[]){2}, (const float[]){-2}}, class, 7, 0.25, 2,
	    weight);
	is_real(weight[0], 0.5, 1e-9, "scaled");
	/* A feature that is 0 takes no node, and has no weight. */
	fit((const float *const[]){zero, zero}, class, 7, 0.25, 1, weight);
	is_real(weight[0], 0, 1e-12, "nothing to tell by");
}

static void test_scale(void)
{
	const float a[] = {3, 0}, b[] = {0, -1};

	is_real(probe_scale((const float *const[]){a, b}, 2, 2), 1.5811388300841898, 1e-15,
	        "the root of 10 / 4");
	is_real(probe_scale((const float *const[]){b}, 1, 1), 1, 0, "all zeros");
}

int main(void)
{
	test_rank();
	test_shares();
	test_balanced();
	test_exact();
	test_probe();
	test_scale();
	return done();
}
