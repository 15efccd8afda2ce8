/* orientation.h -- how a camera was held, as EXIF tells it, and pictures turned upright. */
#ifndef IMAGE_ORIENTATION_H
#define IMAGE_ORIENTATION_H

#include "image/image.h"

/* The orientation that a JPEG or PNG file notes, 1 to 8 as in EXIF 2.3, tag 0x112; 1, upright,
 * where there is none or what is there is malformed. */
int image_orientation(const void *data, size_t length);

/* Turn a picture that was stored with an orientation upright, in place; on error it is as it
 * was. */
int image_turn(struct image *image, int orientation, struct error *e) CHECK_RESULT;

#endif
