/* masks.h -- where units are at their thresholds: ACT -> SEG. */
#ifndef STAGE_MASKS_H
#define STAGE_MASKS_H

#include "dissect/segment.h"
#include "record/ndr.h"
#include "stage/thresholds.h"

/* For the segment that is being read.  Zero it before use. */
struct masks {
	size_t layers;
	const float **bounds; /* (layers): the thresholds' */
	size_t threads;
	struct segmenter *segmenters; /* (threads, layers) */
	uint64_t most_pixels;         /* of the masks of an item */
};

/* An item may have so many pixels of masks for each that its labels may have: as few numbers
 * announce many masks, they are limited like labels. */
enum { MASKS_PER_LABEL = 32 };
/* The most pixels along an axis of label maps, and so of masks. */
enum { MASKS_LARGEST_SIDE = 65535 };

/* Get ready for a segment's layers, on so many threads, for items of at most so many label
 * pixels (0: NDR_LABEL_PIXELS); the thresholds outlive m.
 * EXIT_MALFORMED where a layer has no thresholds, or cells of a place that the method cannot
 * work with.  Close m in the end, also after an error. */
int masks_segment(struct masks *m, const struct ndr_meta *meta, const struct thresholds *t,
                  enum upsample_method method, size_t threads, uint64_t most_label_pixels,
                  struct error *e) CHECK_RESULT;
void masks_close(struct masks *m);

/* Append to out the SEG of each ACT of an item, at the size of its labels; an image without
 * labels is segmented at its own.  EXIT_MALFORMED where they have too many pixels. */
int masks_add(struct masks *m, const struct ndr_item *in, struct ndr_item *out, size_t thread,
              struct error *e) CHECK_RESULT;

#endif
