/* things.h -- the objects of rendered scenes, one function each.
 *
 * Every thing fills its place (at.height is its height) in a variant of its
 * own, taken from the canvas's random numbers.  Foot and proportions are
 * stated in the thing's own units; see canvas.h. */
#ifndef SYNTH_THINGS_H
#define SYNTH_THINGS_H

#include "synth/canvas.h"

typedef void thing(struct canvas *c, struct place at);

/* nature.c */
thing thing_sun, thing_moon, thing_cloud, thing_tree, thing_fir, thing_palm, thing_cactus,
        thing_flower, thing_mushroom, thing_rock, thing_bird;
/* town.c */
thing thing_house, thing_skyscraper, thing_lighthouse, thing_fence, thing_streetlight,
        thing_car, thing_bus, thing_boat, thing_umbrella, thing_ball;
/* people.c */
thing thing_person, thing_snowman;
/* furniture.c */
thing thing_table, thing_chair, thing_sofa, thing_lamp, thing_painting, thing_vase, thing_rug;
/* yard.c */
thing thing_tent, thing_bench, thing_sign, thing_balloon, thing_kite, thing_plane,
        thing_windmill, thing_barrel, thing_dog, thing_bicycle, thing_bed, thing_shelf;

/* A person in or on the given object. */
void person_within(struct canvas *c, enum concept within, struct place at);

/* Random choices within ranges.  C leaves open in which order arguments are
 * evaluated: one call of these to an expression, or compilers will differ. */
static inline float some(struct canvas *c, float low, float high)
{
	return random_in(&c->random, low, high);
}

static inline struct rgb tint(struct canvas *c, float hue0, float hue1, float saturation0,
                              float saturation1, float value0, float value1)
{
	float hue = some(c, hue0, hue1), saturation = some(c, saturation0, saturation1);

	return rgb_hsv(hue, saturation, some(c, value0, value1));
}

/* A place in at's units, for a thing that belongs to another. */
static inline struct place place_within(struct place at, float x, float y, float height)
{
	return (struct place){at.x + x * at.flip * at.height, at.y - y * at.height,
	                      height * at.height, at.flip, at.haze};
}

#endif
