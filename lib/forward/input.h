/* input.h -- an item as the input of a network: its PLANES, or else its IMAGE, as values. */
#ifndef FORWARD_INPUT_H
#define FORWARD_INPUT_H

#include "network/preprocess.h"
#include "record/ndr.h"

struct forward_input {
	size_t depth, height, width; /* what the network takes */
	const char
	        *integers; /* NULL, or the type of its values, which are from least to most */
	float least, most;
	struct preprocess preprocess;
	bool resize; /* images of another size are scaled to it; the stream keeps them as they
	                are */
};

/* Floats that an image becomes. */
size_t forward_input_values(const struct forward_input *f);

/* The record that is fed, or NULL. */
const struct ndr_record *forward_input_image(const struct ndr_item *item);

/* Its pixels. */
void forward_image_size(const struct ndr_record *image, size_t *height, size_t *width);

/* Into (depth, height, width).  EXIT_MALFORMED if there is no image, or it is of another size
 * (but see resize), of other channels or of other values than the network takes. */
int forward_input_fill(const struct forward_input *f, const struct ndr_item *item,
                       float *values, struct error *e) CHECK_RESULT;

#endif
