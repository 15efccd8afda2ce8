/* preprocess.c -- see preprocess.h. */
#include "network/preprocess.h"

#include <math.h>
#include <stdlib.h>

static const struct preset {
	bool reversed; /* blue first */
	double scale, mean[PREPROCESS_COLOURS], standard[PREPROCESS_COLOURS];
} presets[] = {
        {false, 1, {0, 0, 0}, {1, 1, 1}},
        {false, 1 / 255.0, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}},
        {true, 1, {104, 117, 123}, {1, 1, 1}},
        {false, 1 / 127.5, {1, 1, 1}, {1, 1, 1}},
        {false, 1 / 255.0, {0, 0, 0}, {1, 1, 1}},
        {false, 1, {128, 128, 128}, {64, 64, 64}},
};

static const char *const channel_names[] = {"preset",  "rgb",  "bgr",
                                            "average", "luma", "replicate"};

/* ---- options ---- */

/* Numbers of channels: as they stand, n of them. */
struct list {
	size_t n;
	double value[PREPROCESS_MOST];
};

static int parse(const char *what, const char *text, struct list *l, struct error *e)
{
	char *end;

	l->n = 0;
	for (;; text = end + 1) {
		if (l->n == PREPROCESS_MOST)
			return error_set(e, EXIT_USAGE, "%s has more than %d numbers", what,
			                 PREPROCESS_MOST);
		l->value[l->n++] = strtod(text, &end);
		if (end == text || (*end && *end != ',') || !isfinite(l->value[l->n - 1]))
			return error_set(e, EXIT_USAGE, "%s '%.60s' is not numbers", what,
			                 text);
		if (!*end)
			return 0;
	}
}

/* A preset's: in the order of red, green and blue where the network has none of its own. */
static void take_preset(const double *three, bool turned, struct list *l)
{
	l->n = three[0] == three[1] && three[1] == three[2] ? 1 : PREPROCESS_COLOURS;
	for (size_t i = 0; i < PREPROCESS_COLOURS; i++)
		l->value[i] = three[turned ? PREPROCESS_COLOURS - 1 - i : i];
}

/* Is a list of so many numbers for the network? */
static bool fits(const struct preprocess *f, size_t n)
{
	return n == 1 || n == f->depth ||
	       (n == PREPROCESS_COLOURS && f->depth == 1 && f->channels == PREPROCESS_AVERAGE);
}

static int check_list(const struct preprocess *f, const struct list *l, const char *what,
                      struct error *e)
{
	if (fits(f, l->n))
		return 0;
	if (f->depth == 1)
		return error_set(e, EXIT_USAGE,
		                 "%s has %zu numbers, the network takes 1 channel%s", what,
		                 l->n,
		                 f->channels == PREPROCESS_LUMA && l->n == PREPROCESS_COLOURS
		                         ? ": --channels average takes those of three colours"
		                         : "");
	return error_set(e, EXIT_USAGE,
	                 "%s has %zu numbers, the network takes %zu channels: one number, or "
	                 "one for each",
	                 what, l->n, f->depth);
}

static void spread(const struct list *l, size_t n, double *to)
{
	for (size_t i = 0; i < n; i++)
		to[i] = l->value[l->n == 1 ? 0 : i];
}

static int check_channels(const struct preprocess *f, struct error *e)
{
	if (f->depth == 0 || f->depth > PREPROCESS_MOST)
		return error_set(e, EXIT_USAGE, "the network takes %zu channels, at most %d do",
		                 f->depth, PREPROCESS_MOST);
	if (f->depth != PREPROCESS_COLOURS &&
	    (f->channels == PREPROCESS_RGB || f->channels == PREPROCESS_BGR))
		return error_set(e, EXIT_USAGE,
		                 "--channels %s: the network takes %zu channel%s",
		                 channel_names[f->channels], f->depth,
		                 f->depth == 1 ? ": average or luma" : "s");
	return 0;
}

/* The order that the preset has, where none is asked for. */
static enum preprocess_channels order_of(const struct preset *p, size_t depth)
{
	return depth == 1                    ? PREPROCESS_AVERAGE
	       : depth != PREPROCESS_COLOURS ? PREPROCESS_PRESET
	       : p->reversed                 ? PREPROCESS_BGR
	                                     : PREPROCESS_RGB;
}

static void make_levels(struct preprocess *f)
{
	for (size_t c = 0; c < f->values && c < PREPROCESS_COLOURS; c++)
		for (int i = 0; i < PREPROCESS_LEVELS; i++)
			f->level[c][i] = (float)((i * f->scale - f->mean[c]) / f->standard[c]);
}

int preprocess_choose(const struct preprocess_choice *c, size_t depth, struct preprocess *f,
                      struct error *e)
{
	const struct preset *p = &presets[c->preset];
	struct list mean, standard;
	const char *preset = c->preset ? "the preset" : "";

	*f = (struct preprocess){.channels = c->channels, .depth = depth, .scale = c->scale};
	if (check_channels(f, e) < 0)
		return -1;
	if (f->channels == PREPROCESS_PRESET)
		f->channels = order_of(p, depth);
	if (isnan(f->scale))
		f->scale = p->scale;
	take_preset(p->mean, p->reversed && depth == 1, &mean);
	take_preset(p->standard, p->reversed && depth == 1, &standard);
	if ((c->mean && parse("--mean", c->mean, &mean, e) < 0) ||
	    (c->standard && parse("--std", c->standard, &standard, e) < 0) ||
	    check_list(f, &mean, c->mean ? "--mean" : preset, e) < 0 ||
	    check_list(f, &standard, c->standard ? "--std" : preset, e) < 0)
		return -1;
	f->values = mean.n > depth || standard.n > depth ? PREPROCESS_COLOURS : depth;
	spread(&mean, f->values, f->mean);
	spread(&standard, f->values, f->standard);
	if (f->scale == 0)
		return error_set(e, EXIT_USAGE, "--scale is zero");
	for (size_t i = 0; i < f->values; i++)
		if (f->standard[i] == 0)
			return error_set(e, EXIT_USAGE, "--std is zero");
	make_levels(f);
	return 0;
}

bool preprocess_is_plain(const struct preprocess_choice *c)
{
	return !c->preset && c->channels == PREPROCESS_PRESET && isnan(c->scale) && !c->mean &&
	       !c->standard;
}

/* ---- images ---- */

static float fed(const struct preprocess *f, size_t c, double value)
{
	return (float)((value * f->scale - f->mean[c]) / f->standard[c]);
}

/* Both leave a grey pixel as it is. */
static double grey_of(const struct preprocess *f, const uint8_t *rgb)
{
	return f->channels == PREPROCESS_AVERAGE
	               ? (rgb[0] + rgb[1] + rgb[2]) / 3.0
	               : (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + (1 << 15)) >> 16;
}

/* The average of what a network of three channels would be fed. */
static float average_fed(const struct preprocess *f, const uint8_t *rgb)
{
	double sum = 0;

	for (size_t c = 0; c < PREPROCESS_COLOURS; c++)
		sum += (rgb[c] * f->scale - f->mean[c]) / f->standard[c];
	return (float)(sum / PREPROCESS_COLOURS);
}

static void feed_grey(const struct preprocess *f, const uint8_t *rgb, size_t area, float *out)
{
	for (size_t i = 0; i < area; i++, rgb += PREPROCESS_COLOURS) {
		const double grey = grey_of(f, rgb);

		for (size_t c = 0; c < f->depth; c++)
			out[c * area + i] =
			        f->values > f->depth ? average_fed(f, rgb) : fed(f, c, grey);
	}
}

static void feed_colours(const struct preprocess *f, const uint8_t *rgb, size_t area,
                         float *out)
{
	const bool reversed = f->channels == PREPROCESS_BGR;

	for (size_t c = 0; c < PREPROCESS_COLOURS; c++) {
		const uint8_t *from = rgb + (reversed ? PREPROCESS_COLOURS - 1 - c : c);

		for (size_t i = 0; i < area; i++)
			out[c * area + i] = f->level[c][from[i * PREPROCESS_COLOURS]];
	}
}

int preprocess_image(const struct preprocess *f, const uint8_t *rgb, size_t area, float *out,
                     struct error *e)
{
	switch (f->channels) {
	case PREPROCESS_AVERAGE:
	case PREPROCESS_LUMA:
		feed_grey(f, rgb, area, out);
		return 0;
	case PREPROCESS_RGB:
	case PREPROCESS_BGR:
		feed_colours(f, rgb, area, out);
		return 0;
	case PREPROCESS_REPLICATE:
		return error_set(e, EXIT_MALFORMED,
		                 "image of 3 colours, --channels replicate is for images of 1 "
		                 "channel");
	default:
		return error_set(e, EXIT_MALFORMED,
		                 "image of 3 colours, the network takes %zu channels "
		                 "(npytondr --as planes makes images of so many)",
		                 f->depth);
	}
}

int preprocess_planes(const struct preprocess *f, const float *planes, size_t channels,
                      size_t area, float *out, struct error *e)
{
	const bool one = f->channels == PREPROCESS_REPLICATE;

	if (channels != (one ? 1 : f->depth))
		return error_set(e, EXIT_MALFORMED, "image of %zu channel%s, %s %zu%s",
		                 channels, channels == 1 ? "" : "s",
		                 one ? "--channels replicate takes" : "the network takes",
		                 one ? 1 : f->depth,
		                 !one && channels == 1 ? " (--channels replicate)" : "");
	if (f->channels == PREPROCESS_BGR || f->channels == PREPROCESS_LUMA ||
	    f->values > f->depth)
		return error_set(e, EXIT_MALFORMED,
		                 "image of %zu channel%s, which are fed as they are: without "
		                 "%s",
		                 channels, channels == 1 ? "" : "s",
		                 f->channels == PREPROCESS_BGR    ? "the order bgr"
		                 : f->channels == PREPROCESS_LUMA ? "--channels luma"
		                                                  : "means of three colours");
	for (size_t c = 0; c < f->depth; c++)
		for (size_t i = 0; i < area; i++)
			out[c * area + i] = fed(f, c, planes[(one ? 0 : c) * area + i]);
	return 0;
}
