/* matrix.h -- products of matrices by the kernels of product.h.
 *
 *	y = x w + bias + residual, bounded, and then what after() makes of it
 *
 * Matrices are plain, but w is packed.  A row of y depends on its
 * row of x alone: its bytes are the same whatever rows are computed with it. */
#ifndef KERNEL_MATRIX_H
#define KERNEL_MATRIX_H

#include "kernel/product.h"

struct matrix {
	const struct product_set *set;
	size_t images, rows, depth, columns; /* of y; w is (depth, columns), the same for all */
	const float *x;
	size_t x_row, y_row;   /* floats from row to row of x, of y and residual */
	const float *w;        /* what matrix_pack() made */
	const float *bias;     /* one a column, or NULL */
	const float *residual; /* as y; or NULL */
	float *y;
	size_t x_image, residual_image, y_image; /* floats from image to image */
	struct clamp clamp;
	void (*after)(const void *what, float *y, size_t n); /* on values in place; or NULL */
	const void *what;
};

/* Floats of a packed (depth, columns); SIZE_MAX: too many. */
size_t matrix_packed(size_t depth, size_t columns);
/* Into packed, which has 64 bytes' alignment: the value of row k and column c stands
 * k * row + c * column floats after w; all are multiplied by factor. */
void matrix_pack(const float *w, size_t depth, size_t columns, size_t row, size_t column,
                 float factor, float *packed);
/* Fills y, whose memory is the caller's and is not x's. */
void matrix_run(const struct matrix *m);

#endif
