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

/* Count one unit for a label; the concepts of its file begin at first. */
static int add_unit(struct concepts *c, size_t first, const char *name, const char *category,
                    const char *label, double score, struct error *e)
{
	struct concept *x;

	for (x = c->concept + first; x < c->concept + c->count; x++)
		if (strcmp(x->category, category) == 0 && strcmp(x->label, label) == 0) {
			x->detectors++;
			x->score = score > x->score ? score : x->score;
			return 0;
		}
	if (memory_grow(&c->concept, &c->capacity, c->count + 1, sizeof *c->concept, e) < 0)
		return -1;
	x = &c->concept[c->count++];
	*x = (struct concept){c->files, name, NULL, NULL, 1, score};
	x->category = memory_string(category, e);
	x->label = x->category ? memory_string(label, e) : NULL;
	return x->label ? 0 : -1;
}

int concepts_add(struct concepts *c, const char *name, const struct result *r, double threshold,
                 enum label_rule rule, struct error *e)
{
	const size_t first = c->count;

	for (size_t i = 0; i < r->units * r->categories; i++) {
		const size_t category = i % r->categories;

		if ((rule == LABEL_TOP && r->best[i / r->categories] != category) ||
		    !*r->label[i] || r->iou[i] <= threshold)
			continue;
		if (add_unit(c, first, name, r->category[category], r->label[i], r->iou[i], e) <
		    0)
			return -1;
	}
	c->files++;
	return 0;
}

int concepts_write(struct concepts *c, enum table_format format, int fd, const char *place,
                   struct error *e)
{
	static const char *const column[] = {"file", "category", "concept", "detectors", "iou"};
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
