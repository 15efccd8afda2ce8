/* depthwise.c -- convolution with one input channel a group, directly.
 *
 * A channel is copied with its padding.  At a stride of one, the outputs of all lines, and
 * those between them that are dropped, are one long row. */
#include "network/convolution.h"

#include <string.h>

static bool depthwise_fits(const struct convolution *c)
{
	return c->in_group == 1 && c->groups > 1 && window_is_flat(&c->window);
}

/* A multiply-add of vectors takes two loads; the copies are like one tap more. */
static double depthwise_cost(const struct convolution *c)
{
	return (double)(c->out_group * (c->depth + 1) * c->window.area_out) / PRODUCT_LANES;
}

/* The padded channel, and sums for as many places or one line of the output. */
static size_t depthwise_scratch(const struct convolution *c)
{
	size_t height, width;

	window_reach(&c->window, &height, &width);
	return 2 * round_up(height * width, PRODUCT_LANES);
}

VECTOR_CLONES
static void add_tap(float *restrict y, const float *x, size_t stride, size_t n, float weight)
{
	size_t i;

	if (stride == 1)
		for (i = 0; i < n; i++)
			y[i] += weight * x[i];
	else
		for (i = 0; i < n; i++)
			y[i] += weight * x[i * stride];
}

/* Three taps in a row, gap apart: the usual kernel's. */
VECTOR_CLONES
static void add_three(float *restrict y, const float *x, size_t gap, size_t stride, size_t n,
                      const float *weights)
{
	const float a = weights[0], b = weights[1], c = weights[2], *x1 = x + gap,
	            *x2 = x1 + gap;
	size_t i;

	if (stride == 1)
		for (i = 0; i < n; i++)
			y[i] = y[i] + a * x[i] + b * x1[i] + c * x2[i];
	else if (stride == 2)
		for (i = 0; i < n; i++)
			y[i] = y[i] + a * x[2 * i] + b * x1[2 * i] + c * x2[2 * i];
	else
		for (i = 0; i < n; i++)
			y[i] = y[i] + a * x[i * stride] + b * x1[i * stride] +
			       c * x2[i * stride];
}

/* y: n sums over all taps; x: the first's place under the first tap, lines width long. */
static void sum_taps(const struct window *w, const float *x, size_t width, const float *weights,
                     float *y, size_t n)
{
	size_t row, k;

	memset(y, 0, n * sizeof *y);
	for (row = 0; row < w->kernel[1]; row++, weights += w->kernel[2]) {
		const float *line = x + row * w->dilation[1] * width;

		for (k = 0; k + 3 <= w->kernel[2]; k += 3)
			add_three(y, line + k * w->dilation[2], w->dilation[2], w->stride[2], n,
			          weights + k);
		for (; k < w->kernel[2]; k++)
			add_tap(y, line + k * w->dilation[2], w->stride[2], n, weights[k]);
	}
}

static void depthwise_run(const struct convolution *c, const struct operands *o)
{
	const struct window *w = &c->window;
	size_t height, width, channel, line, n;
	bool dense = w->stride[1] == 1 && w->stride[2] == 1;
	float *padded = o->scratch, *sums;

	window_reach(w, &height, &width);
	sums = padded + round_up(height * width, PRODUCT_LANES);
	window_pad(w, o->x, 0, height, width, padded);
	for (channel = 0; channel < c->out_group; channel++) {
		const float *weights = o->w + channel * w->taps;
		float *y = o->y + channel * w->area_out;

		n = dense ? (w->out[1] - 1) * width + w->out[2] : w->out[2];
		for (line = 0; line < w->out[1]; line++, y += w->out[2]) {
			if (!dense || line == 0) {
				sum_taps(w, padded + line * w->stride[1] * width, width,
				         weights, sums, n);
				convolution_finish(o, channel, sums, sums, n);
			}
			memcpy(y, dense ? sums + line * width : sums, w->out[2] * sizeof *y);
		}
	}
}

const struct algorithm depthwise = {
        .name = NETWORK_IM2COL,
        .fits = depthwise_fits,
        .cost = depthwise_cost,
        .scratch = depthwise_scratch,
        .run = depthwise_run,
};
