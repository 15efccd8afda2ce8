/* png_writer.h -- pictures as PNG files. */
#ifndef IMAGE_PNG_WRITER_H
#define IMAGE_PNG_WRITER_H

#include "base/text.h"
#include "image/image.h"

/* Append a PNG file of the picture: RGB of 8 bits, nothing but pixels.  EXIT_SYSTEM is want of
 * memory; then some of it may be there. */
int png_encode(struct text *t, const struct image *image, struct error *e) CHECK_RESULT;
/* The same of a label map, as Broden has them: red + 256 * green. */
int png_encode_labels(struct text *t, const struct label_map *map,
                      struct error *e) CHECK_RESULT;

#endif
