/* frame.c -- see frame.h. */
#include "kernel/frame.h"

#include <string.h>

#include "base/memory.h"

enum {
	ROW = 8 * PRODUCT_POSITIONS, /* of a map that is one long row */
	FRAME_LIMIT = 1 << 29,       /* floats */
};

/* Is each output position the input's at the same place? */
static bool pointwise(const struct window *w)
{
	for (int i = 0; i < SPACE; i++)
		if (w->kernel[i] != 1 || w->stride[i] != 1 || w->begin[i] || w->end[i])
			return false;
	return true;
}

bool frame_make(struct frame *f, const struct window *w, size_t lanes, bool always)
{
	size_t floats = lanes;

	*f = (struct frame){.w = w, .lanes = lanes, .copied = always, .area = 1};
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
	f->step = w->stride[2] * lanes;
	if (pointwise(w)) {
		f->width = w->area_out < ROW ? w->area_out : ROW;
		f->rows = (w->area_out + ROW - 1) / ROW;
	}
	return true;
}

size_t frame_floats(const struct frame *f)
{
	return f->copied ? round_up(f->area * f->lanes, BLOCK) : 0;
}

static float *zeros(float *out, size_t n)
{
	memset(out, 0, n * sizeof *out);
	return out + n;
}

static void interleave(const float *x, size_t apart, size_t lanes, size_t n,
                       float *restrict out)
{
	for (size_t lane = 0; lane < lanes; lane++)
		for (size_t i = 0; i < n; i++)
			out[i * lanes + lane] = x[lane * apart + i];
}

/* apart: floats from lane to lane of a plain map; 0: it is blocked. */
static void fill(const struct frame *f, const float *x, size_t apart, float *copy)
{
	const struct window *w = f->w;
	size_t left = w->begin[2] < f->size[2] ? w->begin[2] : f->size[2];
	size_t n = f->size[2] - left < w->in[2] ? f->size[2] - left : w->in[2];

	for (size_t z = 0; z < f->size[0]; z++)
		for (size_t y = 0; y < f->size[1]; y++) {
			size_t at_z = z - w->begin[0], at_y = y - w->begin[1];
			size_t line = (at_z * w->in[1] + at_y) * w->in[2];

			if (at_z >= w->in[0] || at_y >= w->in[1]) {
				copy = zeros(copy, f->size[2] * f->lanes);
				continue;
			}
			copy = zeros(copy, left * f->lanes);
			if (apart)
				interleave(x + line, apart, f->lanes, n, copy);
			else
				memcpy(copy, x + line * f->lanes, n * f->lanes * sizeof *copy);
			copy = zeros(copy + n * f->lanes, (f->size[2] - left - n) * f->lanes);
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
	       f->lanes;
}

size_t frame_row(const struct frame *f, size_t row, size_t *from, size_t *n)
{
	const struct window *w = f->w;
	size_t left, z = row / w->out[1], y = row % w->out[1];

	*from = row * f->width;
	left = w->area_out - *from;
	*n = left < f->width ? left : f->width;
	if (pointwise(w))
		return *from * f->lanes;
	return (z * w->stride[0] * f->size[1] + y * w->stride[1]) * f->size[2] * f->lanes;
}
