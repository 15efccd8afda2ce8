/* random.h -- random numbers for rendered scenes: splitmix64, so that
 * any (seed, item) gives its own stream at once, and the same one everywhere. */
#ifndef SYNTH_RANDOM_H
#define SYNTH_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* Scrambles 64 bits (Steele, Lea and Flood, 2014; constants of D. Stafford). */
static inline uint64_t random_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static inline struct random random_start(uint64_t seed, uint64_t stream)
{
	return (struct random){random_mix(seed + UINT64_C(0x9e3779b97f4a7c15)) ^
	                       random_mix(stream * UINT64_C(0xd1342543de82ef95) + 1)};
}

static inline uint32_t random_bits(struct random *r)
{
	r->state += UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(random_mix(r->state) >> 32);
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
