/* test_network_layers.c -- convolution and pooling of every geometry against loops
 * over taps in double precision. */
#include "graphs.h"
#include "tap.h"

enum { AXES = 3 };

/* One random layer on 1 to 3 axes. */
struct layer {
	int axes;
	size_t batch, channels, groups, units;
	size_t in[AXES], out[AXES], kernel[AXES], stride[AXES], dilation[AXES], begin[AXES],
	        end[AXES];
	bool ceil_mode;
};

/* Few, whole blocks, or a part of one more. */
static size_t some_channels(void)
{
	switch (random_below(6)) {
	case 0:
		return 16 * (1 + random_below(3));
	case 1:
		return 1 + random_below(40);
	default:
		return 1 + random_below(3);
	}
}

static void random_layer(struct layer *l, bool pool)
{
	static const size_t groups[] = {1, 1, 2, 4};
	/* Now and then a kernel that Winograd's algorithm takes. */
	size_t usual = pool || random_below(3) ? 0 : 3 + 2 * random_below(2);
	int i;

	memset(l, 0, sizeof *l);
	l->axes = usual ? 2 : 1 + (int)random_below(AXES);
	l->batch = 1 + random_below(2);
	l->groups = pool ? 1 : groups[random_below(4)];
	l->channels = l->groups * some_channels();
	l->units = l->groups * some_channels();
	l->ceil_mode = pool && random_below(2);
	for (i = 0; i < l->axes; i++) {
		size_t reach;

		l->kernel[i] = usual ? usual : 1 + random_below(random_below(3) ? 4 : 1);
		l->stride[i] = usual ? 1 : 1 + random_below(3);
		l->dilation[i] = 1 + random_below(pool || usual ? 1 : 2);
		reach = (l->kernel[i] - 1) * l->dilation[i] + 1;
		l->begin[i] = random_below((unsigned)reach);
		l->end[i] = random_below((unsigned)reach);
		l->in[i] = reach + random_below(9);
		l->out[i] = (l->in[i] + l->begin[i] + l->end[i] - reach +
		             (l->ceil_mode ? l->stride[i] - 1 : 0)) /
		                    l->stride[i] +
		            1;
		if (l->ceil_mode && (l->out[i] - 1) * l->stride[i] >= l->in[i] + l->begin[i])
			l->out[i]--;
	}
	for (; i < AXES; i++)
		l->in[i] = l->out[i] = l->kernel[i] = l->stride[i] = l->dilation[i] = 1;
}

static void write_list(char *text, const char *name, const size_t *values, int n)
{
	int i;

	sprintf(text + strlen(text), " %s=", name);
	for (i = 0; i < n; i++)
		sprintf(text + strlen(text), "%s%zu", i ? "," : "", values[i]);
}

static void write_attributes(const struct layer *l, char *text)
{
	size_t pads[2 * AXES];

	*text = '\0';
	write_list(text, "kernel_shape", l->kernel, l->axes);
	write_list(text, "strides", l->stride, l->axes);
	if (l->dilation[0] > 1 || l->dilation[1] > 1 || l->dilation[2] > 1)
		write_list(text, "dilations", l->dilation, l->axes);
	memcpy(pads, l->begin, (size_t)l->axes * sizeof *pads);
	memcpy(pads + l->axes, l->end, (size_t)l->axes * sizeof *pads);
	write_list(text, "pads", pads, 2 * l->axes);
}

/* The input's value at output o under tap k; false in the padding. */
static bool value_at(const struct layer *l, const float *map, const size_t *o, const size_t *k,
                     float *value)
{
	size_t at = 0;
	int i;

	for (i = 0; i < AXES; i++) {
		size_t p = o[i] * l->stride[i] + k[i] * l->dilation[i];

		if (p < l->begin[i] || p - l->begin[i] >= l->in[i])
			return false;
		at = at * l->in[i] + p - l->begin[i];
	}
	*value = map[at];
	return true;
}

static void unravel(size_t i, const size_t *dims, size_t *at)
{
	at[2] = i % dims[2];
	at[1] = i / dims[2] % dims[1];
	at[0] = i / dims[2] / dims[1];
}

static size_t volume(const size_t *dims)
{
	return dims[0] * dims[1] * dims[2];
}

static double convolve(const struct layer *l, const float *x, const float *w, const float *b,
                       size_t batch, size_t unit, const size_t *o)
{
	size_t per = l->channels / l->groups, group = unit / (l->units / l->groups), c, t,
	       k[AXES];
	double sum = b ? b[unit] : 0;
	float v;

	for (c = 0; c < per; c++)
		for (t = 0; t < volume(l->kernel); t++) {
			unravel(t, l->kernel, k);
			if (value_at(l,
			             x + (batch * l->channels + group * per + c) *
			                             volume(l->in),
			             o, k, &v))
				sum += (double)v * w[(unit * per + c) * volume(l->kernel) + t];
		}
	return sum;
}

static double largest(const struct layer *l, const float *map, const size_t *o)
{
	double best = -INFINITY;
	size_t t, k[AXES];
	float v;

	for (t = 0; t < volume(l->kernel); t++) {
		unravel(t, l->kernel, k);
		if (value_at(l, map, o, k, &v))
			best = fmax(best, v);
	}
	return best;
}

/* Values in the padding count as zeros if count is true, never those beyond it. */
static double average(const struct layer *l, const float *map, const size_t *o, bool count)
{
	double sum = 0;
	size_t t, k[AXES], n = 0, i;
	float v;

	for (t = 0; t < volume(l->kernel); t++) {
		bool padded = true;

		unravel(t, l->kernel, k);
		for (i = 0; i < AXES; i++)
			padded = padded && o[i] * l->stride[i] + k[i] <
			                           l->begin[i] + l->in[i] + l->end[i];
		if (value_at(l, map, o, k, &v)) {
			sum += v;
			n++;
		} else if (count && padded) {
			n++;
		}
	}
	return sum / (double)n;
}

static float *random_image(size_t n)
{
	float *x = malloc(n * sizeof *x);
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = random_real(-1, 1);
	return x;
}

static struct graph *start(const struct layer *l)
{
	size_t dims[2 + AXES] = {l->batch, l->channels};
	struct shape s;
	struct graph *g = graph_start(1, dims);

	memcpy(dims + 2, l->in, (size_t)l->axes * sizeof *dims);
	s = shape_of(2 + l->axes, dims);
	(void)!tensor_set(&g->tensors[g->input], KIND_FLOAT, &s, &graph_error);
	return g;
}

/* Relative to the largest value, or one. */
static double conv_error(void)
{
	static const char *const names[] = {"y"};
	struct layer l;
	struct graph *g;
	struct network *net;
	const float *w, *b = NULL;
	float *x, *y;
	char attributes[512];
	double worst = 0, top = 1;
	size_t dims[2 + AXES], i, area, o[AXES];
	bool bias = random_below(2), relu = random_below(2);

	random_layer(&l, false);
	graph_algorithm = (enum convolution_choice)random_below(3);
	g = start(&l);
	dims[0] = l.units;
	dims[1] = l.channels / l.groups;
	memcpy(dims + 2, l.kernel, (size_t)l.axes * sizeof *dims);
	graph_weight(g, "w", 2 + l.axes, dims, -1, 1);
	graph_weight(g, "b", 1, dims, -1, 1);
	write_attributes(&l, attributes);
	sprintf(attributes + strlen(attributes), " group=%zu", l.groups);
	graph_add(g, "Conv", bias ? "x w b" : "x w", relu ? "c" : "y", attributes);
	if (relu)
		graph_add(g, "Relu", "c", "y", "");
	net = graph_finish(g);
	x = random_image(l.batch * l.channels * volume(l.in));
	y = net ? graph_run(net, names, 1, x) : NULL;
	if (!y)
		return INFINITY;
	w = (const float *)graph_get(net, "w")->literal->raw.p;
	if (bias)
		b = (const float *)graph_get(net, "b")->literal->raw.p;
	area = volume(l.out);
	if (graph_get(net, "y")->count != l.batch * l.units * area)
		worst = INFINITY;
	for (i = 0; isfinite(worst) && i < l.batch * l.units * area; i++) {
		double want;

		unravel(i % area, l.out, o);
		want = convolve(&l, x, w, b, i / area / l.units, i / area % l.units, o);
		worst = worse(worst, fabs(y[i] - (relu ? fmax(want, 0) : want)));
		top = fmax(top, fabs(want));
	}
	free(x);
	free(y);
	network_close(net);
	return worst / top;
}

static double pool_error(bool maximum)
{
	static const char *const names[] = {"y"};
	struct layer l;
	struct graph *g;
	struct network *net;
	float *x, *y;
	char attributes[512];
	double worst = 0;
	size_t i, area, o[AXES];
	bool count = random_below(2);

	random_layer(&l, true);
	g = start(&l);
	write_attributes(&l, attributes);
	sprintf(attributes + strlen(attributes), " ceil_mode=%d", l.ceil_mode);
	if (!maximum)
		sprintf(attributes + strlen(attributes), " count_include_pad=%d", count);
	graph_add(g, maximum ? "MaxPool" : "AveragePool", "x", "y", attributes);
	net = graph_finish(g);
	x = random_image(l.batch * l.channels * volume(l.in));
	y = net ? graph_run(net, names, 1, x) : NULL;
	if (!y)
		return INFINITY;
	area = volume(l.out);
	for (i = 0; i < l.batch * l.channels * area; i++) {
		const float *map = x + i / area * volume(l.in);

		unravel(i % area, l.out, o);
		worst = worse(worst, fabs(y[i] - (maximum ? largest(&l, map, o)
		                                          : average(&l, map, o, count))));
	}
	free(x);
	free(y);
	network_close(net);
	return worst;
}

/* A few windows that reach over a plane of padding: one line, no memory. */
static void check_padding(void)
{
	static const size_t image[] = {1, 2, 8, 8}, filters[] = {2, 2, 3, 3};
	static const char *const names[] = {"y"};
	struct graph *g = graph_start(4, image);
	struct network *net;
	float x[2 * 8 * 8] = {0};

	graph_weight(g, "w", 4, filters, -1, 1);
	graph_add(g, "Conv", "x w", "y",
	          "strides=1048576,1048576 pads=1048576,1048576,1048576,1048576");
	graph_algorithm = CONVOLUTION_AUTO;
	net = graph_finish(g);
	ok(net && !graph_run(net, names, 1, x) && graph_error.code == EXIT_MALFORMED &&
	           strstr(graph_error.text, "padding is too large"),
	   "padding of a million lines: %s", graph_error.text);
	network_close(net);
}

int main(void)
{
	const int cases = tap_exhaustive(150, 400);
	double conv = 0, maximum = 0, mean = 0;
	int i;

	for (i = 0; i < cases; i++) {
		conv = fmax(conv, conv_error());
		maximum = fmax(maximum, pool_error(true));
		mean = fmax(mean, pool_error(false));
	}
	ok(conv < 1e-5, "%d convolutions: off by %.2g: %s", cases, conv, graph_error.text);
	ok(maximum == 0, "%d maximum poolings: off by %.2g: %s", cases, maximum,
	   graph_error.text);
	ok(mean < 1e-6, "%d average poolings: off by %.2g: %s", cases, mean, graph_error.text);
	check_padding();
	return done();
}
