/* tables.c -- see tables.h. */
#include "join/tables.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "join/md5.h"

enum { LABELS = 65536 };

/* ---- labels ---- */

/* Counts of the labels that are kept, by number and by the directory's categories. */
static int renumber(const struct join_kept *k, const struct broden_statistics *counted,
                    struct broden_statistics *s, struct error *e)
{
	if (broden_statistics_new(s, k->categories, e) < 0)
		return -1;
	for (size_t c = 0; c < k->categories; c++)
		for (unsigned i = 1; i < LABELS; i++) {
			const struct broden_count count =
			        broden_count_of(counted, k->category_of[c], (uint16_t)i);

			if (k->number[i] && count.frequency &&
			    broden_statistics_put(s, c, k->number[i], count, e) < 0)
				return -1;
		}
	return 0;
}

static int write_table(const struct join_place *p, const struct broden_names *n,
                       const struct broden_statistics *s, size_t table, struct error *e)
{
	char *name = broden_statistics_table_name(n, table, e);
	const int fd = name ? join_place_create(p, name, e) : -1;
	int status = fd < 0 ? -1 : broden_statistics_write(n, s, table, fd, name, e);

	if (fd >= 0 && close(fd) < 0 && status == 0)
		status = join_place_error(p, name, e);
	free(name);
	return status;
}

int join_tables_write(const struct join_place *p, const struct join_kept *k,
                      const struct broden_statistics *counted, struct error *e)
{
	const struct broden_names names = {.categories = k->categories,
	                                   .category = k->category,
	                                   .name = (const char *const *)k->name,
	                                   .synonyms = (const char *const *)k->synonyms};
	struct broden_statistics s;
	int status = renumber(k, counted, &s, e);

	for (size_t i = 0; i < broden_statistics_tables(&names) && status == 0; i++)
		status = write_table(p, &names, &s, i, e);
	broden_statistics_free(&s);
	return status;
}

/* ---- images ---- */

struct row {
	uint64_t order;
	const char *text;
};

static int by_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* The log's rows in their order, at most so many: its lines are ended where they stand. */
static size_t find_rows(char *log, struct row *row, size_t rows)
{
	size_t n = 0;

	for (char *line = strchr(log, '\n'), *end; line && (end = strchr(line + 1, '\n'));
	     line = end) {
		*end = '\0';
		if (n < rows && join_log_row(line + 1)) {
			row[n].text = join_log_row(line + 1);
			row[n].order = md5_first(row[n].text, strcspn(row[n].text, ","));
			n++;
		}
	}
	if (n)
		qsort(row, n, sizeof *row, by_order);
	return n;
}

int join_index_write(const struct join_place *p, const struct join_kept *k,
                     const struct join_log *log, size_t images, struct error *e)
{
	struct row *row = memory_new(images, sizeof *row, e);
	char *lines = row ? join_log_read(log, e) : NULL, *bytes;
	const size_t n = lines ? find_rows(lines, row, images) : 0;
	struct text out = {0};
	int status = -1;

	text_string(&out, "image,split,ih,iw,sh,sw");
	for (size_t i = 0; i < k->categories; i++)
		text_print(&out, ",%s", k->category[i]);
	text_string(&out, "\r\n");
	for (size_t i = 0; i < n; i++)
		text_print(&out, "%s\r\n", row[i].text);
	free(row);
	if (lines) {
		const size_t length = out.length;

		free(lines);
		bytes = text_take(&out, "index.csv", e);
		if (bytes)
			status = join_place_write(p, "index.csv", bytes, length, e);
		free(bytes);
	}
	text_free(&out);
	return status;
}
