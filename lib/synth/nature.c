/* nature.c -- sky, plants, rocks and birds; see things.h. */
#include "synth/things.h"

static void halo(struct canvas *c, struct place at, struct rgb color)
{
	struct paint p = paint_plain(color);

	canvas_begin(c, NOTHING, NOTHING, at);
	p.glows = true;
	p.alpha = 0.1f;
	for (float r = 1.0f; r > 0.55f; r -= 0.12f)
		canvas_ellipse(c, &p, 0, 0.5f, r, r);
}

void thing_sun(struct canvas *c, struct place at)
{
	struct rgb color = tint(c, 0.07f, 0.17f, 0.1f, 0.8f, 1, 1);
	struct paint disc = paint_plain(color);

	halo(c, at, color);
	canvas_begin(c, SUN, NOTHING, at);
	disc.glows = true;
	canvas_ellipse(c, &disc, 0, 0.5f, 0.5f, 0.5f);
}

void thing_moon(struct canvas *c, struct place at)
{
	struct rgb color = tint(c, 0.13f, 0.13f, 0, 0.25f, 0.85f, 1);
	struct paint disc = paint_plain(color);

	halo(c, at, color);
	canvas_begin(c, MOON, NOTHING, at);
	disc.glows = true;
	disc.pattern = pattern_noise;
	disc.dark = rgb_mix(color, (struct rgb){0.3f, 0.3f, 0.35f}, 0.5f);
	disc.u = disc.v = 3;
	disc.u0 = some(c, 0, 64);
	canvas_ellipse(c, &disc, 0, 0.5f, 0.5f, 0.5f);
}

void thing_cloud(struct canvas *c, struct place at)
{
	float value = some(c, 0.75f, 1);
	struct paint p = paint_plain((struct rgb){value, value, value + 0.02f});
	int puffs = 3 + random_below(&c->random, 4);

	canvas_begin(c, CLOUD, NOTHING, at);
	p.pattern = pattern_noise;
	p.dark = rgb_mix(p.light, c->air, some(c, 0.1f, 0.4f));
	p.u = p.v = 2;
	p.alpha = 0.88f;
	p.u0 = some(c, 0, 64);
	for (int k = 0; k < puffs; k++) {
		float x = ((float)k + 0.5f) / (float)puffs * 2.4f - 1.2f;
		float r = 0.5f - 0.22f * (x < 0 ? -x : x) + some(c, -0.06f, 0.06f);

		canvas_ellipse(c, &p, x, 0.1f + r, 1.5f * r + 0.1f, r);
	}
}

void thing_tree(struct canvas *c, struct place at)
{
	static const struct rgb leaves[] = {{0.25f, 0.48f, 0.14f}, {0.16f, 0.38f, 0.14f},
	                                    {0.38f, 0.52f, 0.16f}, {0.75f, 0.42f, 0.12f},
	                                    {0.68f, 0.22f, 0.10f}, {0.82f, 0.68f, 0.20f}};
	float trunk = some(c, 0.05f, 0.11f), clear = some(c, 0.2f, 0.45f),
	      lean = some(c, -0.06f, 0.06f);
	float middle = (1 + clear) / 2, half = (1 - clear) / 2, broad = some(c, 0.3f, 0.46f);
	struct paint bark =
	        canvas_paint(c, WOOD, tint(c, 0.05f, 0.1f, 0.45f, 0.45f, 0.25f, 0.45f));
	struct paint crown = canvas_paint(c, FOLIAGE, rgb_pick(&c->random, leaves, 6));
	int blobs = 2 + random_below(&c->random, 4);

	canvas_begin(c, TREE, NOTHING, at);
	canvas_part(c, TRUNK, NOTHING);
	canvas_bar(c, &bark, 0, 0, lean, middle, 1.4f * trunk, trunk);
	canvas_bar(c, &bark, lean / 2, clear, lean + 0.2f, middle, trunk / 2, trunk / 3);
	canvas_bar(c, &bark, lean / 2, clear * 0.8f, lean - 0.2f, middle, trunk / 2, trunk / 3);
	canvas_part(c, CROWN, NOTHING);
	for (int k = 0; k < blobs; k++) {
		float turn = ((float)k + some(c, 0, 0.6f)) / (float)blobs;

		canvas_blob(c, &crown, lean + 0.45f * broad * paint_sine(turn),
		            middle + 0.45f * half * paint_sine(turn + 0.25f), 0.65f * broad,
		            0.6f * half, 7 + random_below(&c->random, 5));
	}
	canvas_blob(c, &crown, lean, middle, 0.8f * broad, 0.8f * half, 10);
}

void thing_fir(struct canvas *c, struct place at)
{
	struct paint bark =
	        canvas_paint(c, WOOD, tint(c, 0.07f, 0.07f, 0.5f, 0.5f, 0.2f, 0.35f));
	struct paint crown =
	        canvas_paint(c, FOLIAGE, tint(c, 0.25f, 0.45f, 0.4f, 0.7f, 0.2f, 0.42f));
	float foot = some(c, 0.08f, 0.16f), broad = some(c, 0.2f, 0.32f);
	int tiers = 3 + random_below(&c->random, 3);

	canvas_begin(c, FIR, NOTHING, at);
	canvas_part(c, TRUNK, NOTHING);
	canvas_box(c, &bark, -0.04f, 0, 0.04f, foot + 0.1f);
	canvas_part(c, CROWN, NOTHING);
	for (int k = 0; k < tiers; k++) {
		float low = foot + (1 - foot) * (float)k / ((float)tiers + 0.6f);
		float high = low + (1 - foot) * 1.6f / ((float)tiers + 0.6f);
		float half = broad * (1 - 0.8f * (float)k / (float)tiers);

		canvas_polygon(c, &crown,
		               (const float[][2]){{-half, low},
		                                  {-half / 2, low + 0.02f},
		                                  {0, low - 0.02f},
		                                  {half / 2, low + 0.02f},
		                                  {half, low},
		                                  {0, high}},
		               6);
	}
}

void thing_palm(struct canvas *c, struct place at)
{
	struct paint bark =
	        canvas_paint(c, WOOD, tint(c, 0.09f, 0.09f, 0.4f, 0.4f, 0.35f, 0.55f));
	struct paint leaf =
	        canvas_paint(c, FOLIAGE, tint(c, 0.2f, 0.36f, 0.5f, 0.8f, 0.3f, 0.6f));
	float lean = some(c, 0.02f, 0.25f), x = 0, y = 0;
	int fronds = 7 + random_below(&c->random, 4);

	canvas_begin(c, PALM, NOTHING, at);
	canvas_part(c, TRUNK, NOTHING);
	for (int k = 1; k <= 5; k++) {
		float up = (float)k / 5, next = lean * up * up;

		canvas_bar(c, &bark, x, y - 0.01f, next, 0.75f * up, 0.1f - 0.05f * y,
		           0.08f - 0.05f * y);
		x = next;
		y = 0.75f * up;
	}
	canvas_part(c, CROWN, NOTHING);
	for (int k = 0; k < fronds; k++) {
		float turn = ((float)k + some(c, -0.2f, 0.2f)) / (float)fronds;
		float dx = 0.36f * paint_sine(turn + 0.25f), dy = 0.26f * paint_sine(turn);
		float drop = 0.12f + 0.04f * paint_sine(turn);

		canvas_polygon(c, &leaf,
		               (const float[][2]){{x, y + 0.03f},
		                                  {x + dx * 0.55f, y + dy * 0.7f + 0.06f},
		                                  {x + dx, y + dy - drop},
		                                  {x + dx * 0.5f, y + dy * 0.5f - 0.01f},
		                                  {x, y - 0.02f}},
		               5);
	}
}

/* A bar with round ends. */
static void limb(struct canvas *c, const struct paint *p, float x0, float y0, float x1,
                 float y1, float width)
{
	canvas_bar(c, p, x0, y0, x1, y1, width, width);
	canvas_ellipse(c, p, x0, y0, width / 2, width / 2);
	canvas_ellipse(c, p, x1, y1, width / 2, width / 2);
}

void thing_cactus(struct canvas *c, struct place at)
{
	struct paint p = paint_plain(tint(c, 0.25f, 0.42f, 0.35f, 0.7f, 0.3f, 0.6f));
	float width = some(c, 0.14f, 0.2f), low = some(c, 0.25f, 0.45f),
	      high = some(c, 0.25f, 0.5f);

	canvas_begin(c, CACTUS, NOTHING, at);
	p.pattern = pattern_stripes;
	p.dark = rgb_mix(p.light, (struct rgb){0, 0, 0}, 0.35f);
	p.u = 22;
	p.relief = 0.25f;
	limb(c, &p, 0, 0, 0, 1 - width / 2, width);
	limb(c, &p, 0, low, 0.25f, low, width * 0.7f);
	limb(c, &p, 0.25f, low, 0.25f, low + some(c, 0.15f, 0.35f), width * 0.7f);
	if (random_chance(&c->random, 0.7f)) {
		limb(c, &p, 0, high, -0.23f, high, width * 0.7f);
		limb(c, &p, -0.23f, high, -0.23f, high + some(c, 0.12f, 0.3f), width * 0.7f);
	}
}

void thing_flower(struct canvas *c, struct place at)
{
	struct paint green = paint_plain(tint(c, 0.22f, 0.38f, 0.65f, 0.65f, 0.3f, 0.6f));
	struct paint petal = paint_plain(tint(c, 0.7f, 1.2f, 0.2f, 1, 0.75f, 1));
	struct paint middle = paint_plain(tint(c, 0.05f, 0.16f, 0.8f, 0.8f, 0.3f, 1));
	float length = some(c, 0.2f, 0.27f), lean = some(c, -0.08f, 0.08f), y = 0.72f;
	int petals = 5 + random_below(&c->random, 5);

	canvas_begin(c, FLOWER, NOTHING, at);
	canvas_part(c, STEM, NOTHING);
	canvas_bar(c, &green, 0, 0, lean, y, 0.06f, 0.04f);
	canvas_polygon(
	        c, &green,
	        (const float[][2]){{0, 0.15f}, {0.14f, 0.4f}, {0.26f, 0.42f}, {0.14f, 0.22f}},
	        4);
	canvas_polygon(c, &green,
	               (const float[][2]){
	                       {0, 0.1f}, {-0.14f, 0.32f}, {-0.24f, 0.36f}, {-0.14f, 0.17f}},
	               4);
	canvas_part(c, PETALS, NOTHING);
	petal.dark = rgb_mix(petal.light, (struct rgb){0.3f, 0, 0.2f}, 0.25f);
	for (int k = 0; k < petals; k++) {
		float turn = (float)k / (float)petals, dx = paint_sine(turn + 0.25f),
		      dy = paint_sine(turn);
		float w = 2.6f * length / (float)petals;

		canvas_polygon(
		        c, &petal,
		        (const float[][2]){{lean, y},
		                           {lean + 0.6f * length * dx - w * dy,
		                            y + 0.6f * length * dy + w * dx},
		                           {lean + 1.1f * length * dx, y + 1.1f * length * dy},
		                           {lean + 0.6f * length * dx + w * dy,
		                            y + 0.6f * length * dy - w * dx}},
		        4);
		petal.light = rgb_mix(petal.light, petal.dark, k & 1 ? -0.3f : 0.23f);
	}
	canvas_part(c, NOTHING, NOTHING);
	canvas_ellipse(c, &middle, lean, y, 0.4f * length, 0.4f * length);
}

void thing_mushroom(struct canvas *c, struct place at)
{
	static const struct rgb caps[] = {{0.8f, 0.15f, 0.1f},
	                                  {0.6f, 0.38f, 0.2f},
	                                  {0.85f, 0.7f, 0.45f},
	                                  {0.9f, 0.5f, 0.15f}};
	struct paint stem = paint_plain((struct rgb){0.92f, 0.88f, 0.78f});
	struct paint cap = paint_plain(rgb_pick(&c->random, caps, 4)),
	             dot = paint_plain((struct rgb){0.97f, 0.95f, 0.9f});
	float broad = some(c, 0.42f, 0.6f), low = some(c, 0.45f, 0.6f);

	canvas_begin(c, MUSHROOM, NOTHING, at);
	canvas_part(c, STEM, NOTHING);
	stem.relief = cap.relief = 0.2f;
	canvas_bar(c, &stem, 0, 0, 0, low + 0.1f, 0.3f, 0.2f);
	canvas_part(c, CAP, NOTHING);
	canvas_polygon(c, &cap,
	               (const float[][2]){{-broad, low},
	                                  {-0.92f * broad, low + 0.4f * (1 - low)},
	                                  {-0.6f * broad, low + 0.8f * (1 - low)},
	                                  {-0.2f * broad, 1},
	                                  {0.2f * broad, 1},
	                                  {0.6f * broad, low + 0.8f * (1 - low)},
	                                  {0.92f * broad, low + 0.4f * (1 - low)},
	                                  {broad, low},
	                                  {0.5f * broad, low - 0.06f},
	                                  {-0.5f * broad, low - 0.06f}},
	               10);
	if (random_chance(&c->random, 0.6f))
		for (int k = 0; k < 5; k++)
			canvas_ellipse(c, &dot, (0.32f * (float)k - 0.64f) * broad,
			               low + (k & 1 ? 0.7f : 0.3f) * (1 - low), 0.06f, 0.045f);
}

void thing_rock(struct canvas *c, struct place at)
{
	struct paint p = canvas_paint(c, STONE, tint(c, 0, 0.12f, 0, 0.3f, 0.35f, 0.7f));
	float broad = some(c, 0.6f, 1.1f), left = some(c, 0.3f, 0.6f),
	      right = some(c, 0.1f, 0.4f);
	float shoulder = some(c, 0.5f, 0.8f), peak = some(c, -0.3f, 0.3f);

	canvas_begin(c, ROCK, NOTHING, at);
	canvas_polygon(c, &p,
	               (const float[][2]){{-broad, 0},
	                                  {-0.9f * broad, left},
	                                  {(peak - 0.35f) * broad, 0.5f + left},
	                                  {peak * broad, 1},
	                                  {0.65f * broad, shoulder},
	                                  {0.95f * broad, right},
	                                  {broad, 0}},
	               7);
	p.light = rgb_mix(p.light, (struct rgb){1, 1, 1}, 0.2f);
	canvas_polygon(c, &p,
	               (const float[][2]){{-0.5f * broad, 0.35f},
	                                  {-0.35f * broad, 0.7f},
	                                  {0.1f * broad, 0.75f},
	                                  {0.2f * broad, 0.4f}},
	               4);
}

void thing_bird(struct canvas *c, struct place at)
{
	struct rgb color = random_chance(&c->random, 0.5f)
	                           ? rgb_any(&c->random)
	                           : tint(c, 0.6f, 0.6f, 0.1f, 0.1f, 0.05f, 1);
	struct paint body = paint_plain(color),
	             wing = paint_plain(rgb_mix(color, (struct rgb){0, 0, 0}, 0.35f));
	struct paint beak = paint_plain((struct rgb){0.95f, 0.65f, 0.1f});
	float up = some(c, -0.2f, 0.45f);

	canvas_begin(c, BIRD, NOTHING, at);
	body.relief = 0.15f;
	canvas_part(c, WING, NOTHING);
	canvas_polygon(c, &wing,
	               (const float[][2]){{-0.1f, 0.45f},
	                                  {0.2f, 0.5f},
	                                  {-0.15f, 0.6f + up},
	                                  {-0.45f, 0.55f + 1.2f * up}},
	               4);
	canvas_part(c, TORSO, NOTHING);
	canvas_ellipse(c, &body, 0, 0.4f, 0.45f, 0.16f);
	canvas_polygon(c, &body,
	               (const float[][2]){{-0.3f, 0.42f}, {-0.75f, 0.55f}, {-0.75f, 0.32f}}, 3);
	canvas_part(c, HEAD, NOTHING);
	canvas_ellipse(c, &body, 0.46f, 0.52f, 0.15f, 0.14f);
	canvas_polygon(c, &beak,
	               (const float[][2]){{0.58f, 0.58f}, {0.8f, 0.5f}, {0.58f, 0.47f}}, 3);
	canvas_part(c, WING, NOTHING);
	canvas_polygon(c, &wing,
	               (const float[][2]){{-0.15f, 0.42f},
	                                  {0.25f, 0.42f},
	                                  {0.15f, 0.5f + up},
	                                  {-0.3f, 0.5f + 1.6f * up}},
	               4);
}
