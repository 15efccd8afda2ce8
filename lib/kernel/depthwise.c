/* depthwise.c -- convolution with one channel a group, directly: each lane for itself. */
#include "kernel/depthwise.h"

#include "kernel/blocked.h"

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

/* Taps that lie side by side are one strip. */
static size_t line_taps(const struct window *w)
{
	return w->dilation[2] == 1 ? w->kernel[2] : 1;
}

void depthwise_strips(const struct frame *f, struct strip *strips)
{
	const size_t taps = line_taps(f->w);

	for (size_t tap = 0; tap < f->w->taps; tap += taps)
		*strips++ = (struct strip){frame_tap(f, tap), taps};
}

void depthwise_rows(const struct convolution *c, const struct frame *f,
                    const struct operands *o, struct depthwise_part part)
{
	size_t at = part.block * c->window.area_out * BLOCK, from, n, first;
	struct product p = {.x_stride = f->stride,
	                    .strips = (const struct strip *)o->scratch,
	                    .n_strips = c->window.taps / line_taps(&c->window),
	                    .w = o->w + part.block * BLOCK * c->window.taps,
	                    .bias = o->bias ? o->bias + part.block * BLOCK : NULL,
	                    .y_step = BLOCK,
	                    .clamp = o->clamp};

	first = frame_row(f, part.row, &from, &n);
	for (size_t row = part.row; row < part.last; row++) {
		p.x = part.x + frame_row(f, row, &from, &n) - first;
		p.y = o->y + part.image * o->y_stride + at + from * BLOCK;
		if (o->residual)
			p.residual = o->residual + part.image * o->residual_stride + at +
			             from * BLOCK;
		product_channelwise(o->set, &p, n);
	}
}

static void depthwise_run(const struct convolution *c, const struct operands *o)
{
	float *copy = o->scratch + strip_floats(c);
	struct frame f;

	frame_make(&f, &c->window, BLOCK, false);
	depthwise_strips(&f, (struct strip *)o->scratch);
	for (size_t image = 0; image < o->images; image++)
		for (size_t block = 0; block < blocks_of(c->groups); block++) {
			const float *x =
			        o->x + image * o->x_stride + block * c->window.area_in * BLOCK;

			if (f.copied)
				frame_fill(&f, x, copy);
			depthwise_rows(c, &f, o,
			               (struct depthwise_part){.image = image,
			                                       .block = block,
			                                       .x = f.copied ? copy : x,
			                                       .last = f.rows});
		}
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
