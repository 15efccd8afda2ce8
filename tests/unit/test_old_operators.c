/* test_old_operators.c -- operators whose meaning changed between operator sets 1 and 7: right
 * by the old definition, or refused by name. */
#include "graphs.h"
#include "tap.h"

/* Run one node of the operator set over the image 1x2x2x2 of -3 ... 4; its values in out. */
static size_t run(const char *type, int opset, const char *attributes, const char *weight,
                  size_t n_weight, float *out, struct shape *shape)
{
	struct graph *g = graph_start(4, (const size_t[]){1, 2, 2, 2});
	static const char *const y[] = {"y"};
	struct network *net;
	float image[8], *values = NULL;
	size_t n = 0;

	for (size_t i = 0; i < 8; i++)
		image[i] = (float)i - 3;
	if (weight)
		graph_weight(g, weight, 1, &n_weight, 1, 1);
	graph_add(g, type, weight ? "x b b b b" : "x", "y", attributes);
	g->nodes[0].opset = opset;
	net = graph_finish(g);
	if (net && net->graph->nodes[0].fault)
		printf("# %s\n", net->graph->nodes[0].fault);
	if (net && !net->graph->nodes[0].fault)
		values = graph_run(net, y, 1, image);
	if (values) {
		*shape = graph_get(net, "y")->shape;
		n = graph_get(net, "y")->count;
		for (size_t i = 0; i < n && i < 64; i++)
			out[i] = values[i];
	}
	free(values);
	network_close(net);
	return n;
}

static void gives(const char *type, int opset, const char *attributes, const char *shape,
                  const float *want)
{
	float got[64];
	struct shape s = {0};
	char text[128];
	size_t n = run(type, opset, attributes, NULL, 0, got, &s);

	is_str(shape_text(&s, text, sizeof text), shape, "%s of operator set %d, %s", type,
	       opset, attributes);
	for (size_t i = 0; i < n; i++)
		is_real(got[i], want[i], 2e-6, "value %zu", i);
}

static void refused(const char *type, int opset, const char *attributes, const char *weight)
{
	float got[64];
	struct shape s = {0};

	ok(run(type, opset, attributes, weight, 2, got, &s) == 0,
	   "%s of operator set %d with %s is refused", type, opset, attributes);
}

int main(void)
{
	static const float same[] = {-3, -2, -1, 0, 1, 2, 3, 4};
	/* exp(x) / (their sum), over all eight values and over each two. */
	const float e[] = {0.03205860f, 0.08714432f, 0.23688284f, 0.64391428f};
	float all[8], pairs[8];

	for (size_t i = 0; i < 8; i++) {
		all[i] = e[i % 4] * (i < 4 ? 0.01798621f : 0.98201379f);
		pairs[i] = i % 2 ? 0.73105858f : 0.26894142f;
	}
	gives("Softmax", 6, "", "1x2x2x2", all);
	gives("Softmax", 6, "axis=3", "1x2x2x2", pairs);
	gives("Softmax", 13, "", "1x2x2x2", pairs);

	gives("Cast", 1, "to=FLOAT", "1x2x2x2", same);
	gives("Cast", 1, "to=DOUBLE", "1x2x2x2", same);
	refused("Cast", 1, "to=STRING", NULL);
	gives("Cast", 6, "to=1", "1x2x2x2", same);

	gives("Selu", 1, "", "1x2x2x2",
	      (const float[]){-1.6705040f, -1.5201077f, -1.1112877f, 0, 1.0507f, 2.1014f,
	                      3.1521f, 4.2028f});
	gives("Selu", 6, "", "1x2x2x2",
	      (const float[]){-1.6705687f, -1.5201665f, -1.1113307f, 0, 1.0507010f, 2.1014020f,
	                      3.1521030f, 4.2028040f});

	gives("Clip", 1, "min=-1 max=2", "1x2x2x2", (const float[]){-1, -1, -1, 0, 1, 2, 2, 2});
	gives("Clip", 6, "max=2", "1x2x2x2", (const float[]){-3, -2, -1, 0, 1, 2, 2, 2});
	gives("Reshape", 1, "shape=0,-1", "1x8", same);
	gives("Squeeze", 1, "axes=0", "2x2x2", same);
	gives("Unsqueeze", 1, "axes=0,5", "1x1x2x2x2x1", same);
	gives("Flatten", 1, "", "1x8", same);
	gives("ReduceSum", 1, "axes=1,3 keepdims=0", "1x2", (const float[]){-2, 6});
	gives("Pad", 1, "paddings=0,0,0,1,0,0,0,0 value=9", "1x2x2x3",
	      (const float[]){9, -3, -2, 9, -1, 0, 9, 1, 2, 9, 3, 4});
	gives("Slice", 1, "starts=1 ends=9 axes=3", "1x2x2x1", (const float[]){-2, 0, 2, 4});
	gives("Upsample", 1, "height_scale=1 width_scale=2 mode=nearest", "1x2x2x4",
	      (const float[]){-3, -3, -2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4});
	gives("Upsample", 1, "height_scale=1 width_scale=2 mode=bilinear", "1x2x2x4",
	      (const float[]){-3, -2.5f, -2, -2, -1, -0.5f, 0, 0, 1, 1.5f, 2, 2, 3, 3.5f, 4,
	                      4});

	/* Without is_test these train. */
	gives("Dropout", 1, "is_test=1", "1x2x2x2", same);
	gives("Dropout", 7, "", "1x2x2x2", same);
	refused("Dropout", 6, "ratio=0.5", NULL);
	refused("BatchNormalization", 6, "epsilon=0", "b");
	refused("BatchNormalization", 6, "is_test=1 spatial=0", "b");
	refused("BatchNormalization", 7, "spatial=0", "b");
	return done();
}
