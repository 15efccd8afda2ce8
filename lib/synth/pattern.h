/* pattern.h -- surfaces of rendered scenes, as functions of place.
 *
 * A pattern gives 0 (dark) to 255 (light) at (u, v), coordinates that painter
 * code lays over the picture as it likes: turned, stretched, in perspective.
 * They are fixed point, 16 bits after the point, and repeat or look random
 * from one unit cell to the next; all is integer arithmetic but one square
 * root, so a pattern is the same on every machine. */
#ifndef SYNTH_PATTERN_H
#define SYNTH_PATTERN_H

#include <stdint.h>

enum { UNIT = 1 << 16 };

enum { NOISE_SIDE = 256 };

/* Noise to look up, periodic in both directions. */
struct noise {
	uint8_t smooth[NOISE_SIDE][NOISE_SIDE]; /* four octaves, largest feature 16 */
	uint8_t white[NOISE_SIDE][NOISE_SIDE];  /* independent values */
};

/* The same noise each time. */
void noise_init(struct noise *n);

/* A run of n pixels along a row of the picture. */
struct sweep {
	const struct noise *noise;
	int32_t u, v;   /* at its first pixel */
	int32_t du, dv; /* from one pixel to the next */
	int32_t warp;   /* noise added to u and v, in 1/256 units */
	int32_t pixel;  /* what a pixel spans, above 0: edges are as soft as that */
	uint32_t seed;  /* of what differs from cell to cell */
	int n;
};

/* Fills t[0..s->n). */
typedef void pattern(const struct sweep *s, uint8_t *t);

/* Surfaces. */
pattern pattern_plain, pattern_fade, pattern_noise, pattern_grains, pattern_blades,
        pattern_ripples, pattern_leaves, pattern_bricks, pattern_planks, pattern_tiles,
        pattern_sheen, pattern_weave;
/* Textures. */
pattern pattern_stripes, pattern_dots, pattern_checks, pattern_grid, pattern_zigzag,
        pattern_basket, pattern_honeycomb, pattern_crosshatch, pattern_rings, pattern_scales,
        pattern_bubbles, pattern_marble, pattern_blotches, pattern_sprinkles;

#endif
