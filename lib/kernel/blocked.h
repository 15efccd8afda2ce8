/* blocked.h -- tensors with BLOCK channels of each position side by side.
 *
 * A plain tensor (batch, channels, positions) is (batch, blocks, positions, BLOCK) when
 * it is blocked, so that channels go along vectors.  Lanes past the last channel have no
 * meaning and are not read as channels. */
#ifndef KERNEL_BLOCKED_H
#define KERNEL_BLOCKED_H

#include "kernel/product.h"

static inline size_t blocks_of(size_t channels)
{
	return (channels + BLOCK - 1) / BLOCK;
}

/* A tensor as blocks see it; area: its positions. */
struct blocked_size {
	size_t batch, channels, area;
};

/* Values of it when it is blocked, lanes without a meaning too. */
static inline size_t blocked_count(struct blocked_size s)
{
	return s.batch * blocks_of(s.channels) * s.area * BLOCK;
}

/* A whole tensor. */
void blocked_from_plain(struct blocked_size s, const float *x, float *y);
void blocked_to_plain(struct blocked_size s, const float *x, float *y);

/* From blocked to (batch, positions, channels), and from there. */
void blocked_to_last(struct blocked_size s, const float *x, float *y);
void blocked_from_last(struct blocked_size s, const float *x, float *y);

/* Copy n channels of area positions from channel x_from of x on to channel y_from of y on;
 * y's other channels stay. */
void blocked_copy(const float *x, size_t x_from, float *y, size_t y_from, size_t n,
                  size_t area);

#endif
