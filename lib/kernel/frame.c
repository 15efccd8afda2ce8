/* frame.c -- see frame.h. */
#include "kernel/frame.h"

#include <string.h>

#include "base/machine.h"
#include "base/memory.h"

enum {
	ROW = 8 * PRODUCT_POSITIONS, /* of a map that is one long row */
	FRAME_LIMIT = 1 << 29,       /* floats */
};

bool frame_make(struct frame *f, const struct window *w, size_t channels, bool copies)
{
	size_t floats = channels;

	*f = (struct frame){.w = w, .channels = channels, .copied = copies, .area = 1};
	for (int i = 0; i < SPACE; i++) {
		size_t reach = (w->out[i] - 1) * w->stride[i] +
		               (w->kernel[i] - 1) * w->dilation[i] + 1;

		f->copied = f->copied || w->begin[i] > 0 || reach > w->in[i];
		f->size[i] = reach;
	}
	for (int i = 0; i < SPACE; i++) {
		if (!f->copied)
			f->size[i] = w->in[i];
		if (!size_multiply(floats, f->size[i], &floats) || floats > FRAME_LIMIT)
			return false;
		f->area *= f->size[i];
	}
	f->rows = w->out[0] * w->out[1];
	f->width = w->out[2];
	f->stride = w->stride[2] * channels;
	if (window_is_point(w)) {
		f->width = w->area_out < ROW ? w->area_out : ROW;
		f->rows = (w->area_out + ROW - 1) / ROW;
	}
	return true;
}

size_t frame_floats(const struct frame *f)
{
	return f->copied ? round_up(f->area * f->channels, BLOCK) : 0;
}

static float *zeros(float *out, size_t n)
{
	memset(out, 0, n * sizeof *out);
	return out + n;
}

/* Three channels: a loop that compilers make vectors of. */
VECTOR_CLONES(static, void, interleave_colours,
              (const float *x, size_t stride, size_t n, float *restrict out),
              (x, stride, n, out))
{
	for (size_t i = 0; i < n; i++) {
		out[3 * i] = x[i];
		out[3 * i + 1] = x[stride + i];
		out[3 * i + 2] = x[2 * stride + i];
	}
}

static void interleave(const float *x, size_t stride, size_t channels, size_t n,
                       float *restrict out)
{
	if (channels == 3) {
		interleave_colours(x, stride, n, out);
		return;
	}
	for (size_t c = 0; c < channels; c++)
		for (size_t i = 0; i < n; i++)
			out[i * channels + c] = x[c * stride + i];
}

/* stride: floats from channel to channel of a plain map; 0: it is blocked. */
static void fill(const struct frame *f, const float *x, size_t stride, float *copy)
{
	const struct window *w = f->w;
	size_t left = w->begin[2] < f->size[2] ? w->begin[2] : f->size[2];
	size_t n = f->size[2] - left < w->in[2] ? f->size[2] - left : w->in[2];

	for (size_t z = 0; z < f->size[0]; z++)
		for (size_t y = 0; y < f->size[1]; y++) {
			size_t at_z = z - w->begin[0], at_y = y - w->begin[1];
			size_t line = (at_z * w->in[1] + at_y) * w->in[2];

			if (at_z >= w->in[0] || at_y >= w->in[1]) {
				copy = zeros(copy, f->size[2] * f->channels);
				continue;
			}
			copy = zeros(copy, left * f->channels);
			if (stride)
				interleave(x + line, stride, f->channels, n, copy);
			else
				memcpy(copy, x + line * f->channels,
				       n * f->channels * sizeof *copy);
			copy = zeros(copy + n * f->channels,
			             (f->size[2] - left - n) * f->channels);
		}
}

void frame_fill(const struct frame *f, const float *x, float *copy)
{
	fill(f, x, 0, copy);
}

void frame_interleave(const struct frame *f, const float *x, float *copy)
{
	fill(f, x, f->w->area_in, copy);
}

size_t frame_tap(const struct frame *f, size_t tap)
{
	const struct window *w = f->w;
	size_t k[SPACE];

	window_tap(w, tap, k);
	return ((k[0] * w->dilation[0] * f->size[1] + k[1] * w->dilation[1]) * f->size[2] +
	        k[2] * w->dilation[2]) *
	       f->channels;
}

size_t frame_row(const struct frame *f, size_t row, size_t *from, size_t *n)
{
	const struct window *w = f->w;
	size_t left, z = row / w->out[1], y = row % w->out[1];

	*from = row * f->width;
	left = w->area_out - *from;
	*n = left < f->width ? left : f->width;
	if (window_is_point(w))
		return *from * f->channels;
	return (z * w->stride[0] * f->size[1] + y * w->stride[1]) * f->size[2] * f->channels;
}

size_t frame_line(const struct frame *f, size_t y)
{
	return y * f->w->stride[1] * f->size[2] * f->channels;
}
