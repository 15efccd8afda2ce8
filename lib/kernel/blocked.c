/* blocked.c -- see blocked.h. */
#include "kernel/blocked.h"

#include <string.h>

#include "base/machine.h"

/* y (columns, rows) = x (rows, columns), rows x_stride and y_stride from one to the next. */
VECTOR_CLONES(static, void, transpose_block,
              (const float *restrict x, size_t x_stride, float *restrict y, size_t area),
              (x, x_stride, y, area))
{
	for (size_t i = 0; i < area; i++)
		for (size_t lane = 0; lane < BLOCK; lane++)
			y[i * BLOCK + lane] = x[lane * x_stride + i];
}

/* Channels of one block, of which n are there. */
static void to_block(const float *x, size_t n, size_t area, float *y)
{
	if (n == BLOCK) {
		transpose_block(x, area, y, area);
		return;
	}
	for (size_t i = 0; i < area; i++)
		for (size_t lane = 0; lane < BLOCK; lane++)
			y[i * BLOCK + lane] = lane < n ? x[lane * area + i] : 0;
}

static void from_block(const float *x, size_t n, size_t area, float *y)
{
	for (size_t i = 0; i < area; i += BLOCK)
		for (size_t lane = 0; lane < n; lane++)
			for (size_t k = i; k < area && k < i + BLOCK; k++)
				y[lane * area + k] = x[k * BLOCK + lane];
}

/* Into blocks, or out of them. */
static void convert(struct blocked_size s, bool into, const float *x, float *y)
{
	size_t n;

	for (size_t image = 0; image < s.batch; image++)
		for (size_t channel = 0; channel < s.channels; channel += n) {
			n = s.channels - channel < BLOCK ? s.channels - channel : BLOCK;
			(into ? to_block : from_block)(x, n, s.area, y);
			x += (into ? n : BLOCK) * s.area;
			y += (into ? BLOCK : n) * s.area;
		}
}

void blocked_from_plain(struct blocked_size s, const float *x, float *y)
{
	convert(s, true, x, y);
}

void blocked_to_plain(struct blocked_size s, const float *x, float *y)
{
	convert(s, false, x, y);
}

void blocked_to_last(struct blocked_size s, const float *x, float *y)
{
	size_t blocks = blocks_of(s.channels), whole = s.channels / BLOCK;

	for (size_t image = 0; image < s.batch; image++, x += blocks * s.area * BLOCK)
		for (size_t i = 0; i < s.area; i++, y += s.channels) {
			for (size_t b = 0; b < whole; b++)
				memcpy(y + b * BLOCK, x + (b * s.area + i) * BLOCK,
				       BLOCK * sizeof *y);
			if (whole < blocks)
				memcpy(y + whole * BLOCK, x + (whole * s.area + i) * BLOCK,
				       (s.channels - whole * BLOCK) * sizeof *y);
		}
}

void blocked_from_last(struct blocked_size s, const float *x, float *y)
{
	size_t blocks = blocks_of(s.channels), whole = s.channels / BLOCK;
	size_t left = s.channels - whole * BLOCK;

	for (size_t image = 0; image < s.batch; image++, y += blocks * s.area * BLOCK)
		for (size_t i = 0; i < s.area; i++, x += s.channels) {
			for (size_t b = 0; b < whole; b++)
				memcpy(y + (b * s.area + i) * BLOCK, x + b * BLOCK,
				       BLOCK * sizeof *y);
			for (size_t lane = 0; lane < BLOCK && left; lane++)
				y[(whole * s.area + i) * BLOCK + lane] =
				        lane < left ? x[whole * BLOCK + lane] : 0;
		}
}

void blocked_copy(const float *x, size_t x_from, float *y, size_t y_from, size_t n, size_t area)
{
	for (size_t c = 0; c < n; c++) {
		size_t from = x_from + c, to = y_from + c;
		const float *in = x + from / BLOCK * area * BLOCK + from % BLOCK;
		float *out = y + to / BLOCK * area * BLOCK + to % BLOCK;

		for (size_t i = 0; i < area; i++)
			out[i * BLOCK] = in[i * BLOCK];
	}
}
