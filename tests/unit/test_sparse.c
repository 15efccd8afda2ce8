/* test_sparse.c -- masks and labels of two images against each other, by hand. */
#include "dissect/sparse.h"
#include "tap.h"

/* Image of 10 x 20 pixels, 4 words and padding.  Labels 1: pixels 0 to 63 and 130; 2: 64 to
 * 191; 3 to 5: one pixel each, 0, 70, 199; 6: all. */
static void set_label(uint16_t *map, size_t begin, size_t end, uint16_t number)
{
	for (size_t i = begin; i < end; i++)
		map[i] = number;
}

static int read_labels(struct image_labels *image, struct error *e)
{
	uint16_t first[200] = {0}, second[200] = {0};

	image_labels_begin(image, 10, 20);
	set_label(first, 0, 64, 1);
	set_label(first, 64, 192, 2);
	set_label(first, 130, 131, 1);
	set_label(second, 130, 131, 2);
	set_label(second, 0, 1, 3);
	set_label(second, 70, 71, 4);
	set_label(second, 199, 200, 5);
	if (image_labels_add_whole(image, 6, e) < 0 ||
	    image_labels_add_map(image, first, e) < 0 ||
	    image_labels_add_map(image, second, e) < 0)
		return -1;
	image_labels_finish(image);
	return 0;
}

int main(void)
{
	static const int category[] = {-1, 0, 0, 0, 0, 0, 0};
	static const struct label_categories known = {7, 1, category};
	/* Unit 0: pixels 0 and 130; unit 1 none; unit 2: 64 to 127, and 199. */
	static const uint64_t mask[3][8] = {
	        {1, 0, 1 << 2, 0}, {0}, {0, UINT64_MAX, 0, UINT64_C(1) << 7}};
	static const uint64_t want[3][7] = {
	        {0, 2, 1, 1, 0, 0, 2}, {0}, {0, 0, 64, 0, 1, 1, 65}};
	uint64_t pixels[3][7] = {0};
	struct sparse_masks masks = {0};
	struct sparse_labels labels = {0};
	struct image_labels image;
	struct error e = {0};

	ok(image_labels_init(&image, &known, &e) == 0 && read_labels(&image, &e) == 0,
	   "labels are read");
	ok(sparse_labels_copy(&labels, &image, &e) == 0 && labels.count == 6 &&
	           labels.bitmaps == 5 && labels.label[5].number == 6 &&
	           labels.label[5].area == 200 && labels.label[0].area == 65,
	   "and kept, those of the whole image last");
	for (uint32_t unit = 0; unit < 3; unit++)
		ok(sparse_masks_add(&masks, unit, mask[unit], 8, &e) == 0, "mask %u", unit);
	ok(masks.count == 2 && masks.words == 4 && masks.mask[1].unit == 2 &&
	           masks.mask[1].area == 65 && masks.place[3] == 3,
	   "masks are kept in the words that have bits");
	is_int((long long)sparse_masks_fit(&masks),
	       2 * sizeof(struct sparse_mask) + 4 * sizeof(uint64_t) + 4 * sizeof(uint32_t),
	       "in no more bytes than that");
	sparse_intersect(&masks, &labels, 7, pixels[0]);
	ok(memcmp(pixels, want, sizeof want) == 0, "pixels that they share");
	sparse_intersect(&masks, &labels, 7, pixels[0]);
	ok(pixels[2][6] == 130, "which add up");
	sparse_masks_free(&masks);
	sparse_labels_free(&labels);
	image_labels_free(&image);
	return done();
}
