/* test_joint.c -- classes of pixels, against loops over pixels and by hand. */
#include <stdlib.h>

#include "base/random.h"
#include "dissect/segment.h"
#include "stage/joint.h"
#include "tap.h"

static struct xoshiro state;

static uint32_t random_below(uint32_t n)
{
	return (uint32_t)xoshiro_below(&state, n);
}

/* ---- partitions ---- */

enum { MOST_LABELS = 200, MOST_PIXELS = 40 * 50 };

/* An image of random labels, in runs, and which each pixel has. */
struct picture {
	uint32_t height, width, labels;
	struct image_labels image;
	struct sparse_labels sparse;
	bool has[MOST_LABELS + 1][MOST_PIXELS];
};

static bool draw(struct picture *p)
{
	uint16_t map[MOST_PIXELS];
	struct error e = {0};
	bool good;

	memset(p->has, 0, sizeof p->has);
	image_labels_begin(&p->image, p->height, p->width);
	good = true;
	for (int m = 0; m < 4 && good; m++) {
		uint16_t number = 0;

		for (uint32_t i = 0; i < p->height * p->width; i++) {
			if (random_below(9) == 0)
				number = (uint16_t)random_below(p->labels + 1);
			map[i] = number;
			p->has[number][i] = true;
		}
		good = image_labels_add_map(&p->image, map, &e) == 0;
	}
	for (int m = 0; m < 2 && good; m++) {
		const uint16_t number = (uint16_t)random_below(p->labels + 1);

		memset(p->has[number], true, sizeof p->has[number]);
		good = image_labels_add_whole(&p->image, number, &e) == 0;
	}
	image_labels_finish(&p->image);
	return good && sparse_labels_copy(&p->sparse, &p->image, &e) == 0;
}

/* Whether the class is of the pixel. */
static bool is_of(const struct picture *p, const uint16_t *list, size_t n, uint32_t pixel)
{
	size_t k = 0;

	for (uint16_t c = 1; c <= p->labels; c++) {
		const bool listed = k < n && list[k] == c;

		if (p->has[c][pixel] != listed)
			return false;
		k += listed;
	}
	return k == n;
}

/* Each class's pixels, in all and in a mask, whole and without its empty words. */
static bool agrees(const struct picture *p, struct partition *of)
{
	uint64_t mask[MOST_PIXELS / 64 + 8] = {0}, word[MOST_PIXELS / 64 + 8];
	uint32_t place[MOST_PIXELS / 64 + 8];
	const uint32_t pixels = p->height * p->width;
	const size_t words = segment_words(p->height, p->width);
	size_t filled = 0, total = 0, met = 0;
	uint16_t list[MOST_LABELS];

	for (uint32_t i = 0; i < pixels; i++)
		if (random_below(3) == 0 && i / 64 % 3 != 1)
			mask[i / 64] |= UINT64_C(1) << i % 64;
	for (size_t w = 0; w < words; w++)
		if (mask[w]) {
			word[filled] = mask[w];
			place[filled++] = (uint32_t)w;
		}
	for (size_t c = 0; c < of->classes; c++) {
		const size_t n = partition_set(of, c, list);
		uint64_t all = 0, in_mask = 0;
		size_t hits;

		for (uint32_t i = 0; i < pixels; i++)
			if (is_of(p, list, n, i)) {
				all++;
				in_mask += mask[i / 64] >> i % 64 & 1;
			}
		if (all == 0 || all != of->pixels[c])
			return false;
		total += all;
		met += in_mask > 0;
		for (int dense = 0; dense < 2; dense++) {
			uint64_t got = 0;

			hits = dense ? partition_count(of, mask, NULL, words)
			             : partition_count(of, word, place, filled);
			for (size_t i = 0; i < hits; i++)
				got += of->hit[i].class == c ? of->hit[i].pixels : 0;
			if (got != in_mask)
				return false;
		}
	}
	return total == pixels && met == partition_count(of, mask, NULL, words);
}

static void test_partition(void)
{
	static const uint32_t size[][3] = {{1, 1, 3},   {8, 8, 5},   {40, 50, 30}, {3, 43, 200},
	                                   {40, 50, 2}, {9, 7, 100}, {1, 64, 64},  {5, 13, 63}};
	static struct picture p;
	static int category[MOST_LABELS + 1];
	const struct label_categories known = {MOST_LABELS + 1, 1, category};
	struct partition of = {0};
	struct error e = {0};

	state = xoshiro_seed(4);
	category[0] = -1;
	ok(image_labels_init(&p.image, &known, &e) == 0, "labels");
	for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
		bool good;

		p.height = size[i][0];
		p.width = size[i][1];
		p.labels = size[i][2];
		good = draw(&p) && partition_find(&of, p.height, p.width, &p.sparse, &e) == 0 &&
		       agrees(&p, &of);
		ok(good, "%ux%u pixels of %u labels: %zu classes", p.height, p.width, p.labels,
		   of.classes);
		sparse_labels_free(&p.sparse);
	}
	image_labels_free(&p.image);
	partition_free(&of);
}

/* Labels of the whole image alone, however large. */
static void test_whole(void)
{
	struct sparse_label label[] = {{7, 0}, {3, 0}};
	const struct sparse_labels l = {.count = 2, .label = label};
	const uint64_t mask[8] = {5, 0, 1};
	struct partition p = {0};
	struct error e = {0};
	uint16_t list[2];

	ok(partition_find(&p, UINT32_MAX, UINT32_MAX, &l, &e) == 0 && p.classes == 1 &&
	           p.pixels[0] == (uint64_t)UINT32_MAX * UINT32_MAX,
	   "an image of one class takes no memory");
	ok(partition_set(&p, 0, list) == 2 && list[0] == 3 && list[1] == 7, "of both labels");
	ok(partition_count(&p, mask, NULL, 8) == 1 && p.hit[0].pixels == 3, "its mask");
	ok(partition_count(&p, mask + 4, NULL, 4) == 0, "an empty one");
	partition_free(&p);
}

/* A set for each pixel, of more labels than a word has bits. */
static void test_many(void)
{
	enum { LABELS = 65535, SIDE = 128 };
	static struct sparse_label label[LABELS];
	struct sparse_labels l = {.count = LABELS, .bitmaps = 14, .label = label};
	struct partition p = {0};
	struct error e = {0};
	const size_t words = segment_words(SIDE, SIDE);

	for (uint32_t i = 0; i < LABELS; i++)
		label[i].number = (uint16_t)(i + 1);
	l.word = calloc(words * l.bitmaps, sizeof *l.word);
	for (uint32_t i = 0; l.word && i < SIDE * SIDE; i++)
		for (size_t b = 0; b < l.bitmaps; b++)
			l.word[i / 64 * l.bitmaps + b] |= (uint64_t)(i >> b & 1) << i % 64;
	ok(l.word && partition_find(&p, SIDE, SIDE, &l, &e) == 0 && p.classes == SIDE * SIDE,
	   "2^14 sets of 65535 labels");
	free(l.word);
	partition_free(&p);
}

/* ---- classes ---- */

/* A class for each number below: of its digits to the base 200, as labels of their place. */
static bool add_numbered(struct class_sets *s, uint32_t n, uint64_t pixels, uint32_t *number,
                         struct error *e)
{
	const uint16_t list[] = {(uint16_t)(n % 3), (uint16_t)(n % 200 + 10),
	                         (uint16_t)(n / 200 % 200 + 300), (uint16_t)(n / 40000 + 600)};
	const struct ndr_class c = {
	        .pixels = pixels, .images = 1, .categories = 1, .labels = 3};

	return class_sets_add(s, &c, list, number, e) == 0;
}

static void test_sets(uint32_t count)
{
	struct memory_share m = {.limit = 400 * (uint64_t)count + (1 << 20)};
	struct class_sets *s = calloc(1, sizeof *s);
	struct ndr_item out = {0};
	struct error e = {0};
	bool good = class_sets_open(s, &m, &e) == 0, ordered = true;
	uint32_t number, again;

	for (uint32_t i = 0; i < count && good; i++)
		good = add_numbered(s, i * 7 % count, i * 7 % count + 1, &number, &e);
	good = good && add_numbered(s, 5, 100, &number, &e) &&
	       add_numbered(s, 5, 100, &again, &e) && number == again;
	ok(good, "%u classes: %s", count, e.text);
	ndr_item_clear(&out, NDR_NO_ITEM);
	ok(good && class_sets_finish(s, &e) == 0 && class_sets_write(s, &out, &e) == 0 &&
	           ndr_classes_view(&out.record[0]).count == count,
	   "in order: %s", e.text);
	for (uint32_t i = 1; i < s->count; i++)
		ordered = ordered &&
		          ndr_class_compare(s->order[i - 1].class, s->order[i - 1].list,
		                            s->order[i].class, s->order[i].list) < 0;
	ok(ordered, "ascending");
	for (uint32_t i = 0; i < s->count; i++) {
		const uint16_t *list = s->order[i].list;
		const uint32_t n =
		        list[1] - 10u + 200 * (list[2] - 300u) + 40000 * (list[3] - 600u);

		ordered = ordered && s->order[i].class->pixels == n + 1 + 200 * (n == 5) &&
		          s->order[i].class->images == 1 + 2 * (n == 5);
	}
	ok(ordered, "each with its pixels");
	ndr_item_free(&out);
	class_sets_close(s);
	free(s);
}

static void test_limits(void)
{
	struct memory_share m = {.limit = 1 << 20};
	struct class_sets *s = calloc(1, sizeof *s);
	struct error e = {0};
	uint32_t number, n = 0;
	bool good = class_sets_open(s, &m, &e) == 0;

	while (good && n < 100000 && add_numbered(s, n, 1, &number, &e))
		n++;
	ok(n > 4000 && n < 20000 && e.code == EXIT_SYSTEM, "%u classes in a MiB", n);
	is_str(e.text, "joint counts take more than 1 MiB: try a larger --memory", "says so");
	e = (struct error){0};
	ok(add_numbered(s, 1, UINT64_MAX, &number, &e) == 0 && e.code == EXIT_MALFORMED,
	   "overflow: %s", e.text);
	class_sets_close(s);
	free(s);
}

/* ---- items ---- */

static struct ndr_meta make_meta(void)
{
	struct ndr_meta m = {.items = 3};
	const struct ndr_layer layer = {.name = "conv", .units = 3, .height = 1, .width = 2};
	struct error e = {0};

	if (ndr_meta_add_category(&m, "thing", &e) < 0 ||
	    ndr_meta_add_category(&m, "scene", &e) < 0 ||
	    ndr_meta_set_label(&m, 1, "cup", 0, &e) < 0 ||
	    ndr_meta_set_label(&m, 2, "lid", 0, &e) < 0 ||
	    ndr_meta_set_label(&m, 3, "bar", 1, &e) < 0 ||
	    ndr_meta_add_layer(&m, &layer, &e) < 0)
		printf("# %s\n", e.text);
	return m;
}

/* 1x4 pixels: map, a label of the whole, a mask for units 0 and 2. */
static bool make_item(struct ndr_item *item, uint32_t number, const uint16_t map[4],
                      uint16_t whole, unsigned first, unsigned third)
{
	const struct ndr_item_info info = {
	        .label_height = map ? 1 : 0, .label_width = map ? 4 : 0, .name = "a"};
	const struct ndr_record maps = {
	        .type = NDR_LABEL, .dtype = NDR_U16, .ndim = 3, .dims = {1, 1, 4}, .data = map};
	const struct ndr_record wholes = {.type = NDR_LABEL,
	                                  .group = 1,
	                                  .dtype = NDR_U16,
	                                  .ndim = 3,
	                                  .dims = {1, 1, 1},
	                                  .data = &whole};
	struct error e = {0};
	uint32_t *unit;
	uint64_t *bitmap;

	ndr_item_clear(item, number);
	item->input = "in";
	if (ndr_item_add_info(item, &info, &e) < 0 || (map && !ndr_item_add(item, &maps, &e)) ||
	    (whole && !ndr_item_add(item, &wholes, &e)) ||
	    ndr_seg_add(item, 0, 1, 4, 2, &unit, &bitmap, &e) < 0)
		return false;
	unit[1] = 2;
	bitmap[0] = first;
	bitmap[8] = third;
	return true;
}

/* Classes: {} {}: 4 pixels of the third image.  {0} {}: 1 of the second.  {0} {1}: 2.  {0} {2}:
 * 1.  {0 1} {1 3}: 3 of the first.  {0 1} {2 3}: 1. */
static void test_items(void)
{
	static const uint16_t map[2][4] = {{1, 1, 2, 1}, {0, 1, 1, 2}};
	static const struct ndr_class want[] = {{4, 1, 0, 0, 0}, {1, 1, 1, 0, 0},
	                                        {2, 1, 1, 1, 0}, {1, 1, 1, 1, 0},
	                                        {3, 1, 2, 2, 0}, {1, 1, 2, 2, 0}};
	static const uint16_t want_list[] = {0, 0, 1, 0, 2, 0, 1, 1, 3, 0, 1, 2, 3};
	/* 0110 of the first image, 1100 of the second, 1111 of the third. */
	static const struct ndr_joint_class joint0[] = {
	        {0, 0, 4}, {1, 0, 1}, {2, 0, 1}, {4, 0, 1}, {5, 0, 1}};
	struct memory_share memory = {.limit = 1 << 20};
	struct ndr_meta m = make_meta();
	struct ndr_item item = {0}, out = {0};
	struct joint *j = calloc(1, sizeof *j);
	struct error e = {0};
	struct ndr_classes c;
	bool good = joint_open(j, &m, &m, 2, &memory, &e) == 0 &&
	            make_item(&item, 0, map[0], 3, 6, 0) &&
	            joint_add(j, 1, &item, &item, &e) == 0 &&
	            make_item(&item, 1, map[1], 0, 3, 0) &&
	            joint_add(j, 0, &item, &item, &e) == 0 &&
	            make_item(&item, 2, NULL, 0, 15, 1) &&
	            joint_add(j, 1, &item, NULL, &e) == 0;

	ok(good && joint_finish(j, &e) == 0, "three images: %s", e.text);
	ndr_item_clear(&out, NDR_NO_ITEM);
	ok(class_sets_write(&j->sets, &out, &e) == 0, "classes: %s", e.text);
	c = ndr_classes_view(&out.record[0]);
	ok(c.count == 6 && c.listed == 13 && memcmp(c.class, want, sizeof want) == 0 &&
	           memcmp(c.list, want_list, sizeof want_list) == 0,
	   "by hand");
	ok(j->layer[0].row[0].count == 5 && j->layer[0].row[1].count == 0 &&
	           j->layer[0].row[2].count == 1,
	   "units meet them");
	for (size_t i = 0; i < 5; i++) {
		uint64_t pixels = 0;

		for (size_t k = 0; k < j->layer[0].row[0].slots; k++) {
			const struct ndr_joint_class *s = &j->layer[0].row[0].slot[k];

			if (s->pixels && j->sets.place[s->class] == joint0[i].class)
				pixels = s->pixels;
		}
		is_int((long long)pixels, (long long)joint0[i].pixels, "a count");
	}
	joint_close(j);
	memset(j, 0, sizeof *j);
	memory.used = 0;
	ok(joint_open(j, &m, &m, 1, &memory, &e) == 0 && make_item(&item, 0, map[0], 3, 6, 0),
	   "again");
	m.layer[0].units = 40000;
	ok(joint_add(j, 0, &item, NULL, &e) == 0, "masks without labels");
	joint_close(j);
	memory.used = 0;
	ok(joint_open(j, &m, &m, 1, &memory, &e) < 0 && e.code == EXIT_SYSTEM,
	   "too many units: %s", e.text);
	joint_close(j);
	free(j);
	ndr_item_free(&item);
	ndr_item_free(&out);
	ndr_meta_free(&m);
}

int main(void)
{
	test_partition();
	test_whole();
	test_many();
	test_sets((uint32_t)tap_exhaustive(20000, 1000000));
	test_limits();
	test_items();
	return done();
}
