/* clamp.h -- bounds of values: a ReLU or Clip. */
#ifndef KERNEL_CLAMP_H
#define KERNEL_CLAMP_H

#include <stdbool.h>
#include <stddef.h>

struct clamp {
	bool on;
	float low, high;
};

/* Bound n values in place; a NaN stays. */
void clamp_row(float *x, size_t n, struct clamp c);

#endif
