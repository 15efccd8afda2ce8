/* phases.c -- convolution of an image with a stride, as one without.
 *
 * The pixels that a stride of s tells apart, s * s of them, become channels of their own:
 *
 *	y[i][j] = sum over p, q < s, and k, l, of w[sk+p][sl+q] * x[s(i+k)+p][s(j+l)+q]
 *
 * So AlexNet's first layer, 11x11 with a stride of 4, is one of 3x3 on 48 channels, for
 * which Winograd's algorithm takes a third of the multiplications.
 *
 * Channels are in the order (p, channel of the image, q): a run of s pixels stays one. */
#include "kernel/algorithm.h"

#include <string.h>

#include "kernel/blocked.h"

static size_t stride_of(const struct convolution *c)
{
	return c->window.stride[2];
}

static size_t phases_of(const struct convolution *c)
{
	return stride_of(c) * stride_of(c);
}

/* The same layer on phases. */
static struct convolution on_phases(const struct convolution *c)
{
	struct convolution p = *c;
	struct window *w = &p.window;
	size_t s = stride_of(c);

	for (int i = 1; i < SPACE; i++) {
		w->stride[i] = 1;
		w->begin[i] = w->end[i] = 0;
		w->kernel[i] = (w->kernel[i] + s - 1) / s;
		w->in[i] = w->out[i] + w->kernel[i] - 1;
	}
	w->area_in = w->in[1] * w->in[2];
	w->taps = w->kernel[1] * w->kernel[2];
	w->channels = p.in_group = c->in_group * phases_of(c);
	p.depth = p.in_group * w->taps;
	return p;
}

static bool phases_fit(const struct convolution *c)
{
	const struct window *w = &c->window;
	struct convolution p;

	if (!algorithm_narrow(c) || w->axes != 2 || w->stride[1] != w->stride[2] ||
	    stride_of(c) == 1 || BLOCK % stride_of(c) != 0 || w->dilation[1] != 1 ||
	    w->dilation[2] != 1 || !window_is_flat(w))
		return false;
	p = on_phases(c);
	return algorithm_winograd.fits(&p);
}

/* A pixel's value is moved in about the time of two multiply-adds of vectors. */
static double phases_cost(const struct convolution *c)
{
	struct convolution p = on_phases(c);

	return algorithm_winograd.cost(&p) + 2 * (double)(p.in_group * p.window.area_in);
}

/* The filters on phases lie behind what is made of them. */
static size_t phases_packed(const struct convolution *c)
{
	struct convolution p = on_phases(c);

	return algorithm_winograd.packed(&p) + p.out_group * p.depth;
}

static void phases_pack(const struct convolution *c, const float *w, float *packed)
{
	struct convolution p = on_phases(c);
	float *filters = packed + algorithm_winograd.packed(&p);
	size_t s = stride_of(c);

	memset(filters, 0, p.out_group * p.depth * sizeof *filters);
	for (size_t unit = 0; unit < c->out_group; unit++)
		for (size_t channel = 0; channel < c->in_group; channel++)
			for (size_t y = 0; y < c->window.kernel[1]; y++)
				for (size_t x = 0; x < c->window.kernel[2]; x++) {
					size_t phase =
					        (y % s * c->in_group + channel) * s + x % s;
					size_t tap = y / s * p.window.kernel[2] + x / s;

					filters[(unit * p.in_group + phase) * p.window.taps +
					        tap] = *w++;
				}
	algorithm_winograd.pack(&p, filters, packed);
}

/* ---- images ---- */

/* Scratch memory: a padded channel, the phases of an image, what Winograd's algorithm needs. */
static size_t plane_floats(const struct convolution *c, const struct convolution *p)
{
	return round_up(phases_of(c) * p->window.area_in, BLOCK);
}

static size_t map_floats(const struct convolution *p)
{
	return blocks_of(p->in_group) * BLOCK * p->window.area_in;
}

static size_t phases_scratch(const struct convolution *c, size_t images)
{
	struct convolution p = on_phases(c);

	(void)images;
	return plane_floats(c, &p) + map_floats(&p) + algorithm_winograd.scratch(&p, 1);
}

/* One channel's pixels, s at a time, to where they belong. */
static void split(const float *plane, size_t channels, size_t channel, size_t s,
                  const struct window *w, float *map)
{
	for (size_t y = 0; y < w->in[1]; y++)
		for (size_t p = 0; p < s; p++) {
			size_t lane = (p * channels + channel) * s;
			float *to = map + (lane / BLOCK * w->area_in + y * w->in[2]) * BLOCK +
			            lane % BLOCK;

			for (size_t x = 0; x < w->in[2]; x++, plane += s, to += BLOCK)
				memcpy(to, plane, s * sizeof *to);
		}
}

static void phases_run(const struct convolution *c, const struct operands *o)
{
	struct convolution p = on_phases(c);
	struct operands one = *o;
	size_t s = stride_of(c);
	float *plane = o->scratch, *map = plane + plane_floats(c, &p);

	one.images = 1;
	one.x = map;
	one.scratch = map + map_floats(&p);
	for (size_t image = 0; image < o->images; image++) {
		for (size_t channel = 0; channel < c->in_group; channel++) {
			window_pad(&c->window,
			           o->x + image * o->x_stride + channel * c->window.area_in, 0,
			           p.window.in[1] * s, p.window.in[2] * s, plane);
			split(plane, c->in_group, channel, s, &p.window, map);
		}
		one.y = o->y + image * o->y_stride;
		if (o->residual)
			one.residual = o->residual + image * o->residual_stride;
		algorithm_winograd.run(&p, &one);
	}
}

const struct algorithm algorithm_phases = {
        .plain = phases_fit,
        .fits = phases_fit,
        .cost = phases_cost,
        .packed = phases_packed,
        .pack = phases_pack,
        .scratch = phases_scratch,
        .run = phases_run,
};
