/* sparse.h -- the masks and the labels of many images, kept to be compared in other pairs
 * than their own.
 *
 * Half of the words of a mask (segment.h), from the first that has a bit to the last, have
 * none: only the others are kept.  Of each such word all labels are wanted, so the bitmaps of
 * an image's labels stand word by word. */
#ifndef DISSECT_SPARSE_H
#define DISSECT_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/intersect.h"

/* The masks of one image and layer. */
struct sparse_mask {
	uint32_t unit, area;
	size_t begin, end; /* of its words */
};

struct sparse_masks {
	size_t count, words;
	struct sparse_mask *mask; /* (count) */
	uint64_t *word;           /* (words): none is 0 */
	uint32_t *place;          /* (words): which of the bitmap it is */
	/* private: */
	size_t mask_capacity, word_capacity, place_capacity;
};

/* Add a unit's bitmap of that many words; one without a bit is left out. */
int sparse_masks_add(struct sparse_masks *s, uint32_t unit, const uint64_t *bitmap,
                     size_t words, struct error *e) CHECK_RESULT;
/* Give back what memory was held in reserve, and say how many bytes are left. */
size_t sparse_masks_fit(struct sparse_masks *s);
void sparse_masks_free(struct sparse_masks *s);

struct sparse_label {
	uint16_t number;
	uint32_t area;
};

/* The labels of one image. */
struct sparse_labels {
	size_t count;               /* of them, first those with bitmaps, then the others, */
	size_t bitmaps;             /*   which have all pixels */
	struct sparse_label *label; /* (count) */
	uint64_t *word;             /* (words of a bitmap, bitmaps) */
};

/* Those of an image, finished, into a zeroed s; free it also after an error. */
int sparse_labels_copy(struct sparse_labels *s, const struct image_labels *l,
                       struct error *e) CHECK_RESULT;
void sparse_labels_free(struct sparse_labels *s);

/* Add the pixels that masks share with labels, of the same size, to pixels (units, numbers),
 * where numbers is more than the greatest label. */
void sparse_intersect(const struct sparse_masks *m, const struct sparse_labels *l,
                      size_t numbers, uint64_t *pixels);

#endif
