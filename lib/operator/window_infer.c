/* window_infer.c -- see window_infer.h. */
#include "operator/window_infer.h"

#include <string.h>

#include "base/memory.h"

enum { WINDOW_LIMIT = 1 << 20 }; /* of a kernel, stride, dilation or padding */

/* An attribute of one number per axis, or of two for pads. */
static int read_list(const struct graph *g, const struct node *n, const char *name,
                     int64_t least, size_t *out, int count, struct error *e)
{
	const struct attribute *a = node_attribute(n, name);

	if (!a)
		return 0;
	if (a->n_ints != (size_t)count)
		return node_fail(g, n, e, "%s has %zu numbers where the map needs %d", name,
		                 a->n_ints, count);
	for (int i = 0; i < count; i++) {
		if (a->ints[i] < least || a->ints[i] > WINDOW_LIMIT)
			return node_fail(g, n, e, "%s %lld is out of range", name,
			                 (long long)a->ints[i]);
		out[i] = (size_t)a->ints[i];
	}
	return 0;
}

/* Padding that makes the output ceil(in / stride), the odd one at the end or the start. */
static void same_padding(struct window *w, int i, bool upper)
{
	size_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
	size_t out = (w->in[i] + w->stride[i] - 1) / w->stride[i];
	size_t need = (out - 1) * w->stride[i] + reach;
	size_t pad = need > w->in[i] ? need - w->in[i] : 0;

	w->begin[i] = upper ? pad / 2 : pad - pad / 2;
	w->end[i] = pad - w->begin[i];
}

static int fit_axis(const struct graph *g, const struct node *n, struct window *w, int i,
                    const char *auto_pad, struct error *e)
{
	size_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1, room;
	bool up = node_int(n, "ceil_mode", 0) != 0;
	size_t more = up ? w->stride[i] - 1 : 0; /* by which a window can leave the map */

	if (strcmp(auto_pad, "SAME_UPPER") == 0 || strcmp(auto_pad, "SAME_LOWER") == 0)
		same_padding(w, i, auto_pad[5] == 'U');
	else if (strcmp(auto_pad, "VALID") == 0)
		w->begin[i] = w->end[i] = 0;
	else if (strcmp(auto_pad, "NOTSET") != 0)
		return node_fail(g, n, e, "auto_pad %s is not known", auto_pad);
	room = w->in[i] + w->begin[i] + w->end[i];
	if (w->in[i] == 0 || reach > room + more)
		return node_fail(g, n, e, "a window of %zu does not fit a map of %zu", reach,
		                 room);
	w->out[i] = (room + more - reach) / w->stride[i] + 1;
	/* A window that rounding up adds must begin inside the map or its left padding. */
	if (up && w->out[i] > 1 && (w->out[i] - 1) * w->stride[i] >= w->in[i] + w->begin[i])
		w->out[i]--;
	return 0;
}

/* The input's sizes and the window's attributes; kernel as window_infer() has it. */
static int read_window(const struct graph *g, const struct node *n, const size_t *kernel,
                       struct window *w, struct error *e)
{
	const struct tensor *x = node_input(g, n, 0);
	size_t list[2 * SPACE];
	char text[128];
	int skip;

	memset(w, 0, sizeof *w);
	w->axes = x->shape.rank - 2;
	if (w->axes < 1 || w->axes > SPACE)
		return node_fail(g, n, e, "its input has %d axes", x->shape.rank);
	w->batch = x->shape.dims[0];
	w->channels = x->shape.dims[1];
	if (w->batch == 0 || w->channels == 0)
		return node_fail(g, n, e, "its input of %s is empty",
		                 shape_text(&x->shape, text, sizeof text));
	skip = SPACE - w->axes;
	for (int i = 0; i < SPACE; i++)
		w->in[i] = w->out[i] = w->kernel[i] = w->stride[i] = w->dilation[i] = 1;
	for (int i = 0; i < w->axes; i++) {
		w->in[skip + i] = x->shape.dims[2 + i];
		w->kernel[skip + i] = kernel ? kernel[i] : 0;
	}
	memset(list, 0, sizeof list);
	if (read_list(g, n, "kernel_shape", 1, w->kernel + skip, w->axes, e) < 0 ||
	    read_list(g, n, "strides", 1, w->stride + skip, w->axes, e) < 0 ||
	    read_list(g, n, "dilations", 1, w->dilation + skip, w->axes, e) < 0 ||
	    read_list(g, n, "pads", 0, list, 2 * w->axes, e) < 0)
		return -1;
	for (int i = skip; i < SPACE; i++) {
		if (w->kernel[i] == 0 || w->kernel[i] > WINDOW_LIMIT)
			return node_fail(g, n, e, "no kernel_shape");
		if (kernel && w->kernel[i] != kernel[i - skip])
			return node_fail(g, n, e, "kernel_shape is not that of the weights");
		w->begin[i] = list[i - skip];
		w->end[i] = list[w->axes + i - skip];
	}
	return 0;
}

static bool multiply(const size_t *sizes, size_t *product)
{
	*product = 1;
	for (int i = 0; i < SPACE; i++)
		if (!size_multiply(*product, sizes[i], product) || *product > COUNT_LIMIT)
			return false;
	return true;
}

/* The products of sizes. */
static int multiply_sizes(const struct graph *g, const struct node *n, struct window *w,
                          struct error *e)
{
	if (!multiply(w->kernel, &w->taps))
		return node_fail(g, n, e, "the kernel is too large");
	if (!multiply(w->in, &w->area_in) || !multiply(w->out, &w->area_out))
		return node_fail(g, n, e, "the output is too large");
	return 0;
}

int window_infer(const struct graph *g, const struct node *n, const size_t *kernel,
                 struct window *w, struct error *e)
{
	const char *auto_pad = node_text(n, "auto_pad", "NOTSET");

	if (read_window(g, n, kernel, w, e) < 0)
		return -1;
	for (int i = SPACE - w->axes; i < SPACE; i++)
		if (fit_axis(g, n, w, i, auto_pad, e) < 0)
			return -1;
	return multiply_sizes(g, n, w, e);
}

/* Padding that makes the output of a transposed window so large, the odd one at the end or the
 * start; what is missing comes at the end. */
static int share_padding(const struct graph *g, const struct node *n, struct window *w, int i,
                         size_t whole, size_t out, bool upper, struct error *e)
{
	size_t pad = whole > out ? whole - out : 0;

	if (out == 0 || out > COUNT_LIMIT)
		return node_fail(g, n, e, "an axis would get size %zu", out);
	w->in[i] = out;
	w->begin[i] = upper ? pad / 2 : pad - pad / 2;
	w->end[i] = pad - w->begin[i];
	return 0;
}

int window_infer_transposed(const struct graph *g, const struct node *n, const size_t *kernel,
                            struct window *w, struct error *e)
{
	const char *auto_pad = node_text(n, "auto_pad", "NOTSET");
	bool same = strncmp(auto_pad, "SAME_", 5) == 0,
	     upper = strcmp(auto_pad, "SAME_UPPER") == 0;
	size_t more[SPACE] = {0}, wanted[SPACE] = {0};
	int skip;

	if (read_window(g, n, kernel, w, e) < 0 ||
	    read_list(g, n, "output_padding", 0, more + SPACE - w->axes, w->axes, e) < 0 ||
	    read_list(g, n, "output_shape", 1, wanted + SPACE - w->axes, w->axes, e) < 0)
		return -1;
	if (!same && strcmp(auto_pad, "NOTSET") != 0 && strcmp(auto_pad, "VALID") != 0)
		return node_fail(g, n, e, "auto_pad %s is not known", auto_pad);
	skip = SPACE - w->axes;
	for (int i = 0; i < SPACE; i++) {
		size_t given = w->in[i], whole;

		if (given == 0)
			return node_fail(g, n, e, "its input is empty");
		if (!size_multiply(given - 1, w->stride[i], &whole) || whole > COUNT_LIMIT)
			return node_fail(g, n, e, "the output is too large");
		whole += (w->kernel[i] - 1) * w->dilation[i] + 1 + more[i];
		w->out[i] = given;
		if (i < skip) {
			continue;
		} else if (wanted[i] || same) {
			if (share_padding(g, n, w, i, whole,
			                  wanted[i] ? wanted[i] : given * w->stride[i], upper,
			                  e) < 0)
				return -1;
			continue;
		}
		if (strcmp(auto_pad, "VALID") == 0)
			w->begin[i] = w->end[i] = 0;
		if (w->begin[i] + w->end[i] >= whole)
			return node_fail(g, n, e, "padding %zu and %zu of %zu", w->begin[i],
			                 w->end[i], whole);
		w->in[i] = whole - w->begin[i] - w->end[i];
	}
	return multiply_sizes(g, n, w, e);
}

struct shape window_shape(const struct window *w, size_t channels)
{
	struct shape s = {.rank = 2 + w->axes, .dims = {w->batch, channels}};

	for (int i = 0; i < w->axes; i++)
		s.dims[2 + i] = w->out[SPACE - w->axes + i];
	return s;
}

int window_map_axis(const struct window *w, int i, struct geometry *out)
{
	if (out->axis[i] >= 2)
		return out->axis[i] - 2 + SPACE - w->axes;
	geometry_lose(out, "a window slides along an axis that is not the map's");
	return -1;
}
