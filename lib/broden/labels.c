/* labels.c -- what category.csv, the tables of categories and label.csv say; see directory.h.
 */
#include "broden/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/utf8.h"

/* A name of a label or a category, trimmed; NULL with e set if it cannot be one. */
static const char *name_field(const struct csv *table, int column, const char *place,
                              struct error *e)
{
	size_t length;
	const char *name = broden_trim(table->field[column], &length);

	if (!length)
		error_set(e, EXIT_MALFORMED, "%s: row %llu: the name is empty", place,
		          (unsigned long long)table->row);
	else if (!utf8_is(name))
		error_set(e, EXIT_MALFORMED,
		          "%s: row %llu: the name is not UTF-8 (if it is Latin-1, iconv -f "
		          "latin1 -t utf-8)",
		          place, (unsigned long long)table->row);
	else
		return name;
	return NULL;
}

/* Is name one of the list's, which are joined by commas? */
static bool is_chosen(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, name, n) == 0 && (!p[n] || p[n] == ','))
			return true;
	}
	return false;
}

static int find_category(const struct ndr_meta *m, const char *name, size_t length)
{
	for (size_t i = 0; i < m->categories; i++)
		if (strncmp(m->category[i], name, length) == 0 && !m->category[i][length])
			return (int)i;
	return -1;
}

static int add_categories(struct broden *b, struct csv *table, const char *chosen,
                          const char *place, struct error *e)
{
	int name = csv_need(table, "name", e), more;

	if (name < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		const char *category = name_field(table, name, place, e);

		if (!category)
			return -1;
		if (chosen && !is_chosen(chosen, category))
			continue;
		if (b->meta.categories == CATEGORIES_MAX)
			return error_set(e, EXIT_MALFORMED, "%s: more than %d categories",
			                 place, CATEGORIES_MAX);
		if (find_category(&b->meta, category, strlen(category)) >= 0 ||
		    strpbrk(category, "/,"))
			return error_set(e, EXIT_MALFORMED,
			                 "%s: row %llu: category '%.40s' is not a new, plain "
			                 "name",
			                 place, (unsigned long long)table->row, category);
		if (ndr_meta_add_category(&b->meta, category, e) < 0)
			return -1;
	}
	return more;
}

int broden_read_categories(struct broden *b, const char *chosen, struct error *e)
{
	char path[PATH_MAX];
	struct csv table;
	int status = broden_open_table(b, "", "category", path, &table,
	                               &b->file[BRODEN_CATEGORY], e);

	if (status == 0)
		status = add_categories(b, &table, chosen, path, e);
	csv_close(&table);
	if (status < 0)
		return -1;
	for (const char *p = chosen; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (find_category(&b->meta, p, strcspn(p, ",")) < 0)
			return error_set(e, EXIT_USAGE, "%s/category.csv: no category '%.*s'",
			                 b->directory, (int)strcspn(p, ","), p);
	}
	if (!b->meta.categories)
		return error_set(e, EXIT_MALFORMED, "%s/category.csv: no categories",
		                 b->directory);
	return 0;
}

/* What is known of a number so far. */
struct primary {
	int category; /* of its label; -1: none */
	bool covered; /* coverage is known */
	double coverage;
	bool named; /* label.csv has it */
};

static int add_coverage(struct broden *b, struct csv *table, int category,
                        struct primary *primary, struct error *e)
{
	int number = csv_need(table, "number", e);
	int coverage = csv_column(table, "coverage");
	int more;
	uint64_t n;

	if (number < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		struct primary p = {.category = category};

		if (csv_count(table, number, 0, NDR_LABELS - 1, &n, e) < 0)
			return -1;
		if (n == 0)
			continue;
		p.covered = coverage >= 0 && *table->field[coverage];
		if (p.covered && csv_real(table, coverage, &p.coverage, e) < 0)
			return -1;
		if (primary[n].category >= 0 && !(p.covered && primary[n].covered))
			b->uncovered = n;
		/* Categories come in their order, so the later one wins a tie. */
		if (primary[n].category < 0 || p.coverage >= primary[n].coverage)
			primary[n] = p;
	}
	return more;
}

static int add_label(struct broden *b, struct csv *table, uint64_t n, const char *name,
                     struct primary *primary, const char *place, struct error *e)
{
	if (n == 0) {
		if (strcmp(name, "-") == 0)
			return 0;
		return broden_warn(
		        b, e,
		        "%s: row %llu: '%.40s' has number 0, which stands for unlabelled "
		        "and is never a label",
		        place, (unsigned long long)table->row, name);
	}
	if (primary->named)
		return error_set(e, EXIT_MALFORMED, "%s: row %llu: label %llu again", place,
		                 (unsigned long long)table->row, (unsigned long long)n);
	primary->named = true;
	if (primary->category < 0)
		return 0;
	return ndr_meta_set_label(&b->meta, (unsigned)n, name, primary->category, e);
}

static int add_labels(struct broden *b, struct csv *table, struct primary *primary,
                      const char *place, struct error *e)
{
	int number = csv_need(table, "number", e);
	int name = csv_need(table, "name", e);
	const char *text;
	size_t length;
	int more;
	uint64_t n;

	if (number < 0 || name < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		if (csv_count(table, number, 0, NDR_LABELS - 1, &n, e) < 0)
			return -1;
		if (n == 0 && !*broden_trim(table->field[name], &length))
			continue;
		text = name_field(table, name, place, e);
		if (!text || add_label(b, table, n, text, &primary[n], place, e) < 0)
			return -1;
	}
	return more;
}

static int by_name(const void *a, const void *b)
{
	const struct ndr_label_info *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order ? order : (*x > *y) - (*x < *y);
}

/* Results name labels, not numbers. */
static int check_names(struct broden *b, struct error *e)
{
	const struct ndr_label_info **label = memory_new(b->meta.labels, sizeof *label, e);
	int status = label ? 0 : -1;
	size_t n = 0;

	for (size_t i = 0; label && i < b->meta.labels; i++)
		if (b->meta.label[i].name)
			label[n++] = &b->meta.label[i];
	if (label)
		qsort(label, n, sizeof *label, by_name);
	for (size_t i = 1; i < n && status == 0; i++)
		if (strcmp(label[i - 1]->name, label[i]->name) == 0)
			status = broden_warn(
			        b, e, "%s/label.csv: labels %td and %td are both '%.40s'",
			        b->directory, label[i - 1] - b->meta.label,
			        label[i] - b->meta.label, label[i]->name);
	free(label);
	return status;
}

bool broden_has_label(const struct ndr_meta *m, size_t number)
{
	return number == 0 || (number < m->labels && m->label[number].name);
}

static int read_numbers(struct broden *b, struct primary *primary, struct error *e)
{
	char path[PATH_MAX];
	struct csv table;
	int status = 0;

	for (size_t i = 0; i < NDR_LABELS; i++)
		primary[i].category = -1;
	for (size_t c = 0; c < b->meta.categories && status == 0; c++) {
		status = broden_open_table(b, "c_", b->meta.category[c], path, &table, NULL, e);
		if (status == 0)
			status = add_coverage(b, &table, (int)c, primary, e);
		csv_close(&table);
	}
	if (status < 0)
		return -1;
	status = broden_open_table(b, "", "label", path, &table, &b->file[BRODEN_LABEL], e);
	if (status == 0)
		status = add_labels(b, &table, primary, path, e);
	csv_close(&table);
	return status;
}

int broden_read_labels(struct broden *b, struct error *e)
{
	struct primary *primary = memory_new(NDR_LABELS, sizeof *primary, e);
	int status = primary ? read_numbers(b, primary, e) : -1;

	free(primary);
	if (status == 0 && b->uncovered)
		status = broden_warn(
		        b, e,
		        "label %zu is of several categories, and a c_*.csv has no coverage "
		        "for it: taken as 0",
		        b->uncovered);
	if (status == 0)
		status = check_names(b, e);
	while (status == 0 && broden_has_label(&b->meta, b->dense))
		b->dense++;
	return status;
}
