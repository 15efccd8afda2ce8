/* test_preprocess.c -- images as values: grey, many channels, what is refused. */
#include "tap.h"

#include <math.h>
#include <string.h>

#include "network/preprocess.h"

static struct preprocess f;
static struct error e;

static const struct preprocess_choice nothing = {.scale = NAN};

static bool choose(struct preprocess_choice c, size_t depth)
{
	memset(&e, 0, sizeof e);
	return preprocess_choose(&c, depth, &f, &e) == 0;
}

static bool refused(struct preprocess_choice c, size_t depth, const char *why)
{
	return !choose(c, depth) && e.code == EXIT_USAGE && strstr(e.text, why);
}

/* What one pixel becomes in each channel. */
static bool pixel_is(const uint8_t *rgb, const float *want)
{
	float got[8];

	memset(&e, 0, sizeof e);
	return preprocess_image(&f, rgb, 1, got, &e) == 0 &&
	       memcmp(got, want, f.depth * sizeof *got) == 0;
}

static void test_grey(void)
{
	/* The Python Imaging Library 9.4's convert("L"). */
	static const struct {
		uint8_t rgb[3];
		float l;
	} luma[] = {{{255, 0, 0}, 76},   {{0, 255, 0}, 150}, {{0, 0, 255}, 29},  {{1, 2, 3}, 2},
	            {{123, 45, 67}, 71}, {{7, 7, 7}, 7},     {{250, 1, 128}, 90}};
	struct preprocess_choice c = nothing;
	bool same = true;

	c.channels = PREPROCESS_LUMA;
	ok(choose(c, 1), "luma");
	for (size_t i = 0; i < sizeof luma / sizeof *luma; i++)
		same = same && pixel_is(luma[i].rgb, &luma[i].l);
	ok(same, "is the Python Imaging Library's L");
	c.channels = PREPROCESS_AVERAGE;
	ok(choose(c, 1) && pixel_is((uint8_t[]){10, 20, 60}, &(float){30}), "the average");
	same = true;
	for (int i = 0; i < 256; i++)
		same = same && pixel_is((uint8_t[]){(uint8_t)i, (uint8_t)i, (uint8_t)i},
		                        &(float){(float)i});
	ok(same, "grey pixels stay what they are");
	ok(choose(nothing, 1) && pixel_is((uint8_t[]){10, 20, 60}, &(float){30}),
	   "a network of one channel gets the average by itself");
	c.scale = 0.5;
	c.mean = "3";
	c.standard = "2";
	ok(choose(c, 1) && pixel_is((uint8_t[]){10, 20, 60}, &(float){6}),
	   "scale, mean and std of the grey");
	/* ((10 - 4) / 1 + (20 - 8) / 2 + (60 - 12) / 4) / 3 = (6 + 6 + 12) / 3 */
	c = (struct preprocess_choice){.scale = NAN, .mean = "4,8,12", .standard = "1,2,4"};
	ok(choose(c, 1) && pixel_is((uint8_t[]){10, 20, 60}, &(float){8}),
	   "means of three colours: the average of what three channels would be");
	/* (10 - 123 + 20 - 117 + 60 - 104) / 3 = -254 / 3 */
	c = (struct preprocess_choice){.scale = NAN, .preset = 2};
	ok(choose(c, 1) && pixel_is((uint8_t[]){10, 20, 60}, &(float){-254.0F / 3}),
	   "the same of a preset that has blue first");
	c = (struct preprocess_choice){
	        .scale = NAN, .channels = PREPROCESS_AVERAGE, .mean = "0,1,2"};
	ok(choose(c, 3) && pixel_is((uint8_t[]){10, 20, 60}, (float[]){30, 29, 28}),
	   "a network of three channels gets grey where told");
}

static void test_many(void)
{
	static const float planes[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct preprocess_choice c = {.scale = 2, .mean = "1,2,3,4", .standard = "1,2,4,0.5"};
	float out[8];

	ok(choose(c, 4) && preprocess_planes(&f, planes, 4, 2, out, &e) == 0 &&
	           memcmp(out, (float[]){1, 3, 2, 3, 1.75F, 2.25F, 20, 24}, sizeof out) == 0,
	   "four channels, each with its mean and std");
	ok(preprocess_planes(&f, planes, 3, 2, out, &e) < 0 && e.code == EXIT_MALFORMED &&
	           strstr(e.text, "image of 3 channels, the network takes 4"),
	   "three are refused");
	memset(&e, 0, sizeof e);
	ok(preprocess_image(&f, (uint8_t[]){1, 2, 3}, 1, out, &e) < 0 &&
	           strstr(e.text, "image of 3 colours, the network takes 4 channels"),
	   "so is a photograph");
	c = (struct preprocess_choice){
	        .scale = NAN, .channels = PREPROCESS_REPLICATE, .mean = "0,1,2"};
	ok(choose(c, 3) && preprocess_planes(&f, planes, 1, 2, out, &e) == 0 &&
	           memcmp(out, (float[]){1, 2, 0, 1, -1, 0}, 6 * sizeof *out) == 0,
	   "one channel goes to all three");
	ok(preprocess_planes(&f, planes, 3, 2, out, &e) < 0, "three don't");
	memset(&e, 0, sizeof e);
	ok(choose(nothing, 3) && preprocess_planes(&f, planes, 1, 2, out, &e) < 0 &&
	           strstr(e.text, "--channels replicate"),
	   "nor does one where it was not told");
	c = nothing;
	c.channels = PREPROCESS_BGR;
	ok(choose(c, 3) && preprocess_planes(&f, planes, 3, 2, out, &e) < 0 &&
	           strstr(e.text, "bgr"),
	   "channels that are no colours are not turned");
}

static void test_refused(void)
{
	struct preprocess_choice c = nothing;

	c.channels = PREPROCESS_RGB;
	ok(refused(c, 1, "average or luma"), "colours of a network of one channel");
	ok(refused(c, 4, "takes 4"), "and of four");
	c = nothing;
	c.mean = "1,2,3";
	ok(refused(c, 4, "--mean has 3 numbers, the network takes 4 channels"),
	   "three for four");
	c.channels = PREPROCESS_LUMA;
	ok(refused(c, 1, "--channels average"), "three for luma");
	c = nothing;
	c.standard = "1,0,1,1";
	ok(refused(c, 4, "--std is zero"), "a std of zero");
	c = nothing;
	c.preset = 1;
	ok(refused(c, 4, "the preset has 3 numbers"), "a preset of colours for four");
	ok(refused(nothing, PREPROCESS_MOST + 1, "at most"), "too many channels");
	ok(refused(nothing, 0, "0 channels"), "none");
}

int main(void)
{
	test_grey();
	test_many();
	test_refused();
	return done();
}
