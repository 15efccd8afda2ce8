/* fuzz_prototxt.c -- any bytes as a Caffe description, and as its weights.
 *
 *	make fuzz
 *	build-fuzz/fuzz_prototxt -max_len=4096 DIRECTORY
 *
 * where DIRECTORY holds small descriptions.  What follows a zero byte is the file of
 * weights.  All tensors are listed and the last maps are planned; what fails must
 * have said why in one line. */
#include "network/network.h"
#include "model/prototxt.h"
#include "fuzz.h"

enum { FEW = 3, LARGE = 1 << 16 };

/* Every field as every type. */
static void read_all(const struct prototxt *p, const struct prototxt_field *m)
{
	static const char *const names[] = {"MAX", "AVE", NULL};
	const struct prototxt_field *f = NULL;
	int64_t ints[4];
	float floats[4];

	while ((f = prototxt_next(m, f, NULL))) {
		struct error e[7] = {0};
		int i, used = 0;

		used += prototxt_int(p, m, f->name, 0, &e[0]) != 0;
		used += prototxt_float(p, m, f->name, 0, &e[1]) != 0;
		used += prototxt_bool(p, m, f->name, false, &e[2]) != 0;
		used += prototxt_string(p, m, f->name, "", &e[3]) != NULL;
		used += prototxt_enum(p, m, f->name, names, 0, &e[4]) != 0;
		used += prototxt_ints(p, m, f->name, ints, 4, &e[5]) != 0;
		used += prototxt_floats(p, m, f->name, floats, 4, &e[6]) != 0;
		if (used > 7)
			abort();
		for (i = 0; i < 7; i++)
			if (e[i].code != EXIT_OK)
				checked(-1, &e[i]);
		if (f->kind == PROTOTXT_MESSAGE)
			read_all(p, f);
	}
}

static void run(const struct network *net, size_t i)
{
	struct error e = {0};
	struct plan *plan = network_plan_new(net, &i, 1, NETWORK_AUTO, &e);
	if (plan && network_plan_finish(plan, &e) < 0) {
		network_plan_free(plan);
		plan = NULL;
	}
	struct plan_workspace *ws;
	struct network_tensor t;
	size_t channels, h, w, failed;
	float *image, *out;
	const float *values;

	if (!plan) {
		checked(-1, &e);
		return;
	}
	network_tensor(net, i, &t);
	network_input(net, &channels, &h, &w);
	ws = network_workspace_new(plan, &e);
	values = image = calloc(channels * h * w + 1, sizeof *image);
	out = calloc(t.units * t.h * t.w + 1, sizeof *out);
	if (ws && network_run(plan, ws, 1, &values, &out, &failed, &e) != 0)
		checked(-1, &e);
	free(image);
	free(out);
	network_workspace_free(ws);
	network_plan_free(plan);
}

/* Run what is small: no tensor on the way is large. */
static void run_some(const struct network *net)
{
	size_t i, n = network_tensor_count(net), few = 0;
	struct network_tensor t;
	bool small = true;

	for (i = 0; i < n; i++) {
		network_tensor(net, i, &t);
		if (t.problem) {
			if (!*t.problem || strchr(t.problem, '\n'))
				abort();
			continue;
		}
		small = small && t.is_map && t.units * t.h * t.w < LARGE && t.units < 256;
	}
	for (i = n; small && i-- > 0 && few < FEW;) {
		network_tensor(net, i, &t);
		if (!t.problem && t.is_map) {
			run(net, i);
			few++;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
	size_t text = zero ? (size_t)(zero - data) : size;
	struct error e = {0};
	struct prototxt *p = prototxt_parse("text", (struct bytes){data, text}, &e);
	struct network *net;
	char description[PATH_BYTES], weights[PATH_BYTES];
	int a, b;

	if (!p) {
		checked(-1, &e);
		return 0;
	}
	read_all(p, prototxt_root(p));
	prototxt_free(p);
	a = memory_file(data, text, description);
	b = memory_file(zero ? zero + 1 : data, zero ? size - text - 1 : 0, weights);
	net = network_open_caffe(description, zero ? weights : NULL, 8, 8, &e);
	if (net)
		run_some(net);
	else
		checked(-1, &e);
	network_close(net);
	close(a);
	close(b);
	return 0;
}
