/* finite.h -- whether floats are numbers. */
#ifndef BASE_FINITE_H
#define BASE_FINITE_H

#include <stddef.h>

/* How many of n floats come before the first that is NaN or infinite: n if none is. */
size_t finite_prefix(const float *x, size_t n);

#endif
