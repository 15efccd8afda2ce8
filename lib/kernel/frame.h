/* frame.h -- the input of a window with its padding, as rows of positions.
 *
 * One block of channels of a map, which lie side by side.  Where windows leave the map,
 * it is copied into a frame of zeros; else the map itself serves. */
#ifndef KERNEL_FRAME_H
#define KERNEL_FRAME_H

#include "kernel/product.h"
#include "kernel/window.h"

struct frame {
	const struct window *w;
	size_t channels; /* side by side at a position */
	bool copied;
	size_t size[SPACE], area; /* positions along the axes, and in all */
	/* Output positions whose input is evenly spaced: rows of width, the last of a frame
	 * of one row perhaps shorter. */
	size_t rows, width;
	size_t stride; /* floats from one to the next */
};

/* false: it would be too large.  copies: a copy is made even
 * where padding needs none. */
bool frame_make(struct frame *f, const struct window *w, size_t channels, bool copies);
/* Floats of a copy of one block, or 0. */
size_t frame_floats(const struct frame *f);
/* Copy a block from a blocked map; or all channels of a plain one, frame->channels of them. */
void frame_fill(const struct frame *f, const float *x, float *copy);
void frame_interleave(const struct frame *f, const float *x, float *copy);
/* Floats from a window's first tap to tap number tap. */
size_t frame_tap(const struct frame *f, size_t tap);
/* A row of n output positions from number *from on: floats to the first tap of the first. */
size_t frame_row(const struct frame *f, size_t row, size_t *from, size_t *n);

/* Floats to the first tap of the first position of line y of a flat window's output. */
size_t frame_line(const struct frame *f, size_t y);

#endif
