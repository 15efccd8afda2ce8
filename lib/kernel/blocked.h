/* blocked.h -- tensors with BLOCK channels of each position side by side.
 *
 * A plain tensor (batch, channels, positions) is (batch, blocks, positions, BLOCK) when
 * it is blocked, so that channels go along vectors.  Lanes past the last channel have no
 * meaning and are not read as channels. */
#ifndef KERNEL_BLOCKED_H
#define KERNEL_BLOCKED_H

#include "graph/graph.h"
#include "kernel/product.h"

static inline size_t blocks_of(size_t channels)
{
	return (channels + BLOCK - 1) / BLOCK;
}

/* Can a tensor of that shape be blocked: has it a batch, channels and positions? */
bool blocked_fits(const struct shape *s);
/* The same values in the blocked order, as a shape of four axes. */
struct shape blocked_shape(const struct shape *s);

/* Values of it, lanes without a meaning too. */
static inline size_t blocked_count(const struct shape *s)
{
	struct shape b = blocked_shape(s);

	return b.dims[0] * b.dims[1] * b.dims[2] * BLOCK;
}

/* A whole tensor. */
void blocked_from_plain(const struct shape *s, const float *x, float *y);
void blocked_to_plain(const struct shape *s, const float *x, float *y);

/* Copy n channels of area positions from channel x_from of x on to channel y_from of y on;
 * y's other channels stay. */
void blocked_copy(const float *x, size_t x_from, float *y, size_t y_from, size_t n,
                  size_t area);

#endif
