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

struct formula_choice {
	uint32_t length; /* at most FORMULA_MOST */
	size_t beam;  /* formulas that are kept of each length on the way to the next, >= 1 */
	bool optimal; /* then search for better ones, until there are none, */
	uint64_t budget; /* or so many steps were taken, at sets of labels, pairs of labels and
	                    labels that were looked at; 0: no limit */
};

/* The best formula of at most some length. */
struct formula_found {
	struct formula formula; /* of length 0: no label meets the unit */
	struct formula_counts counts;
	bool proven;  /* there is no better one */
	double bound; /* no IoU is greater; 1 after a beam search alone */
};

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
