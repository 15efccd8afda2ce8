/* test_broadcast.c -- two operands by ONNX's rules: those of operator set 6 and older, where
 * attributes say which axes the second has, and those of later ones; against plain loops.
 *
 * The first operand is a map out of a convolution, so that values come in blocks, or the
 * image; the second a constant or means of the map over the other axes.  Each runs with
 * all tensors wanted, and alone, when constants may be folded into the convolution. */
#include "graphs.h"
#include "tap.h"

enum { CHANNELS = 19, HEIGHT = 5, WIDTH = 6, AREA = HEIGHT * WIDTH, COUNT = CHANNELS * AREA };

static const size_t map[] = {1, CHANNELS, HEIGHT, WIDTH};

static float apply(const char *type, float p, float q)
{
	switch (type[0]) {
	case 'A':
		return p + q;
	case 'S':
		return p - q;
	case 'M':
		return p * q;
	case 'D':
		return p / q;
	}
	return strcmp(type, "Pow") == 0 ? powf(p, q) : p < 0 ? p * q : p;
}

/* The second operand: its shape, and the axis of the map that its first axis is. */
struct second {
	int opset;
	int rank;
	size_t dims[4];
	int first;
	const char *attributes;
	const char *means; /* axes of ReduceMean that makes the shape; NULL: constants only */
};

static const struct second seconds[] = {
        {6, 0, {0}, 0, "broadcast=1", ""},
        {6, 1, {1}, 3, "broadcast=1", NULL},
        {6, 1, {1}, 3, "broadcast=1 axis=1", NULL},
        {6, 1, {CHANNELS}, 1, "broadcast=1 axis=1", "axes=0,2,3"},
        {6, 1, {CHANNELS}, 1, "broadcast=1 axis=-3", "axes=0,2,3"},
        {6, 2, {CHANNELS, HEIGHT}, 1, "broadcast=1 axis=1", "axes=0,3"},
        {6, 3, {CHANNELS, HEIGHT, WIDTH}, 1, "broadcast=1 axis=1", "axes=0"},
        {6, 3, {CHANNELS, HEIGHT, WIDTH}, 1, "broadcast=1", "axes=0"},
        {6, 3, {CHANNELS, 1, 1}, 1, "broadcast=1", NULL},
        {6, 2, {1, CHANNELS}, 0, "broadcast=1 axis=0", "axes=2,3"},
        {6, 2, {1, CHANNELS}, 0, "broadcast=1 axis=-4", "axes=2,3"},
        {6, 3, {1, CHANNELS, HEIGHT}, 0, "broadcast=1 axis=0", "axes=3"},
        {6, 1, {HEIGHT}, 2, "broadcast=1 axis=2", "axes=0,1,3"},
        {6, 1, {WIDTH}, 3, "broadcast=1", "axes=0,1,2"},
        {6, 1, {WIDTH}, 3, "broadcast=1 axis=3", "axes=0,1,2"},
        {6, 1, {WIDTH}, 3, "broadcast=1 axis=-1", "axes=0,1,2"},
        {6, 2, {HEIGHT, WIDTH}, 2, "broadcast=1 axis=2", "axes=0,1"},
        {6, 2, {HEIGHT, WIDTH}, 2, "broadcast=1 axis=-2", "axes=0,1"},
        {6, 2, {HEIGHT, WIDTH}, 2, "broadcast=1", "axes=0,1"},
        {6, 4, {1, CHANNELS, HEIGHT, WIDTH}, 0, "", NULL},
        {6, 4, {1, CHANNELS, HEIGHT, WIDTH}, 0, "broadcast=1 axis=0", NULL},
        {1, 1, {CHANNELS}, 1, "broadcast=1 axis=1", "axes=0,2,3"},
        {7, 0, {0}, 0, "", ""},
        {7, 1, {WIDTH}, 3, "", "axes=0,1,2"},
        {7, 2, {HEIGHT, WIDTH}, 2, "", "axes=0,1"},
        {7, 3, {CHANNELS, 1, 1}, 1, "", NULL},
        {13, 3, {CHANNELS, HEIGHT, 1}, 1, "", NULL},
        {13, 4, {1, CHANNELS, 1, 1}, 0, "", NULL},
        {13, 4, {1, 1, HEIGHT, WIDTH}, 0, "", NULL},
};

/* Slopes: one axis of channels up to operator set 6, unidirectional broadcasting after. */
static const struct second slopes[] = {
        {6, 1, {CHANNELS}, 1, "", "axes=0,2,3"},
        {6, 1, {1}, 3, "", NULL},
        {1, 1, {CHANNELS}, 1, "", NULL},
        {6, 3, {CHANNELS, 1, 1}, 1, "", NULL},
        {7, 3, {CHANNELS, 1, 1}, 1, "", NULL},
        {7, 1, {WIDTH}, 3, "", "axes=0,1,2"},
        {8, 3, {CHANNELS, HEIGHT, WIDTH}, 1, "", "axes=0"},
        {9, 4, {1, CHANNELS, 1, 1}, 0, "", NULL},
        {16, 4, {1, CHANNELS, HEIGHT, WIDTH}, 0, "", NULL},
        {16, 1, {1}, 3, "", NULL},
        {16, 0, {0}, 0, "", ""},
};

/* Value of the second operand beside value i of the map. */
static size_t beside(const struct second *b, size_t i)
{
	const size_t place[] = {0, i / AREA, i / WIDTH % HEIGHT, i % WIDTH};
	size_t at = 0;

	for (int axis = 0; axis < b->rank; axis++)
		at = at * b->dims[axis] + (b->dims[axis] == 1 ? 0 : place[b->first + axis]);
	return at;
}

static struct network *build(const char *type, const struct second *b, bool blocked,
                             bool constant)
{
	const size_t w[] = {CHANNELS, CHANNELS, 1, 1};
	struct graph *g = graph_start(4, map);

	graph_weight(g, "w", 4, w, 0.1f, 1);
	if (blocked)
		graph_add(g, "Conv", "x w", "a", "");
	else
		graph_add(g, "Elu", "x", "a", "");
	if (constant)
		graph_weight(g, "b", b->rank, b->dims, 0.5f, 1.5f);
	else
		graph_add(g, "ReduceMean", "a", "b",
		          *b->means ? "keepdims=0 axes=" : "keepdims=0");
	if (!constant && *b->means) {
		struct attribute *axes = &g->nodes[1].attributes[1];

		for (const char *p = b->means + strlen("axes="); *p; p++)
			if (*p != ',')
				((int64_t *)(uintptr_t)axes->ints)[axes->n_ints++] = *p - '0';
	}
	graph_add(g, type, "a b", "y", b->attributes);
	g->nodes[g->n_nodes - 1].opset = b->opset;
	return graph_finish(g);
}

static void compare(const char *type, const struct second *b, bool blocked, bool constant)
{
	static const char *const all[] = {"a", "b", "y"};
	struct network *net = build(type, b, blocked, constant);
	float image[COUNT], *together, *alone, *second;
	double worst = 0, top = 0;
	bool slope = strcmp(type, "PRelu") == 0;

	for (size_t i = 0; i < COUNT; i++)
		image[i] = slope ? random_real(-1, 1) : random_real(0.1f, 1);
	if (!ok(net && graph_get(net, "y")->known, "%s %d: %s", type, b->opset,
	        net ? net->graph->nodes[net->graph->n_nodes - 1].fault : graph_error.text))
		return;
	together = graph_run(net, constant ? (const char *const[]){"a", "y"} : all,
	                     constant ? 2 : 3, image);
	alone = graph_run(net, &all[2], 1, image);
	second = constant ? (float *)(uintptr_t)graph_get(net, "b")->literal->raw.p
	                  : together + COUNT;
	for (size_t i = 0; together && alone && i < COUNT; i++) {
		const float *y = together + COUNT + (constant ? 0 : graph_get(net, "b")->count);
		float want = apply(type, together[i], second[beside(b, i)]);

		worst = worse(worse(worst, fabs(y[i] - want)), fabs(alone[i] - want));
		top = fmax(top, fabs(want));
	}
	ok(together && alone && worst <= 1e-5 * top,
	   "%s of operator set %d, %s%s, %s, second of %d axes: off by %.2g of %.3g", type,
	   b->opset, constant ? "constant" : "computed", blocked ? ", in blocks" : "",
	   b->attributes, b->rank, worst, top);
	free(together);
	free(alone);
	network_close(net);
}

static void refused(const char *type, const struct second *b, const char *reason)
{
	struct network *net = build(type, b, true, true);
	const struct node *n = net ? &net->graph->nodes[net->graph->n_nodes - 1] : NULL;

	ok(n && n->fault && strstr(n->fault, reason), "%s of operator set %d: %s", type,
	   b->opset, n && n->fault ? n->fault : "is taken");
	network_close(net);
}

static void check(const char *type, const struct second *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (int blocked = 0; blocked < 2; blocked++) {
			compare(type, &list[i], blocked, true);
			if (list[i].means)
				compare(type, &list[i], blocked, false);
		}
}

/* A constant that is a map of one channel here and of eight there. */
static void check_two_ways(void)
{
	static const char *const names[] = {"a", "b", "y", "z"};
	struct graph *g = graph_start(4, (const size_t[]){1, 8, 8, 8});
	struct network *net;
	float image[512], *out;
	double worst = 0;
	const float *k;

	graph_weight(g, "w", 4, (const size_t[]){1, 8, 1, 1}, 0, 1);
	graph_weight(g, "v", 3, (const size_t[]){8, 8, 57}, 0, 1);
	graph_weight(g, "k", 2, (const size_t[]){8, 8}, 0, 1);
	graph_add(g, "Conv", "x w", "a", "");
	graph_add(g, "Reshape", "x", "r", "shape=1,8,64");
	graph_add(g, "Conv", "r v", "b", "");
	graph_add(g, "Add", "a k", "y", "");
	graph_add(g, "Add", "b k", "z", "");
	net = graph_finish(g);
	for (size_t i = 0; i < 512; i++)
		image[i] = random_real(0, 1);
	out = net ? graph_run(net, names, 4, image) : NULL;
	if (!ok(out != NULL, "a constant counts as two shapes: %s", graph_error.text))
		return;
	k = (const float *)(uintptr_t)graph_get(net, "k")->literal->raw.p;
	for (size_t i = 0; i < 128; i++)
		worst = worse(worst, fabs(out[128 + i] - out[i] - k[i % 64]));
	ok(worst < 1e-4, "a constant counts as two shapes: off by %.2g", worst);
	free(out);
	network_close(net);
}

int main(void)
{
	static const char *const types[] = {"Add", "Sub", "Mul", "Div", "Pow"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		check(types[i], seconds, sizeof seconds / sizeof *seconds);
	check("PRelu", slopes, sizeof slopes / sizeof *slopes);

	check_two_ways();

	refused("Add", &(struct second){6, 1, {WIDTH}, 3, "", NULL}, "without broadcast");
	refused("Mul", &(struct second){6, 1, {WIDTH}, 3, "broadcast=1 axis=4", NULL},
	        "axis 4");
	refused("Sub", &(struct second){6, 2, {HEIGHT, WIDTH}, 2, "broadcast=1 axis=3", NULL},
	        "axis 3");
	refused("Add", &(struct second){6, 1, {HEIGHT}, 1, "broadcast=1 axis=1", NULL},
	        "don't fit");
	refused("Div",
	        &(struct second){6, 4, {2, CHANNELS, HEIGHT, WIDTH}, 0, "broadcast=1", NULL},
	        "don't fit");
	refused("Add", &(struct second){7, 1, {CHANNELS}, 1, "", NULL}, "don't fit");
	refused("PRelu", &(struct second){7, 1, {CHANNELS}, 1, "", NULL}, "don't fit");
	refused("PRelu", &(struct second){6, 1, {HEIGHT}, 1, "", NULL}, "don't fit");
	refused("PRelu", &(struct second){9, 4, {2, CHANNELS, 1, 1}, 0, "", NULL}, "don't fit");
	return done();
}
