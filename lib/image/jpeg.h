/* jpeg.h -- JPEG files; use image_decode() instead. */
#ifndef IMAGE_JPEG_H
#define IMAGE_JPEG_H

#include <stdbool.h>

#include "image/image.h"

/* Whether a file begins like one. */
bool jpeg_is(const void *data, size_t length);
/* See image_decode_to(). */
int jpeg_decode(const struct image_room *room, const void *data, size_t length,
                const char *place, struct error *e) CHECK_RESULT;

#endif
