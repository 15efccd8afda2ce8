/* test_places.c -- places in decoders that PyTorch exported, by perturbation.
 *
 * The models of tests/places are linear, their weights positive and the same mirrored: the
 * mean position of the pixels that a cell answers to, weighted by its answers, is where it
 * lies.  The mean difference between that and the place that is listed, over cells that no
 * border bends, is a tensor's error.  It must be 0 up to joins of branches that lie
 * differently, whose largest field counts, and a resize must keep it. */
#include "graphs.h"
#include "model/onnx.h"
#include "tap.h"

enum { TENSORS = 64, CELLS = 512 };

struct measure {
	const char *names[TENSORS];
	double sum[TENSORS][CELLS], moment[TENSORS][CELLS]; /* by cell along the axis */
	size_t n;
};

/* Tensors that are maps. */
static void choose(const struct network *net, struct measure *m)
{
	const struct graph *g = net->graph;

	for (size_t i = 0; i < g->n_tensors && m->n < TENSORS; i++) {
		const struct tensor *t = &g->tensors[i];

		if (t->constant || !t->known || t->producer == NO_NODE ||
		    t->geometry.kind != GEOMETRY_MAP || t->shape.rank != 4)
			continue;
		m->names[m->n++] = t->name;
	}
}

/* Add tensor i's answers to pixel k along the axis. */
static void answer(const struct network *net, struct measure *m, size_t i, int axis, size_t k,
                   const float *out)
{
	const size_t *d = graph_get(net, m->names[i])->shape.dims;

	for (size_t v = 0; v < d[1] * d[2] * d[3]; v++) {
		size_t cell = axis == 0 ? v / d[3] % d[2] : v % d[3];

		m->sum[i][cell] += out[v];
		m->moment[i][cell] += (double)k * out[v];
	}
}

/* Mean error of tensor i in pixels, over whole periods of its cells inside; INFINITY: too
 * few of them. */
static double error_of(const struct network *net, const struct measure *m, size_t i, int axis,
                       double pixels, double widest)
{
	const struct tensor *t = graph_get(net, m->names[i]);
	const struct receptive_field *f = &t->geometry.field[axis];
	size_t cells = t->shape.dims[2 + axis], period = (size_t)round(widest / f->stride);
	size_t first = cells, room = 0;
	double sum = 0;

	for (size_t k = 0; k < cells; k++) {
		double at = f->offset + (double)k * f->stride;

		if (at - f->size / 2 < widest || at + f->size / 2 > pixels - widest)
			continue;
		first = k < first ? k : first;
		room++;
	}
	room = room / period * period;
	for (size_t k = first; k < first + room; k++)
		sum += m->moment[i][k] / m->sum[i][k] - (f->offset + (double)k * f->stride);
	return room ? sum / (double)room : INFINITY;
}

/* Do all branches that the tensor comes from lie alike wherever they join? */
static bool agree(const struct network *net, const struct tensor *t, int axis)
{
	const struct graph *g = net->graph;
	const struct tensor *first = NULL;
	const struct node *n;

	if (t->producer == NO_NODE)
		return true;
	n = &g->nodes[t->producer];
	for (size_t k = 0; k < n->n_inputs; k++) {
		const struct tensor *in =
		        n->inputs[k] == NO_TENSOR ? NULL : &g->tensors[n->inputs[k]];
		const struct receptive_field *f = in ? &in->geometry.field[axis] : NULL;

		if (!in || in->constant)
			continue;
		if (!agree(net, in, axis) ||
		    (first && !(fabs(first->geometry.field[axis].offset - f->offset) <= 1e-9 &&
		                fabs(first->geometry.field[axis].stride - f->stride) <= 1e-9)))
			return false;
		first = in;
	}
	return true;
}

static void judge(const struct network *net, const struct measure *m, int axis, double pixels,
                  const char *path, double loose)
{
	const struct graph *g = net->graph;
	double error[TENSORS], widest = 0, worst = 0, kept = 0;
	size_t exact = 0, resized = 0;

	for (size_t i = 0; i < m->n; i++)
		widest = fmax(widest, graph_get(net, m->names[i])->geometry.field[axis].stride);
	for (size_t i = 0; i < m->n; i++)
		error[i] = error_of(net, m, i, axis, pixels, widest);
	for (size_t i = 0; i < m->n; i++) {
		const struct tensor *t = graph_get(net, m->names[i]);
		const struct node *n = &g->nodes[t->producer];
		bool resize = strcmp(n->type, "Resize") == 0 ||
		              strcmp(n->type, "Upsample") == 0 ||
		              strcmp(n->type, "ConvTranspose") == 0 ||
		              strcmp(n->type, "DepthToSpace") == 0;

		if (isfinite(error[i]) && agree(net, t, axis)) {
			worst = worse(worst, fabs(error[i]));
			exact++;
		}
		for (size_t k = 0; resize && isfinite(error[i]) && k < m->n; k++)
			if (strcmp(m->names[k], g->tensors[n->inputs[0]].name) == 0 &&
			    isfinite(error[k])) {
				kept = worse(kept, fabs(error[i] - error[k]));
				resized++;
			}
	}
	ok(exact > 3 && worst < 1e-4, "%s, %c: %zu tensors lie %.2g pixels from their places",
	   path, axis ? 'x' : 'y', exact, worst);
	ok(resized > 0 && kept < loose, "%s, %c: %zu resizes keep that to %.2g", path,
	   axis ? 'x' : 'y', resized, kept);
}

/* An image of zeros but for row or column k. */
static void light(const size_t *d, int axis, size_t k, float *image)
{
	size_t from = axis == 0 ? k * d[3] : k, step = axis == 0 ? 1 : d[3];

	memset(image, 0, d[1] * d[2] * d[3] * sizeof *image);
	for (size_t c = 0; c < d[1]; c++)
		for (size_t i = 0; i < d[3 - axis]; i++)
			image[c * d[2] * d[3] + from + i * step] = 1;
}

/* Answers to each pixel along both axes. */
static void perturb(const struct network *net, struct measure *m, const char *path,
                    double loose)
{
	const size_t *d = net->graph->tensors[net->graph->input].shape.dims;
	float *image = calloc(d[1] * d[2] * d[3], sizeof *image);
	const float *images = image;
	size_t ids[TENSORS];
	void *out[TENSORS];
	struct plan *plan;
	struct plan_workspace *ws = NULL;

	for (size_t i = 0; i < m->n; i++) {
		ids[i] = graph_lookup(net->graph, m->names[i]);
		out[i] = calloc(net->graph->tensors[ids[i]].count, sizeof(float));
	}
	/* With Winograd's algorithm a pixel moves the rounding of a whole tile. */
	plan = plan_new(net->graph, ids, m->n, CONVOLUTION_DIRECT, &graph_error);
	if (plan && plan_finish(plan, &graph_error) < 0) {
		plan_free(plan);
		plan = NULL;
	}
	if (plan)
		ws = network_workspace_new(plan, &graph_error);
	for (int axis = 0; ws && axis < 2; axis++) {
		for (size_t i = 0; i < m->n; i++)
			for (size_t k = 0; k < CELLS; k++)
				m->sum[i][k] = m->moment[i][k] = 0;
		for (size_t k = 0; k < d[2 + axis]; k++) {
			light(d, axis, k, image);
			if (plan_run(plan, ws, 1, &images, out, &graph_error) != 0)
				break;
			for (size_t i = 0; i < m->n; i++)
				answer(net, m, i, axis, k, out[i]);
		}
		judge(net, m, axis, (double)d[2 + axis], path, loose);
	}
	ok(graph_error.code == EXIT_OK, "%s runs: %s", path, graph_error.text);
	for (size_t i = 0; i < m->n; i++)
		free(out[i]);
	network_workspace_free(ws);
	network_plan_free(plan);
	free(image);
}

/* loose: what resizes may be off, where a map holds no whole period of a resize. */
static void check(const char *path, double loose)
{
	static struct measure m;
	struct network *net = network_open(path, 0, 0, &graph_error);

	if (!ok(net != NULL, "%s opens: %s", path, graph_error.text))
		return;
	m.n = 0;
	choose(net, &m);
	perturb(net, &m, path, loose);
	network_close(net);
}

int main(void)
{
	check("tests/places/unet-9.onnx", 1e-4);
	check("tests/places/unet-linear-11.onnx", 1e-4);
	check("tests/places/transposed-13.onnx", 1e-4);
	check("tests/places/neck-13.onnx", 1e-4);
	check("tests/places/pyramid-9.onnx", 1e-4);
	check("tests/places/pyramid-odd-13.onnx", 0.2);
	return done();
}
