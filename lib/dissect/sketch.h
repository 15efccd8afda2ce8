/* sketch.h -- mergeable histograms of activations, in bounded memory.
 *
 * A sample falls into one of 2^20 bins by the high bits of its place in the
 * order of the floats: sign, exponent and 11 bits of the mantissa, so a bin is
 * at most 1/2048 of its values wide.  A bin holds the number of its samples and
 * the least and the greatest of them.  All of that is independent of the order
 * of the samples and of how they were divided: sketches of shards add up to
 * exactly the sketch of the whole.  Bins exist in pages that are there only where
 * samples fall.
 *
 * A threshold from a sketch is the least sample of the bin that the exact one
 * lies in, with an exact bound on the difference in ranks, which is 0 where all
 * samples of the bin are alike (ties: a dead or saturated unit).  A second
 * pass over the same samples, which counts the low bits of those in that bin,
 * makes all thresholds exact (struct refinement).
 *
 * A unit's state as bytes, little-endian, the payload of SKETCH:
 *
 *	offset  type  field
 *	0       u32   unit, from 0
 *	4       u32   high bits that choose a bin: 20
 *	8       u64   number of bins that follow, none of them empty
 *	16            bins, 16 bytes each, ascending:
 *	        u32     bin: high bits of the ordered float
 *	        u16     low 12 bits of the least sample in the bin
 *	        u16     low 12 bits of the greatest
 *	        u64     number of samples, at least 1
 *
 * The ordered float of a sample with bits b (-0 taken as +0) is b + 2^31 where the
 * sign bit is clear, and 2^32 - 1 - b where it is set. */
#ifndef DISSECT_SKETCH_H
#define DISSECT_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/quantile.h"

struct sketch;

/* For that many units; EXIT_SYSTEM from here, sketch_add() and sketch_merge() when
 * all of it would take more than limit bytes. */
struct sketch *sketch_new(size_t units, uint64_t limit, struct error *e) CHECK_RESULT;
void sketch_free(struct sketch *s);

/* Whether that limit was the error, and what the histograms of as many units
 * take in most networks. */
bool sketch_is_full(const struct sketch *s);
uint64_t sketch_usual_bytes(uint64_t units);

/* Add some units' of one image's maps (all units, cells), on threads as tail_add().
 * EXIT_MALFORMED, naming the unit (from 1), if a value is not finite. */
int sketch_add(struct sketch *s, const float *maps, size_t cells, struct units units,
               struct error *e) CHECK_RESULT;

/* Samples of a unit (all units have as many, unless only some were merged). */
uint64_t sketch_samples(const struct sketch *s, size_t unit);

/* Bytes of one unit's state, and the state itself. */
size_t sketch_encoded_size(const struct sketch *s, size_t unit);
void sketch_encode(const struct sketch *s, size_t unit, void *bytes);

/* Add an encoded unit; EXIT_MALFORMED if bytes are not one of this sketch's. */
int sketch_merge(struct sketch *s, const void *bytes, size_t length,
                 struct error *e) CHECK_RESULT;

/* The thresholds (units) at a level; above is a bound where rank_error is not 0.
 * All units have samples. */
void sketch_thresholds(const struct sketch *s, const struct level *level,
                       struct threshold *thresholds);

struct refinement;

/* What a second pass takes at most. */
uint64_t refinement_bytes(uint64_t units);
/* For a second pass; thresholds (units) are those of s at that level, which is not needed
 * afterwards. */
struct refinement *refinement_new(const struct sketch *s, const struct level *level,
                                  struct error *e) CHECK_RESULT;
void refinement_free(struct refinement *r);
/* As sketch_add(). */
int refinement_add(struct refinement *r, const float *maps, size_t cells, struct units units,
                   struct error *e) CHECK_RESULT;

/* Make thresholds (units), which came from sketch_thresholds(), exact.
 * EXIT_MALFORMED if the second pass did not see the samples of the first. */
int refinement_apply(const struct refinement *r, struct threshold *thresholds,
                     struct error *e) CHECK_RESULT;

#endif
