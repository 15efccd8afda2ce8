/* yard.c -- things of the forty kinds of scenes only; see things.h. */
#include "synth/things.h"

static struct paint cloth_of(struct canvas *c, struct rgb color)
{
	return canvas_paint(c, FABRIC, color);
}

static struct paint timber(struct canvas *c)
{
	return canvas_paint(c, WOOD, tint(c, 0.04f, 0.11f, 0.25f, 0.75f, 0.2f, 0.8f));
}

void thing_tent(struct canvas *c, struct place at)
{
	struct rgb color = rgb_any(&c->random);
	struct paint side = cloth_of(c, color),
	             front = cloth_of(c, rgb_mix(color, (struct rgb){1, 1, 1}, 0.25f)),
	             inside = paint_plain(rgb_mix(color, (struct rgb){0, 0, 0}, 0.75f));
	float half = some(c, 0.6f, 0.9f), length = some(c, 0.5f, 1.1f),
	      gap = some(c, 0.15f, 0.4f) * half;

	canvas_begin(c, TENT, NOTHING, at);
	canvas_part(c, ROOF, NOTHING);
	canvas_polygon(
	        c, &side,
	        (const float[][2]){{0, 1}, {length, 0.95f}, {length + half, 0.1f}, {half, 0}},
	        4);
	canvas_part(c, NOTHING, NOTHING);
	canvas_polygon(c, &front, (const float[][2]){{-half, 0}, {half, 0}, {0, 1}}, 3);
	canvas_part(c, DOOR, NOTHING);
	canvas_polygon(c, &inside, (const float[][2]){{-gap, 0}, {gap, 0}, {0, 0.8f}}, 3);
}

void thing_bench(struct canvas *c, struct place at)
{
	struct paint wood = timber(c),
	             metal = canvas_paint(c, METAL, tint(c, 0.6f, 0.6f, 0, 0.2f, 0.1f, 0.4f));
	float half = some(c, 0.9f, 1.3f);

	canvas_begin(c, BENCH, NOTHING, at);
	wood.turn = 0.25f;
	canvas_part(c, LEG, NOTHING);
	for (int side = -1; side <= 1; side += 2) {
		float x = 0.85f * (float)side * half;

		canvas_box(c, &metal, x - 0.05f, 0, x + 0.05f, 1);
	}
	canvas_part(c, BACK, NOTHING);
	canvas_box(c, &wood, -half, 0.6f, half, 0.74f);
	canvas_box(c, &wood, -half, 0.82f, half, 0.97f);
	canvas_part(c, SEAT, NOTHING);
	canvas_polygon(c, &wood,
	               (const float[][2]){{-1.05f * half, 0.38f},
	                                  {1.05f * half, 0.38f},
	                                  {half, 0.52f},
	                                  {-half, 0.52f}},
	               4);
}

/* A board on a pole: round, square or three-cornered. */
void thing_sign(struct canvas *c, struct place at)
{
	struct paint metal = canvas_paint(c, METAL, (struct rgb){0.6f, 0.6f, 0.62f}),
	             edge = paint_plain(rgb_any(&c->random)),
	             face = paint_plain(random_chance(&c->random, 0.5f)
	                                        ? (struct rgb){0.95f, 0.95f, 0.92f}
	                                        : rgb_any(&c->random)),
	             mark = paint_plain((struct rgb){0.1f, 0.1f, 0.1f});
	int shape = random_below(&c->random, 3);
	float r = some(c, 0.18f, 0.28f), y = 1 - r;

	canvas_begin(c, SIGN, NOTHING, at);
	canvas_part(c, POLE, NOTHING);
	canvas_box(c, &metal, -0.03f, 0, 0.03f, 1 - r);
	canvas_part(c, BOARD, NOTHING);
	for (int k = 0; k < 2; k++) {
		const struct paint *p = k ? &face : &edge;
		float size = k ? 0.75f * r : r;

		if (shape == 0)
			canvas_ellipse(c, p, 0, y, size, size);
		else if (shape == 1)
			canvas_box(c, p, -1.2f * size, y - 0.8f * size, 1.2f * size,
			           y + 0.8f * size);
		else
			canvas_polygon(c, p,
			               (const float[][2]){{-size, y - 0.7f * size},
			                                  {size, y - 0.7f * size},
			                                  {0, y + size}},
			               3);
	}
	canvas_box(c, &mark, -0.4f * r, y - 0.25f * r, 0.4f * r, y - 0.05f * r);
}

void thing_balloon(struct canvas *c, struct place at)
{
	struct rgb first = rgb_any(&c->random), second = rgb_any(&c->random);
	struct paint basket = canvas_paint(c, WOOD, (struct rgb){0.5f, 0.35f, 0.2f}),
	             rope = paint_plain((struct rgb){0.25f, 0.2f, 0.15f});
	enum { GORES = 5 };

	canvas_begin(c, BALLOON, NOTHING, at);
	canvas_bar(c, &rope, -0.07f, 0.1f, -0.2f, 0.42f, 0.015f, 0.015f);
	canvas_bar(c, &rope, 0.07f, 0.1f, 0.2f, 0.42f, 0.015f, 0.015f);
	canvas_part(c, CANOPY, NOTHING);
	for (int k = GORES; k > 0; k--) {
		struct paint cloth = cloth_of(c, k & 1 ? first : second);
		float half = 0.36f * (float)k / GORES;

		canvas_polygon(c, &cloth,
		               (const float[][2]){{-0.25f * half, 0.26f},
		                                  {0.25f * half, 0.26f},
		                                  {0.85f * half, 0.45f},
		                                  {half, 0.65f},
		                                  {0.85f * half, 0.85f},
		                                  {0.45f * half, 0.97f},
		                                  {0, 1},
		                                  {-0.45f * half, 0.97f},
		                                  {-0.85f * half, 0.85f},
		                                  {-half, 0.65f},
		                                  {-0.85f * half, 0.45f}},
		               11);
	}
	canvas_part(c, BASKET, NOTHING);
	canvas_box(c, &basket, -0.1f, 0, 0.1f, 0.13f);
}

void thing_kite(struct canvas *c, struct place at)
{
	struct paint one = cloth_of(c, rgb_any(&c->random)),
	             other = cloth_of(c, rgb_any(&c->random)),
	             tail = paint_plain(rgb_any(&c->random));
	float half = some(c, 0.25f, 0.4f), lean = some(c, -0.15f, 0.15f);

	canvas_begin(c, KITE, NOTHING, at);
	canvas_part(c, TAIL, NOTHING);
	for (int k = 0; k < 4; k++) {
		float x = (k & 1 ? 0.1f : -0.1f) + lean, next = (k & 1 ? -0.1f : 0.1f) + lean;

		canvas_bar(c, &tail, x, 0.1f * (float)k, next, 0.1f * (float)(k + 1), 0.05f,
		           0.05f);
	}
	canvas_part(c, NOTHING, NOTHING);
	canvas_polygon(c, &one, (const float[][2]){{0, 0.35f}, {0, 1}, {-half, 0.75f}}, 3);
	canvas_polygon(c, &other, (const float[][2]){{0, 0.35f}, {half, 0.75f}, {0, 1}}, 3);
}

void thing_plane(struct canvas *c, struct place at)
{
	struct rgb color = random_chance(&c->random, 0.6f) ? (struct rgb){0.9f, 0.9f, 0.92f}
	                                                   : rgb_any(&c->random);
	struct paint body = canvas_paint(c, METAL, color),
	             wing = canvas_paint(c, METAL,
	                                 rgb_mix(color, (struct rgb){0, 0, 0}, 0.35f)),
	             fin = canvas_paint(c, METAL, rgb_any(&c->random)),
	             glass = canvas_paint(c, GLASS, (struct rgb){0.2f, 0.25f, 0.35f});
	float half = some(c, 1.1f, 1.5f);

	canvas_begin(c, PLANE, NOTHING, at);
	canvas_part(c, TAIL, NOTHING);
	canvas_polygon(c, &fin,
	               (const float[][2]){{-half, 0.5f},
	                                  {-half - 0.15f, 1},
	                                  {-half + 0.1f, 1},
	                                  {-0.65f * half, 0.55f}},
	               4);
	canvas_part(c, NOTHING, NOTHING);
	canvas_ellipse(c, &body, 0, 0.45f, half, 0.18f);
	canvas_part(c, WINDOW, NOTHING);
	for (int k = -3; k < 5; k++)
		canvas_box(c, &glass, 0.16f * (float)k, 0.46f, 0.16f * (float)k + 0.08f, 0.56f);
	canvas_part(c, WING, NOTHING);
	canvas_polygon(
	        c, &wing,
	        (const float[][2]){{0.35f, 0.42f}, {-0.15f, 0.42f}, {-0.65f, 0}, {-0.4f, 0}},
	        4);
}

void thing_windmill(struct canvas *c, struct place at)
{
	struct rgb color = tint(c, 0.02f, 0.12f, 0.1f, 0.5f, 0.5f, 0.95f);
	struct paint wall = canvas_paint(c, random_chance(&c->random, 0.5f) ? BRICK : PLASTER,
	                                 color),
	             roof = canvas_paint(c, TILE, tint(c, 0, 0.1f, 0.3f, 0.6f, 0.2f, 0.5f)),
	             sail = canvas_paint(c, WOOD, tint(c, 0.1f, 0.1f, 0.05f, 0.3f, 0.6f, 1)),
	             door = canvas_paint(c, WOOD, (struct rgb){0.3f, 0.2f, 0.12f});
	float turn = some(c, 0, 0.25f), y = 0.66f;

	canvas_begin(c, WINDMILL, NOTHING, at);
	canvas_bar(c, &wall, 0, 0, 0, 0.68f, 0.4f, 0.24f);
	canvas_part(c, DOOR, NOTHING);
	canvas_box(c, &door, -0.05f, 0, 0.05f, 0.16f);
	canvas_part(c, ROOF, NOTHING);
	canvas_polygon(
	        c, &roof,
	        (const float[][2]){
	                {-0.15f, 0.66f}, {0.15f, 0.66f}, {0.08f, 0.78f}, {-0.08f, 0.78f}},
	        4);
	canvas_part(c, SAIL, NOTHING);
	for (int k = 0; k < 4; k++) {
		float angle = turn + 0.25f * (float)k, across = paint_sine(angle),
		      up = paint_sine(angle + 0.25f);

		canvas_bar(c, &sail, 0, y, 0.34f * across, y + 0.34f * up, 0.03f, 0.03f);
		canvas_bar(c, &sail, 0.1f * across, y + 0.1f * up, 0.34f * across,
		           y + 0.34f * up, 0.09f, 0.09f);
	}
}

void thing_barrel(struct canvas *c, struct place at)
{
	struct rgb color = rgb_any(&c->random);
	struct paint body = canvas_paint(c, random_chance(&c->random, 0.5f) ? WOOD : METAL,
	                                 color),
	             hoop = canvas_paint(c, METAL, tint(c, 0.6f, 0.6f, 0, 0.2f, 0.15f, 0.5f)),
	             lid = body;
	float half = some(c, 0.28f, 0.38f);

	canvas_begin(c, BARREL, NOTHING, at);
	body.relief = 0.35f;
	canvas_polygon(c, &body,
	               (const float[][2]){{-0.85f * half, 0.04f},
	                                  {0.85f * half, 0.04f},
	                                  {half, 0.35f},
	                                  {half, 0.6f},
	                                  {0.85f * half, 0.92f},
	                                  {-0.85f * half, 0.92f},
	                                  {-half, 0.6f},
	                                  {-half, 0.35f}},
	               8);
	canvas_box(c, &hoop, -0.97f * half, 0.22f, 0.97f * half, 0.29f);
	canvas_box(c, &hoop, -0.97f * half, 0.67f, 0.97f * half, 0.74f);
	canvas_part(c, TOP, NOTHING);
	lid.dark = rgb_mix(body.dark, (struct rgb){0, 0, 0}, 0.4f);
	canvas_ellipse(c, &lid, 0, 0.92f, 0.85f * half, 0.07f);
}

void thing_dog(struct canvas *c, struct place at)
{
	static const struct rgb furs[] = {{0.15f, 0.12f, 0.1f},
	                                  {0.55f, 0.38f, 0.2f},
	                                  {0.85f, 0.75f, 0.55f},
	                                  {0.9f, 0.9f, 0.88f}};
	struct rgb color = rgb_pick(&c->random, furs, 4);
	struct paint fur = paint_plain(color),
	             dark = paint_plain(rgb_mix(color, (struct rgb){0, 0, 0}, 0.4f)),
	             eye = paint_plain((struct rgb){0.05f, 0.05f, 0.05f});
	float half = some(c, 0.5f, 0.65f), wag = some(c, -0.1f, 0.15f);

	canvas_begin(c, DOG, NOTHING, at);
	fur.relief = 0.2f;
	canvas_part(c, TAIL, NOTHING);
	canvas_bar(c, &fur, -half + 0.05f, 0.62f, -half - 0.2f, 0.8f + wag, 0.1f, 0.05f);
	canvas_part(c, LEG, NOTHING);
	for (int k = 0; k < 4; k++) {
		float x = (k < 2 ? -1.0f : 0.75f) * 0.75f * half + 0.14f * (float)(k & 1);

		canvas_bar(c, k & 1 ? &dark : &fur, x, 0.45f, x, 0, 0.13f, 0.1f);
	}
	canvas_part(c, TORSO, NOTHING);
	canvas_ellipse(c, &fur, 0, 0.52f, half, 0.19f);
	canvas_part(c, HEAD, NOTHING);
	canvas_ellipse(c, &fur, half, 0.78f, 0.2f, 0.18f);
	canvas_ellipse(c, &fur, half + 0.2f, 0.72f, 0.15f, 0.09f);
	canvas_bar(c, &dark, half - 0.1f, 0.93f, half - 0.16f, 0.66f, 0.1f, 0.08f);
	canvas_part(c, EYE, HEAD);
	canvas_ellipse(c, &eye, half + 0.08f, 0.82f, 0.03f, 0.03f);
}

void thing_bicycle(struct canvas *c, struct place at)
{
	struct paint tyre = canvas_paint(c, RUBBER, (struct rgb){0.1f, 0.1f, 0.1f}),
	             metal = canvas_paint(c, METAL, rgb_any(&c->random)),
	             saddle = paint_plain((struct rgb){0.15f, 0.1f, 0.08f});
	float r = 0.33f, x = 0.55f;
	enum { SPOKES = 14 };

	canvas_begin(c, BICYCLE, NOTHING, at);
	canvas_part(c, WHEEL, NOTHING);
	for (int side = -1; side <= 1; side += 2)
		for (int k = 0; k < SPOKES; k++) {
			float a = (float)k / SPOKES, b = (float)(k + 1) / SPOKES;
			float x0 = r * paint_sine(a), y0 = r * paint_sine(a + 0.25f),
			      x1 = r * paint_sine(b), y1 = r * paint_sine(b + 0.25f);

			canvas_bar(c, &tyre, (float)side * x + x0, r + y0, (float)side * x + x1,
			           r + y1, 0.07f, 0.07f);
		}
	canvas_part(c, FRAME, NOTHING);
	canvas_bar(c, &metal, -x, r, -0.2f, 0.8f, 0.06f, 0.06f);
	canvas_bar(c, &metal, -x, r, 0, r, 0.06f, 0.06f);
	canvas_bar(c, &metal, 0, r, -0.2f, 0.85f, 0.06f, 0.06f);
	canvas_bar(c, &metal, 0, r, 0.4f, 0.78f, 0.06f, 0.06f);
	canvas_bar(c, &metal, -0.18f, 0.75f, 0.4f, 0.78f, 0.06f, 0.06f);
	canvas_bar(c, &metal, x, r, 0.38f, 0.95f, 0.06f, 0.06f);
	canvas_bar(c, &metal, 0.3f, 0.97f, 0.5f, 0.93f, 0.06f, 0.06f);
	canvas_part(c, SEAT, NOTHING);
	canvas_ellipse(c, &saddle, -0.2f, 0.88f, 0.14f, 0.05f);
}

void thing_bed(struct canvas *c, struct place at)
{
	struct paint wood = timber(c), sheet = cloth_of(c, (struct rgb){0.92f, 0.92f, 0.95f}),
	             blanket = cloth_of(c, rgb_any(&c->random)),
	             pillow = cloth_of(c, tint(c, 0, 1, 0, 0.3f, 0.8f, 1));
	float half = some(c, 1.2f, 1.6f), turned = some(c, 0.3f, 0.55f);

	canvas_begin(c, BED, NOTHING, at);
	canvas_part(c, BACK, NOTHING);
	canvas_box(c, &wood, -half - 0.08f, 0, -half, 1);
	canvas_box(c, &wood, half, 0, half + 0.08f, 0.7f);
	canvas_part(c, NOTHING, NOTHING);
	canvas_box(c, &wood, -half, 0.15f, half, 0.32f);
	canvas_box(c, &sheet, -half, 0.3f, half, 0.56f);
	canvas_part(c, CUSHION, NOTHING);
	canvas_ellipse(c, &pillow, -half + 0.32f, 0.62f, 0.3f, 0.13f);
	canvas_part(c, BLANKET, NOTHING);
	canvas_polygon(c, &blanket,
	               (const float[][2]){{-turned * half, 0.24f},
	                                  {half - 0.02f, 0.2f},
	                                  {half - 0.02f, 0.62f},
	                                  {-turned * half + 0.1f, 0.64f}},
	               4);
}

void thing_shelf(struct canvas *c, struct place at)
{
	struct paint wood = timber(c), back = wood;
	float half = some(c, 0.28f, 0.45f);
	int boards = 3 + random_below(&c->random, 2);

	canvas_begin(c, SHELF, NOTHING, at);
	back.dark = rgb_mix(wood.dark, (struct rgb){0, 0, 0}, 0.6f);
	back.light = rgb_mix(wood.light, (struct rgb){0, 0, 0}, 0.6f);
	canvas_box(c, &wood, -half, 0, half, 1);
	canvas_box(c, &back, -half + 0.04f, 0.03f, half - 0.04f, 0.96f);
	for (int k = 0; k < boards; k++) {
		float low = 0.04f + 0.92f * (float)k / (float)boards,
		      step = 0.92f / (float)boards, x = -half + 0.05f;

		canvas_part(c, NOTHING, NOTHING);
		canvas_box(c, &wood, -half, low - 0.02f, half, low + 0.01f);
		canvas_part(c, BOOK, NOTHING);
		while (x < half - 0.12f) {
			struct paint book = paint_plain(rgb_any(&c->random));
			float width = some(c, 0.03f, 0.09f), tall = some(c, 0.6f, 0.9f) * step;

			if (random_chance(&c->random, 0.85f))
				canvas_box(c, &book, x, low + 0.01f, x + width, low + tall);
			x += width + 0.005f;
		}
	}
}
