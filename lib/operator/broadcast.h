/* broadcast.h -- a walk over operands that are broadcast against one another. */
#ifndef OPERATOR_BROADCAST_H
#define OPERATOR_BROADCAST_H

#include "graph/shape.h"

enum { OPERANDS = 3 };

/* The output and its operands, axes merged where that can be; at least one axis. */
struct plane {
	int rank;
	size_t dims[RANK_MAX], strides[OPERANDS][RANK_MAX]; /* 0 where broadcast */
};

/* n operands, whose shapes broadcast to that of the output. */
struct plane plane_of(const struct shape *out, const struct shape *operands, size_t n);
/* Lines along the last axis, which lie one after the other in the output. */
size_t plane_lines(const struct plane *p);
/* The value of each of n operands where a line begins. */
void plane_line(const struct plane *p, size_t line, size_t *at, size_t n);

#endif
