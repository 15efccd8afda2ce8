/* search.h -- a unit's best formulas, by length.
 *
 * The search is a branch and bound that follows the formula from left to right.  Against an
 * IoU t that is to be reached, each class of pixels has a weight,
 *
 *	w = I + t (I - G)
 *
 * and a formula reaches t if and only if the weights of its classes sum up to t A or more.
 * Bounds are sums of weights of labels and pairs of labels; the last two labels of a formula
 * are never tried one by one, but found in sorted sums of these. */
#ifndef FORMULA_SEARCH_H
#define FORMULA_SEARCH_H

#include "formula/formula.h"
#include "formula/table.h"

#define FORMULA_MOST_PIXELS ((int64_t)1 << 37)

/* What one thread needs to search; t must outlive it. */
struct formula_search *formula_search_new(const struct formula_table *t,
                                          const struct formula_choice *choice,
                                          struct error *e) CHECK_RESULT;
void formula_search_free(struct formula_search *s);

/* The best formulas of at most 1, 2, ... labels into found (choice->length), for a unit with
 * that many pixels, both (classes of the table) of them in each class.  The same wherever and
 * whenever it runs. */
void formula_search_unit(struct formula_search *s, const int64_t *both, int64_t area,
                         struct formula_found *found);

#endif
