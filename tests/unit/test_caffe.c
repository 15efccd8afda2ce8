/* test_caffe.c -- Caffe networks: layers against values worked out by hand, names of
 * blobs, weights that don't fit, files that are broken, and real networks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "network/network.h"
#include "tap.h"

/* ---- a .caffemodel, written here ---- */

enum { MODEL_BYTES = 1 << 16 };

struct buffer {
	unsigned char bytes[MODEL_BYTES];
	size_t n;
};

static void put(struct buffer *b, const void *bytes, size_t n)
{
	memcpy(b->bytes + b->n, bytes, n);
	b->n += n;
}

static void put_varint(struct buffer *b, uint64_t value)
{
	for (; value > 127; value >>= 7)
		b->bytes[b->n++] = (unsigned char)(value | 128);
	b->bytes[b->n++] = (unsigned char)value;
}

static void put_field(struct buffer *b, unsigned number, const void *bytes, size_t n)
{
	put_varint(b, number << 3 | 2);
	put_varint(b, n);
	put(b, bytes, n);
}

/* How blobs are written: packed floats and a shape; num to width; doubles; a field for
 * each float; two packed fields; no shape at all. */
enum style { SHAPE, LEGACY, DOUBLES, UNPACKED, PIECES, BARE, STYLES };

static const char *const styles[] = {"shape",    "legacy", "doubles",
                                     "unpacked", "pieces", "bare"};

static void put_blob(struct buffer *layer, unsigned number, enum style style,
                     const unsigned *dims, unsigned rank, const float *values, unsigned count)
{
	static struct buffer b, shape;
	unsigned i;

	b.n = shape.n = 0;
	for (i = 0; i < rank; i++)
		put_varint(&shape, dims[i]);
	if (style == LEGACY) {
		for (i = 0; i < 4; i++) {
			put_varint(&b, (i + 1) << 3);
			put_varint(&b, i + rank < 4 ? 1 : dims[i + rank - 4]);
		}
	} else if (style != BARE) {
		unsigned char outer[64] = {1 << 3 | 2, (unsigned char)shape.n};

		memcpy(outer + 2, shape.bytes, shape.n);
		put_field(&b, 7, outer, shape.n + 2);
	}
	if (style == DOUBLES) {
		double wide[64];

		for (i = 0; i < count; i++)
			wide[i] = values[i];
		put_field(&b, 8, wide, count * sizeof *wide);
	} else if (style == UNPACKED) {
		for (i = 0; i < count; i++) {
			put_varint(&b, 5 << 3 | 5);
			put(&b, &values[i], sizeof *values);
		}
	} else if (style == PIECES) {
		put_field(&b, 5, values, count / 2 * sizeof *values);
		put_field(&b, 5, values + count / 2, (count - count / 2) * sizeof *values);
	} else {
		put_field(&b, 5, values, count * sizeof *values);
	}
	put_field(layer, number, b.bytes, b.n);
}

/* The ages of layers: LayerParameter, V1LayerParameter, V0LayerParameter in one of those. */
enum age { NEW, OLD, OLDEST };

static void put_layer(struct buffer *model, enum age age, const char *name, enum style style,
                      unsigned blobs, const unsigned (*dims)[5], const float *const *values)
{
	static const unsigned names[] = {1, 4, 1}, numbers[] = {7, 6, 50};
	static struct buffer layer, outer;
	unsigned i, k;

	layer.n = outer.n = 0;
	put_field(&layer, names[age], name, strlen(name));
	for (i = 0; i < blobs; i++) {
		unsigned count = 1;

		for (k = 0; k < dims[i][0]; k++)
			count *= dims[i][k + 1];
		put_blob(&layer, numbers[age], style, dims[i] + 1, dims[i][0], values[i],
		         count);
	}
	put_field(&outer, 1, layer.bytes, layer.n);
	if (age == OLDEST)
		put_field(model, 2, outer.bytes, outer.n);
	else
		put_field(model, age == OLD ? 2 : 100, layer.bytes, layer.n);
}

static char text_path[64], model_path[64];

static void write_file(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		exit(1);
}

static void make_paths(void)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	snprintf(text_path, sizeof text_path, "%.40s/caffe.XXXXXX", folder ? folder : "/tmp");
	snprintf(model_path, sizeof model_path, "%.40s/caffe.XXXXXX", folder ? folder : "/tmp");
	if ((fd = mkstemp(text_path)) < 0 || close(fd) != 0 || (fd = mkstemp(model_path)) < 0 ||
	    close(fd) != 0)
		exit(1);
}

/* ---- running ---- */

static struct network *open_text(const char *text, const struct buffer *model, struct error *e)
{
	*e = (struct error){0};
	write_file(text_path, text, strlen(text));
	if (model)
		write_file(model_path, model->bytes, model->n);
	return network_open_caffe(text_path, model ? model_path : NULL, 0, 0, e);
}

/* The values of a tensor for an image, in out[cap]; how many, or 0 with e set. */
static size_t run(const struct network *net, const char *name, const float *image, float *out,
                  size_t cap, struct error *e)
{
	struct plan *plan;
	struct plan_workspace *ws;
	struct network_tensor t;
	size_t wanted, failed, n = 0;

	*e = (struct error){0};
	if (network_find(net, name, &wanted, e) != 0)
		return 0;
	plan = network_plan_new(net, &wanted, 1, NETWORK_AUTO, e);
	if (plan && network_plan_finish(plan, e) < 0) {
		network_plan_free(plan);
		plan = NULL;
	}
	ws = plan ? network_workspace_new(plan, e) : NULL;
	network_tensor(net, wanted, &t);
	if (ws && t.units * t.h * t.w <= cap &&
	    network_run(plan, ws, 1, &image, &out, &failed, e) == 0)
		n = t.units * t.h * t.w;
	network_workspace_free(ws);
	network_plan_free(plan);
	return n;
}

#define INPUT(c, h, w)                                                                         \
	"input: 'data' input_dim: 1 input_dim: " #c " input_dim: " #h " input_dim: " #w "\n"

/* One layer without weights, from data to top, on an image; its values. */
static void check(const char *what, const char *input, const char *layers, const float *image,
                  const char *top, const float *want, size_t n)
{
	char text[4096];
	float got[64];
	struct error e;
	struct network *net;
	size_t i, have;
	double worst = 0;

	snprintf(text, sizeof text, "%s%s", input, layers);
	net = open_text(text, NULL, &e);
	if (!ok(net != NULL, "%s opens: %s", what, e.text))
		return;
	have = run(net, top, image, got, 64, &e);
	if (is_int((long long)have, (long long)n, "%s: number of values: %s", what, e.text)) {
		for (i = 0; i < n; i++)
			worst = worse(worst, fabs(got[i] - want[i]));
		is_real(worst, 0, 1e-5, "%s: values", what);
	}
	network_close(net);
}

#define CHECK(what, input, layers, image, top, ...)                                            \
	check(what, input, layers, image, top, (const float[]){__VA_ARGS__},                   \
	      sizeof((const float[]){__VA_ARGS__}) / sizeof(float))

#define LAYER(type, top, rest)                                                                 \
	"layer { name: 'l' type: '" type "' bottom: 'data' top: '" top "' " rest " }\n"

static void by_hand(void)
{
	static const float row[] = {1, 2, 3, 4, 5, 6, 7, 8}, signs[] = {-2, -1, 0, 1, 2, 3};

	/* Rounded up: the last window has two of its three. */
	CHECK("MAX rounds up", INPUT(1, 1, 6),
	      LAYER("Pooling", "p",
	            "pooling_param { kernel_h: 1 kernel_w: 3 stride_h: 1 stride_w: 2 }"),
	      row, "p", 3, 5, 6);
	CHECK("round_mode FLOOR", INPUT(1, 1, 6),
	      LAYER("Pooling", "p",
	            "pooling_param { kernel_h: 1 kernel_w: 3 stride_h: 1 stride_w: 2 "
	            "round_mode: FLOOR }"),
	      row, "p", 3, 5);
	/* Divisors: 3; 3; what is left of the padded map, 2 (its end is the map's). */
	CHECK("AVE without padding", INPUT(1, 1, 6),
	      LAYER("Pooling", "p",
	            "pooling_param { pool: AVE kernel_h: 1 kernel_w: 3 stride_h: 1 stride_w: 2 "
	            "}"),
	      row, "p", 2, 4, 5.5);
	/* . 1 2 | 2 3 4 | 4 5 6 | 6 . : by 3, 3, 3 and 2. */
	CHECK("AVE counts padding to its end", INPUT(1, 1, 6),
	      LAYER("Pooling", "p",
	            "pooling_param { pool: AVE kernel_h: 1 kernel_w: 3 stride_h: 1 stride_w: 2 "
	            "pad_h: 0 pad_w: 1 }"),
	      row, "p", 1, 3, 5, 3);
	/* (5 + 2 - 2) / 3 rounds up to 3 windows, but the third would begin at 6 = 5 + 1. */
	CHECK("a window that begins in the padding is left out", INPUT(1, 1, 5),
	      LAYER("Pooling", "p",
	            "pooling_param { kernel_h: 1 kernel_w: 2 stride_h: 1 stride_w: 3 pad_h: 0 "
	            "pad_w: 1 }"),
	      row, "p", 1, 4);
	CHECK("a window larger than the map", INPUT(1, 1, 2),
	      LAYER("Pooling", "p",
	            "pooling_param { pool: AVE kernel_h: 1 kernel_w: 3 stride: 2 }"),
	      row, "p", 1.5);
	CHECK("global pooling", INPUT(2, 1, 4),
	      LAYER("Pooling", "p", "pooling_param { pool: AVE global_pooling: true }"), row,
	      "p", 2.5, 6.5);
	/* Channels 1 2 3: 1 / (1 + 6 / 3 * (1 + 4)), 2 / (1 + 2 * 14), 3 / (1 + 2 * 13) */
	CHECK("LRN across channels", INPUT(3, 1, 1),
	      LAYER("LRN", "n", "lrn_param { local_size: 3 alpha: 6 beta: 1 }"), row, "n",
	      1.0f / 11, 2.0f / 29, 3.0f / 27);
	CHECK("LRN with k", INPUT(1, 1, 1),
	      LAYER("LRN", "n", "lrn_param { local_size: 1 alpha: 3 beta: 0.5 k: 6 }"), row,
	      "n", 1.0f / 3);
	/* Squares 1 4 9 16; windows of 3x3, divided by 9 whatever is padding. */
	CHECK("LRN within a channel", INPUT(1, 2, 2),
	      LAYER("LRN", "n",
	            "lrn_param { local_size: 3 alpha: 9 beta: 1 norm_region: WITHIN_CHANNEL k: "
	            "5 }"),
	      row, "n", 1.0f / 31, 2.0f / 31, 3.0f / 31, 4.0f / 31);
	CHECK("ReLU", INPUT(1, 1, 6), LAYER("ReLU", "r", ""), signs, "r", 0, 0, 0, 1, 2, 3);
	CHECK("leaky ReLU", INPUT(1, 1, 6),
	      LAYER("ReLU", "r", "relu_param { negative_slope: 0.5 }"), signs, "r", -1, -0.5, 0,
	      1, 2, 3);
	CHECK("ELU", INPUT(1, 1, 3), LAYER("ELU", "r", "elu_param { alpha: 2 }"), signs, "r",
	      2 * (0.1353353f - 1), 2 * (0.3678794f - 1), 0);
	CHECK("Sigmoid", INPUT(1, 1, 3), LAYER("Sigmoid", "r", ""), signs, "r", 0.1192029f,
	      0.2689414f, 0.5);
	CHECK("TanH", INPUT(1, 1, 3), LAYER("TanH", "r", ""), signs, "r", -0.9640276f,
	      -0.7615942f, 0);
	CHECK("AbsVal", INPUT(1, 1, 3), LAYER("AbsVal", "r", ""), signs, "r", 2, 1, 0);
	CHECK("BNLL", INPUT(1, 1, 3), LAYER("BNLL", "r", ""), signs, "r", 0.1269280f,
	      0.3132617f, 0.6931472f);
	CHECK("Power", INPUT(1, 1, 3),
	      LAYER("Power", "r", "power_param { power: 2 scale: 3 shift: 1 }"), row, "r", 16,
	      49, 100);
	CHECK("Power of nothing", INPUT(1, 1, 3), LAYER("Power", "r", ""), row, "r", 1, 2, 3);
	CHECK("Softmax over channels", INPUT(2, 1, 2), LAYER("Softmax", "s", ""),
	      ((const float[]){0, 1, 0, 2}), "s", 0.5, 0.2689414f, 0.5, 0.7310586f);
	CHECK("Slice in equal parts", INPUT(4, 1, 2),
	      "layer { name: 'l' type: 'Slice' bottom: 'data' top: 'a' top: 'b' }", row, "b", 5,
	      6, 7, 8);
	CHECK("Slice at points", INPUT(4, 1, 2),
	      "layer { name: 'l' type: 'Slice' bottom: 'data' top: 'a' top: 'b' top: 'c' "
	      "slice_param { axis: 1 slice_point: [1, 3] } }",
	      row, "b", 3, 4, 5, 6);
	CHECK("Split and Eltwise SUM with coefficients", INPUT(1, 1, 4),
	      "layer { name: 's' type: 'Split' bottom: 'data' top: 'a' top: 'b' top: 'c' }"
	      "layer { name: 'e' type: 'Eltwise' bottom: 'a' bottom: 'b' bottom: 'c' top: 'e' "
	      "eltwise_param { coeff: 1 coeff: -3 coeff: 0.5 } }",
	      row, "e", -1.5, -3, -4.5, -6);
	CHECK("Eltwise PROD and MAX", INPUT(1, 1, 4),
	      "layer { name: 'n' type: 'Power' bottom: 'data' top: 'n' power_param { scale: -1 "
	      "shift: 5 } }"
	      "layer { name: 'm' type: 'Eltwise' bottom: 'data' bottom: 'n' top: 'm' "
	      "eltwise_param { operation: MAX } }"
	      "layer { name: 'p' type: 'Eltwise' bottom: 'n' bottom: 'm' bottom: 'data' top: "
	      "'p' eltwise_param { operation: PROD } }",
	      row, "p", 16, 18, 18, 16);
	CHECK("Concat", INPUT(1, 1, 2),
	      LAYER("Power", "n",
	            "power_param { scale: -1 }") "layer { name: 'c' type: 'Concat' bottom: 'n' "
	                                         "bottom: 'data' bottom: 'n' top: 'c' }",
	      row, "c", -1, -2, 1, 2, -1, -2);
	CHECK("Crop", INPUT(1, 3, 2),
	      LAYER("Pooling", "p",
	            "pooling_param { kernel_size: 2 stride: 1 }") "layer { name: 'c' type: "
	                                                          "'Crop' bottom: 'data' "
	                                                          "bottom: 'p' top: 'c' "
	                                                          "crop_param { axis: 2 "
	                                                          "offset: 1 offset: 1 } }",
	      row, "c", 4, 6);
	CHECK("Flatten, Reshape, Scale by a bottom", INPUT(2, 1, 2),
	      LAYER("Pooling", "p",
	            "pooling_param { pool: MAX global_pooling: true }") "layer { name: 'f' "
	                                                                "type: 'Flatten' "
	                                                                "bottom: 'p' top: 'f' }"
	                                                                "layer { name: 's' "
	                                                                "type: 'Scale' bottom: "
	                                                                "'data' bottom: 'f' "
	                                                                "top: 's' scale_param "
	                                                                "{ axis: 0 } }"
	                                                                "layer { name: 'r' "
	                                                                "type: 'Reshape' "
	                                                                "bottom: 's' top: 'r' "
	                                                                "reshape_param { shape "
	                                                                "{ dim: 0 dim: -1 dim: "
	                                                                "1 dim: 1 } } }",
	      row, "r", 2, 4, 12, 16);
	CHECK("SELU", INPUT(1, 1, 3), LAYER("SELU", "r", "selu_param { alpha: 2 lambda: 3 }"),
	      signs + 1, "r", 6 * (0.3678794f - 1), 0, 3);
	/* 4 and 8 are the maxima. */
	CHECK("Axpy", INPUT(2, 1, 4),
	      LAYER("Pooling", "p",
	            "pooling_param { global_pooling: true }") "layer { name: 'a' type: 'Axpy' "
	                                                      "bottom: 'p' bottom: 'data' "
	                                                      "bottom: 'data' top: "
	                                                      "'a' }",
	      row, "a", 5, 10, 15, 20, 45, 54, 63, 72);
	CHECK("Permute, and axes that are not named", INPUT(2, 2, 2),
	      LAYER("Permute", "p",
	            "permute_param { order: 0 order: 3 }") "layer { name: 'f' type: 'Flatten' "
	                                                   "bottom: 'p' top: 'f' }",
	      row, "f", 1, 3, 5, 7, 2, 4, 6, 8);
	CHECK("ShuffleChannel", INPUT(4, 1, 2),
	      LAYER("ShuffleChannel", "s", "shuffle_channel_param { group: 2 }"), row, "s", 1,
	      2, 5, 6, 3, 4, 7, 8);
	CHECK("Upsample", INPUT(1, 1, 2), LAYER("Upsample", "u", "upsample_param { scale: 2 }"),
	      row, "u", 1, 1, 2, 2, 1, 1, 2, 2);
	/* Corner to corner: 3 cells become 5, and 3 of 7 by 3 are cells 0, 3 and 6. */
	CHECK("Interp by zoom_factor", INPUT(1, 1, 3),
	      LAYER("Interp", "i", "interp_param { zoom_factor: 2 }"), row, "i", 1, 1.5, 2, 2.5,
	      3);
	CHECK("Interp by shrink_factor", INPUT(1, 1, 7),
	      LAYER("Interp", "i", "interp_param { shrink_factor: 3 }"), row, "i", 1, 4, 7);
	CHECK("Interp to a size", INPUT(1, 1, 3),
	      LAYER("Interp", "i", "interp_param { height: 2 width: 2 }"), row, "i", 1, 3, 1,
	      3);
	CHECK("Dropout", INPUT(1, 1, 2), LAYER("Dropout", "d", ""), row, "d", 1, 2);
}

/* conv1 (1x1, its blobs 2x2x1x1 and 2), bn1, scale1, relu1 in place; fc1 */
#define PLAIN                                                                                  \
	INPUT(2, 1, 2)                                                                         \
	"layer { name: 'conv1' type: 'Convolution' bottom: 'data' top: 'conv1' "               \
	"convolution_param { num_output: 2 kernel_size: 1 } }\n"                               \
	"layer { name: 'bn1' type: 'BatchNorm' bottom: 'conv1' top: 'conv1' "                  \
	"batch_norm_param { eps: 0 } }\n"                                                      \
	"layer { name: 'scale1' type: 'Scale' bottom: 'conv1' top: 'conv1' "                   \
	"scale_param { bias_term: true } }\n"                                                  \
	"layer { name: 'relu1' type: 'ReLU' bottom: 'conv1' top: 'conv1' }\n"                  \
	"layer { name: 'fc1' type: 'InnerProduct' bottom: 'conv1' top: 'fc1' "                 \
	"inner_product_param { num_output: 1 } }\n"                                            \
	"layer { name: 'relu2' type: 'ReLU' bottom: 'fc1' top: 'fc1' }\n"                      \
	"layer { name: 'drop' type: 'Dropout' bottom: 'fc1' top: 'fc1' }\n"

#define OLD_PLAIN                                                                              \
	INPUT(2, 1, 2)                                                                         \
	"layers { name: 'conv1' type: CONVOLUTION bottom: 'data' top: 'conv1' blobs_lr: 1 "    \
	"convolution_param { num_output: 2 kernel_size: 1 } }\n"                               \
	"layers { name: 'relu1' type: 18 bottom: 'conv1' top: 'conv1' }\n"                     \
	"layers { name: 'fc1' type: INNER_PRODUCT bottom: 'conv1' top: 'fc1' "                 \
	"inner_product_param { num_output: 1 } }\n"

static void plain_model(struct buffer *b, enum age age, enum style style)
{
	static const float weights[] = {1, 2, -3, 1}, bias[] = {0.5, 1}, mean[] = {20, -40},
	                   variance[] = {2.5, 40}, count[] = {10}, gamma[] = {1, 2},
	                   beta[] = {0.5, -1}, row[] = {1, 10, 100, 1000}, shift[] = {0.25};

	b->n = 0;
	put_layer(b, age, "conv1", style, 2, (const unsigned[][5]){{4, 2, 2, 1, 1}, {1, 2}},
	          (const float *const[]){weights, bias});
	put_layer(b, age, "bn1", style, 3, (const unsigned[][5]){{1, 2}, {1, 2}, {1, 1}},
	          (const float *const[]){mean, variance, count});
	put_layer(b, age, "scale1", style, 2, (const unsigned[][5]){{1, 2}, {1, 2}},
	          (const float *const[]){gamma, beta});
	put_layer(b, age, "fc1", style, 2, (const unsigned[][5]){{2, 1, 4}, {1, 1}},
	          (const float *const[]){row, shift});
}

/* The values of a tensor with weights in that style. */
static void plain_value(const struct network *net, const char *style, const char *name,
                        const float *want, size_t n)
{
	static const float image[] = {1, 2, 3, 4};
	struct error e;
	float got[8];
	size_t i, have = run(net, name, image, got, 8, &e);
	double worst = 0;

	if (!is_int((long long)have, (long long)n, "%s: %s: %s", style, name, e.text))
		return;
	for (i = 0; i < n; i++)
		worst = worse(worst, fabs(got[i] - want[i]));
	is_real(worst, 0, 1e-3, "%s: values of %s", style, name);
}

static void with_weights(void)
{
	/* x = (1 2), (3 4); W x + b; less mean 2, -4, by sqrt 0.25, 4; scaled; bounded. */
	static const float conv[] = {7.5, 10.5, 1, -1}, normal[] = {11, 17, 2.5, 1.5},
	                   scaled[] = {11.5, 17.5, 4, 2},
	                   fc[] = {0.25f + 11.5f + 175 + 400 + 2000},
	                   old_fc[] = {0.25f + 7.5f + 105 + 100};
	static struct buffer model;
	struct error e;
	struct network *net;
	int style, age;

	for (style = 0; style < STYLES; style++) {
		plain_model(&model, NEW, (enum style)style);
		net = open_text(PLAIN, &model, &e);
		if (!ok(net != NULL, "%s: opens: %s", styles[style], e.text))
			continue;
		if (style != BARE) {
			plain_value(net, styles[style], "conv1/pre_batchnorm", conv, 4);
			plain_value(net, styles[style], "conv1/pre_scale", normal, 4);
			plain_value(net, styles[style], "conv1/pre_relu", scaled, 4);
			plain_value(net, styles[style], "conv1", scaled, 4);
			plain_value(net, styles[style], "fc1", fc, 1);
		} else {
			ok(run(net, "conv1", conv, (float[8]){0}, 8, &e) == 0 &&
			           strstr(e.text,
			                  "layer conv1 (Convolution): blob 0 is 4 with 4"),
			   "a bare list of numbers is no 2x2x1x1: %s", e.text);
		}
		network_close(net);
	}
	for (age = OLD; age <= OLDEST; age++) {
		plain_model(&model, (enum age)age, LEGACY);
		net = open_text(OLD_PLAIN, &model, &e);
		if (ok(net != NULL, "V%d layers open: %s", OLDEST - age, e.text))
			plain_value(net, age == OLD ? "V1" : "V0", "fc1", old_fc, 1);
		network_close(net);
	}
}

/* Opened and asked for a tensor, the network gives exit code 3 and this message. */
static void refuses_weights(const char *text, const struct buffer *model, const char *tensor,
                            const char *message)
{
	struct error e;
	struct network *net = open_text(text, model, &e);

	if (net)
		run(net, tensor, (const float[16]){0}, (float[64]){0}, 64, &e);
	ok(e.code == EXIT_MALFORMED && strstr(e.text, message), "%s: %s", tensor, e.text);
	network_close(net);
}

static void bad_weights(void)
{
	static struct buffer model, cut;
	struct error e;
	struct network *net;
	size_t n, opened = 0, i;
	float out[8];

	refuses_weights(PLAIN, NULL, "fc1", "no file of them is given");
	model.n = 0;
	put_layer(&model, NEW, "conv1", SHAPE, 2,
	          (const unsigned[][5]){{4, 2, 2, 1, 1}, {1, 2}},
	          (const float *const[]){(const float[4]){0}, (const float[2]){0}});
	refuses_weights(PLAIN, &model, "conv1/pre_scale", "layer bn1 (BatchNorm): no weights");
	net = open_text(PLAIN, &model, &e);
	is_int((long long)run(net, "conv1/pre_batchnorm", out, out, 8, &e), 4,
	       "what needs no missing weights runs: %s", e.text);
	network_close(net);
	model.n = 0;
	put_layer(&model, NEW, "conv1", SHAPE, 1, (const unsigned[][5]){{4, 2, 2, 1, 1}},
	          (const float *const[]){(const float[4]){0}});
	refuses_weights(PLAIN, &model, "conv1/pre_batchnorm", "1 blobs of weights where 2");
	model.n = 0;
	put_layer(&model, NEW, "conv1", SHAPE, 2,
	          (const unsigned[][5]){{4, 2, 1, 2, 1}, {1, 2}},
	          (const float *const[]){(const float[4]){0}, (const float[2]){0}});
	refuses_weights(PLAIN, &model, "conv1/pre_batchnorm",
	                "blob 0 is 2x1x2x1 with 4 values where 2x2x1x1 is needed");
	write_file(model_path, "", 0);
	e = (struct error){0};
	ok(!network_open_caffe(text_path, model_path, 0, 0, &e) && e.code == EXIT_MALFORMED,
	   "an empty file: %s", e.text);
	model.n = 0;
	put_field(&model, 1, "name", 4);
	refuses_weights(PLAIN, &model, "conv1", "no layers in it");

	/* Cut at every byte, and with each byte changed: no crash, no wrong code. */
	plain_model(&model, NEW, SHAPE);
	for (n = 0; n < model.n; n++) {
		memcpy(cut.bytes, model.bytes, n);
		cut.n = n;
		net = open_text(PLAIN, &cut, &e);
		opened += net && run(net, "fc1", out, (float[8]){0}, 8, &e) != 0;
		if (e.code != EXIT_OK && e.code != EXIT_MALFORMED)
			ok(false, "cut at %zu: %s", n, e.text);
		network_close(net);
	}
	is_int((long long)opened, 0, "no cut file of weights runs");
	for (i = 0, opened = 0; i < model.n; i++) {
		cut = model;
		cut.bytes[i] ^= 0x55;
		net = open_text(PLAIN, &cut, &e);
		if (net)
			run(net, "fc1", (const float[4]){1, 1, 1, 1}, (float[8]){0}, 8, &e);
		opened += e.code != EXIT_OK && e.code != EXIT_MALFORMED;
		network_close(net);
	}
	is_int((long long)opened, 0, "changed bytes give values or exit code 3");
}

/* ---- descriptions ---- */

/* The description is refused with this in the message. */
static void refuses(const char *text, const char *message)
{
	struct error e;
	struct network *net = open_text(text, NULL, &e);

	ok(!net && e.code == EXIT_MALFORMED && strstr(e.text, message), "refused: %s", e.text);
	network_close(net);
}

/* It opens, but this tensor can't be computed. */
static void lacks(const char *text, const char *tensor, const char *message)
{
	struct error e;
	struct network *net = open_text(text, NULL, &e);
	struct network_tensor t = {0};
	size_t i;

	if (net && network_find(net, tensor, &i, &e) == 0)
		network_tensor(net, i, &t);
	ok(t.problem && strstr(t.problem, message), "%s: %s", t.name ? t.name : e.text,
	   t.problem ? t.problem : "can be computed");
	network_close(net);
}

static void bad_descriptions(void)
{
	refuses("", "empty file");
	refuses(" ", "no input");
	refuses(LAYER("ReLU", "r", ""), "no input");
	refuses("input: 'data' input_dim: 1 input_dim: 3 input_dim: -5 input_dim: 5",
	        "dimension -5 of input data");
	refuses("input: 'data' input_shape { dim: [1, 3, 99999999999999, 4] }",
	        "dimension 999");
	refuses("input: 'data' input_shape { dim: [1, 30000, 30000, 30000] }", "too large");
	refuses("input: 'data' input_shape { dim: [1, 2, 3] }",
	        "3 axes (1x2x3), an image has 4");
	refuses("input: 'data' input_shape { dim: [1,1,1,1,1,1,1,1,1] }", "9 axes");
	refuses("input: data", "line 1: input is not a blob's name");
	refuses("input: 'data' input_shape { dim: 1x }", "line 1: dim '1x'");
	refuses(INPUT(1, 4, 4) "layer: 7", "line 2: layer is not a message");
	refuses(INPUT(1, 4, 4) "layer { name: 'a' }", "line 2: a layer without a type");
	refuses(INPUT(1, 4, 4) "layers { type: NOTHING }", "type 'NOTHING' is not known");
	refuses(INPUT(1, 4, 4) "layers { layer { name: 'a' type: 'conv' } }", "first format");
	refuses(INPUT(1, 4, 4) "layer { type: 'ReLU' bottom: '' }", "bottom is not");
	refuses(INPUT(1, 4, 4) LAYER("ReLU", "a", "phase: SOME"), "phase 'SOME' is not known");
	refuses(INPUT(1, 4, 4) LAYER("Pooling", "a",
	                             "pooling_param { kernel_size: 1 kernel_size: 2 "
	                             "kernel_size: 3 }"),
	        "kernel_size is given more than once");
	refuses(INPUT(1, 4, 4)
	                LAYER("Pooling", "a", "pooling_param { kernel_size: 1 kernel_w: 2 }"),
	        "kernel_size is given more than once");
	refuses(INPUT(1, 4, 4) LAYER("ReLU", "a", "") LAYER("ReLU", "a", ""), "made twice");
	refuses(INPUT(1, 4, 4) LAYER("ReLU", "data", "") LAYER("Power", "a", "")
	                LAYER("ReLU", "a", ""),
	        "made twice");
	refuses(INPUT(1, 4, 4) "layer { name: 'x' type: 'ReLU' bottom: 'b' top: 'a' }\n"
	                       "layer { name: 'y' type: 'ReLU' bottom: 'a' top: 'b' }",
	        "line 2: layer x needs b, which is only made by a later layer (y)");

	lacks(INPUT(1, 4, 4) LAYER("Deconvolution", "a", ""), "a", "num_output 0");
	lacks(INPUT(4, 4, 4)
	              LAYER("ConvolutionDepthwise", "a",
	                    "convolution_param { num_output: 4 kernel_size: 1 group: 2 }"),
	      "a", "2 groups of 4");
	lacks(INPUT(1, 4, 4) LAYER("Interp", "a", "interp_param { pad_beg: -1 }"), "a",
	      "pad_beg");
	lacks(INPUT(1, 4, 4) LAYER("Interp", "a", "interp_param { height: 3 }"), "a", "3x0");
	lacks(INPUT(1, 4, 4) LAYER("Upsample", "a", "bottom: 'data'"), "a", "maxima");
	lacks(INPUT(1, 4, 4) LAYER("Upsample", "a", "upsample_param { scale: 99999999999 }"),
	      "a", "scale");
	lacks(INPUT(1, 4, 4) LAYER("Permute", "a", "permute_param { order: 1 order: 1 }"), "a",
	      "twice");
	lacks(INPUT(3, 4, 4) LAYER("ShuffleChannel", "a", "shuffle_channel_param { group: 2 }"),
	      "a", "2 groups");
	lacks(INPUT(1, 4, 4) "layer { name: 'l' type: 'Axpy' bottom: 'data' bottom: 'data' "
	                     "bottom: 'data' top: 'a' }",
	      "a", "don't go together");
	lacks(INPUT(1, 4, 4) LAYER("Gather", "a", ""), "a", "Gather is not supported");
	lacks(INPUT(1, 4, 4) LAYER("Pooling", "a", ""), "a", "kernel_shape");
	lacks(INPUT(1, 4, 4) LAYER("Pooling", "a", "pooling_param { pool: STOCHASTIC }"), "a",
	      "stochastic");
	lacks(INPUT(1, 4, 4) LAYER("Pooling", "a", "pooling_param { kernel_size: 9 }"), "a",
	      "does not fit");
	lacks(INPUT(1, 4, 4) LAYER("Pooling", "a",
	                           "pooling_param { kernel_size: 2 stride: 99999999999 }"),
	      "a", "out of range");
	lacks(INPUT(1, 4, 4) LAYER("Convolution", "a",
	                           "convolution_param { num_output: -1 kernel_size: 1 }"),
	      "a", "line 2: layer l (Convolution): num_output -1");
	lacks(INPUT(1, 4, 4) LAYER("Convolution", "a",
	                           "convolution_param { num_output: 9000000000000000000 "
	                           "kernel_size: 1000000 }"),
	      "a", "num_output 9000000000000000000");
	lacks(INPUT(4, 4, 4)
	              LAYER("Convolution", "a", "convolution_param { num_output: 4 group: 3 }"),
	      "a", "3 groups of 4 and 4");
	lacks(INPUT(1, 4, 4) LAYER("InnerProduct", "a", ""), "a", "num_output 0");
	lacks(INPUT(1, 4, 4) LAYER("LRN", "a", "lrn_param { local_size: 4 }"), "a", "not odd");
	lacks(INPUT(1, 4, 4)
	              LAYER("BatchNorm", "a", "batch_norm_param { use_global_stats: false }"),
	      "a", "use_global_stats");
	lacks(INPUT(1, 4, 4) LAYER("Concat", "a", "concat_param { axis: 9 }"), "a", "axis 9");
	lacks(INPUT(1, 4, 4) LAYER("Slice", "a", "slice_param { slice_point: 2 }"), "a",
	      "1 slice points for 1 tops");
	lacks(INPUT(4, 4, 4) "layer { name: 'l' type: 'Slice' bottom: 'data' top: 'a' top: 'b' "
	                     "top: 'c' slice_param { slice_point: 3 slice_point: 2 } }",
	      "a", "slice point 2 of 4");
	lacks(INPUT(1, 4, 4) LAYER("Reshape", "a", "reshape_param { shape { dim: [5, 5] } }"),
	      "a", "does not reshape");
	lacks(INPUT(1, 4, 4) LAYER("ReLU", "a", "bottom: 'data'"), "a", "2 bottoms and 1 tops");
	lacks(INPUT(1, 4, 4) "layer { name: 'l' type: 'ReLU' bottom: 'label' top: 'a' }", "a",
	      "nothing makes its input label");
	lacks(INPUT(1, 4, 4)
	              LAYER("Threshold", "a", "") "layer { name: 'r' type: 'ReLU' bottom: "
	                                          "'a' top: 'b' }",
	      "b", "Threshold is not supported");
}

/* ---- fields that are not known ---- */

/* It opens, and says these things of what it passes over; NULL ends them. */
static void notes(const char *what, const char *text, const char *const *want)
{
	struct error e;
	struct network *net = open_text(text, NULL, &e);
	size_t i;

	if (!ok(net != NULL, "%s: opens: %s", what, e.text))
		return;
	for (i = 0; want[i]; i++)
		ok(network_note(net, i) && strstr(network_note(net, i), want[i]),
		   "%s: note: %s", what, network_note(net, i) ? network_note(net, i) : "none");
	ok(!network_note(net, i), "%s: no other note", what);
	network_close(net);
}

#define NOTES(what, text, ...) notes(what, text, (const char *const[]){__VA_ARGS__, NULL})

static void unknown_fields(void)
{
	static const struct {
		const char *type, *message;
	} types[] = {
	        {"BatchNorm", "batch_norm_param"},
	        {"Bias", "bias_param"},
	        {"Concat", "concat_param"},
	        {"Convolution", "convolution_param"},
	        {"Crop", "crop_param"},
	        {"Dropout", "dropout_param"},
	        {"ELU", "elu_param"},
	        {"Eltwise", "eltwise_param"},
	        {"Flatten", "flatten_param"},
	        {"InnerProduct", "inner_product_param"},
	        {"LRN", "lrn_param"},
	        {"PReLU", "prelu_param"},
	        {"Pooling", "pooling_param"},
	        {"Power", "power_param"},
	        {"ReLU", "relu_param"},
	        {"Reshape", "reshape_param"},
	        {"Scale", "scale_param"},
	        {"Sigmoid", "sigmoid_param"},
	        {"Slice", "slice_param"},
	        {"Softmax", "softmax_param"},
	        {"TanH", "tanh_param"},
	};
	static const char training[] =
	        "name: 'n' force_backward: true debug_info: true state { phase: TEST level: 0 "
	        "}\n"
	        "input: 'data' input_dim: [1, 2, 4, 4]\n"
	        "layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c' param { name: "
	        "'w' "
	        "share_mode: STRICT lr_mult: 1 decay_mult: 0 } loss_weight: 0 propagate_down: "
	        "true "
	        "blobs_lr: 1 weight_decay: 0 phase: TEST convolution_param { num_output: 2 "
	        "kernel_h: "
	        "1 kernel_w: 1 stride: 1 pad: 0 dilation: 1 dilation: 1 group: 1 axis: 1 "
	        "bias_term: "
	        "true force_nd_im2col: true engine: CUDNN weight_filler { type: 'msra' } "
	        "bias_filler "
	        "{ value: 0 } } }\n"
	        "layer { name: 'bn' type: 'BatchNorm' bottom: 'c' top: 'c' batch_norm_param { "
	        "use_global_stats: true eps: 1e-3 moving_average_fraction: 0.99 } }\n"
	        "layer { name: 'sc' type: 'Scale' bottom: 'c' top: 'c' scale_param { "
	        "bias_term: true "
	        "filler { value: 1 } bias_filler { value: 0 } } }\n"
	        "layer { name: 'e' type: 'Eltwise' bottom: 'c' bottom: 'data' top: 'e' "
	        "eltwise_param "
	        "{ operation: PROD stable_prod_grad: false } }\n"
	        "layer { name: 'r' type: 'ReLU' bottom: 'e' top: 'e' relu_param { engine: "
	        "CAFFE } }\n"
	        "layer { name: 'p' type: 'Pooling' bottom: 'e' top: 'p' pooling_param { "
	        "kernel_size: "
	        "2 engine: CAFFE } }\n"
	        "layer { name: 'pr' type: 'PReLU' bottom: 'p' top: 'p' prelu_param { filler { "
	        "value: "
	        "1 } } }\n"
	        "layer { name: 'n' type: 'LRN' bottom: 'p' top: 'n' lrn_param { engine: CAFFE "
	        "} }\n"
	        "layer { name: 'i' type: 'InnerProduct' bottom: 'n' top: 'i' "
	        "inner_product_param { "
	        "num_output: 3 weight_filler { type: 'xavier' } bias_filler { value: 0 } } }\n"
	        "layer { name: 'd' type: 'Dropout' bottom: 'i' top: 'i' dropout_param { "
	        "dropout_ratio: 0.5 } }\n"
	        "layer { name: 's' type: 'Softmax' bottom: 'i' top: 's' softmax_param { "
	        "engine: CAFFE "
	        "} }\n";
	char text[1024], reason[256];

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		snprintf(text, sizeof text,
		         INPUT(1, 4, 4) "layer { name: 'l' type: '%s' bottom: 'data' top: "
		                        "'a'\n%s { foo: 7 } }",
		         types[i].type, types[i].message);
		snprintf(reason, sizeof reason,
		         "line 3: layer l (%s): %s: field foo is not known", types[i].type,
		         types[i].message);
		refuses(text, reason);
	}
	refuses(INPUT(1, 4, 4) "foo: 7", "line 2: the network: field foo is not known");
	refuses(INPUT(1, 4, 4) "state { phase: TEST foo: 7 }", "line 2: state: field foo");
	refuses("input: 'data' input_shape { dim: [1, 3, 4, 4] foo: 7 }",
	        "line 1: input_shape: field foo");
	refuses("layer { name: 'd' type: 'Input' top: 'data' input_param { shape { dim: [1, 3, "
	        "4, 4] } foo: 7 } }",
	        "line 1: layer d (Input): input_param: field foo");
	refuses("layer { name: 'd' type: 'Input' top: 'data' input_param { shape { dim: [1, 3, "
	        "4, 4] foo: 7 } } }",
	        "line 1: layer d (Input): input_param: field foo");
	refuses(INPUT(1, 4, 4) LAYER("ReLU", "a", "foo: 7"),
	        "line 2: layer l (ReLU): field foo is not known");
	refuses(INPUT(1, 4, 4) LAYER("ReLU", "a", "foo_param { bar: 7 }"),
	        "line 2: layer l (ReLU): field foo_param is not known");
	refuses(INPUT(1, 4, 4) LAYER("ReLU", "data", "forward_type: FLOAT16"), "forward_type");
	refuses(INPUT(1, 4, 4) LAYER("Dropout", "data", "dropout_param { scale_train: false }"),
	        "dropout_param: field scale_train");
	refuses(INPUT(1, 4, 4) LAYER("ReLU", "a", "include { phase: TEST foo: 7 }"),
	        "line 2: include: field foo");
	refuses(INPUT(1, 4, 4)
	                LAYER("ReLU", "a", "include { phase: TEST } exclude { stage: 'x' }"),
	        "include and exclude");
	refuses(INPUT(1, 4, 4) "layers { name: 'a' type: POOLING bottom: 'data' top: 'a' "
	                       "pooling_param { kernel_size: 2 foo: 7 } }",
	        "line 2: layer a (Pooling): pooling_param: field foo");
	/* Not where the layer is not there, or can't be computed anyway. */
	NOTES("a layer for training",
	      INPUT(1, 4, 4) LAYER("ReLU", "a", "foo: 7 include { phase: TRAIN }"), NULL);
	NOTES("a layer of a type that is not known",
	      INPUT(1, 4, 4) LAYER("Interp", "a", "interp_param { height: 7 }"), NULL);

	NOTES("all that matters in training only", training, NULL);
	NOTES("what another type of layer reads",
	      INPUT(1, 4, 4) LAYER("ReLU", "a", "pooling_param { pool: MAX }")
	              LAYER("ReLU", "b", "pooling_param { pool: AVE }"),
	      "a layer of type ReLU does not read pooling_param");
	NOTES("how images are prepared",
	      INPUT(1, 4, 4) "layer { name: 'd' type: 'ImageData' top: 'x' transform_param { "
	                     "mean_value: 104 } }",
	      "transform_param is passed over");
	NOTES("input without a shape beside an Input layer",
	      "input: 'data' layer { name: 'd' type: 'Input' top: 'data' input_param { shape { "
	      "dim: [1, 3, 4, 4] } } }" LAYER("ReLU", "a", ""),
	      "input is passed over");
	NOTES("state and stages",
	      "state { level: 2 stage: 's' }" INPUT(1, 4, 4)
	              LAYER("ReLU", "a", "include { stage: 's' min_level: 2 not_stage: 't' }")
	                      LAYER("ReLU", "a", "include { not_stage: 's' }")
	                              LAYER("ReLU", "a", "include { max_level: 1 }"),
	      NULL);

	lacks(INPUT(1, 4, 4)
	              LAYER("Pooling", "a", "pooling_param { global_pooling: true pad: 1 }"),
	      "a", "global_pooling, and a kernel");
	refuses(INPUT(1, 4, 4)
	                LAYER("Pooling", "a",
	                      "pooling_param { kernel_size: 2 ceil_mode: true round_mode: "
	                      "FLOOR }"),
	        "contradict");
}

/* The pooling of DenseNet-121, ResNet and their like in the usual forks, on 224 pixels:
 * 224, 112, then (112 + 2 - 3) / 2 + 1 = 56 rounded down; up it would be 57, and 8 at the
 * end. */
static void rounding(void)
{
	static const struct {
		const char *mode;
		size_t sizes[4];
	} cases[] = {
	        {"ceil_mode: false", {56, 28, 14, 7}},
	        {"round_mode: FLOOR", {56, 28, 14, 7}},
	        {"ceil_mode: true", {57, 29, 15, 8}},
	        {"round_mode: CEIL", {57, 29, 15, 8}},
	        {"", {57, 29, 15, 8}},
	};
	char text[2048], name[8];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct network_tensor t;
		struct network *net;
		struct error e;
		size_t at;
		int n = snprintf(
		        text, sizeof text,
		        INPUT(3, 224, 224) LAYER(
		                "Convolution", "c",
		                "convolution_param { num_output: 4 kernel_size: 7 "
		                "stride: 2 pad: 3 }") "layer { name: 'p' type: 'Pooling' "
		                                      "bottom: 'c' top: 'p0' "
		                                      "pooling_param { pool: MAX kernel_size: "
		                                      "3 stride: 2 pad: 1 %s } }",
		        cases[i].mode);

		for (int k = 1; k < 4; k++)
			n += snprintf(
			        text + n, sizeof text - (size_t)n,
			        "layer { name: 'p%d' type: 'Pooling' bottom: 'p%d' top: "
			        "'p%d' pooling_param { pool: AVE kernel_size: 2 stride: 2 %s "
			        "} }",
			        k, k - 1, k, cases[i].mode);
		net = open_text(text, NULL, &e);
		for (int k = 0; k < 4; k++) {
			snprintf(name, sizeof name, "p%d", k);
			if (!ok(net && network_find(net, name, &at, &e) == 0, "%s", e.text))
				continue;
			network_tensor(net, at, &t);
			is_int((long long)t.h, (long long)cases[i].sizes[k], "%s: height of %s",
			       cases[i].mode, name);
			is_int((long long)t.w, (long long)cases[i].sizes[k], "%s: width of %s",
			       cases[i].mode, name);
		}
		network_close(net);
	}
}

static void names_and_phases(void)
{
	static const char text[] =
	        "layer { name: 'd' type: 'Data' top: 'data' top: 'label' include { phase: "
	        "TRAIN } "
	        "}\n"
	        "layer { name: 'data' type: 'Input' top: 'data' top: 'info' input_param { "
	        "shape { "
	        "dim: [10, 3, 8, 8] } shape { dim: [1, 3] } } }\n"
	        "layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c' "
	        "convolution_param { "
	        "num_output: 5 kernel_size: 3 pad: 1 stride: 2 } }\n"
	        "layer { name: 'r' type: 'ReLU' bottom: 'c' top: 'c' }\n"
	        "layer { name: 'early' type: 'Pooling' bottom: 'c' top: 'early' pooling_param "
	        "{ "
	        "kernel_size: 2 } }\n"
	        "layer { name: 'p' type: 'Power' bottom: 'c' top: 'c' }\n"
	        "layer { name: 'r2' type: 'ReLU' bottom: 'c' top: 'c' }\n"
	        "layer { name: 'dr' type: 'Dropout' bottom: 'c' top: 'c' }\n"
	        "layer { name: 'x' type: 'ReLU' bottom: 'c' top: 'c/pre_power' }\n"
	        "layer { name: 'no' type: 'ReLU' bottom: 'c' top: 'no' exclude { phase: TEST } "
	        "}\n"
	        "layer { name: 'stage' type: 'ReLU' bottom: 'c' top: 'stage' include { stage: "
	        "'s' "
	        "} }\n"
	        "layer { name: 'yes' type: 'ReLU' bottom: 'c' top: 'yes' include { phase: "
	        "TRAIN } "
	        "include { phase: TEST min_level: 0 not_stage: 's' } }\n"
	        "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'yes' bottom: 'label' "
	        "top: "
	        "'loss' }\n";
	static const char *const want[] = {"data",        "c/pre_relu", "c/pre_power2", "early",
	                                   "c/pre_relu2", "c",          "c/pre_power",  "yes"};
	struct error e;
	struct network *net = open_text(text, NULL, &e);
	struct network_tensor t;
	size_t i, height, width, channels;

	if (!ok(net != NULL, "names: %s", e.text))
		return;
	network_input(net, &channels, &height, &width);
	ok(channels == 3 && height == 8 && width == 8, "the image is the input of four axes");
	is_int((long long)network_tensor_count(net), 8, "layers for training are left out");
	for (i = 0; i < network_tensor_count(net) && i < 8; i++) {
		network_tensor(net, i, &t);
		is_str(t.name, want[i], "tensor %zu", i);
	}
	ok(network_find(net, "early", &i, &e) == 0, "early is found");
	network_tensor(net, i, &t);
	is_real(t.field[0].size, 5, 0, "receptive field of what reads a blob early");
	is_real(t.field[0].offset, 1, 0, "its offset");
	is_real(t.field[0].stride, 2, 0, "its stride");
	ok(network_find(net, "c/pre_relu", &i, &e) == 0, "c/pre_relu is found");
	ok(network_feeds_activation(net, i, &i), "what a ReLU writes over feeds an activation");
	network_tensor(net, i, &t);
	is_str(t.name, "c/pre_power2", "the value after it");
	network_close(net);

	e = (struct error){0};
	write_file(text_path, "input: 'data'", 13);
	net = network_open_caffe(text_path, NULL, 0, 0, &e);
	ok(!net && e.code == EXIT_USAGE, "an open size: %s", e.text);
	e = (struct error){0};
	net = network_open_caffe(text_path, NULL, 5, 6, &e);
	if (ok(net != NULL, "an open size is given: %s", e.text)) {
		network_input(net, &channels, &height, &width);
		ok(channels == 3 && height == 5 && width == 6, "as it was given");
	}
	network_close(net);
	e = (struct error){0};
	net = open_text("input: 'data' input_shape { dim: [1, 5, 6, 3] }", NULL, &e);
	if (ok(net != NULL, "a narrow image: %s", e.text)) {
		network_input(net, &channels, &height, &width);
		ok(channels == 5 && height == 6 && width == 3, "has its channels first");
	}
	network_close(net);
	e = (struct error){0};
	ok(!network_open_caffe("/nonexistent", NULL, 0, 0, &e) && e.code == EXIT_SYSTEM,
	   "no file: %s", e.text);
}

/* ---- real networks ---- */

static const char *shared(void)
{
	const char *s = getenv("NDPIPE_SHARED");

	return s ? s : "../shared";
}

/* The shape and field that a deploy file gives a tensor. */
static void shape_in(const char *file, const char *name, size_t units, size_t h, double size)
{
	char path[1024];
	struct error e = {0};
	struct network *net;
	struct network_tensor t;
	size_t i;

	snprintf(path, sizeof path, "%s/data/caffe/%s", shared(), file);
	net = network_open_caffe(path, NULL, 0, 0, &e);
	if (ok(net && network_find(net, name, &i, &e) == 0, "%s: %s: %s", file, name, e.text)) {
		network_tensor(net, i, &t);
		ok(t.units == units && t.h == h && t.w == h && t.field[0].size == size,
		   "%zux%zux%zu, field %g", t.units, t.h, t.w, t.field[0].size);
	}
	network_close(net);
}

/* Both forms of SqueezeNet, byte for byte. */
static void squeezenet(void)
{
	static const char *const pairs[][2] = {
	        {"conv1/pre_relu", "conv1/pre_relu"},
	        {"conv1", "conv1"},
	        {"pool1", "pool1"},
	        {"fire2/conv1x1_1", "fire2/squeeze1x1"},
	        {"fire2/conv3x3_2", "fire2/expand3x3"},
	        {"fire5/concat", "fire5/concat"},
	        {"pool8", "pool8"},
	        {"fire9/concat", "fire9/concat"},
	        {"conv_final", "conv10"},
	        {"pool_final", "pool10"},
	};
	enum { FLOATS = 96 * 111 * 111, IMAGE = 3 * 227 * 227 };
	float *image = malloc(IMAGE * sizeof *image), *a = malloc(FLOATS * sizeof *a),
	      *b = malloc(FLOATS * sizeof *b);
	char text[1024], weights[1024], onnx[1024];
	struct network *caffe, *other;
	struct error e = {0};
	size_t i, n, m;

	snprintf(text, sizeof text, "%s/data/caffe/squeezenet1.0.deploy.prototxt", shared());
	snprintf(weights, sizeof weights, "%s/data/caffe/squeezenet1.0.caffemodel", shared());
	snprintf(onnx, sizeof onnx, "%s/data/models/squeezenet1.0.onnx", shared());
	for (i = 0; i < IMAGE; i++)
		image[i] = (float)(i * 2654435761u % 256) - 110;
	caffe = network_open_caffe(text, weights, 0, 0, &e);
	other = network_open(onnx, 0, 0, &e);
	if (ok(caffe && other, "SqueezeNet opens: %s", e.text))
		for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
			n = run(caffe, pairs[i][0], image, a, FLOATS, &e);
			m = run(other, pairs[i][1], image, b, FLOATS, &e);
			ok(n && n == m && memcmp(a, b, n * sizeof *a) == 0,
			   "SqueezeNet %s: the bytes of the ONNX file's %s", pairs[i][0],
			   pairs[i][1]);
		}
	network_close(caffe);
	network_close(other);
	free(image);
	free(a);
	free(b);
}

int main(void)
{
	char path[1024];

	make_paths();
	by_hand();
	with_weights();
	bad_weights();
	bad_descriptions();
	unknown_fields();
	rounding();
	names_and_phases();
	unlink(text_path);
	unlink(model_path);
	snprintf(path, sizeof path, "%s/data/caffe", shared());
	if (access(path, R_OK) != 0) {
		skip("no ../shared/data/caffe here", 1);
		return done();
	}
	shape_in("bvlc_alexnet.deploy.prototxt", "conv5", 256, 13, 163);
	shape_in("bvlc_alexnet.deploy.prototxt", "fc6", 4096, 1, 227);
	shape_in("bvlc_reference_caffenet.deploy.prototxt", "norm2", 256, 13, 67);
	shape_in("bvlc_googlenet.deploy.prototxt", "inception_4e/output", 832, 14, 427);
	squeezenet();
	return done();
}
