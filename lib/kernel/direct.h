/* direct.h -- the input of a convolution as rows of positions, and the strips of its taps. */
#ifndef KERNEL_DIRECT_H
#define KERNEL_DIRECT_H

#include "kernel/algorithm.h"
#include "kernel/frame.h"

/* The input of one group. */
struct direct_input {
	struct frame frame;
	bool narrow;
	size_t blocks, width; /* channels of a block, but the last */
};

/* false: it would be too large. */
bool direct_input_make(const struct convolution *c, struct direct_input *in);
/* Floats of a copy of an image; 0 where none is needed. */
size_t direct_input_floats(const struct direct_input *in);
/* The input of n images from first on, as rows are read: the operands', or copy, filled;
 * stride: floats from image to image. */
const float *direct_input_fill(const struct direct_input *in, const struct operands *o,
                               size_t first, size_t n, float *copy, size_t *stride);
/* How many there are; room is for blocks * taps. */
size_t direct_strips(const struct convolution *c, const struct direct_input *in,
                     struct strip *strips);

#endif
