/* test_winograd.c -- 3x3 and 5x5 convolutions by Winograd's algorithm against sums in double
 * precision: maps from one pixel on, padding, sizes that tiles don't divide, channels that
 * panels don't divide, maps that take several blocks; and images with a stride, which are
 * split into phases first. */
#include "graphs.h"
#include "operator/convolution.h"
#include "tap.h"

struct layer {
	size_t taps, stride, in, out, height, width, begin[2], end[2];
	bool bias, relu;
};

static double convolve(const struct layer *l, const float *x, const float *w, size_t unit,
                       size_t y, size_t column)
{
	double sum = 0;
	size_t c, k;

	for (c = 0; c < l->in; c++)
		for (k = 0; k < l->taps * l->taps; k++) {
			size_t at_y = y * l->stride + k / l->taps - l->begin[0];
			size_t at_x = column * l->stride + k % l->taps - l->begin[1];

			if (at_y < l->height && at_x < l->width)
				sum += (double)x[(c * l->height + at_y) * l->width + at_x] *
				       w[(unit * l->in + c) * l->taps * l->taps + k];
		}
	return sum;
}

/* Largest error, relative to the largest value. */
static double error_of(const struct layer *l)
{
	static const char *const names[] = {"y"};
	const size_t image[] = {1, l->in, l->height, l->width};
	const size_t filters[] = {l->out, l->in, l->taps, l->taps};
	struct graph *g = graph_start(4, image);
	struct network *net;
	char attributes[64];
	float *x = malloc(l->in * l->height * l->width * sizeof *x), *y;
	const float *w, *b;
	double worst = 0, top = 1e-30, want;
	size_t i, high, wide;

	for (i = 0; i < l->in * l->height * l->width; i++)
		x[i] = random_real(-1, 1);
	graph_weight(g, "w", 4, filters, -1, 1);
	graph_weight(g, "b", 1, filters, -1, 1);
	snprintf(attributes, sizeof attributes, "strides=%zu,%zu pads=%zu,%zu,%zu,%zu",
	         l->stride, l->stride, l->begin[0], l->begin[1], l->end[0], l->end[1]);
	graph_add(g, "Conv", l->bias ? "x w b" : "x w", l->relu ? "c" : "y", attributes);
	if (l->relu)
		graph_add(g, "Relu", "c", "y", "");
	net = graph_finish(g);
	y = net ? graph_run(net, names, 1, x) : NULL;
	if (!y)
		return INFINITY;
	w = (const float *)graph_get(net, "w")->literal->raw.p;
	b = (const float *)graph_get(net, "b")->literal->raw.p;
	high = (l->height + l->begin[0] + l->end[0] - l->taps) / l->stride + 1;
	wide = (l->width + l->begin[1] + l->end[1] - l->taps) / l->stride + 1;
	for (i = 0; i < l->out * high * wide; i++) {
		want = convolve(l, x, w, i / wide / high, i / wide % high, i % wide);
		want += l->bias ? b[i / wide / high] : 0;
		want = l->relu ? fmax(want, 0) : want;
		worst = worse(worst, fabs(y[i] - want));
		top = fmax(top, fabs(want));
	}
	free(x);
	free(y);
	network_close(net);
	return worst / top;
}

/* With a stride, such that phases have 3 or 5 taps. */
static void random_layer(struct layer *l, size_t channels, size_t side, size_t stride)
{
	int i;

	l->stride = stride;
	l->taps = (3 + 2 * random_below(2)) * stride - random_below((unsigned)stride);
	l->in = 1 + random_below((unsigned)channels);
	l->out = 1 + random_below((unsigned)channels);
	l->height = 1 + random_below((unsigned)side);
	do /* an image of so many columns would be taken for one with channels last */
		l->width = 1 + random_below((unsigned)side);
	while (l->width == 3 || l->width == 4);
	l->bias = random_below(2);
	l->relu = random_below(2);
	for (i = 0; i < 2; i++) {
		size_t inside = i ? l->width : l->height;

		l->begin[i] = random_below((unsigned)l->taps);
		l->end[i] = random_below((unsigned)l->taps);
		while (inside + l->begin[i] + l->end[i] < l->taps)
			l->end[i]++;
	}
}

static void check_many(int n, size_t channels, size_t side, size_t stride)
{
	struct layer l;
	double worst = 0;
	int i;

	for (i = 0; i < n; i++) {
		random_layer(&l, channels, side, stride);
		worst = worse(worst, error_of(&l));
	}
	ok(worst < 2e-5,
	   "%d layers, to %zu channels and %zu pixels, stride %zu: off by %.2g: %s", n,
	   channels, side, stride, worst, graph_error.text);
}

static void check_one(const char *what, struct layer l)
{
	double worst;

	l.stride = l.stride ? l.stride : 1;
	worst = error_of(&l);

	ok(worst < 2e-5, "%s: off by %.2g", what, worst);
}

static void check_choice(void)
{
	struct convolution c = {.window = {.axes = 2,
	                                   .out = {1, 56, 56},
	                                   .kernel = {1, 3, 3},
	                                   .stride = {1, 1, 1},
	                                   .dilation = {1, 1, 1},
	                                   .area_out = 56 * 56},
	                        .groups = 1,
	                        .in_group = 64,
	                        .out_group = 64,
	                        .depth = 576};

	ok(convolution_algorithm(&c, CONVOLUTION_AUTO) == &algorithm_winograd,
	   "64 channels: Winograd");
	ok(convolution_algorithm(&c, CONVOLUTION_DIRECT) == &algorithm_direct,
	   "unless it is not wanted");
	c.in_group = 3;
	c.depth = 27;
	ok(convolution_algorithm(&c, CONVOLUTION_AUTO) == &algorithm_direct &&
	           convolution_plain(&algorithm_direct, &c),
	   "3 channels: as they are");
	c.window.in[1] = c.window.in[2] = 227;
	c.window.kernel[1] = c.window.kernel[2] = 11;
	c.window.stride[1] = c.window.stride[2] = 4;
	c.window.in[0] = 1;
	c.window.area_in = 227 * 227;
	c.depth = 363;
	ok(convolution_algorithm(&c, CONVOLUTION_AUTO) == &algorithm_phases &&
	           convolution_plain(&algorithm_phases, &c) &&
	           convolution_algorithm(&c, CONVOLUTION_DIRECT) == &algorithm_direct,
	   "3 channels, 11x11 with a stride of 4: in phases");
	c.window.kernel[1] = c.window.kernel[2] = 7;
	c.window.stride[1] = c.window.stride[2] = 2;
	c.depth = 147;
	ok(convolution_algorithm(&c, CONVOLUTION_WINOGRAD) == &algorithm_direct,
	   "7x7 with a stride of 2: not");
	c.window.kernel[1] = c.window.kernel[2] = 3;
	c.window.stride[2] = 1;
	c.in_group = 64;
	c.depth = 576;
	ok(convolution_algorithm(&c, CONVOLUTION_WINOGRAD) == &algorithm_direct,
	   "a stride of two: direct");
}

int main(void)
{
	graph_algorithm = CONVOLUTION_WINOGRAD;
	check_many(300, 6, 9, 1);
	check_many(tap_exhaustive(15, 40), 70, 20, 1);
	check_many(tap_exhaustive(50, 100), 8, 30, 2);
	check_many(tap_exhaustive(40, 100), 8, 60, 4);
	check_one("one pixel", (struct layer){.taps = 3,
	                                      .in = 3,
	                                      .out = 5,
	                                      .height = 1,
	                                      .width = 1,
	                                      .begin = {1, 1},
	                                      .end = {1, 1}});
	check_one("7x7", (struct layer){.taps = 3,
	                                .in = 40,
	                                .out = 70,
	                                .height = 7,
	                                .width = 7,
	                                .begin = {1, 1},
	                                .end = {1, 1}});
	check_one("several blocks", (struct layer){.taps = 3,
	                                           .in = 70,
	                                           .out = 9,
	                                           .height = 65,
	                                           .width = 71,
	                                           .begin = {1, 1},
	                                           .end = {1, 1},
	                                           .relu = true});
	check_choice();
	return done();
}
