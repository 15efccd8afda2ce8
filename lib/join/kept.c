/* kept.c -- see kept.h. */
#include "join/kept.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { LABELS = 65536 };

struct candidate {
	uint16_t label;
	struct broden_count count;
};

static int by_count(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	const int order = broden_compare(x->count, y->count);

	return order ? order : (x->label > y->label) - (x->label < y->label);
}

/* The other names of the labels that are kept. */
static int take_synonyms(struct join_kept *k, const struct join_names *names, struct error *e)
{
	struct text *t = memory_new(k->labels + 1, sizeof *t, e);
	int status = t ? 0 : -1;

	for (uint32_t i = 0; t && i < names->names; i++) {
		const uint16_t number = k->number[join_label(names, i)];

		if (number && join_first(names, i) != i)
			text_print(&t[number], "%s%s", t[number].length ? ";" : "",
			           names->name[i].text);
	}
	for (size_t i = 1; t && i <= k->labels; i++) {
		if (status == 0) {
			k->synonyms[i] = text_take(&t[i], "synonyms", e);
			status = k->synonyms[i] ? 0 : -1;
		}
		text_free(&t[i]);
	}
	free(t);
	return status;
}

static int number_labels(struct join_kept *k, const struct join_names *names,
                         const struct broden_statistics *counted, uint64_t min_images,
                         double min_coverage, struct error *e)
{
	struct candidate *candidate = memory_new(LABELS, sizeof *candidate, e);
	size_t n = 0;

	if (!candidate)
		return -1;
	for (unsigned i = 1; i < LABELS; i++) {
		const struct broden_count c = broden_count_all(counted, (uint16_t)i);

		if (c.frequency && c.frequency >= min_images &&
		    broden_coverage(c) >= min_coverage)
			candidate[n++] = (struct candidate){(uint16_t)i, c};
		else
			k->dropped += c.frequency > 0;
	}
	qsort(candidate, n, sizeof *candidate, by_count);
	for (size_t i = 0; i < n; i++) {
		const uint32_t first = candidate[i].label - 1u;

		k->number[candidate[i].label] = (uint16_t)(i + 1);
		k->name[i + 1] = memory_string(names->name[first].text, e);
		if (!k->name[i + 1]) {
			free(candidate);
			return -1;
		}
	}
	free(candidate);
	k->labels = n;
	return n ? take_synonyms(k, names, e)
	         : error_set(e, EXIT_MALFORMED,
	                     "no label is on %" PRIu64 " images and covers %g of them "
	                     "(--min-images, --min-coverage)",
	                     min_images, min_coverage);
}

/* Categories by the lowest number that they have, then by name. */
static void order_categories(struct join_kept *k, const struct join_names *names,
                             const struct broden_statistics *counted)
{
	uint32_t first[JOIN_CATEGORIES_MAX];

	for (uint32_t c = 0; c < names->categories; c++) {
		size_t at = k->categories;

		first[c] = UINT32_MAX;
		for (unsigned i = 1; i < LABELS; i++)
			if (k->number[i] && k->number[i] < first[c] &&
			    broden_count_of(counted, c, (uint16_t)i).frequency)
				first[c] = k->number[i];
		if (first[c] == UINT32_MAX)
			continue;
		for (; at > 0; at--) {
			const uint32_t other = k->category_of[at - 1];

			if (first[other] < first[c] ||
			    (first[other] == first[c] &&
			     strcmp(names->category[other], names->category[c]) < 0))
				break;
			k->category_of[at] = other;
		}
		k->category_of[at] = c;
		k->categories++;
	}
	for (size_t i = 0; i < k->categories; i++)
		k->category[i] = names->category[k->category_of[i]];
}

int join_kept_choose(struct join_kept *k, const struct join_names *names,
                     const struct broden_statistics *counted, uint64_t min_images,
                     double min_coverage, struct error *e)
{
	k->number = memory_new(LABELS, sizeof *k->number, e);
	k->name = memory_new(LABELS, sizeof *k->name, e);
	k->synonyms = memory_new(LABELS, sizeof *k->synonyms, e);
	k->category = memory_new(JOIN_CATEGORIES_MAX, sizeof *k->category, e);
	k->category_of = memory_new(JOIN_CATEGORIES_MAX, sizeof *k->category_of, e);
	if (!k->number || !k->name || !k->synonyms || !k->category || !k->category_of ||
	    number_labels(k, names, counted, min_images, min_coverage, e) < 0)
		return -1;
	order_categories(k, names, counted);
	return 0;
}

void join_kept_free(struct join_kept *k)
{
	for (size_t i = 0; k->name && k->synonyms && i < LABELS; i++) {
		free(k->name[i]);
		free(k->synonyms[i]);
	}
	free(k->number);
	free(k->name);
	free(k->synonyms);
	free(k->category);
	free(k->category_of);
	*k = (struct join_kept){0};
}
