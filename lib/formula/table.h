/* table.h -- which sets of labels pixels have, and how many have each: what formulas are
 * counted on.
 *
 * Pixels of which the labels that can be named are the same are one class.  Pixels without
 * such labels match no formula, so they have no class; a unit's area has them. */
#ifndef FORMULA_TABLE_H
#define FORMULA_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formula/formula.h"
#include "base/error.h"

#define FORMULA_NO_CLASS UINT32_MAX

/* Two labels that a pixel has, by their places. */
struct formula_pair {
	uint32_t a, b; /* a < b */
	int64_t truth; /* pixels that have both */
};

/* Labels are known by their places among those that can be named, ascending. */
struct formula_table {
	size_t labels;
	uint16_t *number; /* (labels) */
	int64_t *truth;   /* (labels): pixels */
	size_t classes;
	int64_t *pixels; /* (classes) */
	size_t *first;   /* (classes + 1): where in label its labels are, ascending */
	uint16_t *label;
	size_t *first_pair; /* (classes + 1): where in in_pair its pairs are */
	uint32_t *in_pair;  /* places in pair */
	size_t pairs;
	struct formula_pair *pair; /* (pairs), by a and b */
	size_t *first_of;          /* (labels + 1): the pairs with that a */
	size_t *first_class; /* (labels + 1): where in class those are that have a label */
	uint32_t *class;
};

/* A class of pixels, as it is given. */
struct formula_class {
	int64_t pixels;
	size_t labels;
	const uint16_t *label; /* (labels), ascending */
};

/* Make a table of n classes for the labels (below size) that named says can be named.  Pixels
 * are below 2^40 in all.  place (n) gets the class of the table that each has become, or
 * FORMULA_NO_CLASS.  EXIT_MALFORMED where pixels have too many labels: more than 2^28 are
 * listed, or 2^24 pairs of them, or 2^21 pairs that differ.  Free it also after an error. */
int formula_table_make(struct formula_table *t, const struct formula_class *class, size_t n,
                       const bool *named, size_t size, uint32_t *place,
                       struct error *e) CHECK_RESULT;
void formula_table_free(struct formula_table *t);

/* What a formula of label numbers matches, both (classes) being a unit's pixels. */
struct formula_counts formula_table_count(const struct formula_table *t, const int64_t *both,
                                          const struct formula *f);

/* The place of a pair; t->pairs if no pixel has both. */
size_t formula_table_pair(const struct formula_table *t, uint32_t a, uint32_t b);

#endif
