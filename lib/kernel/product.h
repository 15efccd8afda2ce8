/* product.h -- the multiply-adds of convolutions, on blocks of channels.
 *
 * Values are blocked (blocked.h): BLOCK channels of a position lie side by side.  A
 * product computes, for a row of positions and one or two blocks of output channels,
 *
 *	y[position][channel] = bias[channel] + sum over k of x[position][k] * w[k][channel]
 *
 * where k runs over strips of the input: a 1x1 convolution has one for each block of
 * channels, a 3x3 one for each of its lines too.  Each result is one sum in the order of
 * k, by fused multiply-adds or, on a processor without, rounded after each product and each
 * sum: its bytes depend neither on how many positions are computed together nor on which,
 * on no compiler, and of all sets only on whether they fuse. */
#ifndef KERNEL_PRODUCT_H
#define KERNEL_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/clamp.h"

enum {
	BLOCK = 16,             /* channels of a block */
	PRODUCT_BLOCKS = 2,     /* most blocks of output channels at a time: a panel */
	PRODUCT_POSITIONS = 14, /* most positions that a kernel takes at a time */
	LONGEST_LINE = 7,       /* vectors of a strip, channelwise, that has a kernel */
	LINE_STEPS = 2,         /* and vectors from position to position */
};

/* length values of the input, the first offset floats after its position. */
struct strip {
	size_t offset, length;
};

struct product {
	const float *x;
	size_t x_stride; /* floats from position to position */
	const struct strip *strips;
	size_t n_strips;
	const float *w;    /* (k, channels of the panel) */
	size_t ahead;      /* floats after these, what is fetched into the cache meanwhile */
	const float *bias; /* one a channel, or NULL */
	const float *residual; /* added to the results, laid out as they are; or NULL */
	float *y;
	size_t y_step;   /* floats from position to position: BLOCK where y is blocked */
	size_t y_stride; /* floats from block to block */
	struct clamp clamp;
};

typedef void product_kernel(const struct product *p);

/* The kernels on one set of instructions, by the number of positions. */
struct product_set {
	const char *name;
	unsigned needs;                                /* features of machine.h */
	bool fused;                                    /* its multiply-adds are rounded once */
	size_t positions;                              /* at a time */
	product_kernel *const *panels[PRODUCT_BLOCKS]; /* by the number of blocks */
	/* One block, each channel for itself: a strip is length vectors of weights, and of the
	 * input, one after the other. */
	product_kernel *const *channelwise;
	/* The same where all strips are 3, 5 or 7 vectors, positions 1 or 2 vectors apart; or
	 * NULL. */
	product_kernel *const *lines[LONGEST_LINE / 2][LINE_STEPS];
};

/* All sets, the best first, ended by one without a name; the last of them always runs. */
extern const struct product_set product_sets[];
/* The first that runs. */
const struct product_set *product_best(void);

/* n rounded up to a multiple of step. */
static inline size_t round_up(size_t n, size_t step)
{
	return (n + step - 1) / step * step;
}

/* Blocks of the panel that begins at block top of so many. */
static inline size_t product_blocks(size_t top, size_t blocks)
{
	return blocks - top < PRODUCT_BLOCKS ? blocks - top : PRODUCT_BLOCKS;
}

/* n positions for a panel of so many blocks; or, channelwise, each channel for itself.  x
 * needs no alignment but channelwise, nor do y and residual; bias and w have 64 bytes. */
void product(const struct product_set *set, const struct product *p, size_t blocks, size_t n);
void product_channelwise(const struct product_set *set, const struct product *p, size_t n);

#endif
