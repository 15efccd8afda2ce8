/* test_outline.c -- bitmaps as the edges of their rows, by hand. */
#include "report/outline.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static void set(uint64_t *bitmap, uint32_t width, uint32_t y, uint32_t from, uint32_t to)
{
	for (size_t p = (size_t)y * width + from; p < (size_t)y * width + to; p++)
		bitmap[p / 64] |= UINT64_C(1) << p % 64;
}

static void is(const char *what, const uint64_t *bitmap, uint32_t height, uint32_t width,
               const unsigned char *expected, size_t n)
{
	struct text t = {0};
	struct error e = {0};
	char *bytes;

	ok(outline_write(&t, bitmap, height, width, &e) == 0, "%s", what);
	ok(t.length == n, "%s: %zu bytes, %zu are expected", what, t.length, n);
	bytes = text_take(&t, "a mask", &e);
	ok(bytes && memcmp(bytes, expected, n) == 0, "%s: the same", what);
	free(bytes);
}
#define IS(what, bitmap, height, width, ...)                                                   \
	is(what, bitmap, height, width, (const unsigned char[]){__VA_ARGS__},                  \
	   sizeof((const unsigned char[]){__VA_ARGS__}))

int main(void)
{
	uint64_t small[1] = {0}, wide[24] = {0}, blobs[1] = {0}, full[1] = {~UINT64_C(0)};

	IS("nothing", small, 4, 5, 0, 0);
	set(small, 5, 1, 1, 3);
	set(small, 5, 2, 2, 4);
	set(small, 5, 3, 4, 5);
	IS("edges that move", small, 4, 5, 1, 3, 255, 2, 1, 2, 129, 129, 130, 129);

	/* An edge that moves by 150, a row of 300 pixels; 126 and -127 are the most. */
	set(wide, 300, 0, 200, 300);
	set(wide, 300, 1, 50, 300);
	set(wide, 300, 2, 176, 300);
	set(wide, 300, 3, 49, 300);
	set(wide, 300, 4, 176, 300);
	IS("a wide one", wide, 5, 300, 0, 5, 255, 2, 200, 1, 100, 255, 2, 50, 250, 1, 254, 128,
	   1, 128, 255, 2, 176, 1, 124);

	/* Two in a row, then an empty row, then one. */
	set(blobs, 8, 2, 0, 1);
	set(blobs, 8, 2, 3, 8);
	set(blobs, 8, 4, 2, 3);
	IS("blobs", blobs, 8, 8, 2, 3, 255, 4, 0, 1, 2, 5, 255, 0, 255, 2, 2, 1);
	/* What follows the last pixel does not count. */
	IS("all", full, 2, 3, 0, 2, 255, 2, 0, 3, 128, 128);
	return done();
}
