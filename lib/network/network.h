/* network.h -- a trained network from a model file, run up to named tensors.
 *
 * network_open() reads a model into an immutable graph: safe to share between
 * threads, as is a plan.  A plan holds what the wanted tensors need and nothing
 * else: later layers' weights are never read.  Each thread runs images through
 * a workspace of its own, some at a time where that saves reading weights; each
 * number is one sum in an order that depends on the layer alone, so an image's bytes
 * depend neither on its neighbours nor on the number of threads.
 *
 * Models are hostile input: a fault gives one line and EXIT_MALFORMED. */
#ifndef NETWORK_NETWORK_H
#define NETWORK_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	NETWORK_RANK = 8,    /* most axes of a tensor */
	NETWORK_BUNDLE = 64, /* most images at a time */
};

/* Receptive field of the cells along one axis, in pixels of the network's
 * input: cell i covers size pixels centred at offset + i * stride. */
struct network_field {
	double offset, size, stride;
};

/* What the network knows about one tensor.  Strings live as long as the network. */
struct network_tensor {
	const char *name;
	const char *operator_name; /* that makes it; "" for the input */
	const char *problem;       /* NULL; or why it can't be computed: then no shape */
	const char *reason;        /* NULL; or why it is no map, or its cells have no place */
	int rank;
	size_t dims[NETWORK_RANK]; /* batch of one */
	/* (1, units, h, w), or in another order where places tell which axes are which, or
	 * (1, tokens, units) where they or network_tokens() do, or (1, units) as a 1x1 map.
	 * What is told of tokens is in order of the image; those that have no place are left
	 * out, as many at either end as here. */
	bool is_map;
	size_t skip, rest;
	size_t units, h, w;
	bool has_field;
	struct network_field field[2]; /* y, x */
};

/* How to compute convolutions: what the layer's sizes make cheapest, or one way wherever
 * it fits. */
enum network_algorithm { NETWORK_AUTO, NETWORK_DIRECT, NETWORK_WINOGRAD };

struct network;
struct plan;           /* plan/plan.h */
struct plan_workspace; /* plan/run.h */

/* Read the ONNX file at path.  height and width serve where the model leaves
 * them open; 0: none given, and a model that leaves them open is an error
 * (EXIT_USAGE, as no other is).  The file stays mapped until network_close().  NULL
 * with e set. */
struct network *network_open(const char *path, size_t height, size_t width,
                             struct error *e) CHECK_RESULT;

/* The same for a Caffe network: the text that describes it (deploy.prototxt) and
 * its weights (.caffemodel).  weights can be NULL: then shapes and receptive fields
 * are known, but a plan that needs weights fails.
 *
 * A tensor has its blob's name.  Where layers work in place, the blob's name means the
 * value after the last of them, as it does in Caffe; what such a layer starts from is
 * called BLOB/pre_TYPE, the layer's type in lower case: conv1/pre_relu.  A second one of
 * that name has a 2 after it. */
struct network *network_open_caffe(const char *description, const char *weights, size_t height,
                                   size_t width, struct error *e) CHECK_RESULT;

/* What a model leaves to its user. */
struct network_options {
	size_t height, width; /* of the image, where it leaves them open; 0: none given */
	bool size_open;       /* set where the image was come to: whether it does */
	/* Values of inputs that are not the image: ONNX only.  EXIT_USAGE where there is no
	 * such input, or it takes other values. */
	const struct network_given {
		const char *name;
		const double *values; /* (n), as many as the input has, or one for all */
		size_t n;
	} * given;
	size_t n_given;
};

/* Either: a Caffe network where weights are given or the path ends in .prototxt. */
struct network *network_open_any(const char *path, const char *weights,
                                 struct network_options *o, struct error *e) CHECK_RESULT;
/* Whether it is the description of a Caffe network, by the name that those have. */
bool network_is_caffe(const char *path);

void network_close(struct network *net);

/* What was passed over in the model's files although it stands there, a line each, from 0;
 * NULL when there are no more.  They live as long as the network. */
const char *network_note(const struct network *net, size_t i);

/* Which network it is, by all files that it was read from.  Reads every byte of them. */
enum { NETWORK_DIGEST = 64 };
struct network_digest {
	char text[NETWORK_DIGEST]; /* of all, one behind the other: "crc32:HHHHHHHH:BYTES" */
	struct {
		uint32_t crc32;
		uint64_t bytes;
	} model, weights; /* of the first file and of the second, if there is one */
};
void network_digest(const struct network *net, struct network_digest *d);

/* Tensors (1, skip + rows * columns, units) are maps of rows x columns cells after so many
 * tokens that are left out. */
void network_tokens(struct network *net, size_t rows, size_t columns, size_t skip);

/* The image that the network takes: channels x height x width. */
void network_input(const struct network *net, size_t *channels, size_t *height, size_t *width);
/* What its values are: NULL for floats, or the name of a type of integers, of which the values
 * from least to most can be fed. */
const char *network_integers(const struct network *net, float *least, float *most);

/* All tensors that nodes make, and the input, in order of computation. */
size_t network_tensor_count(const struct network *net);
void network_tensor(const struct network *net, size_t i, struct network_tensor *t);

/* A line for each of n wanted tensors, or of all if n is 0, with a heading: name, shape,
 * receptive field's size, stride and offset (y, x), operator, tabs between them; "?" is what
 * can't be computed, "-" what has no place in the image.  free() it; NULL with e set. */
char *network_listing(const struct network *net, const size_t *wanted, size_t n,
                      struct error *e) CHECK_RESULT;

/* The tensor of that name.  -1 with *i set to it fails: e names near matches. */
int network_find(const struct network *net, const char *name, size_t *i,
                 struct error *e) CHECK_RESULT;
/* The last map that a part of the network makes, by the part's name as exporters write it
 * before
 * '/' or '.': of layer4, it is /layer4/layer4.1/relu_1/Relu_output_0.  false: none. */
bool network_find_below(const struct network *net, const char *name, size_t *i);

/* The tensor that tensor i becomes where i feeds a single activation function and
 * nothing else: *after is its number.  false where it feeds anything else. */
bool network_feeds_activation(const struct network *net, size_t i, size_t *after);

/* The tensor *before that tensor i is the activation function of; false if it is none. */
bool network_is_activation(const struct network *net, size_t i, size_t *before);

/* The norms of the weights that take the units of tensor i, a map, on from there, behind
 * activation functions, pools and other operators that keep units apart: norm (units).  1; 0:
 * not known, as they are mixed without weights. */
int network_outgoing(const struct network *net, size_t i, double *norm,
                     struct error *e) CHECK_RESULT;

/* How to compute the wanted tensors, each a map of units; network_plan_finish()
 * comes before it runs.  The network must outlive the plan.  Sets OpenBLAS to one thread:
 * threads run images instead. NULL with e set. */
struct plan *network_plan_new(const struct network *net, const size_t *wanted, size_t n,
                              enum network_algorithm algorithm, struct error *e) CHECK_RESULT;
/* The same from a tensor on, which is a map of units: network_resume() is given its values.
 * What does not follow from it alone is computed from the image, if network_needs_image().
 * EXIT_USAGE where a wanted tensor does not follow from it at all. */
struct plan *network_plan_resume(const struct network *net, size_t from, const size_t *wanted,
                                 size_t n, enum network_algorithm algorithm,
                                 struct error *e) CHECK_RESULT;
/* Prepare its weights, part by part in any order and on any threads; then, before it runs,
 * those that were left out, and the rest. */
size_t network_plan_parts(const struct plan *plan);
int network_plan_prepare(struct plan *plan, size_t part, struct error *e) CHECK_RESULT;
int network_plan_finish(struct plan *plan, struct error *e) CHECK_RESULT;
bool network_needs_image(const struct plan *plan);
void network_plan_free(struct plan *plan);

/* Scratch memory for one thread at a time.  NULL with e set. */
struct plan_workspace *network_workspace_new(const struct plan *plan,
                                             struct error *e) CHECK_RESULT;
void network_workspace_free(struct plan_workspace *ws);

/* The most images, up to NETWORK_BUNDLE, that the plan runs at a time: as many as it takes
 * to read large weights once for all of them. */
size_t network_bundle(const struct plan *plan);

/* Run images, at most a bundle.  inputs: channels x height x width each, as the network
 * wants its values.  outputs[image * wanted + k]: units x h x w of the k-th wanted tensor,
 * filled.  A NaN or infinity in an output is an error (EXIT_MALFORMED) that names tensor
 * and unit; *failed is the image's number among them. */
int network_run(const struct plan *plan, struct plan_workspace *ws, size_t images,
                const float *const *inputs, float *const *outputs, size_t *failed,
                struct error *e) CHECK_RESULT;

/* The same for a plan that resumes: values[image], units x h x w of the tensor.  An input can
 * be NULL where no image is needed. */
int network_resume(const struct plan *plan, struct plan_workspace *ws, size_t images,
                   const float *const *inputs, const float *const *values,
                   float *const *outputs, size_t *failed, struct error *e) CHECK_RESULT;

#endif
