/* furniture.c -- what stands and hangs in rooms; see things.h. */
#include "synth/things.h"

static struct paint timber(struct canvas *c)
{
	return canvas_paint(c, WOOD, tint(c, 0.04f, 0.11f, 0.25f, 0.75f, 0.2f, 0.8f));
}

/* Cloth of one colour, or with a pattern in two. */
static struct paint cloth(struct canvas *c)
{
	static pattern *const patterns[] = {pattern_stripes, pattern_dots, pattern_checks,
	                                    pattern_zigzag};
	struct paint p = canvas_paint(c, FABRIC, rgb_any(&c->random));

	if (random_chance(&c->random, 0.4f)) {
		p.pattern = patterns[random_below(&c->random, 4)];
		p.u = p.v = some(c, 5, 9);
		p.light = rgb_any(&c->random);
	}
	return p;
}

void thing_table(struct canvas *c, struct place at)
{
	struct paint wood = timber(c), far = wood;
	float half = some(c, 0.7f, 1.1f), leg = some(c, 0.06f, 0.12f), where;

	canvas_begin(c, TABLE, NOTHING, at);
	far.dark = rgb_mix(wood.dark, (struct rgb){0, 0, 0}, 0.4f);
	far.light = rgb_mix(wood.light, (struct rgb){0, 0, 0}, 0.4f);
	canvas_part(c, LEG, NOTHING);
	for (int side = -1; side <= 1; side += 2) {
		float x = (float)side * (half - leg);

		canvas_box(c, &far, 0.78f * x - leg / 2, 0.15f, 0.78f * x + leg / 2, 0.8f);
		canvas_box(c, &wood, x - leg / 2, 0, x + leg / 2, 0.8f);
	}
	canvas_part(c, TOP, NOTHING);
	wood.turn = 0.25f;
	canvas_polygon(
	        c, &wood,
	        (const float[][2]){
	                {-half, 0.8f}, {half, 0.8f}, {0.82f * half, 1}, {-0.82f * half, 1}},
	        4);
	canvas_box(c, &far, -half, 0.74f, half, 0.8f);
	where = some(c, -0.45f, 0.45f) * half;
	if (random_chance(&c->random, 0.5f))
		thing_vase(c, place_within(at, where, 0.9f, some(c, 0.35f, 0.6f)));
	else if (random_chance(&c->random, 0.6f))
		thing_lamp(c, place_within(at, where, 0.9f, some(c, 0.5f, 0.8f)));
}

void thing_chair(struct canvas *c, struct place at)
{
	struct paint wood = timber(c), seat = random_chance(&c->random, 0.5f) ? cloth(c) : wood;
	float seat_at = some(c, 0.42f, 0.5f), half = some(c, 0.2f, 0.28f),
	      leg = some(c, 0.04f, 0.07f);
	int slats = 2 + random_below(&c->random, 3);

	canvas_begin(c, CHAIR, NOTHING, at);
	canvas_part(c, BACK, NOTHING);
	canvas_box(c, &wood, -half, seat_at, -half + leg, 1);
	canvas_box(c, &wood, half - leg, seat_at, half, 1);
	for (int k = 0; k < slats; k++) {
		float y = seat_at + 0.12f + (0.95f - seat_at - 0.12f) * (float)k / (float)slats;

		canvas_box(c, &wood, -half, y, half, y + 0.3f / (float)slats);
	}
	canvas_part(c, LEG, NOTHING);
	for (int side = -1; side <= 1; side += 2) {
		float x = (float)side * (half - leg / 2);

		canvas_box(c, &wood, 0.75f * x - leg / 2, 0.06f, 0.75f * x + leg / 2, seat_at);
		canvas_box(c, &wood, 1.1f * x - leg / 2, 0, 1.1f * x + leg / 2, seat_at);
	}
	canvas_part(c, SEAT, NOTHING);
	canvas_polygon(c, &seat,
	               (const float[][2]){{-1.15f * half, seat_at - 0.04f},
	                                  {1.15f * half, seat_at - 0.04f},
	                                  {1.15f * half, seat_at + 0.02f},
	                                  {half, seat_at + 0.09f},
	                                  {-half, seat_at + 0.09f},
	                                  {-1.15f * half, seat_at + 0.02f}},
	               6);
}

void thing_sofa(struct canvas *c, struct place at)
{
	struct paint main = cloth(c), shadow = main, feet = timber(c);
	float half = some(c, 0.95f, 1.4f), arm = some(c, 0.16f, 0.26f);
	int cushions = random_below(&c->random, 3);

	canvas_begin(c, SOFA, NOTHING, at);
	shadow.dark = rgb_mix(main.dark, (struct rgb){0, 0, 0}, 0.25f);
	shadow.light = rgb_mix(main.light, (struct rgb){0, 0, 0}, 0.25f);
	canvas_part(c, LEG, NOTHING);
	canvas_box(c, &feet, -half + 0.05f, 0, -half + 0.15f, 0.12f);
	canvas_box(c, &feet, half - 0.15f, 0, half - 0.05f, 0.12f);
	canvas_part(c, BACK, NOTHING);
	canvas_polygon(c, &shadow,
	               (const float[][2]){{-half, 0.3f},
	                                  {half, 0.3f},
	                                  {half, 0.93f},
	                                  {half - 0.08f, 1},
	                                  {-half + 0.08f, 1},
	                                  {-half, 0.93f}},
	               6);
	canvas_part(c, SEAT, NOTHING);
	canvas_box(c, &main, -half, 0.1f, half, 0.5f);
	canvas_box(c, &shadow, -half, 0.34f, half, 0.37f);
	canvas_box(c, &shadow, -0.015f, 0.34f, 0.015f, 0.5f);
	canvas_part(c, CUSHION, NOTHING);
	for (int k = 0; k < cushions; k++) {
		struct paint pillow = cloth(c);
		float x = (k ? 0.5f : -0.5f) * half;

		canvas_polygon(c, &pillow,
		               (const float[][2]){{x - 0.2f, 0.5f},
		                                  {x + 0.2f, 0.48f},
		                                  {x + 0.22f, 0.86f},
		                                  {x - 0.18f, 0.88f}},
		               4);
	}
	canvas_part(c, ARM, NOTHING);
	for (int side = -1; side <= 1; side += 2) {
		float x = (float)side * (half - arm / 2 + 0.05f);

		canvas_box(c, &main, x - arm / 2, 0.08f, x + arm / 2, 0.66f);
		canvas_ellipse(c, &main, x, 0.66f, arm / 2, 0.07f);
	}
}

void thing_lamp(struct canvas *c, struct place at)
{
	struct paint metal = canvas_paint(c, METAL, tint(c, 0.1f, 0.1f, 0, 0.6f, 0.2f, 0.8f));
	struct paint shade = canvas_paint(c, FABRIC, tint(c, 0.05f, 0.2f, 0.1f, 0.8f, 0.8f, 1));
	struct paint glow = paint_plain((struct rgb){1, 0.95f, 0.75f});
	float low = some(c, 0.62f, 0.75f), broad = some(c, 0.17f, 0.26f);

	canvas_begin(c, LAMP, NOTHING, at);
	canvas_ellipse(c, &metal, 0, 0.03f, 0.16f, 0.035f);
	canvas_part(c, POLE, NOTHING);
	canvas_box(c, &metal, -0.018f, 0.03f, 0.018f, low + 0.05f);
	canvas_part(c, SHADE, NOTHING);
	shade.glows = true;
	canvas_bar(c, &shade, 0, low, 0, 1, 2 * broad, 1.1f * broad);
	glow.glows = true;
	glow.alpha = 0.09f;
	for (int k = 1; k < 4; k++)
		canvas_ellipse(c, &glow, 0, 0.83f, 0.2f * (float)k, 0.18f * (float)k);
}

/* A small landscape, or an abstraction, in a frame. */
void thing_painting(struct canvas *c, struct place at)
{
	struct paint frame = canvas_paint(c, WOOD, tint(c, 0.1f, 0.1f, 0.1f, 0.7f, 0.1f, 0.9f));
	struct paint above = paint_plain(rgb_any(&c->random)),
	             below = paint_plain(rgb_any(&c->random)),
	             spot = paint_plain(rgb_any(&c->random));
	float half = some(c, 0.35f, 0.75f), edge = some(c, 0.05f, 0.1f), inner = half - edge,
	      line = some(c, 0.3f, 0.6f);

	canvas_begin(c, PAINTING, WALL, at);
	canvas_part(c, FRAME, NOTHING);
	canvas_box(c, &frame, -half, 0, half, 1);
	canvas_part(c, NOTHING, NOTHING);
	canvas_box(c, &above, -inner, edge, inner, 1 - edge);
	canvas_box(c, &below, -inner, edge, inner, line);
	canvas_ellipse(c, &spot, some(c, -0.5f, 0.5f) * inner, 0.7f, 0.14f, 0.14f);
	canvas_polygon(c, &spot,
	               (const float[][2]){{-0.8f * inner, line},
	                                  {-0.3f * inner, line + 0.25f},
	                                  {0.2f * inner, line}},
	               3);
}

void thing_vase(struct canvas *c, struct place at)
{
	struct paint p = paint_plain(rgb_any(&c->random));
	float belly = some(c, 0.16f, 0.26f);
	int flowers = 1 + random_below(&c->random, 3);

	for (int k = 0; k < flowers; k++)
		thing_flower(c, place_within(at, 0.16f * ((float)k - (float)(flowers - 1) / 2),
		                             0.35f, some(c, 0.5f, 0.65f)));
	canvas_begin(c, VASE, NOTHING, at);
	p.relief = 0.3f;
	canvas_polygon(c, &p,
	               (const float[][2]){{-0.1f, 0},
	                                  {0.1f, 0},
	                                  {belly, 0.14f},
	                                  {belly, 0.27f},
	                                  {0.09f, 0.42f},
	                                  {0.12f, 0.5f},
	                                  {-0.12f, 0.5f},
	                                  {-0.09f, 0.42f},
	                                  {-belly, 0.27f},
	                                  {-belly, 0.14f}},
	               10);
}

/* Lies on the floor: its height is its depth in the picture. */
void thing_rug(struct canvas *c, struct place at)
{
	struct paint p = cloth(c), border = canvas_paint(c, FABRIC, rgb_any(&c->random));
	float half = some(c, 1.2f, 2.2f), slant = some(c, 0.15f, 0.4f);

	canvas_begin(c, RUG, FLOOR, at);
	p.relief = border.relief = 0;
	p.v *= 1.8f;
	if (random_chance(&c->random, 0.5f)) {
		canvas_ellipse(c, &border, 0, 0.5f, half, 0.5f);
		canvas_ellipse(c, &p, 0, 0.5f, 0.85f * half, 0.42f);
	} else {
		canvas_polygon(
		        c, &border,
		        (const float[][2]){
		                {-half, 0}, {half, 0}, {half - slant, 1}, {slant - half, 1}},
		        4);
		canvas_polygon(c, &p,
		               (const float[][2]){{-0.86f * half, 0.12f},
		                                  {0.86f * half, 0.12f},
		                                  {0.86f * (half - slant), 0.88f},
		                                  {0.86f * (slant - half), 0.88f}},
		               4);
	}
}
