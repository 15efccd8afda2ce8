/* preprocess.h -- pixels as the numbers that a network was trained on.
 *
 * A pixel value v of a channel is fed as (v * scale - mean) / std, channels in the
 * network's order. */
#ifndef NETWORK_PREPROCESS_H
#define NETWORK_PREPROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { PREPROCESS_CHANNELS = 3, PREPROCESS_VALUES = 256 };

struct preprocess_values {
	bool reversed; /* blue first */
	double scale, mean[PREPROCESS_CHANNELS], standard[PREPROCESS_CHANNELS];
};

/* Values that networks were trained on, by name, in this order, as tool options want them. */
#define PREPROCESS_PRESETS "none|imagenet-torch|caffe|tf|unit|demo"
extern const struct preprocess_values preprocess_presets[];

/* "a,b,c", or "a" for all channels, into three; EXIT_USAGE, naming what, where it is
 * neither. */
int preprocess_parse(const char *what, const char *text, double *three,
                     struct error *e) CHECK_RESULT;

enum preprocess_order { PREPROCESS_PRESET, PREPROCESS_RGB, PREPROCESS_BGR };

/* What is asked for; zeros, NULL and NAN: what the preset has. */
struct preprocess_choice {
	int preset; /* number in preprocess_presets */
	enum preprocess_order channels;
	double scale;
	const char *mean, *standard; /* as preprocess_parse() reads them */
};

/* Its values.  EXIT_USAGE, naming the option, where they make no sense. */
int preprocess_choose(const struct preprocess_choice *c, struct preprocess_values *v,
                      struct error *e) CHECK_RESULT;
/* Whether nothing is asked for: pixels are fed as they are. */
bool preprocess_is_plain(const struct preprocess_choice *c);

struct preprocess {
	bool reversed;
	float value[PREPROCESS_CHANNELS]
	           [PREPROCESS_VALUES]; /* by channel in the network's order */
};

void preprocess_make(struct preprocess *f, const struct preprocess_values *v);

/* rgb: (area, 3) bytes; planes: (3, area). */
void preprocess_image(const struct preprocess *f, const unsigned char *rgb, size_t area,
                      float *planes);

#endif
