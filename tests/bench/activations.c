/* activations -- replace IMAGE records by activations shaped like AlexNet's
 * conv5 (256 units, 13x13, input 227): a bump or two a unit, of random place,
 * width and height, on zeros.  As in the real layer, about three pairs of image
 * and unit in ten reach the top 0.5 %.  For benchmarks. */
#include "filter/filter.h"

#include <math.h>

enum { UNITS = 256, SIDE = 13 };

static uint64_t scramble(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static float uniform(uint64_t *state)
{
	return (float)(scramble((*state)++) >> 40) / (1 << 24);
}

static int describe(void *ctx, struct ndr_segment *s, struct error *e)
{
	struct ndr_layer layer = {.name = "conv5",
	                          .units = UNITS,
	                          .height = SIDE,
	                          .width = SIDE,
	                          .offset = {17, 17},
	                          .stride = {16, 16},
	                          .size = {163, 163},
	                          .input = {227, 227}};

	(void)ctx;
	return ndr_meta_add_layer(&s->meta, &layer, e);
}

static int replace(void *ctx, const struct ndr_item *in, struct ndr_item *out, size_t thread,
                   struct error *e)
{
	static const unsigned images[] = {NDR_IMAGE, 0};
	struct ndr_record act = {
	        .type = NDR_ACT, .dtype = NDR_F32, .ndim = 3, .dims = {UNITS, SIDE, SIDE}};
	float *a;

	(void)ctx, (void)thread;
	if (filter_copy(in, out, images, e) < 0 || !(a = ndr_item_add(out, &act, e)))
		return -1;
	for (int unit = 0; unit < UNITS; unit++) {
		uint64_t state = scramble((uint64_t)in->number << 32 | (uint64_t)unit);
		float x = uniform(&state) * SIDE, y = uniform(&state) * SIDE;
		float height = -logf(uniform(&state) + 1e-6f),
		      width = 0.5f + 2 * uniform(&state);

		for (int i = 0; i < SIDE * SIDE; i++) {
			float dx = (float)(i % SIDE) - x, dy = (float)(i / SIDE) - y;
			float v = height * (1 - (dx * dx + dy * dy) / (width * width)) +
			          0.1f * uniform(&state);

			a[unit * SIDE * SIDE + i] = v > 0 ? v : 0;
		}
	}
	return 0;
}

int main(int argc, char *argv[])
{
	static const struct tool_usage usage = {
	        "[FILE...]", 0, 0, "Stand in for a network.", "activations images.ndr", NULL};
	static const struct filter filter = {.segment = describe, .item = replace};
	struct tool t;

	tool_start(&t, &usage, NULL, argc, argv);
	return tool_finish(&t, filter_map(&t, &filter));
}
