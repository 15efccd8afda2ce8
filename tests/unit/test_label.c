/* test_label.c -- hand-computed cases, and restatements that compare fractions in
 * integers and count names pair by pair. */
#include "dissect/label.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static uint32_t state = 1;

static uint32_t random_below(uint32_t n)
{
	state = state * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(state >> 8) * n) >> 24);
}

static double iou(uint64_t i, uint64_t a, uint64_t g)
{
	return label_iou((uint64_t[]){i, a, g});
}

static void test_iou(void)
{
	is_real(iou(0, 0, 0), 0, 0, "nothing and nothing");
	is_real(iou(0, 10, 10), 0, 0, "apart");
	is_real(iou(7, 7, 7), 1, 0, "the same");
	is_real(iou(50, 100, 100), 1.0 / 3.0, 0, "half of each");
	is_real(iou(2760311, 4017464, 13100838), 0.19224911061721658, 0,
	        "grass, unit 209 of AlexNet-Places205 as released");
	ok(!(iou(4, 52, 52) > 0.04), "4 of 100 is not above 0.04");
	ok(iou(40000001, 520000000, 520000000) > 0.04, "a pixel more is");
}

/* Labels 1 to 6 in three categories; 4 is left out, 6 is no label. */
static const int category[] = {-1, 0, 1, 0, -1, 2, -1};
enum { LABELS = sizeof category / sizeof *category, CATEGORIES = 3 };

struct labelled {
	uint32_t number[CATEGORIES];
	double iou[CATEGORIES];
	size_t best;
};

static int label_one(const uint64_t counts[LABELS][3], struct labelled *l, struct error *e)
{
	return label_units(counts[0], category, 1, LABELS, CATEGORIES, l->number, l->iou,
	                   &l->best, e);
}

static void is_labelled(const uint64_t counts[LABELS][3], uint32_t a, uint32_t b, uint32_t c,
                        size_t best, const char *name)
{
	struct labelled l;
	struct error e = {0};

	is_int(label_one(counts, &l, &e), 0, "%s: labelled", name);
	is_int(l.number[0], a, "%s: first category", name);
	is_int(l.number[1], b, "%s: second category", name);
	is_int(l.number[2], c, "%s: third category", name);
	is_int((long long)l.best, (long long)best, "%s: best", name);
}

static void test_units(void)
{
	is_labelled((const uint64_t[LABELS][3]){{9, 9, 9},
	                                        {1, 10, 10},
	                                        {2, 10, 10},
	                                        {3, 10, 10},
	                                        {9, 10, 10},
	                                        {1, 10, 10},
	                                        {9, 9, 9}},
	            3, 2, 5, 0, "greatest, 0, 4 and 6 apart");
	is_labelled(
	        (const uint64_t[LABELS][3]){
	                {0}, {1, 4, 4}, {10, 40, 40}, {2, 8, 8}, {0}, {3, 12, 12}},
	        1, 2, 5, 0, "equal fractions: smaller number, also over categories");
	is_labelled((const uint64_t[LABELS][3]){{0}, {0}, {1, 4, 4}, {1, 4, 4}, {0}, {0}}, 3, 2,
	            0, 1, "equal over categories: 2 before 3");
	is_labelled(
	        (const uint64_t[LABELS][3]){
	                {0}, {0, 5, 10}, {0, 5, 10}, {0, 5, 10}, {0, 5, 10}, {0, 5, 10}},
	        0, 0, 0, 2, "no label met: none, in the last category");
	is_labelled((const uint64_t[LABELS][3]){{0}}, 0, 0, 0, 2, "dead unit");
}

static void is_refused(const uint64_t bad[3], const char *name)
{
	uint64_t counts[2][LABELS][3] = {0};
	uint32_t number[2 * CATEGORIES];
	double values[2 * CATEGORIES];
	size_t best[2];
	struct error e = {0};

	memcpy(counts[1][5], bad, sizeof counts[1][5]);
	is_int(label_units(counts[0][0], category, 2, LABELS, CATEGORIES, number, values, best,
	                   &e),
	       -1, "%s is refused", name);
	is_int(e.code, EXIT_MALFORMED, "%s: malformed", name);
	is_str(e.text, "unit 2, label 5: counts that masks cannot have", "%s: says where",
	       name);
}

static void test_refused(void)
{
	is_refused((uint64_t[]){3, 2, 5}, "more shared than the unit has");
	is_refused((uint64_t[]){3, 5, 2}, "more shared than the label has");
	is_refused((uint64_t[]){0, UINT64_MAX, 1}, "a sum that overflows");
}

/* a/b > c/d in integers; an empty union is 0. */
static bool greater(const uint64_t *x, const uint64_t *y)
{
	uint64_t ux = x[1] + x[2] - x[0], uy = y[1] + y[2] - y[0];

	return (unsigned __int128)x[0] * (uy ? uy : 1) >
	       (unsigned __int128)y[0] * (ux ? ux : 1);
}

/* Whether the best labels of a unit are those that are picked one by one. */
static bool is_best(const uint64_t counts[LABELS][3], size_t most)
{
	uint32_t number[LABELS], picks = 0;
	bool picked[LABELS] = {false};
	size_t n = label_best(counts[0], category, LABELS, most, number);

	for (; picks < most; picks++) {
		uint32_t best = 0;

		for (uint32_t i = 1; i < LABELS; i++)
			if (category[i] >= 0 && !picked[i] && counts[i][0] > 0 &&
			    (!best || greater(counts[i], counts[best])))
				best = i;
		if (!best)
			break;
		if (picks >= n || number[picks] != best)
			return false;
		picked[best] = true;
	}
	return picks == n;
}

static void test_random_units(void)
{
	enum { UNITS = 400 };
	static uint64_t counts[UNITS][LABELS][3];
	static uint32_t number[UNITS][CATEGORIES];
	static double values[UNITS][CATEGORIES];
	static size_t best[UNITS];
	struct error e = {0};
	int wrong = 0, ties = 0;

	for (size_t k = 0; k < UNITS; k++)
		for (size_t i = 0; i < LABELS; i++) {
			uint64_t *c = counts[k][i];

			c[0] = random_below(4); /* few values, many ties */
			c[1] = c[0] + random_below(4);
			c[2] = c[0] + random_below(4);
		}
	is_int(label_units(counts[0][0], category, UNITS, LABELS, CATEGORIES, number[0],
	                   values[0], best, &e),
	       0, "random units are labelled");
	for (size_t k = 0; k < UNITS; k++) {
		static const uint64_t nothing[3];
		const uint64_t *top[1 + CATEGORIES] = {nothing, nothing, nothing, nothing};
		uint32_t want[1 + CATEGORIES] = {0}; /* 0: over all */

		for (uint32_t i = 1; i < LABELS; i++) {
			int slots[] = {0, category[i] + 1};

			for (int s = 0; s < 2 && category[i] >= 0; s++) {
				int slot = slots[s];

				ties += want[slot] && !greater(counts[k][i], top[slot]) &&
				        !greater(top[slot], counts[k][i]);
				if (greater(counts[k][i], top[slot])) {
					top[slot] = counts[k][i];
					want[slot] = i;
				}
			}
		}
		for (int c = 0; c < CATEGORIES; c++)
			wrong += number[k][c] != want[c + 1];
		wrong += number[k][best[k]] != want[0];
		wrong += !is_best(counts[k], 1) || !is_best(counts[k], 3) ||
		         !is_best(counts[k], LABELS);
	}
	is_int(wrong, 0, "as fractions of integers say");
	ok(ties > 50, "with %d ties", ties);
}

/* Four units in two categories. */
static void test_count(void)
{
	static const char *const name[] = {"car", "red",  "car", "blue", "car",
	                                   "red", "tree", "red", "",     "red"};
	static const double values[] = {0.30, 0.05, 0.04, 0.06, 0.20,
	                                0.21, 0.01, 0.02, 0.9,  0.01};
	static const size_t best[] = {0, 1, 1, 1, 0};
	struct label_tally total, by[2];
	struct error e = {0};

	is_int(label_count(name, values, best, 5, 2, 0.04, LABEL_TOP, &total, by, &e), 0,
	       "top");
	is_int((long long)total.detectors, 3, "top: detectors");
	is_int((long long)total.unique, 3, "top: car, blue, red");
	is_int((long long)by[0].detectors, 1, "top: first category");
	is_int((long long)by[0].unique, 1, "top: its concepts");
	is_int((long long)by[1].detectors, 2, "top: second category");
	is_int((long long)by[1].unique, 2, "top: its concepts");

	is_int(label_count(name, values, best, 5, 2, 0.04, LABEL_PER_CATEGORY, &total, by, &e),
	       0, "per category");
	is_int((long long)total.detectors, 3, "per category: detectors are units");
	is_int((long long)total.unique, 3, "per category: concepts add up");
	is_int((long long)by[0].detectors, 2, "per category: 0.04 itself is not above");
	is_int((long long)by[0].unique, 1, "per category: car twice is one");
	is_int((long long)by[1].detectors, 3, "per category: pairs");
	is_int((long long)by[1].unique, 2, "per category: red, blue");

	is_int(label_count(name, values, best, 0, 2, 0.04, LABEL_TOP, &total, by, &e), 0,
	       "no units");
	is_int((long long)(total.detectors + total.unique), 0, "no units: nothing");
}

static void test_random_count(void)
{
	enum { UNITS = 200 };
	static const char *const names[] = {"", "a", "b", "a-s", "b-c", "c"};
	static const char *name[UNITS][CATEGORIES];
	static double values[UNITS][CATEGORIES];
	static size_t best[UNITS];
	struct label_tally total, by[CATEGORIES];
	struct error e = {0};
	size_t unique = 0, detectors = 0;

	for (size_t k = 0; k < UNITS; k++) {
		best[k] = random_below(CATEGORIES);
		for (size_t c = 0; c < CATEGORIES; c++) {
			name[k][c] = names[random_below(6)];
			values[k][c] = random_below(10) / 10.0;
		}
	}
	is_int(label_count(name[0], values[0], best, UNITS, CATEGORIES, 0.5, LABEL_TOP, &total,
	                   by, &e),
	       0, "random units are counted");
	for (size_t k = 0; k < UNITS; k++) {
		bool seen = false;

		if (!*name[k][best[k]] || values[k][best[k]] <= 0.5)
			continue;
		detectors++;
		for (size_t i = 0; i < k; i++)
			seen |= values[i][best[i]] > 0.5 &&
			        strcmp(name[i][best[i]], name[k][best[k]]) == 0;
		unique += !seen;
	}
	is_int((long long)total.detectors, (long long)detectors, "detectors, one by one");
	is_int((long long)total.unique, (long long)unique,
	       "concepts over categories, each once");
	is_int((long long)(by[0].detectors + by[1].detectors + by[2].detectors),
	       (long long)detectors, "categories share the units");
	ok(by[0].unique + by[1].unique + by[2].unique > unique,
	   "a name in several categories counts in each, but once in all");
}

int main(void)
{
	test_iou();
	test_units();
	test_refused();
	test_random_units();
	test_count();
	test_random_count();
	return done();
}
