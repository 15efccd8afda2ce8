/* canvas.h -- a picture under way: pixels, and masks beside them.
 *
 * Coordinates of the whole picture run from (0, 0), top left, to (1, 1).  What
 * draws an object sets a place first, and then draws in the object's own
 * coordinates: y upwards, (0, 0) the middle of its foot, 1 its height.
 *
 *	canvas_begin(c, TREE, place);
 *	canvas_part(c, TRUNK, NOTHING);
 *	canvas_box(c, &bark, -0.06f, 0, 0.06f, 0.5f);
 *
 * Every shape is a polygon, drawn over what is there: on the pixels with
 * exact coverage, as blend of colours; on the masks at the middle of
 * each mask pixel.  Vertices are floats made with + - * / only and are rounded to
 * 1/256 pixel before anything is drawn: the same everywhere. */
#ifndef SYNTH_CANVAS_H
#define SYNTH_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "synth/concept.h"
#include "synth/paint.h"

struct place {
	float x, y, height; /* foot and height, in the picture's coordinates */
	float flip;         /* 1 or -1 */
	float haze;         /* 0 to 1: share of the air's colour */
};

enum { PATH_POINTS = 160 };

struct canvas {
	unsigned size, mask; /* sides of picture and masks; mask = size / 2 */
	const struct noise *noise;
	struct random random;
	struct rgb light, air;       /* daylight; colour of what is far away */
	float lit_from;              /* -1 left to 1 right */
	bool night;                  /* lamps are lit */
	enum concept object, within; /* what is being drawn; and in which object it may lie */
	enum concept part, part_within;
	uint8_t *plane[3];                                 /* red, green, blue: size * size */
	uint16_t *object_at[2], *part_at[2], *material_at; /* concepts, mask * mask */
	/* private to canvas.c: */
	float x, y, width, height, haze; /* of the place: its foot, and its units */
	int points;
	float point[PATH_POINTS][2];
	int32_t *area;   /* size * (size + 2): coverage to be summed along rows */
	uint8_t *shade;  /* a row of pattern */
	uint16_t *cover; /* a row of coverage, 256 = all */
};

int canvas_init(struct canvas *c, unsigned size, const struct noise *noise,
                struct error *e) CHECK_RESULT;
void canvas_free(struct canvas *c);
/* All black, nothing labelled, picture coordinates, white light. */
void canvas_clear(struct canvas *c);

/* Start an object; or, with NOTHING, an unlabelled shape.  Where it covers one labelled within,
 * both labels stay. */
void canvas_begin(struct canvas *c, enum concept object, enum concept within,
                  struct place place);
/* Start what has no shape of its own (sky, ground), in picture coordinates. */
void canvas_stuff(struct canvas *c, enum concept object);
/* What follows belongs to this part; the same for a part within a part. */
void canvas_part(struct canvas *c, enum concept part, enum concept within);

/* The usual look of a material in a given colour. */
static inline struct paint canvas_paint(struct canvas *c, enum concept material,
                                        struct rgb color)
{
	return paint_material(&c->random, material, color);
}

/* Add a point, of at most PATH_POINTS; draw the polygon of those added, and forget them. */
void canvas_point(struct canvas *c, float x, float y);
void canvas_draw(struct canvas *c, const struct paint *paint);

void canvas_polygon(struct canvas *c, const struct paint *p, const float (*xy)[2], int n);
void canvas_box(struct canvas *c, const struct paint *p, float x0, float y0, float x1,
                float y1);
void canvas_ellipse(struct canvas *c, const struct paint *p, float x, float y, float rx,
                    float ry);
/* An ellipse with bumps, about that many. */
void canvas_blob(struct canvas *c, const struct paint *p, float x, float y, float rx, float ry,
                 int bumps);
/* A bar from one point to another, width w0 at the first, w1 at the second. */
void canvas_bar(struct canvas *c, const struct paint *p, float x0, float y0, float x1, float y1,
                float w0, float w1);
/* A skyline from x0 to x1 over y, with peaks up to height above it (below 0 in
 * picture coordinates); only what is higher than the share cut of height. */
void canvas_ridge(struct canvas *c, const struct paint *p, float x0, float x1, float y,
                  float height, float roughness, float cut);

#endif
