/* accuracy.h -- how often a network names the right class. */
#ifndef DISSECT_ACCURACY_H
#define DISSECT_ACCURACY_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/exact.h"

/* How many of the n logits stand before that of the right class: those that are greater, and
 * of equal ones those of lower number.  0: the class is named first. */
size_t accuracy_rank(const float *logit, size_t n, size_t right);
/* The class that is named first. */
size_t accuracy_first(const float *logit, size_t n);

/* What was counted of one class. */
struct accuracy {
	uint64_t images;     /* of the class */
	uint64_t top1, top5; /* of them: the class is named first; among the first five */
	uint64_t named;      /* images of any class for which it is named first */
	struct exact logit;  /* the class's, summed over its images */
};

/* Count an image of the class, by the rank of its logit. */
void accuracy_add(struct accuracy *a, size_t rank);
/* The same of an image of class right among of (n), by its logits, with what is named. */
void accuracy_count(struct accuracy *of, const float *logit, size_t n, size_t right);

/* One against the rest, of images in all: the mean of the share of the class's images for
 * which it is named first and the share of the others for which it is not.  NAN where there
 * are none of either. */
double accuracy_balanced(const struct accuracy *a, uint64_t images);
/* The mean of the class's logit over its images; NAN without any. */
double accuracy_logit(const struct accuracy *a);

/* Share of all images that were right; and the mean over the classes that have images of each
 * class's share, where a rare class counts as much as a frequent one.  0 without images. */
struct accuracy_shares {
	uint64_t images;
	size_t classes; /* that have images */
	double top1, top5, class_top1, class_top5;
};
struct accuracy_shares accuracy_shares(const struct accuracy *of, size_t classes);

#endif
