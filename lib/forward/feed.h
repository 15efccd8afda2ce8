/* feed.h -- an item's image as the values that a network takes: its PLANES, or else its IMAGE.
 */
#ifndef FORWARD_FEED_H
#define FORWARD_FEED_H

#include "network/preprocess.h"
#include "record/ndr.h"

struct feed {
	size_t depth, height, width; /* what the network takes */
	const char
	        *integers; /* NULL, or the type of its values, which are from least to most */
	float least, most;
	struct preprocess preprocess;
	bool resize; /* images of another size are scaled to it; the stream keeps them as they
	                are */
};

/* Floats that an image becomes. */
size_t feed_values(const struct feed *f);

/* The record that is fed, or NULL. */
const struct ndr_record *feed_image(const struct ndr_item *item);

/* Its pixels. */
void feed_size(const struct ndr_record *image, size_t *height, size_t *width);

/* Into (depth, height, width).  EXIT_MALFORMED if there is no image, or it is of another size
 * (but see resize), of other channels or of other values than the network takes. */
int feed_item(const struct feed *f, const struct ndr_item *item, float *values,
              struct error *e) CHECK_RESULT;

#endif
