/* test_formula.c -- the search against all formulas there are, one by one, on small random
 * tables; classes and order of formulas by hand. */
#include "formula/search.h"

#include "base/random.h"
#include "tap.h"

enum { LABELS = 7, CLASSES = 24, LENGTH = 5 };

/* A table whose labels are 3, 5, 7, ..., and a unit. */
struct random_table {
	size_t labels, classes;
	uint16_t label[CLASSES][LABELS];
	struct formula_class class[CLASSES];
	int64_t both[CLASSES], area;
	uint64_t has[LABELS]; /* classes that have a label, a bit each */
};

/* Few pixels, so that many formulas match a unit equally well. */
static void make_random(struct random_table *r, struct xoshiro *x, uint64_t pixels)
{
	memset(r, 0, sizeof *r);
	r->labels = 2 + xoshiro_below(x, LABELS - 1);
	r->classes = 1 + xoshiro_below(x, CLASSES);
	r->area = (int64_t)xoshiro_below(x, 3);
	for (size_t c = 0; c < r->classes; c++) {
		const uint64_t share = 2 + xoshiro_below(x, 3);
		size_t n = 0;

		for (size_t l = 0; l < r->labels; l++)
			if (xoshiro_below(x, share) == 0) {
				r->label[c][n++] = (uint16_t)(3 + 2 * l);
				r->has[l] |= UINT64_C(1) << c;
			}
		r->class[c] =
		        (struct formula_class){.pixels = 1 + (int64_t)xoshiro_below(x, pixels),
		                               .labels = n,
		                               .label = r->label[c]};
		if (xoshiro_below(x, 2))
			r->both[c] =
			        (int64_t)xoshiro_below(x, (uint64_t)r->class[c].pixels + 1);
		r->area += r->both[c];
	}
}

/* ---- all formulas ---- */

struct best {
	struct formula formula;
	struct formula_counts counts;
};

static void judge(const struct random_table *r, const struct formula *f, uint64_t classes,
                  struct best *best)
{
	struct formula_counts c = {0};
	__int128 more;

	for (size_t i = 0; i < r->classes; i++)
		if (classes >> i & 1) {
			c.both += r->both[i];
			c.truth += r->class[i].pixels;
		}
	more = (__int128)c.both * (r->area + best->counts.truth - best->counts.both) -
	       (__int128)best->counts.both * (r->area + c.truth - c.both);
	if (more > 0 || (more == 0 && c.both && formula_compare(f, &best->formula) < 0))
		*best = (struct best){*f, c};
}

/* All that begin with f, which has the classes: best of at most as many labels (LENGTH). */
static void try_all(const struct random_table *r, struct formula *f, uint64_t classes,
                    uint32_t length, struct best *best)
{
	for (uint32_t i = f->length; f->length > 0 && i <= length; i++)
		judge(r, f, classes, &best[i - 1]);
	if (f->length == length)
		return;
	for (size_t l = 0; l < r->labels; l++)
		for (int op = 0; op < (f->length ? 3 : 1); op++) {
			const uint64_t has = r->has[l];

			f->label[f->length] = (uint16_t)(3 + 2 * l);
			f->op[f->length++] = (uint8_t)op;
			try_all(r, f,
			        op == FORMULA_OR    ? classes | has
			        : op == FORMULA_AND ? classes & has
			                            : classes & ~has,
			        length, best);
			f->length--;
		}
}

static struct formula_search *make_search(const struct random_table *r, struct formula_table *t,
                                          const struct formula_choice *choice, int64_t *both)
{
	bool named[3 + 2 * LABELS] = {0};
	uint32_t place[CLASSES];
	struct error e = {0};

	for (size_t l = 0; l < r->labels; l++)
		named[3 + 2 * l] = true;
	if (formula_table_make(t, r->class, r->classes, named, sizeof named, place, &e) < 0)
		return NULL;
	memset(both, 0, CLASSES * sizeof *both);
	for (size_t i = 0; i < r->classes; i++)
		if (place[i] != FORMULA_NO_CLASS)
			both[place[i]] += r->both[i];
	return formula_search_new(t, choice, &e);
}

static const char *say(const struct formula *f, char *to, size_t size)
{
	size_t n = 0;

	to[0] = '\0';
	for (uint32_t i = 0; i < f->length; i++)
		n += (size_t)snprintf(to + n, size - n, "%.*s%u", i > 0, &"|&-"[f->op[i]],
		                      f -> label[i]);
	return to;
}

/* Whether the search finds the same formulas as all, of every length. */
static bool is_best(const struct random_table *r, uint32_t length, int number)
{
	const struct formula_choice choice = {.length = length, .beam = 2, .optimal = true};
	struct formula_table t = {0};
	struct formula_found found[LENGTH];
	struct best best[LENGTH] = {0};
	struct formula f = {0};
	int64_t both[CLASSES];
	struct formula_search *s = make_search(r, &t, &choice, both);
	bool same = s != NULL;

	if (s)
		formula_search_unit(s, both, r->area, found);
	try_all(r, &f, 0, length, best);
	for (uint32_t i = 0; s && i < length; i++) {
		char got[128], want[128];

		if (formula_compare(&found[i].formula, &best[i].formula) == 0 &&
		    found[i].counts.both == best[i].counts.both &&
		    found[i].counts.truth == best[i].counts.truth && found[i].proven &&
		    found[i].bound == formula_iou(r->area, best[i].counts))
			continue;
		printf("# table %d, length %u: %s, not %s\n", number, i + 1,
		       say(&found[i].formula, got, sizeof got),
		       say(&best[i].formula, want, sizeof want));
		same = false;
	}
	formula_search_free(s);
	formula_table_free(&t);
	return same;
}

static void test_all(uint32_t length, int tables, uint64_t pixels)
{
	struct xoshiro x = xoshiro_seed(length * 100 + pixels);
	struct random_table r;
	int same = 0;

	for (int i = 0; i < tables; i++) {
		make_random(&r, &x, pixels);
		same += is_best(&r, length, i);
	}
	is_int(same, tables, "best of all formulas of %u labels, up to %d pixels a class",
	       length, (int)pixels);
}

/* Where the budget ends first, no formula is above the bound, and what is proven is best. */
static void test_budget(uint32_t length, int tables)
{
	struct xoshiro x = xoshiro_seed(length);
	int right = 0, unproven = 0;

	for (int i = 0; i < tables; i++) {
		const struct formula_choice choice = {
		        .length = length,
		        .beam = 1,
		        .optimal = true,
		        .budget = 1 + xoshiro_below(&x, i % 2 ? 400 : 40)};
		struct random_table r;
		struct formula_table t = {0};
		struct formula_found found[LENGTH];
		struct best best[LENGTH] = {0};
		struct formula f = {0};
		int64_t both[CLASSES];
		struct formula_search *s;

		make_random(&r, &x, 50);
		s = make_search(&r, &t, &choice, both);
		if (!s)
			continue;
		formula_search_unit(s, both, r.area, found);
		try_all(&r, &f, 0, length, best);
		for (uint32_t k = 0; k < length; k++) {
			const double got = formula_iou(r.area, found[k].counts),
			             most = formula_iou(r.area, best[k].counts);

			right += got <= most && most <= found[k].bound * (1 + 1e-12) &&
			         (!found[k].proven ||
			          (got == most && (k == 0 || found[k - 1].proven)));
			unproven += !found[k].proven;
		}
		formula_search_free(s);
		formula_table_free(&t);
	}
	is_int(right, tables * (int)length, "no formula of %u labels is above the bound",
	       length);
	ok(unproven > tables / 10, "and the budget was too small %d times", unproven);
}

/* A beam that drops nothing finds the greatest IoU, a narrow one no greater. */
static void test_beam(int tables)
{
	struct xoshiro x = xoshiro_seed(5);
	int same = 0, less = 0;

	for (int i = 0; i < tables; i++) {
		struct random_table r;
		struct formula_found wide[LENGTH], narrow[LENGTH];
		struct best best[LENGTH] = {0};
		struct formula f = {0};

		make_random(&r, &x, 1000);
		for (int k = 0; k < 2; k++) {
			const struct formula_choice choice = {.length = 3,
			                                      .beam = k ? 1 : 10000};
			struct formula_table t = {0};
			int64_t both[CLASSES];
			struct formula_search *s = make_search(&r, &t, &choice, both);

			if (s)
				formula_search_unit(s, both, r.area, k ? narrow : wide);
			formula_search_free(s);
			formula_table_free(&t);
		}
		try_all(&r, &f, 0, 3, best);
		same += formula_compare_iou(r.area, wide[2].counts, best[2].counts) == 0;
		less += formula_compare_iou(r.area, narrow[2].counts, best[2].counts) < 0;
	}
	is_int(same, tables, "a beam of all formulas finds the best");
	ok(less > 0 && less < tables, "a beam of one misses %d of %d", less, tables);
}

/* The order of formulas, each before the next. */
static void test_order(void)
{
	static const struct formula order[] = {
	        {1, {9}, {FORMULA_AND}},
	        {2, {3, 9}, {0, FORMULA_AND_NOT}},
	        {2, {4, 5}, {0, FORMULA_OR}},
	        {2, {4, 5}, {0, FORMULA_AND}},
	        {2, {4, 5}, {FORMULA_AND, FORMULA_AND_NOT}},
	        {2, {4, 6}, {0, FORMULA_OR}},
	        {3, {1, 2, 3}, {0, FORMULA_OR, FORMULA_OR}},
	        {3, {1, 2, 2}, {0, FORMULA_AND, FORMULA_OR}},
	};
	enum { ORDERED = sizeof order / sizeof *order };
	int right = 0;

	for (int i = 0; i < ORDERED; i++)
		for (int k = 0; k < ORDERED; k++) {
			const int c = formula_compare(&order[i], &order[k]);

			right += ((c > 0) - (c < 0)) == ((i > k) - (i < k));
		}
	is_int(right, ORDERED * ORDERED, "formulas are in order");
}

/* Formulas against sets of labels one by one, and in a table. */
static void test_holds(void)
{
	const struct formula f = {
	        4, {9, 5, 7, 9}, {0, FORMULA_AND_NOT, FORMULA_OR, FORMULA_AND}};
	const uint16_t sets[][3] = {{9}, {5, 9}, {5, 7, 9}, {7}, {5}};
	const size_t sizes[] = {1, 2, 3, 1, 1};
	const bool holds[] = {true, false, true, false, false};
	struct formula_class class[5];
	struct formula_table t = {0};
	struct error e = {0};
	bool named[10] = {false};
	uint32_t place[5];
	int64_t both[5] = {0};
	struct formula_counts c;
	struct text text = {0};
	char *said;

	for (int i = 0; i < 5; i++) {
		is_int(formula_holds(&f, sets[i], sizes[i]), holds[i], "set %d", i);
		class[i] = (struct formula_class){1 << i, sizes[i], sets[i]};
	}
	ok(!formula_holds(&f, NULL, 0), "no labels");
	named[5] = named[7] = named[9] = true;
	is_int(formula_table_make(&t, class, 5, named, 10, place, &e), 0, "a table");
	for (int i = 0; i < 5; i++)
		both[place[i]] = 1;
	c = formula_table_count(&t, both, &f);
	is_int(c.truth, 1 + 4, "pixels");
	is_int(c.both, 2, "and those of a unit");
	formula_print_numbers(&f, &text);
	said = text_take(&text, "formula", &e);
	is_str(said, "9 AND NOT 5 OR 7 AND 9", "as text");
	free(said);
	formula_table_free(&t);
}

/* Classes of labels that are not named become one, or none. */
static void test_table(void)
{
	const uint16_t sets[][2] = {{1, 2}, {2}, {1}, {1, 3}};
	const struct formula_class class[] = {
	        {1, 2, sets[0]}, {2, 1, sets[1]}, {4, 1, sets[2]}, {8, 2, sets[3]}};
	const bool named[] = {false, false, true, true};
	struct formula_table t = {0};
	struct error e = {0};
	uint16_t *many = calloc(5794, sizeof *many);
	bool *all = calloc(5795, sizeof *all);
	uint32_t place[4];

	is_int(formula_table_make(&t, class, 4, named, 4, place, &e), 0,
	       "a table of two labels");
	is_int((long long)t.classes, 2, "two classes");
	is_int(place[2], FORMULA_NO_CLASS, "without a label that is named there is none");
	ok(place[0] == place[1] && t.pixels[place[0]] == 3, "others come together");
	is_int((long long)t.pairs, 0, "and there are no pairs");
	formula_table_free(&t);
	for (uint16_t i = 0; many && all && i < 5794; i++) {
		many[i] = (uint16_t)(i + 1);
		all[i + 1] = true;
	}
	is_int(formula_table_make(&t, &(struct formula_class){1, 5794, many}, 1, all, 5795,
	                          place, &e),
	       -1, "5794 labels on a pixel");
	is_str(e.text,
	       "pixels have too many labels: more than 2^24 pairs of them in all classes",
	       "are too many");
	formula_table_free(&t);
	free(many);
	free(all);
}

int main(void)
{
	test_holds();
	test_table();
	test_order();
	test_budget(4, 100);
	test_budget(2, 400);
	test_beam(100);
	test_all(1, 200, 3);
	test_all(2, 500, 3);
	test_all(3, tap_exhaustive(500, 20000), 2);
	test_all(3, tap_exhaustive(300, 20000), 1000);
	test_all(4, tap_exhaustive(100, 3000), 2);
	test_all(4, tap_exhaustive(100, 3000), 100);
	test_all(5, tap_exhaustive(10, 500), 3);
	test_all(5, tap_exhaustive(10, 500), 1000);
	return done();
}
