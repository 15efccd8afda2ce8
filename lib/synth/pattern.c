/* pattern.c -- see pattern.h. */
#include "synth/pattern.h"

#include <math.h>
#include <stdlib.h>

#include "synth/random.h"

enum { HALF = UNIT / 2 };

static int clamp(int64_t x)
{
	return x < 0 ? 0 : x > 255 ? 255 : (int)x;
}

/* One octave: random values on a lattice of that many cells, smooth between. */
static int octave(int cells, int x, int y)
{
	int step = NOISE_SIDE / cells, i = x / step, j = y / step;
	int64_t fx = (x % step) * 256 / step, fy = (y % step) * 256 / step;
	int corner[2][2];

	for (int b = 0; b < 2; b++)
		for (int a = 0; a < 2; a++)
			corner[b][a] =
			        (int)(splitmix_scramble((uint64_t)(cells * 7919) +
			                                (uint64_t)((j + b) % cells * cells +
			                                           (i + a) % cells)) >>
			              56);
	fx = fx * fx * (3 * 256 - 2 * fx) >> 16;
	fy = fy * fy * (3 * 256 - 2 * fy) >> 16;
	return (int)(((corner[0][0] * (256 - fx) + corner[0][1] * fx) * (256 - fy) +
	              (corner[1][0] * (256 - fx) + corner[1][1] * fx) * fy) >>
	             16);
}

void noise_init(struct noise *n)
{
	for (int y = 0; y < NOISE_SIDE; y++) {
		for (int x = 0; x < NOISE_SIDE; x++) {
			int sum = 8 * octave(16, x, y) + 4 * octave(32, x, y) +
			          2 * octave(64, x, y) + octave(128, x, y);

			/* Sums crowd around the middle: spread them. */
			n->smooth[y][x] = (uint8_t)clamp(128 + (sum / 15 - 128) * 9 / 5);
			n->white[y][x] =
			        (uint8_t)(splitmix_scramble((uint64_t)(y * NOISE_SIDE + x)
			                                    << 20) >>
			                  56);
		}
	}
}

/* Smooth noise between its samples; a unit is its largest feature. */
static inline int smooth(const struct sweep *s, int32_t u, int32_t v)
{
	int x = u >> 12 & 255, y = v >> 12 & 255, x1 = (x + 1) & 255, y1 = (y + 1) & 255;
	int fx = u >> 4 & 255, fy = v >> 4 & 255;
	const uint8_t(*n)[NOISE_SIDE] = s->noise->smooth;

	return ((n[y][x] * (256 - fx) + n[y][x1] * fx) * (256 - fy) +
	        (n[y1][x] * (256 - fx) + n[y1][x1] * fx) * fy) >>
	       16;
}

/* White noise, 16 values to the unit. */
static inline int white(const struct sweep *s, int32_t u, int32_t v)
{
	return s->noise->white[v >> 12 & 255][u >> 12 & 255];
}

/* A random number of 0 to 255 for the cell that holds (u, v). */
static inline int cell_value(const struct sweep *s, int32_t u, int32_t v, uint32_t which)
{
	uint32_t h = (uint32_t)(u >> 16) * 0x9e3779b1u ^ (uint32_t)(v >> 16) * 0x85ebca77u ^
	             (s->seed + which) * 0xc2b2ae3du;

	h = (h ^ h >> 15) * 0x2c1b3c6du;
	return (int)((h ^ h >> 13) >> 8 & 255);
}

static inline int32_t fraction(int32_t u)
{
	return u & (UNIT - 1);
}

/* Distance to the nearest whole number. */
static inline int32_t wave(int32_t u)
{
	int32_t f = fraction(u);

	return f < HALF ? f : UNIT - f;
}

/* 255 where d is positive, 0 where it is negative, a pixel wide between. */
static inline int edge(const struct sweep *s, int64_t d)
{
	return clamp(128 + d * 128 / s->pixel);
}

static inline int32_t length(int32_t u, int32_t v)
{
	return (int32_t)sqrtf((float)u * (float)u + (float)v * (float)v);
}

static int plain(const struct sweep *s, int32_t u, int32_t v)
{
	(void)s, (void)u, (void)v;
	return 128;
}

/* Dark to light as v goes from 0 to 1. */
static int fade(const struct sweep *s, int32_t u, int32_t v)
{
	(void)s, (void)u;
	return clamp(v >> 8);
}

static int noise(const struct sweep *s, int32_t u, int32_t v)
{
	return smooth(s, u, v);
}

/* Sand, asphalt, earth. */
static int grains(const struct sweep *s, int32_t u, int32_t v)
{
	return (white(s, 4 * u, 4 * v) + smooth(s, u, v) + smooth(s, 3 * u, 3 * v)) / 3;
}

/* Grass: noise drawn out along v. */
static int blades(const struct sweep *s, int32_t u, int32_t v)
{
	return (smooth(s, 4 * u, v) + white(s, 3 * u, v / 2) + smooth(s, u / 2, v / 2)) / 3;
}

/* Water: waves that noise bends and breaks. */
static int ripples(const struct sweep *s, int32_t u, int32_t v)
{
	int n = smooth(s, u / 2, v), w = wave(v + n * 320) >> 7;

	return (w * (64 + smooth(s, u, 2 * v)) / 256 + n) / 2;
}

/* Foliage: clumps with gaps between. */
static int leaves(const struct sweep *s, int32_t u, int32_t v)
{
	int n = smooth(s, u, v);

	return clamp((n - 70) * 2) * 3 / 4 + white(s, 2 * u, 2 * v) / 4;
}

static int bricks(const struct sweep *s, int32_t u, int32_t v)
{
	int32_t shifted = u + (v >> 16 & 1) * HALF, gap;

	gap = UNIT / 14 - wave(shifted);
	if (gap < UNIT / 7 - wave(v))
		gap = UNIT / 7 - wave(v);
	return clamp(edge(s, gap) + cell_value(s, shifted, v, 0) / 3 + smooth(s, u, v) / 8);
}

static int planks(const struct sweep *s, int32_t u, int32_t v)
{
	int grain = (smooth(s, 3 * u, v / 2) + cell_value(s, u, 0, 1)) / 2;

	return grain * edge(s, wave(u) - UNIT / 20) / 256;
}

static int tiles(const struct sweep *s, int32_t u, int32_t v)
{
	int32_t gap = wave(u) < wave(v) ? wave(u) : wave(v);

	return (160 + cell_value(s, u, v, 2) / 4 + smooth(s, u, v) / 8) *
	       edge(s, gap - UNIT / 24) / 256;
}

/* Metal, glass: broad reflections. */
static int sheen(const struct sweep *s, int32_t u, int32_t v)
{
	return (wave(u + v / 2) >> 7) * 3 / 4 + smooth(s, u / 4, 2 * v) / 4;
}

static int weave(const struct sweep *s, int32_t u, int32_t v)
{
	int over = (u >> 16 ^ v >> 16) & 1;

	return (wave(over ? u : v) >> 7) / 2 + 64 + smooth(s, u / 16, v / 16) / 4;
}

static int stripes(const struct sweep *s, int32_t u, int32_t v)
{
	(void)v;
	return edge(s, wave(u) - UNIT / 4);
}

static int dots(const struct sweep *s, int32_t u, int32_t v)
{
	int32_t shifted = u + (v >> 16 & 1) * HALF;

	return edge(s, UNIT * 3 / 10 - length(fraction(shifted) - HALF, fraction(v) - HALF));
}

static int checks(const struct sweep *s, int32_t u, int32_t v)
{
	int a = edge(s, wave(u) - UNIT / 4), b = edge(s, wave(v) - UNIT / 4);

	return (a * (255 - b) + b * (255 - a)) / 255;
}

static int grid(const struct sweep *s, int32_t u, int32_t v)
{
	int32_t gap = wave(u) < wave(v) ? wave(u) : wave(v);

	return edge(s, gap - UNIT / 10);
}

static int zigzag(const struct sweep *s, int32_t u, int32_t v)
{
	return edge(s, wave(v + wave(u)) - UNIT / 4);
}

/* Broad bands that pass over and under each other, three strands to a band. */
static int basket(const struct sweep *s, int32_t u, int32_t v)
{
	int over = (u >> 16 ^ v >> 16) & 1;
	int32_t along = over ? u : v, across = over ? v : u;
	int bulge = (int)((HALF - wave(along + HALF)) >> 7);

	return (96 + (255 - bulge) / 2 + (wave(3 * across) >> 9)) *
	       edge(s, wave(across) - UNIT / 14) / 256;
}

static int honeycomb(const struct sweep *s, int32_t u, int32_t v)
{
	/* Centres lie on two rectangular lattices of 1 by the square root of 3. */
	const int32_t root = 113512;
	int64_t best = INT64_MAX, x = 0, y = 0;

	for (int k = 0; k < 2; k++) {
		int64_t a = fraction(u + k * HALF) - HALF;
		int64_t b = ((int64_t)v + k * (root / 2)) % root;

		b += (b < 0 ? root : 0) - root / 2;
		if (a * a + b * b < best) {
			best = a * a + b * b;
			x = llabs(a);
			y = llabs(b);
		}
	}
	y = x / 2 + y * 56756 / UNIT;
	return edge(s, HALF - UNIT / 14 - (x > y ? x : y));
}

static int crosshatch(const struct sweep *s, int32_t u, int32_t v)
{
	int a = edge(s, UNIT / 10 - wave(u + v)), b = edge(s, UNIT / 10 - wave(u - v));

	return a > b ? a : b;
}

static int rings(const struct sweep *s, int32_t u, int32_t v)
{
	return edge(s, wave(length(u, v)) - UNIT / 4);
}

/* Discs in rows, each row hanging over the next, darker towards their rims. */
static int scales(const struct sweep *s, int32_t u, int32_t v)
{
	const int32_t radius = UNIT * 3 / 4;
	int32_t row = (v >> 15) - 1, d;

	(void)s;
	for (;; row++) {
		d = length(fraction(u + (row & 1) * HALF) - HALF, v - row * HALF);
		if (d < radius)
			return clamp(255 - (int64_t)d * d / radius * 220 / radius);
	}
}

/* Distance from a centre that differs from cell to cell, by reach at most. */
static inline int32_t from_centre(const struct sweep *s, int32_t u, int32_t v, int32_t reach)
{
	int32_t x = (cell_value(s, u, v, 3) - 128) * (reach / 128);
	int32_t y = (cell_value(s, u, v, 4) - 128) * (reach / 128);

	return length(fraction(u) - HALF - x, fraction(v) - HALF - y);
}

static int bubbles(const struct sweep *s, int32_t u, int32_t v)
{
	int32_t radius = UNIT / 5 + cell_value(s, u, v, 5) * (UNIT / 6 / 256);
	int32_t d = from_centre(s, u, v, UNIT / 8);
	int rim = edge(s, UNIT / 18 - labs(d - radius));

	return clamp(rim + (d < radius ? 60 + (radius - d) / 512 : 0));
}

static int marble(const struct sweep *s, int32_t u, int32_t v)
{
	int w = wave(u + (smooth(s, u / 2, v / 2) - 128) * 700) >> 7;

	return clamp(255 - (255 - w) * (255 - w) / 160);
}

static int blotches(const struct sweep *s, int32_t u, int32_t v)
{
	return edge(s, (smooth(s, u, v) - 128) * 512);
}

static int sprinkles(const struct sweep *s, int32_t u, int32_t v)
{
	int32_t radius = UNIT / 12 + cell_value(s, u, v, 6) * (UNIT / 10 / 256);

	return edge(s, radius - from_centre(s, u, v, UNIT / 3));
}

/* The row function of each of the above. */
#define ROW(name)                                                                              \
	void pattern_##name(const struct sweep *s, uint8_t *t)                                 \
	{                                                                                      \
		uint32_t u = (uint32_t)s->u, v = (uint32_t)s->v;                               \
                                                                                               \
		for (int i = 0; i < s->n; i++) {                                               \
			int32_t x = (int32_t)u, y = (int32_t)v;                                \
                                                                                               \
			if (s->warp) {                                                         \
				x += (smooth(s, (int32_t)u / 4, (int32_t)v / 4) - 128) *       \
				     s->warp;                                                  \
				y += (smooth(s, (int32_t)v / 4, (int32_t)u / 4) - 128) *       \
				     s->warp;                                                  \
			}                                                                      \
			t[i] = (uint8_t)name(s, x, y);                                         \
			u += (uint32_t)s->du;                                                  \
			v += (uint32_t)s->dv;                                                  \
		}                                                                              \
	}

ROW(plain)
ROW(fade)
ROW(noise)
ROW(grains)
ROW(blades)
ROW(ripples)
ROW(leaves)
ROW(bricks)
ROW(planks)
ROW(tiles)
ROW(sheen)
ROW(weave)
ROW(stripes)
ROW(dots)
ROW(checks)
ROW(grid)
ROW(zigzag)
ROW(basket)
ROW(honeycomb)
ROW(crosshatch)
ROW(rings)
ROW(scales)
ROW(bubbles)
ROW(marble)
ROW(blotches)
ROW(sprinkles)
