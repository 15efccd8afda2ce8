/* scene.c -- scenes: a backdrop, then a cast of things, far ones first. */
#include "synth/scene.h"

#include "synth/stage.h"

struct scene {
	enum concept label;
	backdrop *backdrop;
	struct actor cast[CAST];
};

struct entrance {
	const struct actor *actor;
	struct place at;
};

static const struct scene scenes[] = {
        {BEACH,
         backdrop_beach,
         {{thing_sun, IN_SKY, 0.4f, 1, 0.3f, 0.9f, 0.08f, 0.2f, 0},
          {thing_cloud, IN_SKY, 0.6f, 3, 0.3f, 0.9f, 0.06f, 0.16f, 0},
          {thing_bird, IN_SKY, 0.3f, 3, 0.2f, 0.9f, 0.05f, 0.1f, 0},
          {thing_boat, ON_SEA, 0.5f, 2, 0.1f, 0.9f, 0.15f, 0.35f, 0},
          {thing_palm, ON_GROUND, 0.6f, 2, 0.1f, 0.7f, 0.6f, 1, 0.2f},
          {thing_umbrella, ON_GROUND, 0.6f, 2, 0.2f, 0.9f, 0.35f, 0.6f, 0.4f},
          {thing_person, ON_GROUND, 0.6f, 3, 0.1f, 1, 0.4f, 0.75f, 0.2f},
          {thing_ball, ON_GROUND, 0.4f, 1, 0.3f, 1, 0.1f, 0.22f, 0.4f},
          {thing_rock, ON_GROUND, 0.3f, 2, 0.05f, 1, 0.08f, 0.2f, 0.8f}}},
        {OCEAN,
         backdrop_ocean,
         {{thing_sun, IN_SKY, 0.4f, 1, 0.3f, 1, 0.08f, 0.2f, 0},
          {thing_cloud, IN_SKY, 0.6f, 3, 0.3f, 0.9f, 0.06f, 0.18f, 0},
          {thing_bird, IN_SKY, 0.5f, 4, 0.2f, 0.9f, 0.05f, 0.13f, 0},
          {thing_boat, ON_SEA, 0.85f, 3, 0.05f, 0.9f, 0.3f, 0.8f, 0},
          {thing_lighthouse, ON_SEA, 0.35f, 1, 0.05f, 0.4f, 0.6f, 1, 0},
          {thing_rock, ON_SEA, 0.4f, 3, 0.1f, 1, 0.08f, 0.25f, 0}}},
        {STREET,
         backdrop_street,
         {{thing_cloud, IN_SKY, 0.4f, 2, 0.2f, 0.7f, 0.06f, 0.14f, 0},
          {thing_tree, ON_GROUND, 0.5f, 3, -0.15f, 0, 0.6f, 1, 0.2f},
          {thing_streetlight, ON_GROUND, 0.6f, 2, -0.1f, 0, 0.8f, 1.2f, 0},
          {thing_car, ON_GROUND, 0.85f, 3, 0.2f, 0.95f, 0.18f, 0.3f, 1.2f},
          {thing_bus, ON_GROUND, 0.35f, 1, 0.2f, 0.8f, 0.38f, 0.55f, 1.1f},
          {thing_person, ON_GROUND, 0.6f, 3, -0.1f, 0.9f, 0.35f, 0.6f, 0.2f}}},
        {NIGHT,
         backdrop_night,
         {{thing_moon, IN_SKY, 0.6f, 1, 0.2f, 0.6f, 0.07f, 0.16f, 0},
          {thing_tree, ON_GROUND, 0.3f, 2, -0.15f, 0, 0.6f, 1, 0.2f},
          {thing_streetlight, ON_GROUND, 0.8f, 3, -0.1f, 0, 0.8f, 1.2f, 0},
          {thing_car, ON_GROUND, 0.75f, 3, 0.2f, 0.95f, 0.18f, 0.3f, 1.2f},
          {thing_bus, ON_GROUND, 0.3f, 1, 0.2f, 0.8f, 0.38f, 0.55f, 1.1f},
          {thing_person, ON_GROUND, 0.4f, 2, -0.1f, 0.9f, 0.35f, 0.6f, 0.2f}}},
        {FOREST,
         backdrop_forest,
         {{thing_tree, ON_GROUND, 0.75f, 5, 0.02f, 0.8f, 0.7f, 1.3f, 0.3f},
          {thing_fir, ON_GROUND, 0.75f, 5, 0.02f, 0.8f, 0.7f, 1.3f, 0.25f},
          {thing_mushroom, ON_GROUND, 0.6f, 4, 0.3f, 1, 0.08f, 0.25f, 0.4f},
          {thing_flower, ON_GROUND, 0.3f, 4, 0.3f, 1, 0.12f, 0.25f, 0},
          {thing_rock, ON_GROUND, 0.4f, 2, 0.2f, 1, 0.1f, 0.22f, 0.8f},
          {thing_person, ON_GROUND, 0.35f, 2, 0.2f, 1, 0.4f, 0.7f, 0.2f},
          {thing_bird, IN_SKY, 0.3f, 2, 0.3f, 0.9f, 0.05f, 0.1f, 0}}},
        {FIELD,
         backdrop_field,
         {{thing_sun, IN_SKY, 0.4f, 1, 0.3f, 0.9f, 0.08f, 0.2f, 0},
          {thing_cloud, IN_SKY, 0.6f, 4, 0.3f, 0.9f, 0.06f, 0.2f, 0},
          {thing_bird, IN_SKY, 0.3f, 3, 0.3f, 0.9f, 0.05f, 0.1f, 0},
          {thing_house, ON_GROUND, 0.45f, 2, 0.03f, 0.4f, 0.55f, 0.9f, 0.6f},
          {thing_tree, ON_GROUND, 0.6f, 4, 0.03f, 0.6f, 0.6f, 1.1f, 0.3f},
          {thing_fence, ON_GROUND, 0.6f, 2, 0.2f, 0.9f, 0.15f, 0.3f, 0},
          {thing_flower, ON_GROUND, 0.6f, 8, 0.3f, 1.05f, 0.12f, 0.35f, 0},
          {thing_person, ON_GROUND, 0.5f, 2, 0.1f, 1, 0.4f, 0.8f, 0.2f},
          {thing_ball, ON_GROUND, 0.35f, 2, 0.3f, 1, 0.1f, 0.2f, 0.4f},
          {thing_rock, ON_GROUND, 0.2f, 2, 0.2f, 1, 0.08f, 0.15f, 0.8f}}},
        {DESERT,
         backdrop_desert,
         {{thing_sun, IN_SKY, 0.6f, 1, 0.3f, 0.9f, 0.1f, 0.25f, 0},
          {thing_cloud, IN_SKY, 0.2f, 2, 0.3f, 0.9f, 0.06f, 0.12f, 0},
          {thing_bird, IN_SKY, 0.25f, 2, 0.3f, 0.9f, 0.06f, 0.1f, 0},
          {thing_cactus, ON_GROUND, 0.85f, 5, 0.05f, 0.9f, 0.4f, 0.9f, 0.2f},
          {thing_rock, ON_GROUND, 0.6f, 4, 0.05f, 1, 0.1f, 0.25f, 0.8f},
          {thing_person, ON_GROUND, 0.3f, 2, 0.1f, 0.9f, 0.4f, 0.7f, 0.2f},
          {thing_car, ON_GROUND, 0.25f, 1, 0.2f, 0.8f, 0.2f, 0.3f, 1.2f}}},
        {MOUNTAINS,
         backdrop_mountains,
         {{thing_cloud, IN_SKY, 0.6f, 3, 0.15f, 0.6f, 0.06f, 0.14f, 0},
          {thing_bird, IN_SKY, 0.4f, 3, 0.15f, 0.7f, 0.05f, 0.1f, 0},
          {thing_boat, ON_SEA, 0.3f, 1, 0.3f, 0.9f, 0.2f, 0.4f, 0},
          {thing_fir, ON_GROUND, 0.8f, 7, 0, 0.9f, 0.35f, 0.8f, 0.25f},
          {thing_house, ON_GROUND, 0.3f, 1, 0, 0.4f, 0.35f, 0.6f, 0.6f},
          {thing_rock, ON_GROUND, 0.5f, 3, 0.1f, 1, 0.08f, 0.22f, 0.8f},
          {thing_person, ON_GROUND, 0.35f, 2, 0.2f, 1, 0.3f, 0.6f, 0.2f},
          {thing_flower, ON_GROUND, 0.3f, 6, 0.3f, 1, 0.1f, 0.2f, 0}}},
        {WINTER,
         backdrop_winter,
         {{thing_cloud, IN_SKY, 0.4f, 3, 0.3f, 0.9f, 0.06f, 0.16f, 0},
          {thing_house, ON_GROUND, 0.5f, 2, 0.03f, 0.4f, 0.5f, 0.9f, 0.6f},
          {thing_fir, ON_GROUND, 0.75f, 5, 0.03f, 0.8f, 0.5f, 1, 0.25f},
          {thing_snowman, ON_GROUND, 0.65f, 2, 0.2f, 1, 0.4f, 0.75f, 0.3f},
          {thing_person, ON_GROUND, 0.45f, 2, 0.1f, 1, 0.4f, 0.7f, 0.2f},
          {thing_fence, ON_GROUND, 0.35f, 1, 0.2f, 0.8f, 0.15f, 0.3f, 0},
          {thing_streetlight, ON_GROUND, 0.2f, 1, 0.1f, 0.5f, 0.8f, 1.1f, 0}}},
        {ROOM,
         backdrop_room,
         {{thing_painting, IN_SKY, 0.65f, 2, 0.4f, 0.65f, 0.16f, 0.3f, 0},
          {thing_rug, ON_GROUND, 0.5f, 1, 0.6f, 1, 0.18f, 0.3f, 0},
          {thing_sofa, ON_GROUND, 0.6f, 1, 0.05f, 0.6f, 0.35f, 0.5f, 0.9f},
          {thing_table, ON_GROUND, 0.6f, 1, 0.2f, 0.9f, 0.3f, 0.45f, 0.8f},
          {thing_chair, ON_GROUND, 0.65f, 2, 0.1f, 0.9f, 0.45f, 0.7f, 0.3f},
          {thing_lamp, ON_GROUND, 0.5f, 1, 0.02f, 0.4f, 0.7f, 1, 0.15f},
          {thing_vase, ON_GROUND, 0.3f, 1, 0.05f, 0.9f, 0.35f, 0.55f, 0.2f},
          {thing_ball, ON_GROUND, 0.35f, 1, 0.3f, 1, 0.1f, 0.2f, 0.4f},
          {thing_person, ON_GROUND, 0.45f, 1, 0.1f, 0.9f, 0.7f, 1.1f, 0.2f}}},
};

static void draw_shadow(struct canvas *c, const struct entrance *e)
{
	struct paint dark = paint_plain((struct rgb){0, 0, 0});

	canvas_begin(c, NOTHING, NOTHING, e->at);
	dark.alpha = 0.28f;
	if (e->actor->shadow > 0)
		canvas_ellipse(c, &dark, -0.25f * c->lit_from * e->actor->shadow * e->at.flip,
		               0.01f, 1.15f * e->actor->shadow,
		               0.12f * e->actor->shadow + 0.02f);
}

/* A person so near that head and shoulders fill the view. */
static void draw_portrait(struct canvas *c)
{
	float height = some(c, 1.6f, 3.2f), head = some(c, 0.15f, 0.45f);

	thing_person(c, (struct place){some(c, 0.25f, 0.75f), head + height, height, 1, 0});
}

static enum concept draw(struct canvas *c, const struct scene *scene)
{
	enum { CROWD = 40 };
	struct entrance crowd[CROWD];
	struct stage stage = {.cast = scene->cast};
	int count = 0;

	scene->backdrop(c, &stage);
	for (const struct actor *a = scene->cast; a < scene->cast + CAST && a->draw; a++) {
		int times = a->zone == IN_SKY ? 0 : stage_appearances(c, a);

		if (a->zone == ON_SEA && stage.near <= stage.horizon)
			times = 0;
		for (; times > 0 && count < CROWD; times--) {
			struct entrance e = {a, stage_find_place(c, &stage, a)};
			int k = count++;

			/* Sorted by foot, far to near. */
			for (; k > 0 && crowd[k - 1].at.y > e.at.y; k--)
				crowd[k] = crowd[k - 1];
			crowd[k] = e;
		}
	}
	for (int k = 0; k < count; k++) {
		draw_shadow(c, &crowd[k]);
		crowd[k].actor->draw(c, crowd[k].at);
	}
	if (random_chance(&c->random, 0.06f))
		draw_portrait(c);
	return scene->label;
}

enum concept scene_draw(struct canvas *c)
{
	return draw(c, &scenes[random_below(&c->random, sizeof scenes / sizeof *scenes)]);
}

enum concept scene_draw_forty(struct canvas *c)
{
	struct scene scene;

	scene.label = kind_choose(c, &scene.backdrop, scene.cast);
	return draw(c, &scene);
}
