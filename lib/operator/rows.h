/* rows.h -- sums over values that lie side by side, in an order that n decides. */
#ifndef OPERATOR_ROWS_H
#define OPERATOR_ROWS_H

#include <stddef.h>

/* The sum of n values, and of the squares of their distance from middle. */
double row_sum(const float *x, size_t n);
double row_squares(const float *x, size_t n, double middle);
/* The largest of n values, NaN left out; -INFINITY if there is none. */
float row_largest(const float *x, size_t n);
/* y = exp(x - top). */
void row_exp(float *y, const float *x, size_t n, float top);

#endif
