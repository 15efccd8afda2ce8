/* label.h -- which label describes a unit, and how many units detect a concept.
 *
 * From counts of pixels over all images (see intersect.h) for unit k and label c
 *
 *	IoU(k, c) = I / (A + G - I)
 *
 * A unit is described by the label of greatest IoU and detects it where that
 * exceeds a threshold, 0.04 in Bau et al. 2017, section 3.2.  Comparisons are in
 * double, the quotient of the two integers. */
#ifndef DISSECT_LABEL_H
#define DISSECT_LABEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Counts of one unit and label, as in a row of SCORE: I, A, G. */
enum { LABEL_INTERSECTION, LABEL_AREA, LABEL_TRUTH, LABEL_COUNTS };

/* I / (A + G - I); 0 where the union is empty.  I is at most A + G. */
double label_iou(const uint64_t counts[static LABEL_COUNTS]);

/* Label all units of a layer: each one's label of greatest IoU in every category,
 * ties to the smaller number, and number 0 with IoU 0 where no label of the
 * category meets the unit's mask; and the category whose label is the best of all,
 * ties likewise, the last category where there is none, as in the released files.
 *	counts    (units, labels, 3)
 *	category  (labels): a label's primary category, -1 to leave it out
 *	number    (units, categories), written
 *	iou       (units, categories), written
 *	best      (units), written
 * categories is at least 1.  EXIT_MALFORMED at counts that masks cannot have: I
 * above A or G, or a sum that overflows. */
int label_units(const uint64_t *counts, const int *category, size_t units, size_t labels,
                size_t categories, uint32_t *number, double *iou, size_t *best,
                struct error *e) CHECK_RESULT;

/* The labels of greatest IoU of one unit, over all categories: best first, ties to the smaller
 * number, and only such as meet the unit's mask.  Returns how many they are, at most most.
 *	counts    (labels, 3), as label_units() takes them
 *	category  (labels): -1 to leave a label out
 *	number    (most), written */
size_t label_best(const uint64_t *counts, const int *category, size_t labels, size_t most,
                  uint32_t *number);

/* How detectors and the concepts that they detect are counted. */
enum label_rule {
	/* The paper's: a unit counts for its best label over all categories. */
	LABEL_TOP,
	/* The released plots': a unit counts for its best label in every category, so
	 * a category's detectors are (unit, label) pairs; the concepts of all
	 * categories add up, whereas the total of detectors stays that of units. */
	LABEL_PER_CATEGORY,
};

struct label_tally {
	size_t detectors, unique; /* unique: distinct label names */
};

/* Count what exceeds the threshold.  An empty name is no concept.
 *	name, iou  (units, categories): the match in each category
 *	best       (units): see label_units()
 *	total, by_category (categories): written */
int label_count(const char *const *name, const double *iou, const size_t *best, size_t units,
                size_t categories, double threshold, enum label_rule rule,
                struct label_tally *total, struct label_tally *by_category,
                struct error *e) CHECK_RESULT;

#endif
