/* convolution.h -- the algorithm of a Conv node. */
#ifndef OPERATOR_CONVOLUTION_H
#define OPERATOR_CONVOLUTION_H

#include "graph/operation.h"
#include "kernel/algorithm.h"

/* The cheapest that fits; of those that the choice names, if any of them does. */
const struct algorithm *convolution_algorithm(const struct convolution *c,
                                              enum convolution_choice choice);

/* Does the algorithm take a plain input? */
static inline bool convolution_plain(const struct algorithm *a, const struct convolution *c)
{
	return a->plain && a->plain(c);
}

/* Does the algorithm work on the values where they lie, so that a residual can be added?  Not
 * where a group is not whole blocks of channels. */
bool convolution_in_place(const struct algorithm *a, const struct convolution *c);

#endif
