/* md5.c -- see md5.h. */
#include "join/md5.h"

#include <math.h>
#include <string.h>

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static void add_block(uint32_t state[static 4], const uint8_t block[static 64])
{
	static const uint8_t shift[4][4] = {
	        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], word[16];

	for (int i = 0; i < 16; i++)
		word[i] = block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
		          (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
	for (unsigned i = 0; i < 64; i++) {
		const uint32_t constant = (uint32_t)(fabs(sin(i + 1)) * 4294967296.0);
		uint32_t mixed, next;
		unsigned from;

		if (i < 16) {
			mixed = (b & c) | (~b & d);
			from = i;
		} else if (i < 32) {
			mixed = (d & b) | (~d & c);
			from = 5 * i + 1;
		} else if (i < 48) {
			mixed = b ^ c ^ d;
			from = 3 * i + 5;
		} else {
			mixed = c ^ (b | ~d);
			from = 7 * i;
		}
		next = b + rotate(a + mixed + constant + word[from % 16], shift[i / 16][i % 4]);
		a = d;
		d = c;
		c = b;
		b = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

uint64_t md5_first(const void *data, size_t n)
{
	uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	const uint8_t *bytes = data;
	uint8_t block[128] = {0};
	uint64_t first = 0;
	size_t rest = n % 64, last;

	for (size_t i = 0; i + 64 <= n; i += 64)
		add_block(state, bytes + i);
	memcpy(block, bytes + n - rest, rest);
	block[rest] = 0x80;
	last = rest < 56 ? 64 : 128;
	for (int i = 0; i < 8; i++)
		block[last - 8 + (size_t)i] = (uint8_t)((uint64_t)n * 8 >> 8 * i);
	for (size_t i = 0; i < last; i += 64)
		add_block(state, block + i);
	for (int i = 0; i < 8; i++)
		first = first << 8 | (state[i / 4] >> 8 * (i % 4) & 0xff);
	return first;
}
