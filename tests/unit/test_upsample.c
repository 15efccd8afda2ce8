/* test_upsample.c -- where pixels fall among cells, by hand and by the definition. */
#include <float.h>

#include "dissect/upsample.h"
#include "tap.h"

/* AlexNet's conv5: 13 cells, 16 pixels apart, the first centred on pixel 17 of 227. */
static const struct upsample_geometry conv5 = {
        .cells = 13, .pixels = 113, .offset = 17, .stride = 16, .size = 163, .input = 227};

struct location {
	uint32_t pixel, low, high;
	double fraction;
};

static void are_at(const char *name, enum upsample_method method,
                   const struct upsample_geometry *g, const struct location *want, size_t count)
{
	struct upsample_axis a;
	struct error e = {0};

	if (!ok(upsample_axis_init(&a, method, g, &e) == 0, "%s %s", name, e.text))
		return;
	for (size_t i = 0; i < count; i++) {
		const uint32_t u = want[i].pixel;

		if (!ok(a.low[u] == want[i].low && a.high[u] == want[i].high &&
		                fabs(a.fraction[u] - want[i].fraction) < 1e-6,
		        "%s: pixel %u", name, u))
			printf("# cells %u and %u, %g\n", a.low[u], a.high[u], a.fraction[u]);
	}
	upsample_axis_free(&a);
}

#define ARE_AT(name, method, g, ...)                                                           \
	do {                                                                                   \
		static const struct location want[] = {__VA_ARGS__};                           \
		are_at(name, method, g, want, sizeof(want) / sizeof(want[0]));                 \
	} while (0)

static void test_by_hand(void)
{
	struct upsample_geometry g;

	/* Pixel u is at (u + 0.5) * 227 / 113 - 0.5 of the input: 8 at 16.575, before the
	 * first centre; 9 at 18.584, 1.584 of 16 on; 56 at 113 = 17 + 6 * 16; 104 at
	 * 209.425, past the last centre, 209. */
	ARE_AT("rf", UPSAMPLE_RF, &conv5, {0, 0, 0, 0}, {8, 0, 0, 0}, {9, 0, 1, 0.0990044248},
	       {56, 6, 6, 0}, {103, 11, 12, 0.9009955752}, {104, 12, 12, 0}, {112, 12, 12, 0});
	/* (u + 0.5) * 13 / 113 - 0.5 */
	ARE_AT("resize", UPSAMPLE_RESIZE, &conv5, {0, 0, 0, 0}, {8, 0, 1, 0.4778761062},
	       {56, 6, 6, 0}, {112, 12, 12, 0});
	/* u * 12 / 112 */
	ARE_AT("corners", UPSAMPLE_CORNERS, &conv5, {0, 0, 0, 0}, {1, 0, 1, 0.1071428571},
	       {56, 6, 6, 0}, {111, 11, 12, 0.8928571429}, {112, 12, 12, 0});
	/* r = round(227 / 113) = 2, cells at 17 // 2 + i * (16 // 2) = 8 + 8 i */
	ARE_AT("rf-int", UPSAMPLE_RF_INT, &conv5, {0, 0, 0, 0}, {8, 0, 0, 0}, {9, 0, 1, 0.125},
	       {16, 1, 1, 0}, {103, 11, 12, 0.875}, {104, 12, 12, 0}, {112, 12, 12, 0});
	/* A field of 4 pixels from -3 on: its middle is -1.5, the release's -3 + 4 // 2 = -1,
	 * and -1 // 2 = -1 (rounded down): cells at -1 + 2 i. */
	g = (struct upsample_geometry){
	        .cells = 5, .pixels = 8, .offset = -1.5, .stride = 4, .size = 4, .input = 16};
	ARE_AT("rf-int, even field", UPSAMPLE_RF_INT, &g, {0, 0, 1, 0.5}, {1, 1, 1, 0},
	       {2, 1, 2, 0.5}, {7, 4, 4, 0});
	/* Fewer pixels than cells: (u + 0.5) * 9 / 3 - 0.5 = 1, 4, 7. */
	g = (struct upsample_geometry){.cells = 9, .pixels = 3};
	ARE_AT("fewer pixels than cells", UPSAMPLE_RESIZE, &g, {0, 1, 1, 0}, {1, 4, 4, 0},
	       {2, 7, 7, 0});
	/* A billionth short of cell 1 is nearer to it than a float fraction can say. */
	g = (struct upsample_geometry){
	        .cells = 3, .pixels = 3, .offset = 1e-9, .stride = 1, .input = 3};
	ARE_AT("next to a cell", UPSAMPLE_RF, &g, {1, 1, 1, 0}, {2, 2, 2, 0});
	g = (struct upsample_geometry){.cells = 3, .pixels = 1};
	ARE_AT("one pixel, corners", UPSAMPLE_CORNERS, &g, {0, 0, 0, 0});
	g = (struct upsample_geometry){.cells = 1, .pixels = 4};
	ARE_AT("one cell needs no geometry", UPSAMPLE_RF, &g, {0, 0, 0, 0}, {3, 0, 0, 0});
}

static void fails(const char *name, enum upsample_method method, struct upsample_geometry g)
{
	struct upsample_axis a;
	struct error e = {0};

	ok(upsample_axis_init(&a, method, &g, &e) < 0 && e.code == EXIT_MALFORMED, "%s: %s",
	   name, e.text);
	upsample_axis_free(&a);
}

static void test_refusals(void)
{
	struct upsample_geometry g = {.cells = 2, .pixels = 4};

	fails("nothing known", UPSAMPLE_RF, g);
	fails("nothing known, rf-int", UPSAMPLE_RF_INT, g);
	g = conv5;
	g.stride = NAN;
	fails("NaN", UPSAMPLE_RF, g);
	g = conv5;
	g.size = 0;
	fails("size not known", UPSAMPLE_RF_INT, g);
	g = conv5;
	g.stride = 15;
	fails("2 does not divide 15", UPSAMPLE_RF_INT, g);
	g = conv5;
	g.offset = 17.25;
	fails("no whole pixel", UPSAMPLE_RF_INT, g);
}

/* begin and end against a search over all pixels. */
static void test_ranges(void)
{
	bool good = true;

	for (uint32_t cells = 1; cells <= 9; cells++)
		for (uint32_t pixels = 1; pixels <= 20; pixels++) {
			const struct upsample_geometry g = {.cells = cells,
			                                    .pixels = pixels,
			                                    .offset = 1.5,
			                                    .stride = 3,
			                                    .input = 24};
			struct upsample_axis a;
			struct error e = {0};

			good = good && upsample_axis_init(&a, UPSAMPLE_RF, &g, &e) == 0;
			for (uint32_t c = 0; good && c < cells; c++)
				for (uint32_t d = c; d < cells; d++)
					for (uint32_t u = 0; u < pixels; u++) {
						bool shows = a.high[u] >= c && a.low[u] <= d;

						good = good && shows == (u >= a.begin[c] &&
						                         u < a.end[d]);
					}
			upsample_axis_free(&a);
		}
	ok(good, "the pixels in which a range of cells shows");
}

static void test_lerp(void)
{
	bool inside = true;
	uint32_t state = 1;

	is_real(upsample_lerp(1, 3, 0.25f), 1.5, 0, "a quarter of the way");
	is_real(upsample_lerp(3, 1, 0.25f), 2.5, 0, "and back");
	is_real(upsample_lerp(-FLT_MAX, FLT_MAX, 0.5f), FLT_MAX, 0,
	        "a difference that overflows");
	is_real(upsample_lerp(0.1f, 0.1f, 0.3f), 0.1f, 0, "equal ends");
	for (int i = 0; i < 100000; i++) {
		float v[3];

		for (int j = 0; j < 3; j++) {
			state = state * 1664525 + 1013904223;
			v[j] = (float)(state >> 8) / (1 << 24);
		}
		const float s = upsample_lerp(v[0], v[1], v[2]);

		inside = inside && s >= fminf(v[0], v[1]) && s <= fmaxf(v[0], v[1]);
	}
	ok(inside, "never outside its ends");
}

int main(void)
{
	test_by_hand();
	test_refusals();
	test_ranges();
	test_lerp();
	return done();
}
