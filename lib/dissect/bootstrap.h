/* bootstrap.h -- how much a number would change with other images: Efron, "Bootstrap methods:
 * another look at the jackknife", 1979, over blocks of images. */
#ifndef DISSECT_BOOTSTRAP_H
#define DISSECT_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* How often each of the blocks is drawn in each of the samples, blocks times with replacement,
 * one sample after the other, by xoshiro256** with that seed: times (samples, blocks), written.
 */
void bootstrap_draw(uint64_t seed, size_t samples, size_t blocks, uint32_t *times);

/* The central 95 % of n values, at least 1, which are sorted: interval gets the value number
 * floor(0.025 n) and the one number ceil(0.975 n) - 1, from 0. */
void bootstrap_interval(double *value, size_t n, double interval[static 2]);

#endif
