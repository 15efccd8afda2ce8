/* test_top.c -- the strongest images, ties and order. */
#include "dissect/top.h"
#include "tap.h"

static void test_values(void)
{
	static const float maps[3][4] = {{1, 7, 3, 2}, {-5, -2, -9, -2}, {-0.0f, -1, -1, -1}};
	float values[3];

	top_values(maps[0], 3, 4, values);
	ok(values[0] == 7 && values[1] == -2 && values[2] == 0 && !signbit(values[2]),
	   "the maximum of each map");
}

/* Items 4, 0, 3, 1, 2 with values 5, 5, 9, -1, 5; the three strongest are 3 (9), then of
 * the three 5s items 0 and 2. */
static void test_order(void)
{
	static const struct {
		uint32_t item;
		double value;
	} offers[] = {{4, 5}, {0, 5}, {3, 9}, {1, -1}, {2, 5}};
	struct error e = {0};
	struct top t;
	bool good = true;

	/* In every rotation of the order. */
	for (size_t first = 0; first < 5; first++) {
		if (top_init(&t, 2, 3, &e) < 0 || top_keep_maps(&t, 2, &e) < 0)
			break;
		for (size_t i = 0; i < 5; i++) {
			const uint32_t item = offers[(first + i) % 5].item;
			const float map[2] = {(float)item,
			                      (float)offers[(first + i) % 5].value};

			top_offer(&t, 1, map[1], item, map);
		}
		good = good && t.count[1] == 3 && t.image[3].item == 3 &&
		       t.image[3].value == 9 && t.image[4].item == 0 && t.image[4].value == 5 &&
		       t.image[5].item == 2 && t.image[5].value == 5;
		good = good && t.count[0] == 0 && t.image[0].item == -1 &&
		       t.image[0].value == 0;
		for (size_t i = 0; i < 3; i++)
			good = good && (double)top_map(&t, 1, i)[0] == t.image[3 + i].item &&
			       (double)top_map(&t, 1, i)[1] == t.image[3 + i].value;
		good = good && !top_map(&t, 0, 0);
		top_free(&t);
	}
	ok(good, "ties go to the lower item, in any order of arrival; maps go along");
	ok(top_init(&t, SIZE_MAX / 2, 3, &e) < 0, "sizes don't overflow");
	top_free(&t);
}

int main(void)
{
	test_values();
	test_order();
	return done();
}
