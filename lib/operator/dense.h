/* dense.h -- products of matrices. */
#ifndef OPERATOR_DENSE_H
#define OPERATOR_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* Y (m, n) = alpha * A (m, k) * B (k, n), each operand possibly transposed in memory. */
void matrix_product(float *y, const float *a, const float *b, size_t m, size_t n, size_t k,
                    bool transposed_a, bool transposed_b, float alpha);

#endif
