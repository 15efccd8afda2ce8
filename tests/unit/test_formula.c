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
		n += (size_t)snprintf(to + n, size - n, "%.*s%u", i > 0, "|&-" + f->op[i],
		                      f->label[i]);
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

int main(void)
{
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
