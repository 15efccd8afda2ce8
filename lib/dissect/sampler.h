/* sampler.h -- a layer's samples on the way to thresholds, by either method: the
 * tails of quantile.h or the sketches of sketch.h. */
#ifndef DISSECT_SAMPLER_H
#define DISSECT_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/quantile.h"
#include "dissect/sketch.h"

struct sampler {
	size_t units, cells;
	struct tail *tail;             /* either this */
	struct sketch *sketch;         /* or this, */
	struct refinement *refinement; /* with this in its second pass */
};

void sampler_free(struct sampler *s);

/* Add one image's maps (units, cells), in the first or second pass. */
int sampler_add(struct sampler *s, const float *maps, struct error *e) CHECK_RESULT;

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
