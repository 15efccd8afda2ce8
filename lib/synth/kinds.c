/* kinds.c -- forty kinds of scenes, told apart by the things in them.
 *
 * Four kinds share each backdrop.  A kind has three things that are often there;
 * and anything else that could stand on that backdrop, its sisters' things as well,
 * may be there too. */
#include <string.h>

#include "synth/stage.h"

enum { KEYS = 3, KINDS_OF_A_SETTING = 4 };

static const float key_chance = 0.9f;

/* Things out of doors, in the places and sizes that they have anywhere. */
static const struct actor outdoors[] = {
        {thing_sun, IN_SKY, 1, 1, 0.3f, 0.9f, 0.1f, 0.2f, 0},
        {thing_moon, IN_SKY, 1, 1, 0.2f, 0.8f, 0.1f, 0.18f, 0},
        {thing_cloud, IN_SKY, 1, 3, 0.2f, 0.9f, 0.06f, 0.18f, 0},
        {thing_bird, IN_SKY, 1, 3, 0.2f, 0.9f, 0.06f, 0.14f, 0},
        {thing_plane, IN_SKY, 1, 1, 0.3f, 0.8f, 0.1f, 0.18f, 0},
        {thing_balloon, IN_SKY, 1, 2, 0.6f, 1, 0.2f, 0.4f, 0},
        {thing_kite, IN_SKY, 1, 2, 0.5f, 1, 0.16f, 0.3f, 0},
        {thing_tree, ON_GROUND, 1, 3, 0.03f, 0.6f, 0.6f, 1.1f, 0.3f},
        {thing_fir, ON_GROUND, 1, 3, 0.03f, 0.6f, 0.6f, 1, 0.25f},
        {thing_palm, ON_GROUND, 1, 2, 0.05f, 0.7f, 0.6f, 1, 0.2f},
        {thing_cactus, ON_GROUND, 1, 3, 0.05f, 0.9f, 0.4f, 0.9f, 0.2f},
        {thing_flower, ON_GROUND, 1, 6, 0.3f, 1.05f, 0.15f, 0.35f, 0},
        {thing_mushroom, ON_GROUND, 1, 4, 0.3f, 1, 0.12f, 0.28f, 0.4f},
        {thing_rock, ON_GROUND, 1, 3, 0.1f, 1, 0.12f, 0.28f, 0.8f},
        {thing_house, ON_GROUND, 1, 1, 0.03f, 0.4f, 0.55f, 0.9f, 0.6f},
        {thing_windmill, ON_GROUND, 1, 1, 0.03f, 0.4f, 0.7f, 1.1f, 0.3f},
        {thing_fence, ON_GROUND, 1, 1, 0.2f, 0.9f, 0.18f, 0.32f, 0},
        {thing_streetlight, ON_GROUND, 1, 2, 0, 0.5f, 0.8f, 1.2f, 0},
        {thing_sign, ON_GROUND, 1, 2, 0.1f, 0.9f, 0.4f, 0.7f, 0.1f},
        {thing_car, ON_GROUND, 1, 2, 0.2f, 0.95f, 0.18f, 0.3f, 1.2f},
        {thing_bus, ON_GROUND, 1, 1, 0.2f, 0.8f, 0.38f, 0.55f, 1.1f},
        {thing_bicycle, ON_GROUND, 1, 2, 0.2f, 0.95f, 0.24f, 0.4f, 0.6f},
        {thing_tent, ON_GROUND, 1, 2, 0.1f, 0.8f, 0.3f, 0.5f, 0.8f},
        {thing_bench, ON_GROUND, 1, 1, 0.1f, 0.9f, 0.22f, 0.36f, 0.9f},
        {thing_table, ON_GROUND, 1, 1, 0.2f, 0.9f, 0.24f, 0.38f, 0.8f},
        {thing_chair, ON_GROUND, 1, 2, 0.2f, 0.9f, 0.3f, 0.5f, 0.3f},
        {thing_umbrella, ON_GROUND, 1, 2, 0.2f, 0.9f, 0.4f, 0.65f, 0.4f},
        {thing_barrel, ON_GROUND, 1, 2, 0.2f, 1, 0.18f, 0.32f, 0.5f},
        {thing_ball, ON_GROUND, 1, 2, 0.3f, 1, 0.12f, 0.24f, 0.4f},
        {thing_person, ON_GROUND, 1, 2, 0.1f, 1, 0.4f, 0.75f, 0.2f},
        {thing_dog, ON_GROUND, 1, 2, 0.2f, 1, 0.2f, 0.36f, 0.5f},
        {thing_snowman, ON_GROUND, 1, 1, 0.2f, 1, 0.4f, 0.7f, 0.3f},
        {thing_boat, ON_SEA, 1, 2, 0.1f, 0.9f, 0.25f, 0.6f, 0},
        {thing_lighthouse, ON_SEA, 1, 1, 0.05f, 0.5f, 0.6f, 1, 0},
        {thing_rock, ON_SEA, 1, 3, 0.1f, 1, 0.1f, 0.25f, 0},
        {thing_barrel, ON_SEA, 1, 3, 0.2f, 1, 0.14f, 0.28f, 0},
        {0},
};

static const struct actor indoors[] = {
        {thing_painting, IN_SKY, 1, 2, 0.4f, 0.65f, 0.16f, 0.3f, 0},
        {thing_rug, ON_GROUND, 1, 1, 0.6f, 1, 0.18f, 0.3f, 0},
        {thing_sofa, ON_GROUND, 1, 1, 0.05f, 0.6f, 0.35f, 0.5f, 0.9f},
        {thing_bed, ON_GROUND, 1, 1, 0.1f, 0.7f, 0.35f, 0.5f, 1},
        {thing_shelf, ON_GROUND, 1, 2, 0, 0.2f, 0.8f, 1.2f, 0.3f},
        {thing_table, ON_GROUND, 1, 1, 0.2f, 0.9f, 0.3f, 0.45f, 0.8f},
        {thing_chair, ON_GROUND, 1, 2, 0.1f, 0.9f, 0.45f, 0.7f, 0.3f},
        {thing_lamp, ON_GROUND, 1, 1, 0.02f, 0.4f, 0.7f, 1, 0.15f},
        {thing_vase, ON_GROUND, 1, 1, 0.05f, 0.9f, 0.35f, 0.55f, 0.2f},
        {thing_ball, ON_GROUND, 1, 1, 0.3f, 1, 0.12f, 0.24f, 0.4f},
        {thing_dog, ON_GROUND, 1, 1, 0.2f, 0.9f, 0.3f, 0.45f, 0.5f},
        {thing_bicycle, ON_GROUND, 1, 1, 0.1f, 0.6f, 0.35f, 0.55f, 0.6f},
        {thing_person, ON_GROUND, 1, 1, 0.1f, 0.9f, 0.7f, 1.1f, 0.2f},
        {0},
};

/* A backdrop, what may be before it, and its four kinds. */
static const struct setting {
	backdrop *backdrop;
	const struct actor *things;
	bool ground, sea;
	struct {
		enum concept label;
		thing *key[KEYS];
	} kind[KINDS_OF_A_SETTING];
} settings[] = {
        {backdrop_beach,
         outdoors,
         true,
         true,
         {{RESORT, {thing_umbrella, thing_chair, thing_palm}},
          {FISHERY, {thing_boat, thing_barrel, thing_bird}},
          {SEASIDE, {thing_kite, thing_ball, thing_dog}},
          {COAST, {thing_lighthouse, thing_rock, thing_tent}}}},
        {backdrop_ocean,
         outdoors,
         false,
         true,
         {{REGATTA, {thing_boat, thing_kite, thing_sun}},
          {REEF, {thing_rock, thing_bird, thing_cloud}},
          {STRAIT, {thing_lighthouse, thing_plane, thing_moon}},
          {LAGOON, {thing_barrel, thing_balloon, thing_rock}}}},
        {backdrop_street,
         outdoors,
         true,
         false,
         {{BUS_STOP, {thing_bus, thing_bench, thing_sign}},
          {PARKING, {thing_car, thing_streetlight, thing_barrel}},
          {AVENUE, {thing_tree, thing_bicycle, thing_dog}},
          {MARKET, {thing_umbrella, thing_table, thing_person}}}},
        {backdrop_night,
         outdoors,
         true,
         false,
         {{TAXI_RANK, {thing_car, thing_sign, thing_person}},
          {TERMINAL, {thing_bus, thing_plane, thing_streetlight}},
          {PROMENADE, {thing_bench, thing_tree, thing_moon}},
          {FESTIVAL, {thing_tent, thing_balloon, thing_table}}}},
        {backdrop_forest,
         outdoors,
         true,
         false,
         {{CAMPSITE, {thing_tent, thing_chair, thing_barrel}},
          {GLADE, {thing_mushroom, thing_flower, thing_bird}},
          {TRAIL, {thing_person, thing_sign, thing_dog}},
          {QUARRY, {thing_rock, thing_car, thing_fence}}}},
        {backdrop_field,
         outdoors,
         true,
         false,
         {{FARM, {thing_house, thing_fence, thing_windmill}},
          {PARK, {thing_bench, thing_dog, thing_bicycle}},
          {GARDEN, {thing_flower, thing_umbrella, thing_table}},
          {AIRFIELD, {thing_plane, thing_sign, thing_car}}}},
        {backdrop_desert,
         outdoors,
         true,
         false,
         {{OASIS, {thing_palm, thing_tent, thing_sun}},
          {BADLANDS, {thing_cactus, thing_rock, thing_bird}},
          {RALLY, {thing_car, thing_barrel, thing_person}},
          {OUTPOST, {thing_house, thing_sign, thing_windmill}}}},
        {backdrop_mountains,
         outdoors,
         true,
         false,
         {{CHALET, {thing_house, thing_fir, thing_bench}},
          {SUMMIT, {thing_rock, thing_person, thing_balloon}},
          {PASTURE, {thing_fence, thing_dog, thing_flower}},
          {BASECAMP, {thing_tent, thing_bird, thing_bicycle}}}},
        {backdrop_winter,
         outdoors,
         true,
         false,
         {{SKI_RESORT, {thing_house, thing_sign, thing_person}},
          {SNOWFIELD, {thing_snowman, thing_ball, thing_dog}},
          {TAIGA, {thing_fir, thing_rock, thing_bird}},
          {WINTER_ROAD, {thing_streetlight, thing_car, thing_fence}}}},
        {backdrop_room,
         indoors,
         true,
         false,
         {{BEDROOM, {thing_bed, thing_lamp, thing_rug}},
          {LIVING_ROOM, {thing_sofa, thing_painting, thing_vase}},
          {DINING_ROOM, {thing_table, thing_chair, thing_vase}},
          {STUDY, {thing_shelf, thing_chair, thing_lamp}}}},
};

static bool fits(const struct setting *s, const struct actor *a)
{
	return a->zone == IN_SKY || (a->zone == ON_GROUND && s->ground) ||
	       (a->zone == ON_SEA && s->sea);
}

/* The first of the setting's things of that sort: with the chance of a key. */
static struct actor find_key(const struct setting *s, thing *key)
{
	const struct actor *a = s->things;
	struct actor found;

	while (a->draw != key || !fits(s, a))
		a++;
	found = *a;
	found.chance = key_chance;
	return found;
}

/* Anything that fits, once. */
static struct actor find_clutter(struct canvas *c, const struct setting *s)
{
	struct actor found;
	int n = 0, chosen;

	for (const struct actor *a = s->things; a->draw; a++)
		n += fits(s, a);
	chosen = random_below(&c->random, n);
	for (const struct actor *a = s->things;; a++)
		if (fits(s, a) && chosen-- == 0) {
			found = *a;
			found.most = 1;
			return found;
		}
}

enum concept kind_choose(struct canvas *c, backdrop **draw, struct actor cast[CAST])
{
	const struct setting *s =
	        &settings[random_below(&c->random, sizeof settings / sizeof *settings)];
	int kind = random_below(&c->random, KINDS_OF_A_SETTING),
	    clutter = 1 + random_below(&c->random, 3);

	memset(cast, 0, CAST * sizeof *cast);
	for (int k = 0; k < KEYS; k++)
		cast[k] = find_key(s, s->kind[kind].key[k]);
	for (int k = 0; k < clutter; k++)
		cast[KEYS + k] = find_clutter(c, s);
	*draw = s->backdrop;
	return s->kind[kind].label;
}
