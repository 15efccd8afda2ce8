/* partition.h -- the classes that an image's pixels fall into: those of one class have the
 * same set of labels.
 *
 * A class is found by its set, bit by bit, so no two are ever taken for one.  Pixels are
 * those of segment.h's bitmaps; of each of their words it is kept which of its bits are of
 * which class, so that a mask's pixels are told apart by a few bits and counts a word. */
#ifndef DISSECT_PARTITION_H
#define DISSECT_PARTITION_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/sparse.h"

struct partition_hit {
	size_t class;
	uint64_t pixels; /* at least 1 */
};

/* Reused from image to image by one thread.  Zero it before use. */
struct partition {
	size_t classes;
	uint64_t *pixels;          /* (classes): of each, at least 1 */
	size_t labels;             /* that the image holds */
	uint16_t *number;          /* (labels): ascending */
	struct partition_hit *hit; /* see partition_count() */
	/* private: */
	size_t key_words;
	uint64_t *key;   /* (classes, key_words): a bit for each of the labels */
	uint64_t *now;   /* (key_words): of the pixel at hand */
	uint64_t *turns; /* (64, key_words): labels that begin or end at a pixel of the word */
	uint32_t *order; /* (labels): place in number */
	size_t slots;    /* a power of 2 */
	uint32_t *slot;  /* (slots): a class + 1 */
	size_t words;
	size_t *begin; /* (words + 1): of each word its parts */
	size_t parts;
	uint64_t *mask;  /* (parts): its bits, */
	uint32_t *class; /* (parts): all of one class */
	size_t *last;    /* (classes): its last part + 1 */
	uint64_t *sum;   /* (classes) */
	size_t number_capacity, order_capacity, key_capacity, now_capacity, turns_capacity,
	        slot_capacity, begin_capacity, mask_capacity, class_capacity, last_capacity,
	        pixels_capacity, sum_capacity, hit_capacity;
};

/* The classes of an image of at least one pixel.  EXIT_MALFORMED where no picture has so many.
 */
int partition_find(struct partition *p, uint32_t height, uint32_t width,
                   const struct sparse_labels *labels, struct error *e) CHECK_RESULT;
void partition_free(struct partition *p);

/* The labels of a class, ascending, into list, which has room for all of the image's; how
 * many there are. */
size_t partition_set(const struct partition *p, size_t class, uint16_t *list);

/* The pixels in each class of a mask's words, where none of the others has a bit: of these
 * places in its bitmap, or with NULL from the first one on.  Into p->hit, in no order;
 * returns how many classes there are. */
size_t partition_count(struct partition *p, const uint64_t *word, const uint32_t *place,
                       size_t words);

#endif
