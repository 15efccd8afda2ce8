/* draw.h -- masks, lines and words on a picture.
 *
 * Masks are bitmaps as dissect/segment.h has them: of the picture's size, row-major, without
 * padding of rows, least significant bit first.  All is done in integers: the same bytes
 * everywhere.  What falls outside of the picture is left out. */
#ifndef IMAGE_DRAW_H
#define IMAGE_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/image.h"

struct draw_color {
	uint8_t red, green, blue;
};

/* Colours that differ in lightness too, after Okabe and Ito's set for all kinds of colour
 * vision ("Color Universal Design", 2008). */
enum { DRAW_COLORS = 8 };
extern const struct draw_color draw_color[DRAW_COLORS];

struct draw_box {
	int64_t left, top, width, height;
};

/* Mix the pixels in the box, of a mask, or outside of all of n masks with a colour; percent:
 * its share. */
void draw_fill(struct image *image, struct draw_box box, struct draw_color color,
               unsigned percent);
void draw_mask(struct image *image, const uint64_t *mask, uint32_t height,
               struct draw_color color, unsigned percent);
void draw_outside(struct image *image, const uint64_t *const *mask, size_t n, uint32_t height,
                  struct draw_color color, unsigned percent);
/* A line on the mask's pixels that are no further than width pixels from one outside of it,
 * the picture's edge included, along rows and columns. */
void draw_outline(struct image *image, const uint64_t *mask, uint32_t height, uint32_t width,
                  struct draw_color color);

/* Characters are DRAW_WIDTH by DRAW_HEIGHT pixels, times scale; one that is not ASCII is a box,
 * a control character too. */
enum { DRAW_WIDTH = 6, DRAW_HEIGHT = 8 };
/* Characters of a text. */
size_t draw_length(const char *text);
/* At most so many of them, the last one an ellipsis if there are more. */
void draw_text(struct image *image, int64_t left, int64_t top, unsigned scale,
               struct draw_color color, const char *text, size_t most);

#endif
