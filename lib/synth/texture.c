/* texture.c -- pictures that are one texture all over. */
#include "synth/scene.h"

static const struct texture {
	enum concept label;
	pattern *pattern;
	float least, most; /* cells in the width of the picture */
	float warp;        /* at most */
	float turn;        /* at most, either way, in turns */
} textures[] = {
        {STRIPED, pattern_stripes, 3, 14, 0.5f, 0.5f},
        {DOTTED, pattern_dots, 4, 12, 0.2f, 0.5f},
        {CHEQUERED, pattern_checks, 2, 7, 0.15f, 0.5f},
        {GRID, pattern_grid, 4, 12, 0.15f, 0.1f},
        {ZIGZAGGED, pattern_zigzag, 3, 10, 0.15f, 0.1f},
        {WOVEN, pattern_basket, 4, 12, 0.15f, 0.2f},
        {HONEYCOMBED, pattern_honeycomb, 4, 12, 0.15f, 0.5f},
        {CROSSHATCHED, pattern_crosshatch, 5, 13, 0.2f, 0.06f},
        {RINGED, pattern_rings, 5, 14, 0.4f, 0},
        {SCALY, pattern_scales, 4, 10, 0.15f, 0.1f},
        {BUBBLY, pattern_bubbles, 3, 10, 0.1f, 0.5f},
        {MARBLED, pattern_marble, 5, 12, 0.5f, 0.5f},
        {BLOTCHY, pattern_blotches, 4, 11, 0, 0.5f},
        {SPRINKLED, pattern_sprinkles, 6, 16, 0, 0.5f},
};

static float brightness(struct rgb c)
{
	return 0.3f * c.r + 0.6f * c.g + 0.1f * c.b;
}

enum concept texture_draw(struct canvas *c)
{
	struct random *r = &c->random;
	const struct texture *t =
	        &textures[random_below(r, sizeof textures / sizeof *textures)];
	struct rgb a = rgb_any(r), b = rgb_any(r);
	struct paint p = paint_plain(a);
	float difference = brightness(a) - brightness(b);

	/* Not so alike that nobody would see the pattern. */
	if (difference * difference < 0.06f)
		b = brightness(a) > 0.5f ? rgb_mix(b, (struct rgb){0, 0, 0}, 0.7f)
		                         : rgb_mix(b, (struct rgb){1, 1, 1}, 0.7f);
	p.light = b;
	p.pattern = t->pattern;
	p.u = random_in(r, t->least, t->most);
	p.v = p.u * random_in(r, 0.8f, 1.25f);
	p.turn = random_in(r, -t->turn, t->turn);
	p.warp = random_in(r, 0, t->warp);
	p.u0 = random_in(r, 0, 64);
	p.v0 = random_in(r, 0, 64);
	if (t->label == RINGED) {
		p.u0 = -p.u * random_in(r, 0.1f, 0.9f);
		p.v0 = -p.v * random_in(r, 0.1f, 0.9f);
	}
	p.relief = random_in(r, 0, 0.35f);
	canvas_stuff(c, NOTHING);
	canvas_box(c, &p, 0, 0, 1, 1);
	return t->label;
}
