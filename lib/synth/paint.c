/* paint.c -- see paint.h. */
#include "synth/paint.h"

struct rgb rgb_mix(struct rgb a, struct rgb b, float t)
{
	return (struct rgb){a.r + t * (b.r - a.r), a.g + t * (b.g - a.g),
	                    a.b + t * (b.b - a.b)};
}

/* One channel of a hue: a trapezium over the colour wheel. */
static float channel(float hue)
{
	float x = hue - (float)(int)hue;

	x = 6 * (x < 0 ? x + 1 : x);
	return paint_limit(x < 3 ? 2 - x : x - 4, 0, 1);
}

struct rgb rgb_hsv(float hue, float saturation, float value)
{
	struct rgb full = {channel(hue), channel(hue + 2.0f / 3), channel(hue + 1.0f / 3)};
	struct rgb c = rgb_mix((struct rgb){1, 1, 1}, full, saturation);

	return (struct rgb){c.r * value, c.g * value, c.b * value};
}

struct rgb rgb_any(struct random *r)
{
	float kind = random_in(r, 0, 1), value = random_in(r, 0, 1), saturation;

	if (kind < 0.25f)
		return rgb_hsv(0.6f, 0.05f, value);
	saturation = random_in(r, 0.5f, 1);
	return rgb_hsv(random_in(r, 0, 1), saturation, 0.35f + 0.65f * value);
}

struct rgb rgb_pick(struct random *r, const struct rgb *choice, int n)
{
	struct rgb c = choice[random_below(r, n)];
	float value = random_in(r, 0.85f, 1.15f);

	c.r = paint_limit(c.r * value + random_in(r, -0.04f, 0.04f), 0, 1);
	c.g = paint_limit(c.g * value + random_in(r, -0.04f, 0.04f), 0, 1);
	c.b = paint_limit(c.b * value + random_in(r, -0.04f, 0.04f), 0, 1);
	return c;
}

float paint_sine(float turns)
{
	float x = turns - (float)(int)turns, y;

	if (x < 0)
		x += 1;
	if (x > 0.75f)
		x -= 1;
	else if (x > 0.25f)
		x = 0.5f - x;
	x *= 6.2831853f;
	y = x * x;
	return x * (1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72))));
}

/* How materials look: pattern, cells to the unit, contrast. */
static const struct look {
	pattern *pattern;
	float u, v, contrast, relief;
} looks[CONCEPTS] = {
        [GRASS] = {pattern_blades, 14, 14, 0.55f, 0},
        [SAND] = {pattern_grains, 14, 9, 0.22f, 0},
        [SNOW] = {pattern_noise, 5, 5, 0.10f, 0},
        [EARTH] = {pattern_grains, 9, 9, 0.5f, 0},
        [STONE] = {pattern_noise, 7, 7, 0.4f, 0.2f},
        [WATER] = {pattern_ripples, 5, 16, 0.4f, 0},
        [FOLIAGE] = {pattern_leaves, 12, 12, 0.55f, 0.2f},
        [BRICK] = {pattern_bricks, 6, 12, 0.35f, 0.06f},
        [PLASTER] = {pattern_noise, 3, 3, 0.07f, 0.06f},
        [TILE] = {pattern_tiles, 9, 9, 0.3f, 0.06f},
        [ASPHALT] = {pattern_grains, 12, 12, 0.25f, 0},
        [WOOD] = {pattern_planks, 7, 5, 0.35f, 0.1f},
        [METAL] = {pattern_sheen, 1, 2, 0.25f, 0.15f},
        [GLASS] = {pattern_sheen, 3, 3, 0.35f, 0},
        [RUBBER] = {pattern_plain, 1, 1, 0, 0.2f},
        [FABRIC] = {pattern_weave, 30, 30, 0.18f, 0.15f},
        [SKIN] = {pattern_noise, 3, 3, 0.06f, 0.15f},
};

struct paint paint_plain(struct rgb color)
{
	return (struct paint){.dark = color,
	                      .light = color,
	                      .pattern = pattern_plain,
	                      .u = 1,
	                      .v = 1,
	                      .alpha = 1};
}

struct paint paint_material(struct random *r, enum concept material, struct rgb color)
{
	const struct look *look = &looks[material];
	struct paint p = paint_plain(color);

	p.material = material;
	p.pattern = look->pattern;
	p.dark = rgb_mix(color, (struct rgb){0, 0, 0}, look->contrast);
	p.light = rgb_mix(color, (struct rgb){1, 1, 1}, look->contrast * 0.7f);
	p.u = look->u;
	p.v = look->v;
	p.relief = look->relief;
	p.u0 = random_in(r, 0, 64);
	p.v0 = random_in(r, 0, 64);
	return p;
}
