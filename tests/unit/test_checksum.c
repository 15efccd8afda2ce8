/* test_checksum.c -- CRC-32 against its definition, bit by bit. */
#include "base/checksum.h"

#include <stdlib.h>

#include "tap.h"

enum { LONGEST = 1100 };

static uint32_t by_bits(uint32_t crc, const unsigned char *p, size_t n)
{
	crc = ~crc;
	while (n-- > 0) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

int main(void)
{
	static unsigned char data[LONGEST + 16];
	size_t wrong = 0, wrong_in_parts = 0, wrong_joined = 0;

	ok(checksum(0, "123456789", 9) == 0xcbf43926, "the known value of nine digits");
	srandom(1);
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)(random() >> 8);
	for (size_t n = 0; n <= LONGEST; n++) {
		const unsigned char *p = data + n % 16;
		size_t part = n * 3 / 5;
		uint32_t expected = by_bits(0, p, n);

		wrong += checksum(0, p, n) != expected;
		wrong_in_parts +=
		        checksum(checksum(0, p, part), p + part, n - part) != expected;
		wrong_joined +=
		        checksum_join(checksum(0, p, part), checksum(0, p + part, n - part),
		                      n - part) != expected;
	}
	is_int(wrong, 0, "every length up to %d", LONGEST);
	is_int(wrong_in_parts, 0, "every length in two parts");
	is_int(wrong_joined, 0, "every length of two parts that are joined");
	return done();
}
