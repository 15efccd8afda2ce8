/* test_match.c -- random sets of units that are like others: hand-made neighbours. */
#include "dissect/match.h"
#include "tap.h"

/* What is known of six units: two triples, far apart in a or in b. */
static const double first[] = {0, 1, 2.5, 100, 101, 102.5}, second[] = {0, 0, 0, 0, 0, 9};

static void draw(const struct match *m, const uint32_t *set, size_t size, int times,
                 int count[static 6])
{
	struct xoshiro x = xoshiro_seed(7);
	uint8_t taken[6] = {0};
	uint32_t drawn[6];
	bool fine = true;

	for (int i = 0; i < 6; i++)
		count[i] = 0;
	for (int t = 0; t < times; t++) {
		match_draw(m, &x, set, size, taken, drawn);
		for (size_t i = 0; i < size; i++) {
			count[drawn[i]]++;
			fine = fine && (i == 0 || drawn[i] > drawn[i - 1]);
		}
		for (int i = 0; i < 6; i++)
			fine = fine && !taken[i];
	}
	ok(fine, "ascending, none twice, and nothing stays taken");
}

static void test_near(void)
{
	struct match m = {0};
	struct error e = {0};
	int count[6];

	is_int(match_open(&m, first, NULL, 6, 3, &e), 0, "by one number");
	draw(&m, (const uint32_t[]){1}, 1, 3000, count);
	ok(count[3] + count[4] + count[5] == 0, "for one of a triple, one of it");
	ok(count[0] > 850 && count[1] > 850 && count[2] > 850, "each alike, itself among them");
	draw(&m, (const uint32_t[]){0, 4}, 2, 3000, count);
	is_int(count[0] + count[1] + count[2], 3000, "for one of each, one of each");
	ok(count[3] > 850 && count[4] > 850 && count[5] > 850, "each alike");
	draw(&m, (const uint32_t[]){0, 1, 2}, 3, 50, count);
	is_int(count[0] + count[1] + count[2], 150, "for all of a triple, itself");
	match_free(&m);
	is_int(match_open(&m, first, NULL, 6, 2, &e), 0, "two are near");
	draw(&m, (const uint32_t[]){2}, 1, 500, count);
	is_int(count[1] + count[2], 500, "the nearest and itself");
	ok(count[1] > 200 && count[2] > 200, "alike");
	draw(&m, (const uint32_t[]){0, 1, 2}, 3, 500, count);
	is_int(count[0] + count[1] + count[2], 1500, "where near ones are taken, the next");
	match_free(&m);
	is_int(match_open(&m, first, NULL, 6, 99, &e), 0, "more than there are");
	draw(&m, (const uint32_t[]){3}, 1, 6000, count);
	ok(count[0] > 850 && count[5] > 850, "then any");
	match_free(&m);
}

static void test_two(void)
{
	struct match m = {0};
	struct error e = {0};
	int count[6];

	is_int(match_open(&m, first, second, 6, 2, &e), 0, "by two numbers");
	draw(&m, (const uint32_t[]){4}, 1, 500, count);
	is_int(count[3] + count[4], 500, "the second tells units apart");
	match_free(&m);
	is_int(match_open(&m, (const double[]){5, 5, 5}, NULL, 3, 1, &e), 0, "all are equal");
	draw(&m, (const uint32_t[]){1}, 1, 20, count);
	is_int(count[1], 20, "nearest is the unit itself");
	match_free(&m);
}

int main(void)
{
	test_near();
	test_two();
	return done();
}
