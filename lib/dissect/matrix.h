/* matrix.h -- loops over rows of doubles and elementary reflections.
 *
 * Sums run in a fixed order, so results do not depend on the machine. */
#ifndef DISSECT_MATRIX_H
#define DISSECT_MATRIX_H

#include <stddef.h>

/* y += a * x, n elements */
void row_add(double *restrict y, double a, const double *restrict x, size_t n);
double row_dot(const double *x, const double *y, size_t n);

/* The reflection 1 - beta v v' that takes x (n) to a multiple of the first axis,
 * -|x| if x[0] >= 0, else |x|.  x becomes v; returns beta.  0: x is a multiple
 * already, and unchanged. */
double reflection_make(double *x, size_t n);
/* The same reflection of other rows, stride apart; REFLECTION_ROWS of them at a time. */
enum { REFLECTION_ROWS = 4 };
void reflection_apply(const double *v, double beta, double *x, size_t stride, size_t rows,
                      size_t n);

#endif
