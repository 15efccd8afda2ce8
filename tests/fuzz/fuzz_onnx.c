/* fuzz_onnx.c -- any bytes as an ONNX model: read, list, plan the last tensors, run.
 *
 *	make fuzz
 *	build-fuzz/fuzz_onnx -max_len=4096 DIRECTORY
 *
 * where DIRECTORY holds models of tests/tiny-onnx and small ones of libonnx-testdata.
 *
 * What needs more than a little memory or arithmetic is planned but not run. */
#include "kernel/algorithm.h"
#include "network/inside.h"
#include "plan/run.h"
#include "plan/steps.h"
#include "fuzz.h"

enum { FEW = 4, BYTES = 1 << 20, PRODUCTS = 1 << 22 };

/* Multiplications, nearly; tensors are small. */
static size_t work_of(const struct plan *p)
{
	size_t i, k, sum = 0;

	for (i = 0; i < p->n_steps; i++) {
		const struct node *n = p->steps[i].node;
		const struct tensor *y = n ? node_output(p->graph, n, 0) : NULL;
		size_t depth = 1, outer = 1;

		if (!n)
			continue;

		if (strcmp(n->type, "Conv") == 0)
			depth = ((const struct convolution *)n->params)->depth;
		else if (n->op->geometry == geometry_window)
			depth = ((const struct window *)n->params)->taps;
		for (k = 0; k < n->n_inputs; k++)
			if (node_input(p->graph, n, k))
				outer += node_input(p->graph, n, k)->count;
		if (y && y->count > 0 && depth > PRODUCTS / y->count)
			return SIZE_MAX;
		sum += outer + (y ? y->count * depth : 0);
	}
	return sum;
}

static void run(const struct network *net, const struct plan *plan, const size_t *wanted,
                size_t n)
{
	struct error e = {0};
	size_t c, h, w, i, failed;
	float *image, *outputs[FEW];
	const float *values;
	struct plan_workspace *ws;

	if (plan->bytes > BYTES || plan->scratch > BYTES || work_of(plan) > PRODUCTS)
		return;
	ws = network_workspace_new(plan, &e);
	network_input(net, &c, &h, &w);
	values = image = calloc(c * h * w + 1, sizeof *image);
	for (i = 0; i < n; i++) {
		struct network_tensor t;

		network_tensor(net, wanted[i], &t);
		outputs[i] = malloc((t.units * t.h * t.w + 1) * sizeof(float));
	}
	if (ws && network_run(plan, ws, 1, &values, outputs, &failed, &e) != 0 && !*e.text)
		abort();
	for (i = 0; i < n; i++)
		free(outputs[i]);
	free(image);
	network_workspace_free(ws);
}

/* Plan the last maps, together and each alone. */
static void plan_some(const struct network *net)
{
	size_t wanted[FEW], n = 0, i, count = network_tensor_count(net);

	for (i = count; i-- > 0 && n < FEW;) {
		struct network_tensor t;

		network_tensor(net, i, &t);
		if (!t.problem && t.is_map)
			wanted[n++] = i;
	}
	for (i = 0; i <= n && n > 0; i++) {
		struct error e = {0};
		const size_t *some = i < n ? &wanted[i] : wanted;
		struct plan *plan =
		        network_plan_new(net, some, i < n ? 1 : n, NETWORK_AUTO, &e);
		if (plan && network_plan_finish(plan, &e) < 0) {
			network_plan_free(plan);
			plan = NULL;
		}

		if (!plan && !*e.text)
			abort();
		if (plan)
			run(net, plan, some, i < n ? 1 : n);
		network_plan_free(plan);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error e = {0};
	struct network *net;
	char path[PATH_BYTES];
	size_t i;
	int fd = memory_file(data, size, path);

	net = network_open(path, 16, 16, &e);
	if (net) {
		char *text = network_listing(net, NULL, 0, &e);

		free(text);
		for (i = 0; i < network_tensor_count(net); i++) {
			size_t other;

			network_feeds_activation(net, i, &other);
			network_is_activation(net, i, &other);
		}
		(void)!network_find(net, "convolution", &i, &(struct error){0});
		plan_some(net);
	} else if (e.code == EXIT_OK) {
		abort();
	}
	network_close(net);
	close(fd);
	return 0;
}
