/* convolution.h -- Conv nodes, and the algorithms that compute them. */
#ifndef OPERATOR_CONVOLUTION_H
#define OPERATOR_CONVOLUTION_H

#include "kernel/product.h"
#include "kernel/window.h"

struct convolution {
	struct window window; /* first: pooling nodes begin with one too */
	size_t groups;
	size_t in_group, out_group; /* channels of one group */
	size_t depth;               /* in_group * taps: length of the dot products */
};

/* One group of some images, or all groups.  Blocked: x (images, in_group, area_in), plain
 * where the algorithm is, y and residual (images, out_group, area_out); steps are floats
 * from image to image.  bias is filled up to whole blocks, or NULL; w: what pack() made. */
struct operands {
	const struct product_set *set;
	size_t images;
	const float *x, *residual; /* residual: added to the results, or NULL */
	float *y;
	size_t x_step, y_step, residual_step;
	const float *w, *bias;
	float *scratch;
	struct clamp clamp;
};

/* A way to compute a convolution.  What it does depends on the layer alone. */
struct algorithm {
	enum network_algorithm name;
	bool whole;                                 /* takes all groups at once */
	bool (*plain)(const struct convolution *c); /* takes a plain input; NULL: no */
	bool (*fits)(const struct convolution *c);
	/* Time for an image, as a number of multiply-adds of vectors. */
	double (*cost)(const struct convolution *c);
	/* Floats that pack() writes for one group. */
	size_t (*packed)(const struct convolution *c);
	/* w: (out_group, in_group, taps) */
	void (*pack)(const struct convolution *c, const float *w, float *packed);
	/* Floats for so many images, SIZE_MAX: too many. */
	size_t (*scratch)(const struct convolution *c, size_t images);
	void (*run)(const struct convolution *c, const struct operands *o);
};

extern const struct algorithm depthwise, direct, phases, winograd;

enum { NARROW = 8 }; /* channels that are not worth a block */

/* Is the input so narrow, like an image, that it is better taken plain? */
static inline bool convolution_narrow(const struct convolution *c)
{
	return c->groups == 1 && c->in_group <= NARROW;
}

/* The cheapest that fits; of those with the wished name, if any of them does. */
const struct algorithm *convolution_algorithm(const struct convolution *c,
                                              enum network_algorithm wish);

/* Does the algorithm take a plain input? */
static inline bool convolution_plain(const struct algorithm *a, const struct convolution *c)
{
	return a->plain && a->plain(c);
}

/* Does the algorithm work on the values where they lie, so that a residual can be added?  Not
 * where a group is not whole blocks of channels. */
bool convolution_in_place(const struct algorithm *a, const struct convolution *c);

/* y += bias of the block and residual, within bounds, n positions of one block. */
void convolution_finish(const struct operands *o, size_t block, const float *residual, float *y,
                        size_t n);

#endif
