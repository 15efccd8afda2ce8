/* forward.h -- images through a network, IMAGE or PLANES -> ACT, or the activations of a layer
 * through the rest of it, ACT -> ACT. */
#ifndef FORWARD_FORWARD_H
#define FORWARD_FORWARD_H

#include "forward/choose.h"
#include "forward/input.h"
#include "forward/model.h"
#include "network/network.h"
#include "record/ndr.h"

/* How a user wants it.  It stays the caller's, and outlives struct forward. */
struct forward_how {
	struct forward_model model;
	struct tool_list layers; /* wanted tensors: see forward_choose() */
	const char *from; /* the tensor whose activations a stream has; NULL: it has images */
	enum network_algorithm algorithm;
	struct preprocess_choice values;
	bool resize; /* see struct forward_input */
	bool half;   /* activations are f16 in the stream */
};

/* Zero it before use. */
struct forward {
	size_t group; /* images at a time; set by forward_begin() */
	/* private: */
	struct tool *tool;
	struct forward_how *how;
	struct network *net;
	struct forward_choice choice;
	struct plan *plan;
	struct network_digest digest; /* of the network's files */
	struct forward_input input;
	char first_size[48]; /* "HxW", where the model leaves it open */
	size_t from;         /* where how->from resumes */
	size_t threads;
	struct plan_workspace **ws; /* (threads), made when first used */
	float **images;             /* (threads): (group, depth, height, width) */
	uint32_t first_group;       /* layers that the segment came with */
	uint32_t from_group;        /* that of the tensor to resume from */
};

/* Open the network, and plan the wanted tensors on t's threads; but for a model that is to be
 * listed, which takes names alone, and for one that leaves the images' size open, which is
 * opened by forward_begin().  Warns of what is odd.  Close f also after an error.  -1 with
 * t->error set: EXIT_USAGE where nothing is wanted, or see forward_model_open(),
 * forward_choose(), network_plan_resume() and preprocess_choose(). */
int forward_open(struct forward *f, struct forward_how *how, struct tool *t) CHECK_RESULT;
void forward_close(struct forward *f);
/* The tensors of a model that is listed, by default all, as text to free(); NULL with t->error
 * set. */
char *forward_listing(const struct forward *f);
/* Before the first segment, of which item is the first, or NULL: a size that is open becomes
 * that of the item's image, or, where the network resumes and there is none, that of META; the
 * weights are prepared on all threads; the digests of the network's files go to t's details.
 * -1 with t->error set, as forward_open(); EXIT_MALFORMED where nothing has a size. */
int forward_begin(struct forward *f, const struct ndr_segment *s,
                  const struct ndr_item *item) CHECK_RESULT;

/* Append the wanted tensors to the layers of a segment's META.  EXIT_MALFORMED where the
 * network cannot be resumed at the segment's activations: there is no such layer, or it is of
 * another shape, basis or network. */
int forward_segment(struct forward *f, struct ndr_segment *s, struct error *e) CHECK_RESULT;
/* Append to each of n items out, up to group, the ACT of all layers for the image, or the
 * activations, in the item in.  EXIT_MALFORMED, naming the item, if there are none, if the
 * image is not what the network takes (see input.h), or if an activation is not finite, or
 * with half too great. */
int forward_items(struct forward *f, const struct ndr_item *in, struct ndr_item *out, size_t n,
                  size_t thread, struct error *e) CHECK_RESULT;

/* Where the network resumes: check a segment's META for that, as forward_segment() does, and
 * say which group of it the activations are.  EXIT_USAGE where they are not all that it goes on
 * with. */
int forward_resume(struct forward *f, const struct ndr_meta *m, uint32_t *group,
                   struct error *e) CHECK_RESULT;
/* Units of the first wanted tensor.  EXIT_USAGE where their maps have more than a cell. */
int forward_logits(const struct forward *f, size_t *units, struct error *e) CHECK_RESULT;
/* n activations of the tensor that it resumes at, up to group, to the first wanted tensor. */
int forward_values(struct forward *f, const float *const *values, size_t n, float *const *out,
                   size_t thread, struct error *e) CHECK_RESULT;
/* See network_outgoing(), for that tensor. */
int forward_outgoing(const struct forward *f, double *norm, struct error *e) CHECK_RESULT;

#endif
