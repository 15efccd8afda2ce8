/* test_strata.c -- strata and blocks by hand; permutations are as likely as they should be. */
#include "base/random.h"
#include "dissect/strata.h"
#include "stage/seeds.h"
#include "tap.h"

static void test_order(void)
{
	/* Stratum a: two blocks of its own and video v of two frames; b: one block; c: alone.
	 */
	static const struct strata_image image[] = {
	        {"b", "v", "b/9", 0},  {"a", "v", "a/v2", 1}, {"a", NULL, "a/z", 2},
	        {"c", NULL, "c", 3},   {"a", "v", "a/v1", 4}, {"b", "v", "b/1", 5},
	        {"a", NULL, "a/a", 6},
	};
	static const size_t order[] = {2, 6, 4, 1, 5, 0, 3};
	static const size_t blocks[] = {0, 1, 2, 4, 6, 7}, strata[] = {0, 3, 4, 5};
	struct strata s = {0};
	struct error e = {0};
	size_t from[7];
	bool within = true, together = true, moved = false;

	ok(strata_find(&s, image, 7, &e) == 0 && s.images == 7 && s.blocks == 5 &&
	           s.strata == 3,
	   "strata are found");
	ok(memcmp(s.image, order, sizeof order) == 0, "images by stratum, block, name");
	ok(memcmp(s.block, blocks, sizeof blocks) == 0 &&
	           memcmp(s.stratum, strata, sizeof strata) == 0,
	   "where blocks and strata begin");
	ok(!strata_single(&s, 0) && strata_single(&s, 1) && strata_single(&s, 2),
	   "what has one block can't change");
	for (uint64_t seed = 0; seed < 100; seed++) {
		unsigned seen = 0;

		ok(strata_permute(&s, seed, from, &e) == 0, "seed %d", (int)seed);
		for (size_t i = 0; i < 7; i++) {
			seen |= 1U << from[i];
			within =
			        within && strcmp(image[i].stratum, image[from[i]].stratum) == 0;
		}
		within = within && seen == 127;
		/* In the order of places, frame 1 comes right before frame 2. */
		for (size_t i = 0; i < 4; i++)
			if (from[s.image[i]] == 4)
				together = together && i < 3 && from[s.image[i + 1]] == 1;
		moved = moved || from[2] != 2;
	}
	ok(within, "each image stands once, within its stratum");
	ok(together, "frames of a video stay neighbours");
	ok(moved, "and there are other orders than the own");
	strata_free(&s);
}

/* All 24 orders of four, 2,400 times: chi-squared with 23 degrees is below 49.7 but once in a
 * thousand. */
static void test_uniform(void)
{
	static const struct strata_image image[] = {
	        {"", NULL, "", 0}, {"", NULL, "", 1}, {"", NULL, "", 2}, {"", NULL, "", 3}};
	unsigned times[256] = {0}, orders = 0;
	struct strata s = {0};
	struct error e = {0};
	size_t from[4];
	double chi = 0;

	ok(strata_find(&s, image, 4, &e) == 0, "four images");
	for (uint64_t seed = 1; seed <= 2400; seed++)
		if (strata_permute(&s, seed, from, &e) == 0)
			times[from[0] | from[1] << 2 | from[2] << 4 | from[3] << 6]++;
	for (size_t i = 0; i < 256; i++) {
		orders += times[i] > 0;
		chi += times[i] ? (times[i] - 100.0) * (times[i] - 100.0) / 100 : 0;
	}
	is_int(orders, 24, "all orders come");
	ok(chi < 49.7, "as often as each other: chi-squared %g", chi);
	strata_free(&s);
}

static void test_below(void)
{
	struct xoshiro x = xoshiro_seed(5);
	unsigned times[3] = {0};

	for (int i = 0; i < 3000; i++)
		times[xoshiro_below(&x, 3)]++;
	ok(times[0] > 900 && times[1] > 900 && times[2] > 900, "numbers below three");
	is_int((long long)xoshiro_below(&x, 1), 0, "and below one");
}

static void test_seeds(void)
{
	static const struct {
		const char *list, *wrong;
	} bad[] = {
	        {"", "--permute: '' is no list of seeds, as 1-1000 or 1,2,7-9 are"},
	        {"1,", "--permute: '1,' is no list of seeds, as 1-1000 or 1,2,7-9 are"},
	        {"5-4", "--permute: '5-4' is no list of seeds, as 1-1000 or 1,2,7-9 are"},
	        {"-4", "--permute: '-4' is no list of seeds, as 1-1000 or 1,2,7-9 are"},
	        {"1 2", "--permute: '1 2' is no list of seeds, as 1-1000 or 1,2,7-9 are"},
	        {"18446744073709551616", "--permute: '18446744073709551616' is no list of "
	                                 "seeds, as 1-1000 or 1,2,7-9 are"},
	        {"1-3,2", "--permute: seed 2 is there twice"},
	        {"0-18446744073709551615", "--permute: more than 1000000 seeds"},
	        {"0-999999,1000000", "--permute: more than 1000000 seeds"},
	};
	struct seeds s = {0};
	struct error e = {0};

	ok(seeds_parse(&s, "7-9,18446744073709551615,1", &e) == 0 && s.count == 5 &&
	           s.seed[0] == 1 && s.seed[1] == 7 && s.seed[3] == 9 &&
	           s.seed[4] == UINT64_MAX,
	   "a list, ascending");
	seeds_free(&s);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		e = (struct error){0};
		ok(seeds_parse(&s, bad[i].list, &e) < 0 && e.code == EXIT_USAGE,
		   "'%s' is refused", bad[i].list);
		is_str(e.text, bad[i].wrong, "and why");
		seeds_free(&s);
	}
}

int main(void)
{
	test_order();
	test_uniform();
	test_below();
	test_seeds();
	return done();
}
