/* table.c -- see table.h. */
#include "formula/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Labels of all classes, and pairs of these; and pairs that differ, of which each thread of a
 * search has 72 bytes. */
static const size_t MOST_LISTED = (size_t)1 << 28, MOST_IN_CLASSES = (size_t)1 << 24,
                    MOST_PAIRS = (size_t)1 << 21;

/* The labels of a class that can be named: length numbers from list on, and where it came
 * from. */
struct given {
	const uint16_t *list;
	size_t length;
	uint32_t at;
};

static int compare_given(const void *pa, const void *pb)
{
	const struct given *a = pa, *b = pb;
	const size_t n = a->length < b->length ? a->length : b->length;

	for (size_t i = 0; i < n; i++)
		if (a->list[i] != b->list[i])
			return a->list[i] < b->list[i] ? -1 : 1;
	return (a->length > b->length) - (a->length < b->length);
}

static int compare_pairs(const void *pa, const void *pb)
{
	const uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return (a > b) - (a < b);
}

/* ---- labels and classes ---- */

/* Places of the labels that are named, of the others FORMULA_NO_CLASS. */
static uint32_t *number_labels(struct formula_table *t, const bool *named, size_t size,
                               struct error *e)
{
	uint32_t *place = memory_new(size, sizeof *place, e);

	if (!place)
		return NULL;
	for (size_t i = 0; i < size; i++)
		place[i] = named[i] ? (uint32_t)t->labels++ : FORMULA_NO_CLASS;
	t->number = memory_new(t->labels, sizeof *t->number, e);
	t->truth = memory_new(t->labels, sizeof *t->truth, e);
	if (!t->number || !t->truth) {
		free(place);
		return NULL;
	}
	for (size_t i = 0; i < size; i++)
		if (named[i])
			t->number[place[i]] = (uint16_t)i;
	return place;
}

/* What is left of the given classes, sorted. */
static int choose_labels(const struct formula_class *class, size_t n, const uint32_t *place,
                         struct given *given, uint16_t **lists, struct error *e)
{
	size_t listed = 0;
	uint16_t *to;

	for (size_t i = 0; i < n; i++)
		listed += class[i].labels;
	if (n >= FORMULA_NO_CLASS - 1 || listed > MOST_LISTED)
		return error_set(e, EXIT_MALFORMED, "more than 2^28 labels of classes");
	to = *lists = memory_new(listed, sizeof **lists, e);
	if (!to)
		return -1;
	for (size_t i = 0; i < n; i++) {
		given[i] = (struct given){.list = to, .at = (uint32_t)i};
		for (size_t k = 0; k < class[i].labels; k++)
			if (place[class[i].label[k]] != FORMULA_NO_CLASS)
				*to++ = (uint16_t)place[class[i].label[k]];
		given[i].length = (size_t)(to - given[i].list);
	}
	if (n > 0)
		qsort(given, n, sizeof *given, compare_given);
	return 0;
}

static int unite(struct formula_table *t, const struct formula_class *class,
                 const struct given *given, size_t n, uint32_t *place, struct error *e)
{
	size_t listed = 0;

	for (size_t i = 0; i < n; i++)
		if (given[i].length > 0 &&
		    (i == 0 || compare_given(&given[i - 1], &given[i]) != 0)) {
			t->classes++;
			listed += given[i].length;
		}
	t->pixels = memory_new(t->classes, sizeof *t->pixels, e);
	t->first = memory_new(t->classes + 1, sizeof *t->first, e);
	t->label = memory_new(listed, sizeof *t->label, e);
	if (!t->pixels || !t->first || !t->label)
		return -1;
	for (size_t i = 0, c = 0; i < n; i++) {
		if (given[i].length == 0) {
			place[given[i].at] = FORMULA_NO_CLASS;
			continue;
		}
		if (i == 0 || compare_given(&given[i - 1], &given[i]) != 0) {
			memcpy(t->label + t->first[c], given[i].list,
			       given[i].length * sizeof *t->label);
			t->first[c + 1] = t->first[c] + given[i].length;
			c++;
		}
		place[given[i].at] = (uint32_t)(c - 1);
		t->pixels[c - 1] += class[given[i].at].pixels;
	}
	return 0;
}

/* The classes of each label. */
static int invert(struct formula_table *t, struct error *e)
{
	size_t *next = memory_new(t->labels + 1, sizeof *next, e);

	t->first_class = memory_new(t->labels + 1, sizeof *t->first_class, e);
	t->class = memory_new(t->first[t->classes], sizeof *t->class, e);
	if (!next || !t->first_class || !t->class) {
		free(next);
		return -1;
	}
	for (size_t i = 0; i < t->first[t->classes]; i++)
		t->first_class[t->label[i] + 1]++;
	for (size_t l = 0; l < t->labels; l++)
		next[l + 1] = t->first_class[l + 1] += t->first_class[l];
	for (size_t c = 0; c < t->classes; c++)
		for (size_t i = t->first[c]; i < t->first[c + 1]; i++) {
			t->class[next[t->label[i]]++] = (uint32_t)c;
			t->truth[t->label[i]] += t->pixels[c];
		}
	free(next);
	return 0;
}

/* ---- pairs ---- */

static uint64_t pair_key(uint32_t a, uint32_t b)
{
	return (uint64_t)a << 32 | b;
}

/* The pairs of all classes, one after the other. */
static uint64_t *list_pairs(struct formula_table *t, struct error *e)
{
	uint64_t *key, *to;

	t->first_pair = memory_new(t->classes + 1, sizeof *t->first_pair, e);
	if (!t->first_pair)
		return NULL;
	for (size_t c = 0; c < t->classes; c++) {
		const size_t n = t->first[c + 1] - t->first[c]; /* below 2^16 */

		t->first_pair[c + 1] = t->first_pair[c] + n * (n - 1) / 2;
		if (t->first_pair[c + 1] > MOST_IN_CLASSES) {
			error_set(e, EXIT_MALFORMED,
			          "pixels have too many labels: more than 2^24 pairs of them "
			          "in all classes");
			return NULL;
		}
	}
	to = key = memory_new(t->first_pair[t->classes], sizeof *key, e);
	for (size_t c = 0; key && c < t->classes; c++)
		for (size_t i = t->first[c]; i < t->first[c + 1]; i++)
			for (size_t k = i + 1; k < t->first[c + 1]; k++)
				*to++ = pair_key(t->label[i], t->label[k]);
	return key;
}

static int number_pairs(struct formula_table *t, uint64_t *key, struct error *e)
{
	const size_t n = t->first_pair[t->classes];
	size_t pairs = 0;

	if (n > 0)
		qsort(key, n, sizeof *key, compare_pairs);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || key[i - 1] != key[i])
			key[pairs++] = key[i];
	if (pairs > MOST_PAIRS)
		return error_set(e, EXIT_MALFORMED,
		                 "more than 2^21 pairs of labels are on the same pixels");
	t->pair = memory_new(pairs, sizeof *t->pair, e);
	t->first_of = memory_new(t->labels + 1, sizeof *t->first_of, e);
	t->in_pair = memory_new(n, sizeof *t->in_pair, e);
	if (!t->pair || !t->first_of || !t->in_pair)
		return -1;
	t->pairs = pairs;
	for (size_t i = 0; i < pairs; i++) {
		t->pair[i].a = (uint32_t)(key[i] >> 32);
		t->pair[i].b = (uint32_t)key[i];
		t->first_of[t->pair[i].a + 1]++;
	}
	for (size_t l = 0; l < t->labels; l++)
		t->first_of[l + 1] += t->first_of[l];
	return 0;
}

static int find_pairs(struct formula_table *t, struct error *e)
{
	uint64_t *key = list_pairs(t, e);
	const int status = key ? number_pairs(t, key, e) : -1;
	uint32_t *to = t->in_pair;

	free(key);
	if (status < 0)
		return -1;
	for (size_t c = 0; c < t->classes; c++)
		for (size_t i = t->first[c]; i < t->first[c + 1]; i++)
			for (size_t k = i + 1; k < t->first[c + 1]; k++) {
				*to = (uint32_t)formula_table_pair(t, t->label[i], t->label[k]);
				t->pair[*to++].truth += t->pixels[c];
			}
	return 0;
}

size_t formula_table_pair(const struct formula_table *t, uint32_t a, uint32_t b)
{
	const uint32_t low = a < b ? a : b, high = a < b ? b : a;
	size_t i = t->first_of[low], n = t->first_of[low + 1] - i;

	while (n > 0) {
		const size_t half = n / 2;

		if (t->pair[i + half].b < high) {
			i += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return i < t->first_of[low + 1] && t->pair[i].b == high ? i : t->pairs;
}

/* ---- one formula ---- */

static uint32_t find_label(const struct formula_table *t, uint16_t number)
{
	size_t low = 0, n = t->labels;

	while (n > 0) {
		const size_t half = n / 2;

		if (t->number[low + half] < number) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low < t->labels && t->number[low] == number ? (uint32_t)low : FORMULA_NO_CLASS;
}

/* Whether the class has one of the formula's labels before the i-th. */
static bool was_seen(const struct formula *f, uint32_t i, const uint16_t *label, size_t n)
{
	const struct formula before = {.length = 1};

	for (uint32_t k = 0; k < i; k++) {
		struct formula one = before;

		one.label[0] = f->label[k];
		if (formula_holds(&one, label, n))
			return true;
	}
	return false;
}

struct formula_counts formula_table_count(const struct formula_table *t, const int64_t *both,
                                          const struct formula *f)
{
	struct formula_counts c = {0};
	struct formula by_place = *f;
	uint32_t place[FORMULA_MOST];

	for (uint32_t i = 0; i < f->length; i++) {
		place[i] = find_label(t, f->label[i]);
		by_place.label[i] = (uint16_t)place[i];
	}
	for (uint32_t i = 0; i < f->length; i++)
		for (size_t k = place[i] == FORMULA_NO_CLASS ? 0 : t->first_class[place[i]];
		     place[i] != FORMULA_NO_CLASS && k < t->first_class[place[i] + 1]; k++) {
			const uint32_t at = t->class[k];
			const uint16_t *label = t->label + t->first[at];
			const size_t n = t->first[at + 1] - t->first[at];

			if (was_seen(&by_place, i, label, n) ||
			    !formula_holds(&by_place, label, n))
				continue;
			c.both += both[at];
			c.truth += t->pixels[at];
		}
	return c;
}

/* ---- tables ---- */

int formula_table_make(struct formula_table *t, const struct formula_class *class, size_t n,
                       const bool *named, size_t size, uint32_t *place, struct error *e)
{
	struct given *given = memory_new(n, sizeof *given, e);
	uint32_t *labels = number_labels(t, named, size, e);
	uint16_t *lists = NULL;
	int status = -1;

	if (given && labels && choose_labels(class, n, labels, given, &lists, e) == 0 &&
	    unite(t, class, given, n, place, e) == 0)
		status = 0;
	free(given);
	free(labels);
	free(lists);
	return status < 0 || invert(t, e) < 0 ? -1 : find_pairs(t, e);
}

void formula_table_free(struct formula_table *t)
{
	free(t->number);
	free(t->truth);
	free(t->pixels);
	free(t->first);
	free(t->label);
	free(t->first_pair);
	free(t->in_pair);
	free(t->pair);
	free(t->first_of);
	free(t->first_class);
	free(t->class);
	*t = (struct formula_table){0};
}
