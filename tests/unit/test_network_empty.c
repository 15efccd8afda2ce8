/* test_network_empty.c -- each operator on a tensor whose batch, channels or rows a Slice took
 * away: a reason that names the node, or a result that was worked out by hand.  By each
 * algorithm, with the tensor from the image and with a constant one.  Tensors without values
 * are legal in ONNX, and their sizes are divided by in many places. */
#include "graphs.h"
#include "tap.h"

enum { BATCH, CHANNELS, ROWS, AXES };

static const char *const axis_names[] = {"batch", "channels", "rows"};

static const struct layer {
	const char *type, *inputs, *attributes;
	/* By axis: the values of the result, all of them equal to value; REFUSED: it has none.
	 */
	int count[AXES];
	float value;
} layers[] = {
#define REFUSED -1
#define NEVER                                                                                  \
	{                                                                                      \
		REFUSED, REFUSED, REFUSED                                                      \
	}
        {"Conv", "e w", "", NEVER, 0},
        {"Conv", "e w b", "pads=1,1,1,1 strides=2,2", NEVER, 0},
        {"Conv", "e w5", "pads=2,2,2,2", NEVER, 0},
        {"Conv", "e w1", "group=3", NEVER, 0},
        {"Conv", "x w0", "", NEVER, 0},
        {"Conv", "x wk", "", NEVER, 0},
        {"Conv", "x w", "group=0", NEVER, 0},
        {"Conv", "x w", "strides=0,0", NEVER, 0},
        {"Conv", "x w", "dilations=0,0", NEVER, 0},
        {"MaxPool", "e", "kernel_shape=2,2", NEVER, 0},
        {"MaxPool", "x", "kernel_shape=0,0", NEVER, 0},
        {"AveragePool", "e", "kernel_shape=2,2 strides=2,2", NEVER, 0},
        {"GlobalAveragePool", "e", "", NEVER, 0},
        {"GlobalMaxPool", "e", "", NEVER, 0},
        {"ReduceMean", "e", "axes=2,3", NEVER, 0},
        {"ReduceMax", "e", "axes=1", NEVER, 0},
        {"LRN", "x", "size=0", NEVER, 0},
        {"LRN", "e", "size=3", {0, 0, 0}, 0},
        {"BatchNormalization", "e s s s s", "", {0, 0, 0}, 0},
        {"InstanceNormalization", "e s s", "", {0, 0, 0}, 0},
        {"Softmax", "e", "axis=1", {0, 0, 0}, 0},
        {"LogSoftmax", "e", "axis=-1", {0, 0, 0}, 0},
        {"Relu", "e", "", {0, 0, 0}, 0},
        {"Clip", "e", "", {0, 0, 0}, 0},
        {"Add", "e e", "", {0, 0, 0}, 0},
        {"Mul", "e one", "", {0, 0, 0}, 0},
        {"PRelu", "e one", "", {0, 0, 0}, 0},
        {"Max", "e e e", "", {0, 0, 0}, 0},
        {"Concat", "e e", "axis=1", {0, 0, 0}, 0},
        {"Concat", "e ones", "axis=1", {REFUSED, 3 * 64, REFUSED}, 1},
        {"Concat", "ones e", "axis=0", {3 * 64, REFUSED, REFUSED}, 1},
        {"Pad", "e pads", "", {0, 0, 3 * 8}, 0},
        {"Pad", "e pads", "mode=edge", {0, 0, REFUSED}, 0},
        {"Pad", "e pads", "mode=reflect", {0, 0, REFUSED}, 0},
        {"Transpose", "e", "perm=0,2,3,1", {0, 0, 0}, 0},
        {"Flatten", "e", "", {0, 0, 0}, 0},
        {"Gather", "e first", "axis=2", {0, 0, REFUSED}, 0},
        {"Split", "e", "axis=0", {0, 0, 0}, 0},
        {"Dropout", "e", "", {0, 0, 0}, 0},
        {"Identity", "e", "", {0, 0, 0}, 0},
        {"MatMul", "e m", "", {0, 0, 0}, 0},
        {"Upsample", "e scales", "mode=nearest", NEVER, 0},
};

static void add_ints(struct graph *g, const char *name, size_t n, const int64_t *values)
{
	struct literal *l = graph_alloc(g, 1, sizeof *l, &graph_error);
	int64_t *copy = graph_alloc(g, n, sizeof *copy, &graph_error);
	size_t id = graph_tensor(g, name, &graph_error);

	memcpy(copy, values, n * sizeof *copy);
	*l = (struct literal){.type = ONNX_INT64,
	                      .kind = KIND_INT,
	                      .shape = {1, {n}},
	                      .count = n,
	                      .raw = {(const uint8_t *)copy, n * sizeof *copy}};
	g->tensors[id].literal = l;
}

/* "e" is the image, or a constant of its size, but for the axis, along which it is empty. */
static struct graph *graph_of(const struct layer *l, int axis, bool constant)
{
	static const size_t image[] = {1, 3, 8, 8};
	size_t channels = axis == CHANNELS ? 0 : 3;
	struct graph *g = graph_start(4, image);
	char slice[64];

	graph_weight(g, "w", 4, (size_t[]){4, channels, 3, 3}, -1, 1);
	graph_weight(g, "w5", 4, (size_t[]){4, channels, 5, 5}, -1, 1);
	graph_weight(g, "w1", 4, (size_t[]){3, channels / 3, 3, 3}, -1, 1);
	graph_weight(g, "w0", 4, (size_t[]){0, 3, 3, 3}, -1, 1);
	graph_weight(g, "wk", 4, (size_t[]){4, 3, 0, 0}, -1, 1);
	graph_weight(g, "b", 1, (size_t[]){4}, -1, 1);
	graph_weight(g, "s", 1, (size_t[]){channels}, 1, 1);
	graph_weight(g, "one", 0, NULL, 1, 1);
	graph_weight(g, "ones", 4, image, 1, 1);
	graph_weight(g, "c", 4, image, 1, 1);
	graph_weight(g, "m", 2, (size_t[]){8, 5}, 1, 1);
	graph_weight(g, "scales", 1, (size_t[]){4}, 2, 2);
	add_ints(g, "pads", 8, (int64_t[]){0, 0, 0, 0, 0, 0, 1, 0});
	add_ints(g, "first", 1, (int64_t[]){0});
	snprintf(slice, sizeof slice, "axes=%d starts=0 ends=0", axis);
	graph_add(g, "Slice", constant ? "c" : "x", "e", slice);
	g->nodes[g->n_nodes - 1].opset = 9; /* bounds as attributes */
	graph_add(g, l->type, l->inputs, "y", l->attributes);
	if (strcmp(l->type, "Upsample") == 0)
		g->nodes[g->n_nodes - 1].opset = 9;
	return g;
}

static bool is_right(const struct layer *l, int axis, const struct network *net, const float *y)
{
	size_t i, count = graph_get(net, "y")->count;

	if (l->count[axis] == REFUSED || count != (size_t)l->count[axis])
		return false;
	for (i = 0; i < count && y[i] == l->value; i++)
		;
	return i == count;
}

static bool check(const struct layer *l, int axis, bool constant,
                  enum convolution_choice algorithm)
{
	static const char *const names[] = {"y"};
	float image[3 * 64] = {0};
	struct network *net = graph_finish(graph_of(l, axis, constant));
	bool right = false;
	float *y;

	if (!net)
		return false;
	graph_algorithm = algorithm;
	y = graph_run(net, names, 1, image);
	if (y)
		right = is_right(l, axis, net, y);
	else
		right = l->count[axis] == REFUSED && graph_error.code == EXIT_MALFORMED &&
		        strstr(graph_error.text, "node y (");
	if (!right)
		printf("# %s %s: %s\n", l->inputs, l->attributes, graph_error.text);
	free(y);
	network_close(net);
	graph_error = (struct error){0};
	return right;
}

int main(void)
{
	for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
		for (int axis = 0; axis < AXES; axis++) {
			bool right = true;

			for (int way = 0; way < 6; way++)
				right = check(&layers[i], axis, way % 2,
				              (enum convolution_choice)(way / 2)) &&
				        right;
			ok(right, "%s of %s without %s", layers[i].type, layers[i].inputs,
			   axis_names[axis]);
		}
	return done();
}
