/* half.c -- see half.h. */
#include "base/half.h"
#include "base/machine.h"

#include <math.h>
#include <string.h>

#if defined __x86_64__
#include <immintrin.h>
#endif

static float as_float(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static uint32_t as_bits(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

float half_to_float(uint16_t bits)
{
	const uint32_t sign = (uint32_t)(bits & 0x8000) << 16, rest = bits & 0x7fff;

	if (rest >= 0x7c00)
		return as_float(sign | 0x7f800000 | (rest & 0x3ff) << 13);
	/* The exponent's bias, 15 or 127, is made good by a product that is exact. */
	return as_float(sign | as_bits(as_float(rest << 13) * 0x1p112f));
}

uint16_t half_from_float(float x)
{
	const uint32_t bits = as_bits(x), sign = bits >> 16 & 0x8000;
	uint32_t rest = bits & 0x7fffffff;

	if (rest > 0x7f800000)
		return (uint16_t)(sign | 0x7e00);
	if (rest >= 0x47800000) /* 65536 */
		return (uint16_t)(sign | 0x7c00);
	/* Below 2^-14 steps are of 2^-24, as those of floats from a half on are. */
	if (rest < 0x38800000)
		return (uint16_t)(sign | (as_bits(as_float(rest) + 0.5f) - 0x3f000000));
	rest += 0xfff + (rest >> 13 & 1);
	return (uint16_t)(sign | (rest - 0x38000000) >> 13);
}

#if defined __x86_64__
__attribute__((target("avx512f"))) static size_t widen_avx512(const uint16_t *from, float *to,
                                                              size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm512_storeu_ps(to + i,
		                 _mm512_cvtph_ps(_mm256_loadu_si256((const void *)(from + i))));
	return i;
}

__attribute__((target("avx512f"))) static size_t narrow_avx512(const float *from, uint16_t *to,
                                                               size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm256_storeu_si256(
		        (void *)(to + i),
		        _mm512_cvtps_ph(_mm512_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
	return i;
}

__attribute__((target("avx,f16c"))) static size_t widen_f16c(const uint16_t *from, float *to,
                                                             size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(to + i,
		                 _mm256_cvtph_ps(_mm_loadu_si128((const void *)(from + i))));
	return i;
}

__attribute__((target("avx,f16c"))) static size_t narrow_f16c(const float *from, uint16_t *to,
                                                              size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm_storeu_si128((void *)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i),
		                                                   _MM_FROUND_TO_NEAREST_INT));
	return i;
}
#endif

void half_widen(const uint16_t *from, float *to, size_t n)
{
	size_t i = 0;

#if defined __x86_64__
	if (machine_has(MACHINE_AVX512))
		i = widen_avx512(from, to, n);
	else if (machine_has(MACHINE_F16C))
		i = widen_f16c(from, to, n);
#endif
	for (; i < n; i++)
		to[i] = half_to_float(from[i]);
}

void half_narrow(const float *from, uint16_t *to, size_t n)
{
	size_t i = 0;

#if defined __x86_64__
	if (machine_has(MACHINE_AVX512))
		i = narrow_avx512(from, to, n);
	else if (machine_has(MACHINE_F16C))
		i = narrow_f16c(from, to, n);
#endif
	for (; i < n; i++)
		to[i] = half_from_float(from[i]);
}

VECTOR_CLONES(static, int, any_beyond, (const float *x, size_t n), (x, n))
{
	int beyond = 0;

	for (size_t i = 0; i < n; i++)
		beyond |= !(fabsf(x[i]) <= HALF_GREATEST);
	return beyond;
}

size_t half_prefix(const float *from, size_t n)
{
	size_t i = 0;

	if (!any_beyond(from, n))
		return n;
	while (fabsf(from[i]) <= HALF_GREATEST)
		i++;
	return i;
}
