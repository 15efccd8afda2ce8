/* image.h -- pictures and label maps in memory, and how files become them.
 *
 * The kind of a file is told by its first bytes, never by its name:
 *
 *   JPEG  libjpeg-turbo; grey, YCbCr, RGB, CMYK and YCCK (inverted where an
 *         Adobe marker says so).  A warning of the decoder, such as a
 *         premature end, is an error unless no pixel is lost; then it is a
 *         remark.
 *   PNG   libpng; every colour type and bit depth, interlaced or not.  16 bits
 *         are scaled to 8, alpha and tRNS are dropped, no gamma is applied.
 *   PNM, PAM  any maxval is scaled to 255, alpha is dropped.
 *
 * Pixels are as they are stored; orientation.h tells whether a camera was held otherwise.
 *
 * Each of these functions may run on several threads at a time.  A file that is
 * no good is EXIT_MALFORMED; EXIT_SYSTEM is want of memory, also of the
 * libraries'. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdbool.h>
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

/* Room for a picture, not zeroed; image_free() it.  place begins the message where
 * the size is refused. */
int image_new(struct image *image, uint64_t height, uint64_t width, const char *place,
              struct error *e) CHECK_RESULT;
void image_free(struct image *image);
int label_map_new(struct label_map *map, uint64_t height, uint64_t width, const char *place,
                  struct error *e) CHECK_RESULT;
void label_map_free(struct label_map *map);

/* Room for a picture of a size that only its file knows: get() is called once, with a
 * size that is not refused above, and returns where the pixels go, packed as above, or
 * NULL with e set. */
struct image_room {
	void *(*get)(void *ctx, uint32_t height, uint32_t width, struct error *e);
	void *ctx;
	char *remark; /* [IMAGE_REMARK], empty, or NULL: the first thing that a decoder found
	                 odd about the file, though no pixel was lost */
};
enum { IMAGE_REMARK = 160 };
/* The get() of a struct image that ctx is: image_new(). */
void *image_new_room(void *image, uint32_t height, uint32_t width,
                     struct error *e) CHECK_RESULT;
/* A decoder's call of get(), the size checked. */
void *image_room(const struct image_room *room, uint64_t height, uint64_t width,
                 const char *place, struct error *e) CHECK_RESULT;

/* Decode a whole file.  place names it in messages, remark is as above.  On error *image
 * holds nothing to free. */
int image_decode(struct image *image, char *remark, const void *data, size_t length,
                 const char *place, struct error *e) CHECK_RESULT;
int image_decode_to(const struct image_room *room, const void *data, size_t length,
                    const char *place, struct error *e) CHECK_RESULT;

/* Say that a file which begins so is none of these, and what it is if that is known; -1. */
int image_unknown(const void *data, size_t length, const char *place,
                  struct error *e) CHECK_RESULT;

/* What a pixel of a PNG with a palette says. */
enum palette {
	PALETTE_COLOR, /* the colour of its entry, taken as in any other PNG */
	PALETTE_INDEX, /* the number of its entry */
};

/* Decode a label map from a PNG file: red + 256 * green, as Broden stores them,
 * where blue is 0; in a grey PNG of any depth the sample itself is the label.
 * RGB of 16 bits is refused, and so is blue other than 0. */
int label_map_decode(struct label_map *map, enum palette palette, const void *data,
                     size_t length, const char *place, struct error *e) CHECK_RESULT;
int label_map_decode_to(const struct image_room *room, enum palette palette, const void *data,
                        size_t length, const char *place, struct error *e) CHECK_RESULT;

/* Whether the file is a PNG with a palette. */
bool image_has_palette(const void *data, size_t length);

/* Names and versions of the decoders, a line each. */
const char *image_libraries(void);

#endif
