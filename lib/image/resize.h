/* resize.h -- pictures to another size; the middle square of pictures and
 * label maps. */
#ifndef IMAGE_RESIZE_H
#define IMAGE_RESIZE_H

#include "image/image.h"

/* Scale to height x width, whatever the shape was.  A triangle filter whose
 * support is the source pixels under two target pixels (two source pixels when
 * enlarging), x then y, each pass rounded to 8 bits and computed in 22-bit
 * fixed point: the arithmetic of the Python Imaging Library's BILINEAR, whose
 * bytes it gives.  in and out differ; image_free() out. */
int image_resize(const struct image *in, uint32_t height, uint32_t width, struct image *out,
                 struct error *e) CHECK_RESULT;

/* The same filter, without rounding, of images of any channels: in (channels, height, width),
 * out (channels, to_height, to_width), the caller's. */
int planes_resize(const float *in, uint32_t channels, uint32_t height, uint32_t width,
                  uint32_t to_height, uint32_t to_width, float *out,
                  struct error *e) CHECK_RESULT;

/* The middle square of a picture of height x width, in its own pixels. */
struct square {
	uint32_t top, left, side;
};
struct square square_middle(uint32_t height, uint32_t width);

/* The part in the square, which lies within in; image_free() out. */
int image_crop(const struct image *in, struct square s, struct image *out,
               struct error *e) CHECK_RESULT;

/* How many labels of one axis that has labels of them over pixels pixels fall
 * into side pixels: labels * side / pixels rounded, at least 1. */
uint32_t label_map_crop_size(uint32_t labels, uint32_t pixels, uint32_t side);

/* The part of a label map of a picture of height x width that lies in the
 * square s of the picture, label_map_crop_size() an axis, each label from the
 * nearest place. */
int label_map_crop(const struct label_map *in, uint32_t height, uint32_t width, struct square s,
                   struct label_map *out, struct error *e) CHECK_RESULT;

/* A label map in another size, each label from the place that is nearest to its own in the
 * picture: label u of n from floor((u + 1/2) * N / n) of N. */
int label_map_resize(const struct label_map *in, uint32_t height, uint32_t width,
                     struct label_map *out, struct error *e) CHECK_RESULT;

#endif
