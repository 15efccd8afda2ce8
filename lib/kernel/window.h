/* window.h -- sliding windows of convolution and pooling, on three axes.
 *
 * Maps with one or two axes have leading axes of size one, so that one loop serves
 * all. */
#ifndef KERNEL_WINDOW_H
#define KERNEL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

enum { SPACE = 3 };

struct window {
	size_t batch, channels;
	int axes; /* of the map: 1 to SPACE; their entries are the last ones below */
	size_t in[SPACE], out[SPACE], kernel[SPACE], stride[SPACE], dilation[SPACE];
	size_t begin[SPACE], end[SPACE]; /* padding */
	size_t area_in, area_out, taps;  /* products of in, out, kernel */
};

/* The output positions [*from, *to) along an axis whose tap k falls inside the input. */
void window_inside(const struct window *w, int axis, size_t k, size_t *from, size_t *to);

/* Take n values of x, each stride after the one before, into y. */
typedef void window_row(float *y, const float *x, size_t stride, size_t n, float weight);

/* Lay tap k of every window of one channel over the output: row is called for each line
 * of y (area_out) with the values of x (area_in) that lie under it, padding left out. */
void window_slide(const struct window *w, const size_t *k, const float *x, float *y,
                  window_row *row, float weight);
/* n values, each stride after the one before, side by side. */
void window_copy(float *restrict out, const float *in, size_t stride, size_t n);

/* Is each output position the input's at the same place? */
bool window_is_point(const struct window *w);
/* Does the window lie in a plane, that of the last two axes, the only one of its map, and
 * is what it reaches not much larger than input and output? */
bool window_is_flat(const struct window *w);
/* Size of what all positions of a flat window reach, padding included. */
void window_reach(const struct window *w, size_t *height, size_t *width);
/* That much of one channel, from its padding on, which is given value; width can be more
 * than what is reached. */
void window_pad(const struct window *w, const float *x, float value, size_t height,
                size_t width, float *out);

/* Where tap number tap is along each axis. */
void window_tap(const struct window *w, size_t tap, size_t *k);

#endif
