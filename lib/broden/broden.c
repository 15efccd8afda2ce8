/* broden.c -- the tables of a Broden directory; see broden.h. */
#include "broden/broden.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "broden/directory.h"

const char *const broden_columns[FIXED] = {"image", "split", "ih", "iw", "sh", "sw"};

static int open_table(const struct broden *b, const char *stem, const char *name,
                      struct csv *table, struct error *e)
{
	char path[PATH_MAX];

	*table = (struct csv){0};
	if (snprintf(path, sizeof path, "%s/%s%s.csv", b->directory, stem, name) >=
	    (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: path is too long", b->directory);
	return csv_open(table, path, e);
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
                          struct error *e)
{
	int name = csv_need(table, "name", e), more;

	if (name < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		const char *category = table->field[name];

		if (chosen && !is_chosen(chosen, category))
			continue;
		if (find_category(&b->meta, category, strlen(category)) >= 0 ||
		    strpbrk(category, "/,"))
			return error_set(e, EXIT_MALFORMED,
			                 "%s/category.csv: row %llu: category '%.40s' is not a "
			                 "new, plain name",
			                 b->directory, (unsigned long long)table->row,
			                 category);
		if (ndr_meta_add_category(&b->meta, category, e) < 0)
			return -1;
	}
	return more;
}

static int read_categories(struct broden *b, const char *chosen, struct error *e)
{
	struct csv table;
	int status = open_table(b, "", "category", &table, e);

	if (status == 0)
		status = add_categories(b, &table, chosen, e);
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

/* A label's category so far. */
struct primary {
	int category; /* -1: none */
	double coverage;
};

static int add_coverage(struct csv *table, int category, struct primary *primary,
                        struct error *e)
{
	int number = csv_need(table, "number", e);
	int coverage = csv_need(table, "coverage", e);
	int more;
	struct primary p = {.category = category};
	uint64_t n;

	if (number < 0 || coverage < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		if (csv_count(table, number, 0, NDR_LABELS - 1, &n, e) < 0)
			return -1;
		if (n == 0)
			continue;
		if (csv_real(table, coverage, &p.coverage, e) < 0)
			return -1;
		/* Categories come in their order, so the later one wins a tie. */
		if (primary[n].category < 0 || p.coverage >= primary[n].coverage)
			primary[n] = p;
	}
	return more;
}

static int add_labels(struct broden *b, struct csv *table, const struct primary *primary,
                      struct error *e)
{
	int number = csv_need(table, "number", e);
	int name = csv_need(table, "name", e);
	int more;
	uint64_t n;

	if (number < 0 || name < 0)
		return -1;
	while ((more = csv_next(table, e)) == 1) {
		if (csv_count(table, number, 0, NDR_LABELS - 1, &n, e) < 0)
			return -1;
		if (n < b->meta.labels && b->meta.label[n].name)
			return error_set(e, EXIT_MALFORMED,
			                 "%s/label.csv: row %llu: label %llu again",
			                 b->directory, (unsigned long long)table->row,
			                 (unsigned long long)n);
		if (n && primary[n].category >= 0 &&
		    ndr_meta_set_label(&b->meta, n, table->field[name], primary[n].category,
		                       e) < 0)
			return -1;
	}
	return more;
}

bool broden_has_label(const struct ndr_meta *m, size_t number)
{
	return number == 0 || (number < m->labels && m->label[number].name);
}

static int read_labels(struct broden *b, struct error *e)
{
	struct primary *primary = memory_new(NDR_LABELS, sizeof *primary, e);
	struct csv table;
	int status = primary ? 0 : -1;

	for (size_t i = 0; primary && i < NDR_LABELS; i++)
		primary[i].category = -1;
	for (size_t c = 0; c < b->meta.categories && status == 0; c++) {
		status = open_table(b, "c_", b->meta.category[c], &table, e);
		if (status == 0)
			status = add_coverage(&table, c, primary, e);
		csv_close(&table);
	}
	if (status == 0) {
		status = open_table(b, "", "label", &table, e);
		if (status == 0)
			status = add_labels(b, &table, primary, e);
		csv_close(&table);
	}
	free(primary);
	while (status == 0 && broden_has_label(&b->meta, b->dense))
		b->dense++;
	return status;
}

static int find_columns(struct broden *b, struct error *e)
{
	b->fields = FIXED + b->meta.categories;
	b->column = memory_new(b->fields, sizeof *b->column, e);
	if (!b->column)
		return -1;
	for (size_t i = 0; i < b->fields; i++) {
		int column = csv_need(
		        &b->index, i < FIXED ? broden_columns[i] : b->meta.category[i - FIXED],
		        e);

		if (column < 0)
			return -1;
		b->column[i] = column;
	}
	return 0;
}

static int add_row(struct broden *b, struct error *e)
{
	if (memory_grow(&b->field, &b->capacity, (b->rows + 1) * b->fields, sizeof *b->field,
	                e) < 0 ||
	    memory_grow(&b->number, &b->number_capacity, b->rows + 1, sizeof *b->number, e) < 0)
		return -1;
	for (size_t i = 0; i < b->fields; i++)
		b->field[b->rows * b->fields + i] = b->index.field[b->column[i]];
	b->number[b->rows++] = b->index.row;
	return 0;
}

static int read_index(struct broden *b, const struct broden_choice *choice, struct error *e)
{
	int more = 1;

	if (open_table(b, "", "index", &b->index, e) < 0 || find_columns(b, e) < 0)
		return -1;
	while (b->rows < choice->limit && (more = csv_next(&b->index, e)) == 1)
		if (!choice->split ||
		    strcmp(b->index.field[b->column[SPLIT]], choice->split) == 0)
			if (add_row(b, e) < 0)
				return -1;
	if (more < 0)
		return -1;
	if (b->rows >= NDR_NO_ITEM)
		return error_set(e, EXIT_MALFORMED, "%s/index.csv: too many rows",
		                 b->directory);
	if (choice->split && !b->rows)
		return error_set(e, EXIT_USAGE, "%s/index.csv: no row of split '%s'",
		                 b->directory, choice->split);
	b->meta.items = b->rows;
	return 0;
}

static int open_all(struct broden *b, const char *directory, const struct broden_choice *choice,
                    struct error *e)
{
	char path[PATH_MAX];

	b->directory = memory_string(directory, e);
	if (!b->directory || read_categories(b, choice->categories, e) < 0 ||
	    read_labels(b, e) < 0 || read_index(b, choice, e) < 0)
		return -1;
	if (snprintf(path, sizeof path, "%s/images", directory) >= (int)sizeof path)
		return error_set(e, EXIT_USAGE, "%.200s: path is too long", directory);
	if (!realpath(path, b->images))
		return error_errno(e, "%s", path);
	b->root = open(b->images, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->root < 0 ? error_errno(e, "%s", path) : 0;
}

struct broden *broden_open(const char *directory, const struct broden_choice *choice,
                           struct error *e)
{
	struct broden *b = memory_new(1, sizeof *b, e);

	if (b)
		b->root = -1;
	if (b && open_all(b, directory, choice, e) < 0) {
		broden_close(b);
		b = NULL;
	}
	return b;
}

void broden_close(struct broden *b)
{
	if (!b)
		return;
	if (b->root >= 0)
		close(b->root);
	csv_close(&b->index);
	ndr_meta_free(&b->meta);
	free(b->directory);
	free(b->column);
	free(b->field);
	free(b->number);
	free(b);
}

const struct ndr_meta *broden_meta(const struct broden *b)
{
	return &b->meta;
}
