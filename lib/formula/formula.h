/* formula.h -- formulas of labels, and how well they match a unit.
 *
 * A formula is left-deep: ((a op b) op c) ..., each op one of OR, AND and AND NOT.  It is
 * matched by the pixels for whose labels it is true.  Of the A pixels of a unit I match, and G
 * of all pixels:
 *
 *	IoU = I / (A + G - I)
 *
 * compared by cross-multiplication, never as a real number. */
#ifndef FORMULA_FORMULA_H
#define FORMULA_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { FORMULA_MOST = 16 }; /* labels of a formula */

enum formula_op { FORMULA_OR, FORMULA_AND, FORMULA_AND_NOT };

/* The first operator has no meaning.  No labels: nothing, which matches no pixel. */
struct formula {
	uint32_t length;
	uint16_t label[FORMULA_MOST]; /* numbers */
	uint8_t op[FORMULA_MOST];     /* enum formula_op: before the label of that place */
};

/* Whether it is true of a pixel with these labels, n ascending numbers. */
bool formula_holds(const struct formula *f, const uint16_t *label, size_t n);

/* The order of formulas: the shorter first; of equal length the first place where they differ
 * decides, by the smaller label, or for the same label by OR, AND, AND NOT. */
int formula_compare(const struct formula *a, const struct formula *b);

/* "((a OR b) AND (NOT c))", each label as name() has it; nothing is "". */
void formula_print(const struct formula *f,
                   const char *(*name)(const void *ctx, uint16_t label), const void *ctx,
                   struct text *out);
/* "1 OR 2 AND NOT 3", from left to right. */
void formula_print_numbers(const struct formula *f, struct text *out);

/* Pixels of a unit that match, and of all; below 2^40. */
struct formula_counts {
	int64_t both, truth;
};

/* > 0: x is the greater IoU of a unit of that area, < 0: y, 0: they are equal. */
int formula_compare_iou(int64_t area, struct formula_counts x, struct formula_counts y);
double formula_iou(int64_t area, struct formula_counts x);

/* ---- what a search is asked, and finds ---- */

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

#endif
