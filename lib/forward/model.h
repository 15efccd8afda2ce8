/* model.h -- the network that a user names. */
#ifndef FORWARD_MODEL_H
#define FORWARD_MODEL_H

#include <stdint.h>

#include "network/network.h"
#include "tool/tool.h"

/* Set what is not private, all else to zero. */
struct forward_model {
	const char *file;    /* ONNX, or with weights Caffe's deploy.prototxt */
	const char *weights; /* or NULL */
	const char
	        *input_size; /* "HxW" of the images, where the model leaves it open; or NULL */
	struct tool_list sets; /* "NAME=VALUE,...": inputs that are not the image */
	const char *tokens;    /* "HxW" that they lie as where no convolution tells; or NULL */
	uint64_t skip;         /* those before them, which are left out */
	bool listed;           /* to look at only: no weights are needed */
	bool is_open; /* set by forward_model_open() where it fails for want of a size */
};
/* Open it: see network_open_any().  EXIT_USAGE, naming the option, where a size is none, is
 * missing or is not the model's own, weights are missing, or what is set is wrong. */
struct network *forward_model_open(struct forward_model *m, struct error *e) CHECK_RESULT;

#endif
