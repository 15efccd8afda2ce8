/* test_network_plan.c -- plans of random graphs: what is fused, nested and stored over
 * one another gives the values of a plan in which every tensor is wanted, so that
 * nothing is; and images that are run together give the bytes of each alone. */
#include "graphs.h"
#include "tap.h"

enum { NODES = 24, SIDE = 6, NAME = 16 };

/* A tensor t<i> of a random graph. */
struct made {
	size_t channels;
};

struct random_graph {
	struct graph *g;
	struct made made[NODES + 1]; /* 0 is the image */
	int n;
};

static const char *name_of(int i, char *text)
{
	if (i == 0)
		return "x";
	snprintf(text, NAME, "t%d", i);
	return text;
}

/* A per-channel constant called name, with the shape that BatchNormalization or Mul want. */
static void channel_weight(struct graph *g, const char *name, size_t channels, bool map,
                           float low, float high)
{
	const size_t list[] = {channels}, maps[] = {channels, 1, 1};

	graph_weight(g, name, map ? 3 : 1, map ? maps : list, low, high);
}

static void add_convolution(struct random_graph *r, int from, const char *out)
{
	size_t units = 1 + random_below(5), dims[] = {units, r->made[from].channels, 3, 3};
	bool pointwise = random_below(2), bias = random_below(2);
	char inputs[64], w[16], b[16], a[NAME];

	snprintf(w, sizeof w, "w%d", r->n);
	snprintf(b, sizeof b, "b%d", r->n);
	if (pointwise)
		dims[2] = dims[3] = 1;
	graph_weight(r->g, w, 4, dims, -0.5f, 0.5f);
	graph_weight(r->g, b, 1, dims, -0.5f, 0.5f);
	snprintf(inputs, sizeof inputs, "%s %s %s", name_of(from, a), w, bias ? b : "");
	graph_add(r->g, "Conv", inputs, out, pointwise ? "" : "pads=1,1,1,1");
	r->made[r->n].channels = units;
}

static void add_norm(struct random_graph *r, int from, const char *out)
{
	static const char *const parts[] = {"gamma", "beta", "mean", "variance"};
	char inputs[128], name[32], a[NAME];
	int i;

	strcpy(inputs, name_of(from, a));
	for (i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "%s%d", parts[i], r->n);
		channel_weight(r->g, name, r->made[from].channels, false, i == 3 ? 0.5f : -1,
		               2);
		strcat(strcat(inputs, " "), name);
	}
	graph_add(r->g, "BatchNormalization", inputs, out, "");
	r->made[r->n].channels = r->made[from].channels;
}

/* Arithmetic with a constant, which can stand on either side. */
static void add_scale(struct random_graph *r, int from, const char *out)
{
	static const char *const types[] = {"Mul", "Add", "Sub", "Div"};
	char inputs[64], name[32], a[NAME];
	bool first = random_below(2);

	snprintf(name, sizeof name, "s%d", r->n);
	channel_weight(r->g, name, r->made[from].channels, true, 0.5f, 2);
	name_of(from, a);
	snprintf(inputs, sizeof inputs, "%s %s", first ? name_of(from, a) : name,
	         first ? name : name_of(from, a));
	/* Nothing is divided by a tensor, which can be zero. */
	graph_add(r->g, types[random_below(first ? 4 : 3)], inputs, out, "");
	r->made[r->n].channels = r->made[from].channels;
}

static void add_join(struct random_graph *r, int from, const char *out)
{
	char inputs[128], a[NAME];
	int k, other, n = 1 + (int)random_below(3);
	size_t channels = r->made[from].channels;

	strcpy(inputs, name_of(from, a));
	for (k = 0; k < n; k++) {
		other = (int)random_below((unsigned)r->n);
		channels += r->made[other].channels;
		strcat(strcat(inputs, " "), name_of(other, a));
	}
	graph_add(r->g, "Concat", inputs, out, "axis=1");
	r->made[r->n].channels = channels;
}

/* Two tensors of as many channels; or a tensor with itself. */
static void add_sum(struct random_graph *r, int from, const char *out)
{
	char inputs[64], a[NAME], b[NAME];
	int other = (int)random_below((unsigned)r->n);

	if (r->made[other].channels != r->made[from].channels)
		other = from;
	snprintf(inputs, sizeof inputs, "%s %s", name_of(from, a), name_of(other, b));
	graph_add(r->g, random_below(2) ? "Add" : "Max", inputs, out, "");
	r->made[r->n].channels = r->made[from].channels;
}

static void add_random(struct random_graph *r)
{
	int from = random_below(2) ? r->n - 1 : (int)random_below((unsigned)r->n);
	char out[NAME], a[NAME];
	const char *in = name_of(from, a);

	name_of(r->n, out);
	r->made[r->n].channels = r->made[from].channels;
	switch (random_below(11)) {
	case 0:
	case 1:
	case 2:
		add_convolution(r, from, out);
		break;
	case 3:
		add_norm(r, from, out);
		break;
	case 4:
		add_scale(r, from, out);
		break;
	case 5:
	case 6:
		if (r->made[from].channels < 64)
			add_join(r, from, out);
		else
			graph_add(r->g, "Identity", in, out, "");
		break;
	case 7:
		add_sum(r, from, out);
		break;
	case 8:
		graph_add(r->g, "Relu", in, out, "");
		break;
	case 9:
		graph_add(r->g, random_below(2) ? "Dropout" : "Identity", in, out, "");
		break;
	default:
		graph_add(r->g, "MaxPool", in, out, "kernel_shape=3,3 pads=1,1,1,1");
	}
	r->n++;
}

static struct network *random_network(void)
{
	static const size_t dims[] = {1, 3, SIDE, SIDE};
	struct random_graph r = {.g = graph_start(4, dims), .n = 1};

	r.made[0].channels = 3;
	while (r.n < NODES)
		add_random(&r);
	return graph_finish(r.g);
}

static double difference(const float *a, const float *b, size_t n)
{
	double worst = 0, top = 1e-20;
	size_t i;

	for (i = 0; i < n; i++) {
		worst = worse(worst, fabs(a[i] - b[i]));
		top = fmax(top, fabs(b[i]));
	}
	return worst / top;
}

/* Every tensor alone, and the last with an early one, against all together. */
static double plan_error(void)
{
	const char *names[NODES], *two[2];
	char text[NODES][NAME];
	float image[3 * SIDE * SIDE], *all, *at, *got;
	struct network *net = random_network();
	double worst = 0;
	int i;

	if (!net)
		return INFINITY;
	for (i = 0; i < NODES; i++)
		names[i] = name_of(i, text[i]);
	for (i = 0; i < 3 * SIDE * SIDE; i++)
		image[i] = random_real(-1, 1);
	at = all = graph_run(net, names, NODES, image);
	for (i = 0; all && i < NODES; i++) {
		size_t n = graph_get(net, names[i])->count;

		got = graph_run(net, &names[i], 1, image);
		worst = got ? fmax(worst, difference(got, at, n)) : INFINITY;
		free(got);
		two[0] = names[i];
		two[1] = names[NODES - 1];
		got = i < NODES - 1 ? graph_run(net, two, 2, image) : NULL;
		if (got)
			worst = worse(worst, difference(got, at, n));
		free(got);
		at += n;
	}
	free(all);
	network_close(net);
	return all ? worst : INFINITY;
}

/* The last tensor from the values of another on, and the image where it is needed; free() it.
 */
static float *resume(const struct network *net, size_t from, size_t last, const float *image,
                     const float *values, bool *needs_image)
{
	struct plan *p = plan_resume(net->graph, from, &last, 1, graph_algorithm, &graph_error);
	if (p && plan_finish(p, &graph_error) < 0) {
		plan_free(p);
		p = NULL;
	}
	struct plan_workspace *ws = p ? plan_workspace_new(p, &graph_error) : NULL;
	float *out = calloc(net->graph->tensors[last].count, sizeof *out);
	bool done = false;

	if (ws) {
		*needs_image = plan_needs_image(p);
		image = *needs_image ? image : NULL;
		done = plan_resume_run(p, ws, 1, &image, &values, (void *[]){out},
		                       &graph_error) == 0;
	}
	plan_workspace_free(ws);
	plan_free(p);
	if (!done)
		free(out);
	return done ? out : NULL;
}

/* From each tensor on, against all at once. */
static double resumed_error(int *without)
{
	float image[3 * SIDE * SIDE], *want, *values, *got;
	struct network *net = random_network();
	char text[NAME];
	const char *last = name_of(NODES - 1, text);
	double worst = 0;

	if (!net)
		return INFINITY;
	for (int i = 0; i < 3 * SIDE * SIDE; i++)
		image[i] = random_real(-1, 1);
	want = graph_run(net, &last, 1, image);
	for (int i = 0; want && i < NODES - 1; i++) {
		char other[NAME];
		const char *name = name_of(i, other);
		bool needs_image = true;

		values = graph_run(net, &name, 1, image);
		got = values ? resume(net, graph_lookup(net->graph, name),
		                      graph_lookup(net->graph, last), image, values,
		                      &needs_image)
		             : NULL;
		worst = got ? worse(worst, difference(got, want, graph_get(net, last)->count))
		            : INFINITY;
		*without += !needs_image;
		free(values);
		free(got);
	}
	network_close(net);
	free(want);
	return want ? worst : INFINITY;
}

/* By hand: t0 = -x, halves t1 and t2 of its channels, their sum t3, and t4 = ReLU of t1. */
static void check_split(void)
{
	static const size_t dims[] = {1, 2, 1, 1};
	struct graph *g = graph_start(4, dims);
	struct network *net;
	const float image[] = {1, 2}, given[] = {5, 7};
	bool needs_image = true;
	float *got;

	graph_add(g, "Neg", "x", "t0", "");
	graph_add(g, "Split", "t0", "t1 t2", "axis=1");
	graph_add(g, "Add", "t1 t2", "t3", "");
	graph_add(g, "Relu", "t1", "t4", "");
	net = graph_finish(g);
	g = net->graph;
	got = resume(net, graph_lookup(g, "t0"), graph_lookup(g, "t3"), image, given,
	             &needs_image);
	ok(got && got[0] == 12 && !needs_image, "from a tensor on, without the image %s",
	   graph_error.text);
	free(got);
	got = resume(net, graph_lookup(g, "t1"), graph_lookup(g, "t4"), image, given,
	             &needs_image);
	ok(got && got[0] == 5 && !needs_image, "from one half on, the other is not needed");
	free(got);
	got = resume(net, graph_lookup(g, "t1"), graph_lookup(g, "t3"), image, given,
	             &needs_image);
	ok(!got && graph_error.code == EXIT_USAGE, "one half, where the other is needed: %s",
	   graph_error.text);
	free(got);
	graph_error = (struct error){0};
	network_close(net);
}

enum { IMAGES = 5 };

/* Run the images, so many at a time, for an early and the last tensor. */
static bool run_images(const struct plan *p, size_t at_once, const float *const *images,
                       void *const *outputs)
{
	struct plan_workspace *ws = network_workspace_new(p, &graph_error);
	size_t i, n;

	for (i = 0; ws && i < IMAGES; i += n) {
		n = IMAGES - i < at_once ? IMAGES - i : at_once;
		if (plan_run(p, ws, n, images + i, outputs + i * p->n_wanted, &graph_error) !=
		    0)
			break;
	}
	network_workspace_free(ws);
	return i == IMAGES;
}

/* An early and the last tensor; counts the plans that have a group, in *groups. */
static bool same_together(struct network *net, const char *early, const char *late,
                          enum convolution_choice algorithm, int *groups)
{
	size_t ids[2], sizes[2], i, total = 0, n;
	struct plan *p = NULL;
	const float *images[IMAGES];
	float values[IMAGES][3 * SIDE * SIDE], *alone, *together;
	void *outputs[2][IMAGES * 2];
	bool same = false;

	ids[0] = net ? graph_lookup(net->graph, early) : 0;
	ids[1] = net ? graph_lookup(net->graph, late) : 0;
	if (net)
		p = plan_new(net->graph, ids, 2, algorithm, &graph_error);
	if (p && plan_finish(p, &graph_error) < 0) {
		plan_free(p);
		p = NULL;
	}
	if (!p)
		return false;
	for (i = 0; i < 2; i++)
		total += sizes[i] = net->graph->tensors[ids[i]].count;
	alone = calloc(IMAGES * total, sizeof *alone);
	together = calloc(IMAGES * total, sizeof *together);
	for (i = 0; i < IMAGES; i++) {
		images[i] = values[i];
		for (n = 0; n < 3 * SIDE * SIDE; n++)
			values[i][n] = random_real(-1, 1);
		outputs[0][2 * i] = alone + i * total;
		outputs[0][2 * i + 1] = alone + i * total + sizes[0];
		outputs[1][2 * i] = together + i * total;
		outputs[1][2 * i + 1] = together + i * total + sizes[0];
	}
	*groups += p->bundle > 1;
	same = run_images(p, 1, images, outputs[0]) &&
	       run_images(p, p->bundle < 3 ? p->bundle : 3, images, outputs[1]) &&
	       memcmp(alone, together, IMAGES * total * sizeof *alone) == 0;
	free(alone);
	free(together);
	network_plan_free(p);
	return same;
}

static bool random_together(int *groups)
{
	struct network *net = random_network();
	char middle[NAME], last[NAME];
	bool same = same_together(net, name_of(NODES / 2, middle), name_of(NODES - 1, last),
	                          CONVOLUTION_AUTO, groups);

	network_close(net);
	return same;
}

/* Two blocks with a sum and a ReLU, of 40 channels: t2 and t5 are the sums. */
static struct network *residual_network(void)
{
	static const size_t image[] = {1, 3, SIDE, SIDE}, first[] = {40, 3, 1, 1},
	                    filters[] = {40, 40, 3, 3};
	struct graph *g = graph_start(4, image);

	graph_weight(g, "w0", 4, first, -1, 1);
	graph_weight(g, "w1", 4, filters, -0.2f, 0.2f);
	graph_weight(g, "w2", 4, filters, -0.2f, 0.2f);
	graph_add(g, "Conv", "x w0", "t0", "");
	graph_add(g, "Conv", "t0 w1", "t1", "pads=1,1,1,1");
	graph_add(g, "Add", "t1 t0", "t2", "");
	graph_add(g, "Relu", "t2", "t3", "");
	graph_add(g, "Conv", "t3 w2", "t4", "pads=1,1,1,1");
	graph_add(g, "Add", "t3 t4", "t5", "");
	graph_add(g, "Relu", "t5", "t6", "");
	return graph_finish(g);
}

/* Sums are added where a convolution is written: the values of a plan that fuses nothing,
 * and the same bytes for images together. */
static void check_residual(enum convolution_choice algorithm, const char *text)
{
	static const char *const all[] = {"t0", "t1", "t2", "t3", "t4", "t5", "t6"};
	struct network *net = residual_network();
	float image[3 * SIDE * SIDE], *apart, *fused;
	size_t i, n = 40 * SIDE * SIDE;
	int groups = 0;
	bool same;

	for (i = 0; i < 3 * SIDE * SIDE; i++)
		image[i] = random_real(-1, 1);
	graph_algorithm = algorithm;
	apart = graph_run(net, all, 7, image);
	fused = graph_run(net, &all[6], 1, image);
	graph_algorithm = CONVOLUTION_AUTO;
	ok(apart && fused && difference(fused, apart + 6 * n, n) < 1e-5, "%s: sums are fused",
	   text);
	same = same_together(net, "t0", "t6", algorithm, &groups);
	ok(same && groups == 1, "%s: the same bytes for images together", text);
	free(apart);
	free(fused);
	network_close(net);
}

/* A layer with a stride on the image itself, in phases, with more weights than its maps have
 * values. */
static void check_strided(void)
{
	static const size_t image[] = {1, 3, SIDE, SIDE}, points[] = {40, 3, 1, 1},
	                    filters[] = {40, 3, 6, 6};
	struct graph *g = graph_start(4, image);
	struct network *net;
	int groups = 0;
	bool same;

	graph_weight(g, "w0", 4, points, -1, 1);
	graph_weight(g, "w1", 4, filters, -1, 1);
	graph_add(g, "Conv", "x w0", "t0", "strides=2,2");
	graph_add(g, "Conv", "x w1", "t1", "strides=2,2 pads=2,2,2,2");
	graph_add(g, "Add", "t1 t0", "t2", "");
	net = graph_finish(g);
	same = same_together(net, "t0", "t2", CONVOLUTION_WINOGRAD, &groups);
	ok(same && groups == 1, "a stride: the same bytes for images together");
	network_close(net);
}

/* Operators of any number of inputs take a ReLU in with one input too. */
static void check_one_input(const char *type)
{
	static const size_t image[] = {1, 3, SIDE, SIDE}, filters[] = {5, 3, 3, 3};
	static const char *const all[] = {"t0", "t1", "t2"};
	struct graph *g = graph_start(4, image);
	struct network *net;
	float pixels[3 * SIDE * SIDE], *apart, *alone;
	size_t n = 5 * SIDE * SIDE, negative = 0, wrong = 0;

	for (size_t i = 0; i < 3 * SIDE * SIDE; i++)
		pixels[i] = random_real(-1, 1);
	graph_weight(g, "w0", 4, filters, -1, 1);
	graph_add(g, "Conv", "x w0", "t0", "pads=1,1,1,1");
	graph_add(g, type, "t0", "t1", "");
	graph_add(g, "Relu", "t1", "t2", "");
	net = graph_finish(g);
	apart = graph_run(net, all, 3, pixels);
	alone = graph_run(net, &all[2], 1, pixels);
	for (size_t i = 0; apart && alone && i < n; i++) {
		negative += apart[i] < 0;
		wrong += alone[i] != (apart[i] < 0 ? 0 : apart[i]);
	}
	ok(negative > 0 && wrong == 0, "%s of one input, then a ReLU: %zu of %zu values wrong",
	   type, wrong, n);
	free(apart);
	free(alone);
	network_close(net);
}

int main(void)
{
	const int graphs = tap_exhaustive(120, 300);
	double worst = 0, off;
	int i, bad = -1, groups = 0, same = 0;

	for (i = 0; i < graphs; i++) {
		off = plan_error();
		if (off > 1e-4 && bad < 0)
			bad = i;
		worst = worse(worst, off);
	}
	ok(bad < 0,
	   "%d graphs of %d nodes: off by %.2g of a tensor's largest value (first bad %d) %s",
	   graphs, NODES, worst, bad, graph_error.text);
	for (i = 0; i < graphs; i++)
		same += random_together(&groups);
	ok(same == graphs && groups > graphs / 20,
	   "%d of %d graphs give the same bytes for images together, %d have groups %s", same,
	   graphs, groups, graph_error.text);
	worst = groups = 0;
	for (i = 0; i < graphs; i++)
		worst = worse(worst, resumed_error(&groups));
	ok(worst < 1e-4 && groups > graphs,
	   "resumed at each tensor: off by %.2g of the largest value, %d without the image %s",
	   worst, groups, graph_error.text);
	check_split();
	check_residual(CONVOLUTION_DIRECT, "direct");
	check_residual(CONVOLUTION_WINOGRAD, "winograd");
	check_strided();
	check_one_input("Max");
	check_one_input("Min");
	check_one_input("Sum");
	return done();
}
