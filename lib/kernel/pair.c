/* pair.c -- see pair.h.
 *
 * Each band of rows is made of all blocks of channels, a panel at a time: the first layer
 * writes the panel's lines into frames of zeros, from which the second one reads them.
 * Lines that two bands read are computed for each of them. */
#include "kernel/pair.h"

#include <string.h>

#include "kernel/blocked.h"
#include "kernel/depthwise.h"
#include "kernel/direct.h"

enum { PANEL_FLOATS = 1 << 16 }; /* of a panel's frames */

struct pair {
	const struct convolution *wide, *deep;
	struct direct_input input;
	struct frame frame;         /* of one block of the map between */
	size_t line, rows, lines;   /* floats of a line; rows of a band, lines that they read */
	size_t left, n;             /* positions of a line before, and of, the map */
	size_t wide_strips, strips; /* floats */
};

/* Lines of the frame that so many rows of the output read. */
static size_t lines_of(const struct window *w, size_t rows)
{
	return (rows - 1) * w->stride[1] + (w->kernel[1] - 1) * w->dilation[1] + 1;
}

static size_t strip_floats(size_t n)
{
	return round_up(n * sizeof(struct strip) / sizeof(float), BLOCK);
}

static bool pair_make(struct pair *p, const struct convolution *wide,
                      const struct convolution *deep)
{
	const struct window *w = &deep->window;
	size_t bands;

	*p = (struct pair){.wide = wide, .deep = deep};
	if (!direct_input_make(wide, &p->input) || !frame_make(&p->frame, w, BLOCK, true))
		return false;
	p->line = p->frame.size[2] * BLOCK;
	p->left = w->begin[2] < p->frame.size[2] ? w->begin[2] : p->frame.size[2];
	p->n = p->frame.size[2] - p->left < w->in[2] ? p->frame.size[2] - p->left : w->in[2];
	for (p->rows = w->out[1]; p->rows > 1; p->rows--)
		if (lines_of(w, p->rows) * p->line * PRODUCT_BLOCKS <= PANEL_FLOATS)
			break;
	bands = (w->out[1] + p->rows - 1) / p->rows;
	p->rows = (w->out[1] + bands - 1) / bands;
	p->lines = lines_of(w, p->rows);
	p->wide_strips = strip_floats(p->input.blocks * wide->window.taps);
	p->strips = strip_floats(w->taps);
	return true;
}

bool pair_fits(const struct convolution *wide, const struct convolution *deep)
{
	const struct window *w = &deep->window;
	struct pair p;

	return wide->groups == 1 && window_is_flat(&wide->window) &&
	       wide->out_group == deep->groups && deep->in_group == 1 && deep->out_group == 1 &&
	       wide->window.batch == 1 && w->batch == 1 && window_is_flat(w) &&
	       pair_make(&p, wide, deep);
}

size_t pair_scratch(const struct convolution *wide, const struct convolution *deep)
{
	struct pair p;

	pair_make(&p, wide, deep);
	return p.wide_strips + p.strips + PRODUCT_BLOCKS * p.lines * p.line +
	       direct_input_floats(&p.input);
}

/* Lines of a panel's frames, the first of which the row's windows begin with. */
static void fill_lines(const struct pair *p, const struct operands *from, struct product *line,
                       const float *x, size_t blocks, size_t row, size_t lines, float *frames)
{
	const struct window *w = &p->deep->window;

	for (size_t i = 0; i < lines; i++) {
		size_t at = row * w->stride[1] + i - w->begin[1];

		line->y = frames + i * p->line + p->left * BLOCK;
		if (at < w->in[1]) {
			line->x = x + frame_line(&p->input.frame, at);
			product(from->set, line, blocks, p->n);
			continue;
		}
		for (size_t block = 0; block < blocks; block++)
			memset(line->y + block * line->y_stride, 0,
			       p->n * BLOCK * sizeof *frames);
	}
}

/* Rows [row, last) of an image. */
static void run_band(const struct pair *p, const struct operands *from,
                     const struct operands *to, struct product *line, const float *x,
                     float *frames, struct depthwise_part part)
{
	const size_t blocks = blocks_of(p->deep->groups), depth = p->wide->depth;
	const size_t lines = lines_of(&p->deep->window, part.last - part.row);

	for (size_t top = 0; top < blocks; top += PRODUCT_BLOCKS) {
		const size_t n = product_blocks(top, blocks);

		line->w = from->w + top * BLOCK * depth;
		line->ahead = top + n < blocks ? PRODUCT_BLOCKS * BLOCK * depth : 0;
		line->bias = from->bias ? from->bias + top * BLOCK : NULL;
		fill_lines(p, from, line, x, n, part.row, lines, frames);
		for (size_t i = 0; i < n; i++) {
			part.block = top + i;
			part.x = frames + i * line->y_stride;
			depthwise_rows(p->deep, &p->frame, to, part);
		}
	}
}

void pair_run(const struct convolution *wide, const struct operands *from,
              const struct convolution *deep, const struct operands *to)
{
	struct operands out = *to;
	struct strip *strips = (struct strip *)from->scratch;
	struct product line = {.strips = strips, .y_step = BLOCK, .clamp = from->clamp};
	struct pair p;
	float *frames, *copy;
	size_t last, stride;

	pair_make(&p, wide, deep);
	line.x_stride = p.input.frame.stride;
	line.n_strips = direct_strips(wide, &p.input, strips);
	line.y_stride = p.lines * p.line;
	out.scratch = from->scratch + p.wide_strips;
	depthwise_strips(&p.frame, (struct strip *)out.scratch);
	frames = out.scratch + p.strips;
	copy = frames + PRODUCT_BLOCKS * line.y_stride;
	memset(frames, 0, PRODUCT_BLOCKS * line.y_stride * sizeof *frames);
	for (size_t image = 0; image < from->images; image++) {
		const float *x = direct_input_fill(&p.input, from, image, 1, copy, &stride);

		for (size_t row = 0; row < deep->window.out[1]; row = last) {
			last = row + p.rows < deep->window.out[1] ? row + p.rows
			                                          : deep->window.out[1];
			run_band(&p, from, &out, &line, x, frames,
			         (struct depthwise_part){
			                 .image = image, .row = row, .last = last});
		}
	}
}
