/* test_pairs.c -- a convolution and the depthwise one behind it, of random sizes, run together:
 * the values of their definition in double precision, and the bytes of a plan in which the map
 * between is wanted; a convolution and the maxima of its map, too; and who does not pair. */
#include "graphs.h"
#include "tap.h"

enum { RUNS = 120, UNITS = 71, TALL = 160, WIDE = 40, MORE = 8 /* that padding adds */ };

struct layer {
	size_t height, width, kernel[2], stride[2], dilation[2], pads[4];
};

struct sizes {
	size_t in, wide;
	struct layer first, second; /* second: depthwise */
};

static size_t one_to(unsigned n)
{
	return 1 + random_below(n);
}

static size_t out_size(const struct layer *l, int i)
{
	size_t in = (i ? l->width : l->height) + l->pads[i] + l->pads[i + 2];
	size_t reach = (l->kernel[i] - 1) * l->dilation[i] + 1;

	return in < reach ? 0 : (in - reach) / l->stride[i] + 1;
}

static struct layer random_layer(size_t height, size_t width)
{
	struct layer l = {.height = height, .width = width};

	for (int i = 0; i < 2; i++) {
		l.kernel[i] = random_below(2) ? 3 : one_to(5);
		l.stride[i] = one_to(3);
		l.dilation[i] = random_below(4) ? 1 : 2;
	}
	for (int i = 0; i < 4; i++)
		l.pads[i] = random_below(2) ? l.kernel[i % 2] / 2 : random_below(5);
	return l;
}

/* The first layer is pointwise, or takes few channels, as those of an image. */
static struct sizes random_sizes(void)
{
	const bool narrow = random_below(3) == 0;
	const size_t height = one_to(random_below(8) ? WIDE : TALL);
	/* Fewer would be the channels of an image that has them last. */
	const size_t width = 4 + one_to(WIDE - 4);
	struct sizes s = {.in = narrow ? one_to(8) : 8 + one_to(30),
	                  .wide = 1 + one_to(UNITS - 1),
	                  .first = {height, width, {1, 1}, {1, 1}, {1, 1}, {0}}};

	if (narrow)
		s.first = random_layer(height, width);
	s.second = random_layer(out_size(&s.first, 0), out_size(&s.first, 1));
	return s;
}

static const char *attributes_of(const struct layer *l, size_t groups, char *text, size_t size)
{
	snprintf(text, size,
	         "group=%zu kernel_shape=%zu,%zu strides=%zu,%zu dilations=%zu,%zu "
	         "pads=%zu,%zu,%zu,%zu",
	         groups, l->kernel[0], l->kernel[1], l->stride[0], l->stride[1], l->dilation[0],
	         l->dilation[1], l->pads[0], l->pads[1], l->pads[2], l->pads[3]);
	return text;
}

static struct graph *start(const struct sizes *s)
{
	const size_t image[] = {1, s->in, s->first.height, s->first.width},
	             first[] = {s->wide, s->in, s->first.kernel[0], s->first.kernel[1]},
	             second[] = {s->wide, 1, s->second.kernel[0], s->second.kernel[1]};
	struct graph *g = graph_start(4, image);

	graph_weight(g, "w1", 4, first, -1, 1);
	graph_weight(g, "b1", 1, first, -1, 1);
	graph_weight(g, "w2", 4, second, -1, 1);
	graph_weight(g, "b2", 1, second, -1, 1);
	return g;
}

static const float *weights_of(const struct network *net, const char *name)
{
	return (const float *)(const void *)graph_get(net, name)->literal->raw.p;
}

/* What a kernel's weights make of a channel's values at a place of the output. */
static double applied(const struct layer *l, const float *w, const double *in, size_t y,
                      size_t x)
{
	double sum = 0;

	for (size_t i = 0; i < l->kernel[0]; i++)
		for (size_t j = 0; j < l->kernel[1]; j++) {
			size_t at_y = y * l->stride[0] + i * l->dilation[0] - l->pads[0];
			size_t at_x = x * l->stride[1] + j * l->dilation[1] - l->pads[1];

			if (at_y < l->height && at_x < l->width)
				sum += w[i * l->kernel[1] + j] * in[at_y * l->width + at_x];
		}
	return sum;
}

/* A layer by its definition: channels for each unit's sum, which are the next ones for the next
 * unit where it is depthwise. */
static void apply(const struct layer *l, size_t units, size_t channels, bool depthwise,
                  const float *w, const float *bias, const double *in, double *out)
{
	const size_t taps = l->kernel[0] * l->kernel[1], area = l->height * l->width;

	for (size_t u = 0; u < units; u++)
		for (size_t y = 0; y < out_size(l, 0); y++)
			for (size_t x = 0; x < out_size(l, 1); x++) {
				*out = bias[u];
				for (size_t k = 0; k < channels; k++)
					*out += applied(l, w + (u * channels + k) * taps,
					                in + (depthwise ? u : k) * area, y, x);
				out++;
			}
}

/* How far off the values are at most. */
static double distance(const struct sizes *s, const struct network *net, const float *image,
                       const float *got)
{
	static double in[UNITS * TALL * WIDE], wide[UNITS * (TALL + MORE) * (WIDE + MORE)],
	        want[UNITS * (TALL + 2 * MORE) * (WIDE + 2 * MORE)];
	double worst = 0;

	for (size_t i = 0; i < s->in * s->first.height * s->first.width; i++)
		in[i] = image[i];
	apply(&s->first, s->wide, s->in, false, weights_of(net, "w1"), weights_of(net, "b1"),
	      in, wide);
	for (size_t i = 0; i < s->wide * s->second.height * s->second.width; i++)
		wide[i] = fmin(fmax(wide[i], 0), 6);
	apply(&s->second, s->wide, 1, true, weights_of(net, "w2"), weights_of(net, "b2"), wide,
	      want);
	for (size_t i = 0; i < graph_get(net, "y")->count; i++)
		worst = worse(worst, fabs(got[i] - want[i]));
	return worst;
}

static bool pairs(const struct network *net, const char *const *names, size_t n)
{
	struct plan *plan;
	bool found = false;
	size_t ids[4];

	for (size_t i = 0; i < n; i++)
		ids[i] = graph_lookup(net->graph, names[i]);
	plan = plan_new(net->graph, ids, n, CONVOLUTION_AUTO, &graph_error);
	for (size_t i = 0; plan && i < plan->n_steps; i++)
		found = found || plan->steps[i].pair > 0;
	plan_free(plan);
	return found;
}

static void check_random(void)
{
	static const char *const both[] = {"y", "wide"};
	static float image[UNITS * TALL * WIDE];
	char text[200];
	size_t paired = 0, narrow = 0, count, other = 0;
	double worst = 0;

	for (int run = 0; run < RUNS; run++) {
		struct sizes s = random_sizes();
		struct graph *g;
		struct network *net;
		float *alone, *all;

		if (s.second.height * s.second.width == 0 || out_size(&s.second, 0) == 0 ||
		    out_size(&s.second, 1) == 0)
			continue;
		g = start(&s);
		graph_add(g, "Conv", "x w1 b1", "first",
		          attributes_of(&s.first, 1, text, sizeof text));
		graph_add(g, "Clip", "first", "wide", "min=0 max=6");
		g->nodes[g->n_nodes - 1].opset = 6;
		graph_add(g, "Conv", "wide w2 b2", "y",
		          attributes_of(&s.second, s.wide, text, sizeof text));
		net = graph_finish(g);
		for (size_t i = 0; i < sizeof image / sizeof *image; i++)
			image[i] = random_real(-2, 2);
		alone = net ? graph_run(net, both, 1, image) : NULL;
		all = net ? graph_run(net, both, 2, image) : NULL;
		if (!alone || !all) {
			ok(false, "run %d: %s", run, graph_error.text);
			return;
		}
		count = graph_get(net, "y")->count;
		paired += pairs(net, both, 1);
		narrow += s.in <= 8 && pairs(net, both, 1);
		other += pairs(net, both, 2) || memcmp(alone, all, count * sizeof *alone) != 0;
		worst = worse(worst, distance(&s, net, image, alone));
		free(alone);
		free(all);
		network_close(net);
	}
	ok(paired > RUNS / 2 && narrow > RUNS / 8,
	   "%zu of %d pair, %zu of them on few channels", paired, RUNS, narrow);
	ok(other == 0, "the bytes are those of a plan without pairs, but for %zu", other);
	ok(worst < 1e-4, "values are off by %.2g", worst);
}

/* Nodes between two convolutions that could pair; wanted: what besides y. */
static void check_apart(const char *what, const char *type, const char *inputs, bool pair)
{
	static const char *const wanted[] = {"y", "z"};
	const struct sizes s = {24,
	                        40,
	                        {9, 7, {1, 1}, {1, 1}, {1, 1}, {0}},
	                        {9, 7, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}}};
	char text[200];
	struct graph *g = start(&s);
	struct network *net;

	graph_add(g, "Conv", "x w1 b1", "first", "");
	if (*type)
		graph_add(g, type, inputs, "z", "");
	graph_add(g, "Conv", "first w2 b2", "y",
	          attributes_of(&s.second, s.wide, text, sizeof text));
	net = graph_finish(g);
	ok(net && pairs(net, wanted, *type ? 2 : 1) == pair, "%s", what);
	if (net)
		network_close(net);
}

/* Is each value of y the greatest of the four of a map, whose sides may be odd? */
static bool greatest(const float *wide, const float *y, size_t units, size_t height,
                     size_t width)
{
	for (size_t u = 0; u < units; u++)
		for (size_t i = 0; i + 1 < height; i += 2)
			for (size_t j = 0; j + 1 < width; j += 2) {
				const float *at = wide + (u * height + i) * width + j;
				float upper = fmaxf(at[0], at[1]),
				      lower = fmaxf(at[width], at[width + 1]);

				if (*y++ != fmaxf(upper, lower))
					return false;
			}
	return true;
}

/* A convolution by Winograd's algorithm and the maxima of 2x2 behind it. */
static void check_halved(void)
{
	static const char *const both[] = {"y", "wide"};
	static float image[UNITS * TALL * WIDE];
	size_t paired = 0, runs = 0, other = 0, wrong = 0;

	for (int run = 0; run < RUNS; run++) {
		const size_t kernel = random_below(4) ? 3 : 5, in = 8 + one_to(40),
		             units = 16 + one_to(50);
		/* Some lines are longer than what is written at a time. */
		const size_t height = 1 + one_to(30),
		             width = 5 + one_to(random_below(2) ? 30 : TALL);
		const size_t size[] = {1, in, height, width},
		             weights[] = {units, in, kernel, kernel};
		struct graph *g = graph_start(4, size);
		struct network *net;
		float *alone, *all;

		graph_weight(g, "w", 4, weights, -1, 1);
		graph_weight(g, "b", 1, weights, -1, 1);
		graph_add(g, "Conv", random_below(4) ? "x w b" : "x w", "first",
		          kernel == 3 ? "pads=1,1,1,1" : "pads=2,2,2,2");
		graph_add(g, random_below(4) ? "Relu" : "Identity", "first", "wide", "");
		graph_add(g, "MaxPool", "wide", "y", "kernel_shape=2,2 strides=2,2");
		net = graph_finish(g);
		for (size_t i = 0; i < sizeof image / sizeof *image; i++)
			image[i] = random_real(-2, 2);
		alone = net ? graph_run(net, both, 1, image) : NULL;
		all = net ? graph_run(net, both, 2, image) : NULL;
		if (!alone || !all) {
			ok(false, "run %d: %s", run, graph_error.text);
			return;
		}
		runs++;
		paired += pairs(net, both, 1);
		other += pairs(net, both, 2) ||
		         memcmp(alone, all, graph_get(net, "y")->count * sizeof *alone) != 0;
		wrong += !greatest(all + graph_get(net, "y")->count, alone, units, height,
		                   width);
		free(alone);
		free(all);
		network_close(net);
	}
	ok(paired > runs / 4, "%zu of %zu pair with maxima", paired, runs);
	ok(other == 0, "the bytes are those of a plan without pairs, but for %zu", other);
	ok(wrong == 0, "each is the greatest of four, but for %zu", wrong);
}

static void check_pool(const char *what, const char *type, const char *attributes, size_t side,
                       bool pair)
{
	static const char *const wanted[] = {"y"};
	const size_t size[] = {1, 24, side, side}, weights[] = {40, 24, 3, 3};
	struct graph *g = graph_start(4, size);
	struct network *net;

	graph_weight(g, "w", 4, weights, -1, 1);
	graph_add(g, "Conv", "x w", "first", "pads=1,1,1,1");
	graph_add(g, type, "first", "y", attributes);
	net = graph_finish(g);
	ok(net && pairs(net, wanted, 1) == pair, "%s", what);
	if (net)
		network_close(net);
}

int main(void)
{
	check_random();
	check_halved();
	check_pool("maxima of 2x2 pair", "MaxPool", "kernel_shape=2,2 strides=2,2", 17, true);
	check_pool("not those that overlap", "MaxPool", "kernel_shape=2,2", 16, false);
	check_pool("not those of 3x3", "MaxPool", "kernel_shape=3,3 strides=2,2", 17, false);
	check_pool("not those that reach into padding", "MaxPool",
	           "kernel_shape=2,2 strides=2,2 pads=1,1,0,0", 16, false);
	check_pool("not those whose last ones reach beyond the map", "MaxPool",
	           "kernel_shape=2,2 strides=2,2 ceil_mode=1", 17, false);
	check_pool("not averages", "AveragePool", "kernel_shape=2,2 strides=2,2", 16, false);
	check_apart("two convolutions pair", "", "", true);
	check_apart("not where another node reads the map", "Relu", "first", false);
	return done();
}
