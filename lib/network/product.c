/* product.c -- see product.h.  This file is compiled with contraction to fused
 * multiply-adds. */
#include "network/product.h"

/* A kernel for vectors * LANES columns on registers of width floats: the panel is taken
 * strip rows at a time, whose sums stay in registers. */
#define KERNEL(name, options, width, strip, vectors)                                           \
	options static void name(const float *w, size_t depth, const float *x,                 \
	                         size_t x_stride, float *y, size_t y_stride)                   \
	{                                                                                      \
		typedef float lanes __attribute__((vector_size(width * 4), may_alias));        \
		enum { ACROSS = (vectors)*PRODUCT_LANES / (width) };                           \
		size_t top, d, r, v;                                                           \
                                                                                               \
		for (top = 0; top < PRODUCT_ROWS; top += (strip)) {                            \
			lanes sum[strip][ACROSS] = {0};                                        \
                                                                                               \
			for (d = 0; d < depth; d++) {                                          \
				const lanes *row = (const lanes *)(x + d * x_stride);          \
                                                                                               \
				_Pragma("GCC unroll 8") for (r = 0; r < (strip); r++)          \
				        _Pragma("GCC unroll 16") for (v = 0; v < ACROSS; v++)  \
				                sum[r][v] +=                                   \
				        w[d * PRODUCT_ROWS + top + r] * row[v];                \
			}                                                                      \
			_Pragma("GCC unroll 8") for (r = 0; r < (strip); r++)                  \
			        _Pragma("GCC unroll 16") for (v = 0; v < ACROSS; v++)(         \
			                (lanes *)(y + (top + r) * y_stride))[v] = sum[r][v];   \
		}                                                                              \
	}

#if defined(__x86_64__)
KERNEL(avx512_1, __attribute__((target("avx512f"))), 16, 8, 1)
KERNEL(avx512_2, __attribute__((target("avx512f"))), 16, 8, 2)
KERNEL(avx512_3, __attribute__((target("avx512f"))), 16, 8, 3)
KERNEL(avx2_1, __attribute__((target("avx2,fma"))), 8, 4, 1)
KERNEL(avx2_2, __attribute__((target("avx2,fma"))), 8, 2, 2)
KERNEL(avx2_3, __attribute__((target("avx2,fma"))), 8, 2, 3)

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

KERNEL(plain_1, , 4, 2, 1)
KERNEL(plain_2, , 4, 1, 2)
KERNEL(plain_3, , 4, 1, 3)

static bool always(void)
{
	return true;
}

const struct product_set product_sets[] = {
#if defined(__x86_64__)
        {"avx512", has_avx512, {avx512_1, avx512_2, avx512_3}},
        {"avx2", has_avx2, {avx2_1, avx2_2, avx2_3}},
#endif
        {"plain", always, {plain_1, plain_2, plain_3}},
        {0},
};

const struct product_set *product_best(void)
{
	const struct product_set *set = product_sets;

	while (!set->runs())
		set++;
	return set;
}

void product_pack(const float *w, size_t rows, size_t depth, size_t stride, float *packed)
{
	size_t top, d, r;

	for (top = 0; top < rows; top += PRODUCT_ROWS)
		for (d = 0; d < depth; d++)
			for (r = 0; r < PRODUCT_ROWS; r++)
				*packed++ = top + r < rows ? w[(top + r) * stride + d] : 0;
}

void product(const struct product_set *set, const float *packed, size_t rows, size_t depth,
             const float *x, size_t x_stride, size_t columns, float *y, size_t y_stride)
{
	size_t vectors = columns / PRODUCT_LANES, top, from, n;

	for (top = 0; top < rows; top += PRODUCT_ROWS) {
		for (from = 0; from < vectors; from += n) {
			/* Four are better done as two and two than as three and one. */
			n = vectors - from;
			if (n > PRODUCT_VECTORS)
				n = n == PRODUCT_VECTORS + 1 ? 2 : PRODUCT_VECTORS;
			set->kernels[n - 1](
			        packed + top * depth, depth, x + from * PRODUCT_LANES, x_stride,
			        y + top * y_stride + from * PRODUCT_LANES, y_stride);
		}
	}
}
