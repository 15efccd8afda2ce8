/* test_resize.c -- Resize and Upsample: sizes, cells, and places by perturbation.
 *
 * Places: a resize is linear in its input, so with each pixel of the image changed in turn
 * the responses of a cell are its weights, and their mean position is the cell's source.
 * Over a period of cells that no border bends, sources must be at the places that are
 * listed, on the average. */
#include "graphs.h"
#include "tap.h"

enum { LONG = 48 };

/* A list of floats known at open, as an exporter's constant. */
static void list(struct graph *g, const char *name, const float *values, size_t n)
{
	struct tensor *t;
	size_t id;

	graph_weight(g, name, 1, (const size_t[]){n}, 0, 1);
	id = graph_lookup(g, name);
	t = &g->tensors[id];
	memcpy((void *)(uintptr_t)t->literal->raw.p, values, n * sizeof *values);
}

/* An image of one row (1, 1, 1, in), resized by the scale along it. */
static struct network *row(size_t in, const char *type, int opset, float scale,
                           const char *attributes)
{
	struct graph *g = graph_start(4, (const size_t[]){1, 1, 1, in});
	bool late = opset >= 11 && strcmp(type, "Resize") == 0;

	list(g, "scales", (const float[]){1, 1, 1, scale}, 4);
	list(g, "roi", (const float[]){0, 0, 0, 0, 1, 1, 1, 1}, 8);
	graph_add(g, type, late ? "x roi scales" : "x scales", "y", attributes);
	g->nodes[g->n_nodes - 1].opset = opset;
	return graph_finish(g);
}

static const char *const y[] = {"y"};

/* The cells of a row of 0, 1, 2, ... */
static void cells(size_t in, const char *type, int opset, float scale, const char *attributes,
                  size_t n, const float *want)
{
	struct network *net = row(in, type, opset, scale, attributes);
	float image[64], *got = NULL;
	size_t i;

	for (i = 0; i < in; i++)
		image[i] = (float)i;
	if (ok(net != NULL, "%s %d by %g of %zu: %s", type, opset, (double)scale, in,
	       graph_error.text))
		got = graph_run(net, y, 1, image);
	if (got && is_int((long long)graph_get(net, "y")->count, (long long)n, "its cells"))
		for (i = 0; i < n; i++)
			is_real(got[i], want[i], 1e-5, "%s, cell %zu", attributes, i);
	free(got);
	network_close(net);
}

/* Sizes that exporters meant, by their scales in single precision: floor(scale * in) is
 * taken in that precision, as onnxruntime takes it. */
static void check_sizes(void)
{
	size_t in, out, agree = 0, pairs = 0;

	for (in = 1; in <= 75; in++)
		for (out = 1; out <= 75; out++) {
			float scale = (float)((double)out / (double)in);
			float size = scale * (float)in;
			struct network *net;

			if (size < 1)
				continue;
			net = row(in, "Resize", 13, scale, "mode=linear");
			pairs++;
			agree += net && graph_get(net, "y")->count == (size_t)size;
			network_close(net);
		}
	ok(agree == pairs, "%zu of %zu pairs of sizes", agree, pairs);
}

/* Source of each cell of y along the row, as its weights' mean position. */
static void sources(const struct network *net, size_t in, double *mean)
{
	float image[LONG] = {0}, *response;
	size_t n = graph_get(net, "y")->count, i, k;
	double *sum = calloc(n, sizeof *sum);

	memset(mean, 0, n * sizeof *mean);
	for (i = 0; i < in; i++) {
		image[i] = 1;
		response = graph_run(net, y, 1, image);
		image[i] = 0;
		for (k = 0; response && k < n; k++) {
			sum[k] += response[k];
			mean[k] += (double)i * response[k];
		}
		free(response);
	}
	for (k = 0; k < n; k++)
		mean[k] /= sum[k];
	free(sum);
}

/* Steps until sources lie between cells as before: the least that makes whole cells. */
static size_t period_of(const char *transform, size_t in, size_t n, float scale)
{
	size_t p;

	if (strcmp(transform, "align_corners") != 0) {
		for (p = 1;
		     fabs(round((double)p / (double)scale) * (double)scale - (double)p) > 1e-4;
		     p++)
			;
		return p;
	}
	for (p = 1; p * (in - 1) % (n - 1) != 0; p++)
		;
	return p;
}

/* Mean distance of sources from places over whole periods of cells that no border bends, in
 * cells of the input. */
static double distance(const struct network *net, size_t in, const double *mean, size_t period)
{
	const struct receptive_field *f = &graph_get(net, "y")->geometry.field[1];
	size_t n = graph_get(net, "y")->count, k, room = 0, first = n;
	double sum = 0;

	for (k = 0; k < n; k++) {
		double at = f->offset + (double)k * f->stride;

		/* A cell at a border is bent, but not with corners aligned: period n - 1. */
		if (period + 1 >= n || (at >= 2.5 && at <= (double)in - 3.5)) {
			first = k < first ? k : first;
			room++;
		}
	}
	room = room / period * period;
	for (k = first; k < first + room; k++)
		sum += mean[k] - (f->offset + (double)k * f->stride);
	return room ? fabs(sum / (double)room) : INFINITY;
}

static const char *const transforms[] = {"half_pixel",         "half_pixel_symmetric",
                                         "pytorch_half_pixel", "align_corners",
                                         "asymmetric",         "tf_half_pixel_for_nn"};
static const char *const kinds[] = {"mode=nearest nearest_mode=round_prefer_floor",
                                    "mode=nearest nearest_mode=round_prefer_ceil",
                                    "mode=nearest nearest_mode=floor",
                                    "mode=nearest nearest_mode=ceil",
                                    "mode=linear",
                                    "mode=cubic",
                                    "mode=cubic cubic_coeff_a=-0.5 exclude_outside=1"};

static void check_pair(const char *transform, const char *kind)
{
	static const float scales[] = {2,     3,     4,     8,    1.5f, 2.5f,
	                               0.75f, 0.25f, 1.25f, 1.7f, 0.5f, 0.6f};
	double mean[LONG * 8], off, worst = 0;
	char attributes[160];

	snprintf(attributes, sizeof attributes, "coordinate_transformation_mode=%s %s",
	         transform, kind);
	for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
		struct network *net = row(LONG, "Resize", 13, scales[i], attributes);
		size_t cells;

		if (!net) {
			ok(false, "%s: %s", attributes, graph_error.text);
			return;
		}
		cells = graph_get(net, "y")->count;
		sources(net, LONG, mean);
		off = distance(net, LONG, mean, period_of(transform, LONG, cells, scales[i]));
		/* In single precision some quotients by 0.6 fall short of a whole cell. */
		if (scales[i] == 0.6f)
			ok(off < 0.05, "by 0.6: places are %.2g cells from sources", off);
		else
			worst = worse(worst, off);
		network_close(net);
	}
	ok(worst <= 1e-5, "%s, %s: places are %.2g cells from sources", transform, kind, worst);
}

/* Refused, and the reason speaks of that. */
static void refused(float scale, const char *attributes, const char *reason)
{
	struct network *net = row(8, "Resize", 18, scale, attributes);
	const struct node *n = net ? &net->graph->nodes[0] : NULL;

	ok(n && n->fault && strstr(n->fault, reason), "%s: %s", attributes,
	   n && n->fault ? n->fault : "is taken");
	network_close(net);
}

/* By sizes (1, 1, 10, 6) of (1, 1, 20, 20), or those that axes names. */
static void check_policy(const char *attributes, size_t n, const int64_t *sizes, size_t h,
                         size_t w)
{
	struct graph *g = graph_start(4, (const size_t[]){1, 1, 20, 20});
	struct network *net;
	struct literal *l;

	graph_weight(g, "sizes", 1, &n, 0, 1);
	list(g, "none", (const float[]){0}, 0);
	l = (struct literal *)(uintptr_t)g->tensors[graph_lookup(g, "sizes")].literal;
	l->type = ONNX_INT64;
	l->kind = KIND_INT;
	l->raw = (struct bytes){(const uint8_t *)sizes, n * sizeof *sizes};
	graph_add(g, "Resize", "x none none sizes", "y", attributes);
	g->nodes[0].opset = 18;
	net = graph_finish(g);
	if (ok(net != NULL && !net->graph->nodes[0].fault, "%s is taken", attributes)) {
		is_int((long long)graph_get(net, "y")->shape.dims[2], (long long)h, "height");
		is_int((long long)graph_get(net, "y")->shape.dims[3], (long long)w, "width");
	}
	network_close(net);
}

int main(void)
{
	check_sizes();
	for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++)
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
			check_pair(transforms[i], kinds[k]);

	/* Up to operator set 10 nearest takes the cell above where maps get smaller: ONNX
	 * 1.5's own example. */
	cells(4, "Resize", 10, 0.6f, "mode=nearest", 2, (const float[]){0, 2});
	cells(4, "Resize", 13, 0.6f, "mode=nearest", 2, (const float[]){0, 2});
	cells(5, "Upsample", 9, 1.7f, "mode=nearest", 8,
	      (const float[]){0, 0, 1, 1, 2, 2, 3, 4});
	/* 4.5 / 0.3 is a little less than 15 in single precision, but a tie all the same. */
	cells(36, "Resize", 13, 0.3f, "nearest_mode=round_prefer_ceil", 10,
	      (const float[]){1, 5, 8, 11, 15, 18, 21, 24, 28, 31});
	/* Corners go to corners: as PyTorch and onnxruntime have it, not ONNX's data. */
	cells(4, "Resize", 13, 0.6f, "mode=linear coordinate_transformation_mode=align_corners",
	      2, (const float[]){0, 3});
	/* torch.nn.functional.interpolate(mode="bicubic") */
	cells(6, "Resize", 13, 1.5f, "mode=cubic coordinate_transformation_mode=half_pixel", 9,
	      (const float[]){-0.08680558f, 0.40625f, 1.212963f, 1.787037f, 2.5f, 3.212963f,
	                      3.787038f, 4.59375f, 5.086806f});

	/* Where maps get larger, smoothing changes nothing. */
	cells(2, "Resize", 18, 2, "mode=linear antialias=1", 4,
	      (const float[]){0, 0.25f, 0.75f, 1});
	/* Where they get smaller, kernels are as many times as wide, have the sum 1, and repeat
	 * the outermost cells: 1/8, 3/8, 3/8, 1/8 by halves. */
	cells(4, "Resize", 18, 0.5f, "mode=linear antialias=1", 2,
	      (const float[]){0.625f, 2.375f});
	/* By thirds: 1/9, 2/9, 3/9, 2/9, 1/9 around cells 1, 4, 7. */
	cells(9, "Resize", 18, 1.f / 3, "mode=linear antialias=1", 3,
	      (const float[]){10.f / 9, 4, 62.f / 9});
	cells(9, "Resize", 18, 1.f / 3, "mode=linear", 3, (const float[]){1, 4, 7});
	refused(2, "mode=lanczos", "mode lanczos");
	refused(2, "coordinate_transformation_mode=tf_crop_and_resize", "tf_crop_and_resize");
	refused(2, "coordinate_transformation_mode=somewhere", "somewhere");
	refused(2, "nearest_mode=up", "nearest_mode up");
	refused(2, "mode=linear exclude_outside=1", "exclude_outside");
	refused(2, "axes=3,3", "axis 3 twice");
	refused(2, "axes=7", "axis 7");

	check_policy("mode=linear", 4, (const int64_t[]){1, 1, 10, 6}, 10, 6);
	check_policy("axes=-1", 1, (const int64_t[]){30}, 20, 30);
	check_policy("axes=3,2", 2, (const int64_t[]){30, 10}, 10, 30);
	check_policy("axes=2,3 keep_aspect_ratio_policy=not_larger", 2,
	             (const int64_t[]){30, 10}, 10, 10);
	check_policy("axes=2,3 keep_aspect_ratio_policy=not_smaller", 2,
	             (const int64_t[]){30, 10}, 30, 30);
	return done();
}
