/* depthwise.c -- convolution with one channel a group, directly: each lane for itself. */
#include "kernel/algorithm.h"

#include "kernel/blocked.h"
#include "kernel/frame.h"

static bool depthwise_fits(const struct convolution *c)
{
	struct frame f;

	return c->in_group == 1 && c->out_group == 1 && c->groups > 1 &&
	       frame_make(&f, &c->window, BLOCK, false);
}

/* A multiply-add takes a load; copying the input is like one tap more. */
static double depthwise_cost(const struct convolution *c)
{
	return (double)(blocks_of(c->groups) * (c->depth + 1) * c->window.area_out);
}

static size_t depthwise_packed(const struct convolution *c)
{
	return blocks_of(c->groups) * BLOCK * c->window.taps;
}

/* Weights are in the order (block, tap, BLOCK). */
static void depthwise_pack(const struct convolution *c, const float *w, float *packed)
{
	for (size_t block = 0; block < blocks_of(c->groups); block++)
		for (size_t tap = 0; tap < c->window.taps; tap++)
			for (size_t lane = 0; lane < BLOCK; lane++) {
				size_t unit = block * BLOCK + lane;

				*packed++ =
				        unit < c->groups ? w[unit * c->window.taps + tap] : 0;
			}
}

static size_t strip_floats(const struct convolution *c)
{
	return round_up(c->window.taps * sizeof(struct strip) / sizeof(float), BLOCK);
}

static size_t depthwise_scratch(const struct convolution *c, size_t images)
{
	struct frame f;

	(void)images;
	frame_make(&f, &c->window, BLOCK, false);
	return strip_floats(c) + frame_floats(&f);
}

/* One block of an image. */
static void run_block(const struct convolution *c, const struct frame *f,
                      const struct operands *o, size_t image, size_t block)
{
	size_t at = block * c->window.area_out * BLOCK, from, n;
	struct strip *strips = (struct strip *)o->scratch;
	struct product p = {.x_stride = f->stride,
	                    .strips = strips,
	                    .n_strips = c->window.taps,
	                    .w = o->w + block * BLOCK * c->window.taps,
	                    .y_step = BLOCK,
	                    .clamp = o->clamp};
	const float *x = o->x + image * o->x_stride + block * c->window.area_in * BLOCK;
	float *copy = o->scratch + strip_floats(c);

	if (f->copied) {
		frame_fill(f, x, copy);
		x = copy;
	}
	p.bias = o->bias ? o->bias + block * BLOCK : NULL;
	for (size_t row = 0; row < f->rows; row++) {
		p.x = x + frame_row(f, row, &from, &n);
		p.y = o->y + image * o->y_stride + at + from * BLOCK;
		if (o->residual)
			p.residual =
			        o->residual + image * o->residual_stride + at + from * BLOCK;
		product_channelwise(o->set, &p, n);
	}
}

static void depthwise_run(const struct convolution *c, const struct operands *o)
{
	struct strip *strips = (struct strip *)o->scratch;
	struct frame f;

	frame_make(&f, &c->window, BLOCK, false);
	for (size_t tap = 0; tap < c->window.taps; tap++)
		strips[tap] = (struct strip){frame_tap(&f, tap), 1};
	for (size_t image = 0; image < o->images; image++)
		for (size_t block = 0; block < blocks_of(c->groups); block++)
			run_block(c, &f, o, image, block);
}

const struct algorithm algorithm_depthwise = {
        .all_groups = true,
        .fits = depthwise_fits,
        .cost = depthwise_cost,
        .packed = depthwise_packed,
        .pack = depthwise_pack,
        .scratch = depthwise_scratch,
        .run = depthwise_run,
};
