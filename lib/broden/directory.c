/* directory.c -- a Broden directory opened: its tables; see broden.h. */
#include "broden/broden.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"
#include "base/memory.h"
#include "broden/directory.h"
#include "table/utf8.h"

enum { NO_COLUMN = -1 };

const char *const broden_columns[FIXED] = {"image", "split", "ih", "iw", "sh", "sw"};

/* ---- Reading a table ------------------------------------------------------------ */

__attribute__((format(printf, 3, 4))) static int warn(struct broden *b, struct error *e,
                                                      const char *format, ...)
{
	char text[400];
	va_list args;

	if (memory_grow(&b->warning, &b->warning_capacity, b->warnings + 1, sizeof *b->warning,
	                e) < 0)
		return -1;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	b->warning[b->warnings] = memory_string(text, e);
	return b->warning[b->warnings++] ? 0 : -1;
}

/* Byte by byte: words that hold the NUL which was just written are slow to read. */
char *broden_trim(char *s, size_t *length)
{
	char *end;

	while (*s == ' ' || *s == '\t')
		s++;
	end = s;
	for (char *p = s; *p; p++)
		if (*p != ' ' && *p != '\t')
			end = p + 1;
	*end = '\0';
	*length = (size_t)(end - s);
	return s;
}

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

static int path_of(const struct broden *b, const char *stem, const char *name,
                   char path[static PATH_MAX], struct error *e)
{
	if (snprintf(path, PATH_MAX, "%s/%s%s.csv", b->directory, stem, name) < PATH_MAX)
		return 0;
	return error_set(e, EXIT_USAGE, "%.200s: path is too long", b->directory);
}

/* Open a table once, be it a pipe; path is where.  file, if not NULL, is filled. */
static int open_table(const struct broden *b, const char *stem, const char *name,
                      char path[static PATH_MAX], struct csv *table, struct broden_file *file,
                      struct error *e)
{
	size_t length;
	char *text;

	*table = (struct csv){0};
	if (path_of(b, stem, name, path, e) < 0)
		return -1;
	text = file_read(path, path, &length, e);
	if (!text)
		return -1;
	if (file)
		*file = (struct broden_file){checksum(0, text, length), length};
	if (csv_parse(table, text, length, path, e) < 0)
		return -1;
	for (size_t i = 0; i < table->columns; i++)
		table->header[i] = broden_trim(table->header[i], &length);
	return 0;
}

/* ---- Categories and labels -------------------------------------------------------- */

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

static int read_categories(struct broden *b, const char *chosen, struct error *e)
{
	char path[PATH_MAX];
	struct csv table;
	int status = open_table(b, "", "category", path, &table, &b->file[BRODEN_CATEGORY], e);

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
		return warn(b, e,
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
			status = warn(b, e, "%s/label.csv: labels %td and %td are both '%.40s'",
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
		status = open_table(b, "c_", b->meta.category[c], path, &table, NULL, e);
		if (status == 0)
			status = add_coverage(b, &table, (int)c, primary, e);
		csv_close(&table);
	}
	if (status < 0)
		return -1;
	status = open_table(b, "", "label", path, &table, &b->file[BRODEN_LABEL], e);
	if (status == 0)
		status = add_labels(b, &table, primary, path, e);
	csv_close(&table);
	return status;
}

static int read_labels(struct broden *b, struct error *e)
{
	struct primary *primary = memory_new(NDR_LABELS, sizeof *primary, e);
	int status = primary ? read_numbers(b, primary, e) : -1;

	free(primary);
	if (status == 0 && b->uncovered)
		status = warn(
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

/* ---- The rows ------------------------------------------------------------------------ */

static const char *column_name(const struct broden *b, size_t field)
{
	return field < FIXED ? broden_columns[field] : b->meta.category[field - FIXED];
}

/* Columns that nothing is read from can be a category that category.csv lacks. */
static int warn_of_others(struct broden *b, const struct csv *index, struct error *e)
{
	char others[200] = "";
	size_t n = 0, used = 0;

	for (size_t i = 0; i < index->columns; i++) {
		const char *name = index->header[i];
		bool known = !*name;

		for (size_t k = 0; k < b->fields && !known; k++)
			known = strcmp(name, column_name(b, k)) == 0;
		if (known || used >= sizeof others)
			continue;
		used += (size_t)snprintf(others + used, sizeof others - used, "%s%.40s",
		                         n++ ? ", " : "", name);
	}
	if (!n)
		return 0;
	return warn(b, e, "%s/index.csv: not read, as category.csv does not name them: %s",
	            b->directory, others);
}

static int find_columns(struct broden *b, const struct csv *index,
                        const struct broden_choice *choice, struct error *e)
{
	b->fields = FIXED + b->meta.categories;
	b->column = memory_new(b->fields, sizeof *b->column, e);
	if (!b->column)
		return -1;
	for (size_t i = 0; i < b->fields; i++) {
		bool left_out = i == SPLIT && !choice->split &&
		                csv_column(index, column_name(b, i)) < 0;
		int column = left_out ? NO_COLUMN : csv_need(index, column_name(b, i), e);

		if (column < 0 && !left_out)
			return -1;
		for (size_t k = 0; k < FIXED && i >= FIXED; k++)
			if (column == b->column[k])
				return error_set(
				        e, EXIT_MALFORMED,
				        "%s/category.csv: category '%s' is the name of "
				        "another column of index.csv",
				        b->directory, column_name(b, i));
		b->column[i] = column;
	}
	return choice->categories ? 0 : warn_of_others(b, index, e);
}

static const char *index_field(const struct broden *b, const struct csv *index, size_t field,
                               size_t *length)
{
	*length = 0;
	return b->column[field] == NO_COLUMN
	               ? ""
	               : broden_trim(index->field[b->column[field]], length);
}

/* Whether it is of the split that is chosen. */
static bool is_of_split(const struct broden *b, const struct csv *index, const char *split)
{
	size_t length;

	return !split || strcmp(index_field(b, index, SPLIT, &length), split) == 0;
}

/* A row at hand: where it begins in the file's text, and room for its fields. */
struct row_text {
	size_t begin, capacity;
	char *bytes;
};

/* The row's fields, trimmed, into row; how many bytes these are. */
static size_t collect_fields(const struct broden *b, const struct csv *index, char *row)
{
	size_t used = 0;

	for (size_t i = 0; i < b->fields; i++) {
		size_t n;
		const char *field = index_field(b, index, i, &n);

		if (b->column[i] == NO_COLUMN)
			continue;
		memcpy(row + used, field, n + 1);
		used += n + 1;
	}
	return used;
}

/* The fields go to where the text of former rows was: they take no more than that, as each
 * was followed by a comma or a line end. */
static int add_row(struct broden *b, struct csv *index, struct row_text *row, struct error *e)
{
	const size_t used = csv_used(index);
	size_t n;

	if (memory_grow(&b->row, &b->capacity, b->rows + 1, sizeof *b->row, e) < 0 ||
	    memory_grow(&row->bytes, &row->capacity, used - row->begin + 1, 1, e) < 0)
		return -1;
	b->row[b->rows++] = (struct row){(uint32_t)b->text_length, (uint32_t)index->row};
	n = collect_fields(b, index, row->bytes);
	memcpy(b->text + b->text_length, row->bytes, n);
	b->text_length += n;
	return 0;
}

void broden_fields(const struct broden *b, size_t row, const char *field[static BRODEN_FIELDS])
{
	const char *at = b->text + b->row[row].text;

	for (size_t i = 0; i < b->fields; i++) {
		field[i] = b->column[i] == NO_COLUMN ? "" : at;
		if (b->column[i] != NO_COLUMN)
			at += strlen(at) + 1;
	}
}

static int read_rows(struct broden *b, struct csv *index, const struct broden_choice *choice,
                     struct error *e)
{
	struct row_text row = {.begin = csv_used(index)};
	int more = 1;

	if (find_columns(b, index, choice, e) < 0)
		return -1;
	b->text = index->text;
	b->text_length = row.begin; /* behind the header */
	while (b->rows < choice->limit && (more = csv_next(index, e)) == 1) {
		if (is_of_split(b, index, choice->split) && add_row(b, index, &row, e) < 0) {
			more = -1;
			break;
		}
		row.begin = csv_used(index);
	}
	free(row.bytes);
	b->text = csv_take(index);
	return more;
}

static int read_index(struct broden *b, const struct broden_choice *choice, struct error *e)
{
	char path[PATH_MAX];
	struct csv index;
	int status = open_table(b, "", "index", path, &index, &b->file[BRODEN_INDEX], e);

	if (status == 0)
		status = read_rows(b, &index, choice, e);
	csv_close(&index);
	if (status < 0)
		return -1;
	if (b->rows >= NDR_NO_ITEM)
		return error_set(e, EXIT_MALFORMED, "%s: too many rows", path);
	if (choice->split && !b->rows)
		return error_set(e, EXIT_USAGE, "%s: no row of split '%s'", path,
		                 choice->split);
	if (!broden_count(b, 0, (uint32_t)b->rows))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: none of %zu rows has a label in a category of %s", path,
		                 b->rows,
		                 choice->categories ? choice->categories : "category.csv");
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
	ndr_meta_free(&b->meta);
	free(b->directory);
	free(b->column);
	free(b->row);
	free(b->text);
	for (size_t i = 0; i < b->warnings; i++)
		free(b->warning[i]);
	free(b->warning);
	free(b);
}

const struct ndr_meta *broden_meta(const struct broden *b)
{
	return &b->meta;
}

const char *broden_warning(const struct broden *b, size_t i)
{
	return i < b->warnings ? b->warning[i] : NULL;
}

struct broden_file broden_file_read(const struct broden *b, enum broden_table table)
{
	return b->file[table];
}
