/* axes.h -- some axes of a tensor, walked in order. */
#ifndef OPERATOR_AXES_H
#define OPERATOR_AXES_H

#include "graph/shape.h"

enum { AXES_MAX = 3 * RANK_MAX };

/* Begin with a count of 1. */
struct axes {
	int rank;
	size_t dims[AXES_MAX], strides[AXES_MAX], count;
};

static inline void axes_append(struct axes *a, size_t dim, size_t stride)
{
	a->dims[a->rank] = dim;
	a->strides[a->rank++] = stride;
	a->count *= dim;
}

/* Where position i of the first rank of them is. */
static inline size_t axes_offset(const struct axes *a, int rank, size_t i)
{
	size_t at = 0;

	for (int axis = rank - 1; axis >= 0; axis--) {
		at += i % a->dims[axis] * a->strides[axis];
		i /= a->dims[axis];
	}
	return at;
}

#endif
