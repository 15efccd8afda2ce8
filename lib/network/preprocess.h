/* preprocess.h -- images as the numbers that a network was trained on.
 *
 * A value v of a channel is fed as (v * scale - mean) / std, channels in the network's order.
 */
#ifndef NETWORK_PREPROCESS_H
#define NETWORK_PREPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	PREPROCESS_COLOURS = 3, /* of a photograph */
	PREPROCESS_LEVELS = 256,
	PREPROCESS_MOST = 1024, /* channels of a network */
};

/* Values that networks were trained on, by name, in this order, as tool options want them. */
#define PREPROCESS_PRESETS "none|imagenet-torch|caffe|tf|unit|demo"

/* What the channels are made of, by name, in this order. */
#define PREPROCESS_CHANNELS "preset|rgb|bgr|average|luma|replicate"
enum preprocess_channels {
	PREPROCESS_PRESET, /* the preset's order; of a network of one channel: the average */
	PREPROCESS_RGB,
	PREPROCESS_BGR,
	PREPROCESS_AVERAGE, /* each is grey: (red + green + blue) / 3 */
	/* each is grey, a whole number: 0.299 red + 0.587 green + 0.114 blue as the Python
	 * Imaging Library's L rounds it */
	PREPROCESS_LUMA,
	PREPROCESS_REPLICATE /* each is the one channel of the image */
};

/* What is asked for; zeros, NULL and NAN: what the preset has. */
struct preprocess_choice {
	int preset; /* number in PREPROCESS_PRESETS */
	enum preprocess_channels channels;
	double scale;
	/* "A,B,...": a number for each of the network's channels, or one for all.  For the
	 * average in a network of one channel it can be three, of red, green and blue, whose
	 * values are averaged then (NetDissect's --colordepth 1). */
	const char *mean, *standard;
};

/* How values are made of an image; see preprocess_choose(). */
struct preprocess {
	enum preprocess_channels channels;
	size_t depth; /* the network's channels */
	double scale;
	size_t values; /* that mean and standard have: depth, or PREPROCESS_COLOURS */
	double mean[PREPROCESS_MOST], standard[PREPROCESS_MOST];
	float level[PREPROCESS_COLOURS][PREPROCESS_LEVELS]; /* a photograph's, by the place of
	                                                       its mean; unused with grey */
};

/* How to feed a network of so many channels.  EXIT_USAGE, naming the option, where what is
 * asked for makes no sense or is not for as many. */
int preprocess_choose(const struct preprocess_choice *c, size_t depth, struct preprocess *f,
                      struct error *e) CHECK_RESULT;
/* Whether nothing is asked for: values are fed as they are. */
bool preprocess_is_plain(const struct preprocess_choice *c);

/* A photograph, (area, 3) bytes, into (depth, area).  EXIT_MALFORMED if the network takes
 * other channels. */
int preprocess_image(const struct preprocess *f, const uint8_t *rgb, size_t area, float *out,
                     struct error *e) CHECK_RESULT;
/* An image of any channels, (channels, area), likewise; with replicate it has one. */
int preprocess_planes(const struct preprocess *f, const float *planes, size_t channels,
                      size_t area, float *out, struct error *e) CHECK_RESULT;

#endif
