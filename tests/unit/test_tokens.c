/* test_tokens.c -- tensors whose cells do not lie along axes 2 and 3: tokens, row by row behind
 * a class token, and channels last.
 *
 * Places by brute force: a pixel that changes must move the tokens of its patch and no others.
 * What a network hands over as a map must be the tensor's own values, in the map's order. */
#include "graphs.h"
#include "tap.h"

enum { HEIGHT = 8, WIDTH = 12, PATCH = 4, ROWS = 2, COLUMNS = 3, CELLS = 6, UNITS = 4 };

static const size_t image_dims[] = {1, 2, HEIGHT, WIDTH};

/* t: tokens (1, 1 + 6, 4) of patches of 4x4 behind a class token; p: without it. */
static struct graph *start(void)
{
	struct graph *g = graph_start(4, image_dims);

	graph_weight(g, "w", 4, (const size_t[]){5, 2, PATCH, PATCH}, 0.1f, 1);
	graph_weight(g, "class", 3, (const size_t[]){1, 1, UNITS}, 0.1f, 1);
	graph_weight(g, "m", 2, (const size_t[]){5, UNITS}, 0.1f, 1);
	graph_add(g, "Conv", "x w", "c", "strides=4,4");
	graph_add(g, "Reshape", "c", "r", "shape=1,5,6");
	graph_add(g, "Transpose", "r", "s", "perm=0,2,1");
	graph_add(g, "MatMul", "s m", "p", "");
	graph_add(g, "Concat", "class p", "t", "axis=1");
	return g;
}

static float *some_image(void)
{
	float *x = malloc(2 * HEIGHT * WIDTH * sizeof *x);

	for (size_t i = 0; i < 2 * HEIGHT * WIDTH; i++)
		x[i] = random_real(0, 1);
	return x;
}

static void check_places(void)
{
	const char *name = "t";
	struct network *net = graph_finish(start());
	float *image = some_image(), *before, *after;
	const struct geometry *p;
	size_t wrong = 0;

	if (!ok(net != NULL, "tokens: %s", graph_error.text))
		return;
	p = &graph_get(net, name)->geometry;
	ok(p->kind == GEOMETRY_TOKENS && p->skip == 1 && p->grid[0] == ROWS &&
	           p->grid[1] == COLUMNS,
	   "tokens: a class token, then rows of the map");
	is_real(p->field[0].offset, 1.5, 0, "tokens: offset");
	is_real(p->field[1].stride, PATCH, 0, "tokens: stride");
	before = graph_run(net, &name, 1, image);
	for (size_t i = 0; i < HEIGHT * WIDTH; i++) {
		size_t y = i / WIDTH, x = i % WIDTH;
		size_t own = 1 + y / PATCH * COLUMNS + x / PATCH;

		image[i] += 1;
		after = graph_run(net, &name, 1, image);
		image[i] -= 1;
		for (size_t k = 0; k < (1 + CELLS) * UNITS; k++)
			wrong += (before[k] != after[k]) != (k / UNITS == own);
		free(after);
	}
	is_int((long long)wrong, 0, "each pixel moves the tokens of its patch");
	free(before);
	free(image);
	network_close(net);
}

/* What the network says and hands over of the tensor, whose value of a unit at a cell is the
 * raw one at first + cell * step + unit * apart. */
static void check_map(struct network *net, const char *name, size_t skip, size_t first,
                      size_t step, size_t apart)
{
	struct network_tensor t;
	struct plan *plan;
	struct plan_workspace *ws;
	float *image = some_image(), *raw = graph_run(net, &name, 1, image);
	const float *in = image;
	float map[CELLS * UNITS], *out = map;
	size_t i, failed, wrong = 0;

	ok(network_find(net, name, &i, &graph_error) == 0, "%s is there", name);
	network_tensor(net, i, &t);
	ok(t.is_map && t.units == UNITS && t.h == ROWS && t.w == COLUMNS && t.skip == skip,
	   "%s: %zu units of %zux%zu, %s", name, t.units, t.h, t.w,
	   t.reason ? t.reason : "a map");
	plan = network_plan_new(net, &i, 1, NETWORK_AUTO, &graph_error);
	if (plan && network_plan_finish(plan, &graph_error) < 0) {
		network_plan_free(plan);
		plan = NULL;
	}
	ws = plan ? network_workspace_new(plan, &graph_error) : NULL;
	if (ok(ws && network_run(plan, ws, 1, &in, &out, &failed, &graph_error) == 0,
	       "%s runs: %s", name, graph_error.text))
		for (size_t u = 0; u < UNITS; u++)
			for (size_t c = 0; c < CELLS; c++)
				wrong +=
				        map[u * CELLS + c] != raw[first + c * step + u * apart];
	is_int((long long)wrong, 0, "%s: the tensor's own values", name);
	network_workspace_free(ws);
	network_plan_free(plan);
	free(raw);
	free(image);
}

static void check_maps(void)
{
	struct graph *g = start();
	struct network *net;

	graph_add(g, "Slice", "t", "u", "starts=1 ends=99 axes=1");
	graph_add(g, "Transpose", "u", "v", "perm=0,2,1");
	graph_add(g, "Reshape", "v", "map", "shape=1,4,2,3");
	graph_add(g, "Transpose", "map", "last", "perm=0,2,3,1");
	graph_add(g, "Reshape", "t", "flat", "shape=7,4");
	net = graph_finish(g);
	if (!ok(net != NULL, "maps: %s", graph_error.text))
		return;
	check_map(net, "t", 1, UNITS, UNITS, 1);
	check_map(net, "u", 0, 0, UNITS, 1);
	check_map(net, "v", 0, 0, 1, CELLS);
	check_map(net, "map", 0, 0, 1, CELLS);
	check_map(net, "last", 0, 0, UNITS, 1);
	check_map(net, "flat", 1, UNITS, UNITS, 1);
	is_real(graph_get(net, "map")->geometry.field[1].offset, 1.5, 0,
	        "a map again, with its places");
	network_close(net);
}

/* Where cells are after what is done to t. */
static void expect(const char *type, const char *inputs, const char *attributes, int kind,
                   const char *what)
{
	struct graph *g = start();
	struct network *net;

	graph_weight(g, "k", 3, (const size_t[]){2, 7, 1}, 0, 1);
	graph_weight(g, "square", 3, (const size_t[]){1, 4, 7}, 0, 1);
	graph_add(g, "Slice", "t", "none", "starts=0 ends=0 axes=2");
	graph_add(g, "Constant", "", "zero", "value_int=0");
	graph_add(g, type, inputs, "y", attributes);
	net = graph_finish(g);
	if (ok(net && graph_get(net, "y")->known, "%s: %s", what, graph_error.text)) {
		is_int(graph_get(net, "y")->geometry.kind, kind, "%s", what);
		ok(kind != GEOMETRY_UNKNOWN || graph_get(net, "y")->geometry.lost,
		   "%s: says why", what);
	}
	network_close(net);
}

/* Attention, and the sum with what it was made of. */
static void check_attention(void)
{
	struct graph *g = start();
	struct network *net;
	struct network_tensor t;
	size_t i;

	graph_add(g, "Transpose", "t", "k", "perm=0,2,1");
	graph_add(g, "MatMul", "t k", "a", "");
	graph_add(g, "Softmax", "a", "b", "axis=-1");
	graph_add(g, "MatMul", "b t", "mixed", "");
	graph_add(g, "Add", "mixed t", "y", "");
	net = graph_finish(g);
	if (!ok(net != NULL, "attention: %s", graph_error.text))
		return;
	is_int(graph_get(net, "mixed")->geometry.kind, GEOMETRY_GLOBAL,
	       "attention sees the whole image");
	ok(network_find(net, "mixed", &i, &graph_error) == 0, "it is there");
	network_tensor(net, i, &t);
	ok(!t.is_map && t.reason && strstr(t.reason, "--tokens"), "it is no map: %s", t.reason);
	check_map(net, "y", 1, UNITS, UNITS, 1);
	network_tokens(net, ROWS, COLUMNS, 1);
	network_tensor(net, i, &t);
	ok(t.is_map && !t.has_field, "it is one, without places, if its tokens are told");
	check_map(net, "mixed", 1, UNITS, UNITS, 1);
	network_close(net);
}

/* The rest of the network from a tensor's map. */
static void check_resume(void)
{
	struct graph *g = start();
	struct network *net;
	size_t from, wanted, failed;
	float *image = some_image(), map[CELLS * UNITS], y[CELLS * UNITS], *out, *raw;
	const float *in = image, *values = map;
	const char *names[] = {"p", "y"};
	struct plan *plan;
	struct plan_workspace *ws;
	struct error e = {0};
	size_t wrong = 0;

	graph_add(g, "Sigmoid", "p", "y", "");
	net = graph_finish(g);
	ok(network_find(net, "p", &from, &graph_error) == 0 &&
	           network_find(net, "y", &wanted, &graph_error) == 0,
	   "both are there");
	raw = graph_run(net, names, 2, image);
	for (size_t i = 0; i < CELLS * UNITS; i++)
		map[i % UNITS * CELLS + i / UNITS] = raw[i];
	plan = network_plan_resume(net, from, &wanted, 1, NETWORK_AUTO, &graph_error);
	if (plan && network_plan_finish(plan, &graph_error) < 0) {
		network_plan_free(plan);
		plan = NULL;
	}
	ws = plan ? network_workspace_new(plan, &graph_error) : NULL;
	out = y;
	if (ok(ws && network_resume(plan, ws, 1, &in, &values, &out, &failed, &graph_error) ==
	                       0,
	       "resumes at tokens: %s", graph_error.text))
		for (size_t i = 0; i < CELLS * UNITS; i++)
			wrong += y[i % UNITS * CELLS + i / UNITS] != raw[CELLS * UNITS + i];
	is_int((long long)wrong, 0, "and goes on as from the image");
	network_workspace_free(ws);
	network_plan_free(plan);
	ok(network_find(net, "t", &from, &graph_error) == 0 &&
	           !network_plan_resume(net, from, &wanted, 1, NETWORK_AUTO, &e) &&
	           e.code == EXIT_USAGE && strstr(e.text, "1 tokens beside"),
	   "not where a class token is missing: %s", e.text);
	free(raw);
	free(image);
	network_close(net);
}

int main(void)
{
	check_places();
	check_maps();
	check_attention();
	check_resume();
	expect("ReduceMean", "t", "axes=1 keepdims=0", GEOMETRY_GLOBAL,
	       "the mean of all tokens");
	expect("ReduceMean", "t", "axes=2 keepdims=0", GEOMETRY_TOKENS,
	       "the mean of all units");
	expect("ReduceMean", "t", "axes=0 keepdims=0", GEOMETRY_TOKENS, "an axis that goes");
	expect("Slice", "t", "starts=0 ends=1 axes=1", GEOMETRY_GLOBAL, "the class token");
	expect("Slice", "t", "starts=2 ends=7 axes=1", GEOMETRY_UNKNOWN, "some tokens");
	expect("Concat", "t t", "axis=1", GEOMETRY_UNKNOWN, "tokens twice");
	expect("Concat", "t t", "axis=2", GEOMETRY_TOKENS, "units twice");
	expect("Reshape", "t", "shape=1,14,2", GEOMETRY_UNKNOWN, "tokens taken apart");
	expect("Reshape", "t", "shape=1,28", GEOMETRY_GLOBAL, "tokens for a dense layer");
	expect("Reshape", "t", "shape=1,7,2,2", GEOMETRY_TOKENS, "heads of attention");
	expect("MatMul", "square t", "", GEOMETRY_GLOBAL, "weights over tokens");
	expect("Gather", "none zero", "axis=1", GEOMETRY_UNKNOWN, "a token without units");
	expect("Gather", "t zero", "axis=1", GEOMETRY_GLOBAL, "the class token alone");
	expect("Conv", "t k", "", GEOMETRY_UNKNOWN, "a window over tokens");
	return done();
}
