/* preprocess.h -- pixels as the numbers that a network was trained on.
 *
 * A pixel value v of a channel is fed as (v * scale - mean) / std, channels in the
 * network's order. */
#ifndef NETWORK_PREPROCESS_H
#define NETWORK_PREPROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { FEED_CHANNELS = 3, FEED_VALUES = 256 };

struct feed_values {
	bool reversed; /* blue first */
	double scale, mean[FEED_CHANNELS], standard[FEED_CHANNELS];
};

/* Customs by name, in this order, as tool options want them. */
#define FEED_PRESETS "none|imagenet-torch|caffe|tf|unit|demo"
extern const struct feed_values feed_presets[];

/* "a,b,c", or "a" for all channels, into three; EXIT_USAGE, naming what, where it is
 * neither. */
int feed_parse(const char *what, const char *text, double *three, struct error *e) CHECK_RESULT;

struct feed {
	bool reversed;
	float value[FEED_CHANNELS][FEED_VALUES]; /* by channel in the network's order */
};

void feed_make(struct feed *f, const struct feed_values *v);

/* rgb: (area, 3) bytes; planes: (3, area). */
void feed_planes(const struct feed *f, const unsigned char *rgb, size_t area, float *planes);

#endif
