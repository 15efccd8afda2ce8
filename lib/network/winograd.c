/* winograd.c -- convolution 3x3 with fewer multiplications: F(4x4,3x3) and F(2x2,3x3) of
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016).
 *
 * The output is cut into square tiles.  The input under a tile and each filter become
 * edge * edge numbers, whose products, summed over the channels, become the tile:
 *
 *	V = B' d B      input of each channel and tile
 *	U = G g G'      filters, when a plan is made
 *	M = U V         for each of the edge * edge places a product over channels
 *	y = A' M A
 *
 * Tiles of a block lie side by side along the vector axis. */
#include "network/convolution.h"

#include <string.h>

enum {
	EDGE_MOST = 6,
	GROUP = 4 * PRODUCT_ROWS, /* output channels at a time */
	BLOCK_FLOATS = 1 << 18,   /* of V: about the second-level cache */
	BLOCK_LEAST = 4,
	BLOCK_MOST = 16, /* vectors of tiles in a block */
};

/* Apply a transform along one axis, to n tiles: values of the axis are step apart. */
typedef void axis_transform(const float *in, size_t in_step, float *out, size_t out_step,
                            size_t n);

struct form {
	size_t tile, edge;
	double filter[EDGE_MOST][3]; /* G */
	axis_transform *input, *output;
};

VECTOR_CLONES
static void input_6(const float *in, size_t in_step, float *restrict out, size_t out_step,
                    size_t n)
{
	const float *d0 = in, *d1 = d0 + in_step, *d2 = d1 + in_step, *d3 = d2 + in_step,
	            *d4 = d3 + in_step, *d5 = d4 + in_step;
	size_t t;

	for (t = 0; t < n; t++) {
		float even = d4[t] - 4 * d2[t], odd = d3[t] - 4 * d1[t];
		float even2 = d4[t] - d2[t], odd2 = 2 * (d3[t] - d1[t]);

		out[t] = 4 * d0[t] - 5 * d2[t] + d4[t];
		out[out_step + t] = even + odd;
		out[2 * out_step + t] = even - odd;
		out[3 * out_step + t] = even2 + odd2;
		out[4 * out_step + t] = even2 - odd2;
		out[5 * out_step + t] = 4 * d1[t] - 5 * d3[t] + d5[t];
	}
}

VECTOR_CLONES
static void output_6(const float *in, size_t in_step, float *restrict out, size_t out_step,
                     size_t n)
{
	const float *m0 = in, *m1 = m0 + in_step, *m2 = m1 + in_step, *m3 = m2 + in_step,
	            *m4 = m3 + in_step, *m5 = m4 + in_step;
	size_t t;

	for (t = 0; t < n; t++) {
		float sum = m1[t] + m2[t], difference = m1[t] - m2[t];
		float sum2 = m3[t] + m4[t], difference2 = m3[t] - m4[t];

		out[t] = m0[t] + sum + sum2;
		out[out_step + t] = difference + 2 * difference2;
		out[2 * out_step + t] = sum + 4 * sum2;
		out[3 * out_step + t] = difference + 8 * difference2 + m5[t];
	}
}

VECTOR_CLONES
static void input_4(const float *in, size_t in_step, float *restrict out, size_t out_step,
                    size_t n)
{
	const float *d0 = in, *d1 = d0 + in_step, *d2 = d1 + in_step, *d3 = d2 + in_step;
	size_t t;

	for (t = 0; t < n; t++) {
		out[t] = d0[t] - d2[t];
		out[out_step + t] = d1[t] + d2[t];
		out[2 * out_step + t] = d2[t] - d1[t];
		out[3 * out_step + t] = d1[t] - d3[t];
	}
}

VECTOR_CLONES
static void output_4(const float *in, size_t in_step, float *restrict out, size_t out_step,
                     size_t n)
{
	const float *m0 = in, *m1 = m0 + in_step, *m2 = m1 + in_step, *m3 = m2 + in_step;
	size_t t;

	for (t = 0; t < n; t++) {
		out[t] = m0[t] + m1[t] + m2[t];
		out[out_step + t] = m1[t] - m2[t] - m3[t];
	}
}

static const struct form forms[] = {
        {4,
         6,
         {{1. / 4, 0, 0},
          {-1. / 6, -1. / 6, -1. / 6},
          {-1. / 6, 1. / 6, -1. / 6},
          {1. / 24, 1. / 12, 1. / 6},
          {1. / 24, -1. / 12, 1. / 6},
          {0, 0, 1}},
         input_6,
         output_6},
        {2,
         4,
         {{1, 0, 0}, {1. / 2, 1. / 2, 1. / 2}, {1. / 2, -1. / 2, 1. / 2}, {0, 0, 1}},
         input_4,
         output_4},
};

/* ---- choice ---- */

static size_t across(const struct window *w, const struct form *f, int axis)
{
	return (w->out[axis] + f->tile - 1) / f->tile;
}

static size_t tiles_of(const struct window *w, const struct form *f)
{
	return across(w, f, 1) * across(w, f, 2);
}

/* Products of whole vectors; and a transform moves each number about as long as one
 * vector of multiply-adds takes. */
static double cost_of(const struct convolution *c, const struct form *f)
{
	size_t tiles = tiles_of(&c->window, f), places = f->edge * f->edge;
	double vectors = (double)round_up(tiles, PRODUCT_HALF) / PRODUCT_LANES;

	return (double)places *
	       (vectors * (double)c->in_group * (double)round_up(c->out_group, PRODUCT_ROWS) +
	        (double)tiles * (double)(c->in_group + c->out_group));
}

/* The cheaper form for a layer. */
static const struct form *form_of(const struct convolution *c)
{
	return cost_of(c, &forms[1]) < cost_of(c, &forms[0]) ? &forms[1] : &forms[0];
}

static bool winograd_fits(const struct convolution *c)
{
	const struct window *w = &c->window;
	int i;

	if (w->axes != 2)
		return false;
	for (i = 1; i < SPACE; i++)
		if (w->kernel[i] != 3 || w->stride[i] != 1 || w->dilation[i] != 1)
			return false;
	return true;
}

static double winograd_cost(const struct convolution *c)
{
	return cost_of(c, form_of(c));
}

/* ---- filters ---- */

static size_t winograd_packed(const struct convolution *c)
{
	const struct form *f = form_of(c);

	return f->edge * f->edge * c->in_group * round_up(c->out_group, PRODUCT_ROWS);
}

/* Output channels of the group that begins at top, whole panels. */
static size_t group_rows(const struct convolution *c, size_t top)
{
	size_t left = round_up(c->out_group, PRODUCT_ROWS) - top;

	return left > GROUP ? GROUP : left;
}

/* G g G' of the same channel of ROWS filters, which are apart; those past the last of
 * n are zeros. */
static void transform_filters(const struct form *f, const float *g, size_t apart, size_t n,
                              double out[EDGE_MOST * EDGE_MOST][PRODUCT_ROWS])
{
	double half[EDGE_MOST][3][PRODUCT_ROWS] = {{{0}}};
	size_t i, j, k, r;

	memset(out, 0, EDGE_MOST * EDGE_MOST * sizeof *out);
	for (i = 0; i < f->edge; i++)
		for (k = 0; k < 9; k++)
			for (r = 0; r < n; r++)
				half[i][k % 3][r] += f->filter[i][k / 3] * g[r * apart + k];
	for (i = 0; i < f->edge; i++)
		for (j = 0; j < f->edge; j++)
			for (k = 0; k < 3; k++)
				for (r = 0; r < PRODUCT_ROWS; r++)
					out[i * f->edge + j][r] +=
					        f->filter[j][k] * half[i][k][r];
}

/* packed: (groups, places, panels of the group, in_group, ROWS) */
static void winograd_pack(const struct convolution *c, const float *w, float *packed)
{
	const struct form *f = form_of(c);
	size_t places = f->edge * f->edge, top, panel, channel, place, r;
	double u[EDGE_MOST * EDGE_MOST][PRODUCT_ROWS];

	for (top = 0; top < c->out_group; top += GROUP) {
		size_t rows = group_rows(c, top);

		for (panel = top; panel < top + rows; panel += PRODUCT_ROWS) {
			size_t left = c->out_group - panel;

			left = left > PRODUCT_ROWS ? PRODUCT_ROWS : left;
			for (channel = 0; channel < c->in_group; channel++) {
				float *at = packed + (panel - top) * c->in_group +
				            channel * PRODUCT_ROWS;

				transform_filters(f, w + panel * c->depth + channel * 9,
				                  c->depth, left, u);
				for (place = 0; place < places; place++)
					for (r = 0; r < PRODUCT_ROWS; r++)
						at[place * rows * c->in_group + r] =
						        (float)u[place][r];
			}
		}
		packed += places * rows * c->in_group;
	}
}

/* ---- images ---- */

/* A run over one image and group. */
struct work {
	const struct convolution *c;
	const struct operands *o;
	const struct form *f;
	size_t wide;             /* tiles across the map */
	size_t first, n, stride; /* tiles of the block; n rounded up */
	float *v;                /* (in_group, stride) for each place, v_step apart */
	float *m;                /* (GROUP, stride) for each place, m_step apart */
	size_t v_step, m_step;
	float *tiles, *half; /* (places, stride): one channel, before and in between */
	float *lines;        /* the input under rows of tiles, padded */
};

/* Blocks are as even as they can be. */
static size_t blocks_of(const struct convolution *c, const struct form *f, size_t vectors)
{
	size_t most = BLOCK_FLOATS / (f->edge * f->edge * c->in_group * PRODUCT_LANES);

	most = most < BLOCK_LEAST ? BLOCK_LEAST : most > BLOCK_MOST ? BLOCK_MOST : most;
	return (vectors + most - 1) / most;
}

/* From one place to the next: lines of the cache that are written together must not
 * compete for the same few places in it, as those at a multiple of its ways' size do. */
static size_t place_step(size_t rows, size_t stride)
{
	return (rows + 1) * stride + PRODUCT_LANES;
}

/* Sizes for the largest block; NULL scratch: floats needed. */
static size_t lay_out(struct work *k, float *scratch)
{
	size_t places = k->f->edge * k->f->edge;
	size_t vectors = (tiles_of(&k->c->window, k->f) + PRODUCT_LANES - 1) / PRODUCT_LANES;
	size_t blocks = blocks_of(k->c, k->f, vectors);
	size_t stride = (vectors + blocks - 1) / blocks * PRODUCT_LANES;
	size_t rows = stride / k->wide + 2; /* of tiles that a block can touch */
	size_t line = k->wide * k->f->tile + 2;
	size_t sizes[] = {places * place_step(k->c->in_group, stride),
	                  places * place_step(GROUP, stride), places * stride, places * stride,
	                  round_up((rows * k->f->tile + 2) * line, PRODUCT_LANES)};
	float **parts[] = {&k->v, &k->m, &k->tiles, &k->half, &k->lines};
	size_t i, total = 0;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		if (scratch)
			*parts[i] = scratch + total;
		total += sizes[i];
	}
	return total;
}

static struct work work_of(const struct convolution *c)
{
	struct work k = {.c = c, .f = form_of(c)};

	k.wide = across(&c->window, k.f, 2);
	return k;
}

static size_t winograd_scratch(const struct convolution *c)
{
	struct work k = work_of(c);

	return lay_out(&k, NULL);
}

/* The input lines [from, from + n) in padded coordinates. */
static void pad_lines(const struct work *k, const float *x, size_t from, size_t n)
{
	const struct window *w = &k->c->window;
	size_t line = k->wide * k->f->tile + 2, i;
	float *out = k->lines;

	for (i = from; i < from + n; i++, out += line) {
		memset(out, 0, line * sizeof *out);
		if (i >= w->begin[1] && i - w->begin[1] < w->in[1])
			memcpy(out + w->begin[2], x + (i - w->begin[1]) * w->in[2],
			       w->in[2] * sizeof *out);
	}
}

/* The input under all tiles of the block, place by place. */
static void gather_tiles(const struct work *k, const float *x)
{
	size_t tile = k->f->tile, edge = k->f->edge, line = k->wide * tile + 2;
	size_t row = k->first / k->wide, last = (k->first + k->n - 1) / k->wide;
	size_t t, n, column = k->first % k->wide, i, j;
	const float *lines = k->lines;

	pad_lines(k, x, row * tile, (last - row + 1) * tile + 2);
	for (t = 0; t < k->n; t += n, column = 0, lines += tile * line) {
		n = k->wide - column;
		n = n > k->n - t ? k->n - t : n;
		for (i = 0; i < edge; i++)
			for (j = 0; j < edge; j++)
				window_copy(k->tiles + (i * edge + j) * k->stride + t,
				            lines + i * line + column * tile + j, tile, n);
	}
}

static void transform_input(const struct work *k, size_t channel, const float *x)
{
	size_t edge = k->f->edge, s = k->stride, i;
	float *v = k->v + channel * s;

	gather_tiles(k, x);
	for (i = 0; i < edge; i++)
		k->f->input(k->tiles + i * s, edge * s, k->half + i * s, edge * s, s);
	for (i = 0; i < edge; i++)
		k->f->input(k->half + i * edge * s, s, v + i * edge * k->v_step, k->v_step, s);
}

VECTOR_CLONES
static void merge(const float *in, size_t in_step, size_t step, size_t n, float *restrict out)
{
	size_t t, j;

	if (step == 4)
		for (t = 0; t < n; t++)
			for (j = 0; j < 4; j++)
				out[4 * t + j] = in[j * in_step + t];
	else
		for (t = 0; t < n; t++)
			for (j = 0; j < 2; j++)
				out[2 * t + j] = in[j * in_step + t];
}

/* Results of the block to their places in the map, which cuts off the last tiles. */
static void scatter_tiles(const struct work *k, float *y)
{
	const struct window *w = &k->c->window;
	size_t tile = k->f->tile, t, n, full, i, j, rows;
	size_t row = k->first / k->wide, column = k->first % k->wide;

	for (t = 0; t < k->n; t += n, column = 0, row++) {
		n = k->wide - column;
		n = n > k->n - t ? k->n - t : n;
		full = w->out[2] / tile > column ? w->out[2] / tile - column : 0;
		full = full > n ? n : full;
		rows = w->out[1] - row * tile > tile ? tile : w->out[1] - row * tile;
		for (i = 0; i < rows; i++) {
			const float *in = k->tiles + i * tile * k->stride + t;
			float *out = y + (row * tile + i) * w->out[2] + column * tile;

			merge(in, k->stride, tile, full, out);
			for (j = 0; full < n && j < w->out[2] % tile; j++)
				out[full * tile + j] = in[j * k->stride + full];
		}
	}
}

static void transform_output(const struct work *k, size_t channel)
{
	size_t edge = k->f->edge, tile = k->f->tile, s = k->stride, i;
	const float *m = k->m + channel % GROUP * s;

	for (i = 0; i < edge; i++)
		k->f->output(m + i * k->m_step, edge * k->m_step, k->half + i * s, edge * s, s);
	for (i = 0; i < tile; i++)
		k->f->output(k->half + i * edge * s, s, k->tiles + i * tile * s, s, s);
	convolution_finish(k->o, channel, k->tiles, k->tiles, tile * tile * s);
	scatter_tiles(k, k->o->y + channel * k->c->window.area_out);
}

static void run_block(const struct work *k)
{
	const struct convolution *c = k->c;
	size_t places = k->f->edge * k->f->edge, top, i, channel;
	const float *u = k->o->w;

	for (i = 0; i < c->in_group; i++)
		transform_input(k, i, k->o->x + i * c->window.area_in);
	for (top = 0; top < c->out_group; top += GROUP) {
		size_t rows = group_rows(c, top);

		for (i = 0; i < places; i++, u += rows * c->in_group)
			product(k->o->set, u, rows, c->in_group, k->v + i * k->v_step,
			        k->stride, round_up(k->n, PRODUCT_HALF), k->m + i * k->m_step,
			        k->stride);
		for (channel = top; channel < top + rows && channel < c->out_group; channel++)
			transform_output(k, channel);
	}
}

static void winograd_run(const struct convolution *c, const struct operands *o)
{
	struct work k = work_of(c);
	size_t tiles = tiles_of(&c->window, k.f), end, b;
	size_t vectors = (tiles + PRODUCT_LANES - 1) / PRODUCT_LANES;
	size_t blocks = blocks_of(c, k.f, vectors);

	k.o = o;
	lay_out(&k, o->scratch);
	for (b = 0; b < blocks; b++) {
		k.first = b * vectors / blocks * PRODUCT_LANES;
		end = (b + 1) * vectors / blocks * PRODUCT_LANES;
		k.n = (end > tiles ? tiles : end) - k.first;
		k.stride = round_up(k.n, PRODUCT_LANES);
		k.v_step = place_step(c->in_group, k.stride);
		k.m_step = place_step(GROUP, k.stride);
		run_block(&k);
	}
}

const struct algorithm winograd = {
        .name = NETWORK_WINOGRAD,
        .fits = winograd_fits,
        .cost = winograd_cost,
        .packed = winograd_packed,
        .pack = winograd_pack,
        .scratch = winograd_scratch,
        .run = winograd_run,
};
