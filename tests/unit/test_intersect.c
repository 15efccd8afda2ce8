/* test_intersect.c -- counts against loops over pixels. */
#include <stdlib.h>

#include "dissect/intersect.h"
#include "dissect/segment.h"
#include "tap.h"

static uint64_t state = 3;

static uint32_t random_bits(void)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 32);
}

static void set_bit(uint64_t *bitmap, size_t p)
{
	bitmap[p / 64] |= UINT64_C(1) << p % 64;
}

/* Image of 2 x 3 pixels; labels 1 and 2 of category 0, 3 of category 1, 4 of category 2.
 *
 *	map a  1 1 0     map b  0 1 3     label 2 of the whole image     M  1 1 0
 *	       0 3 3            0 0 0                                       0 0 1
 *
 * L_1 = {0, 1}, L_2 = all, L_3 = {2, 4, 5}.  M = {0, 1, 5}, area 3.
 * I: 2 for label 1, 3 for 2, 1 ({5}) for 3, none for 4, which the image does not hold, nor
 * anything of category 2. */
static void test_by_hand(void)
{
	static const int category[] = {-1, 0, 0, 1, 2};
	static const struct label_categories known = {5, 3, category};
	static const uint16_t a[] = {1, 1, 0, 0, 3, 3}, b[] = {0, 1, 3, 0, 0, 0};
	static const uint64_t want[2][5][3] = {
	        {{0, 0, 0}, {2, 3, 2}, {3, 3, 6}, {1, 3, 3}, {0, 0, 0}},
	        {{0, 0, 0}, {0, 0, 2}, {0, 0, 6}, {0, 0, 3}, {0, 0, 0}},
	};
	uint64_t mask[8] = {1 << 0 | 1 << 1 | 1 << 5}, scores[2 * 5 * 3];
	struct image_labels image;
	struct label_counts labels;
	struct unit_counts units;
	struct error e = {0};

	ok(image_labels_init(&image, &known, &e) == 0 &&
	           label_counts_init(&labels, 5, &e) == 0 &&
	           unit_counts_init(&units, 2, &known, &e) == 0,
	   "counters");
	image_labels_begin(&image, 2, 3);
	ok(image_labels_add_map(&image, a, &e) == 0 &&
	           image_labels_add_map(&image, b, &e) == 0 &&
	           image_labels_add_whole(&image, 2, &e) == 0 &&
	           image_labels_add_whole(&image, 0, &e) == 0,
	   "two maps and a label of the whole image");
	image_labels_finish(&image);
	label_counts_add(&labels, &image);
	unit_counts_add(&units, 0, mask, &image);
	unit_counts_scores(&units, &labels, &known, scores);
	ok(memcmp(scores, want, sizeof(want)) == 0, "intersection, area and truth by hand");
	ok(labels.images[1] == 1 && labels.images[2] == 1 && labels.images[3] == 1 &&
	           labels.images[4] == 0 && labels.images[0] == 0,
	   "images that hold each label");

	image_labels_begin(&image, 2, 3);
	ok(image_labels_add_whole(&image, 5, &e) < 0 && e.code == EXIT_MALFORMED,
	   "a number beyond the labels: %s", e.text);
	e.code = EXIT_OK;
	ok(image_labels_add_map(&image, (const uint16_t[]){0, 0, 0, 0, 0, 65535}, &e) < 0,
	   "and in a map");
	image_labels_free(&image);
	label_counts_free(&labels);
	unit_counts_free(&units);
}

enum { LABELS = 30, CATEGORIES = 4, UNITS = 5, IMAGES = 12, MAPS = 3 };

/* Everything again, pixel by pixel. */
struct naive {
	uint64_t intersection[UNITS][LABELS], area[UNITS][CATEGORIES];
	uint64_t truth[LABELS], images[LABELS];
};

static void count_naively(struct naive *n, const int *category, size_t pixels,
                          const uint16_t maps[MAPS][4096], uint16_t whole,
                          bool mask[UNITS][4096])
{
	bool holds[CATEGORIES] = {false};

	for (uint16_t c = 1; c < LABELS; c++) {
		uint64_t area = 0, common[UNITS] = {0};

		for (size_t p = 0; p < pixels; p++) {
			bool in = whole == c;

			for (int m = 0; m < MAPS; m++)
				in = in || maps[m][p] == c;
			area += in;
			for (int k = 0; k < UNITS; k++)
				common[k] += in && mask[k][p];
		}
		n->truth[c] += area;
		n->images[c] += area > 0;
		for (int k = 0; k < UNITS; k++)
			n->intersection[k][c] += common[k];
		if (area)
			holds[category[c]] = true;
	}
	for (int k = 0; k < UNITS; k++)
		for (size_t p = 0; p < pixels; p++)
			for (int i = 0; i < CATEGORIES; i++)
				n->area[k][i] += holds[i] && mask[k][p];
}

static void test_random(void)
{
	static struct naive naive;
	static uint16_t maps[MAPS][4096];
	static bool mask[UNITS][4096];
	int category[LABELS] = {-1};
	struct label_categories known = {LABELS, CATEGORIES, category};
	struct image_labels image;
	struct label_counts labels[2];
	struct unit_counts units[2];
	uint64_t scores[UNITS * LABELS * 3];
	struct error e = {0};
	bool good;

	for (int c = 1; c < LABELS; c++)
		category[c] = c % CATEGORIES;
	good = image_labels_init(&image, &known, &e) == 0;
	for (int i = 0; i < 2; i++)
		good = good && label_counts_init(&labels[i], LABELS, &e) == 0 &&
		       unit_counts_init(&units[i], UNITS, &known, &e) == 0;
	for (int x = 0; good && x < IMAGES; x++) {
		const uint32_t height = 1 + random_bits() % 64, width = 1 + random_bits() % 64;
		const size_t pixels = (size_t)height * width;
		const uint16_t whole = (uint16_t)(random_bits() % LABELS);
		uint64_t bitmap[64 + 8];

		image_labels_begin(&image, height, width);
		for (int m = 0; m < MAPS; m++) {
			uint16_t number = 0;

			for (size_t p = 0; p < pixels; p++) {
				if (random_bits() % 9 == 0)
					number = random_bits() % 2
					                 ? (uint16_t)(random_bits() % 12)
					                 : 0;
				maps[m][p] = number;
			}
			good = good && image_labels_add_map(&image, maps[m], &e) == 0;
		}
		good = good && image_labels_add_whole(&image, whole, &e) == 0;
		image_labels_finish(&image);
		label_counts_add(&labels[x % 2], &image);
		for (int k = 0; k < UNITS; k++) {
			memset(bitmap, 0, sizeof(bitmap));
			for (size_t p = 0; p < pixels; p++) {
				/* Unit 3 never fires, unit 4 on a stripe. */
				mask[k][p] = k == 4 ? p > 100 && p < 150
				                    : k != 3 && random_bits() % 3 == 0;
				if (mask[k][p])
					set_bit(bitmap, p);
			}
			unit_counts_add(&units[x % 2], (size_t)k, bitmap, &image);
		}
		count_naively(&naive, category, pixels, maps, whole, mask);
	}
	unit_counts_merge(&units[0], &units[1]);
	label_counts_merge(&labels[0], &labels[1]);
	unit_counts_scores(&units[0], &labels[0], &known, scores);
	ok(good, "%d random images in two parts", IMAGES);
	for (int k = 0; k < UNITS; k++) {
		bool same = true;

		for (int c = 1; c < LABELS; c++) {
			const uint64_t *s = scores + (k * LABELS + c) * 3;

			same = same && s[0] == naive.intersection[k][c] &&
			       s[1] == naive.area[k][category[c]] && s[2] == naive.truth[c];
		}
		ok(same, "unit %d counted pixel by pixel", k);
	}
	ok(memcmp(labels[0].images, naive.images, sizeof(naive.images)) == 0,
	   "images of labels");
	image_labels_free(&image);
	for (int i = 0; i < 2; i++) {
		label_counts_free(&labels[i]);
		unit_counts_free(&units[i]);
	}
}

int main(void)
{
	test_by_hand();
	test_random();
	return done();
}
