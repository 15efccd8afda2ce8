/* blocked.c -- see blocked.h. */
#include "kernel/blocked.h"

#include <string.h>

#include "base/machine.h"

bool blocked_fits(const struct shape *s)
{
	return s->rank >= 3;
}

struct shape blocked_shape(const struct shape *s)
{
	struct shape b = {.rank = 4, .dims = {s->dims[0], blocks_of(s->dims[1]), 1, BLOCK}};
	int i;

	for (i = 2; i < s->rank; i++)
		b.dims[2] *= s->dims[i];
	return b;
}

/* y (columns, rows) = x (rows, columns), rows x_step and y_step apart. */
VECTOR_CLONES
static void transpose_block(const float *restrict x, size_t x_step, float *restrict y,
                            size_t area)
{
	size_t i, lane;

	for (i = 0; i < area; i++)
		for (lane = 0; lane < BLOCK; lane++)
			y[i * BLOCK + lane] = x[lane * x_step + i];
}

/* Channels of one block, of which n are there. */
static void to_block(const float *x, size_t n, size_t area, float *y)
{
	size_t i, lane;

	if (n == BLOCK) {
		transpose_block(x, area, y, area);
		return;
	}
	for (i = 0; i < area; i++)
		for (lane = 0; lane < BLOCK; lane++)
			y[i * BLOCK + lane] = lane < n ? x[lane * area + i] : 0;
}

static void from_block(const float *x, size_t n, size_t area, float *y)
{
	size_t i, k, lane;

	for (i = 0; i < area; i += BLOCK)
		for (lane = 0; lane < n; lane++)
			for (k = i; k < area && k < i + BLOCK; k++)
				y[lane * area + k] = x[k * BLOCK + lane];
}

/* Into blocks, or out of them. */
static void convert(const struct shape *s, bool into, const float *x, float *y)
{
	struct shape b = blocked_shape(s);
	size_t area = b.dims[2], image, channel, n;

	for (image = 0; image < b.dims[0]; image++)
		for (channel = 0; channel < s->dims[1]; channel += n) {
			n = s->dims[1] - channel < BLOCK ? s->dims[1] - channel : BLOCK;
			(into ? to_block : from_block)(x, n, area, y);
			x += (into ? n : BLOCK) * area;
			y += (into ? BLOCK : n) * area;
		}
}

void blocked_from_plain(const struct shape *s, const float *x, float *y)
{
	convert(s, true, x, y);
}

void blocked_to_plain(const struct shape *s, const float *x, float *y)
{
	convert(s, false, x, y);
}

void blocked_copy(const float *x, size_t x_from, float *y, size_t y_from, size_t n, size_t area)
{
	size_t c, i;

	for (c = 0; c < n; c++) {
		size_t from = x_from + c, to = y_from + c;
		const float *in = x + from / BLOCK * area * BLOCK + from % BLOCK;
		float *out = y + to / BLOCK * area * BLOCK + to % BLOCK;

		for (i = 0; i < area; i++)
			out[i * BLOCK] = in[i * BLOCK];
	}
}
