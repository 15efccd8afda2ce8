/* product.h -- matrix products whose results do not depend on how they are cut up.
 *
 * Y (rows, columns) = W (rows, depth) * X (depth, columns), W being the weights of a
 * layer, packed once.  Each result is one sum in the order of depth, with fused
 * multiply-adds where the processor has them: its bytes depend neither on the shape of
 * the product nor on its place in it, as they do in general BLAS kernels. */
#ifndef NETWORK_PRODUCT_H
#define NETWORK_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	PRODUCT_ROWS = 8,     /* of a panel of weights */
	PRODUCT_HALF = 8,     /* columns come in multiples of it */
	PRODUCT_LANES = 16,   /* of a vector; strides are multiples of it */
	PRODUCT_VECTORS = 3,  /* most of those that a kernel takes at a time */
	PRODUCT_COLUMNS = 48, /* LANES * VECTORS */
};

/* w: one panel (depth, ROWS); x: (depth, columns), rows x_stride apart; y: (ROWS, columns),
 * rows y_stride apart.  x and y are 64-byte aligned, and so are their
 * rows. */
typedef void product_kernel(const float *w, size_t depth, const float *x, size_t x_stride,
                            float *y, size_t y_stride);

/* The kernels for half a vector of columns and for 1 to VECTORS on one set of
 * instructions. */
struct product_set {
	const char *name;
	bool (*runs)(void); /* on this processor */
	const char *cores;  /* for whom OpenBLAS chooses such kernels; NULL: any */
	product_kernel *half;
	product_kernel *kernels[PRODUCT_VECTORS];
};

/* All sets, the best first, ended by one without a name; the last of them always runs. */
extern const struct product_set product_sets[];
/* The first that runs and fits OpenBLAS's choice of kernels: who sets OPENBLAS_CORETYPE
 * chooses for both. */
const struct product_set *product_best(void);

/* n rounded up to a multiple of step. */
static inline size_t round_up(size_t n, size_t step)
{
	return (n + step - 1) / step * step;
}

/* Pack rows of weights, stride apart, into panels; rows that are missing in the last one
 * are zeros.  packed: round_up(rows, ROWS) * depth floats. */
void product_pack(const float *w, size_t rows, size_t depth, size_t stride, float *packed);

/* Y (round_up(rows, ROWS), columns) = W * X, W packed; strides and alignment as for a
 * kernel, columns a multiple of HALF. */
void product(const struct product_set *set, const float *packed, size_t rows, size_t depth,
             const float *x, size_t x_stride, size_t columns, float *y, size_t y_stride);

#endif
