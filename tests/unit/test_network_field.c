/* test_network_field.c -- receptive fields by brute force: change one pixel of the
 * image and see which cells move.
 *
 * Weights and images are positive and the changed pixel is far above the rest, so that
 * it shows through maxima and rectifiers.  Along each axis, the pixels that move cell i
 * must be in the field centred at offset + i * stride, and its ends among them where they
 * lie in the image. */
#include "graphs.h"
#include "tap.h"

enum { HEIGHT = 31, WIDTH = 26 };

static const size_t image_dims[] = {1, 2, HEIGHT, WIDTH};

static struct graph *start(void)
{
	return graph_start(4, image_dims);
}

static void conv(struct graph *g, const char *in, const char *out, size_t from, size_t to,
                 size_t kernel, const char *attributes)
{
	const size_t dims[] = {to, from, kernel, kernel};
	char inputs[64], w[32];

	snprintf(w, sizeof w, "w_%s", out);
	snprintf(inputs, sizeof inputs, "%s %s", in, w);
	graph_weight(g, w, 4, dims, 0.1f, 1);
	graph_add(g, "Conv", inputs, out, attributes);
}

/* Range of pixels along an axis that move some value of cell i along it. */
struct seen {
	size_t first[64], last[64];
	bool any[64];
};

static void look(const struct tensor *t, const float *before, const float *after, int axis,
                 size_t pixel, struct seen *s)
{
	const size_t *d = t->shape.dims;
	size_t i, cell;

	for (i = 0; i < t->count; i++) {
		cell = axis == 0 ? i / d[3] % d[2] : i % d[3];
		if (before[i] == after[i])
			continue;
		if (!s->any[cell] || pixel < s->first[cell])
			s->first[cell] = pixel;
		if (!s->any[cell] || pixel > s->last[cell])
			s->last[cell] = pixel;
		s->any[cell] = true;
	}
}

static void check_axis(const struct tensor *t, const struct seen *s, int axis, const char *what)
{
	const struct receptive_field *f = &t->geometry.field[axis];
	size_t n = axis == 0 ? HEIGHT : WIDTH, cell;
	bool fine = t->geometry.kind == GEOMETRY_MAP;

	for (cell = 0; fine && cell < t->shape.dims[2 + axis]; cell++) {
		double centre = f->offset + (double)cell * f->stride;
		double first = centre - (f->size - 1) / 2, last = centre + (f->size - 1) / 2;

		fine = s->any[cell] && (double)s->first[cell] >= first &&
		       (double)s->last[cell] <= last;
		if (first >= 0)
			fine = fine && (double)s->first[cell] == first;
		if (last < (double)n)
			fine = fine && (double)s->last[cell] == last;
		if (!fine)
			printf("# cell %zu sees %zu to %zu, should see %g to %g\n", cell,
			       s->first[cell], s->last[cell], first, last);
	}
	ok(fine, "%s, %c: size %g, stride %g, offset %g", what, axis ? 'x' : 'y', f->size,
	   f->stride, f->offset);
}

/* Check the field of tensor name. */
static void check(struct graph *g, const char *name, const char *what)
{
	static struct seen seen[2];
	float image[2 * HEIGHT * WIDTH], *before, *after;
	struct network *net = graph_finish(g);
	const struct tensor *t;
	size_t y, x, i;

	if (!ok(net != NULL, "%s: %s", what, graph_error.text))
		return;
	memset(seen, 0, sizeof seen);
	for (i = 0; i < 2 * HEIGHT * WIDTH; i++)
		image[i] = random_real(0.5f, 1);
	t = graph_get(net, name);
	before = graph_run(net, &name, 1, image);
	for (y = 0; before && y < HEIGHT; y++)
		for (x = 0; x < WIDTH; x++) {
			float *pixel = &image[(HEIGHT + y) * WIDTH + x], was = *pixel;

			*pixel = 1e6f;
			after = graph_run(net, &name, 1, image);
			*pixel = was;
			look(t, before, after, 0, y, &seen[0]);
			look(t, before, after, 1, x, &seen[1]);
			free(after);
		}
	check_axis(t, &seen[0], 0, what);
	check_axis(t, &seen[1], 1, what);
	free(before);
	network_close(net);
}

static void expect_kind(struct graph *g, const char *name, int kind, const char *what)
{
	struct network *net = graph_finish(g);

	if (ok(net != NULL, "%s: %s", what, graph_error.text)) {
		is_int(graph_get(net, name)->geometry.kind, kind, "%s", what);
		network_close(net);
	}
}

static void expect_field(struct graph *g, const char *name, double size, double stride,
                         double offset, const char *what)
{
	struct network *net = graph_finish(g);
	const struct receptive_field *f;

	if (!ok(net != NULL, "%s: %s", what, graph_error.text))
		return;
	f = &graph_get(net, name)->geometry.field[0];
	is_int(graph_get(net, name)->geometry.kind, GEOMETRY_MAP, "%s: a map", what);
	is_real(f->size, size, 0, "%s: size", what);
	is_real(f->stride, stride, 0, "%s: stride", what);
	is_real(f->offset, offset, 0, "%s: offset", what);
	network_close(net);
}

/* a to b, where each row stands behind the one of the next two channels; b through the operator
 * to c, and to d, where rows are apart again. */
static void folds(struct graph *g, const char *type, const char *attributes)
{
	graph_add(g, "Reshape", "a", "b", "shape=1,2,-1,12");
	graph_add(g, type, "b", "c", attributes);
	graph_add(g, "Reshape", "c", "d", "shape=1,4,-1,12");
}

int main(void)
{
	struct graph *g = start();

	/* With Winograd's algorithm a pixel moves the rounding of a whole tile. */
	graph_algorithm = CONVOLUTION_DIRECT;
	conv(g, "x", "a", 2, 3, 5, "strides=2,2 pads=2,2,2,2");
	graph_add(g, "MaxPool", "a", "b", "kernel_shape=3,3 strides=2,2 ceil_mode=1");
	conv(g, "b", "c", 3, 2, 1, "");
	conv(g, "b", "d", 3, 2, 3, "pads=2,2,2,2 dilations=2,2");
	graph_add(g, "Concat", "c d", "e", "axis=1");
	graph_add(g, "Relu", "e", "f", "");
	check(g, "f", "branches of different size, dilation, ceil_mode");

	g = start();
	conv(g, "x", "a", 2, 2, 3, "strides=2,2 auto_pad=SAME_UPPER");
	conv(g, "a", "b", 1, 2, 3, "group=2 pads=0,1,2,1");
	graph_add(g, "AveragePool", "b", "c",
	          "kernel_shape=2,3 strides=1,2 auto_pad=SAME_LOWER");
	check(g, "c", "asymmetric and SAME padding, depthwise, oblong windows");

	g = start();
	conv(g, "x", "a", 2, 2, 3, "strides=2,2 pads=1,1,1,1");
	conv(g, "a", "b", 2, 2, 3, "pads=1,1,1,1");
	conv(g, "x", "c", 2, 2, 1, "strides=2,2");
	graph_add(g, "Add", "b c", "d", "");
	check(g, "d", "residual join");

	g = start();
	conv(g, "x", "a", 2, 2, 3, "");
	graph_add(g, "Transpose", "a", "b", "perm=0,2,3,1");
	graph_add(g, "Relu", "b", "c", "");
	graph_add(g, "Transpose", "c", "d", "perm=0,3,1,2");
	conv(g, "d", "e", 2, 2, 3, "strides=3,3");
	check(g, "e", "channels last on the way");

	g = start();
	conv(g, "x", "a", 2, 2, 4, "strides=2,2 pads=1,1,2,1");
	graph_add(g, "Slice", "a", "b", "starts=0,0 ends=14,12 axes=2,3");
	graph_add(g, "SpaceToDepth", "b", "c", "blocksize=2");
	conv(g, "c", "d", 8, 2, 3, "");
	check(g, "d", "blocks of cells as channels");

	g = start();
	conv(g, "x", "a", 2, 8, 3, "strides=2,2");
	graph_add(g, "DepthToSpace", "a", "b", "blocksize=2");
	expect_field(g, "b", 3, 1, 0.5, "channels as blocks of cells, which lie around theirs");

	g = start();
	conv(g, "x", "a", 2, 4, 3, "strides=2,2");
	folds(g, "Relu", "");
	conv(g, "d", "e", 4, 2, 3, "");
	check(g, "e", "rows joined with channels and apart again");

	g = start();
	conv(g, "x", "a", 2, 4, 3, "strides=2,2");
	folds(g, "Softmax", "axis=1");
	expect_kind(g, "d", GEOMETRY_MAP, "through a Softmax of rows joined with channels");

	g = start();
	conv(g, "x", "a", 2, 4, 3, "strides=2,2");
	folds(g, "LRN", "size=3");
	expect_kind(g, "d", GEOMETRY_UNKNOWN, "not through what looks at neighbours");

	g = start();
	conv(g, "x", "a", 2, 4, 3, "strides=2,2");
	folds(g, "Transpose", "perm=0,1,3,2");
	expect_kind(g, "d", GEOMETRY_UNKNOWN, "not through what moves values");

	g = start();
	conv(g, "x", "a", 2, 2, 3, "pads=1,1,1,1");
	graph_add(g, "GlobalAveragePool", "a", "b", "");
	conv(g, "b", "c", 2, 2, 1, "");
	graph_add(g, "Sigmoid", "c", "s", "");
	graph_add(g, "Mul", "a s", "d", "");
	{
		struct network *net = graph_finish(g);
		const struct geometry *p = &graph_get(net, "d")->geometry;

		is_int(p->kind, GEOMETRY_MAP, "squeeze and excite: still a map");
		is_real(p->field[0].size, 3, 0,
		        "squeeze and excite: what is global does not count");
		is_int(graph_get(net, "s")->geometry.kind, GEOMETRY_GLOBAL,
		       "its scale is global");
		is_real(graph_get(net, "s")->geometry.field[1].offset, (WIDTH - 1) / 2.0, 0,
		        "and sits in the middle");
		network_close(net);
	}

	g = start();
	conv(g, "x", "a", 2, 2, 3, "");
	graph_add(g, "Flatten", "a", "b", "");
	expect_kind(g, "b", GEOMETRY_GLOBAL, "flattened maps are global");

	g = start();
	graph_add(g, "ReduceMean", "x", "a", "axes=3");
	expect_kind(g, "a", GEOMETRY_UNKNOWN, "a mean along one axis has no known place");

	for (size_t axis = 1; axis <= 3; axis++) {
		static const int kinds[] = {GEOMETRY_GLOBAL, GEOMETRY_GLOBAL, GEOMETRY_UNKNOWN};
		const size_t scales[] = {2, HEIGHT, WIDTH};
		char text[16];

		for (size_t k = 0; k < 3; k++) {
			static const char *const names[] = {"y", "mean", "deviation"};

			g = start();
			conv(g, "x", "a", 2, 2, 1, "");
			graph_weight(g, "s", 4 - (int)axis, scales + axis - 1, 1, 1);
			snprintf(text, sizeof text, "axis=%zu", axis);
			graph_add(g, "LayerNormalization", "a s", "y mean deviation", text);
			expect_kind(
			        g, names[k], k == 0 ? GEOMETRY_MAP : kinds[axis - 1],
			        "LayerNormalization: what becomes one has its place no more");
		}
	}
	return done();
}
