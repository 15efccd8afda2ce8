/* stage.c -- see stage.h. */
#include "synth/stage.h"

struct place stage_find_place(struct canvas *c, const struct stage *s, const struct actor *a)
{
	struct place at = {.x = some(c, -0.02f, 1.02f)};
	float depth = some(c, a->from, a->to), top = 0, bottom = 1;

	at.height = some(c, a->small, a->large);
	at.flip = random_chance(&c->random, 0.5f) ? 1 : -1;
	if (a->zone == IN_SKY) {
		bottom = s->horizon;
	} else {
		top = a->zone == ON_SEA ? s->horizon : s->near;
		bottom = a->zone == ON_SEA ? s->near : 1;
		at.height *= 0.4f + 0.6f * (depth < 0 ? 0 : depth);
		at.haze = 0.3f * (1 - depth) * (1 - depth);
	}
	at.y = top + (bottom - top) * depth;
	return at;
}

int stage_appearances(struct canvas *c, const struct actor *a)
{
	return random_chance(&c->random, a->chance) ? 1 + random_below(&c->random, a->most) : 0;
}

/* What is in the sky, or on the wall: behind all the rest. */
static void draw_hanging(struct canvas *c, const struct stage *s)
{
	for (const struct actor *a = s->cast; a < s->cast + CAST && a->draw; a++)
		for (int times = a->zone == IN_SKY ? stage_appearances(c, a) : 0; times > 0;
		     times--)
			a->draw(c, stage_find_place(c, s, a));
}

/* ---- Backdrops ------------------------------------------------------------ */

static void draw_stars(struct canvas *c, const struct stage *s)
{
	struct paint star = paint_plain((struct rgb){1, 1, 0.92f});
	int stars = 20 + random_below(&c->random, 60);

	canvas_stuff(c, SKY);
	star.glows = true;
	for (int k = 0; k < stars; k++) {
		float x = some(c, 0, 1), y = some(c, 0, s->horizon),
		      r = some(c, 0.0015f, 0.005f);

		canvas_ellipse(c, &star, x, y, r, r);
	}
}

/* The hour and the weather decide the sky and the light on everything. */
static void draw_sky(struct canvas *c, const struct stage *s)
{
	struct rgb high, low;
	struct paint p;

	c->lit_from = some(c, -1, 1);
	switch (c->night ? 4 : random_below(&c->random, 4)) {
	case 0:
	case 1: /* clear */
		high = tint(c, 0.55f, 0.64f, 0.45f, 0.8f, 0.6f, 0.95f);
		low = rgb_mix(high, (struct rgb){0.95f, 0.95f, 0.95f}, some(c, 0.3f, 0.8f));
		c->light = (struct rgb){1.05f, 1.02f, 0.97f};
		break;
	case 2: /* overcast */
		high = tint(c, 0.55f, 0.65f, 0, 0.15f, 0.5f, 0.8f);
		low = rgb_mix(high, (struct rgb){0.9f, 0.9f, 0.9f}, some(c, 0, 0.7f));
		c->light = (struct rgb){0.82f, 0.84f, 0.88f};
		break;
	case 3: /* low sun */
		high = tint(c, 0.6f, 0.85f, 0.2f, 0.6f, 0.45f, 0.8f);
		low = tint(c, 0.0f, 0.13f, 0.4f, 0.8f, 0.85f, 1);
		c->light = (struct rgb){1.0f, 0.84f, 0.7f};
		break;
	default:
		high = tint(c, 0.6f, 0.72f, 0.3f, 0.8f, 0.04f, 0.16f);
		low = tint(c, 0.58f, 0.8f, 0.3f, 0.7f, 0.15f, 0.35f);
		c->light = (struct rgb){0.36f, 0.38f, 0.5f};
	}
	c->air = rgb_mix(low, high, 0.3f);
	p = paint_plain(high);
	p.light = low;
	p.pattern = pattern_fade;
	p.v = 1 / s->horizon;
	p.warp = some(c, 0, 0.25f);
	p.glows = true;
	canvas_stuff(c, SKY);
	canvas_box(c, &p, 0, 0, 1, s->horizon + 0.01f);
	if (c->night)
		draw_stars(c, s);
	draw_hanging(c, s);
}

/* Level ground of a material, from top to bottom of the picture or of a band. */
static void draw_level(struct canvas *c, enum concept object, enum concept material,
                       struct rgb color, float horizon, float top, float bottom)
{
	struct paint p = canvas_paint(c, material, color);

	p.horizon = horizon;
	canvas_stuff(c, object);
	canvas_box(c, &p, 0, top, 1, bottom);
}

static void draw_mountains(struct canvas *c, const struct stage *s, float height,
                           float snow_chance)
{
	int ranges = 1 + random_below(&c->random, 2);
	bool snowy = random_chance(&c->random, snow_chance);

	for (int k = ranges; k > 0; k--) {
		struct rgb color = tint(c, 0.02f, 0.7f, 0.05f, 0.35f, 0.25f, 0.6f);
		struct paint rock = canvas_paint(c, STONE, color);
		struct paint snow = canvas_paint(c, SNOW, (struct rgb){0.95f, 0.96f, 0.98f});
		float tall = height * some(c, 0.7f, 1.1f), rough = some(c, 0.25f, 0.5f);
		struct random before = c->random;

		canvas_begin(c, MOUNTAIN, NOTHING,
		             (struct place){0, s->horizon + 0.01f, 1, 1, 0.3f * (float)k});
		canvas_ridge(c, &rock, -0.1f, 1.1f, 0, tall, rough, 0.02f);
		if (snowy) {
			c->random = before;
			canvas_part(c, PEAK, NOTHING);
			canvas_ridge(c, &snow, -0.1f, 1.1f, 0, tall, rough, 0.55f);
		}
	}
}

static struct rgb grass_color(struct canvas *c)
{
	return tint(c, 0.16f, 0.34f, 0.35f, 0.75f, 0.35f, 0.65f);
}

static struct rgb water_color(struct canvas *c)
{
	return tint(c, 0.45f, 0.64f, 0.25f, 0.75f, 0.35f, 0.75f);
}

static struct rgb sand_color(struct canvas *c)
{
	return tint(c, 0.06f, 0.14f, 0.2f, 0.55f, 0.65f, 0.95f);
}

void backdrop_beach(struct canvas *c, struct stage *s)
{
	s->horizon = some(c, 0.28f, 0.5f);
	s->near = s->horizon + some(c, 0.1f, 0.25f);
	draw_sky(c, s);
	if (random_chance(&c->random, 0.3f))
		draw_mountains(c, s, some(c, 0.08f, 0.15f), 0);
	draw_level(c, SEA, WATER, water_color(c), s->horizon, s->horizon, s->near + 0.03f);
	draw_level(c, GROUND, SAND, sand_color(c), s->horizon, s->near, 1);
}

void backdrop_ocean(struct canvas *c, struct stage *s)
{
	s->horizon = some(c, 0.25f, 0.6f);
	s->near = 1;
	draw_sky(c, s);
	if (random_chance(&c->random, 0.25f))
		draw_mountains(c, s, some(c, 0.08f, 0.2f), 0);
	draw_level(c, SEA, WATER, water_color(c), s->horizon, s->horizon, 1);
}

void backdrop_field(struct canvas *c, struct stage *s)
{
	s->horizon = s->near = some(c, 0.3f, 0.6f);
	draw_sky(c, s);
	if (random_chance(&c->random, 0.4f))
		draw_mountains(c, s, some(c, 0.1f, 0.25f), 0.3f);
	draw_level(c, GROUND, GRASS, grass_color(c), s->horizon, s->horizon, 1);
}

void backdrop_forest(struct canvas *c, struct stage *s)
{
	bool earth = random_chance(&c->random, 0.5f);
	int trees = 8 + random_below(&c->random, 8);
	thing *kind = random_chance(&c->random, 0.5f) ? thing_tree : thing_fir;

	s->horizon = s->near = some(c, 0.35f, 0.55f);
	draw_sky(c, s);
	draw_level(c, GROUND, earth ? EARTH : GRASS,
	           earth ? tint(c, 0.05f, 0.11f, 0.3f, 0.6f, 0.25f, 0.45f) : grass_color(c),
	           s->horizon, s->horizon, 1);
	/* The far edge of the wood closes the view. */
	for (int k = 0; k < trees; k++) {
		float x = ((float)k + some(c, 0, 1)) / (float)trees;

		kind(c, (struct place){x, s->horizon + 0.03f, some(c, 0.25f, 0.45f), 1, 0.25f});
	}
}

void backdrop_desert(struct canvas *c, struct stage *s)
{
	struct rgb color = tint(c, 0.03f, 0.13f, 0.3f, 0.6f, 0.65f, 0.95f);
	int dunes = random_below(&c->random, 3);

	s->horizon = s->near = some(c, 0.35f, 0.6f);
	draw_sky(c, s);
	if (random_chance(&c->random, 0.5f))
		draw_mountains(c, s, some(c, 0.08f, 0.2f), 0);
	draw_level(c, GROUND, SAND, color, s->horizon, s->horizon, 1);
	for (int k = 0; k < dunes; k++) {
		struct paint dune = canvas_paint(
		        c, SAND, rgb_mix(color, (struct rgb){1, 1, 1}, some(c, -0.15f, 0.15f)));

		canvas_stuff(c, GROUND);
		canvas_ridge(c, &dune, -0.2f, 1.2f, s->horizon + 0.1f * (float)(k + 1),
		             -some(c, 0.05f, 0.15f), 0.3f, 0);
	}
}

void backdrop_mountains(struct canvas *c, struct stage *s)
{
	s->horizon = some(c, 0.55f, 0.75f);
	s->near = s->horizon;
	draw_sky(c, s);
	draw_mountains(c, s, s->horizon * some(c, 0.6f, 0.9f), 0.8f);
	if (random_chance(&c->random, 0.4f)) {
		s->near += some(c, 0.06f, 0.15f);
		draw_level(c, SEA, WATER, water_color(c), s->horizon, s->horizon,
		           s->near + 0.01f);
	}
	draw_level(c, GROUND, GRASS, grass_color(c), s->horizon - 0.1f, s->near, 1);
}

void backdrop_winter(struct canvas *c, struct stage *s)
{
	s->horizon = s->near = some(c, 0.35f, 0.6f);
	draw_sky(c, s);
	if (random_chance(&c->random, 0.5f))
		draw_mountains(c, s, some(c, 0.15f, 0.35f), 1);
	draw_level(c, GROUND, SNOW, tint(c, 0.5f, 0.7f, 0, 0.08f, 0.85f, 0.97f), s->horizon,
	           s->horizon, 1);
}

/* A row of buildings, a pavement and a road. */
void backdrop_street(struct canvas *c, struct stage *s)
{
	float curb, x = some(c, -0.1f, 0.1f), towers = some(c, 0, 1),
	            grey = some(c, 0.25f, 0.5f);
	struct paint line = paint_plain((struct rgb){0.9f, 0.88f, 0.75f});
	float dash = some(c, 0.1f, 0.2f), start = some(c, -0.2f, 0);

	s->horizon = some(c, 0.5f, 0.66f);
	curb = s->horizon + some(c, 0.07f, 0.13f);
	s->near = curb;
	draw_sky(c, s);
	while (x < 1.1f) {
		bool tower = random_chance(&c->random, towers);
		float height = tower ? some(c, 0.4f, 0.75f) : some(c, 0.28f, 0.45f);
		struct place at = {x, s->horizon + 0.02f, height, 1, 0.05f};

		if (tower)
			thing_skyscraper(c, at);
		else
			thing_house(c, at);
		x += height * (tower ? some(c, 0.5f, 0.8f) : some(c, 1.1f, 1.6f));
	}
	draw_level(c, SIDEWALK, STONE, tint(c, 0.08f, 0.15f, 0.02f, 0.15f, 0.55f, 0.8f), 0.1f,
	           s->horizon, curb + 0.02f);
	draw_level(c, ROAD, ASPHALT, rgb_hsv(0.6f, 0.06f, grey), 0.3f, curb, 1);
	for (; start < 1; start += 1.8f * dash) {
		float y = (curb + 1) / 2, lean = (start - 0.5f) * 0.06f;

		canvas_polygon(c, &line,
		               (const float[][2]){{start, y},
		                                  {start + dash, y},
		                                  {start + dash + lean, y + 0.02f},
		                                  {start + lean, y + 0.02f}},
		               4);
	}
}

void backdrop_night(struct canvas *c, struct stage *s)
{
	c->night = true;
	backdrop_street(c, s);
}

/* A pane of the world outside, in a frame: part of the wall. */
static void draw_room_window(struct canvas *c, float x, float y, float half, float height)
{
	struct paint frame = canvas_paint(c, WOOD, tint(c, 0.08f, 0.12f, 0.05f, 0.4f, 0.5f, 1));
	struct paint glass = canvas_paint(c, GLASS, tint(c, 0.53f, 0.6f, 0.2f, 0.5f, 0.8f, 1));
	struct paint curtain = canvas_paint(c, FABRIC, rgb_any(&c->random));
	float bar = 0.012f;

	glass.glows = true;
	canvas_stuff(c, WALL);
	canvas_part(c, FRAME, NOTHING);
	canvas_box(c, &frame, x - half - 2 * bar, y - 2 * bar, x + half + 2 * bar,
	           y + height + 2 * bar);
	canvas_part(c, WINDOW, NOTHING);
	canvas_box(c, &glass, x - half, y, x - bar / 2, y + height);
	canvas_box(c, &glass, x + bar / 2, y, x + half, y + height);
	canvas_part(c, NOTHING, NOTHING);
	if (random_chance(&c->random, 0.5f)) {
		canvas_box(c, &curtain, x - 1.5f * half, y - 0.04f, x - 0.75f * half,
		           y + height + 0.08f);
		canvas_box(c, &curtain, x + 0.75f * half, y - 0.04f, x + 1.5f * half,
		           y + height + 0.08f);
	}
}

void backdrop_room(struct canvas *c, struct stage *s)
{
	static const enum concept walls[] = {PLASTER, PLASTER, WOOD, BRICK},
	                          floors[] = {WOOD, TILE, FABRIC};
	enum concept wall = walls[random_below(&c->random, 4)],
	             floor = floors[random_below(&c->random, 3)];
	struct paint paper = canvas_paint(c, wall, tint(c, 0, 1, 0.05f, 0.5f, 0.5f, 0.95f));
	struct paint skirting = paint_plain(tint(c, 0.08f, 0.12f, 0, 0.4f, 0.3f, 1));

	s->horizon = s->near = some(c, 0.58f, 0.74f);
	c->lit_from = some(c, -1, 1);
	c->light = tint(c, 0.06f, 0.14f, 0, 0.25f, 0.75f, 1.05f);
	paper.relief = 0.12f;
	if (wall == PLASTER && random_chance(&c->random, 0.4f)) {
		paper.pattern =
		        random_chance(&c->random, 0.5f) ? pattern_stripes : pattern_dots;
		paper.u = paper.v = some(c, 10, 22);
	}
	canvas_stuff(c, WALL);
	canvas_box(c, &paper, 0, 0, 1, s->horizon + 0.01f);
	if (random_chance(&c->random, 0.5f)) {
		float x = some(c, 0.15f, 0.85f), half = some(c, 0.08f, 0.15f);
		float top = some(c, 0.08f, 0.18f);

		draw_room_window(c, x, top, half, some(c, 0.2f, 0.3f));
	}
	draw_hanging(c, s);
	canvas_stuff(c, WALL);
	canvas_box(c, &skirting, 0, s->horizon - 0.02f, 1, s->horizon + 0.01f);
	draw_level(c, FLOOR, floor, tint(c, 0.03f, 0.12f, 0.1f, 0.6f, 0.35f, 0.85f),
	           s->horizon - 0.25f, s->horizon, 1);
}
