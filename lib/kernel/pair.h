/* pair.h -- a convolution and the depthwise one that alone reads it, as at the head and in the
 * blocks of MobileNet v2 (Sandler et al., CVPR 2018, section 3.3), some rows at a time: the
 * wide map between them is never whole, and stays in the cache. */
#ifndef KERNEL_PAIR_H
#define KERNEL_PAIR_H

#include "kernel/algorithm.h"

/* Can the two layers, one by algorithm_direct and the other by algorithm_depthwise, run so? */
bool pair_fits(const struct convolution *wide, const struct convolution *deep);
/* Floats of scratch memory. */
size_t pair_scratch(const struct convolution *wide, const struct convolution *deep);
/* The bytes of wide, then deep.  x, w, bias and clamp of both, y and residual of deep alone;
 * the scratch memory is that of wide. */
void pair_run(const struct convolution *wide, const struct operands *from,
              const struct convolution *deep, const struct operands *to);

#endif
