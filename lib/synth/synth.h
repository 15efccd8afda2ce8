/* synth.h -- rendered scenes: pictures with exact labels, without end.
 *
 * Picture i of seed s is the same on every machine, whatever was rendered
 * before it.  There are two kinds, as in Broden: scenes (a backdrop and a cast
 * of things in some light), of which each is annotated in some of the
 * categories scene, object, part and material; and textures that fill the
 * picture.  All are annotated in colour.
 *
 * Masks are size / 2 pixels (rounded down) on a side.  With N = size and n the
 * mask's side, mask pixel (u, v) says
 *   - for object, part and material: what is drawn at the point
 *     ((u + 1/2) N/n, (v + 1/2) N/n) of the picture, in pixels from its top left
 *     corner: the middle of the mask pixel;
 *   - for colour: the name of the rounded mean of the picture's pixels from
 *     column floor(u N/n) up to, and without, floor((u+1) N/n), and likewise rows.
 * A second layer of object or part holds what the first lies within (a painting
 * on a wall, an eye in a head) and is there only where it is needed. */
#ifndef SYNTH_SYNTH_H
#define SYNTH_SYNTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum synth_category {
	SYNTH_COLOR,
	SYNTH_OBJECT,
	SYNTH_PART,
	SYNTH_MATERIAL,
	SYNTH_SCENE,
	SYNTH_TEXTURE,
	SYNTH_CATEGORIES
};

extern const char *const synth_category_names[SYNTH_CATEGORIES];

struct synth_label {
	const char *name; /* as in Broden: scenes end in -s, colours in -c */
	enum synth_category category;
};

/* Ten kinds of scenes, each with a backdrop of its own; or forty, of which four share a
 * backdrop and are told apart by the things in them, with more things, and more of them. */
enum synth_kinds { SYNTH_TEN, SYNTH_FORTY };

/* All labels by number, *count of them; number 0 is unlabelled, its name NULL. */
const struct synth_label *synth_labels(size_t *count);
/* Can pictures of these kinds have the label? */
bool synth_has_label(enum synth_kinds kinds, size_t number);

enum { SYNTH_SMALLEST = 16, SYNTH_LARGEST = 2048 };

struct synth_map {
	unsigned layers, height,
	        width;         /* layers 0: not annotated; 1 by 1: of the whole picture */
	const uint16_t *label; /* layers, height, width */
};

struct synth_picture {
	unsigned size, mask; /* sides of the picture and of its masks */
	const uint8_t *rgb;  /* size, size, 3 */
	struct synth_map map[SYNTH_CATEGORIES];
};

/* A renderer, for one thread at a time: pictures of size by size pixels, from
 * SYNTH_SMALLEST to SYNTH_LARGEST.  NULL with e set. */
struct synth *synth_new(unsigned size, enum synth_kinds kinds, struct error *e) CHECK_RESULT;
void synth_free(struct synth *s);

/* Render one picture; it belongs to s and lives until the next call. */
void synth_render(struct synth *s, uint64_t seed, uint64_t item, struct synth_picture *p);

#endif
