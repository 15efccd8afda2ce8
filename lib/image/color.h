/* color.h -- the eleven basic colour names of English, from RGB.
 *
 * Berlin and Kay's eleven terms (Basic Color Terms, 1969) are the colour
 * category of Broden, which took them from a table learnt by van de Weijer et
 * al. (2009).  Here the name is a fixed rule instead:
 *
 *   1. r, g, b are cut to 32 levels each, as such tables are, and the middle
 *      of that cell, (8*(r/8)+4, ...), stands for the colour;
 *   2. the cell and some sixty prototype colours (color.c states them, four to
 *      ten a name) are carried from sRGB to Oklab (B. Ottosson, 2020), where
 *      Euclidean distance is close to the distance that people see;
 *   3. the nearest prototype gives the name; ties go to the first listed.
 *      Lightness counts half, since a name is more a matter of hue.
 *
 * Only + - * / on doubles are used, so every machine builds the same table. */
#ifndef IMAGE_COLOR_H
#define IMAGE_COLOR_H

#include <stdint.h>

/* In alphabetical order. */
enum color {
	COLOR_BLACK,
	COLOR_BLUE,
	COLOR_BROWN,
	COLOR_GREEN,
	COLOR_GREY,
	COLOR_ORANGE,
	COLOR_PINK,
	COLOR_PURPLE,
	COLOR_RED,
	COLOR_WHITE,
	COLOR_YELLOW,
	COLOR_COUNT
};

/* "black" ... "yellow". */
extern const char *const color_names[COLOR_COUNT];

enum { COLOR_LEVELS = 32 };

struct color_table {
	uint8_t cell[COLOR_LEVELS][COLOR_LEVELS][COLOR_LEVELS]; /* r, g, b */
};

/* Fill the table; a few milliseconds. */
void color_table_init(struct color_table *t);

/* The name of an sRGB colour. */
static inline enum color color_name(const struct color_table *t, uint8_t r, uint8_t g,
                                    uint8_t b)
{
	return t->cell[r >> 3][g >> 3][b >> 3];
}

#endif
