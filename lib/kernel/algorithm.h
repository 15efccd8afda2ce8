/* algorithm.h -- the algorithms that compute convolutions, and what they are told.
 *
 * None of them fails or allocates: who asks scratch() first gives as much.  A result is one
 * sum in an order that the layer decides; neighbouring images and threads don't change it.
 *
 * Costs and sizes of bands and batches in this room are tuned: they change speed, and results
 * only where they change which algorithm is the cheapest.  The speeds in README.md, which
 * names machine and date, were measured with the values that stand here. */
#ifndef KERNEL_ALGORITHM_H
#define KERNEL_ALGORITHM_H

#include "kernel/product.h"
#include "kernel/window.h"

/* The sizes of a layer. */
struct convolution {
	struct window window; /* first: pooling nodes begin with one too */
	size_t groups;
	size_t in_group, out_group; /* channels of one group */
	size_t depth;               /* in_group * taps: length of the dot products */
};

/* One group of some images, or all groups.  Blocked: x (images, in_group, area_in), plain
 * where the algorithm is, y and residual (images, out_group, area_out); strides are
 * floats from image to image.  bias is filled up to whole blocks, or NULL; w: what pack() made.
 */
struct operands {
	const struct product_set *set;
	size_t images;
	const float *x, *residual; /* residual: added to the results, or NULL */
	float *y;
	size_t x_stride, y_stride, residual_stride;
	const float *w, *bias;
	float *scratch;
	struct clamp clamp;
	bool halved; /* y: the maxima of 2x2 results each.  algorithm_winograd alone, and
	              * without a residual */
};

/* A way to compute a convolution.  What it does depends on the layer alone. */
struct algorithm {
	bool all_groups;                            /* takes all groups at once */
	bool (*plain)(const struct convolution *c); /* takes a plain input; NULL: no */
	bool (*fits)(const struct convolution *c);
	/* Time for an image, as a number of multiply-adds of vectors. */
	double (*cost)(const struct convolution *c);
	/* Floats that pack() writes for one group, or for all that are taken at once. */
	size_t (*packed)(const struct convolution *c);
	/* w: (out_group, in_group, taps), into packed, which has 64 bytes' alignment */
	void (*pack)(const struct convolution *c, const float *w, float *packed);
	/* Floats of scratch memory for so many images, at least one; SIZE_MAX: too many. */
	size_t (*scratch)(const struct convolution *c, size_t images);
	/* Fills y.  Memory belongs to the caller; y and scratch have 64 bytes' alignment. */
	void (*run)(const struct convolution *c, const struct operands *o);
};

extern const struct algorithm algorithm_depthwise, algorithm_direct, algorithm_phases,
        algorithm_winograd;

enum { NARROW = 8 }; /* channels that are not worth a block */

/* Is the input so narrow, like an image, that it is better taken plain? */
static inline bool algorithm_narrow(const struct convolution *c)
{
	return c->groups == 1 && c->in_group <= NARROW;
}

#endif
