/* depthwise.c -- convolution with one input channel a group, directly. */
#include "network/convolution.h"

#include <string.h>

static bool depthwise_fits(const struct convolution *c)
{
	return c->in_group == 1 && c->groups > 1;
}

/* A vector is loaded twice and stored for each multiply-add. */
static double depthwise_cost(const struct convolution *c)
{
	return 2 * (double)c->out_group * (double)c->depth * (double)c->window.area_out /
	       PRODUCT_LANES;
}

VECTOR_CLONES
static void add_scaled(float *y, const float *x, size_t stride, size_t n, float weight)
{
	size_t i;

	if (stride == 1)
		for (i = 0; i < n; i++)
			y[i] += weight * x[i];
	else
		for (i = 0; i < n; i++)
			y[i] += weight * x[i * stride];
}

static void depthwise_run(const struct convolution *c, const struct operands *o)
{
	const struct window *w = &c->window;
	size_t channel, tap, k[SPACE];

	for (channel = 0; channel < c->out_group; channel++) {
		float *y = o->y + channel * w->area_out;

		memset(y, 0, w->area_out * sizeof *y);
		for (tap = 0; tap < w->taps; tap++) {
			window_tap(w, tap, k);
			window_slide(w, k, o->x, y, add_scaled, o->w[channel * w->taps + tap]);
		}
		convolution_finish(o, channel, y, y, w->area_out);
	}
}

const struct algorithm depthwise = {
        .name = NETWORK_IM2COL,
        .fits = depthwise_fits,
        .cost = depthwise_cost,
        .run = depthwise_run,
};
