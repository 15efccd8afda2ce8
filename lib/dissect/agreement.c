/* agreement.c -- see agreement.h. */
#include "dissect/agreement.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

int answers_accept(const struct answers *a)
{
	return a->yes > a->all - a->yes;
}

struct interval agreement_wilson(uint64_t k, uint64_t n)
{
	const double z = 1.959963984540054, count = (double)n;
	double share, middle, half;

	if (n == 0)
		return (struct interval){0, 1};
	share = (double)k / count;
	middle = (share + z * z / (2 * count)) / (1 + z * z / count);
	half = z / (1 + z * z / count) *
	       sqrt(share * (1 - share) / count + z * z / (4 * count * count));
	return (struct interval){fmax(middle - half, 0), fmin(middle + half, 1)};
}

/* Pairs of different answers. */
static double mixed(const struct answers *a)
{
	return (double)a->yes * (double)(a->all - a->yes);
}

double agreement_raw(const struct answers *a, size_t questions)
{
	double pairs = 0, apart = 0;

	for (size_t i = 0; i < questions; i++) {
		pairs += (double)a[i].all * (double)(a[i].all - (a[i].all > 0)) / 2;
		apart += mixed(&a[i]);
	}
	return pairs > 0 ? 1 - apart / pairs : NAN;
}

/* ---- alpha ---- */

/* What alpha needs of some questions: sums, so that samples are sums of their units'. */
struct tally {
	double yes, all, apart; /* apart: off the diagonal of the matrix of coincidences */
};

static struct tally tally(const struct answers *a)
{
	if (a->all < 2)
		return (struct tally){0};
	return (struct tally){(double)a->yes, (double)a->all,
	                      2 * mixed(a) / (double)(a->all - 1)};
}

static void add(struct tally *sum, struct tally more)
{
	sum->yes += more.yes;
	sum->all += more.all;
	sum->apart += more.apart;
}

static double alpha(const struct tally *t)
{
	const double expected = 2 * t->yes * (t->all - t->yes);

	if (t->all == 0)
		return NAN;
	return expected > 0 ? 1 - (t->all - 1) * t->apart / expected : 1;
}

double agreement_alpha(const struct answers *a, size_t questions)
{
	struct tally sum = {0};

	for (size_t i = 0; i < questions; i++)
		add(&sum, tally(&a[i]));
	return alpha(&sum);
}

static int ascending(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static struct interval percentiles(double *value, size_t n)
{
	qsort(value, n, sizeof *value, ascending);
	return n ? (struct interval){value[(size_t)(0.025 * (double)(n - 1))],
	                             value[(size_t)ceil(0.975 * (double)(n - 1))]}
	         : (struct interval){NAN, NAN};
}

/* A number below n, each as likely as the others but for one in 2^32. */
static size_t below(struct xoshiro *x, size_t n)
{
	return (size_t)((xoshiro_next(x) >> 32) * n >> 32);
}

int agreement_alpha_interval(const struct answers *a, const uint32_t *unit, size_t questions,
                             size_t samples, uint64_t seed, struct interval *interval,
                             struct error *e)
{
	struct tally *of = memory_new(questions, sizeof *of, e);
	double *value = memory_new(samples, sizeof *value, e);
	struct xoshiro x = xoshiro_seed(seed);
	size_t units = 0, defined = 0;
	int status = of && value ? 0 : -1;

	for (size_t i = 0; status == 0 && i < questions; i++) {
		units += i == 0 || unit[i] != unit[i - 1];
		add(&of[units - 1], tally(&a[i]));
	}
	for (size_t s = 0; status == 0 && units && s < samples; s++) {
		struct tally sum = {0};

		for (size_t i = 0; i < units; i++)
			add(&sum, of[below(&x, units)]);
		if (sum.all > 0)
			value[defined++] = alpha(&sum);
	}
	if (status == 0)
		*interval = percentiles(value, defined);
	free(of);
	free(value);
	return status;
}
