/* truth.c -- see truth.h. */
#include "stage/truth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage/labels.h"

/* ---- a table ---- */

static int by_image(const void *a, const void *b)
{
	const struct truth_row *left = a, *right = b;

	return strcmp(left->image, right->image);
}

static int read_rows(struct truth *t, struct csv *c, const char *column, struct error *e)
{
	const int image = csv_need(c, "image", e);
	const int class = image < 0 ? -1 : csv_need(c, column, e);
	int more = class < 0 ? -1 : csv_next(c, e);

	for (; more > 0; more = csv_next(c, e)) {
		if (memory_grow(&t->row, &t->capacity, t->rows + 1, sizeof *t->row, e) < 0)
			return -1;
		t->row[t->rows++] = (struct truth_row){c->field[image], c->field[class]};
	}
	return more;
}

int truth_read(struct truth *t, const char *path, const char *column, struct error *e)
{
	int status = csv_open(&t->table, path, e);

	if (status == 0)
		status = read_rows(t, &t->table, column, e);
	if (status < 0)
		return -1;
	if (t->rows == 0)
		return error_set(e, EXIT_MALFORMED, "%s: no images", path);
	qsort(t->row, t->rows, sizeof *t->row, by_image);
	for (size_t i = 1; i < t->rows; i++)
		if (by_image(&t->row[i - 1], &t->row[i]) == 0)
			return error_set(e, EXIT_MALFORMED, "%s: image %.200s stands twice",
			                 path, t->row[i].image);
	return 0;
}

const char *truth_find(const struct truth *t, const char *image)
{
	const struct truth_row *found = bsearch(&(struct truth_row){.image = image}, t->row,
	                                        t->rows, sizeof *t->row, by_image);

	return found ? found->class : NULL;
}

/* ---- a category ---- */

int truth_of_category(struct truth *t, const struct ndr_meta *m, const char *name,
                      struct error *e)
{
	for (t->category = 0; (size_t)t->category < m->categories; t->category++)
		if (strcmp(m->category[t->category], name) == 0)
			break;
	if ((size_t)t->category == m->categories)
		return error_set(e, EXIT_USAGE, "the input has no category '%.100s'", name);
	t->label_category = memory_new(m->labels, sizeof *t->label_category, e);
	if (!t->label_category)
		return -1;
	for (size_t i = 0; i < m->labels; i++)
		t->label_category[i] = i && m->label[i].name ? m->label[i].category : -1;
	t->known = (struct label_categories){m->labels, m->categories, t->label_category};
	return image_labels_init(&t->labels, &t->known, e);
}

/* The label of the category on most pixels, or 0. */
static unsigned largest(const struct image_labels *labels, int category)
{
	const struct image_label *best = NULL;

	for (size_t i = 0; i < labels->count; i++) {
		const struct image_label *l = &labels->label[i];

		if (labels->known->category[l->number] != category)
			continue;
		if (!best || l->area > best->area ||
		    (l->area == best->area && l->number < best->number))
			best = l;
	}
	return best ? best->number : 0;
}

/* ---- both ---- */

int truth_open(struct truth *t, const struct ndr_meta *m, const char *category,
               const char *path, struct error *e)
{
	return path ? truth_read(t, path, "class", e) : truth_of_category(t, m, category, e);
}

int truth_of(struct truth *t, const struct ndr_meta *m, const struct ndr_item *item,
             const char **class, struct error *e)
{
	struct ndr_item_info info;
	unsigned number;

	*class = NULL;
	if (t->row) {
		if (ndr_item_info(item, &info, e) < 0)
			return -1;
		*class = truth_find(t, info.name);
	} else {
		if (labels_of_item(&t->labels, item, e) < 0)
			return -1;
		number = largest(&t->labels, t->category);
		*class = number ? m->label[number].name : NULL;
	}
	return *class != NULL;
}

void truth_free(struct truth *t)
{
	csv_close(&t->table);
	free(t->row);
	free(t->label_category);
	image_labels_free(&t->labels);
	*t = (struct truth){0};
}
