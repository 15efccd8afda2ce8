/* sampler.h -- a layer's samples on the way to thresholds, by either method: the
 * tails of quantile.h or the sketches of sketch.h. */
#ifndef DISSECT_SAMPLER_H
#define DISSECT_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/quantile.h"
#include "dissect/sketch.h"

struct sampler {
	size_t units, cells;
	struct tail *tail;             /* either this */
	struct sketch *sketch;         /* or this, */
	struct threshold *first;       /* or, in its second pass, what it gave: (units) */
	struct refinement *refinement; /* and this */
};

enum sampler_method {
	SAMPLER_UNDECIDED,
	SAMPLER_TAILS, /* keep the largest samples: exact */
	SAMPLER_SKETCHES,
	SAMPLER_PASSES, /* sketches, then a second pass: exact */
	SAMPLER_PARTS,  /* tails that parts of the data set kept, put together: exact */
};

/* What is known when samples begin to come. */
struct sampler_plan {
	struct level level;
	uint64_t items;  /* that can come, UINT64_MAX: not known */
	uint64_t memory; /* bytes, for all layers */
	bool repeatable; /* the input can be gone through twice */
	bool partial;    /* of a part of the items: what is kept is to be merged */
};

/* The way to the exact thresholds of some layers (units, cells) within the memory: the tails
 * where they surely fit, else two passes, else tails if they may fit; of a part, tails or
 * nothing.  SAMPLER_UNDECIDED, with e set to EXIT_SYSTEM, where they surely do not. */
enum sampler_method sampler_choose(const struct sampler *layers, size_t count,
                                   const struct sampler_plan *plan,
                                   struct error *e) CHECK_RESULT;

/* Make room for the samples of such layers. */
int sampler_open(struct sampler *layers, size_t count, const struct sampler_plan *plan,
                 enum sampler_method method, struct error *e) CHECK_RESULT;
void sampler_free(struct sampler *s);

/* Make room for the tails of parts, which keep so many samples of a unit, in at most memory
 * bytes; what that takes is left of it then. */
int sampler_open_parts(struct sampler *s, uint64_t keep, uint64_t *memory,
                       struct error *e) CHECK_RESULT;

/* Add some units' of one image's maps (all units, cells), in the first or second pass; images
 * in any order, and different units on different threads at a time. */
int sampler_add(struct sampler *s, const float *maps, struct units units,
                struct error *e) CHECK_RESULT;

/* After the first pass: all units have been seen, equally often, and what was kept
 * reaches the level.  EXIT_MALFORMED or EXIT_SYSTEM if not. */
int sampler_check(const struct sampler *s, const struct level *level,
                  struct error *e) CHECK_RESULT;

/* Start a second pass over the samples of a sketch. */
int sampler_again(struct sampler *s, const struct level *level, struct error *e) CHECK_RESULT;

/* The thresholds (units): exact, unless they come from a sketch without second pass. */
int sampler_thresholds(const struct sampler *s, const struct level *level,
                       struct threshold *thresholds, struct error *e) CHECK_RESULT;

#endif
