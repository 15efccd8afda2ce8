/* strongest.h -- the images that each unit of a stream responds to most, with the maps that
 * it had there, and how its maxima over all images are spread, if wanted: ACT -> TOP, TOPMAP,
 * MAXIMA.
 *
 * All threads offer to the same; which image is among the strongest does not depend on the
 * order. */
#ifndef STAGE_STRONGEST_H
#define STAGE_STRONGEST_H

#include <pthread.h>

#include "dissect/maxima.h"
#include "dissect/top.h"
#include "record/ndr.h"

struct strongest_thread {
	float *value; /* (units of the largest layer so far) */
	size_t capacity;
};

struct strongest {
	size_t k; /* images of a unit */
	bool maps, spread;
	size_t layers;
	struct top *top;       /* (layers): those that activations came of */
	struct maxima *maxima; /* (layers), likewise */
	size_t threads;
	struct strongest_thread *thread; /* (threads) */
	pthread_mutex_t lock;            /* of top, maxima */
};

/* For the k strongest, 1 or more, on so many threads, the first layers being m's; maps: TOPMAP
 * too; spread: MAXIMA too.  Zero it before, close it also after an error. */
int strongest_open(struct strongest *s, const struct ndr_meta *m, size_t k, bool maps,
                   bool spread, size_t threads, struct error *e) CHECK_RESULT;
void strongest_close(struct strongest *s);

/* Offer an item's ACT records, on any thread; m is that of all segments.  EXIT_SYSTEM, naming
 * the layer, where k images of it are more than a record holds. */
int strongest_add(struct strongest *s, const struct ndr_meta *m, const struct ndr_item *item,
                  size_t thread, struct error *e) CHECK_RESULT;

/* Write TOP, TOPMAP and MAXIMA of each layer, and forget it.  A layer without activations, as
 * in an empty shard, has rows without images. */
int strongest_write(struct strongest *s, const struct ndr_meta *m, struct ndr_writer *w,
                    struct error *e) CHECK_RESULT;

#endif
