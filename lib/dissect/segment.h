/* segment.h -- binary segmentation masks: M_k(x) = S_k(x) >= T_k (Bau et al. 2017,
 * section 3.2), with S_k the unit's map interpolated to label resolution.
 *
 * A mask is a bitmap: row-major, no row padding, least significant bit first,
 * zero-padded to a multiple of 64 bytes.  Interpolation is float32, along x then
 * along y.  No interpolated value exceeds the cells around it, so only pixels
 * next to a cell that reaches the threshold are looked at; the result is that of
 * looking at all of them. */
#ifndef DISSECT_SEGMENT_H
#define DISSECT_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/upsample.h"

/* The least float that passes: S >= t, or S > t if strict, is S >= this.  It is
 * infinite where no float passes. */
float segment_bound(double t, bool strict);

/* Room that segment_map() works in, for one thread; free with
 * segment_scratch_free(), also after failure. */
struct segment_scratch {
	float *across;         /* (y->cells, x->pixels): the map, interpolated along x */
	unsigned char *row;    /* (x->pixels): 0 or 1 */
	unsigned char *active; /* (y->cells): whether a row of cells reaches the bound */
};

int segment_scratch_init(struct segment_scratch *s, const struct upsample_axis *y,
                         const struct upsample_axis *x, struct error *e) CHECK_RESULT;
void segment_scratch_free(struct segment_scratch *s);

/* 64-bit words of a bitmap of that many pixels. */
size_t segment_words(uint32_t height, uint32_t width);

/* Segment one map (y->cells, x->cells) of finite values into bitmap
 * (segment_words()).  False, and bitmap is left alone, if no cell reaches bound;
 * else whether a bit is set. */
bool segment_map(const struct upsample_axis *y, const struct upsample_axis *x, const float *map,
                 float bound, struct segment_scratch *s, uint64_t *bitmap);

#endif
