/* pnm.h -- PBM, PGM, PPM and PAM files and streams, the formats of Netpbm. */
#ifndef IMAGE_PNM_H
#define IMAGE_PNM_H

#include <stdbool.h>
#include <stdio.h>

#include "image/image.h"

/* Whether a file begins like one. */
bool pnm_is(const void *data, size_t length);

/* One file that holds one picture (of several, the first). */
int pnm_decode(const struct image_room *room, const void *data, size_t length,
               const char *place, struct error *e) CHECK_RESULT;

/* Next picture of a stream, in which pictures follow each other directly.
 * 1: *image is filled, image_free() it; 0: the stream has ended; -1: error,
 * *image holds nothing. */
int pnm_read(FILE *stream, struct image *image, const char *place,
             struct error *e) CHECK_RESULT;

/* Append a PPM picture of maxval 255, [height][width][3]. */
int pnm_write_rgb(FILE *stream, const uint8_t *pixel, uint32_t height, uint32_t width,
                  const char *place, struct error *e) CHECK_RESULT;

/* Append a PGM picture of maxval 65535, [height][width]. */
int pnm_write_grey(FILE *stream, const uint16_t *value, uint32_t height, uint32_t width,
                   const char *place, struct error *e) CHECK_RESULT;

#endif
