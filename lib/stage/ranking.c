/* ranking.c -- see ranking.h. */
#include "stage/ranking.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A unit with what it shares with the label. */
struct ranked {
	size_t unit;
	double iou;
	const uint64_t *counts; /* (3) */
};

static int best_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->iou != y->iou)
		return x->iou > y->iou ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static int find_label(const struct ndr_meta *m, const int *category, const char *name,
                      size_t *number, struct error *e)
{
	bool known = false;

	for (size_t i = 0; i < m->labels; i++) {
		if (!m->label[i].name || strcmp(m->label[i].name, name) != 0)
			continue;
		known = true;
		*number = i;
		if (category[i] >= 0)
			return 0;
	}
	if (known)
		return error_set(e, EXIT_USAGE,
		                 "label '%.80s' is on too few images (--min-images)", name);
	return error_set(e, EXIT_USAGE,
	                 "the scores have no label '%.80s': ndr-dump --meta lists them", name);
}

static void put_counts(struct table *t, const uint64_t *counts)
{
	table_count(t, counts[RESULT_TRUTH]);
	table_count(t, counts[RESULT_AREA]);
	table_count(t, counts[RESULT_INTERSECTION]);
}

static int write_units(const struct ranked *ranked, const struct result *r,
                       enum table_format format, int fd, const char *place, struct error *e)
{
	static const char *const column[] = {"unit",      "score", "truth",      "activation",
	                                     "intersect", "label", "label-score"};
	struct table t = {0};
	int status;

	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < r->units; i++) {
		const size_t k = ranked[i].unit, best = k * r->categories + r->best[k];

		table_count(&t, r->unit[k]);
		table_real(&t, ranked[i].iou);
		put_counts(&t, ranked[i].counts);
		table_text(&t, r->label[best]);
		table_real(&t, r->iou[best]);
	}
	status = table_end(&t, fd, place, e);
	table_free(&t);
	return status;
}

int ranking_of_units(const struct scores *s, const struct ndr_meta *m, size_t layer,
                     const int *category, const char *label, const struct result *r,
                     enum table_format format, int fd, const char *place, struct error *e)
{
	const uint64_t *counts = s->layer[layer].total.data;
	struct ranked *ranked;
	size_t number = 0;
	int status;

	if (find_label(m, category, label, &number, e) < 0)
		return -1;
	ranked = memory_new(r->units, sizeof *ranked, e);
	if (!ranked)
		return -1;
	for (size_t k = 0; k < r->units; k++) {
		const uint64_t *of = counts + LABEL_COUNTS * (m->labels * k + number);

		ranked[k] = (struct ranked){k, label_iou(of), of};
	}
	qsort(ranked, r->units, sizeof *ranked, best_first);
	status = write_units(ranked, r, format, fd, place, e);
	free(ranked);
	return status;
}

int ranking_of_labels(const struct result *r, uint64_t unit, enum table_format format, int fd,
                      const char *place, struct error *e)
{
	static const char *const column[] = {"label", "category",   "score",
	                                     "truth", "activation", "intersect"};
	struct table t = {0};
	int status;

	if (unit < 1 || unit > r->units)
		return error_set(e, EXIT_USAGE, "unit %" PRIu64 ": there are 1 to %zu", unit,
		                 r->units);
	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (const struct result_match *x = r->match + RESULT_MATCHES * (unit - 1),
	                               *end = x + RESULT_MATCHES;
	     x < end && *x->label; x++) {
		table_text(&t, x->label);
		table_text(&t, x->category);
		table_real(&t, x->iou);
		put_counts(&t, x->counts);
	}
	status = table_end(&t, fd, place, e);
	table_free(&t);
	return status;
}
