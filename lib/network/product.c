/* product.c -- see product.h.  This file is compiled with contraction to fused
 * multiply-adds. */
#include <cblas.h>
#include <string.h>

#include "network/product.h"

#define UNROLL _Pragma("GCC unroll 16")

/* A kernel for so many columns on registers of width floats: the panel is taken strip rows
 * at a time, whose sums stay in registers. */
#define KERNEL(name, options, width, strip, columns)                                           \
	options static void name(const float *w, size_t depth, const float *x,                 \
	                         size_t x_stride, float *y, size_t y_stride)                   \
	{                                                                                      \
		typedef float lanes __attribute__((vector_size(width * 4), may_alias));        \
		enum { ACROSS = (columns) / (width) };                                         \
		size_t top, d, r, v;                                                           \
                                                                                               \
		for (top = 0; top < PRODUCT_ROWS; top += (strip)) {                            \
			lanes sum[strip][ACROSS] = {0};                                        \
                                                                                               \
			for (d = 0; d < depth; d++) {                                          \
				const lanes *row = (const lanes *)(x + d * x_stride);          \
				const float *weights = w + d * PRODUCT_ROWS + top;             \
                                                                                               \
				UNROLL for (r = 0; r < (strip); r++)                           \
				{                                                              \
					UNROLL for (v = 0; v < ACROSS; v++)                    \
					{                                                      \
						sum[r][v] += weights[r] * row[v];              \
					}                                                      \
				}                                                              \
			}                                                                      \
			UNROLL for (r = 0; r < (strip); r++)                                   \
			{                                                                      \
				lanes *row = (lanes *)(y + (top + r) * y_stride);              \
                                                                                               \
				UNROLL for (v = 0; v < ACROSS; v++)                            \
				{                                                              \
					row[v] = sum[r][v];                                    \
				}                                                              \
			}                                                                      \
		}                                                                              \
	}

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,fma")))
#define AVX2   __attribute__((target("avx2,fma")))

KERNEL(avx512_half, AVX512, 8, 8, 8)
KERNEL(avx512_1, AVX512, 16, 8, 16)
KERNEL(avx512_2, AVX512, 16, 8, 32)
KERNEL(avx512_3, AVX512, 16, 8, 48)
KERNEL(avx2_half, AVX2, 8, 8, 8)
KERNEL(avx2_1, AVX2, 8, 4, 16)
KERNEL(avx2_2, AVX2, 8, 2, 32)
KERNEL(avx2_3, AVX2, 8, 2, 48)

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

KERNEL(plain_half, , 4, 4, 8)
KERNEL(plain_1, , 4, 2, 16)
KERNEL(plain_2, , 4, 1, 32)
KERNEL(plain_3, , 4, 1, 48)

static bool always(void)
{
	return true;
}

const struct product_set product_sets[] = {
#if defined(__x86_64__)
        {"avx512",
         has_avx512,
         "SkylakeX Cooperlake SapphireRapids",
         avx512_half,
         {avx512_1, avx512_2, avx512_3}},
        {"avx2",
         has_avx2,
         "Haswell Zen SkylakeX Cooperlake SapphireRapids",
         avx2_half,
         {avx2_1, avx2_2, avx2_3}},
#endif
        {"plain", always, NULL, plain_half, {plain_1, plain_2, plain_3}},
        {0},
};

const struct product_set *product_best(void)
{
	const struct product_set *set = product_sets;
	const char *core = openblas_get_corename();

	while (!set->runs() || (set->cores && !strcasestr(set->cores, core)))
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

/* The largest kernel for what is left; four vectors are better done as two and two than as
 * three and one. */
static size_t next_vectors(size_t left)
{
	if (left <= PRODUCT_VECTORS)
		return left;
	return left == PRODUCT_VECTORS + 1 ? 2 : PRODUCT_VECTORS;
}

void product(const struct product_set *set, const float *packed, size_t rows, size_t depth,
             const float *x, size_t x_stride, size_t columns, float *y, size_t y_stride)
{
	size_t whole = columns / PRODUCT_LANES, top, v, n;

	for (top = 0; top < rows; top += PRODUCT_ROWS) {
		const float *from = x, *panel = packed + top * depth;
		float *to = y + top * y_stride;

		for (v = 0; v < whole; v += n) {
			n = next_vectors(whole - v);
			set->kernels[n - 1](panel, depth, from, x_stride, to, y_stride);
			from += n * PRODUCT_LANES;
			to += n * PRODUCT_LANES;
		}
		if (columns % PRODUCT_LANES)
			set->half(panel, depth, from, x_stride, to, y_stride);
	}
}
