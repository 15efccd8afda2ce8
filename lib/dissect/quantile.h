/* quantile.h -- exact thresholds of units from a stream of activations.
 *
 * The threshold T_k of a unit with n samples at level q is the (m+1)-th largest,
 * m = floor(q*n): the smallest sample t with #{a > t} <= q*n (Bau et al. 2017,
 * section 3.1, made an exact order statistic).  Only the largest samples of a
 * unit can be it, so they are all that is kept: its tail.  What is above a
 * rising bound goes into a buffer, which is cut back to the tail when it is full.
 *
 * Where the tail takes too much memory, see sketch.h. */
#ifndef DISSECT_QUANTILE_H
#define DISSECT_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/level.h"

/* One unit's row of a THRESH record, field by field. */
struct threshold {
	double t;
	double min, max;
	double samples;
	double level;
	double rank_error;  /* bound, in samples; 0: t is exact */
	double above;       /* #{a > t} */
	double at_or_above; /* #{a >= t} */
};

/* Units [first, end) of a layer. */
struct units {
	size_t first, end;
};

struct tail;

/* For units that keep their keep largest samples, at least 1.  Memory grows with
 * what is kept, up to tail_bytes(). */
struct tail *tail_new(size_t units, uint64_t keep, struct error *e) CHECK_RESULT;
void tail_free(struct tail *t);

/* The most that such a tail ever takes, and the largest keep whose tail takes no
 * more than bytes (0 if there is none). */
uint64_t tail_bytes(size_t units, uint64_t keep);
uint64_t tail_largest_keep(size_t units, uint64_t bytes);

/* Add some units' of one image's maps (all units, cells); images in any order, and different
 * units on different threads at a time.
 * EXIT_MALFORMED, naming the unit (from 1), if a value is not finite. */
int tail_add(struct tail *t, const float *maps, size_t cells, struct units units,
             struct error *e) CHECK_RESULT;

/* Samples of a unit so far. */
uint64_t tail_samples(const struct tail *t, size_t unit);

/* What is kept of one unit, as TAIL has it: see ndr(5). */
struct tail_part {
	uint64_t samples;    /* all that there were */
	uint64_t ties;       /* of these, left out though equal to the last one kept */
	uint64_t count;      /* kept */
	float min, max;      /* of all samples */
	const float *values; /* (count), descending; NULL in what tail_part() gives */
};

/* So many of the largest samples are kept. */
uint64_t tail_keep(const struct tail *t);
/* What is kept of a unit so far, and then its values, for which there is room at to. */
struct tail_part tail_part(struct tail *t, size_t unit);
void tail_values(const struct tail *t, size_t unit, float *to);
/* Add what another tail of that keep has of a unit, on threads as tail_add().  The order of
 * parts makes no difference. */
int tail_merge(struct tail *t, size_t unit, const struct tail_part *part,
               struct error *e) CHECK_RESULT;

/* Whether the tail holds the threshold at that level for the samples seen, as many of each
 * unit: it does not if more came than keep was chosen for. */
bool tail_reaches(const struct tail *t, const struct level *level);

/* The thresholds (units), of a tail that reaches the level and has samples. */
void tail_thresholds(struct tail *t, const struct level *level, struct threshold *thresholds);

/* The rank-th largest of count keys (1: the largest), 1 <= rank <= count. */
int32_t quantile_select(const int32_t *keys, size_t count, size_t rank);

#endif
