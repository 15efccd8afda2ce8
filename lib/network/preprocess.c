/* preprocess.c -- see preprocess.h. */
#include "network/preprocess.h"

#include <math.h>
#include <stdlib.h>

const struct preprocess_values preprocess_presets[] = {
        {false, 1, {0, 0, 0}, {1, 1, 1}},
        {false, 1 / 255.0, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}},
        {true, 1, {104, 117, 123}, {1, 1, 1}},
        {false, 1 / 127.5, {1, 1, 1}, {1, 1, 1}},
        {false, 1 / 255.0, {0, 0, 0}, {1, 1, 1}},
        {false, 1, {128, 128, 128}, {64, 64, 64}},
};

int preprocess_parse(const char *what, const char *text, double *three, struct error *e)
{
	char *end;
	int n = 0;

	do {
		three[n++] = strtod(text, &end);
		if (end == text || (*end && *end != ',') || !isfinite(three[n - 1]))
			return error_set(e, EXIT_USAGE, "%s '%.60s' is not numbers", what,
			                 text);
		text = end + 1;
	} while (*end && n < PREPROCESS_CHANNELS);
	if (*end || n == 2)
		return error_set(e, EXIT_USAGE, "%s needs one number or three", what);
	if (n == 1)
		three[1] = three[2] = three[0];
	return 0;
}

int preprocess_choose(const struct preprocess_choice *c, struct preprocess_values *v,
                      struct error *e)
{
	*v = preprocess_presets[c->preset];
	if ((c->mean && preprocess_parse("--mean", c->mean, v->mean, e) < 0) ||
	    (c->standard && preprocess_parse("--std", c->standard, v->standard, e) < 0))
		return -1;
	if (c->scale == 0 || v->standard[0] == 0 || v->standard[1] == 0 || v->standard[2] == 0)
		return error_set(e, EXIT_USAGE, "--%s is zero",
		                 c->scale == 0 ? "scale" : "std");
	if (c->channels != PREPROCESS_PRESET)
		v->reversed = c->channels == PREPROCESS_BGR;
	if (!isnan(c->scale))
		v->scale = c->scale;
	return 0;
}

bool preprocess_is_plain(const struct preprocess_choice *c)
{
	return !c->preset && c->channels == PREPROCESS_PRESET && isnan(c->scale) && !c->mean &&
	       !c->standard;
}

void preprocess_make(struct preprocess *f, const struct preprocess_values *v)
{
	f->reversed = v->reversed;
	for (int c = 0; c < PREPROCESS_CHANNELS; c++)
		for (int i = 0; i < PREPROCESS_VALUES; i++)
			f->value[c][i] = (float)((i * v->scale - v->mean[c]) / v->standard[c]);
}

void preprocess_image(const struct preprocess *f, const unsigned char *rgb, size_t area,
                      float *planes)
{
	for (size_t c = 0; c < PREPROCESS_CHANNELS; c++) {
		const unsigned char *from =
		        rgb + (f->reversed ? PREPROCESS_CHANNELS - 1 - c : c);

		for (size_t i = 0; i < area; i++)
			planes[c * area + i] = f->value[c][from[i * PREPROCESS_CHANNELS]];
	}
}
