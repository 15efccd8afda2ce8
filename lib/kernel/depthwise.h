/* depthwise.h -- rows of a convolution with one channel a group. */
#ifndef KERNEL_DEPTHWISE_H
#define KERNEL_DEPTHWISE_H

#include "kernel/algorithm.h"
#include "kernel/frame.h"

/* Rows [row, last) of the frame of one block of an image. */
struct depthwise_part {
	size_t image, block, row, last;
	const float *x; /* the first window of row */
};

/* At most one for each tap. */
void depthwise_strips(const struct frame *f, struct strip *strips);
/* The scratch memory begins with these; x of the operands is not looked at. */
void depthwise_rows(const struct convolution *c, const struct frame *f,
                    const struct operands *o, struct depthwise_part part);

#endif
