/* sets.c -- which units are taken out together: see removal.h. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "removal/removal.h"

struct removal_set *removal_sets_add(struct removal_sets *s, const struct removal *r, size_t of,
                                     size_t number, const uint32_t *unit, size_t size,
                                     struct error *e)
{
	struct removal_set *set;

	if (memory_grow(&s->set, &s->capacity, s->count + 1, sizeof *s->set, e) < 0)
		return NULL;
	set = &s->set[s->count++];
	*set = (struct removal_set){.of = of, .number = number, .size = size};
	set->unit = memory_new(size, sizeof *set->unit, e);
	set->drop = memory_new(r->classes.count, REMOVAL_MEASURES * sizeof *set->drop, e);
	if (!set->unit || !set->drop)
		return NULL;
	memcpy(set->unit, unit, size * sizeof *unit);
	return set;
}

void removal_sets_free(struct removal_sets *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->set[i].unit);
		free(s->set[i].drop);
	}
	free(s->set);
	*s = (struct removal_sets){0};
}

/* ---- concepts ---- */

static int by_name(const void *a, const void *b)
{
	const struct removal_concept *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int find_names(struct removal_concepts *c, const struct result *result, double cut,
                      struct error *e)
{
	size_t n = 0;

	for (size_t i = 0; i < result->units; i++) {
		const size_t best = i * result->categories + result->best[i];

		if (!(result->iou[best] > cut))
			continue;
		if (memory_grow(&c->concept, &c->capacity, c->count + 1, sizeof *c->concept,
		                e) < 0)
			return -1;
		c->concept[c->count++] =
		        (struct removal_concept){.name = result->label[best], .class = -1};
	}
	if (c->count > 0)
		qsort(c->concept, c->count, sizeof *c->concept, by_name);
	for (size_t i = 0; i < c->count; i++)
		if (n == 0 || strcmp(c->concept[n - 1].name, c->concept[i].name) != 0)
	c->concept[n++] = c->concept[i];
	c->count = n;
	return 0;
}

/* Which class goes with it. */
static void find_class(const struct removal *r, struct removal_concept *c)
{
	const size_t classes = r->classes.count;
	const uint64_t *holds = NULL, *of = r->of_class[REMOVAL_TRAIN];
	uint64_t all = 0;
	long best = classes_find(&r->classes, c->name);
	double most = 0;

	for (size_t i = 1; i < r->meta.labels && !holds; i++)
		if (r->meta.label[i].name && strcmp(r->meta.label[i].name, c->name) == 0)
			holds = r->holds + i * classes;
	for (size_t k = 0; holds && k < classes; k++)
		all += holds[k];
	c->named = best >= 0;
	for (size_t k = 0; holds && k < classes; k++) {
		const double others = (double)(r->images[REMOVAL_TRAIN] - of[k]);
		const double with = of[k] ? (double)holds[k] / (double)of[k] : 0;
		const double without = others > 0 ? (double)(all - holds[k]) / others : 0;

		if (c->named ? (long)k == best : with - without > most) {
			most = with - without;
			best = (long)k;
			c->with = with;
			c->without = without;
		}
	}
	c->class = best;
}

int removal_concepts(struct removal_concepts *c, struct removal_sets *s,
                     const struct removal *r, const struct result *result, double cut,
                     const char *name, struct error *e)
{
	uint32_t *unit = memory_new(r->units, sizeof *unit, e);
	bool *is = memory_new(r->units, sizeof *is, e);
	int status = unit && is ? find_names(c, result, cut, e) : -1;

	for (size_t k = 0; k < c->count && status == 0; k++) {
		size_t n = 0;

		find_class(r, &c->concept[k]);
		memset(is, 0, r->units * sizeof *is);
		for (size_t i = 0; i < result->units; i++) {
			const size_t best = i * result->categories + result->best[i];

			if (result->unit[i] == 0 || result->unit[i] > r->units) {
				status = error_set(e, EXIT_MALFORMED,
				                   "%s: unit %" PRIu32
				                   ", but the layer has 1 to %zu",
				                   name, result->unit[i], r->units);
				break;
			}
			if (result->iou[best] > cut &&
			    strcmp(result->label[best], c->concept[k].name) == 0)
				is[result->unit[i] - 1] = true;
		}
		for (uint32_t u = 0; u < r->units; u++)
			if (is[u])
				unit[n++] = u;
		if (status == 0 && !removal_sets_add(s, r, k, 0, unit, n, e))
			status = -1;
	}
	free(unit);
	free(is);
	return status;
}

/* ---- the most important units of a class ---- */

struct importance {
	double drop[REMOVAL_MEASURES];
	uint32_t unit;
};

static int by_importance(const void *a, const void *b)
{
	const struct importance *left = a, *right = b;

	for (int i = 0; i < REMOVAL_MEASURES; i++)
		if (left->drop[i] != right->drop[i])
			return left->drop[i] > right->drop[i] ? -1 : 1;
	return (left->unit > right->unit) - (left->unit < right->unit);
}

static int ascending(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

int removal_orders(struct removal_sets *s, const struct removal *r,
                   const struct removal_set *single, struct error *e)
{
	struct importance *of = memory_new(r->units, sizeof *of, e);
	uint32_t *unit = memory_new(r->units, sizeof *unit, e);
	int status = of && unit ? 0 : -1;

	for (size_t c = 0; c < r->classes.count && status == 0; c++) {
		if (isnan(r->base[REMOVAL_TRAIN][c * REMOVAL_MEASURES]) ||
		    isnan(r->base[REMOVAL_TEST][c * REMOVAL_MEASURES]))
			continue;
		for (uint32_t u = 0; u < r->units; u++) {
			of[u].unit = u;
			memcpy(of[u].drop, single[u].drop + c * REMOVAL_MEASURES,
			       sizeof of[u].drop);
		}
		qsort(of, r->units, sizeof *of, by_importance);
		for (size_t k = 0; k < REMOVAL_STEPS && (size_t)1 << k <= r->units; k++) {
			const size_t n = (size_t)1 << k;

			for (size_t i = 0; i < n; i++)
				unit[i] = of[i].unit;
			qsort(unit, n, sizeof *unit, ascending);
			if (!removal_sets_add(s, r, c, 0, unit, n, e)) {
				status = -1;
				break;
			}
		}
	}
	free(of);
	free(unit);
	return status;
}
