/* samples.h -- the samples of a stream on the way to thresholds: ACT, SKETCH or TAIL ->
 * THRESH, SKETCH or TAIL.
 *
 * All threads add to the same samplers, each to some units of a layer at a time: memory does
 * not grow with the threads, and order statistics do not depend on the order. */
#ifndef STAGE_SAMPLES_H
#define STAGE_SAMPLES_H

#include <pthread.h>

#include "dissect/sampler.h"
#include "record/ndr.h"

enum { SAMPLES_STRIPES = 16 }; /* parts of a layer that are locked apart */

struct samples {
	enum sampler_method method; /* SAMPLER_UNDECIDED: nothing has come yet */
	uint64_t memory;            /* bytes that they may take */
	uint64_t left;              /* of these, with SAMPLER_PARTS */
	bool merged;                /* what came first were sketches or tails of parts */
	size_t layers;
	struct sampler *layer; /* (layers) */
	pthread_mutex_t lock[SAMPLES_STRIPES];
};

/* Items that a segment, and others of its data set, can hold; UINT64_MAX: not known. */
uint64_t samples_most_items(const struct ndr_segment *s);

void samples_init(struct samples *s);
/* Forget all samples, and the method. */
void samples_clear(struct samples *s);

/* Each item, in order, before it is added.  The first one with ACT, SKETCH or TAIL records
 * chooses how samples are kept: wanted, or sampler_choose()'s where that is SAMPLER_UNDECIDED;
 * of sketches, always as sketches, and of tails as parts.  1: it has chosen; 0: nothing has
 * changed; m is that of all segments. */
int samples_arrive(struct samples *s, const struct ndr_meta *m, const struct ndr_item *item,
                   const struct sampler_plan *plan, enum sampler_method wanted,
                   struct error *e) CHECK_RESULT;
/* Add an item's ACT, SKETCH and TAIL records, on any thread; thread is its number.
 * EXIT_MALFORMED at a sketch where tails are kept, and at tails among anything else.  Messages
 * name input and layer, and how much memory to allow where it was too little. */
int samples_add(struct samples *s, const struct ndr_meta *m, const struct ndr_item *item,
                size_t thread, struct error *e) CHECK_RESULT;
/* After the first pass, see sampler_check(): the message names the layer in m. */
int samples_check(const struct samples *s, const struct level *level, const struct ndr_meta *m,
                  struct error *e) CHECK_RESULT;
/* Start the second pass. */
int samples_again(struct samples *s, const struct level *level, struct error *e) CHECK_RESULT;

/* Append a layer's THRESH, or the SKETCH of each unit, or the TAIL of one, to an item. */
int samples_thresholds(const struct samples *s, size_t layer, const struct level *level,
                       struct ndr_item *out, struct error *e) CHECK_RESULT;
int samples_sketches(const struct samples *s, size_t layer, struct ndr_item *out,
                     struct error *e) CHECK_RESULT;
int samples_tail(struct samples *s, size_t layer, size_t unit, struct ndr_item *out,
                 struct error *e) CHECK_RESULT;

#endif
