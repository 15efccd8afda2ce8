/* choose.h -- the network that a user names, and the tensors of it. */
#ifndef FORWARD_CHOOSE_H
#define FORWARD_CHOOSE_H

#include <stdint.h>

#include "network/network.h"
#include "record/ndr.h"

struct forward_model {
	const char *file;    /* ONNX, or with weights Caffe's deploy.prototxt */
	const char *weights; /* or NULL */
	const char
	        *input_size; /* "HxW" of the images, where the model leaves it open; or NULL */
	const char *tokens;  /* "HxW" that they lie as where no convolution tells; or NULL */
	uint64_t skip;       /* those before them, which are left out */
	bool listed;         /* to look at only: no weights are needed */
	bool is_open;        /* set by forward_model_open() where it fails for want of a size */
};
/* Open it: see network_open_any().  EXIT_USAGE, naming the option, where a size is none, is
 * missing or is not the model's own, or weights are missing. */
struct network *forward_model_open(struct forward_model *m, struct error *e) CHECK_RESULT;

/* The size that a model takes which leaves it open: that of the first image of a stream, or,
 * where the network resumes from a layer of that name and there is no image, that of META; as
 * "HxW".  item is the first of the segment, or NULL.  EXIT_MALFORMED if there is none. */
enum { FORWARD_SIZE = 24 };
int forward_first_size(const struct ndr_segment *s, const struct ndr_item *item,
                       const char *from, char size[static FORWARD_SIZE],
                       struct error *e) CHECK_RESULT;

/* Tensors that are wanted.  Set what is not private, all else to zero; free() wanted. */
struct forward_choice {
	size_t *wanted, n; /* (n) */
	/* Told of a name that is no tensor's, but of a part of the network (see
	 * network_find_below()), and the tensor taken for it; or NULL. */
	void (*below)(void *ctx, const char *name, size_t tensor);
	void *ctx;
	size_t room; /* private */
};
/* Add the tensors of a list of names, joined by commas, where "\," is a comma in a name; or the
 * one whose name is the list.  EXIT_USAGE if there is no such tensor, or one twice. */
int forward_choose(struct forward_choice *c, const struct network *net, const char *list,
                   struct error *e) CHECK_RESULT;

/* What is odd about a wanted tensor, to warn of: the which-th thing, from 0, as a line to
 * free(); NULL where there are no more, or with e set. */
char *forward_doubt(const struct network *net, size_t tensor, size_t which,
                    struct error *e) CHECK_RESULT;

#endif
