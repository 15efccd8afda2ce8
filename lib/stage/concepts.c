/* concepts.c -- see concepts.h. */
#include "stage/concepts.h"
#include "base/memory.h"
#include "report/palette.h"

#include <stdlib.h>
#include <string.h>

static int compare_concepts(const void *a, const void *b)
{
	const struct concept *x = a, *y = b;
	const int p = palette_find(x->category), q = palette_find(y->category);

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (p != q)
		return p < q ? -1 : 1;
	if (strcmp(x->category, y->category) != 0)
		return strcmp(x->category, y->category);
	if (x->detectors != y->detectors)
		return x->detectors > y->detectors ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return strcmp(x->label, y->label);
}

static int by_name(const void *a, const void *b)
{
	const struct concept *x = a, *y = b;
	const int order = strcmp(x->category, y->category);

	return order ? order : strcmp(x->label, y->label);
}

/* Sort n of one file by name; those of a name become one.  How many are left. */
static size_t unite(struct concept *found, size_t n)
{
	size_t kept = 0;

	if (n > 0)
		qsort(found, n, sizeof *found, by_name);
	for (size_t i = 0; i < n; i++) {
		struct concept *last = kept ? &found[kept - 1] : NULL;

		if (!last || by_name(last, &found[i]) != 0) {
			found[kept++] = found[i];
			continue;
		}
		last->detectors++;
		if (found[i].score > last->score ||
		    (found[i].score == last->score && found[i].unit < last->unit)) {
			last->score = found[i].score;
			last->unit = found[i].unit;
		}
	}
	return kept;
}

/* With texts of their own. */
static int keep(struct concepts *c, const struct concept *found, size_t n, struct error *e)
{
	if (memory_grow(&c->concept, &c->capacity, c->count + n, sizeof *c->concept, e) < 0)
		return -1;
	for (; n-- > 0; found++) {
		struct concept *x = &c->concept[c->count++];

		*x = *found;
		x->category = memory_string(found->category, e);
		x->label = x->category ? memory_string(found->label, e) : NULL;
		if (!x->label)
			return -1;
	}
	return 0;
}

int concepts_add(struct concepts *c, const char *name, const struct result *r, double threshold,
                 enum label_rule rule, struct error *e)
{
	struct concept *found = NULL;
	size_t capacity = 0, n = 0;
	int status = 0;

	for (size_t i = 0; i < r->units * r->categories && status == 0; i++) {
		const size_t category = i % r->categories;

		if ((rule == LABEL_TOP && r->best[i / r->categories] != category) ||
		    !*r->label[i] || r->iou[i] <= threshold)
			continue;
		status = memory_grow(&found, &capacity, n + 1, sizeof *found, e);
		if (status == 0)
			found[n++] = (struct concept){c->files,
			                              name,
			                              (char *)r->category[category],
			                              (char *)r->label[i],
			                              1,
			                              r->iou[i],
			                              r->unit[i / r->categories]};
	}
	if (status == 0)
		status = keep(c, found, unite(found, n), e);
	c->files++;
	free(found);
	return status;
}

int concepts_write(struct concepts *c, enum table_format format, int fd, const char *place,
                   struct error *e)
{
	static const char *const column[] = {"file",      "category", "concept",
	                                     "detectors", "iou",      "unit"};
	struct table t = {0};
	int status;

	if (c->count > 0)
		qsort(c->concept, c->count, sizeof *c->concept, compare_concepts);
	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (const struct concept *x = c->concept; x < c->concept + c->count; x++) {
		table_text(&t, x->name);
		table_text(&t, x->category);
		table_text(&t, x->label);
		table_count(&t, x->detectors);
		table_real(&t, x->score);
		table_count(&t, x->unit);
	}
	status = table_end(&t, fd, place, e);
	table_free(&t);
	return status;
}

void concepts_free(struct concepts *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->concept[i].category);
		free(c->concept[i].label);
	}
	free(c->concept);
	*c = (struct concepts){0};
}
