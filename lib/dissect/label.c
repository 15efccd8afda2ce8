/* label.c -- see label.h. */
#include "dissect/label.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

double label_iou(const uint64_t counts[static LABEL_COUNTS])
{
	uint64_t whole = counts[LABEL_AREA] + counts[LABEL_TRUTH] - counts[LABEL_INTERSECTION];

	return whole ? (double)counts[LABEL_INTERSECTION] / (double)whole : 0;
}

static bool possible(const uint64_t counts[static LABEL_COUNTS])
{
	return counts[LABEL_INTERSECTION] <= counts[LABEL_AREA] &&
	       counts[LABEL_INTERSECTION] <= counts[LABEL_TRUTH] &&
	       counts[LABEL_AREA] <= UINT64_MAX - counts[LABEL_TRUTH];
}

/* One unit: counts (labels, 3), number and iou (categories). */
static int match_labels(const uint64_t *counts, const int *category, size_t labels,
                        uint32_t *number, double *iou, struct error *e)
{
	for (size_t i = 1; i < labels; i++) {
		const uint64_t *pair = counts + LABEL_COUNTS * i;
		int c = category[i];
		double v;

		if (c < 0)
			continue;
		if (!possible(pair))
			return error_set(e, EXIT_MALFORMED,
			                 "label %zu: counts that masks cannot have", i);
		v = label_iou(pair);
		if (v > iou[c]) {
			number[c] = (uint32_t)i;
			iou[c] = v;
		}
	}
	return 0;
}

static size_t best_category(const uint32_t *number, const double *iou, size_t categories)
{
	size_t best = categories - 1;

	for (size_t c = 0; c < categories; c++)
		if (iou[c] > iou[best] || (iou[c] == iou[best] && number[c] < number[best]))
			best = c;
	return best;
}

int label_units(const uint64_t *counts, const int *category, size_t units, size_t labels,
                size_t categories, uint32_t *number, double *iou, size_t *best, struct error *e)
{
	memset(number, 0, units * categories * sizeof *number);
	memset(iou, 0, units * categories * sizeof *iou);
	for (size_t k = 0; k < units; k++) {
		uint32_t *n = number + k * categories;
		double *v = iou + k * categories;
		struct error why = {0};

		if (match_labels(counts + LABEL_COUNTS * k * labels, category, labels, n, v,
		                 &why) < 0)
			return error_set(e, why.code, "unit %zu, %s", k + 1, why.text);
		best[k] = best_category(n, v, categories);
	}
	return 0;
}

size_t label_best(const uint64_t *counts, const int *category, size_t labels, size_t most,
                  uint32_t *number)
{
	size_t n = 0;

	for (size_t i = 1; i < labels; i++) {
		const double v = category[i] < 0 ? 0 : label_iou(counts + LABEL_COUNTS * i);
		size_t at = n;

		while (at > 0 && v > label_iou(counts + LABEL_COUNTS * number[at - 1]))
			at--;
		if (v <= 0 || at == most)
			continue;
		n += n < most;
		memmove(number + at + 1, number + at, (n - at - 1) * sizeof *number);
		number[at] = (uint32_t)i;
	}
	return n;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t count_distinct(const char **name, size_t n)
{
	size_t distinct = n > 0;

	if (n > 0)
		qsort(name, n, sizeof *name, compare_names);
	for (size_t i = 1; i < n; i++)
		distinct += strcmp(name[i - 1], name[i]) != 0;
	return distinct;
}

int label_count(const char *const *name, const double *iou, const size_t *best, size_t units,
                size_t categories, double threshold, enum label_rule rule,
                struct label_tally *total, struct label_tally *by_category, struct error *e)
{
	const char **found = memory_new(units, sizeof *found, e); /* names to count */
	size_t n = 0;

	if (!found)
		return -1;
	*total = (struct label_tally){0};
	for (size_t c = 0; c < categories; c++) {
		n = 0;
		for (size_t k = 0; k < units; k++) {
			size_t i = k * categories + c;

			if ((rule == LABEL_PER_CATEGORY || best[k] == c) && *name[i] &&
			    iou[i] > threshold)
				found[n++] = name[i];
		}
		by_category[c] = (struct label_tally){n, count_distinct(found, n)};
		total->unique += by_category[c].unique;
	}
	n = 0;
	for (size_t k = 0; k < units; k++) {
		size_t i = k * categories + best[k];

		if (*name[i] && iou[i] > threshold)
			found[n++] = name[i];
	}
	total->detectors = n;
	if (rule == LABEL_TOP)
		total->unique = count_distinct(found, n);
	free(found);
	return 0;
}
