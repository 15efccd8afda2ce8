/* result.h -- a layer's result: which labels describe its units.
 *
 * The table that Bau et al. released for each network and layer, one row a unit:
 *
 *	unit,category,label,score, and for every category C:
 *	C-label,C-truth,C-activation,C-intersect,C-iou
 *
 * Units count from 1.  C-label is the unit's best label of category C, empty if
 * none meets its mask; C-intersect, C-activation and C-truth are I, A and G (see
 * dissect/label.h); category, label and score are those of the best of all. */
#ifndef TABLE_RESULT_H
#define TABLE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "table/csv.h"
#include "table/table.h"

/* Columns of a result's counts; the order of SCORE. */
enum { RESULT_INTERSECTION, RESULT_AREA, RESULT_TRUTH, RESULT_COUNTS };

/* A label that a unit's masks meet. */
struct result_match {
	const char *category, *label; /* empty: there is none */
	uint64_t counts[RESULT_COUNTS];
	double iou;
};

/* What is known of a unit's threshold: the fields of THRESH that a table has. */
struct result_threshold {
	double threshold, min, max, samples, above;
};

/* Where a unit's score would be with other images, and whether the cut is there too. */
struct result_interval {
	double low, high;
	bool borderline;
};

enum { RESULT_MATCHES = 5 }; /* labels of a unit, over all categories */

struct result {
	size_t categories, units;
	const char **category; /* (categories): names */
	uint32_t *unit;        /* (units): numbers as in the file */
	size_t *best;          /* (units): the category whose label describes the unit */
	const char **label;    /* (units, categories) */
	uint64_t *counts;      /* (units, categories, 3) */
	double *iou;           /* (units, categories) */
	/* result_read(): rows whose IoU or best label is not what their own counts give,
	 * and the first of them.  The arrays hold what the counts give. */
	uint64_t wrong_rows, first_wrong_row;
	struct result_interval *interval; /* (units), or NULL: what any format says too */
	/* result_write(): what TSV and JSON say beside the released columns.  Arrays go with
	 * the result; texts are the caller's. */
	const char *layer;                  /* NULL: nothing */
	struct result_match *match;         /* (units, RESULT_MATCHES), best first; or NULL */
	struct result_threshold *threshold; /* (units), or NULL */
	size_t warnings;                    /* in each row, if there are any */
	const char *const *warning;         /* (warnings) */
	/* private: names that result_read() made; label texts are csv's */
	char **own_category;
	struct csv csv;
};

/* Arrays for that many units and categories, zeroed, in a zeroed result; the
 * names are the caller's.  result_free() also after an error. */
int result_new(struct result *r, size_t units, size_t categories, struct error *e) CHECK_RESULT;
void result_free(struct result *r);

/* Read a result into a zeroed r; "-" is standard input.  Columns are found by
 * name, in any order; categories are those that have a column C-label.  There is
 * at least one row. */
int result_read(struct result *r, const char *path, struct error *e) CHECK_RESULT;

/* Write rows by descending score, ties in the order of r, to fd, which stays the
 * caller's; name is for messages.  As CSV these are the released files' bytes. */
int result_write(const struct result *r, enum table_format format, int fd, const char *name,
                 struct error *e) CHECK_RESULT;

#endif
