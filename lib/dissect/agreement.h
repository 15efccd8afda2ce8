/* agreement.h -- what several people's answers, yes or no, are worth. */
#ifndef DISSECT_AGREEMENT_H
#define DISSECT_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The answers to one question. */
struct answers {
	uint64_t yes, all;
};

/* More yes than no. */
int answers_accept(const struct answers *a);

struct interval {
	double low, high;
};

/* Of n cases k: Wilson's interval of 95 % for the share (E. B. Wilson, 1927).  n 0: [0, 1]. */
struct interval agreement_wilson(uint64_t k, uint64_t n);

/* The share of pairs of answers to one question that are alike, over all questions.  NAN where
 * no question has two answers. */
double agreement_raw(const struct answers *a, size_t questions);

/* Krippendorff's alpha for nominal data, in which answers may be missing: 1 - D_o / D_e, the
 * disagreement observed and that to be expected of the same answers put together at random.
 * NAN where no question has two answers; 1 where all of those are alike. */
double agreement_alpha(const struct answers *a, size_t questions);

/* Its interval of 95 %, by percentiles of so many samples of units, drawn with replacement by a
 * generator that starts with seed.  unit (questions) ascends and says which unit a question is
 * about. -1 with e set if there is no memory. */
int agreement_alpha_interval(const struct answers *a, const uint32_t *unit, size_t questions,
                             size_t samples, uint64_t seed, struct interval *interval,
                             struct error *e) CHECK_RESULT;

#endif
