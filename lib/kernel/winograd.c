/* winograd.c -- convolution with fewer multiplications: F(4x4,3x3) and F(2x2,5x5) of
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016).
 *
 * The output is cut into square tiles.  The input under a tile, EDGE by EDGE positions, and
 * each filter become as many numbers, whose products, summed over the channels, become
 * the tile:
 *
 *	V = B' d B      input of each channel and tile
 *	U = G g G'      filters, when a plan is made
 *	M = U V         for each of the EDGE * EDGE points a product over channels
 *	y = A' M A
 *
 * Both forms evaluate polynomials at 0, 1, -1, 2, -2 and infinity, so B is the same.  Tiles
 * are the positions of the products, and each step works on blocks of channels.  Rows of
 * tiles, of several images where maps are small, make up a batch. */
#include "kernel/algorithm.h"

#include <math.h>
#include <string.h>

#include "kernel/blocked.h"
#include "kernel/lanes.h"

enum {
	EDGE = 6,
	POINTS = EDGE * EDGE,
	LONGEST = 5,            /* filter */
	CHUNK = 16,             /* tiles whose results are written at a time */
	BATCH_FLOATS = 1 << 19, /* of V and M, if that makes BATCH_LEAST tiles */
	BATCH_LEAST = 112,
	BATCH_MOST = 448,
};

struct form {
	size_t taps, tile;
	/* A' on six lines of n positions, in_stride from one to the next; then along each of
	 * them: tiles side by side. */
	void (*lines)(const float *in, size_t in_stride, float *out, size_t out_stride,
	              size_t n);
	void (*tiles)(const float *in, size_t in_stride, float *line, size_t n);
};

/* ---- transforms, on each lane ---- */

#define INLINE static inline __attribute__((always_inline))

/* B' along one axis. */
INLINE void input_axis(const lanes *d, lanes *v)
{
	lanes even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
	lanes even2 = d[4] - d[2], odd2 = 2 * (d[3] - d[1]);

	v[0] = 4 * d[0] - 5 * d[2] + d[4];
	v[1] = even + odd;
	v[2] = even - odd;
	v[3] = even2 + odd2;
	v[4] = even2 - odd2;
	v[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/* A' along one axis. */
INLINE void axis_of_4(const lanes *m, lanes *y)
{
	lanes sum = m[1] + m[2], difference = m[1] - m[2];
	lanes sum2 = m[3] + m[4], difference2 = m[3] - m[4];

	y[0] = m[0] + sum + sum2;
	y[1] = difference + 2 * difference2;
	y[2] = sum + 4 * sum2;
	y[3] = difference + 8 * difference2 + m[5];
}

INLINE void axis_of_2(const lanes *m, lanes *y)
{
	y[0] = m[0] + (m[1] + m[2]) + (m[3] + m[4]);
	y[1] = m[1] - m[2] + 2 * (m[3] - m[4]) + m[5];
}

INLINE void load(lanes *v, const float *from, size_t step)
{
	for (size_t i = 0; i < EDGE; i++)
		v[i] = *(const lanes *)(from + i * step);
}

INLINE void store(const lanes *v, size_t count, float *to, size_t step)
{
	for (size_t i = 0; i < count; i++)
		*(lanes *)(to + i * step) = v[i];
}

/* B' on n positions of six lines. */
VECTOR_CLONES(static, void, input_lines,
              (const float *const *line, float *out, size_t out_stride, size_t n),
              (line, out, out_stride, n))
{
	const float *d0 = line[0], *d1 = line[1], *d2 = line[2], *d3 = line[3], *d4 = line[4],
	            *d5 = line[5];
	lanes v[EDGE];

	for (size_t at = 0; at < n * BLOCK; at += BLOCK) {
		const lanes d[EDGE] = {
		        *(const lanes *)(d0 + at), *(const lanes *)(d1 + at),
		        *(const lanes *)(d2 + at), *(const lanes *)(d3 + at),
		        *(const lanes *)(d4 + at), *(const lanes *)(d5 + at),
		};

		input_axis(d, v);
		store(v, EDGE, out + at, out_stride);
	}
}

/* B' along a line, on n tiles that begin stride floats from one another. */
VECTOR_CLONES(static, void, input_tiles,
              (const float *in, size_t step, float *out, size_t out_stride, size_t n),
              (in, step, out, out_stride, n))
{
	lanes d[EDGE], v[EDGE];

	for (size_t tile = 0; tile < n; tile++) {
		load(d, in + tile * step, BLOCK);
		input_axis(d, v);
		store(v, EDGE, out + tile * BLOCK, out_stride);
	}
}

#define OUTPUT(tile)                                                                           \
	VECTOR_CLONES(                                                                         \
	        static, void, lines_of_##tile,                                                 \
	        (const float *in, size_t in_stride, float *out, size_t out_stride, size_t n),  \
	        (in, in_stride, out, out_stride, n))                                           \
	{                                                                                      \
		lanes m[EDGE], y[tile];                                                        \
		size_t at;                                                                     \
                                                                                               \
		for (at = 0; at < n * BLOCK; at += BLOCK) {                                    \
			load(m, in + at, in_stride);                                           \
			axis_of_##tile(m, y);                                                  \
			store(y, tile, out + at, out_stride);                                  \
		}                                                                              \
	}                                                                                      \
                                                                                               \
	VECTOR_CLONES(static, void, tiles_of_##tile,                                           \
	              (const float *in, size_t in_stride, float *line, size_t n),              \
	              (in, in_stride, line, n))                                                \
	{                                                                                      \
		lanes m[EDGE], y[tile];                                                        \
		size_t i;                                                                      \
                                                                                               \
		for (i = 0; i < n; i++) {                                                      \
			load(m, in + i * BLOCK, in_stride);                                    \
			axis_of_##tile(m, y);                                                  \
			store(y, tile, line + i * (tile)*BLOCK, BLOCK);                        \
		}                                                                              \
	}

OUTPUT(4)
OUTPUT(2)

static const struct form forms[] = {
        {3, 4, lines_of_4, tiles_of_4},
        {5, 2, lines_of_2, tiles_of_2},
};

/* ---- choice ---- */

static const struct form *form_of(const struct convolution *c)
{
	return &forms[c->window.kernel[2] == 5];
}

static size_t across(const struct convolution *c, int axis)
{
	size_t tile = form_of(c)->tile;

	return (c->window.out[axis] + tile - 1) / tile;
}

static bool winograd_fits(const struct convolution *c)
{
	const struct window *w = &c->window;

	if (w->axes != 2 || (w->kernel[1] != 3 && w->kernel[1] != 5))
		return false;
	for (int i = 1; i < SPACE; i++)
		if (w->kernel[i] != w->kernel[1] || w->stride[i] != 1 || w->dilation[i] != 1)
			return false;
	return true;
}

/* In multiply-adds of vectors; transforms take about as long as so many, for each block of
 * a tile. */
static double winograd_cost(const struct convolution *c)
{
	double tiles = (double)(c->groups * across(c, 1) * across(c, 2));
	double in = (double)blocks_of(c->in_group), out = (double)blocks_of(c->out_group);

	return tiles * (POINTS * out * (double)c->in_group + 300 * in + 250 * out);
}

/* ---- filters ---- */

static size_t winograd_packed(const struct convolution *c)
{
	return POINTS * c->in_group * blocks_of(c->out_group) * BLOCK;
}

/* Row i of G: the polynomial's value at the i-th point, scaled. */
static void filter_row(size_t i, size_t taps, float *row)
{
	static const double points[] = {0, 1, -1, 2, -2},
	                    scales[] = {1. / 4, -1. / 6, -1. / 6, 1. / 24, 1. / 24};
	double power = i < EDGE - 1 ? scales[i] : 0;

	for (size_t k = 0; k < taps; k++) {
		row[k] = (float)power;
		power *= i < EDGE - 1 ? points[i] : 0;
	}
	if (i == EDGE - 1)
		row[taps - 1] = 1;
}

/* y (EDGE, columns) = G x (taps, columns), values of BLOCK filters each. */
VECTOR_CLONES(static, void, filter_axis,
              (const float (*g)[LONGEST], size_t taps, const float *x, size_t columns,
               size_t x_row, size_t x_column, float *y, size_t y_row, size_t y_column),
              (g, taps, x, columns, x_row, x_column, y, y_row, y_column))
{
	for (size_t i = 0; i < EDGE; i++)
		for (size_t j = 0; j < columns; j++) {
			lanes sum = {0};

			for (size_t k = 0; k < taps; k++)
				sum += g[i][k] * *(const lanes *)(x + k * x_row + j * x_column);
			*(lanes *)(y + i * y_row + j * y_column) = sum;
		}
}

/* U is in the order (point, panel, channel, BLOCK of the panel). */
static void winograd_pack(const struct convolution *c, const float *w, float *packed)
{
	size_t taps = form_of(c)->taps, blocks = blocks_of(c->out_group);
	size_t point = c->in_group * blocks * BLOCK;
	float g[EDGE][LONGEST] = {{0}};
	float filter[LONGEST * LONGEST * BLOCK], half[EDGE * LONGEST * BLOCK];

	for (size_t i = 0; i < EDGE; i++)
		filter_row(i, taps, g[i]);
	for (size_t block = 0; block < blocks; block++) {
		size_t top = block / PRODUCT_BLOCKS * PRODUCT_BLOCKS;
		size_t width = product_blocks(top, blocks) * BLOCK;
		float *panel = packed + top * BLOCK * c->in_group + (block - top) * BLOCK;

		for (size_t channel = 0; channel < c->in_group; channel++) {
			for (size_t lane = 0; lane < BLOCK; lane++) {
				size_t unit = block * BLOCK + lane;
				const float *from = w + unit * c->depth + channel * taps * taps;

				for (size_t k = 0; k < taps * taps; k++)
					filter[k * BLOCK + lane] =
					        unit < c->out_group ? from[k] : 0;
			}
			filter_axis(g, taps, filter, taps, taps * BLOCK, BLOCK, half,
			            taps * BLOCK, BLOCK);
			filter_axis(g, taps, half, EDGE, BLOCK, taps * BLOCK,
			            panel + channel * width, point, EDGE * point);
		}
	}
}

/* ---- images ---- */

/* A run over one group of some images. */
struct work {
	const struct convolution *c;
	const struct operands *o;
	const struct form *form;
	size_t wide, high; /* tiles of an image */
	size_t blocks_in, blocks_out;
	size_t rows, first, n;     /* of tiles: in a whole batch, and those of this one */
	size_t tiles;              /* of a whole batch */
	size_t v_stride, m_stride; /* floats from point to point */
	struct strip *strips;
	float *v, *m; /* (POINTS, blocks, tiles, BLOCK) */
	float *line;  /* EDGE lines of the input, transformed and padded; or results */
	float *zeros; /* a line outside the input */
};

static size_t line_floats(const struct work *k)
{
	return (k->wide * k->form->tile + EDGE) * BLOCK;
}

static struct work work_of(const struct convolution *c)
{
	return (struct work){.c = c,
	                     .form = form_of(c),
	                     .wide = across(c, 2),
	                     .high = across(c, 1),
	                     .blocks_in = blocks_of(c->in_group),
	                     .blocks_out = blocks_of(c->out_group)};
}

/* The most rows of tiles of a batch. */
static size_t rows_of(const struct work *k, size_t images)
{
	size_t tiles = BATCH_FLOATS / (POINTS * BLOCK * (k->blocks_in + k->blocks_out)), rows;

	tiles = tiles < BATCH_LEAST ? BATCH_LEAST : tiles > BATCH_MOST ? BATCH_MOST : tiles;
	rows = tiles < k->wide ? 1 : tiles / k->wide;
	return rows < images * k->high ? rows : images * k->high;
}

/* A batch of so many rows; and, but for NULL, where things lie in scratch memory.  Floats
 * needed. */
static size_t divide_scratch(struct work *k, size_t rows, float *scratch)
{
	k->rows = rows;
	k->tiles = rows * k->wide;
	/* Points lie an odd number of cache lines from one another: what is written together
	 * must not compete for the same few lines of the cache. */
	k->v_stride = (k->blocks_in * k->tiles | 1) * BLOCK;
	k->m_stride = (k->blocks_out * k->tiles | 1) * BLOCK;
	if (scratch) {
		k->v = scratch;
		k->m = k->v + POINTS * k->v_stride;
		k->line = k->m + POINTS * k->m_stride;
		k->zeros = k->line + EDGE * line_floats(k);
		k->strips = (struct strip *)(k->zeros + line_floats(k));
	}
	return POINTS * (k->v_stride + k->m_stride) + (EDGE + 1) * line_floats(k) +
	       round_up(k->blocks_in * sizeof(struct strip) / sizeof(float), BLOCK);
}

static size_t winograd_scratch(const struct convolution *c, size_t images)
{
	struct work k = work_of(c);

	return divide_scratch(&k, rows_of(&k, images), NULL);
}

/* V of one row of tiles, the first of which is number at of the batch. */
static void transform_input(const struct work *k, const float *x, size_t row, size_t at)
{
	const struct window *w = &k->c->window;
	size_t step = line_floats(k), tile = k->form->tile;
	const float *d[EDGE];

	for (size_t block = 0; block < k->blocks_in; block++, x += w->area_in * BLOCK) {
		for (size_t i = 0; i < EDGE; i++) {
			size_t line = row * tile + i - w->begin[1];

			d[i] = line < w->in[1] ? x + line * w->in[2] * BLOCK : k->zeros;
		}
		input_lines(d, k->line + w->begin[2] * BLOCK, step, w->in[2]);
		for (size_t i = 0; i < EDGE; i++)
			input_tiles(k->line + i * step, tile * BLOCK,
			            k->v + i * EDGE * k->v_stride +
			                    (block * k->tiles + at) * BLOCK,
			            k->v_stride, k->wide);
	}
}

/* The results of n tiles of a line, which is perhaps cut off. */
static void write_tiles(const struct form *f, const float *half, size_t step, float *line,
                        size_t n, size_t positions)
{
	float rest[4 * BLOCK];
	size_t full = positions / f->tile < n ? positions / f->tile : n;

	f->tiles(half, step, line, full);
	if (full < n) {
		f->tiles(half + full * BLOCK, step, rest, 1);
		memcpy(line + full * f->tile * BLOCK, rest,
		       positions % f->tile * BLOCK * sizeof *line);
	}
}

/* y += bias of the block and residual, within bounds, n positions of one block. */
VECTOR_CLONES(static, void, add_and_clamp,
              (const float *bias, const float *residual, float *y, size_t n, struct clamp c),
              (bias, residual, y, n, c))
{
	const lanes low = LANES_OF(c.low), high = LANES_OF(c.high), more = *(const lanes *)bias;

	for (size_t i = 0; i < n * BLOCK; i += BLOCK) {
		lanes v = *(const lanes *)(y + i) + more;

		if (residual)
			v += *(const lanes *)(residual + i);
		*(lanes *)(y + i) = LANES_MIN(LANES_MAX(v, low), high);
	}
}

static const float *bias_of(const struct operands *o, size_t block)
{
	static const float none[BLOCK];

	return o->bias ? o->bias + block * BLOCK : none;
}

static struct clamp bounds_of(const struct operands *o)
{
	return o->clamp.on ? o->clamp : (struct clamp){false, -INFINITY, INFINITY};
}

/* The maxima, as pooling.c finds them, of 2x2 finished results each. */
VECTOR_CLONES(static, void, halve,
              (const float *upper, const float *lower, const float *bias, float *y, size_t n,
               struct clamp c),
              (upper, lower, bias, y, n, c))
{
	const lanes low = LANES_OF(c.low), high = LANES_OF(c.high), more = *(const lanes *)bias;

	for (size_t i = 0; i < n; i++, upper += 2 * BLOCK, lower += 2 * BLOCK) {
		const float *const at[] = {upper, upper + BLOCK, lower, lower + BLOCK};
		lanes best = LANES_OF(-INFINITY);

		for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
			lanes v = *(const lanes *)at[k] + more;

			v = LANES_MIN(LANES_MAX(v, low), high);
			best = LANES_MAX(best, v);
		}
		*(lanes *)(y + i * BLOCK) = best;
	}
}

/* Maxima of n tiles of so many lines, each line of which begins with so many positions. */
static void write_halves(const struct work *k, size_t block, size_t lines, size_t n,
                         size_t positions, float *y)
{
	const struct form *f = k->form;
	const size_t step = n * BLOCK, wide = k->c->window.out[2] / 2;
	float upper[4 * CHUNK * BLOCK], lower[4 * CHUNK * BLOCK];

	positions = positions < n * f->tile ? positions : n * f->tile;
	for (size_t i = 0; i + 1 < lines; i += 2, y += wide * BLOCK) {
		f->tiles(k->line + i * EDGE * step, step, upper, n);
		f->tiles(k->line + (i + 1) * EDGE * step, step, lower, n);
		halve(upper, lower, bias_of(k->o, block), y, positions / 2, bounds_of(k->o));
	}
}

/* One block of channels of one row of tiles. */
static void transform_output(const struct work *k, size_t image, size_t row, size_t at,
                             size_t block)
{
	const struct window *w = &k->c->window;
	const struct form *f = k->form;
	size_t every = k->o->halved ? 2 : 1, wide = w->out[2] / every;
	size_t lines = w->out[1] - row * f->tile, n;
	size_t first = (block * (w->out[1] / every) + row * (f->tile / every)) * wide * BLOCK;
	const float *m = k->m + (block * k->tiles + at) * BLOCK;
	float *y = k->o->y + image * k->o->y_stride + first;
	const float *residual = k->o->residual;

	lines = lines < f->tile ? lines : f->tile;
	for (size_t from = 0; from < k->wide; from += n) {
		size_t left = w->out[2] - from * f->tile, step;

		n = k->wide - from < CHUNK ? k->wide - from : CHUNK;
		step = n * BLOCK;
		for (size_t i = 0; i < EDGE; i++)
			f->lines(m + i * k->m_stride + from * BLOCK, EDGE * k->m_stride,
			         k->line + i * step, EDGE * step, n);
		if (k->o->halved)
			write_halves(k, block, lines, n, left,
			             y + from * (f->tile / every) * BLOCK);
		for (size_t i = 0; i < lines && !k->o->halved; i++)
			write_tiles(f, k->line + i * EDGE * step, step,
			            y + (i * wide + from * f->tile) * BLOCK, n, left);
	}
	if (k->o->halved)
		return;
	if (residual)
		residual += image * k->o->residual_stride + first;
	add_and_clamp(bias_of(k->o, block), residual, y, lines * wide, bounds_of(k->o));
}

static void run_batch(const struct work *k)
{
	const struct operands *o = k->o;
	size_t panel = BLOCK * k->c->in_group;
	const float *u = o->w;
	struct product p = {.x_stride = BLOCK,
	                    .strips = k->strips,
	                    .n_strips = k->blocks_in,
	                    .y_step = BLOCK,
	                    .y_stride = k->tiles * BLOCK};

	memset(k->line, 0, EDGE * line_floats(k) * sizeof *k->line);
	for (size_t i = 0; i < k->n; i++)
		transform_input(k, o->x + (k->first + i) / k->high * o->x_stride,
		                (k->first + i) % k->high, i * k->wide);
	for (size_t point = 0; point < POINTS; point++) {
		p.x = k->v + point * k->v_stride;
		for (size_t top = 0; top < k->blocks_out; top += PRODUCT_BLOCKS) {
			size_t blocks = product_blocks(top, k->blocks_out);

			p.w = u;
			p.ahead = point + 1 < POINTS || top + blocks < k->blocks_out
			                  ? blocks * panel
			                  : 0;
			p.y = k->m + point * k->m_stride + top * k->tiles * BLOCK;
			product(o->set, &p, blocks, k->n * k->wide);
			u += blocks * panel;
		}
	}
	for (size_t i = 0; i < k->n; i++)
		for (size_t block = 0; block < k->blocks_out; block++)
			transform_output(k, (k->first + i) / k->high, (k->first + i) % k->high,
			                 i * k->wide, block);
}

static void winograd_run(const struct convolution *c, const struct operands *o)
{
	struct work k = work_of(c);
	size_t rows = o->images * k.high, most = rows_of(&k, o->images);
	size_t batches = (rows + most - 1) / most;

	/* Batches as even as they can be. */
	divide_scratch(&k, (rows + batches - 1) / batches, o->scratch);
	k.o = o;
	memset(k.zeros, 0, line_floats(&k) * sizeof *k.zeros);
	for (size_t i = 0; i < k.blocks_in; i++)
		k.strips[i] = (struct strip){i * k.tiles * BLOCK, BLOCK};
	k.strips[k.blocks_in - 1].length = c->in_group - (k.blocks_in - 1) * BLOCK;
	for (k.first = 0; k.first < rows; k.first += k.n) {
		k.n = rows - k.first < k.rows ? rows - k.first : k.rows;
		run_batch(&k);
	}
}

const struct algorithm algorithm_winograd = {
        .fits = winograd_fits,
        .cost = winograd_cost,
        .packed = winograd_packed,
        .pack = winograd_pack,
        .scratch = winograd_scratch,
        .run = winograd_run,
};
