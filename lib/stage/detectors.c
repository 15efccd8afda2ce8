/* detectors.c -- see detectors.h. */
#include "stage/detectors.h"
#include "base/lines.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one result ---- */

int detectors_add(struct detectors *d, const char *file, const struct result *r,
                  double threshold, enum label_rule rule, struct error *e)
{
	struct detectors_of *of;

	if (memory_grow(&d->of, &d->capacity, d->results + 1, sizeof(*d->of), e) < 0)
		return -1;
	of = &d->of[d->results++];
	*of = (struct detectors_of){.units = r->units};
	of->file = memory_string(file, e);
	of->category = memory_new(r->categories, sizeof(*of->category), e);
	of->by_category = memory_new(r->categories, sizeof(*of->by_category), e);
	if (!of->file || !of->category || !of->by_category)
		return -1;
	for (; of->categories < r->categories; of->categories++) {
		char *name = memory_string(r->category[of->categories], e);

		if (!name)
			return -1;
		of->category[of->categories] = name;
	}
	return label_count(r->label, r->iou, r->best, r->units, r->categories, threshold, rule,
	                   &of->total, of->by_category, e);
}

void detectors_free(struct detectors *d)
{
	for (size_t i = 0; i < d->results; i++) {
		for (size_t c = 0; c < d->of[i].categories; c++)
			free(d->of[i].category[c]);
		free(d->of[i].category);
		free(d->of[i].by_category);
		free(d->of[i].file);
	}
	free(d->of);
	*d = (struct detectors){0};
}

/* ---- columns ---- */

static const char *const first_column[] = {"file", "units", "detectors", "unique"};
enum { FIRST_COLUMNS = sizeof(first_column) / sizeof(*first_column) };

struct columns {
	size_t categories, capacity;
	const char **category; /* (categories): names that some result has, in order */
	struct lines header;
};

static int find(const char *const *name, size_t n, const char *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name[i], wanted) == 0)
			return (int)i;
	return -1;
}

static int choose_categories(struct columns *c, const struct detectors *d, struct error *e)
{
	static const char *const order[] = {"object",   "part",    "scene",
	                                    "material", "texture", "color"};
	const size_t known = sizeof(order) / sizeof(*order);

	for (size_t turn = 0; turn <= known; turn++)
		for (size_t i = 0; i < d->results; i++)
			for (size_t k = 0; k < d->of[i].categories; k++) {
				const char *name = d->of[i].category[k];

				if ((turn < known && strcmp(name, order[turn]) != 0) ||
				    find(c->category, c->categories, name) >= 0)
					continue;
				if (memory_grow(&c->category, &c->capacity, c->categories + 1,
				                sizeof(*c->category), e) < 0)
					return -1;
				c->category[c->categories++] = name;
			}
	return 0;
}

static int name_columns(struct columns *c, bool text, struct error *e)
{
	static const char *const tail[] = {"-detectors", "-unique"};
	const size_t each = text ? 1 : 2;

	for (size_t i = 0; i < FIRST_COLUMNS; i++)
		if (lines_add(&c->header, e, "%s", first_column[i]) < 0)
			return -1;
	for (size_t i = 0; i < each * c->categories; i++)
		if (lines_add(&c->header, e, "%s%s", c->category[i / each],
		              text ? "" : tail[i % each]) < 0)
			return -1;
	return 0;
}

static void free_columns(struct columns *c)
{
	lines_free(&c->header);
	free(c->category);
}

/* ---- the table ---- */

static void write_row(struct table *t, const struct columns *c, const struct detectors_of *of)
{
	table_text(t, of->file);
	table_count(t, of->units);
	table_count(t, of->total.detectors);
	table_count(t, of->total.unique);
	for (size_t i = 0; i < c->categories; i++) {
		const int k =
		        find((const char *const *)of->category, of->categories, c->category[i]);
		char both[64];

		if (k < 0) {
			table_none(t);
			if (t->format != TABLE_TEXT)
				table_none(t);
		} else if (t->format == TABLE_TEXT) {
			snprintf(both, sizeof(both), "%zu/%zu", of->by_category[k].detectors,
			         of->by_category[k].unique);
			table_text(t, both);
		} else {
			table_count(t, of->by_category[k].detectors);
			table_count(t, of->by_category[k].unique);
		}
	}
}

int detectors_write(const struct detectors *d, enum table_format format, int fd,
                    const char *name, struct error *e)
{
	struct columns c = {0};
	struct table t = {0};
	int status = choose_categories(&c, d, e);

	if (status == 0)
		status = name_columns(&c, format == TABLE_TEXT, e);
	if (status == 0) {
		table_begin(&t, format, (const char *const *)c.header.line, c.header.count);
		for (size_t i = 0; i < d->results; i++)
			write_row(&t, &c, &d->of[i]);
		status = table_end(&t, fd, name, e);
	}
	table_free(&t);
	free_columns(&c);
	return status;
}
