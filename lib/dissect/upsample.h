/* upsample.h -- where the pixels of a label map fall among the cells of an
 * activation map, and what bilinear interpolation gives there.
 *
 * Axes are independent.  For each pixel of an axis a table holds the cells
 * before and after it and how far it is between them; a pixel beyond the centre
 * of the outermost cell takes that cell's value. */
#ifndef DISSECT_UPSAMPLE_H
#define DISSECT_UPSAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum upsample_method {
	/* Cell i sits at the centre of its receptive field, offset + i * stride in
	 * pixels of the network's input; label pixel u of n at
	 * (u + 0.5) * input / n - 0.5. */
	UPSAMPLE_RF,
	/* Both grids cover the same square: pixel u at (u + 0.5) * cells / n - 0.5
	 * cells (PIL's and NetDissect-Lite's resize). */
	UPSAMPLE_RESIZE,
	/* Outermost cells on outermost pixels: u * (cells - 1) / (n - 1). */
	UPSAMPLE_CORNERS,
	/* The first release's integers (NetDissect src/upsample.py, centered_arange):
	 * r = round(input / n), cell i at centre // r + i * (stride // r), pixel u at u. */
	UPSAMPLE_RF_INT,
};

struct upsample_geometry {
	uint32_t cells, pixels;      /* at least 1 each */
	double offset, stride, size; /* receptive field; size 0: not known */
	uint32_t input;              /* size of the network's input; 0: not known */
};

struct upsample_axis {
	uint32_t cells, pixels;
	uint32_t *low, *high; /* (pixels): cell before, cell after; equal where fraction is 0 */
	float *fraction;      /* (pixels): from low towards high, in [0, 1) */
	/* (cells): begin[c] is the first pixel with a cell c or beyond, end[c] the first
	 * with none up to c: cells c to d show in pixels [begin[c], end[d]) at most. */
	uint32_t *begin, *end;
};

/* Fill axis.  EXIT_MALFORMED if the method needs geometry that is not known or
 * that it cannot handle; a single cell needs none.  Free with
 * upsample_axis_free(), also after failure. */
int upsample_axis_init(struct upsample_axis *axis, enum upsample_method method,
                       const struct upsample_geometry *g, struct error *e) CHECK_RESULT;
void upsample_axis_free(struct upsample_axis *axis);

/* a + f * (b - a) in float32, never outside [a, b]: so equal ends give exactly
 * their value, and no interpolated value exceeds the cells around it.  f is 0
 * only where a and b are the same cell, which also keeps a difference that
 * overflows from becoming NaN. */
static inline float upsample_lerp(float a, float b, float f)
{
	const float low = a < b ? a : b, high = a < b ? b : a;
	const float value = a + f * (b - a);

	return value < low ? low : value > high ? high : value;
}

#endif
