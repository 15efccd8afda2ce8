/* test_chains.c -- chains of nodes that are one operator: how many steps are left, and that
 * values are those of a plan in which every tensor is wanted, so that there is no chain. */
#include "graphs.h"
#include "tap.h"

enum { TOKENS = 5, WIDTH = 24, COUNT = TOKENS * WIDTH, IMAGE = 192 };

static const size_t shape[] = {1, TOKENS, WIDTH}, one[] = {WIDTH};

static struct graph *start(void)
{
	struct graph *g = graph_start(3, shape);

	graph_weight(g, "half", 0, shape, 0.5f, 0.5f);
	graph_weight(g, "1", 0, shape, 1, 1);
	graph_weight(g, "2", 0, shape, 2, 2);
	graph_weight(g, "root2", 0, shape, 1.41421356f, 1.41421356f);
	graph_weight(g, "inverse", 0, shape, 0.70710678f, 0.70710678f);
	graph_weight(g, "epsilon", 0, shape, 1e-3f, 1e-3f);
	graph_weight(g, "scale", 1, one, 0.5f, 2);
	graph_weight(g, "shift", 1, one, -1, 1);
	return g;
}

static size_t count_steps(const struct network *net, const char *name, size_t *bundle)
{
	const size_t t = graph_lookup(net->graph, name);
	struct plan *plan = plan_new(net->graph, &t, 1, CONVOLUTION_AUTO, &graph_error);
	size_t n = 0;

	for (size_t i = 0; plan && i < plan->n_steps; i++)
		n += !plan->steps[i].node || !node_is_view(plan->steps[i].node);
	if (plan)
		*bundle = plan->bundle;
	plan_free(plan);
	return n;
}

/* y alone takes so many steps, and has the values that it has among all. */
static void check(struct graph *g, size_t steps, const char *what)
{
	const char *names[64] = {"y"};
	struct network *net = graph_finish(g);
	float image[IMAGE], *alone, *all;
	double worst = 0;
	size_t n = 1, bundle, count;

	if (!ok(net != NULL, "%s: %s", what, graph_error.text))
		return;
	for (size_t i = 0; i < IMAGE; i++)
		image[i] = random_real(-3, 3);
	for (size_t i = 0; i < net->graph->n_nodes; i++)
		names[n++] = net->graph->tensors[net->graph->nodes[i].outputs[0]].name;
	alone = graph_run(net, names, 1, image);
	all = graph_run(net, names, n, image);
	count = graph_get(net, "y")->count;
	for (size_t i = 0; alone && all && i < count; i++)
		if (!(fabs(alone[i] - all[i]) <= worst)) // NaN is far off, too
			worst = fabs(alone[i] - all[i]);
	ok(alone && all && worst < 4e-6, "%s: off by %.2g", what, worst);
	is_int((long long)count_steps(net, "y", &bundle), (long long)steps, "%s: steps", what);
	free(alone);
	free(all);
	network_close(net);
}

/* GELU of x as out; order: which way its factors are written. */
static void gelu(struct graph *g, const char *x, int order, const char *half, const char *inner,
                 const char *out)
{
	char text[64];

	snprintf(text, sizeof text, "%s %s", inner, order & 1 ? "inverse" : "root2");
	graph_add(g, order & 1 ? "Mul" : "Div", text, "g1", "");
	graph_add(g, "Erf", "g1", "g2", "");
	graph_add(g, "Add", order & 2 ? "1 g2" : "g2 1", "g3", "");
	snprintf(text, sizeof text, "%s %s", x, order / 4 == 1 ? half : "g3");
	if (order / 4 == 2)
		snprintf(text, sizeof text, "%s g3", half);
	graph_add(g, "Mul", text, "g4", "");
	if (order / 4 == 0)
		snprintf(text, sizeof text, "g4 %s", half);
	else if (order / 4 == 1)
		snprintf(text, sizeof text, "%s", order & 2 ? "g3 g4" : "g4 g3");
	else
		snprintf(text, sizeof text, order & 2 ? "g4 %s" : "%s g4", x);
	graph_add(g, "Mul", text, out, "");
}

static void check_gelu(void)
{
	struct graph *g;
	char what[32];

	for (int order = 0; order < 12; order++) {
		g = start();
		gelu(g, "x", order, "half", "x", "y");
		snprintf(what, sizeof what, "gelu %d", order);
		check(g, 1, what);
	}
	g = start();
	gelu(g, "x", 0, "1", "x", "y");
	check(g, 5, "another factor");
	g = start();
	graph_add(g, "Abs", "x", "other", "");
	gelu(g, "x", 4, "half", "other", "y");
	check(g, 6, "erf of another tensor");
	g = start();
	gelu(g, "x", 0, "half", "x", "y");
	graph_add(g, "Add", "g3 y", "z", "");
	graph_add(g, "Identity", "z", "z2", "");
	check(g, 1, "others do not count that nothing wanted needs");
}

static void check_swish(void)
{
	struct graph *g;

	for (int order = 0; order < 2; order++) {
		g = start();
		graph_add(g, "Sigmoid", "x", "gate", "");
		graph_add(g, "Mul", order ? "x gate" : "gate x", "y", "");
		check(g, 1, "swish");
		g = start();
		graph_add(g, "HardSigmoid", "x", "gate", "alpha=0.16666667");
		graph_add(g, "Mul", order ? "x gate" : "gate x", "y", "");
		check(g, 1, "hard swish");
	}
	g = start();
	graph_add(g, "HardSigmoid", "x", "gate", "");
	graph_add(g, "Mul", "gate x", "y", "");
	check(g, 2, "another slope");
	g = start();
	graph_add(g, "HardSigmoid", "x", "gate", "alpha=0.16666667 beta=0.25");
	graph_add(g, "Mul", "gate x", "y", "");
	check(g, 2, "another shift");
	g = start();
	graph_add(g, "Abs", "x", "other", "");
	graph_add(g, "Sigmoid", "other", "gate", "");
	graph_add(g, "Mul", "gate x", "y", "");
	check(g, 3, "the gate of another tensor");
	g = start();
	graph_add(g, "Sigmoid", "x", "gate", "");
	graph_add(g, "Mul", "gate gate", "y", "");
	check(g, 2, "a square of gates");
}

static void layer_norm(struct graph *g, const char *axis, bool power, const char *out)
{
	graph_add(g, "ReduceMean", "x", "mean", axis);
	graph_add(g, "Sub", "x mean", "d", "");
	graph_add(g, power ? "Pow" : "Mul", power ? "d 2" : "d d", "squares", "");
	graph_add(g, "ReduceMean", "squares", "variance", axis);
	graph_add(g, "Add", "variance epsilon", "more", "");
	graph_add(g, "Sqrt", "more", "root", "");
	graph_add(g, "Div", "d root", "unit", "");
	graph_add(g, "Mul", power ? "unit scale" : "scale unit", "scaled", "");
	graph_add(g, "Add", "scaled shift", out, "");
}

static void check_layer_norm(void)
{
	struct graph *g = start();

	layer_norm(g, "axes=-1", true, "y");
	check(g, 1, "layer norm");
	g = start();
	layer_norm(g, "axes=2", false, "y");
	check(g, 1, "layer norm, its square by a product");
	g = start();
	layer_norm(g, "axes=1", true, "y");
	check(g, 9, "over another axis");
	g = start();
	layer_norm(g, "axes=1,2", true, "y");
	check(g, 9, "over two axes");
	g = start();
	layer_norm(g, "axes=-1", true, "normal");
	graph_add(g, "Mul", "normal unit", "y", "");
	check(g, 10, "what is between is read by others");
}

/* A transformer's two layers, with what is around them. */
static void check_dense(void)
{
	const size_t up[] = {WIDTH, 40}, down[] = {40, WIDTH}, wide[] = {40};
	struct graph *g = start();

	graph_weight(g, "up", 2, up, -0.5f, 0.5f);
	graph_weight(g, "b1", 1, wide, -1, 1);
	graph_weight(g, "s1", 1, wide, 0.5f, 2);
	graph_weight(g, "down", 2, down, -0.5f, 0.5f);
	graph_weight(g, "b2", 1, one, -1, 1);
	graph_add(g, "MatMul", "x up", "m1", "");
	graph_add(g, "Add", "b1 m1", "m2", "");
	graph_add(g, "Mul", "m2 s1", "m3", "");
	gelu(g, "m3", 0, "half", "m3", "activated");
	graph_add(g, "Transpose", "activated", "turned", "perm=1,0,2");
	graph_add(g, "MatMul", "turned down", "m4", "");
	graph_add(g, "Transpose", "m4", "m5", "perm=1,0,2");
	graph_add(g, "Add", "m5 b2", "m6", "");
	graph_add(g, "Add", "m6 x", "y", "");
	check(g, 2, "two layers");

	g = start();
	graph_weight(g, "up", 2, down, -0.5f, 0.5f);
	graph_weight(g, "b1", 1, wide, -1, 1);
	graph_add(g, "Squeeze", "x", "s", "");
	graph_add(g, "Gemm", "s up b1", "m1", "transB=1");
	graph_add(g, "Sigmoid", "m1", "y", "");
	check(g, 1, "Gemm and an activation function");

	g = start();
	graph_weight(g, "up", 2, down, -0.5f, 0.5f);
	graph_weight(g, "each", 2, (size_t[]){TOKENS, 40}, -1, 1);
	graph_add(g, "Squeeze", "x", "s", "");
	graph_add(g, "Gemm", "s up each", "m1", "transB=1 alpha=0.5 beta=2");
	graph_add(g, "Sigmoid", "m1", "y", "");
	check(g, 2, "Gemm with another C keeps to itself");

	g = start();
	graph_weight(g, "up", 3, (size_t[]){1, WIDTH, 40}, -0.5f, 0.5f);
	graph_weight(g, "s1", 1, wide, 0.5f, 2);
	graph_add(g, "MatMul", "x up", "m1", "");
	graph_add(g, "Mul", "s1 m1", "y", "");
	check(g, 1, "weights with an axis more");

	g = start();
	graph_add(g, "Transpose", "x", "t", "perm=0,2,1");
	graph_add(g, "MatMul", "x t", "m1", "");
	graph_add(g, "Relu", "m1", "y", "");
	check(g, 2, "a product of two tensors of the image");
}

/* ConvNeXt's block: channels go behind the positions and come back, 20 and 32 of them. */
static void check_turns(size_t channels, size_t steps)
{
	const size_t dims[] = {1, channels, 2, 3}, deep[] = {channels, 1, 3, 3},
	             each[] = {channels}, square[] = {channels, channels},
	             scale[] = {channels, 1, 1};
	struct graph *g = graph_start(4, dims);
	char text[32];

	graph_weight(g, "w", 4, deep, -0.5f, 0.5f);
	graph_weight(g, "norm", 1, each, 0.5f, 1);
	graph_weight(g, "m", 2, square, -0.5f, 0.5f);
	graph_weight(g, "b", 1, each, -0.5f, 0.5f);
	graph_weight(g, "s", 3, scale, 0.5f, 1);
	snprintf(text, sizeof text, "pads=1,1,1,1 group=%zu", channels);
	graph_add(g, "Conv", "x w", "c1", text);
	graph_add(g, "Transpose", "c1", "t1", "perm=0,2,3,1");
	graph_add(g, "LayerNormalization", "t1 norm", "l", "");
	graph_add(g, "MatMul", "l m", "p1", "");
	graph_add(g, "Add", "p1 b", "p2", "");
	graph_add(g, "Transpose", "p2", "t2", "perm=0,3,1,2");
	graph_add(g, "Mul", "s t2", "u", "");
	graph_add(g, "Add", "u c1", "v", "");
	graph_add(g, "Conv", "v w", "y", text);
	snprintf(text, sizeof text, "%zu channels turned", channels);
	check(g, steps, text);
}

/* Weights that are read for several images at once leave each its bytes. */
static void check_bundle(size_t rows)
{
	const size_t dims[] = {1, rows, WIDTH}, up[] = {WIDTH, 600}, wide[] = {600},
	             down[] = {600, WIDTH};
	struct graph *g = graph_start(3, dims);
	struct network *net;
	float images[3][COUNT], out[3][COUNT], again[COUNT];
	const float *inputs[] = {images[0], images[1], images[2]};
	void *outputs[] = {out[0], out[1], out[2]}, *single = again;
	struct plan_workspace *ws;
	struct plan *plan;
	size_t t;
	bool same = true;

	graph_weight(g, "up", 2, up, -0.5f, 0.5f);
	graph_weight(g, "b", 1, wide, -0.5f, 0.5f);
	graph_weight(g, "down", 2, down, -0.5f, 0.5f);
	graph_add(g, "MatMul", "x up", "m", "");
	graph_add(g, "Add", "m b", "n", "");
	graph_add(g, "Tanh", "n", "o", "");
	graph_add(g, "MatMul", "o down", "p", "");
	graph_add(g, "Add", "p x", "y", "");
	net = graph_finish(g);
	t = graph_lookup(net->graph, "y");
	plan = plan_new(net->graph, &t, 1, CONVOLUTION_AUTO, &graph_error);
	ok(plan && plan_finish(plan, &graph_error) == 0 && plan_bundle(plan) > 2,
	   "%zu rows: several images at once", rows);
	ws = plan_workspace_new(plan, &graph_error);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < rows * WIDTH; k++)
			images[i][k] = random_real(-1, 1);
	same = plan_run(plan, ws, 3, inputs, outputs, &graph_error) == 0;
	for (size_t i = 0; i < 3; i++) {
		same = same && plan_run(plan, ws, 1, inputs + i, &single, &graph_error) == 0;
		same = same && memcmp(again, out[i], rows * WIDTH * sizeof *again) == 0;
	}
	ok(same, "%zu rows: the bytes of each alone", rows);
	plan_workspace_free(ws);
	plan_free(plan);
	network_close(net);
}

int main(void)
{
	check_gelu();
	check_swish();
	check_layer_norm();
	check_dense();
	check_turns(20, 8);
	check_turns(32, 8);
	check_bundle(1);
	check_bundle(TOKENS);
	return done();
}
