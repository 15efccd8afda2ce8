/* random.h -- pseudo-random numbers that are the same everywhere: splitmix64 (Steele, Lea
 * and Flood, "Fast Splittable Pseudorandom Number Generators", 2014, with constants of
 * D. Stafford) and xoshiro256** (Blackman and Vigna, 2018), after the reference code of
 * prng.di.unimi.it.  Not for secrets. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

/* Scrambles 64 bits: each state into another number. */
static inline uint64_t splitmix_scramble(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The next 64 bits; any state will do as a seed. */
static inline uint64_t splitmix_next(uint64_t *state)
{
	return splitmix_scramble(*state += UINT64_C(0x9e3779b97f4a7c15));
}

/* The place of a number in an order that is no other's: the first number that splitmix64
 * gives from it.  No two have the same. */
static inline uint64_t random_rank(uint64_t x)
{
	return splitmix_next(&x);
}

struct xoshiro {
	uint64_t state[4]; /* not all 0 */
};

/* State from splitmix64, as the authors advise. */
static inline struct xoshiro xoshiro_seed(uint64_t seed)
{
	struct xoshiro x;

	for (int i = 0; i < 4; i++)
		x.state[i] = splitmix_next(&seed);
	return x;
}

static inline uint64_t xoshiro_rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

static inline uint64_t xoshiro_next(struct xoshiro *x)
{
	uint64_t *s = x->state;
	const uint64_t result = xoshiro_rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = xoshiro_rotate(s[3], 45);
	return result;
}

/* A number below n, which is not 0; all are equally likely. */
static inline uint64_t xoshiro_below(struct xoshiro *x, uint64_t n)
{
	const uint64_t uneven = -n % n; /* numbers that would come once more than others */
	uint64_t v;

	do
		v = xoshiro_next(x);
	while (v < uneven);
	return v % n;
}

#endif
