/* columns.c -- convolution as a product: im2col, a tile of output positions at a time.
 *
 * Fits everything.  Where a kernel of one tap moves by one, the columns are the input
 * itself, and gathering them a copy. */
#include "network/convolution.h"

#include <string.h>

enum {
	TILE_FLOATS = 1 << 17, /* of gathered columns: they stay in the second-level cache */
	TILE_MOST = 8 * PRODUCT_COLUMNS,
};

/* Output positions that are computed at a time: as even as they can be, as each tile reads
 * all weights. */
static size_t tile_of(const struct convolution *c)
{
	size_t area = c->window.area_out, most = TILE_FLOATS / c->depth, parts;

	most = most < PRODUCT_COLUMNS ? PRODUCT_COLUMNS : most > TILE_MOST ? TILE_MOST : most;
	parts = (area + most - 1) / most;
	return round_up((area + parts - 1) / parts, PRODUCT_LANES);
}

static bool columns_fit(const struct convolution *c)
{
	(void)c;
	return true;
}

static double columns_cost(const struct convolution *c)
{
	double vectors = (double)round_up(c->window.area_out, PRODUCT_HALF) / PRODUCT_LANES;

	return vectors * (double)c->depth *
	       (double)(round_up(c->out_group, PRODUCT_ROWS) + PRODUCT_ROWS);
}

static size_t columns_packed(const struct convolution *c)
{
	return round_up(c->out_group, PRODUCT_ROWS) * c->depth;
}

static void columns_pack(const struct convolution *c, const float *w, float *packed)
{
	product_pack(w, c->out_group, c->depth, c->depth, packed);
}

/* Columns, then the results for one panel of weights. */
static size_t columns_scratch(const struct convolution *c)
{
	return (c->depth + PRODUCT_ROWS) * tile_of(c);
}

/* One row of the matrix, for positions [p, p + n) that lie in one line of the output:
 * the input under one tap. */
static void gather_line(float *out, const float *line, size_t x, size_t n, size_t from,
                        size_t to, size_t stride, size_t shift, size_t pad)
{
	size_t end = x + n, i;

	from = from < x ? x : from > end ? end : from;
	to = to < from ? from : to > end ? end : to;
	for (i = x; i < from; i++)
		*out++ = 0;
	if (to > from && stride == 1)
		memcpy(out, line + from + shift - pad, (to - from) * sizeof *out);
	else if (to > from)
		window_copy(out, line + from * stride + shift - pad, stride, to - from);
	out += to - from;
	for (i = to; i < end; i++)
		*out++ = 0;
}

/* The part of the matrix under one tap of one channel, for output positions [p, p + n).
 * from and to: where the tap lies inside the input. */
static void gather_row(const struct window *w, const float *x, const size_t *k,
                       const size_t *from, const size_t *to, size_t p, size_t n, float *out)
{
	size_t line = p / w->out[2], column = p % w->out[2];
	size_t z = line / w->out[1], y = line % w->out[1], done, part;

	for (done = 0; done < n; done += part, column = 0) {
		part = w->out[2] - column;
		part = part > n - done ? n - done : part;
		if (z < from[0] || z >= to[0] || y < from[1] || y >= to[1]) {
			memset(out + done, 0, part * sizeof *out);
		} else {
			size_t iz = z * w->stride[0] + k[0] * w->dilation[0] - w->begin[0];
			size_t iy = y * w->stride[1] + k[1] * w->dilation[1] - w->begin[1];

			gather_line(out + done, x + (iz * w->in[1] + iy) * w->in[2], column,
			            part, from[2], to[2], w->stride[2], k[2] * w->dilation[2],
			            w->begin[2]);
		}
		if (++y == w->out[1]) {
			y = 0;
			z++;
		}
	}
}

/* Is the input the matrix? */
static bool pointwise(const struct window *w)
{
	int i;

	for (i = 0; i < SPACE; i++)
		if (w->kernel[i] != 1 || w->stride[i] != 1 || w->begin[i] || w->end[i])
			return false;
	return true;
}

/* columns: (depth, n) for output positions [p, p + n), rows stride apart. */
static void gather(const struct convolution *c, const float *x, size_t p, size_t n, float *out,
                   size_t stride)
{
	const struct window *w = &c->window;
	size_t channel, tap, k[SPACE], from[SPACE], to[SPACE];
	int i;

	if (pointwise(w)) {
		for (channel = 0; channel < c->in_group; channel++)
			memcpy(out + channel * stride, x + channel * w->area_in + p,
			       n * sizeof *out);
		return;
	}
	for (tap = 0; tap < w->taps; tap++) {
		window_tap(w, tap, k);
		for (i = 0; i < SPACE; i++)
			window_inside(w, i, k[i], &from[i], &to[i]);
		for (channel = 0; channel < c->in_group; channel++)
			gather_row(w, x + channel * w->area_in, k, from, to, p, n,
			           out + (channel * w->taps + tap) * stride);
	}
}

static void columns_run(const struct convolution *c, const struct operands *o)
{
	size_t tile = tile_of(c), area = c->window.area_out, from, n, top, k;
	float *results = o->scratch + c->depth * tile;

	for (from = 0; from < area; from += n) {
		n = area - from > tile ? tile : area - from;
		gather(c, o->x, from, n, o->scratch, tile);
		for (top = 0; top < c->out_group; top += PRODUCT_ROWS) {
			product(o->set, o->w + top * c->depth, PRODUCT_ROWS, c->depth,
			        o->scratch, tile, round_up(n, PRODUCT_HALF), results, tile);
			for (k = top; k < c->out_group && k < top + PRODUCT_ROWS; k++)
				convolution_finish(o, k, results + (k - top) * tile,
				                   o->y + k * area + from, n);
		}
	}
}

const struct algorithm columns = {
        .name = NETWORK_IM2COL,
        .fits = columns_fit,
        .cost = columns_cost,
        .packed = columns_packed,
        .pack = columns_pack,
        .scratch = columns_scratch,
        .run = columns_run,
};
