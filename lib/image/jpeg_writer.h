/* jpeg_writer.h -- pictures as JPEG files. */
#ifndef IMAGE_JPEG_WRITER_H
#define IMAGE_JPEG_WRITER_H

#include "base/text.h"
#include "image/image.h"

/* Append a baseline JPEG file of the picture: YCbCr, colours at half the size, quality from 1
 * to 100 as libjpeg has it.  EXIT_SYSTEM is want of memory; then some of it may be there. */
int jpeg_encode(struct text *t, const struct image *image, int quality,
                struct error *e) CHECK_RESULT;

#endif
