/* test_onnx_node.c -- ONNX's own tests of operators and small models.
 *
 * Runs every case of libonnx-testdata whose operators are in the list below on
 * float32 (and the integer and boolean arithmetic beside it), and prints for each
 * operator how many runs passed or failed and how many cases are out of scope.  Each
 * case runs twice: with its first float input as the image of a plan, and with all
 * inputs constant, so that folding is tested too. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "graph/literal.h"
#include "model/onnx.h"
#include "model/onnx_parts.h"
#include "model/protobuf.h"
#include "graph/resolve.h"
#include "operator/table.h"
#include "network/inside.h"
#include "plan/run.h"
#include "plan/steps.h"
#include "tap.h"

static const char *const scope[] = {
        "Abs",
        "Add",
        "And",
        "ArgMax",
        "ArgMin",
        "AveragePool",
        "BatchNormalization",
        "Cast",
        "Ceil",
        "Celu",
        "Clip",
        "Concat",
        "Constant",
        "ConstantOfShape",
        "Conv",
        "ConvTranspose",
        "Cos",
        "DepthToSpace",
        "DequantizeLinear",
        "Div",
        "Dropout",
        "Einsum",
        "Elu",
        "Equal",
        "Erf",
        "Exp",
        "Expand",
        "Flatten",
        "Floor",
        "Gather",
        "Gelu",
        "Gemm",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "Greater",
        "GreaterOrEqual",
        "GroupNormalization",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "If",
        "InstanceNormalization",
        "LRN",
        "LayerNormalization",
        "LeakyRelu",
        "Less",
        "LessOrEqual",
        "Log",
        "LogSoftmax",
        "LpPool",
        "MatMul",
        "Max",
        "MaxPool",
        "Mean",
        "Min",
        "Mish",
        "Mod",
        "Mul",
        "Neg",
        "Not",
        "Or",
        "PRelu",
        "Pad",
        "Pow",
        "RMSNormalization",
        "Range",
        "Reciprocal",
        "ReduceL1",
        "ReduceL2",
        "ReduceLogSum",
        "ReduceMax",
        "ReduceMean",
        "ReduceMin",
        "ReduceProd",
        "ReduceSum",
        "ReduceSumSquare",
        "Relu",
        "Reshape",
        "Resize",
        "Round",
        "ScatterND",
        "Selu",
        "Shape",
        "Sigmoid",
        "Sign",
        "Sin",
        "Slice",
        "Softmax",
        "Softplus",
        "Softsign",
        "SpaceToDepth",
        "Split",
        "Sqrt",
        "Squeeze",
        "Sub",
        "Sum",
        "Swish",
        "Tanh",
        "ThresholdedRelu",
        "Tile",
        "Transpose",
        "Unsqueeze",
        "Upsample",
        "Where",
        "Xor",
};

enum { SCOPE = sizeof scope / sizeof scope[0], INPUTS = 64 };

/* Cases that are out of scope for another reason than an operator or a type. */
static const struct {
	const char *part, *reason;
} excluded[] = {
        {"training", "training mode"},
        {"dropout_random", "training mode"},
        {"with_argmax", "indices of maxima"},
        {"BFLOAT16", "bfloat16"},
        {"clip_default_int8", "integers"},
        {"maxpool_2d_uint8", "integers"},
        {"range_float", "a start that is the image"},
        {"scatternd_add", "sums of values"},
        {"scatternd_multiply", "products of values"},
        {"downsample_scales_cubic_align_corners", "corners of a size that is no integer"},
        {"downsample_scales_linear_align_corners", "corners of a size that is no integer"},
        {"tf_crop_and_resize", "resizing of a region"},
        {"identity_opt", "optional values"},
        {"identity_sequence", "sequences"},
};

static struct {
	unsigned passed, failed, out;
	char reasons[256];
} tally[SCOPE];

static int index_of(const char *type)
{
	int i;

	for (i = 0; i < SCOPE; i++)
		if (strcmp(scope[i], type) == 0)
			return i;
	return -1;
}

static bool held(int type)
{
	enum kind kind;

	return literal_kind(type, &kind);
}

/* A whole file, free() it. */
static struct bytes read_file(const char *path)
{
	struct bytes b = {0};
	struct stat st;
	int fd = open(path, O_RDONLY);
	uint8_t *p;

	if (fd < 0)
		return b;
	if (fstat(fd, &st) == 0 && (p = malloc((size_t)st.st_size + 1))) {
		b.p = p;
		b.n = (size_t)read(fd, p, (size_t)st.st_size);
	}
	close(fd);
	return b;
}

/* One case: the model's inputs and outputs in order, and the files with their values. */
struct sample {
	struct graph *g;
	size_t inputs[INPUTS], outputs[INPUTS];
	size_t n_inputs, n_outputs;
	struct literal in[INPUTS], out[INPUTS];
	struct bytes files[2 * INPUTS];
	size_t n_files;
};

/* Names of graph inputs (11) or outputs (12), as tensors, weights left out. */
static size_t graph_names(struct graph *g, uint32_t number, size_t *ids)
{
	struct wire w = wire_open((struct bytes){g->maps[0].p, g->maps[0].n}), inner, value;
	struct wire_field f, v, part;
	size_t n = 0;

	while (wire_next(&w, &f) == 1) {
		if (f.number != 7)
			continue;
		inner = wire_open(f.bytes);
		while (wire_next(&inner, &v) == 1) {
			if (v.number != number)
				continue;
			value = wire_open(v.bytes);
			while (wire_next(&value, &part) == 1) {
				struct error e = {0};
				char *name;

				if (part.number != 1)
					continue;
				name = graph_string(g, part.bytes, &e);
				ids[n] = graph_tensor(g, name, &e);
				if (n < INPUTS - 1 && !g->tensors[ids[n]].literal)
					n++;
			}
		}
	}
	return n;
}

static bool read_values(struct sample *s, const char *folder, const char *what, size_t n,
                        struct literal *l, struct error *e)
{
	char path[1024];
	size_t i;

	for (i = 0; i < n; i++) {
		struct bytes b;

		snprintf(path, sizeof path, "%s/test_data_set_0/%s_%zu.pb", folder, what, i);
		b = read_file(path);
		s->files[s->n_files++] = b;
		if (!b.p || onnx_tensor(s->g, b, &l[i], NULL, e) != 0)
			return false;
	}
	return true;
}

static void release(struct sample *s)
{
	size_t i;

	for (i = 0; i < s->n_files; i++)
		free((void *)(uintptr_t)s->files[i].p);
	s->n_files = 0;
}

static bool load(struct sample *s, const char *folder, struct error *e)
{
	char path[1024];

	memset(s, 0, sizeof *s);
	snprintf(path, sizeof path, "%s/model.onnx", folder);
	s->g = graph_new(path, &operator_table, e);
	if (onnx_read(s->g, e) != 0)
		return false;
	s->n_inputs = graph_names(s->g, 11, s->inputs);
	s->n_outputs = graph_names(s->g, 12, s->outputs);
	return read_values(s, folder, "input", s->n_inputs, s->in, e) &&
	       read_values(s, folder, "output", s->n_outputs, s->out, e);
}

/* Why a case is out of scope, or NULL. */
static const char *out_of_scope(const struct sample *s, const char *folder)
{
	size_t i;

	for (i = 0; i < sizeof excluded / sizeof excluded[0]; i++)
		if (strstr(strrchr(folder, '/'), excluded[i].part))
			return excluded[i].reason;
	for (i = 0; i < s->n_inputs; i++)
		if (!held(s->in[i].type))
			return "other types";
	for (i = 0; i < s->n_outputs; i++)
		if (!held(s->out[i].type))
			return "other types";
	return NULL;
}

static bool agrees(const struct tensor *t, const void *got, const struct literal *l, char *why,
                   size_t n)
{
	struct error e = {0};
	void *want = memory_new(l->count + 1, kind_size(l->kind), &e);
	bool fine = t->kind == l->kind && shape_equal(&t->shape, &l->shape);
	char a[128], b[128];
	size_t i;

	if (!fine)
		snprintf(why, n, "shape %s, not %s", shape_text(&t->shape, a, sizeof a),
		         shape_text(&l->shape, b, sizeof b));
	literal_read(l, want);
	for (i = 0; fine && i < l->count; i++) {
		double x = l->kind == KIND_FLOAT ? ((const float *)got)[i] : 0;
		double y = l->kind == KIND_FLOAT ? ((float *)want)[i] : 0;

		if (l->kind == KIND_INT)
			fine = ((const int64_t *)got)[i] == ((int64_t *)want)[i];
		else
			fine = x == y || fabs(x - y) <= 1e-6 + 1e-3 * fabs(y) ||
			       (isnan(x) && isnan(y));
		if (!fine)
			snprintf(why, n, "value %zu is %g, not %g", i, x, y);
	}
	free(want);
	return fine;
}

/* Run with the first float input as the image, or all constant. */
static bool run_case(struct sample *s, bool constant, char *why, size_t n)
{
	struct error e = {0};
	struct network *net;
	struct plan *plan = NULL;
	struct plan_workspace *ws = NULL;
	float *image = NULL;
	void *outputs[INPUTS];
	bool fine = false;
	size_t i;

	for (i = 0; i < s->n_inputs; i++) {
		struct tensor *t = &s->g->tensors[s->inputs[i]];

		if (!constant && !image && s->in[i].kind == KIND_FLOAT) {
			s->g->input = s->inputs[i];
			image = memory_new(s->in[i].count, sizeof *image, &e);
			literal_read(&s->in[i], image);
			if (tensor_set(t, KIND_FLOAT, &s->in[i].shape, &e) != 0)
				break;
		} else {
			t->literal = &s->in[i];
		}
	}
	if (graph_resolve(s->g, &e) != 0) {
		graph_free(s->g);
		net = NULL;
	} else {
		net = network_of(s->g, &e);
	}
	s->g = NULL;
	if (net)
		plan = plan_new(net->graph, s->outputs, s->n_outputs, CONVOLUTION_AUTO, &e);
	if (plan && plan_finish(plan, &e) < 0) {
		plan_free(plan);
		plan = NULL;
	}
	if (plan)
		ws = network_workspace_new(plan, &e);
	for (i = 0; ws && i < s->n_outputs; i++) {
		const struct tensor *t = &net->graph->tensors[s->outputs[i]];

		outputs[i] = memory_new(t->count, kind_size(t->kind), &e);
	}
	if (ws && plan_run(plan, ws, 1, (const float *const *)&image, outputs, &e) == 0)
		for (i = 0, fine = true; i < s->n_outputs && fine; i++)
			fine = agrees(&net->graph->tensors[s->outputs[i]], outputs[i],
			              &s->out[i], why, n);
	for (i = 0; ws && i < s->n_outputs; i++)
		free(outputs[i]);
	if (e.code != EXIT_OK)
		snprintf(why, n, "%s", e.text);
	network_workspace_free(ws);
	network_plan_free(plan);
	network_close(net);
	free(image);
	return fine;
}

static void note(int op, const char *reason)
{
	tally[op].out++;
	if (!strstr(tally[op].reasons, reason) &&
	    strlen(tally[op].reasons) + strlen(reason) + 3 < sizeof tally[op].reasons) {
		if (*tally[op].reasons)
			strcat(tally[op].reasons, ", ");
		strcat(tally[op].reasons, reason);
	}
}

static void run_folder(const char *folder)
{
	static const char *const modes[] = {"", ", folded"};
	struct error e = {0};
	struct sample s;
	const char *reason = NULL;
	char why[512] = "";
	bool listed[SCOPE] = {0}, inside = true, any = false;
	int mode, i;
	size_t k;

	if (!load(&s, folder, &e)) {
		/* What can't be read is judged by its operators all the same. */
		reason = "other types or newer operator sets";
	}
	for (k = 0; s.g && k < s.g->n_nodes; k++) {
		i = index_of(s.g->nodes[k].type);
		inside = inside && i >= 0;
		if (i >= 0)
			listed[i] = any = true;
	}
	if (any && !reason)
		reason = out_of_scope(&s, folder);
	if (any && !inside && !reason)
		reason = "beside other operators";
	for (mode = 0; mode < 2 && any && !reason; mode++) {
		bool fine;

		if (!s.g)
			load(&s, folder, &e);
		fine = run_case(&s, mode == 1, why, sizeof why);
		for (i = 0; i < SCOPE; i++) {
			if (!listed[i])
				continue;
			tally[i].passed += fine;
			tally[i].failed += !fine;
		}
		if (!fine)
			printf("# %s%s: %s\n", strrchr(folder, '/') + 1, modes[mode], why);
		release(&s);
	}
	for (i = 0; reason && i < SCOPE; i++)
		if (listed[i])
			note(i, reason);
	graph_free(s.g);
	release(&s);
}

static void run_suite(const char *root, const char *suite)
{
	char path[512], folder[1024];
	struct dirent **names;
	int i, n;

	snprintf(path, sizeof path, "%s/%s", root, suite);
	n = scandir(path, &names, NULL, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(folder, sizeof folder, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			run_folder(folder);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

int main(void)
{
	static const char root[] = "/usr/share/libonnx-testdata/data";
	static const char *const suites[] = {"node", "simple", "pytorch-converted",
	                                     "pytorch-operator"};
	struct stat st;
	size_t i;

	if (stat(root, &st) != 0) {
		skip("libonnx-testdata is not installed", 1);
		return done();
	}
	for (i = 0; i < sizeof suites / sizeof suites[0]; i++)
		run_suite(root, suites[i]);
	for (i = 0; i < SCOPE; i++)
		ok(tally[i].failed == 0, "%s: %u passed, %u failed, %u out of scope%s%s%s",
		   scope[i], tally[i].passed, tally[i].failed, tally[i].out,
		   tally[i].out ? " (" : "", tally[i].reasons, tally[i].out ? ")" : "");
	return done();
}
