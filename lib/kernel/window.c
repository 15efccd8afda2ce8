/* window.c -- see window.h. */
#include "kernel/window.h"

#include <string.h>

#include "base/machine.h"

void window_inside(const struct window *w, int axis, size_t k, size_t *from, size_t *to)
{
	size_t at = k * w->dilation[axis], pad = w->begin[axis], s = w->stride[axis];
	size_t past = w->in[axis] + pad; /* first place after the input */

	*from = at >= pad ? 0 : (pad - at + s - 1) / s;
	*to = at >= past ? 0 : (past - at + s - 1) / s;
	if (*to > w->out[axis])
		*to = w->out[axis];
	if (*from > *to)
		*from = *to;
}

void window_tap(const struct window *w, size_t tap, size_t *k)
{
	k[2] = tap % w->kernel[2];
	tap /= w->kernel[2];
	k[1] = tap % w->kernel[1];
	k[0] = tap / w->kernel[1];
}

VECTOR_CLONES(extern, void, window_copy,
              (float *restrict out, const float *in, size_t stride, size_t n),
              (out, in, stride, n))
{
	if (stride == 2)
		for (size_t i = 0; i < n; i++)
			out[i] = in[2 * i];
	else if (stride == 4)
		for (size_t i = 0; i < n; i++)
			out[i] = in[4 * i];
	else
		for (size_t i = 0; i < n; i++)
			out[i] = in[i * stride];
}

bool window_is_point(const struct window *w)
{
	for (int i = 0; i < SPACE; i++)
		if (w->kernel[i] != 1 || w->stride[i] != 1 || w->begin[i] || w->end[i])
			return false;
	return true;
}

bool window_is_flat(const struct window *w)
{
	size_t height, width;

	window_reach(w, &height, &width);
	return w->in[0] == 1 && w->out[0] == 1 && w->kernel[0] == 1 &&
	       height * width <= 4 * (w->area_in + w->area_out);
}

void window_reach(const struct window *w, size_t *height, size_t *width)
{
	*height = (w->out[1] - 1) * w->stride[1] + (w->kernel[1] - 1) * w->dilation[1] + 1;
	*width = (w->out[2] - 1) * w->stride[2] + (w->kernel[2] - 1) * w->dilation[2] + 1;
}

static float *fill(float *out, float value, size_t n)
{
	while (n-- > 0)
		*out++ = value;
	return out;
}

void window_pad(const struct window *w, const float *x, float value, size_t height,
                size_t width, float *out)
{
	size_t left = w->begin[2] < width ? w->begin[2] : width;
	size_t n = w->in[2] < width - left ? w->in[2] : width - left;

	for (size_t y = 0; y < height; y++) {
		if (y < w->begin[1] || y - w->begin[1] >= w->in[1]) {
			out = fill(out, value, width);
			continue;
		}
		out = fill(out, value, left);
		memcpy(out, x + (y - w->begin[1]) * w->in[2], n * sizeof *out);
		out = fill(out + n, value, width - left - n);
	}
}

void window_slide(const struct window *w, const size_t *k, const float *x, float *y,
                  window_row *row, float weight)
{
	size_t from[SPACE], to[SPACE], at[SPACE];

	for (int i = 0; i < SPACE; i++) {
		window_inside(w, i, k[i], &from[i], &to[i]);
		if (from[i] == to[i])
			return;
	}
	for (size_t z = from[0]; z < to[0]; z++) {
		for (size_t line = from[1]; line < to[1]; line++) {
			const size_t out[SPACE] = {z, line, from[2]};

			for (int i = 0; i < SPACE; i++)
				at[i] = out[i] * w->stride[i] + k[i] * w->dilation[i] -
				        w->begin[i];
			row(y + (z * w->out[1] + line) * w->out[2] + from[2],
			    x + (at[0] * w->in[1] + at[1]) * w->in[2] + at[2], w->stride[2],
			    to[2] - from[2], weight);
		}
	}
}
