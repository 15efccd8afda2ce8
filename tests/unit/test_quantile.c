/* test_quantile.c -- levels, exact tails, sketches and their refinement against
 * sorting everything. */
#include <stdlib.h>

#include "dissect/level.h"
#include "dissect/quantile.h"
#include "dissect/sketch.h"
#include "tap.h"

#define ALL(count) ((struct units){0, count})

/* ---- levels ---- */

static void test_levels(void)
{
	static const char *bad[] = {"",     ".",   "1",      "1.0",  "-0.1",
	                            "0.5x", "nan", "0x1p-3", "1e0",  " 0.5",
	                            "0.5 ", "1e",  "2e-0",   "1..0", "0.1234567890123456",
	                            "1e-19"};
	static const struct {
		const char *text;
		uint64_t samples, allowance;
	} good[] = {
	        {"0.005", 200000, 1000}, /* 0.005 is a little above 5/1000 in binary */
	        {"0.005", 199999, 999},
	        {"0.005", 199, 0},
	        {"0.005", 200, 1},
	        {"0.29", 100, 29}, /* 0.29 * 100 is 28.999999999999996 in doubles */
	        {"0.57", 100, 57}, /* and 0.57 * 100 56.99999999999999 */
	        {".5", 7, 3},
	        {"5e-3", 10700000, 53500},
	        {"0.00500", 200, 1},
	        {"0", 1000, 0},
	        {"0.000", 1000, 0},
	        {"1e-18", 1000000000000000000, 1},
	        {"0.999999999999999", 1000000000000000, 999999999999999},
	        {"0.005", UINT64_MAX, UINT64_MAX / 200},
	};
	struct level l;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error e = {0};

		ok(level_parse(&l, bad[i], &e) < 0 && e.code == EXIT_USAGE, "'%s' is no level",
		   bad[i]);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct error e = {0};

		ok(level_parse(&l, good[i].text, &e) == 0 &&
		           level_allowance(&l, good[i].samples) == good[i].allowance,
		   "floor(%s * %llu)", good[i].text, (unsigned long long)good[i].samples);
	}
}

static void test_level_values(void)
{
	struct error e = {0};
	bool same = true, floors = true;
	struct level l, back;
	char text[32];

	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "0.%03d", i);
		if (level_parse(&l, text, &e) < 0 || level_from_value(&back, l.value, &e) < 0)
			same = false;
		for (uint64_t n = 1; n < 3000; n += 7)
			floors = floors && level_allowance(&l, n) == n * (uint64_t)i / 1000 &&
			         level_allowance(&back, n) == n * (uint64_t)i / 1000;
	}
	ok(same, "a level comes back from its double");
	ok(floors, "floor(q * n) for q in thousandths");
	ok(level_from_value(&l, 1.0 / 3, &e) == 0 && level_allowance(&l, 300) == 99,
	   "a level that is no short decimal: 18 decimals of 1/3");
	ok(level_from_value(&l, 1, &e) < 0 && e.code == EXIT_MALFORMED, "1 is no level");
	e.code = EXIT_OK;
	ok(level_from_value(&l, NAN, &e) < 0, "nor is NaN");
}

static void test_ties(void)
{
	struct error e = {0};
	struct level l;

	ok(level_parse(&l, "0.005", &e) == 0, "level 0.005");
	/* 2 * 0.005 * 1000 = 10 */
	ok(!level_is_tied(&l, 1000, 10), "twice the allowance is no tie");
	ok(level_is_tied(&l, 1000, 11), "one more is");
	/* 2 * 0.005 * 50 = 0.5, but one sample is always there */
	ok(!level_is_tied(&l, 50, 1), "a single sample is no tie");
	ok(level_is_tied(&l, 50, 2), "two among fifty are");
	ok(level_is_tied(&l, 1000, 1000), "a dead unit");
}

/* ---- thresholds by the definition ---- */

enum { UNITS = 3 };

struct samples {
	size_t cells, images;
	float *maps; /* (images, UNITS, cells) */
};

static uint64_t state = 1;

static uint32_t random_bits(void)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 32);
}

enum kind { SPREAD, FEW_VALUES, RISING, FALLING, MOSTLY_ZERO, CONSTANT, EXTREME, KINDS };

static const char *const kind_name[] = {"spread",      "few values", "rising", "falling",
                                        "mostly zero", "constant",   "extreme"};

static float draw(enum kind kind, size_t i)
{
	static const float few[] = {-1, -0.0f, 0, 0.25f, 6};
	static const float extreme[] = {3.4e38f, -3.4e38f, 1e-45f, -1e-45f, 0, -0.0f, 1e-38f};
	const float u = (float)(random_bits() >> 8) / (1 << 24);

	switch (kind) {
	case SPREAD:
		return 20 * u * u * u - 3;
	case FEW_VALUES:
		return few[random_bits() % 5];
	case RISING:
		return (float)i / 8;
	case FALLING:
		return -(float)i / 8;
	case MOSTLY_ZERO:
		return u < 0.998f ? -0.0f : u;
	case CONSTANT:
		return 6;
	default:
		return extreme[random_bits() % 7];
	}
}

static struct samples make_samples(enum kind kind, size_t images, size_t cells)
{
	struct samples s = {cells, images, calloc(images * UNITS * cells, sizeof(float))};

	for (size_t x = 0; x < images; x++)
		for (size_t k = 0; k < UNITS; k++)
			for (size_t i = 0; i < cells; i++)
				s.maps[(x * UNITS + k) * cells + i] =
				        draw((enum kind)((kind + k) % KINDS), x * cells + i);
	return s;
}

static int descending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* All samples of a unit, largest first. */
static double *sorted(const struct samples *s, size_t unit)
{
	double *all = calloc(s->images * s->cells, sizeof(*all));
	size_t n = 0;

	for (size_t x = 0; x < s->images; x++)
		for (size_t i = 0; i < s->cells; i++)
			all[n++] = s->maps[(x * UNITS + unit) * s->cells + i];
	qsort(all, n, sizeof(*all), descending);
	return all;
}

/* The smallest sample t with #{a > t} <= n * per_mille / 1000, by trying all. */
static struct threshold by_definition(const struct samples *s, size_t unit, uint64_t per_mille)
{
	const size_t n = s->images * s->cells;
	double *all = sorted(s, unit);
	struct threshold t = {.samples = (double)n, .min = all[n - 1], .max = all[0]};
	size_t above = 0;

	for (size_t i = 0; i < n; i++) {
		above = i == 0 || all[i] != all[i - 1] ? i : above;
		if (above * 1000 > n * per_mille)
			break;
		t.t = all[i];
		t.above = (double)above;
		t.at_or_above = (double)(i + 1);
	}
	free(all);
	return t;
}

static bool equal(const struct threshold *a, const struct threshold *b)
{
	return a->t == b->t && a->min == b->min && a->max == b->max &&
	       a->samples == b->samples && a->above == b->above &&
	       a->at_or_above == b->at_or_above;
}

static bool tail_is_exact(const struct samples *s, const struct level *l, uint64_t per_mille,
                          uint64_t spare)
{
	const uint64_t n = s->images * s->cells;
	struct threshold got[UNITS];
	struct error e = {0};
	struct tail *t = tail_new(UNITS, level_allowance(l, n + spare) + 1, &e);
	bool good = t && true;

	for (size_t x = 0; good && x < s->images; x++)
		good = tail_add(t, s->maps + x * UNITS * s->cells, s->cells, ALL(UNITS), &e) ==
		       0;
	good = good && tail_samples(t, UNITS - 1) == n && tail_reaches(t, l);
	if (good)
		tail_thresholds(t, l, got);
	for (size_t k = 0; good && k < UNITS; k++) {
		struct threshold want = by_definition(s, k, per_mille);

		good = equal(&got[k], &want) && got[k].rank_error == 0 &&
		       got[k].level == l->value;
	}
	tail_free(t);
	return good;
}

/* Whether a sketch's thresholds are as near as they say, and exact when refined. */
static bool sketch_is_right(const struct samples *s, const struct level *l, uint64_t per_mille)
{
	const uint64_t rank = level_allowance(l, s->images * s->cells) + 1;
	struct threshold got[UNITS];
	struct error e = {0};
	struct sketch *whole = sketch_new(UNITS, UINT64_MAX, &e);
	struct refinement *r = NULL;
	bool good = whole != NULL;

	for (size_t x = 0; good && x < s->images; x++)
		good = sketch_add(whole, s->maps + x * UNITS * s->cells, s->cells, ALL(UNITS),
		                  &e) == 0;
	if (good)
		sketch_thresholds(whole, l, got);
	for (size_t k = 0; good && k < UNITS; k++) {
		struct threshold want = by_definition(s, k, per_mille);
		double *all = sorted(s, k);
		size_t at = 0, above = 0;

		while (at < s->images * s->cells && all[at] >= got[k].t) {
			above += all[at] > got[k].t;
			at++;
		}
		good = got[k].t <= want.t && got[k].at_or_above == (double)at &&
		       got[k].above >= (double)above && got[k].min == want.min &&
		       got[k].max == want.max && got[k].samples == want.samples &&
		       (got[k].rank_error == 0
		                ? got[k].t == want.t && got[k].above == (double)above
		                : got[k].rank_error == (double)(at - rank));
		free(all);
	}
	if (good)
		r = refinement_new(whole, l, &e);
	for (size_t x = 0; r && x < s->images; x++)
		good = refinement_add(r, s->maps + x * UNITS * s->cells, s->cells, ALL(UNITS),
		                      &e) == 0 &&
		       good;
	good = good && r && refinement_apply(r, got, &e) == 0;
	for (size_t k = 0; good && k < UNITS; k++) {
		struct threshold want = by_definition(s, k, per_mille);

		good = equal(&got[k], &want) && got[k].rank_error == 0;
	}
	refinement_free(r);
	sketch_free(whole);
	return good;
}

static void test_thresholds(void)
{
	static const struct {
		size_t images, cells;
	} shape[] = {{1, 1}, {1, 7}, {40, 1}, {120, 25}, {37, 169}, {9, 3000}};
	static const uint64_t per_mille[] = {0, 5, 100, 500, 999};

	for (int kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < sizeof(shape) / sizeof(shape[0]); i++) {
			struct samples s =
			        make_samples((enum kind)kind, shape[i].images, shape[i].cells);
			bool exact = true, generous = true, sketch = true;

			for (size_t q = 0; q < sizeof(per_mille) / sizeof(per_mille[0]); q++) {
				struct error e = {0};
				struct level l;
				char text[16];

				snprintf(text, sizeof(text), "0.%03d", (int)per_mille[q]);
				exact = exact && level_parse(&l, text, &e) == 0 &&
				        tail_is_exact(&s, &l, per_mille[q], 0);
				generous =
				        generous && tail_is_exact(&s, &l, per_mille[q], 12345);
				sketch = sketch && sketch_is_right(&s, &l, per_mille[q]);
			}
			ok(exact, "%s, %zu images of %zu cells: tail", kind_name[kind],
			   s.images, s.cells);
			ok(generous, "the same, more announced than came");
			ok(sketch, "the same, by sketch and second pass");
			free(s.maps);
		}
}

/* Unit 0 has samples 1 to 8; q = 0.25: two may lie above, so T = 6, with 2 above and
 * 3 at or above.  Unit 1 is 0 everywhere: T = 0, nothing above, 8 at it.  Unit 2 has
 * 5, 5, 5 and -1 five times: 2 may lie above, so T = 5, none above, 3 at it. */
static void test_by_hand(void)
{
	static const float maps[2][UNITS][4] = {
	        {{1, 8, 3, 6}, {0, -0.0f, 0, 0}, {5, -1, -1, 5}},
	        {{5, 4, 7, 2}, {-0.0f, 0, 0, 0}, {-1, -1, 5, -1}},
	};
	static const struct threshold want[UNITS] = {
	        {.t = 6, .min = 1, .max = 8, .samples = 8, .above = 2, .at_or_above = 3},
	        {.t = 0, .min = 0, .max = 0, .samples = 8, .above = 0, .at_or_above = 8},
	        {.t = 5, .min = -1, .max = 5, .samples = 8, .above = 0, .at_or_above = 3},
	};
	struct threshold got[UNITS];
	struct error e = {0};
	struct tail *t = tail_new(UNITS, 3, &e);
	struct level l;

	ok(t && level_parse(&l, "0.25", &e) == 0 &&
	           tail_add(t, maps[0][0], 4, ALL(UNITS), &e) == 0 &&
	           tail_add(t, maps[1][0], 4, (struct units){1, UNITS}, &e) == 0 &&
	           tail_add(t, maps[1][0], 4, (struct units){0, 1}, &e) == 0,
	   "two images of three units, one of them in parts");
	tail_thresholds(t, &l, got);
	for (int k = 0; k < UNITS; k++)
		ok(equal(&got[k], &want[k]), "unit %d by hand", k);
	ok(!signbit(got[1].t), "zeros are +0");
	tail_free(t);
}

static void test_limits(void)
{
	struct samples s = make_samples(SPREAD, 100, 100);
	struct error e = {0}, why = {0};
	struct tail *t = tail_new(UNITS, 100, &e);
	struct sketch *small = sketch_new(1, 10000, &e), *none = sketch_new(1, 1000, &why);
	struct level l;
	float bad[UNITS] = {1, INFINITY, 1};

	for (size_t x = 0; x < 100; x++)
		if (tail_add(t, s.maps + x * UNITS * 100, 100, ALL(UNITS), &e) < 0)
			break;
	ok(!e.code && level_parse(&l, "0.01", &e) == 0 && !tail_reaches(t, &l),
	   "100 of 10000 samples don't hold the 101st");
	ok(level_parse(&l, "0.0099", &e) == 0 && tail_reaches(t, &l), "but the 100th");
	ok(tail_add(t, bad, 1, ALL(UNITS), &e) < 0 && e.code == EXIT_MALFORMED &&
	           strstr(e.text, "unit 2"),
	   "infinity is an error that names the unit: %s", e.text);
	bad[1] = -NAN;
	e.code = EXIT_OK;
	ok(tail_add(t, bad, 1, ALL(UNITS), &e) < 0 && strstr(e.text, "unit 2"), "NaN too");
	e.code = EXIT_OK;
	ok(sketch_add(small, bad, 1, ALL(1), &e) < 0 && e.code == EXIT_SYSTEM,
	   "a sketch has a limit: %s", e.text);
	ok(!none && why.code == EXIT_SYSTEM, "which its units alone can pass: %s", why.text);
	ok(tail_bytes(256, tail_largest_keep(256, 512 << 20)) <= 512 << 20 &&
	           tail_bytes(256, tail_largest_keep(256, 512 << 20) + 1) > 512 << 20,
	   "the largest tail that fits");
	ok(tail_bytes(SIZE_MAX / 2, 100) == UINT64_MAX, "sizes don't overflow");
	sketch_free(small);
	tail_free(t);
	free(s.maps);
}

static void test_select(void)
{
	bool good = true;

	for (int round = 0; round < 200; round++) {
		int32_t keys[64];
		double all[64];
		size_t n = 1 + random_bits() % 64;

		for (size_t i = 0; i < n; i++) {
			keys[i] = (int32_t)random_bits() >> random_bits() % 32;
			all[i] = keys[i];
		}
		qsort(all, n, sizeof(*all), descending);
		for (size_t rank = 1; rank <= n; rank++)
			good = good && quantile_select(keys, n, rank) == all[rank - 1];
	}
	ok(good, "selection by rank");
}

/* ---- merging ---- */

enum { PARTS = 5 }; /* the last one is empty */

/* Whether what a tail has of a unit is what sorting all samples gives. */
static bool part_is_exact(struct tail *t, const struct samples *s, size_t k)
{
	const size_t n = s->images * s->cells, keep = tail_keep(t);
	const struct tail_part got = tail_part(t, k);
	double *all = sorted(s, k);
	float *values = calloc(got.count + 1, sizeof(*values));
	size_t ties = 0;
	bool good = got.samples == n && got.count == (n < keep ? n : keep) &&
	            got.max == (float)all[0] && got.min == (float)all[n - 1];

	tail_values(t, k, values);
	for (size_t i = 0; good && i < got.count; i++)
		good = values[i] == (float)all[i] && !(values[i] == 0 && signbit(values[i]));
	for (size_t i = got.count; i < n; i++)
		ties += all[i] == all[got.count - 1];
	free(values);
	free(all);
	return good && got.ties == ties;
}

/* Tails of parts in some order, merged into one and that one into another. */
static bool parts_are_whole(const struct samples *s, uint64_t keep, size_t first)
{
	struct error e = {0};
	struct tail *part[PARTS], *one = tail_new(UNITS, keep, &e),
	                          *two = tail_new(UNITS, keep, &e);
	float *values = malloc(keep * sizeof(*values));
	bool good = one && two;

	for (size_t i = 0; i < PARTS; i++)
		part[i] = tail_new(UNITS, keep, &e);
	for (size_t x = 0; x < s->images; x++)
		good = tail_add(part[x * x % (PARTS - 1)], s->maps + x * UNITS * s->cells,
		                s->cells, ALL(UNITS), &e) == 0 &&
		       good;
	for (size_t i = 0; i <= PARTS; i++) {
		struct tail *from = i == PARTS ? one : part[(first + i * 2) % PARTS];

		for (size_t k = 0; good && k < UNITS; k++) {
			struct tail_part p = tail_part(from, k);

			tail_values(from, k, values);
			p.values = values;
			good = tail_merge(i == PARTS ? two : one, k, &p, &e) == 0;
		}
	}
	for (size_t k = 0; good && k < UNITS; k++)
		good = part_is_exact(one, s, k) && part_is_exact(two, s, k);
	for (size_t i = 0; i < PARTS; i++)
		tail_free(part[i]);
	tail_free(one);
	tail_free(two);
	free(values);
	return good;
}

static void test_parts(void)
{
	static const uint64_t keep[] = {1, 2, 40, 1000, 5000, 100000};
	struct error e = {0};
	struct tail *t = tail_new(1, 3, &e);
	struct tail_part most = {.samples = UINT64_MAX};

	for (int kind = 0; kind < KINDS; kind++) {
		struct samples s = make_samples((enum kind)kind, 37, 169);
		bool good = true;

		for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
			for (size_t first = 0; first < PARTS; first++)
				good = good && parts_are_whole(&s, keep[i], first);
		ok(good, "%s: tails of parts are that of the whole", kind_name[kind]);
		free(s.maps);
	}
	ok(tail_merge(t, 0, &most, &e) == 0 && tail_merge(t, 0, &most, &e) < 0 &&
	           e.code == EXIT_MALFORMED,
	   "more samples than can be counted");
	tail_free(t);
}

static void test_merging(void)
{
	struct samples s = make_samples(SPREAD, 60, 50);
	struct error e = {0};
	struct sketch *whole = sketch_new(UNITS, UINT64_MAX, &e),
	              *sum = sketch_new(UNITS, UINT64_MAX, &e);
	struct sketch *part[3];
	bool same = true, merged = true;

	for (int i = 0; i < 3; i++)
		part[i] = sketch_new(UNITS, UINT64_MAX, &e);
	for (size_t x = 0; x < s.images; x++) {
		const float *maps = s.maps + x * UNITS * s.cells;

		merged = merged && sketch_add(whole, maps, s.cells, ALL(UNITS), &e) == 0 &&
		         sketch_add(part[x * 7 % 3], maps, s.cells, ALL(UNITS), &e) == 0;
	}
	for (int i = 2; i >= 0; i--)
		for (size_t k = 0; k < UNITS; k++) {
			size_t n = sketch_encoded_size(part[i], k);
			void *bytes = malloc(n);

			sketch_encode(part[i], k, bytes);
			merged = merged && sketch_merge(sum, bytes, n, &e) == 0;
			free(bytes);
		}
	for (size_t k = 0; k < UNITS; k++) {
		size_t n = sketch_encoded_size(whole, k);
		unsigned char *a = malloc(n), *b = malloc(n);

		sketch_encode(whole, k, a);
		same = same && sketch_encoded_size(sum, k) == n &&
		       sketch_samples(sum, k) == 3000;
		if (same) {
			sketch_encode(sum, k, b);
			same = memcmp(a, b, n) == 0;
		}
		free(a);
		free(b);
	}
	ok(merged, "three sketches add up");
	ok(same, "to the bytes of the sketch of the whole");
	for (int i = 0; i < 3; i++)
		sketch_free(part[i]);
	sketch_free(sum);
	sketch_free(whole);
	free(s.maps);
}

/* 1.0 has bits 3f800000, so its ordered float is bf800000: bin bf800, low bits 0.
 * -2 has bits c0000000, so its is ffffffff - c0000000: bin 3ffff, low bits fff. */
static void test_layout(void)
{
	static const unsigned char want[] = {
	        0,    0,    0,    0, 20,   0,    0,    0,
	        2,    0,    0,    0, 0,    0,    0,    0, /* unit 0, 2 bins */
	        0xff, 0xff, 0x03, 0, 0xff, 0x0f, 0xff, 0x0f,
	        1,    0,    0,    0, 0,    0,    0,    0, /* -2 */
	        0x00, 0xf8, 0x0b, 0, 0,    0,    1,    0,
	        2,    0,    0,    0, 0,    0,    0,    0, /* 1 and the next float */
	};
	const float map[] = {1, -2, nextafterf(1, 2)};
	unsigned char got[sizeof(want)] = {0}, broken[sizeof(want)];
	static const struct {
		size_t offset;
		unsigned char value;
		const char *what;
	} defects[] = {
	        {0, 1, "unit"},      {4, 16, "bits"},       {8, 3, "number of bins"},
	        {18, 0x0c, "order"}, {24, 0, "count"},      {21, 0x1f, "low bits"},
	        {35, 0x10, "bin"},   {47, 0xff, "samples"}, {36, 2, "least and greatest"},
	};
	struct error e = {0};
	struct sketch *s = sketch_new(1, UINT64_MAX, &e);

	ok(s && sketch_add(s, map, 3, ALL(1), &e) == 0 &&
	           sketch_encoded_size(s, 0) == sizeof(want),
	   "three samples, two bins");
	sketch_encode(s, 0, got);
	ok(memcmp(got, want, sizeof(got)) == 0, "their bytes");
	for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
		e = (struct error){0};
		memcpy(broken, got, sizeof(got));
		broken[defects[i].offset] = defects[i].value;
		ok(sketch_merge(s, broken, sizeof(broken), &e) < 0 && e.code == EXIT_MALFORMED,
		   "bad %s: %s", defects[i].what, e.text);
	}
	for (size_t n = 0; n < sizeof(got); n++) {
		e = (struct error){0};
		if (sketch_merge(s, got, n, &e) == 0)
			break;
	}
	ok(e.code == EXIT_MALFORMED, "cut anywhere");
	sketch_free(s);
}

int main(void)
{
	test_levels();
	test_level_values();
	test_ties();
	test_select();
	test_by_hand();
	test_thresholds();
	test_limits();
	test_parts();
	test_merging();
	test_layout();
	return done();
}
