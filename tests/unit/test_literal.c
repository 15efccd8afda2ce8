/* test_literal.c -- values as they stand in a model file: those of float16, all of them. */
#include <math.h>
#include <stdlib.h>

#include "graph/literal.h"
#include "tap.h"

static float half(uint16_t bits)
{
	const uint8_t raw[2] = {(uint8_t)(bits & 0xff), (uint8_t)(bits >> 8)};
	struct literal l = {
	        .type = ONNX_FLOAT16, .kind = KIND_FLOAT, .count = 1, .raw = {raw, 2}};
	float x = 0;

	literal_read(&l, &x);
	return x;
}

/* As IEEE 754 states it: sign, 5 bits of exponent, 10 of fraction. */
static double slow_half(unsigned bits)
{
	unsigned exponent = bits / 1024 % 32;
	double x = bits % 1024 / 1024.0 + (exponent > 0);

	for (unsigned e = exponent ? exponent : 1; e != 15; e += e < 15 ? 1 : -1u)
		x *= e < 15 ? 0.5 : 2;
	return bits >= 32768 ? -x : x;
}

static void test_by_hand(void)
{
	static const struct {
		uint16_t bits;
		double value;
	} table[] = {
	        {0x0000, 0},
	        {0x3c00, 1},
	        {0xc000, -2},
	        {0x3555, 0.333251953125}, /* the nearest to 1/3 */
	        {0x3c01, 1.0009765625},   /* the next after 1 */
	        {0x7bff, 65504},          /* the largest */
	        {0xfbff, -65504},
	        {0x0400, 0.00006103515625},           /* the smallest normal one, 2^-14 */
	        {0x03ff, 0.00006097555160522461},     /* and the one below it */
	        {0x0001, 0.000000059604644775390625}, /* the smallest, 2^-24 */
	        {0x8200, -0.000030517578125},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		ok(half(table[i].bits) == (float)table[i].value, "%04x is %.9g: %.9g",
		   table[i].bits, table[i].value, half(table[i].bits));
	ok(half(0x8000) == 0 && signbit(half(0x8000)), "8000 is -0");
	ok(half(0x7c00) == INFINITY && half(0xfc00) == -INFINITY, "7c00 and fc00 are infinite");
	ok(isnan(half(0x7c01)) && isnan(half(0xfe00)), "7c01 and fe00 are no numbers");
}

static void test_all(void)
{
	int wrong = 0, wrong_sign = 0;

	for (unsigned bits = 0; bits < 65536; bits++) {
		float x = half((uint16_t)bits);

		if (bits / 1024 % 32 == 31)
			wrong += isfinite(x) != 0;
		else
			wrong += x != (float)slow_half(bits);
		wrong_sign += !isnan(x) && (signbit(x) != 0) != (bits >= 32768);
	}
	is_int(wrong, 0, "all 65536 have their value");
	is_int(wrong_sign, 0, "and their sign");
}

int main(void)
{
	test_by_hand();
	test_all();
	ok(literal_type_size(ONNX_FLOAT16) == 2, "each takes two bytes");
	return done();
}
