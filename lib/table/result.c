/* result.c -- see result.h. */
#include "table/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/memory.h"
#include "base/file.h"

/* The columns of a category, after its name. */
enum { LABEL, TRUTH, ACTIVATION, INTERSECT, IOU, COLUMNS };
static const char *const suffix[COLUMNS] = {"-label", "-truth", "-activation", "-intersect",
                                            "-iou"};
/* The columns before them. */
enum { UNIT, CATEGORY, BEST_LABEL, SCORE, FIRST_COLUMNS };
static const char *const first_column[FIRST_COLUMNS] = {"unit", "category", "label", "score"};

enum { MAX_CATEGORY_NAME = 128, MAX_CATEGORIES = 1024, MAX_COLUMNS = 65536 };

/* Doubles hold whole numbers exactly up to here. */
static const double COUNT_MAX = 9007199254740992.0;
/* Files may have been rounded to so many digits. */
static const double IOU_TOLERANCE = 1e-6;

int result_new(struct result *r, size_t units, size_t categories, struct error *e)
{
	size_t matches;

	if (!size_multiply(units, categories, &matches) || matches > SIZE_MAX / RESULT_COUNTS)
		return error_set(e, EXIT_SYSTEM, "%zu units by %zu categories: too large",
		                 units, categories);
	r->units = units;
	r->categories = categories;
	r->category = memory_new(categories, sizeof *r->category, e);
	r->unit = memory_new(units, sizeof *r->unit, e);
	r->best = memory_new(units, sizeof *r->best, e);
	r->label = memory_new(matches, sizeof *r->label, e);
	r->counts = memory_new(matches * RESULT_COUNTS, sizeof *r->counts, e);
	r->iou = memory_new(matches, sizeof *r->iou, e);
	return e->code ? -1 : 0;
}

void result_free(struct result *r)
{
	for (size_t c = 0; r->own_category && c < r->categories; c++)
		free(r->own_category[c]);
	free(r->own_category);
	free(r->category);
	free(r->unit);
	free(r->best);
	free(r->label);
	free(r->counts);
	free(r->iou);
	free(r->match);
	free(r->interval);
	free(r->threshold);
	csv_close(&r->csv);
	*r = (struct result){0};
}

/* ---- reading ---- */

struct reading {
	struct result *r;
	const char *name;
	size_t first[FIRST_COLUMNS];
	size_t (*column)[COLUMNS]; /* (categories) */
	uint64_t *row;             /* (units): row of the file */
};

static int bad_row(const struct reading *in, uint64_t row, const char *column, const char *text,
                   const char *why, struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "%s: row %" PRIu64 ": %s '%.40s': %s", in->name,
	                 row, column, text, why);
}

/* Where a column is named C-label, the length of C; else 0. */
static size_t category_length(const char *column)
{
	size_t n = strlen(column), tail = strlen(suffix[LABEL]);

	return n > tail && strcmp(column + n - tail, suffix[LABEL]) == 0 ? n - tail : 0;
}

static int find_category(struct reading *in, size_t c, const char *column, size_t length,
                         struct error *e)
{
	struct result *r = in->r;

	r->own_category[c] = strndup(column, length);
	if (!r->own_category[c])
		return error_set(e, EXIT_SYSTEM, "no memory for a category's name");
	r->category[c] = r->own_category[c];
	for (size_t other = 0; other < c; other++)
		if (strcmp(r->category[other], r->category[c]) == 0)
			return error_set(e, EXIT_MALFORMED, "%s: column '%.80s' is there twice",
			                 in->name, column);
	for (int i = 0; i < COLUMNS; i++) {
		char name[MAX_CATEGORY_NAME + 16];
		int at;

		snprintf(name, sizeof name, "%s%s", r->category[c], suffix[i]);
		at = csv_need(&r->csv, name, e);
		if (at < 0)
			return -1;
		in->column[c][i] = (size_t)at;
	}
	return 0;
}

static int find_columns(struct reading *in, size_t rows, struct error *e)
{
	struct result *r = in->r;
	size_t categories = 0, c = 0;

	if (r->csv.columns > MAX_COLUMNS)
		return error_set(e, EXIT_MALFORMED, "%s: more than %d columns", in->name,
		                 MAX_COLUMNS);
	for (int i = 0; i < FIRST_COLUMNS; i++) {
		int at = csv_need(&r->csv, first_column[i], e);

		if (at < 0)
			return -1;
		in->first[i] = (size_t)at;
	}
	for (size_t i = 0; i < r->csv.columns; i++) {
		size_t length = category_length(r->csv.header[i]);

		categories += length > 0;
		if (length > MAX_CATEGORY_NAME)
			return error_set(e, EXIT_MALFORMED, "%s: column '%.40s...': too long",
			                 in->name, r->csv.header[i]);
	}
	if (categories == 0)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: no category has a column, such as 'object-label'",
		                 in->name);
	if (categories > MAX_CATEGORIES)
		return error_set(e, EXIT_MALFORMED, "%s: more than %d categories", in->name,
		                 MAX_CATEGORIES);
	if (result_new(r, rows, categories, e) < 0)
		return -1;
	r->own_category = memory_new(categories, sizeof *r->own_category, e);
	in->column = memory_new(categories, sizeof *in->column, e);
	in->row = memory_new(rows, sizeof *in->row, e);
	for (size_t i = 0; i < r->csv.columns && !e->code; i++) {
		size_t length = category_length(r->csv.header[i]);

		if (length && find_category(in, c++, r->csv.header[i], length, e) < 0)
			return -1;
	}
	return e->code ? -1 : 0;
}

/* Peers print counts as 12 or as 12.0. */
static int read_count(const struct reading *in, size_t column, uint64_t *count, struct error *e)
{
	const struct csv *csv = &in->r->csv;
	double v;

	if (csv_real(csv, column, &v, e) < 0)
		return -1;
	if (v < 0 || v > COUNT_MAX || v != floor(v))
		return bad_row(in, csv->row, csv->header[column], csv->field[column],
		               "not a count of pixels", e);
	*count = (uint64_t)v;
	return 0;
}

/* One category of the current row; *differs if its IoU is not that of its counts. */
static int read_match(const struct reading *in, size_t c, bool *differs, struct error *e)
{
	struct result *r = in->r;
	const struct csv *csv = &r->csv;
	const size_t *column = in->column[c];
	size_t i = r->units * r->categories + c;
	uint64_t *counts = r->counts + RESULT_COUNTS * i, both;
	double iou;

	if (read_count(in, column[INTERSECT], &counts[RESULT_INTERSECTION], e) < 0 ||
	    read_count(in, column[ACTIVATION], &counts[RESULT_AREA], e) < 0 ||
	    read_count(in, column[TRUTH], &counts[RESULT_TRUTH], e) < 0 ||
	    csv_real(csv, column[IOU], &iou, e) < 0)
		return -1;
	both = counts[RESULT_AREA] + counts[RESULT_TRUTH];
	if (counts[RESULT_INTERSECTION] > both)
		return bad_row(in, csv->row, csv->header[column[INTERSECT]],
		               csv->field[column[INTERSECT]], "more than the whole", e);
	both -= counts[RESULT_INTERSECTION];
	r->label[i] = csv->field[column[LABEL]];
	r->iou[i] = both ? (double)counts[RESULT_INTERSECTION] / (double)both : 0;
	*differs |= fabs(iou - r->iou[i]) > IOU_TOLERANCE;
	return 0;
}

/* The category that the row names, or one with a greater IoU. */
static int read_best(const struct reading *in, bool *differs, struct error *e)
{
	struct result *r = in->r;
	const struct csv *csv = &r->csv;
	const char *category = csv->field[in->first[CATEGORY]];
	const char *label = csv->field[in->first[BEST_LABEL]];
	const double *iou = r->iou + r->units * r->categories;
	size_t best = 0;
	double score;

	while (best < r->categories && strcmp(r->category[best], category) != 0)
		best++;
	if (best == r->categories && *label)
		return bad_row(in, csv->row, "category", category, "has no columns", e);
	if (csv_real(csv, in->first[SCORE], &score, e) < 0)
		return -1;
	best %= r->categories; /* a unit without label need not have a category */
	*differs |= fabs(score - iou[best]) > IOU_TOLERANCE;
	if (strcmp(label, r->label[r->units * r->categories + best]) != 0)
		*differs = true;
	for (size_t c = 0; c < r->categories; c++) {
		if (iou[c] > iou[best]) {
			*differs |= iou[c] > iou[best] + IOU_TOLERANCE;
			best = c;
		}
	}
	r->best[r->units] = best;
	return 0;
}

static int read_row(struct reading *in, struct error *e)
{
	struct result *r = in->r;
	bool differs = false;
	uint64_t unit;

	if (csv_count(&r->csv, in->first[UNIT], 0, UINT32_MAX, &unit, e) < 0)
		return -1;
	for (size_t c = 0; c < r->categories; c++)
		if (read_match(in, c, &differs, e) < 0)
			return -1;
	if (read_best(in, &differs, e) < 0)
		return -1;
	if (differs && r->wrong_rows++ == 0)
		r->first_wrong_row = r->csv.row;
	in->row[r->units] = r->csv.row;
	r->unit[r->units++] = (uint32_t)unit;
	return 0;
}

struct place {
	uint32_t unit;
	uint64_t row;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static int check_units(const struct reading *in, struct error *e)
{
	const struct result *r = in->r;
	struct place *place = memory_new(r->units, sizeof *place, e);

	if (!place)
		return -1;
	for (size_t k = 0; k < r->units; k++)
		place[k] = (struct place){r->unit[k], in->row[k]};
	if (r->units > 0)
		qsort(place, r->units, sizeof *place, compare_places);
	for (size_t k = 1; k < r->units && !e->code; k++)
		if (place[k].unit == place[k - 1].unit)
			error_set(e, EXIT_MALFORMED,
			          "%s: row %" PRIu64 ": unit %" PRIu32 " is in row %" PRIu64
			          " already",
			          in->name, place[k].row, place[k].unit, place[k - 1].row);
	free(place);
	return e->code ? -1 : 0;
}

/* No file has more rows than lines, nor rows shorter than their commas. */
static size_t most_rows(const char *text, size_t length, size_t columns)
{
	size_t lines = 1;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines < length / columns + 1 ? lines : length / columns + 1;
}

static int read_rows(struct reading *in, struct error *e)
{
	struct result *r = in->r;
	size_t rows = most_rows(r->csv.at, (size_t)(r->csv.end - r->csv.at), r->csv.columns);
	int more;

	if (find_columns(in, rows, e) < 0)
		return -1;
	r->units = 0;
	while ((more = csv_next(&r->csv, e)) == 1)
		if (read_row(in, e) < 0)
			return -1;
	if (more < 0)
		return -1;
	if (r->units == 0)
		return error_set(e, EXIT_MALFORMED, "%s: no rows after the header", in->name);
	return check_units(in, e);
}

int result_read(struct result *r, const char *path, struct error *e)
{
	bool standard = strcmp(path, "-") == 0;
	struct reading in = {.r = r, .name = standard ? "<stdin>" : path};
	size_t length;
	char *text = file_read(standard ? "/dev/stdin" : path, in.name, &length, e);
	int status = -1;

	if (text && csv_parse(&r->csv, text, length, in.name, e) == 0)
		status = read_rows(&in, e);
	free(in.column);
	free(in.row);
	return status;
}

/* ---- writing ---- */

struct rank {
	double score;
	size_t at; /* index of the unit in the result */
};

static int compare_ranks(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static void write_counts(struct table *t, const uint64_t *counts)
{
	table_count(t, counts[RESULT_TRUTH]);
	table_real(t, (double)counts[RESULT_AREA]);
	table_count(t, counts[RESULT_INTERSECTION]);
}

static void write_matches(const struct result_match *match, struct table *t)
{
	for (const struct result_match *m = match; m < match + RESULT_MATCHES; m++) {
		table_text(t, m->label);
		table_text(t, m->category);
		write_counts(t, m->counts);
		table_real(t, m->iou);
	}
}

static void write_threshold(const struct result_threshold *h, struct table *t)
{
	table_real(t, h->threshold);
	table_real(t, h->min);
	table_real(t, h->max);
	table_count(t, (uint64_t)h->samples);
	table_count(t, (uint64_t)h->above);
}

static void write_row(const struct result *r, size_t k, struct table *t)
{
	size_t first = k * r->categories, best = first + r->best[k];

	table_count(t, r->unit[k]);
	table_text(t, r->category[r->best[k]]);
	table_text(t, r->label[best]);
	table_real(t, r->iou[best]);
	for (size_t i = first; i < first + r->categories; i++) {
		table_text(t, r->label[i]);
		write_counts(t, r->counts + RESULT_COUNTS * i);
		table_real(t, r->iou[i]);
	}
	if (r->interval) {
		table_real(t, r->interval[k].low);
		table_real(t, r->interval[k].high);
		table_text(t, r->interval[k].borderline ? "yes" : "no");
	}
	if (t->format == TABLE_CSV) /* the released columns, no more */
		return;
	if (r->layer)
		table_text(t, r->layer);
	if (r->match)
		write_matches(r->match + k * RESULT_MATCHES, t);
	if (r->threshold)
		write_threshold(r->threshold + k, t);
	if (r->warnings)
		table_list(t, r->warning, r->warnings);
}

static int write_rows(const struct result *r, struct table *t, struct error *e)
{
	struct rank *rank = memory_new(r->units, sizeof *rank, e);

	if (!rank)
		return -1;
	for (size_t k = 0; k < r->units; k++)
		rank[k] = (struct rank){r->iou[k * r->categories + r->best[k]], k};
	if (r->units > 0)
		qsort(rank, r->units, sizeof *rank, compare_ranks);
	for (size_t k = 0; k < r->units; k++)
		write_row(r, rank[k].at, t);
	free(rank);
	return 0;
}

/* The columns that only TSV and JSON have. */
static int name_details(const struct result *r, struct lines *h, struct error *e)
{
	static const char *const match[] = {"label",      "category",  "truth",
	                                    "activation", "intersect", "iou"};
	static const char *const threshold[] = {"threshold", "min", "max", "samples", "above"};
	const size_t each = sizeof match / sizeof *match,
	             matches = r->match ? RESULT_MATCHES * each : 0,
	             thresholds = r->threshold ? sizeof threshold / sizeof *threshold : 0;

	if (r->layer && lines_add(h, e, "layer") < 0)
		return -1;
	for (size_t i = 0; i < matches; i++)
		if (lines_add(h, e, "%s-%zu", match[i % each], i / each + 1) < 0)
			return -1;
	for (size_t i = 0; i < thresholds; i++)
		if (lines_add(h, e, "%s", threshold[i]) < 0)
			return -1;
	return r->warnings ? lines_add(h, e, "warnings") : 0;
}

static int name_columns(const struct result *r, enum table_format format, struct lines *h,
                        struct error *e)
{
	for (size_t i = 0; i < FIRST_COLUMNS; i++)
		if (lines_add(h, e, "%s", first_column[i]) < 0)
			return -1;
	for (size_t c = 0; c < r->categories; c++)
		for (size_t i = 0; i < COLUMNS; i++)
			if (lines_add(h, e, "%s%s", r->category[c], suffix[i]) < 0)
				return -1;
	if (r->interval &&
	    (lines_add(h, e, "score-low") < 0 || lines_add(h, e, "score-high") < 0 ||
	     lines_add(h, e, "borderline") < 0))
		return -1;
	return format == TABLE_CSV ? 0 : name_details(r, h, e);
}

int result_write(const struct result *r, enum table_format format, int fd, const char *name,
                 struct error *e)
{
	struct lines h = {0};
	struct table t = {0};
	int status = -1;

	if (name_columns(r, format, &h, e) == 0) {
		table_begin(&t, format, (const char *const *)h.line, h.count);
		if (write_rows(r, &t, e) == 0)
			status = table_end(&t, fd, name, e);
	}
	table_free(&t);
	lines_free(&h);
	return status;
}
