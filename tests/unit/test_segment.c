/* test_segment.c -- masks against every pixel interpolated by the definition. */
#include <stdlib.h>

#include "dissect/segment.h"
#include "tap.h"

static uint64_t state = 7;

static uint32_t random_bits(void)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 32);
}

/* Where label pixel u of n is among cells, in the words of the definition. */
static double place(enum upsample_method method, const struct upsample_geometry *g, uint32_t u,
                    uint32_t n)
{
	double t = 0;

	if (method == UPSAMPLE_RF)
		t = ((u + 0.5) * g->input / n - 0.5 - g->offset) / g->stride;
	else if (method == UPSAMPLE_RESIZE)
		t = (u + 0.5) * g->cells / n - 0.5;
	else if (n > 1)
		t = (double)u * (g->cells - 1) / (n - 1);
	return t < 0 ? 0 : t > g->cells - 1 ? g->cells - 1 : t;
}

static float between(float a, float b, float f)
{
	const float s = a + f * (b - a);

	return fminf(fmaxf(s, fminf(a, b)), fmaxf(a, b));
}

/* S at pixel (v, u) of a map: along x in two rows, then along y. */
static float interpolate(const float *map, const struct upsample_geometry g[2], double y,
                         double x)
{
	const uint32_t i = (uint32_t)y, j = (uint32_t)x, w = g[1].cells;
	const uint32_t i1 = i + 1 < g[0].cells ? i + 1 : i, j1 = j + 1 < w ? j + 1 : j;
	const float fy = (float)(y - i), fx = (float)(x - j);

	return between(between(map[i * w + j], map[i * w + j1], fx),
	               between(map[i1 * w + j], map[i1 * w + j1], fx), fy);
}

static bool bit(const uint64_t *bitmap, size_t p)
{
	return bitmap[p / 64] >> p % 64 & 1;
}

enum { UNITS = 12 };

/* The masks that have a bit set. */
struct masks {
	size_t count, words;
	uint32_t unit[UNITS];
	uint64_t *bitmap; /* (count, words) */
};

static bool draw(struct segmenter *s, const float *maps, const float *bounds, uint32_t height,
                 uint32_t width, struct masks *m)
{
	struct error e = {0};

	free(m->bitmap);
	*m = (struct masks){0};
	if (segmenter_find(s, maps, bounds, height, width, &e) < 0)
		return false;
	m->words = s->words;
	m->bitmap = calloc(s->count * s->words + 1, sizeof(*m->bitmap));
	m->count = segmenter_draw(s, maps, bounds, m->unit, m->bitmap);
	for (size_t i = m->count * s->words; i < s->count * s->words; i++)
		if (m->bitmap[i])
			return false;
	return m->count <= s->count;
}

/* Of all units, whether each bitmap is what the definition gives. */
static bool masks_are_right(const struct masks *s, size_t units, enum upsample_method method,
                            const struct upsample_geometry g[2], const float *maps,
                            const double *t, bool strict, uint32_t height, uint32_t width)
{
	const size_t cells = (size_t)g[0].cells * g[1].cells;
	size_t next = 0;

	if (s->words != segment_words(height, width) || s->words % 8)
		return false;
	for (size_t k = 0; k < units; k++) {
		const bool there = next < s->count && s->unit[next] == k;
		const uint64_t *bitmap = s->bitmap + next * s->words;
		size_t set = 0;

		for (uint32_t v = 0; v < height; v++)
			for (uint32_t u = 0; u < width; u++) {
				const float value = interpolate(maps + k * cells, g,
				                                place(method, &g[0], v, height),
				                                place(method, &g[1], u, width));
				const bool want = strict ? value > t[k] : value >= t[k];

				set += want;
				if (want != (there && bit(bitmap, (size_t)v * width + u)))
					return false;
			}
		for (size_t p = (size_t)height * width; there && p < s->words * 64; p++)
			if (bit(bitmap, p))
				return false;
		if (there != (set > 0))
			return false;
		next += there;
	}
	return next == s->count;
}

static void test_random(enum upsample_method method, const char *name)
{
	static const uint32_t sizes[][4] = {
	        /* cells, label pixels */
	        {1, 1, 1, 1},   {1, 1, 5, 70}, {2, 3, 9, 31},    {13, 13, 113, 113},
	        {4, 7, 65, 64}, {6, 5, 3, 2},  {8, 8, 130, 200}, {3, 30, 40, 17},
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct upsample_geometry g[2];
		float *maps, bounds[UNITS];
		double t[UNITS];
		struct segmenter s;
		struct masks masks = {0};
		struct error e = {0};
		size_t cells = (size_t)sizes[i][0] * sizes[i][1];
		bool good;

		for (int d = 0; d < 2; d++)
			g[d] = (struct upsample_geometry){.cells = sizes[i][d],
			                                  .offset = 3.5 + d,
			                                  .stride = 8,
			                                  .input = 8 * sizes[i][d] + 3};
		maps = calloc(UNITS * cells, sizeof(*maps));
		for (size_t k = 0; k < UNITS * cells; k++)
			maps[k] = (float)(random_bits() % 64) / 8 - 2;
		good = segmenter_init(&s, UNITS, method, g, &e) == 0;
		for (int strict = 0; good && strict < 2; strict++) {
			for (size_t k = 0; k < UNITS; k++) {
				/* On cells' values as often as between them; one unit is below.
				 */
				t[k] = k == 5 ? 6 : (double)(random_bits() % 128) / 16 - 2.5;
				bounds[k] = segment_bound(t[k], strict);
			}
			good = draw(&s, maps, bounds, sizes[i][2], sizes[i][3], &masks) &&
			       masks_are_right(&masks, UNITS, method, g, maps, t, strict,
			                       sizes[i][2], sizes[i][3]);
		}
		ok(good, "%s: %ux%u cells to %ux%u pixels %s", name, sizes[i][0], sizes[i][1],
		   sizes[i][2], sizes[i][3], e.text);
		segmenter_free(&s);
		free(masks.bitmap);
		free(maps);
	}
}

/* 1 x 2 cells, 0 and 4, on 1 x 4 pixels by their corners: S = 0, 4/3, 8/3, 4. */
static void test_by_hand(void)
{
	static const struct upsample_geometry g[2] = {{.cells = 1}, {.cells = 2}};
	static const struct {
		double t;
		bool strict;
		uint64_t mask; /* pixel 0 is the lowest bit */
	} cases[] = {
	        {0, false, 0xf}, {0, true, 0xe}, {-0.0, true, 0xe}, {1, false, 0xe},
	        {2, false, 0xc}, {4, false, 8},  {4, true, 0},      {5, false, 0},
	};
	const float map[] = {-0.0f, 4};
	struct segmenter s;
	struct masks masks = {0};
	struct error e = {0};

	ok(segmenter_init(&s, 1, UPSAMPLE_CORNERS, g, &e) == 0, "a unit of 1x2 cells");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const float bound = segment_bound(cases[i].t, cases[i].strict);

		ok(draw(&s, map, &bound, 1, 4, &masks) && masks.count == (cases[i].mask != 0) &&
		           (masks.count == 0 || masks.bitmap[0] == cases[i].mask),
		   "S %s %g", cases[i].strict ? ">" : ">=", cases[i].t);
	}
	segmenter_free(&s);
	free(masks.bitmap);
}

static void test_bounds(void)
{
	ok(segment_bound(0.5, false) == 0.5f, "a float is its own bound");
	ok(segment_bound(0.1, false) >= 0.1 && nextafterf(segment_bound(0.1, false), 0) < 0.1,
	   "else the next float above");
	ok(segment_bound(0.1, true) == segment_bound(0.1, false), "strictly too");
	ok(segment_bound(0.5, true) == nextafterf(0.5f, 1), "strictly above a float");
	ok(segment_bound(3.4028234663852886e38, true) == INFINITY,
	   "nothing is above the largest");
	ok(segment_bound(0, true) > 0 && segment_bound(-0.0, true) > 0, "0 is not above 0");
	ok(segment_bound(1e300, false) == INFINITY, "nor is anything 1e300");
}

/* At level 0.005 of 1000 samples, 10 at the threshold are no tie, 11 are. */
static void test_ties(void)
{
	struct threshold t[] = {
	        {.t = 1, .samples = 1000, .level = 0.005, .above = 5, .at_or_above = 10},
	        {.t = 6, .samples = 1000, .level = 0.005, .above = 0, .at_or_above = 11},
	        {.t = 0, .samples = 1000, .level = 0.005, .above = 0, .at_or_above = 1000},
	};
	float bounds[3];
	struct error e = {0};
	size_t ties;

	ok(segment_bounds(t, 3, false, bounds, &ties, &e) == 0 && ties == 2,
	   "two of three units tie");
	ok(bounds[0] == 1 && bounds[1] > 6 && bounds[2] > 0, "and are segmented above T");
	ok(segment_bounds(t, 3, true, bounds, &ties, &e) == 0 && bounds[0] > 1,
	   "all, if asked");
	for (int i = 0; i < 5; i++) {
		struct threshold bad = t[0];

		*(i == 0   ? &bad.t
		  : i == 1 ? &bad.samples
		  : i == 2 ? &bad.level
		  : i == 3 ? &bad.at_or_above
		           : &bad.t) = i == 4 ? INFINITY : NAN;
		t[1] = bad;
		e = (struct error){0};
		ok(segment_bounds(t, 3, false, bounds, &ties, &e) < 0 &&
		           e.code == EXIT_MALFORMED,
		   "field %d makes no sense: %s", i, e.text);
	}
}

int main(void)
{
	test_bounds();
	test_ties();
	test_by_hand();
	test_random(UPSAMPLE_RF, "rf");
	test_random(UPSAMPLE_RESIZE, "resize");
	test_random(UPSAMPLE_CORNERS, "corners");
	return done();
}
