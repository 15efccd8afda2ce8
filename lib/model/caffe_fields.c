/* caffe_fields.c -- see caffe_fields.h.
 *
 * Fields: caffe.proto of BVLC's Caffe at 9b89154 (2020).  What forks add is here only where
 * it is known what it does: ceil_mode, the engine of Intel's, and the types Axpy,
 * ConvolutionDepthwise, DepthwiseConvolution, Interp, Permute, SELU, ShuffleChannel and
 * Upsample with their parameters. */
#include "model/caffe_fields.h"

#include <stdio.h>
#include <string.h>

static const struct caffe_fields net = {
        "name input input_shape input_dim state layer layers",
        "force_backward debug_info engine",
};
static const struct caffe_fields state = {"phase level stage", ""};
static const struct caffe_fields rule = {"phase min_level max_level stage not_stage", ""};
static const struct caffe_fields shape = {"dim", ""};

/* Of LayerParameter and V1LayerParameter; weights come from the other file. */
static const struct caffe_fields layer_fields = {
        "name type bottom top phase include exclude",
        "param blobs blobs_lr weight_decay blob_share_mode loss_weight propagate_down engine",
};

/* Messages that a layer of another type would read. */
static const char others[] =
        "loss_param accuracy_param argmax_param batch_norm_param bias_param clip_param "
        "concat_param contrastive_loss_param convolution_param crop_param data_param "
        "dropout_param dummy_data_param eltwise_param elu_param embed_param exp_param "
        "flatten_param hdf5_data_param hdf5_output_param hinge_loss_param image_data_param "
        "infogain_loss_param inner_product_param input_param interp_param log_param lrn_param "
        "memory_data_param mvn_param parameter_param permute_param pooling_param power_param "
        "prelu_param "
        "python_param recurrent_param reduction_param relu_param reshape_param scale_param "
        "selu_param shuffle_channel_param sigmoid_param softmax_param spp_param slice_param "
        "swish_param tanh_param upsample_param "
        "threshold_param tile_param window_data_param";

static bool is_in(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = names; *s; s += strspn(s, " ")) {
		size_t k = strcspn(s, " ");

		if (k == n && memcmp(s, name, n) == 0)
			return true;
		s += k;
	}
	return false;
}

static int unknown(const struct caffe *c, const struct prototxt_field *f, const char *of,
                   struct error *e)
{
	return prototxt_fail(c->text, f, e,
	                     "%s: field %.60s is not known, and may change what is computed",
	                     of, f->name);
}

int caffe_fields_check(const struct caffe *c, const struct prototxt_field *m,
                       const struct caffe_fields *known, const char *of, struct error *e)
{
	for (const struct prototxt_field *f = NULL; (f = prototxt_next(m, f, NULL));)
		if (!is_in(known->read, f->name) && !is_in(known->idle, f->name))
			return unknown(c, f, of, e);
	return 0;
}

int caffe_fields_check_net(const struct caffe *c, struct error *e)
{
	const struct prototxt_field *root = prototxt_root(c->text), *m = NULL;

	if (caffe_fields_check(c, root, &net, "the network", e) < 0 ||
	    caffe_fields_check(c, prototxt_message(c->text, root, "state", e), &state, "state",
	                       e) < 0)
		return -1;
	while ((m = prototxt_next(root, m, "input_shape")))
		if (caffe_fields_check(c, m, &shape, "input_shape", e) < 0)
			return -1;
	return e->code == EXIT_OK ? 0 : -1;
}

int caffe_fields_check_rule(const struct caffe *c, const struct prototxt_field *m,
                            struct error *e)
{
	return caffe_fields_check(c, m, &rule, m->name, e);
}

int caffe_fields_note_data(const struct caffe *c, const struct prototxt_field *layer,
                           struct error *e)
{
	if (!prototxt_next(layer, NULL, "transform_param"))
		return 0;
	return graph_note(
	        c->g, e,
	        "%s: transform_param is passed over: images are fed as the options say",
	        c->g->path);
}

/* BlobShapes in a message of parameters: input_param and reshape_param have them. */
static int check_shapes(const struct caffe *c, const struct prototxt_field *m, const char *of,
                        struct error *e)
{
	for (const struct prototxt_field *f = NULL; (f = prototxt_next(m, f, "shape"));)
		if (caffe_fields_check(c, f, &shape, of, e) < 0)
			return -1;
	return 0;
}

int caffe_fields_check_layer(const struct caffe *c, const struct prototxt_field *layer,
                             const char *type, const char *parameters,
                             const struct caffe_fields *known, struct error *e)
{
	char of[256];
	const struct prototxt_field *f = NULL, *m = NULL;
	int n = snprintf(of, sizeof of, "layer %.60s (%.60s)",
	                 prototxt_string(c->text, layer, "name", "", e), type);

	while ((f = prototxt_next(layer, f, NULL))) {
		if (is_in(layer_fields.read, f->name) || is_in(layer_fields.idle, f->name))
			continue;
		if (parameters && strcmp(f->name, parameters) == 0)
			m = f;
		else if (is_in(others, f->name)) {
			if (graph_note(c->g, e, "%s: a layer of type %.60s does not read %s",
			               c->g->path, type, f->name) < 0)
				return -1;
		} else if (strcmp(f->name, "transform_param") != 0) {
			return unknown(c, f, of, e);
		}
	}
	snprintf(of + n, sizeof of - (size_t)n, ": %s", parameters ? parameters : "");
	if (caffe_fields_check(c, m, known, of, e) < 0 || check_shapes(c, m, of, e) < 0 ||
	    caffe_fields_note_data(c, layer, e) < 0)
		return -1;
	return e->code == EXIT_OK ? 0 : -1;
}
