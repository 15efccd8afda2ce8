/* image.h -- pictures and label maps in memory, and how files become them.
 *
 * The kind of a file is told by its first bytes, never by its name:
 *
 *   JPEG  libjpeg-turbo; grey, YCbCr, RGB, CMYK and YCCK (inverted where an
 *         Adobe marker says so).  A warning of the decoder, such as a
 *         premature end, is an error.  EXIF orientation is not applied.
 *   PNG   libpng; every colour type and bit depth, interlaced or not.  16 bits
 *         are scaled to 8, alpha and tRNS are dropped, no gamma is applied.
 *   PNM, PAM  libnetpbm; any maxval is scaled to 255, alpha is dropped.
 *
 * Each of these functions may run on several threads at a time (libnetpbm,
 * which cannot, is held under a lock). */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Larger pictures are refused before anything is allocated for them. */
#define IMAGE_SIDE_MAX   16384u
#define IMAGE_PIXELS_MAX (1u << 26)

struct image {
	uint32_t height, width;
	uint8_t *pixel; /* [height][width][3]: red, green, blue */
};

struct label_map {
	uint32_t height, width;
	uint16_t *label; /* [height][width]; 0 = unlabelled */
};

/* Room for a picture, zeroed; image_free() it.  place begins the message where
 * the size is refused. */
int image_new(struct image *image, uint64_t height, uint64_t width, const char *place,
              struct error *e) CHECK_RESULT;
void image_free(struct image *image);
int label_map_new(struct label_map *map, uint64_t height, uint64_t width, const char *place,
                  struct error *e) CHECK_RESULT;
void label_map_free(struct label_map *map);

/* Decode a whole file.  place names it in messages.  On error *image holds
 * nothing to free. */
int image_decode(struct image *image, const void *data, size_t length, const char *place,
                 struct error *e) CHECK_RESULT;

/* Decode a label map from a PNG file: red + 256 * green, as Broden stores them,
 * also through a palette; in a grey PNG of any depth the sample itself is the
 * label.  RGB of 16 bits is refused. */
int label_map_decode(struct label_map *map, const void *data, size_t length, const char *place,
                     struct error *e) CHECK_RESULT;

/* Names and versions of the decoders, a line each. */
const char *image_libraries(void);

#endif
