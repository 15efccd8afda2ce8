/* discovery.h -- which of many findings are more than chance.
 *
 * Permutation p-values as in Phipson and Smyth, "Permutation p-values should never be zero",
 * 2010; q of Benjamini and Hochberg, "Controlling the false discovery rate", 1995. */
#ifndef DISSECT_DISCOVERY_H
#define DISSECT_DISCOVERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* (1 + reached) / (permutations + 1), where reached permutations gave at least what was seen.
 */
double discovery_p(uint64_t reached, uint64_t permutations);

/* q (n) of p (n): with the p ascending, q_i = min over j >= i of n p_j / j, at most 1.  Those
 * with q <= level are a set of which, in the mean, at most that share is false. */
int discovery_q(const double *p, size_t n, double *q, struct error *e) CHECK_RESULT;

/* How many of n must have the least p that so many permutations can give, 1 / (permutations +
 * 1), before any has q <= level. */
uint64_t discovery_least(size_t n, uint64_t permutations, double level);

#endif
