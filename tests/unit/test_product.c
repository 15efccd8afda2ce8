/* test_product.c -- products on every set of instructions that runs here, against sums in
 * double precision; and the same bytes however many positions are computed together, on
 * whatever instructions and from whatever compiler: those of libm's fmaf(), value by value. */
#include <stdint.h>
#include <stdlib.h>

#include "base/machine.h"
#include "kernel/product.h"
#include "tap.h"

enum {
	POSITIONS = 3 * PRODUCT_POSITIONS + 1,
	STRIPS = 6,
	LENGTH = 21, /* most of a strip */
	DEPTH = STRIPS * LENGTH,
	STEP = 24, /* between positions of the input */
	WIDTH = PRODUCT_BLOCKS * BLOCK,
	STEPS = LINE_STEPS + 1, /* most vectors between positions, each channel for itself */
	INPUT = POSITIONS * STEPS * BLOCK + STRIPS * 100 + LENGTH * BLOCK,
};

static _Alignas(64) float x[INPUT], w[DEPTH * WIDTH], bias[WIDTH],
        residual[PRODUCT_BLOCKS * POSITIONS * BLOCK], y[PRODUCT_BLOCKS * POSITIONS * BLOCK],
        again[PRODUCT_BLOCKS * POSITIONS * BLOCK];
static struct strip strips[STRIPS];

static void fill(float *a, size_t n)
{
	static uint32_t state = 1;

	while (n-- > 0) {
		state = state * 1664525 + 1013904223;
		*a++ = (float)(state >> 8) / (1 << 23) - 1;
	}
}

static double bounded(const struct product *p, double v, size_t block, size_t position,
                      size_t lane)
{
	v += p->bias ? p->bias[block * BLOCK + lane] : 0;
	v += p->residual ? p->residual[block * p->y_stride + position * BLOCK + lane] : 0;
	if (p->clamp.on)
		v = fmin(fmax(v, p->clamp.low), p->clamp.high);
	return v;
}

/* Where value k of a strip is; with lanes, it is that of a vector. */
static size_t place(size_t strip, size_t k, bool lanes, size_t lane)
{
	return strips[strip].offset + (lanes ? k * BLOCK + lane : k);
}

/* The sum in double precision. */
static double want(const struct product *p, size_t blocks, bool lanes, size_t block,
                   size_t position, size_t lane)
{
	const float *from = p->x + position * p->x_stride, *weights = p->w;
	double sum = 0;
	size_t s, k;

	for (s = 0; s < p->n_strips; s++)
		for (k = 0; k < strips[s].length; k++) {
			sum += (double)from[place(s, k, lanes, lane)] *
			       weights[block * BLOCK + lane];
			weights += blocks * BLOCK;
		}
	return bounded(p, sum, block, position, lane);
}

/* The sum by its definition, each step rounded to a float. */
static float exact(const struct product_set *set, const struct product *p, size_t blocks,
                   bool lanes, size_t block, size_t position, size_t lane)
{
	const float *from = p->x + position * p->x_stride, *weights = p->w;
	volatile float sum = p->bias ? p->bias[block * BLOCK + lane] : 0, term;

	for (size_t s = 0; s < p->n_strips; s++)
		for (size_t k = 0; k < strips[s].length; k++) {
			const float a = from[place(s, k, lanes, lane)];
			const float b = weights[block * BLOCK + lane];

			term = a * b;
			sum = set->fused ? fmaf(a, b, sum) : sum + term;
			weights += blocks * BLOCK;
		}
	if (p->residual)
		sum += p->residual[block * p->y_stride + position * BLOCK + lane];
	if (p->clamp.on)
		sum = fminf(fmaxf(sum, p->clamp.low), p->clamp.high);
	return sum;
}

/* All numbers of positions, and the same positions one at a time. */
static void check(const struct product_set *set, struct product p, size_t blocks, bool lanes,
                  double *worst, bool *same, size_t *other)
{
	size_t n, i, block, lane;

	for (n = 1; n <= POSITIONS; n++) {
		memset(y, 0, sizeof y);
		memset(again, 0, sizeof again);
		p.y = y;
		if (lanes)
			product_channelwise(set, &p, n);
		else
			product(set, &p, blocks, n);
		for (block = 0; block < blocks; block++)
			for (i = 0; i < n; i++)
				for (lane = 0; lane < BLOCK; lane++) {
					float got = y[block * p.y_stride + i * BLOCK + lane];

					*worst = worse(*worst, fabs(want(&p, blocks, lanes,
					                                 block, i, lane) -
					                            got));
					*other += got !=
					          exact(set, &p, blocks, lanes, block, i, lane);
				}
		for (i = 0; i < n; i++) {
			struct product one = p;

			one.x += i * p.x_stride;
			one.y = again + i * BLOCK;
			one.residual += p.residual ? i * BLOCK : 0;
			if (lanes)
				product_channelwise(set, &one, 1);
			else
				product(set, &one, blocks, 1);
		}
		*same = *same && memcmp(y, again, sizeof y) == 0;
	}
}

static void check_set(const struct product_set *set)
{
	struct product p = {.x = x,
	                    .x_stride = STEP,
	                    .y_step = BLOCK,
	                    .strips = strips,
	                    .n_strips = STRIPS,
	                    .w = w,
	                    .y_stride = POSITIONS * BLOCK};
	double worst = 0;
	bool same = true;
	size_t blocks, other = 0;
	int form;

	for (form = 0; form < 8; form++) {
		p.bias = form & 1 ? bias : NULL;
		p.residual = form & 2 ? residual : NULL;
		p.clamp = (struct clamp){form & 4, -0.5f, 1};
		for (blocks = 1; blocks <= PRODUCT_BLOCKS; blocks++)
			check(set, p, blocks, false, &worst, &same, &other);
	}
	ok(worst < 1e-5, "%s: off by %.2g", set->name, worst);
	ok(same, "%s: the same bytes however it is cut up", set->name);
	ok(other == 0, "%s: sums are those of the definition, but for %zu", set->name, other);
}

/* Strips and positions on whole vectors; length: that of all strips, or 0. */
static void check_channelwise(const struct product_set *set, size_t length, size_t step)
{
	struct product p = {.x = x,
	                    .x_stride = step * BLOCK,
	                    .y_step = BLOCK,
	                    .strips = strips,
	                    .n_strips = STRIPS,
	                    .w = w,
	                    .residual = residual,
	                    .bias = bias,
	                    .y_stride = POSITIONS * BLOCK,
	                    .clamp = {true, 0, INFINITY}};
	double worst = 0;
	bool same = true;
	size_t other = 0;

	for (size_t i = 0; i < STRIPS; i++)
		strips[i] = (struct strip){i * 6 * BLOCK, length ? length : 1 + i % 2 * 2};
	check(set, p, 1, true, &worst, &same, &other);
	ok(worst < 1e-5 && same && other == 0,
	   "%s, lanes, strips of %zu, steps of %zu: off by %.2g, %s bytes however it is cut "
	   "up, sums are those of the definition, but for %zu",
	   set->name, length, step, worst, same ? "the same" : "other", other);
}

/* (1 + 2^-12)^2 is 1 + 2^-11 + 2^-24, which rounds to 1 + 2^-11: what is left of it after
 * that is taken off is 2^-24 where product and sum are rounded at once, else nothing. */
static void check_fused(const struct product_set *set)
{
	static _Alignas(64) float one[BLOCK], start[BLOCK], weight[BLOCK], left[BLOCK];
	static const struct strip strip = {0, 1};
	const float product_of_two = 1 + 0x1p-11f, rest = set->fused ? 0x1p-24f : 0;
	struct product p = {.x = one,
	                    .x_stride = BLOCK,
	                    .y_step = BLOCK,
	                    .strips = &strip,
	                    .n_strips = 1,
	                    .w = weight,
	                    .bias = start,
	                    .y = left,
	                    .y_stride = BLOCK};

	for (size_t i = 0; i < BLOCK; i++) {
		one[i] = weight[i] = 1 + 0x1p-12f;
		start[i] = -product_of_two;
	}
	product(set, &p, 1, 1);
	ok(left[0] == rest && left[BLOCK - 1] == rest, "%s: product and sum are rounded %s",
	   set->name, set->fused ? "once" : "each");
	product_channelwise(set, &p, 1);
	ok(left[0] == rest && left[BLOCK - 1] == rest, "%s, lanes: likewise", set->name);
}

/* NaN is a value that must not be lost; -0 is not less than 0. */
static void check_kept(const struct product_set *set, float kept)
{
	static _Alignas(64) float start[BLOCK], weight[BLOCK];
	struct product p = {.x = x,
	                    .x_stride = STEP,
	                    .y_step = BLOCK,
	                    .strips = strips,
	                    .n_strips = 1,
	                    .w = weight,
	                    .bias = start,
	                    .y = y,
	                    .y_stride = POSITIONS * BLOCK,
	                    .clamp = {true, 0, 6}};
	const struct strip one = {0, 1};

	p.strips = &one;
	for (size_t i = 0; i < BLOCK; i++) {
		start[i] = kept;
		weight[i] = -0.0f * x[0];
	}
	product(set, &p, 1, 1);
	ok(isnan(kept) ? isnan(y[0]) && isnan(y[BLOCK - 1])
	               : memcmp(y, start, sizeof start) == 0,
	   "%s: bounds leave %g", set->name, kept);
}

int main(void)
{
	const struct product_set *set;
	size_t i;

	fill(w, DEPTH * WIDTH);
	fill(x, INPUT);
	fill(bias, WIDTH);
	fill(residual, PRODUCT_BLOCKS * POSITIONS * BLOCK);
	for (set = product_sets; set->name; set++) {
		if (!machine_has(set->needs)) {
			ok(true, "%s # SKIP not on this processor", set->name);
			continue;
		}
		for (i = 0; i < STRIPS; i++)
			strips[i] = (struct strip){i * 100, 1 + (i * 13 + 7) % LENGTH};
		check_set(set);
		check_kept(set, NAN);
		check_kept(set, -0.0f);
		check_fused(set);
		for (i = 0; i <= LONGEST_LINE + 1; i++)
			for (size_t step = 1; step <= STEPS; step++)
				check_channelwise(set, i, step);
	}
	ok(product_best()->fused == (machine_has(MACHINE_AVX2) || machine_has(MACHINE_NEON)),
	   "sums are fused where the processor can");
	return done();
}
