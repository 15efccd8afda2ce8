/* test_chance.c -- counts by ranges of items, and against the labels of other images: by hand.
 */
#include <inttypes.h>

#include "record/summary.h"
#include "stage/chance.h"
#include "stage/counters.h"
#include "tap.h"

/* A unit and a label. */
static struct ndr_meta make_meta(uint64_t items)
{
	struct ndr_meta m = {.items = items};
	const struct ndr_layer layer = {.name = "conv", .units = 1, .height = 1, .width = 2};
	struct error e = {0};

	if (ndr_meta_add_category(&m, "thing", &e) < 0 ||
	    ndr_meta_set_label(&m, 1, "cup", 0, &e) < 0 ||
	    ndr_meta_add_layer(&m, &layer, &e) < 0)
		printf("# %s\n", e.text);
	return m;
}

/* An image of 1x2 pixels, one of them a cup, and a mask of one of them. */
static bool make_item(struct ndr_item *item, uint32_t number, const char *name, int cup,
                      int mask)
{
	const uint16_t map[] = {cup == 0, cup == 1};
	const struct ndr_item_info info = {.label_height = 1, .label_width = 2, .name = name};
	const struct ndr_record label = {
	        .type = NDR_LABEL, .dtype = NDR_U16, .ndim = 3, .dims = {1, 1, 2}, .data = map};
	struct error e = {0};
	uint32_t *unit;
	uint64_t *bitmap;

	ndr_item_clear(item, number);
	item->input = "in";
	if (ndr_item_add_info(item, &info, &e) < 0 || !ndr_item_add(item, &label, &e) ||
	    ndr_seg_add(item, 0, 1, 2, 1, &unit, &bitmap, &e) < 0)
		return false;
	*unit = 0;
	*bitmap = UINT64_C(1) << mask;
	return true;
}

/* ---- ranges ---- */

/* Of five items the first two are one range, the last three another. */
static void test_counters(void)
{
	static const uint64_t want[2][3] = {{1, 2, 2}, {3, 3, 3}};
	const struct ndr_range all = {.end = 5, .most = 5}, part = {.end = 3, .most = 3};
	struct ndr_meta m = make_meta(5);
	struct ndr_item item = {0}, out = {0};
	struct counters c = {0};
	struct ndr_range r;
	struct error e = {0};
	bool good = true;

	ok(counters_open(&c, 2, &m, &m, 3, 1 << 20, &e) == 0 && counters_threads(&c) == 1,
	   "two ranges, each with one thread");
	for (uint32_t i = 0; i < 5 && good; i++)
		good = make_item(&item, i, "a", 0, i == 1) &&
		       counters_add(&c, 0, &item, &item, &e) == 0;
	ok(good, "five items: %s", e.text);
	good = make_item(&item, 5, "a", 0, 0);
	ok(good && counters_add(&c, 0, &item, &item, &e) < 0, "a sixth is refused");
	is_str(e.text, "item 5 of 5", "by number");
	e = (struct error){0};
	counters_finish(&c);
	for (size_t i = 0; i < 2; i++) {
		ndr_item_clear(&out, NDR_NO_ITEM);
		good = counter_scores(&c.counter[i], 0, &out, &e) == 0;
		ok(good && memcmp((const uint64_t *)out.record[0].data + NDR_SCORE_FIELDS,
		                  want[i], sizeof want[i]) == 0,
		   "range %zu by hand", i);
	}
	ok(counters_range(5, 2, 0, &all, &r, &e) == 1 && r.first == 0 && r.end == 2 &&
	           r.most == 2,
	   "the first range");
	ok(counters_range(5, 2, 1, &all, &r, &e) == 1 && r.first == 2 && r.end == 5 &&
	           r.most == 3,
	   "the second");
	ok(counters_range(5, 2, 0, &part, &r, &e) == 1, "the first of a part that holds it");
	ok(counters_range(5, 2, 1, &part, &r, &e) < 0 && e.code == EXIT_MALFORMED,
	   "the second, cut: %s", e.text);
	e = (struct error){0};
	ok(counters_range(5, 2, 1, &(struct ndr_range){.end = 2, .most = 2}, &r, &e) == 0,
	   "and where none of it is here");
	counters_close(&c);
	ndr_item_free(&item);
	ndr_item_free(&out);
	ndr_meta_free(&m);
}

/* ---- permutations ---- */

/* Two images of one source, of which each has its mask on its cup, and the cups are in other
 * places: as they are they meet twice, exchanged never.  A third, of another source, has none
 * to change places with. */
static void test_chance(void)
{
	static const char *const name[] = {"a/1", "a/2", "b/3"};
	static const uint64_t want[] = {2, 2, 2}, want_first[] = {1, 1, 1};
	const struct ndr_range first = {.end = 1, .most = 1};
	const struct chance_choice choice = {.memory = 1 << 20};
	const struct ndr_segment all = {.range = {.end = 3, .most = 3}};
	struct ndr_meta m = make_meta(3);
	struct ndr_item item = {0}, out = {0};
	struct chance c = {0};
	struct seeds seeds = {0};
	struct error e = {0};
	bool good = chance_open(&c, &choice, &m, 2, &e) == 0 &&
	            seeds_parse(&seeds, "1-20", &e) == 0;
	size_t met = 0, apart = 0;

	for (uint32_t i = 0; i < 3 && good; i++)
		good = make_item(&item, i, name[i], i == 1, i == 1) &&
		       chance_add(&c, i % 2, &item, &e) == 0;
	ok(good && chance_finish(&c, &all, &e) == 0, "three images: %s", e.text);
	is_int((long long)c.alone, 1, "one is left out");
	is_int((long long)chance_lots(&c, &seeds), 22, "lots: a SCORE, COUNT, 20 CHANCE");
	ndr_item_clear(&out, NDR_NO_ITEM);
	good = chance_make(&c, &seeds, &all.range, 0, &out, &e) == 0;
	ok(good && memcmp((const uint64_t *)out.record[0].data + NDR_SCORE_FIELDS, want,
	                  sizeof want) == 0,
	   "SCORE by hand, without the third");
	ndr_item_clear(&out, NDR_NO_ITEM);
	good = chance_make(&c, &seeds, &first, 0, &out, &e) == 0;
	ok(good && memcmp((const uint64_t *)out.record[0].data + NDR_SCORE_FIELDS, want_first,
	                  sizeof want_first) == 0,
	   "and of the first alone");
	ndr_item_clear(&out, NDR_NO_ITEM);
	good = chance_make(&c, &seeds, &all.range, 1, &out, &e) == 0;
	ok(good && ((const uint64_t *)out.record[0].data)[1] == 2, "COUNT likewise");
	for (size_t i = 0; i < 20; i++) {
		struct ndr_chance view;

		ndr_item_clear(&out, NDR_NO_ITEM);
		if (chance_make(&c, &seeds, &all.range, 2 + i, &out, &e) < 0)
			break;
		view = ndr_chance_view(&out.record[0]);
		met += view.seed == i + 1 && view.pixels[1] == 2;
		apart += view.seed == i + 1 && view.pixels[1] == 0;
	}
	ok(met + apart == 20 && met > 0 && apart > 0,
	   "20 permutations leave them, %zu, or exchange them, %zu", met, apart);
	seeds_free(&seeds);
	chance_close(&c);

	ok(chance_open(&c, &choice, &m, 1, &e) == 0 &&
	           chance_finish(&c, &(struct ndr_segment){.flags = NDR_SUBSET}, &e) < 0,
	   "a subset is refused: %s", e.text);
	chance_close(&c);
	ok(chance_open(&c, &(struct chance_choice){.memory = 1, .block = "("}, &m, 1,
	               &(struct error){0}) < 0,
	   "as is what is no expression");
	chance_close(&c);
	ndr_item_free(&item);
	ndr_item_free(&out);
	ndr_meta_free(&m);
}

int main(void)
{
	test_counters();
	test_chance();
	return done();
}
