/* random.h -- random numbers for rendered scenes: splitmix64, so that
 * any (seed, item) gives its own stream at once, and the same one everywhere. */
#ifndef SYNTH_RANDOM_H
#define SYNTH_RANDOM_H

#include <stdbool.h>

#include "base/random.h"

struct random {
	uint64_t state;
};

static inline struct random random_start(uint64_t seed, uint64_t stream)
{
	return (struct random){splitmix_next(&seed) ^
	                       splitmix_scramble(stream * UINT64_C(0xd1342543de82ef95) + 1)};
}

static inline uint32_t random_bits(struct random *r)
{
	return (uint32_t)(splitmix_next(&r->state) >> 32);
}

/* In [low, high); 24 bits, so exact in float. */
static inline float random_in(struct random *r, float low, float high)
{
	return low + (high - low) * ((float)(random_bits(r) >> 8) * (1.0f / 16777216));
}

/* 0 to n-1. */
static inline int random_below(struct random *r, int n)
{
	return (int)((uint64_t)random_bits(r) * (uint64_t)n >> 32);
}

static inline bool random_chance(struct random *r, float p)
{
	return random_in(r, 0, 1) < p;
}

#endif
