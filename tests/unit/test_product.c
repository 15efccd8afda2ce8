/* test_product.c -- products on every set of instructions that runs here, against sums in
 * double precision; and the same bytes however many positions are computed together. */
#include <stdint.h>
#include <stdlib.h>

#include "kernel/product.h"
#include "tap.h"

enum {
	POSITIONS = 3 * PRODUCT_POSITIONS + 1,
	STRIPS = 5,
	LENGTH = 21, /* most of a strip */
	DEPTH = STRIPS * LENGTH,
	STEP = 24, /* between positions of the input */
	WIDTH = PRODUCT_BLOCKS * BLOCK,
	INPUT = POSITIONS * STEP + STRIPS * 100 + LENGTH,
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
	v += p->residual ? p->residual[block * p->y_step + position * BLOCK + lane] : 0;
	if (p->clamp.on)
		v = fmin(fmax(v, p->clamp.low), p->clamp.high);
	return v;
}

/* The sum by its definition; with lanes one vector a strip. */
static double want(const struct product *p, size_t blocks, bool lanes, size_t block,
                   size_t position, size_t lane)
{
	const float *from = p->x + position * p->x_step, *weights = p->w;
	double sum = 0;
	size_t s, k;

	for (s = 0; s < p->n_strips; s++)
		for (k = 0; k < (lanes ? 1 : strips[s].length); k++) {
			sum += (double)from[strips[s].offset + (lanes ? lane : k)] *
			       weights[block * BLOCK + lane];
			weights += blocks * BLOCK;
		}
	return bounded(p, sum, block, position, lane);
}

/* All numbers of positions, and the same positions one at a time. */
static void check(const struct product_set *set, struct product p, size_t blocks, bool lanes,
                  double *worst, bool *same)
{
	size_t n, i, block, lane;

	for (n = 1; n <= POSITIONS; n++) {
		memset(y, 0, sizeof y);
		memset(again, 0, sizeof again);
		p.y = y;
		if (lanes)
			product_lanes(set, &p, n);
		else
			product(set, &p, blocks, n);
		for (block = 0; block < blocks; block++)
			for (i = 0; i < n; i++)
				for (lane = 0; lane < BLOCK; lane++)
					*worst = fmax(
					        *worst,
					        fabs(want(&p, blocks, lanes, block, i, lane) -
					             y[block * p.y_step + i * BLOCK + lane]));
		for (i = 0; i < n; i++) {
			struct product one = p;

			one.x += i * p.x_step;
			one.y = again + i * BLOCK;
			one.residual += p.residual ? i * BLOCK : 0;
			if (lanes)
				product_lanes(set, &one, 1);
			else
				product(set, &one, blocks, 1);
		}
		*same = *same && memcmp(y, again, sizeof y) == 0;
	}
}

static void check_set(const struct product_set *set)
{
	struct product p = {.x = x,
	                    .x_step = STEP,
	                    .strips = strips,
	                    .n_strips = STRIPS,
	                    .w = w,
	                    .y_step = POSITIONS * BLOCK};
	double worst = 0;
	bool same = true;
	size_t blocks;
	int form;

	for (form = 0; form < 8; form++) {
		p.bias = form & 1 ? bias : NULL;
		p.residual = form & 2 ? residual : NULL;
		p.clamp = (struct clamp){form & 4, -0.5f, 1};
		for (blocks = 1; blocks <= PRODUCT_BLOCKS; blocks++)
			check(set, p, blocks, false, &worst, &same);
	}
	ok(worst < 1e-5, "%s: off by %.2g", set->name, worst);
	ok(same, "%s: the same bytes however it is cut up", set->name);
}

/* Strips and positions on whole vectors. */
static void check_lanes(const struct product_set *set)
{
	struct product p = {.x = x,
	                    .x_step = BLOCK,
	                    .strips = strips,
	                    .n_strips = STRIPS,
	                    .w = w,
	                    .residual = residual,
	                    .bias = bias,
	                    .y_step = POSITIONS * BLOCK,
	                    .clamp = {true, 0, INFINITY}};
	double worst = 0;
	bool same = true;

	check(set, p, 1, true, &worst, &same);
	ok(worst < 1e-5, "%s, lanes: off by %.2g", set->name, worst);
	ok(same, "%s, lanes: the same bytes however it is cut up", set->name);
}

/* NaN is a value that must not be lost. */
static void check_nan(const struct product_set *set)
{
	struct product p = {.x = x,
	                    .x_step = STEP,
	                    .strips = strips,
	                    .n_strips = 1,
	                    .w = w,
	                    .y = y,
	                    .y_step = POSITIONS * BLOCK,
	                    .clamp = {true, 0, 6}};
	float kept = x[strips[0].offset];

	x[strips[0].offset] = NAN;
	product(set, &p, 1, 1);
	x[strips[0].offset] = kept;
	ok(isnan(y[0]) && isnan(y[BLOCK - 1]), "%s: bounds leave NaN", set->name);
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
		if (!set->runs()) {
			ok(true, "%s # SKIP not on this processor", set->name);
			continue;
		}
		for (i = 0; i < STRIPS; i++)
			strips[i] = (struct strip){i * 100, 1 + (i * 13 + 7) % LENGTH};
		check_set(set);
		check_nan(set);
		for (i = 0; i < STRIPS; i++)
			strips[i].offset = i * 6 * BLOCK;
		check_lanes(set);
	}
	return done();
}
