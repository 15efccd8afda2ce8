/* matrix.c -- see matrix.h.
 *
 * All panels of weights are applied to a band of rows, which stays in the cache.  A deep
 * product is the sum of several, so that the rows are many beside a panel.  Columns past the
 * last whole block are computed beside y and copied. */
#include "kernel/matrix.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

enum {
	DEPTH = 1024,            /* most of it at a time */
	BAND_FLOATS = 5 << 15,   /* of rows of x */
	SHARED_FLOATS = 1 << 20, /* of images whose rows share a panel of weights */
	PANEL = PRODUCT_BLOCKS * BLOCK,
};

size_t matrix_packed(size_t depth, size_t columns)
{
	size_t floats;

	if (columns > SIZE_MAX - BLOCK ||
	    !size_multiply(depth, round_up(columns, BLOCK), &floats))
		return SIZE_MAX;
	return floats;
}

/* In the order (panel, k, column of the panel); columns past the last are zero. */
void matrix_pack(const float *w, size_t depth, size_t columns, size_t row, size_t column,
                 float factor, float *packed)
{
	size_t blocks = round_up(columns, BLOCK) / BLOCK;

	for (size_t top = 0; top < blocks; top += PRODUCT_BLOCKS) {
		size_t width = product_blocks(top, blocks) * BLOCK, from = top * BLOCK;
		size_t n = columns - from < width ? columns - from : width;

		for (size_t c = 0; c < n && column > 1; c++)
			for (size_t k = 0; k < depth; k++)
				packed[k * width + c] =
				        w[k * row + (from + c) * column] * factor;
		for (size_t k = 0; k < depth; k++, packed += width) {
			for (size_t c = 0; c < n && column <= 1; c++)
				packed[c] = w[k * row + (from + c) * column] * factor;
			memset(packed + n, 0, (width - n) * sizeof *packed);
		}
	}
}

/* What is computed at a time: some rows of some images, and some of the depth. */
struct part {
	size_t image, last_image, row, last_row, from, depth;
	bool first, last; /* of the parts that are added up */
};

/* Rows of which the last block of columns is not whole: they are computed beside y. */
static void run_beside(const struct matrix *m, struct product p, size_t blocks, size_t n,
                       size_t rows)
{
	float y[PRODUCT_POSITIONS * PANEL] __attribute__((aligned(64)));
	float residual[PRODUCT_POSITIONS * PANEL] __attribute__((aligned(64))) = {0};
	const float *x = p.x, *add = p.residual;
	float *to = p.y;
	size_t some;

	p.y = y;
	p.y_step = PANEL;
	p.residual = add ? residual : NULL;
	for (size_t row = 0; row < rows; row += some) {
		some = rows - row < PRODUCT_POSITIONS ? rows - row : PRODUCT_POSITIONS;
		for (size_t i = 0; add && i < some; i++)
			memcpy(residual + i * PANEL, add + (row + i) * m->y_row,
			       n * sizeof *add);
		p.x = x + row * m->x_row;
		product(m->set, &p, blocks, some);
		for (size_t i = 0; i < some; i++)
			memcpy(to + (row + i) * m->y_row, y + i * PANEL, n * sizeof *y);
	}
}

/* One panel of columns of one image; n of them are there. */
static void run_panel(const struct matrix *m, const struct part *part, struct product p,
                      size_t image, size_t top, size_t blocks, size_t n)
{
	size_t at = part->row * m->y_row + top * BLOCK, rows = part->last_row - part->row;

	p.x = m->x + image * m->x_image + part->row * m->x_row + part->from;
	p.y = m->y + image * m->y_image + at;
	if (!part->first)
		p.residual = p.y;
	else if (m->residual)
		p.residual = m->residual + image * m->residual_image + at;
	if (n == blocks * BLOCK)
		product(m->set, &p, blocks, rows);
	else
		run_beside(m, p, blocks, n, rows);
	for (size_t i = 0; i < rows && m->after && part->last; i++)
		m->after(m->what, p.y + i * m->y_row, n);
}

static void run_part(const struct matrix *m, const struct part *part)
{
	float bias[PANEL] __attribute__((aligned(64))) = {0};
	const struct strip strip = {0, part->depth};
	struct product p = {.x_stride = m->x_row,
	                    .strips = &strip,
	                    .n_strips = 1,
	                    .y_step = m->y_row,
	                    .y_stride = BLOCK,
	                    .bias = m->bias && part->first ? bias : NULL};
	size_t blocks = round_up(m->columns, BLOCK) / BLOCK;

	if (part->last)
		p.clamp = m->clamp;
	for (size_t top = 0; top < blocks; top += PRODUCT_BLOCKS) {
		size_t across = product_blocks(top, blocks), left = m->columns - top * BLOCK;
		size_t n = left < across * BLOCK ? left : across * BLOCK;

		p.ahead = top + across < blocks ? m->depth * across * BLOCK : 0;
		p.w = m->w + top * BLOCK * m->depth + part->from * across * BLOCK;
		if (p.bias)
			memcpy(bias, m->bias + top * BLOCK, n * sizeof *bias);
		for (size_t image = part->image; image < part->last_image; image++)
			run_panel(m, part, p, image, top, across, n);
	}
}

/* All of the depth, in parts that are as even as they can be: they depend on the depth alone.
 */
static void run_depth(const struct matrix *m, struct part part)
{
	size_t parts = m->depth > 0 ? (m->depth + DEPTH - 1) / DEPTH : 1, to;

	for (size_t i = 0; i < parts; i++, part.from = to) {
		to = m->depth * (i + 1) / parts;
		part.depth = to - part.from;
		part.first = i == 0;
		part.last = i + 1 == parts;
		run_part(m, &part);
	}
}

/* Rows are taken in bands that are as even as they can be. */
static void run_rows(const struct matrix *m, size_t band, struct part part)
{
	size_t bands = (m->rows + band - 1) / band;

	for (size_t i = 0; i < bands; i++, part.row = part.last_row) {
		part.last_row = m->rows * (i + 1) / bands;
		run_depth(m, part);
	}
}

void matrix_run(const struct matrix *m)
{
	size_t depth = m->depth < DEPTH ? m->depth + 1 : DEPTH;
	size_t band = BAND_FLOATS / depth, together = 1;
	struct part part = {0};

	if (m->columns == 0)
		return;
	if (m->rows <= SHARED_FLOATS / depth / m->images) {
		together = m->images;
		band = together > 1 ? m->rows + 1 : band;
	}
	for (; part.image < m->images; part.image = part.last_image) {
		part.last_image = part.image + together;
		run_rows(m, band, part);
	}
}
