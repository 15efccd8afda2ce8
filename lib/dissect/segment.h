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

#include "dissect/quantile.h"
#include "dissect/upsample.h"

/* The least float that passes: S >= t, or S > t if strict, is S >= this.  It is
 * infinite where no float passes. */
float segment_bound(double t, bool strict);

/* The bounds (units) of a layer's thresholds (units): S >= T, but S > T for all if
 * strict, and for units with far more samples at their threshold than the level
 * allows (level_is_tied()), which *ties counts.  EXIT_MALFORMED, naming the unit
 * (from 1), if a threshold makes no sense. */
int segment_bounds(const struct threshold *thresholds, size_t units, bool strict, float *bounds,
                   size_t *ties, struct error *e) CHECK_RESULT;

/* 64-bit words of a bitmap of that many pixels. */
size_t segment_words(uint32_t height, uint32_t width);

/* Segments one layer's maps, image after image, for one thread. */
struct segmenter {
	size_t units;
	enum upsample_method method;
	struct upsample_geometry geometry[2]; /* y, x; pixels: of the last image */
	/* Units of the last image that a cell says can have a bit set, ascending. */
	size_t count, words;
	uint32_t *unit; /* (count) */
	/* private: */
	struct upsample_axis y, x;
	float *across;         /* (cells of y, pixels of x): a map, interpolated along x */
	unsigned char *row;    /* (pixels of x): 0 or 1 */
	unsigned char *active; /* (cells of y): whether a row of cells reaches the bound */
};

/* geometry: y, x; its pixels are not used.  Free with segmenter_free(), also after failure. */
int segmenter_init(struct segmenter *s, size_t units, enum upsample_method method,
                   const struct upsample_geometry geometry[2], struct error *e) CHECK_RESULT;
void segmenter_free(struct segmenter *s);

/* Find the units whose mask can have a bit set, and the words of a mask, in maps (units, cells
 * of y, cells of x), all finite, at height x width label pixels, at least 1 each.
 * EXIT_MALFORMED as from upsample_axis_init(). */
int segmenter_find(struct segmenter *s, const float *maps, const float *bounds, uint32_t height,
                   uint32_t width, struct error *e) CHECK_RESULT;
/* Draw their masks, of the same maps, into bitmap (count, words), zeroed: those that have a bit
 * set come first, their units in unit (count).  Returns how many they are; what is behind them
 * stays zero. */
size_t segmenter_draw(struct segmenter *s, const float *maps, const float *bounds,
                      uint32_t *unit, uint64_t *bitmap);
/* The same into one bitmap (words), zeroed, that all of them share: where any of these units is
 * at its threshold.  Returns how many have a bit set. */
size_t segmenter_unite(struct segmenter *s, const float *maps, const float *bounds,
                       uint64_t *bitmap);

#endif
