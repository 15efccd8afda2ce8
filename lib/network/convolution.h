/* convolution.h -- Conv nodes, and the algorithms that compute them. */
#ifndef NETWORK_CONVOLUTION_H
#define NETWORK_CONVOLUTION_H

#include "network/product.h"
#include "network/window.h"

struct convolution {
	struct window window; /* first: pooling nodes begin with one too */
	size_t groups;
	size_t in_group, out_group; /* channels of one group */
	size_t depth;               /* in_group * taps: length of the dot products */
};

/* One group of one image.  x: (in_group, area_in), y: (out_group, area_out), bias:
 * (out_group) or NULL, w: what pack() made of (out_group, depth), or that itself. */
struct operands {
	const struct product_set *set;
	const float *x, *w, *bias;
	float *y;
	float *scratch;
	struct clamp clamp;
};

/* A way to compute a convolution.  What it does depends on the layer alone. */
struct algorithm {
	enum network_algorithm name;
	bool (*fits)(const struct convolution *c);
	/* Time for one group, as a number of multiply-adds of vectors. */
	double (*cost)(const struct convolution *c);
	/* Floats that pack() writes for one group; NULL: weights are used as they stand. */
	size_t (*packed)(const struct convolution *c);
	void (*pack)(const struct convolution *c, const float *w, float *packed);
	size_t (*scratch)(const struct convolution *c); /* floats; NULL: none */
	void (*run)(const struct convolution *c, const struct operands *o);
};

extern const struct algorithm depthwise, columns, winograd;

/* y = x + the channel's bias, within bounds, n positions; y can be x. */
void convolution_finish(const struct operands *o, size_t channel, const float *x, float *y,
                        size_t n);

#endif
