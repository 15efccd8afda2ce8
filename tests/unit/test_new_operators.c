/* test_new_operators.c -- operators of sets 17 and later, and those whose form changed there,
 * done by hand; ONNX's data that Debian has goes to 17. */
#include "graphs.h"
#include "tap.h"

/* A constant of the graph from "i1,2" or "f0.5,1": a list of integers or floats. */
static void constant(struct graph *g, const char *name, const char *text)
{
	static float floats[16][8];
	static int64_t ints[16][8];
	static size_t next;
	struct literal *l;
	size_t n = 0, k = next++ % 16;

	for (const char *s = text + 1; *s; s += *s == ',') {
		floats[k][n] = strtof(s, NULL);
		ints[k][n++] = strtoll(s, (char **)(uintptr_t)&s, 10);
		s += strcspn(s, ",");
	}
	graph_weight(g, name, 1, &n, 0, 1);
	l = (struct literal *)(uintptr_t)g->tensors[graph_lookup(g, name)].literal;
	l->type = *text == 'i' ? ONNX_INT64 : ONNX_FLOAT;
	l->kind = *text == 'i' ? KIND_INT : KIND_FLOAT;
	l->raw = *text == 'i' ? (struct bytes){(const uint8_t *)ints[k], n * sizeof(int64_t)}
	                      : (struct bytes){(const uint8_t *)floats[k], n * sizeof(float)};
}

/* A node on x of so many values, -3, -2 and so on, and constants with a space between them, "-"
 * where one is absent; y, among the outputs, goes through a Cast to floats. */
static struct network *make(const size_t *image, const char *type, int opset,
                            const char *attributes, const char *constants, const char *outputs)
{
	static const char *const names[] = {"b", "c", "d"};
	struct graph *g = graph_start(4, image);
	char copy[256], inputs[64] = "x", *save, *word;
	size_t n = 0;

	snprintf(copy, sizeof copy, "%s", constants);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save), n++) {
		if (*word != '-')
			constant(g, names[n], word);
		strcat(strcat(inputs, " "), *word == '-' ? "none" : names[n]);
	}
	graph_add(g, type, inputs, outputs, attributes);
	for (size_t i = 0; i < g->nodes[0].n_inputs; i++)
		if (g->nodes[0].inputs[i] == graph_lookup(g, "none"))
			g->nodes[0].inputs[i] = NO_TENSOR;
	g->nodes[0].opset = opset;
	graph_add(g, "Cast", "y", "z", "to=1");
	return graph_finish(g);
}

static const size_t cube[] = {1, 2, 2, 2}, row[] = {1, 1, 1, 5};

static void gives_of(const size_t *image, const char *type, int opset, const char *attributes,
                     const char *constants, const char *outputs, const char *shape,
                     const double *want)
{
	static const char *const z[] = {"z"};
	struct network *net = make(image, type, opset, attributes, constants, outputs);
	float x[8], *got = NULL;
	char text[128];

	for (size_t i = 0; i < 8; i++)
		x[i] = (float)i - 3;
	if (!ok(net && !net->graph->nodes[1].fault, "%s of operator set %d, %s: %s", type,
	        opset, attributes,
	        net && net->graph->nodes[1].fault ? net->graph->nodes[1].fault : ""))
		return;
	is_str(shape_text(&graph_get(net, "z")->shape, text, sizeof text), shape, "its shape");
	got = graph_run(net, z, 1, x);
	for (size_t i = 0; got && i < graph_get(net, "z")->count; i++)
		is_real(got[i], want[i], 2e-6, "value %zu", i);
	ok(got != NULL, "it runs: %s", graph_error.text);
	free(got);
	network_close(net);
}

#define GIVES_OF(image, type, opset, attributes, constants, outputs, shape, ...)               \
	gives_of(image, type, opset, attributes, constants, outputs, shape,                    \
	         (const double[]){__VA_ARGS__})
#define GIVES(type, opset, attributes, constants, shape, ...)                                  \
	GIVES_OF(cube, type, opset, attributes, constants, "y", shape, __VA_ARGS__)

static void refused(const char *type, int opset, const char *attributes, const char *constants,
                    const char *reason)
{
	struct network *net = make(cube, type, opset, attributes, constants, "y");
	const char *fault = net ? net->graph->nodes[0].fault : NULL;

	ok(fault && strstr(fault, reason), "%s of operator set %d, %s: %s", type, opset,
	   attributes, fault ? fault : "is taken");
	network_close(net);
}

/* Scales of which there are none. */
static void check_no_scale(void)
{
	struct graph *g = graph_start(4, cube);
	struct network *net;
	const size_t none = 0;

	graph_weight(g, "s", 1, &none, 0, 1);
	graph_add(g, "Cast", "x", "i", "to=7");
	graph_add(g, "DequantizeLinear", "i s", "y", "");
	net = graph_finish(g);
	ok(net && net->graph->nodes[1].fault && strstr(net->graph->nodes[1].fault, "no scale"),
	   "DequantizeLinear without a scale is refused");
	network_close(net);
}

/* Bounds of a value that is none. */
static void check_not_a_number(const char *type)
{
	static const char *const y[] = {"y"};
	struct network *net = make(row, type, 14, "", "", "y");
	const float x[] = {NAN, 9, -9, 0, NAN};
	float *got = net ? graph_run(net, y, 1, x) : NULL;

	ok(got && isnan(got[0]) && got[1] >= 1 && got[2] == 0 && isnan(got[4]), "%s leaves NaN",
	   type);
	free(got);
	network_close(net);
}

int main(void)
{
	/* Axes as an input. */
	GIVES("ReduceMax", 18, "keepdims=0", "i-3", "1x2x2", 1, 2, 3, 4);
	GIVES("ReduceMean", 18, "", "i2,3", "1x2x1x1", -1.5, 2.5);
	GIVES("ReduceSum", 18, "noop_with_empty_axes=1", "", "1x2x2x2", -3, -2, -1, 0, 1, 2, 3,
	      4);
	GIVES("ReduceL2", 18, "", "i1", "1x1x2x2", 3.16227766, 2.82842712, 3.16227766, 4);
	GIVES("ReduceProd", 18, "", "i3", "1x2x2x1", 6, 0, 2, 12);
	GIVES("ReduceSumSquare", 18, "", "i3", "1x2x2x1", 13, 1, 5, 25);
	refused("ReduceMax", 18, "", "i4", "axis 4");
	/* Parts that don't divide: the last is smaller. */
	GIVES_OF(row, "Split", 18, "axis=3 num_outputs=3", "", "y a b", "1x1x1x2", -3, -2);
	GIVES_OF(row, "Split", 18, "axis=3 num_outputs=3", "", "a b y", "1x1x1x1", 1);
	refused("Split", 18, "axis=3 num_outputs=3", "", "num_outputs 3 for 1");
	/* Axes of the padding; the other end. */
	GIVES("Pad", 18, "", "i0,1 - i3", "1x2x2x3", -3, -2, 0, -1, 0, 0, 1, 2, 0, 3, 4, 0);
	GIVES("Pad", 18, "", "i1,0,0,0 f7 i-1,-2", "1x2x2x3", 7, -3, -2, 7, -1, 0, 7, 1, 2, 7,
	      3, 4);
	GIVES("Pad", 19, "mode=wrap", "i1,2 - i3", "1x2x2x5", -2, -3, -2, -3, -2, 0, -1, 0, -1,
	      0, 2, 1, 2, 1, 2, 4, 3, 4, 3, 4);
	refused("Pad", 18, "", "i0,1,0,1 - i3,-1", "axis 3 is named twice");
	refused("Pad", 18, "", "i0,1 - i4", "axis 4");
	/* A scale for each group, then for each channel. */
	GIVES("GroupNormalization", 18, "num_groups=1", "f2 f1", "1x2x2x2", -2.0550476,
	      -1.1821768, -0.30930609, 0.56356464, 1.4364354, 2.3093061, 3.1821768, 4.0550476);
	GIVES("GroupNormalization", 21, "num_groups=1", "f2,3 f1,0", "1x2x2x2", -2.0550476,
	      -1.1821768, -0.30930609, 0.56356464, 0.65465305, 1.9639591, 3.2732652, 4.5825713);
	refused("GroupNormalization", 18, "num_groups=1", "f2,3 f1,0", "where 1 are needed");
	refused("GroupNormalization", 21, "num_groups=3", "f2,3 f1,0", "3 groups of 2");
	GIVES("LayerNormalization", 17, "", "f1,2 f0,1", "1x2x2x2", -0.99998, 2.99996, -0.99998,
	      2.99996, -0.99998, 2.99996, -0.99998, 2.99996);
	refused("LayerNormalization", 17, "", "f1,2,3 f0,1,2", "does not fit");
	GIVES("RMSNormalization", 23, "", "f1,2", "1x2x2x2", -1.1766959, -1.5689279, -1.4141994,
	      0, 0.63245427, 2.5298171, 0.8485278, 2.2627408);
	GIVES("Gelu", 20, "", "", "1x2x2x2", -0.0040496941, -0.045500264, -0.15865525, 0,
	      0.84134475, 1.9544997, 2.9959503, 3.9998733);
	GIVES("Gelu", 20, "approximate=tanh", "", "1x2x2x2", -0.0036373921, -0.045402306,
	      -0.15880801, 0, 0.84119199, 1.9545977, 2.9963626, 3.9999298);
	refused("Gelu", 20, "approximate=sigmoid", "", "approximate sigmoid");
	GIVES("Swish", 24, "alpha=2", "", "1x2x2x2", -0.0074178695, -0.03597242, -0.11920292, 0,
	      0.88079708, 1.9640276, 2.9925821, 3.9986586);
	/* Of absolute values. */
	GIVES("LpPool", 18, "kernel_shape=2,2 p=1", "", "1x2x1x1", 6, 10);
	GIVES("LpPool", 18, "kernel_shape=2,2", "", "1x2x1x1", 3.74165739, 5.47722558);
	GIVES("LpPool", 18, "kernel_shape=2,2 dilations=1,2 pads=0,1,0,1", "", "1x2x1x2", 2,
	      3.16227766, 4.47213595, 3.16227766);
	check_no_scale();
	check_not_a_number("HardSigmoid");
	check_not_a_number("HardSwish");
	/* A ratio of 0 drops nothing, in training either. */
	GIVES("Dropout", 13, "", "f0 i1", "1x2x2x2", -3, -2, -1, 0, 1, 2, 3, 4);
	refused("Dropout", 13, "", "f0.5 i1", "training");
	GIVES("ArgMax", 13, "axis=1 keepdims=0", "", "1x2x2", 1, 1, 1, 1);
	GIVES("ArgMin", 13, "axis=3", "", "1x2x2x1", 0, 0, 0, 0);
	return done();
}
