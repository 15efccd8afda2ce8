/* png.h -- PNG files; use image_decode() and label_map_decode() instead. */
#ifndef IMAGE_PNG_H
#define IMAGE_PNG_H

#include <stdbool.h>

#include "image/image.h"

/* Whether a file begins like one. */
bool png_is(const void *data, size_t length);
/* Of a PNG file, by its header. */
bool png_has_palette(const void *data, size_t length);
/* See image_decode_to() and label_map_decode_to(). */
int png_decode(const struct image_room *room, const void *data, size_t length,
               const char *place, struct error *e) CHECK_RESULT;
int png_decode_labels(const struct image_room *room, enum palette palette, const void *data,
                      size_t length, const char *place, struct error *e) CHECK_RESULT;

#endif
