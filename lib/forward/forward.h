/* forward.h -- images through a network, IMAGE or PLANES -> ACT, or the activations of a layer
 * through the rest of it, ACT -> ACT. */
#ifndef FORWARD_FORWARD_H
#define FORWARD_FORWARD_H

#include "forward/choose.h"
#include "forward/input.h"
#include "network/network.h"
#include "record/ndr.h"

/* How a user wants it. */
struct forward_how {
	const char *from; /* the tensor whose activations a stream has; NULL: it has images */
	enum network_algorithm algorithm;
	struct preprocess_choice values;
	bool resize; /* see struct forward_input */
};

/* Zero it before use. */
struct forward {
	size_t group;                 /* images at a time; set by forward_open() */
	struct network_digest digest; /* of the network's files; set by forward_begin() */
	/* private: */
	const struct forward_how *how;
	struct forward_input input;
	const struct network *net;
	struct plan *plan;
	const size_t *wanted; /* (n_wanted): tensors of the plan */
	size_t n_wanted;
	size_t from; /* where how->from resumes */
	size_t threads;
	struct plan_workspace **ws; /* (threads), made when first used */
	float **images;             /* (threads): (group, depth, height, width) */
	uint32_t first_group;       /* layers that the segment came with */
	uint32_t from_group;        /* that of the tensor to resume from */
};

/* Plan the wanted tensors, on so many threads.  net, wanted and how stay the caller's, and
 * outlive f.  Close f also after an error.  EXIT_USAGE where nothing is wanted, or see
 * network_plan_resume() and preprocess_choose(). */
int forward_open(struct forward *f, const struct network *net,
                 const struct forward_choice *wanted, const struct forward_how *how,
                 size_t threads, struct error *e) CHECK_RESULT;
void forward_close(struct forward *f);
/* Before the first segment: prepare the network's weights, part by part in any order and on any
 * threads, then the rest. */
size_t forward_parts(const struct forward *f);
int forward_prepare(struct forward *f, size_t part, struct error *e) CHECK_RESULT;
int forward_begin(struct forward *f, struct error *e) CHECK_RESULT;

/* Append the wanted tensors to the layers of a segment's META.  EXIT_MALFORMED where the
 * network cannot be resumed at the segment's activations: there is no such layer, or it is of
 * another shape, basis or network. */
int forward_segment(struct forward *f, struct ndr_segment *s, struct error *e) CHECK_RESULT;
/* Append to each of n items out, up to group, the ACT of all layers for the image, or the
 * activations, in the item in.  EXIT_MALFORMED, naming the item, if there are none, if the
 * image is not what the network takes (see input.h), or if an activation is not finite. */
int forward_items(struct forward *f, const struct ndr_item *in, struct ndr_item *out, size_t n,
                  size_t thread, struct error *e) CHECK_RESULT;

#endif
