/* index.c -- the rows of index.csv; see directory.h. */
#include "broden/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *const broden_columns[FIXED] = {"image", "split", "ih", "iw", "sh", "sw"};

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
	return broden_warn(b, e,
	                   "%s/index.csv: not read, as category.csv does not name them: %s",
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

int broden_read_index(struct broden *b, const struct broden_choice *choice, struct error *e)
{
	char path[PATH_MAX];
	struct csv index;
	int status = broden_open_table(b, "", "index", path, &index, &b->file[BRODEN_INDEX], e);

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
