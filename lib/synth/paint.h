/* paint.h -- colours, and how what is drawn is filled. */
#ifndef SYNTH_PAINT_H
#define SYNTH_PAINT_H

#include <stdbool.h>

#include "synth/concept.h"
#include "synth/pattern.h"
#include "synth/random.h"

struct rgb {
	float r, g, b; /* 0 to 1 */
};

/* Hue in turns from red, wrapped; saturation and value 0 to 1. */
struct rgb rgb_hsv(float hue, float saturation, float value);
struct rgb rgb_mix(struct rgb a, struct rgb b, float share_of_b);
/* Something with a paint of its own: any hue, or black, grey, white. */
struct rgb rgb_any(struct random *r);
/* One of the n given, and a little off. */
struct rgb rgb_pick(struct random *r, const struct rgb *choice, int n);

/* Sine of an angle in turns, by a polynomial. */
float paint_sine(float turns);

/* x, or the end of the range that it is beyond. */
static inline float paint_limit(float x, float low, float high)
{
	return x < low ? low : x > high ? high : x;
}

/* How a shape is filled. */
struct paint {
	enum concept material;  /* or NOTHING */
	struct rgb dark, light; /* what the pattern runs between */
	pattern *pattern;
	float u, v;    /* cells of the pattern in 1 unit of the place */
	float u0, v0;  /* where it begins */
	float turn;    /* direction of u, in turns */
	float warp;    /* noise in its course, in cells */
	float alpha;   /* 1: opaque; below a half the masks are left alone */
	float relief;  /* share of light that the lit side gains and the other loses */
	float horizon; /* drawn in perspective towards a horizon there; 0: not */
	bool glows;    /* by itself: the canvas's light is not applied */
};

/* One colour all over, no material. */
struct paint paint_plain(struct rgb color);

/* The usual look of a material in a given colour; where its pattern begins is drawn. */
struct paint paint_material(struct random *r, enum concept material, struct rgb color);

#endif
