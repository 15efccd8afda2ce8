/* convolution.h -- what the plan and the receptive fields need of a Conv node. */
#ifndef NETWORK_CONVOLUTION_H
#define NETWORK_CONVOLUTION_H

#include "network/window.h"

struct convolution {
	struct window window; /* first: pooling nodes begin with one too */
	size_t groups;
	size_t in_group, out_group; /* channels of one group */
	size_t depth;               /* in_group * taps: length of the dot products */
	size_t tile;                /* output positions computed at a time */
	const struct algorithm *algorithm;
};

#endif
