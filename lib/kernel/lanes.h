/* lanes.h -- one vector for the channels of a block, which needs no alignment. */
#ifndef KERNEL_LANES_H
#define KERNEL_LANES_H

#include "base/machine.h"
#include "kernel/product.h"

typedef float lanes
        __attribute__((vector_size(BLOCK * sizeof(float)), may_alias, aligned(sizeof(float))));
typedef int lanes_mask __attribute__((vector_size(BLOCK * sizeof(float))));

#define LANES_OF(x) ((x) - (lanes){0})
#define LANES_CHOOSE(if_, a, b)                                                                \
	((lanes)(((lanes_mask)(a) & (if_)) | ((lanes_mask)(b) & ~(if_))))
/* The second where the comparison holds, so that the first stays where it is NaN. */
#define LANES_MAX(a, b) LANES_CHOOSE((b) > (a), b, a)
#define LANES_MIN(a, b) LANES_CHOOSE((b) < (a), b, a)

#endif
