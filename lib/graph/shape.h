/* shape.h -- dimensions of a tensor, outermost first. */
#ifndef GRAPH_SHAPE_H
#define GRAPH_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	RANK_MAX = 8,          /* most axes of a tensor */
	COUNT_LIMIT = 1 << 29, /* values of a tensor */
};

struct shape {
	int rank;
	size_t dims[RANK_MAX];
};

/* Values of a tensor of that shape; false if they are more than COUNT_LIMIT. */
bool shape_count(const struct shape *s, size_t *count);
/* Product of dims [from, to). */
size_t shape_product(const struct shape *s, int from, int to);
bool shape_equal(const struct shape *a, const struct shape *b);
/* The shape of a and b together by multidirectional broadcasting; false if they don't fit. */
bool shape_broadcast(const struct shape *a, const struct shape *b, struct shape *out);
/* "1x96x55x55", or "scalar", in the buffer of n bytes: that buffer. */
const char *shape_text(const struct shape *s, char *buffer, size_t n);

#endif
