/* window_infer.h -- the window of a convolution or pooling node.
 *
 * Attributes: kernel_shape, strides, dilations, pads, auto_pad, ceil_mode. */
#ifndef OPERATOR_WINDOW_INFER_H
#define OPERATOR_WINDOW_INFER_H

#include "kernel/window.h"
#include "operator/operator.h"

/* Fill w for a node whose input 0 is (batch, channels, map); kernel: the map axes of
 * a weight's shape, or NULL where kernel_shape must say it. */
int window_infer(const struct graph *g, const struct node *n, const size_t *kernel,
                 struct window *w, struct error *e) CHECK_RESULT;
/* The same for a transposed convolution, with output_padding and output_shape: in is the size
 * of its output, out that of its input, as those of the convolution that it is the gradient of.
 */
int window_infer_transposed(const struct graph *g, const struct node *n, const size_t *kernel,
                            struct window *w, struct error *e) CHECK_RESULT;
/* For places: which axis of the window slides along axis i of the map; -1: none does, and out's
 * places are lost. */
int window_map_axis(const struct window *w, int i, struct geometry *out);
/* Shape of the output with that many channels. */
struct shape window_shape(const struct window *w, size_t channels);

#endif
