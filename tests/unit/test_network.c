/* test_network.c -- whole models: SqueezeNet against the blobs of another program. */
#include <stdlib.h>

#include "network/network.h"
#include "tap.h"

static const char *shared(void)
{
	const char *s = getenv("NDPIPE_SHARED");

	return s ? s : "../shared";
}

/* A file of floats; NULL if it isn't there or not that long. */
static float *read_floats(const char *name, size_t n)
{
	char path[1024];
	float *x = malloc(n * sizeof *x);
	FILE *f;
	size_t got = 0;

	snprintf(path, sizeof path, "%s/data/models/%s", shared(), name);
	f = fopen(path, "rb");
	if (f) {
		got = fread(x, sizeof *x, n, f);
		fclose(f);
	}
	if (got == n)
		return x;
	free(x);
	return NULL;
}

static const struct {
	const char *tensor, *file;
	size_t units, h, w;
} blobs[] = {
        {"conv1", "golden/conv1.f32", 96, 111, 111},
        {"fire5/concat", "golden/fire5_concat.f32", 256, 27, 27},
        {"fire9/concat", "golden/fire9_concat.f32", 512, 13, 13},
        {"conv10", "golden/conv10.f32", 1000, 15, 15},
        {"pool10", "golden/pool10.f32", 1000, 1, 1},
};

enum { BLOBS = sizeof blobs / sizeof blobs[0] };

static void compare(const float *got, const char *file, const char *name, size_t n)
{
	float *want = read_floats(file, n);
	double worst = 0, top = 0;
	size_t i;

	if (!ok(want != NULL, "%s is there", file))
		return;
	for (i = 0; i < n; i++) {
		worst = worse(worst, fabs(got[i] - want[i]));
		top = fmax(top, fabs(want[i]));
	}
	ok(worst <= 1e-4 * top, "%s: off by %.2g of its largest value", name, worst / top);
	free(want);
}

/* Run for the wanted blobs together. */
static void run(const struct network *net, const size_t *which, size_t n, const float *image)
{
	struct error e = {0};
	size_t wanted[BLOBS], failed, i;
	float *out[BLOBS];
	struct plan *plan;
	struct plan_workspace *ws = NULL;

	for (i = 0; i < n; i++)
		if (!ok(network_find(net, blobs[which[i]].tensor, &wanted[i], &e) == 0,
		        "%s is found", blobs[which[i]].tensor))
			return;
	plan = network_plan_new(net, wanted, n, NETWORK_AUTO, &e);
	if (plan && network_plan_finish(plan, &e) < 0) {
		network_plan_free(plan);
		plan = NULL;
	}
	if (plan)
		ws = network_workspace_new(plan, &e);
	if (!ok(ws != NULL, "plan for %zu blobs: %s", n, e.text))
		return;
	for (i = 0; i < n; i++)
		out[i] = malloc(blobs[which[i]].units * blobs[which[i]].h * blobs[which[i]].w *
		                sizeof(float));
	ok(network_run(plan, ws, 1, &image, out, &failed, &e) == 0, "run: %s", e.text);
	for (i = 0; i < n; i++) {
		compare(out[i], blobs[which[i]].file, blobs[which[i]].tensor,
		        blobs[which[i]].units * blobs[which[i]].h * blobs[which[i]].w);
		free(out[i]);
	}
	network_workspace_free(ws);
	network_plan_free(plan);
}

int main(void)
{
	static const size_t all[] = {0, 1, 2, 3, 4}, fire9[] = {2};
	struct error e = {0};
	char path[1024];
	struct network *net;
	struct network_tensor t;
	float *image = read_floats("golden/data.f32", 3 * 227 * 227);
	size_t i;

	if (!image) {
		skip("no ../shared/data here", 1);
		return done();
	}
	snprintf(path, sizeof path, "%s/data/models/squeezenet1.0.onnx", shared());
	net = network_open(path, 0, 0, &e);
	if (ok(net != NULL, "SqueezeNet opens: %s", e.text)) {
		run(net, all, BLOBS, image);
		run(net, fire9, 1, image);
		for (i = 0; i < BLOBS; i++) {
			size_t at = 0;

			if (network_find(net, blobs[i].tensor, &at, &e) != 0)
				continue;
			network_tensor(net, at, &t);
			is_int((long long)t.units, (long long)blobs[i].units, "units of %s",
			       t.name);
			is_int((long long)t.h, (long long)blobs[i].h, "height of %s", t.name);
		}
		network_close(net);
	}
	free(image);
	return done();
}
