/* direct.c -- convolution as it is defined: a product for each row of the output, whose
 * strips are the input under the taps.  Fits everything.
 *
 * A few input channels would leave most of a block empty: an image of three is taken as
 * it is, and its channels put side by side. */
#include "kernel/direct.h"

#include <stdint.h>

#include "kernel/blocked.h"

enum {
	BAND_FLOATS = 1 << 16,   /* of input that all weights are applied to at a time */
	SHARED_FLOATS = 1 << 20, /* of input of images that are taken together */
};

bool direct_input_make(const struct convolution *c, struct direct_input *in)
{
	in->narrow = algorithm_narrow(c);
	in->width = in->narrow ? c->in_group : BLOCK;
	in->blocks = in->narrow ? 1 : blocks_of(c->in_group);
	return frame_make(&in->frame, &c->window, in->width, in->narrow) &&
	       frame_floats(&in->frame) <= (SIZE_MAX >> 8) / in->blocks;
}

size_t direct_input_floats(const struct direct_input *in)
{
	return in->blocks * frame_floats(&in->frame);
}

static size_t channels_of(const struct convolution *c, const struct direct_input *in,
                          size_t block)
{
	size_t left = c->in_group - block * in->width;

	return left < in->width ? left : in->width;
}

/* Images whose rows are computed together, so that a panel of weights is read once for
 * all of them. */
static size_t together(const struct direct_input *in, size_t images)
{
	size_t floats = in->blocks * in->frame.area * in->width;

	return floats > SHARED_FLOATS / images ? 1 : images;
}

static size_t strip_floats(const struct convolution *c, const struct direct_input *in)
{
	return round_up(in->blocks * c->window.taps * sizeof(struct strip) / sizeof(float),
	                BLOCK);
}

static size_t direct_scratch(const struct convolution *c, size_t images)
{
	struct direct_input in;

	if (!direct_input_make(c, &in))
		return SIZE_MAX;
	return strip_floats(c, &in) + together(&in, images) * direct_input_floats(&in);
}

/* Weights are in the order (panel, input block, tap, channel of the block, BLOCK). */
static void direct_pack(const struct convolution *c, const float *w, float *packed)
{
	size_t blocks = blocks_of(c->out_group),
	       width = algorithm_narrow(c) ? c->in_group : BLOCK;
	size_t n;

	for (size_t top = 0; top < blocks; top += PRODUCT_BLOCKS)
		for (size_t from = 0; from < c->in_group; from += width)
			for (size_t tap = 0; tap < c->window.taps; tap++)
				for (size_t k = from; k < from + width && k < c->in_group;
				     k++) {
					n = product_blocks(top, blocks) * BLOCK;
					for (size_t lane = 0; lane < n; lane++) {
						size_t unit = top * BLOCK + lane;

						*packed++ =
						        unit < c->out_group
						                ? w[unit * c->depth +
						                    k * c->window.taps + tap]
						                : 0;
					}
				}
}

/* Neighbours are one strip. */
size_t direct_strips(const struct convolution *c, const struct direct_input *in,
                     struct strip *strips)
{
	size_t n = 0;

	for (size_t block = 0; block < in->blocks; block++)
		for (size_t tap = 0; tap < c->window.taps; tap++) {
			size_t at =
			        block * in->frame.area * in->width + frame_tap(&in->frame, tap);
			size_t length = channels_of(c, in, block);

			if (n > 0 && strips[n - 1].offset + strips[n - 1].length == at)
				strips[n - 1].length += length;
			else
				strips[n++] = (struct strip){at, length};
		}
	return n;
}

const float *direct_input_fill(const struct direct_input *in, const struct operands *o,
                               size_t first, size_t n, float *copy, size_t *stride)
{
	const struct frame *f = &in->frame;

	*stride = o->x_stride;
	if (!f->copied)
		return o->x + first * o->x_stride;
	*stride = direct_input_floats(in);
	for (size_t image = 0; image < n; image++) {
		const float *x = o->x + (first + image) * o->x_stride;
		float *to = copy + image * *stride;

		if (in->narrow)
			frame_interleave(f, x, to);
		else
			for (size_t block = 0; block < in->blocks; block++)
				frame_fill(f, x + block * f->w->area_in * BLOCK,
				           to + block * frame_floats(f));
	}
	return copy;
}

/* Rows [row, last) of n images, all output channels. */
static void run_rows(const struct convolution *c, const struct direct_input *in,
                     const struct operands *o, struct product *p, const float *x, size_t stride,
                     size_t image, size_t n, size_t row, size_t last)
{
	size_t blocks = blocks_of(c->out_group), area = c->window.area_out;

	for (size_t top = 0; top < blocks; top += PRODUCT_BLOCKS) {
		p->w = o->w + top * BLOCK * c->depth;
		p->ahead =
		        top + PRODUCT_BLOCKS < blocks ? PRODUCT_BLOCKS * BLOCK * c->depth : 0;
		p->bias = o->bias ? o->bias + top * BLOCK : NULL;
		for (size_t i = 0; i < n; i++)
			for (size_t r = row; r < last; r++) {
				size_t from, width, at;

				p->x = x + i * stride + frame_row(&in->frame, r, &from, &width);
				at = (top * area + from) * BLOCK;
				p->y = o->y + (image + i) * o->y_stride + at;
				if (o->residual)
					p->residual = o->residual +
					              (image + i) * o->residual_stride + at;
				product(o->set, p, product_blocks(top, blocks), width);
			}
	}
}

static void direct_run(const struct convolution *c, const struct operands *o)
{
	struct direct_input in;
	struct strip *strips = (struct strip *)o->scratch;
	struct product p = {.strips = strips,
	                    .y_step = BLOCK,
	                    .y_stride = c->window.area_out * BLOCK,
	                    .clamp = o->clamp};
	size_t n, last, band, stride, most;
	const float *x;

	direct_input_make(c, &in);
	most = together(&in, o->images);
	p.n_strips = direct_strips(c, &in, strips);
	p.x_stride = in.frame.stride;
	band = BAND_FLOATS /
	       (in.frame.width * in.frame.stride * in.blocks * c->window.stride[1]);
	band = most > 1 ? in.frame.rows : band == 0 ? 1 : band;
	for (size_t image = 0; image < o->images; image += n) {
		n = o->images - image < most ? o->images - image : most;
		x = direct_input_fill(&in, o, image, n, o->scratch + strip_floats(c, &in),
		                      &stride);
		for (size_t row = 0; row < in.frame.rows; row = last) {
			last = in.frame.rows - row < band ? in.frame.rows : row + band;
			run_rows(c, &in, o, &p, x, stride, image, n, row, last);
		}
	}
}

static bool direct_fits(const struct convolution *c)
{
	(void)c;
	return true;
}

/* Taking the input as it is saves putting it into blocks. */
static double direct_cost(const struct convolution *c)
{
	return (double)(c->groups * c->window.area_out * c->depth) *
	       (double)blocks_of(c->out_group) * (algorithm_narrow(c) ? 0.5 : 1);
}

static size_t direct_packed(const struct convolution *c)
{
	return blocks_of(c->out_group) * BLOCK * c->depth;
}

const struct algorithm algorithm_direct = {
        .plain = algorithm_narrow,
        .fits = direct_fits,
        .cost = direct_cost,
        .packed = direct_packed,
        .pack = direct_pack,
        .scratch = direct_scratch,
        .run = direct_run,
};
