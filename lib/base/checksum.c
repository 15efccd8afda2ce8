/* checksum.c -- see checksum.h.
 *
 * A message is a polynomial over GF(2), and its CRC the remainder by P.  So 64 bytes
 * may be replaced by what they leave, times x^512, in the 64 behind them: each 16
 * bytes are a * x^64 + b, which leaves a * (x^576 mod P) + b * (x^512 mod P), two
 * multiplications without carry.  Of the last 64 bytes zlib takes the CRC.
 * (Gopal et al., Fast CRC computation using PCLMULQDQ, Intel 2009.) */
#include "base/checksum.h"

#include <zlib.h>

#if defined __x86_64__

#include <immintrin.h>

#include "base/machine.h"

enum { STEP = 64, LANES = STEP / 16 };

__attribute__((target("pclmul"))) static uint32_t fold(uint32_t crc, const unsigned char *data,
                                                       size_t n)
{
	/* x^544 and x^480 mod P, the lowest power in bit 32.  The lowest bit of a lane
	 * is its highest power, so their products with 64 bits count for x^32 more. */
	const __m128i powers = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
	__m128i sum[LANES];
	unsigned char left[STEP];

	for (size_t i = 0; i < LANES; i++)
		sum[i] = _mm_loadu_si128((const __m128i *)data + i);
	sum[0] = _mm_xor_si128(sum[0], _mm_cvtsi32_si128((int)~crc));
	for (size_t at = STEP; at < n; at += STEP)
		for (size_t i = 0; i < LANES; i++) {
			__m128i low = _mm_clmulepi64_si128(sum[i], powers, 0x00);
			__m128i high = _mm_clmulepi64_si128(sum[i], powers, 0x11);
			__m128i next = _mm_loadu_si128((const __m128i *)(data + at) + i);

			sum[i] = _mm_xor_si128(_mm_xor_si128(low, high), next);
		}
	for (size_t i = 0; i < LANES; i++)
		_mm_storeu_si128((__m128i *)left + i, sum[i]);
	return (uint32_t)crc32_z(0xffffffff, left, STEP);
}

uint32_t checksum(uint32_t crc, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t whole = n / STEP * STEP;

	if (whole > STEP && machine_has(MACHINE_PCLMUL)) {
		crc = fold(crc, p, whole);
		p += whole;
		n -= whole;
	}
	return (uint32_t)crc32_z(crc, p, n);
}

#else

uint32_t checksum(uint32_t crc, const void *data, size_t n)
{
	return (uint32_t)crc32_z(crc, data, n);
}

#endif

uint32_t checksum_join(uint32_t first, uint32_t second, uint64_t n)
{
	return (uint32_t)crc32_combine(first, second, (z_off_t)n);
}
