/* town.c -- buildings, vehicles and what stands about; see things.h. */
#include "synth/things.h"

static const struct rgb black = {0, 0, 0}, white = {1, 1, 1}, lamplight = {1, 0.85f, 0.45f};

/* Glass by day; at night most panes are lit. */
static struct paint pane(struct canvas *c)
{
	struct paint p = canvas_paint(c, GLASS, tint(c, 0.5f, 0.62f, 0.15f, 0.5f, 0.25f, 0.8f));

	if (c->night && random_chance(&c->random, 0.7f)) {
		p.light = p.dark = rgb_mix(lamplight, white, some(c, 0, 0.4f));
		p.glows = true;
	}
	return p;
}

static struct paint walls(struct canvas *c)
{
	static const struct rgb bricks[] = {
	        {0.62f, 0.27f, 0.2f}, {0.7f, 0.5f, 0.35f}, {0.45f, 0.3f, 0.27f}};

	switch (random_below(&c->random, 4)) {
	case 0:
	case 1:
		return canvas_paint(c, BRICK, rgb_pick(&c->random, bricks, 3));
	case 2:
		return canvas_paint(c, PLASTER, tint(c, 0, 1, 0, 0.4f, 0.65f, 0.98f));
	default:
		return canvas_paint(c, WOOD, tint(c, 0.03f, 0.12f, 0.3f, 0.7f, 0.35f, 0.75f));
	}
}

static void draw_window(struct canvas *c, float x, float y, float w, float h,
                        const struct paint *frame)
{
	struct paint glass = pane(c);

	canvas_part(c, WINDOW, NOTHING);
	canvas_box(c, frame, x - w / 2, y - h / 2, x + w / 2, y + h / 2);
	canvas_box(c, &glass, x - 0.42f * w, y - 0.42f * h, x - 0.04f * w, y + 0.42f * h);
	canvas_box(c, &glass, x + 0.04f * w, y - 0.42f * h, x + 0.42f * w, y + 0.42f * h);
}

void thing_house(struct canvas *c, struct place at)
{
	static const struct rgb tiles[] = {{0.6f, 0.22f, 0.15f},
	                                   {0.35f, 0.2f, 0.16f},
	                                   {0.3f, 0.32f, 0.36f},
	                                   {0.5f, 0.42f, 0.3f}};
	struct paint wall = walls(c),
	             roof = canvas_paint(c, TILE, rgb_pick(&c->random, tiles, 4));
	struct paint brick = canvas_paint(c, BRICK, (struct rgb){0.5f, 0.28f, 0.22f});
	struct paint door = canvas_paint(c, WOOD, rgb_any(&c->random));
	struct paint frame = paint_plain(tint(c, 0.1f, 0.1f, 0.1f, 0.1f, 0.3f, 1));
	struct paint knob = paint_plain((struct rgb){0.9f, 0.8f, 0.3f});
	float half = some(c, 0.42f, 0.75f), eaves = some(c, 0.5f, 0.66f),
	      over = some(c, 0.03f, 0.1f);
	float ridge = random_chance(&c->random, 0.5f) ? 0.03f : half * some(c, 0.4f, 0.7f);
	float size = some(c, 0.14f, 0.2f), x = half * some(c, -0.5f, 0.5f),
	      side = random_chance(&c->random, 0.5f) ? 1 : -1;
	int windows = 2 + random_below(&c->random, 2);

	canvas_begin(c, HOUSE, NOTHING, at);
	roof.v = 16;
	if (random_chance(&c->random, 0.7f)) {
		canvas_part(c, CHIMNEY, NOTHING);
		canvas_box(c, &brick, side * 0.6f * half - 0.06f, eaves,
		           side * 0.6f * half + 0.06f, 0.98f);
	}
	canvas_part(c, NOTHING, NOTHING);
	canvas_box(c, &wall, -half, 0, half, eaves);
	if (ridge < 0.1f)
		canvas_polygon(c, &wall,
		               (const float[][2]){{-half, eaves}, {half, eaves}, {0, 0.97f}},
		               3);
	canvas_part(c, ROOF, NOTHING);
	canvas_polygon(c, &roof,
	               (const float[][2]){{-half - over, eaves - 0.03f},
	                                  {half + over, eaves - 0.03f},
	                                  {ridge, 1},
	                                  {-ridge, 1}},
	               4);
	for (int k = 0; k < windows; k++)
		draw_window(c, half * (1.5f * ((float)k + 0.5f) / (float)windows - 0.75f),
		            eaves - 0.17f, size, size, &frame);
	canvas_part(c, DOOR, NOTHING);
	canvas_box(c, &door, x - 0.08f, 0, x + 0.08f, 0.32f);
	canvas_ellipse(c, &knob, x + 0.05f, 0.15f, 0.015f, 0.015f);
}

void thing_skyscraper(struct canvas *c, struct place at)
{
	struct rgb color = tint(c, 0, 1, 0, 0.35f, 0.3f, 0.85f);
	struct paint wall =
	        random_chance(&c->random, 0.3f)
	                ? walls(c)
	                : canvas_paint(c, random_chance(&c->random, 0.5f) ? STONE : METAL,
	                               color);
	struct paint door =
	        canvas_paint(c, METAL, tint(c, 0.6f, 0.6f, 0.2f, 0.2f, 0.15f, 0.4f));
	float half = some(c, 0.16f, 0.3f),
	      setback = random_chance(&c->random, 0.4f) ? some(c, 0.6f, 0.85f) : 1;
	int columns = 3 + random_below(&c->random, 3), rows = 6 + random_below(&c->random, 5);

	canvas_begin(c, SKYSCRAPER, NOTHING, at);
	canvas_box(c, &wall, -half, 0, half, 0.97f * setback);
	canvas_box(c, &wall, -0.6f * half, 0, 0.6f * half, 0.97f);
	canvas_box(c, &wall, -0.02f, 0.96f, 0.02f, 1);
	canvas_part(c, WINDOW, NOTHING);
	for (int j = 0; j < rows; j++) {
		float low = 0.1f + 0.84f * (float)j / (float)rows,
		      high = low + 0.5f / (float)rows;

		for (int i = 0; i < columns; i++) {
			float left = half * (2 * ((float)i + 0.25f) / (float)columns - 1);
			struct paint glass = pane(c);

			if (high < 0.97f * setback)
				canvas_box(c, &glass, left, low, left + half / (float)columns,
				           high);
		}
	}
	canvas_part(c, DOOR, NOTHING);
	canvas_box(c, &door, -0.2f * half, 0, 0.2f * half, 0.07f);
}

void thing_lighthouse(struct canvas *c, struct place at)
{
	struct paint pale = canvas_paint(c, PLASTER, (struct rgb){0.93f, 0.93f, 0.9f});
	struct paint bright =
	        canvas_paint(c, PLASTER, tint(c, 0.55f, 1.05f, 0.8f, 0.8f, 0.3f, 0.85f));
	struct paint metal = canvas_paint(c, METAL, (struct rgb){0.25f, 0.25f, 0.28f}),
	             glass = pane(c);
	struct paint door = paint_plain((struct rgb){0.3f, 0.2f, 0.15f});
	int bands = 4 + random_below(&c->random, 4);

	pale.relief = bright.relief = 0.25f;
	canvas_begin(c, LIGHTHOUSE, NOTHING, at);
	for (int k = 0; k < bands; k++) {
		float low = 0.78f * (float)k / (float)bands,
		      high = 0.78f * (float)(k + 1) / (float)bands;

		canvas_bar(c, k & 1 ? &bright : &pale, 0, low, 0, high, 0.3f - 0.16f * low,
		           0.3f - 0.16f * high);
	}
	canvas_box(c, &metal, -0.12f, 0.77f, 0.12f, 0.8f);
	canvas_part(c, WINDOW, NOTHING);
	canvas_box(c, &glass, -0.07f, 0.8f, 0.07f, 0.91f);
	canvas_box(c, &glass, -0.03f, 0.4f, 0.03f, 0.47f);
	canvas_part(c, ROOF, NOTHING);
	canvas_polygon(c, &metal, (const float[][2]){{-0.1f, 0.91f}, {0.1f, 0.91f}, {0, 1}}, 3);
	canvas_part(c, DOOR, NOTHING);
	canvas_box(c, &door, -0.05f, 0, 0.05f, 0.14f);
}

void thing_fence(struct canvas *c, struct place at)
{
	struct rgb color = random_chance(&c->random, 0.5f)
	                           ? tint(c, 0.08f, 0.08f, 0.2f, 0.6f, 0.3f, 0.7f)
	                           : tint(c, 0.1f, 0.1f, 0.05f, 0.05f, 0.7f, 1);
	struct paint wood = canvas_paint(c, WOOD, color);
	float step = some(c, 0.35f, 0.6f), width = some(c, 0.1f, 0.2f);
	int posts = 6 + random_below(&c->random, 8), pointed = random_below(&c->random, 2);
	float half = (float)(posts - 1) / 2;

	canvas_begin(c, FENCE, NOTHING, at);
	for (int k = 0; k < 2; k++)
		canvas_box(c, &wood, -half * step, 0.25f + 0.4f * (float)k, half * step,
		           0.38f + 0.4f * (float)k);
	canvas_part(c, POLE, NOTHING);
	for (int k = 0; k < posts; k++) {
		float x = ((float)k - half) * step;

		canvas_box(c, &wood, x - width / 2, 0, x + width / 2, 0.86f);
		if (pointed)
			canvas_polygon(c, &wood,
			               (const float[][2]){{x - width / 2, 0.86f},
			                                  {x + width / 2, 0.86f},
			                                  {x, 1}},
			               3);
	}
}

void thing_streetlight(struct canvas *c, struct place at)
{
	struct paint metal =
	        canvas_paint(c, METAL, tint(c, 0.6f, 0.6f, 0.1f, 0.1f, 0.15f, 0.6f));
	struct paint lamp =
	        paint_plain(c->night ? lamplight : (struct rgb){0.85f, 0.85f, 0.8f});
	float reach = some(c, 0.15f, 0.3f), width = some(c, 0.025f, 0.045f);
	int halos = c->night ? 4 : 0;

	lamp.glows = c->night;
	canvas_begin(c, STREETLIGHT, NOTHING, at);
	canvas_part(c, POLE, NOTHING);
	canvas_bar(c, &metal, 0, 0, 0, 0.92f, 1.6f * width, width);
	canvas_box(c, &metal, -2 * width, 0, 2 * width, 0.05f);
	canvas_part(c, ARM, NOTHING);
	canvas_bar(c, &metal, 0, 0.9f, reach, 0.98f, width, width);
	canvas_part(c, SHADE, NOTHING);
	canvas_polygon(c, &metal,
	               (const float[][2]){{reach - 0.06f, 0.95f},
	                                  {reach + 0.1f, 0.95f},
	                                  {reach + 0.06f, 1},
	                                  {reach - 0.04f, 1}},
	               4);
	canvas_ellipse(c, &lamp, reach + 0.02f, 0.94f, 0.07f, 0.025f);
	lamp.alpha = 0.12f;
	for (int k = 1; k <= halos; k++)
		canvas_ellipse(c, &lamp, reach + 0.02f, 0.93f, 0.07f * (float)k,
		               0.06f * (float)k);
}

static void draw_wheel(struct canvas *c, float x, float r)
{
	struct paint rubber = canvas_paint(c, RUBBER, (struct rgb){0.09f, 0.09f, 0.1f});
	struct paint metal = canvas_paint(c, METAL, (struct rgb){0.7f, 0.7f, 0.72f});

	canvas_part(c, WHEEL, NOTHING);
	canvas_ellipse(c, &rubber, x, r, r, r);
	canvas_part(c, HUB, WHEEL);
	canvas_ellipse(c, &metal, x, r, 0.52f * r, 0.52f * r);
}

static void draw_headlight(struct canvas *c, float x, float y, float size)
{
	struct paint p = paint_plain(rgb_mix(white, lamplight, 0.4f));

	p.glows = c->night;
	canvas_part(c, HEADLIGHT, NOTHING);
	canvas_ellipse(c, &p, x, y, 0.6f * size, size);
	p.alpha = 0.12f;
	if (c->night)
		for (int k = 2; k < 5; k++)
			canvas_ellipse(c, &p, x + 0.3f * size, y, size * (float)k,
			               0.8f * size * (float)k);
}

void thing_car(struct canvas *c, struct place at)
{
	struct rgb color = rgb_any(&c->random);
	struct paint body = canvas_paint(c, METAL, color), glass = pane(c);
	struct paint line = paint_plain(rgb_mix(color, black, 0.5f));
	float nose = some(c, 1.05f, 1.3f), rear = some(c, 1.0f, 1.25f),
	      front = some(c, 0.4f, 0.6f), back = some(c, 0.55f, 0.95f);

	canvas_begin(c, CAR, NOTHING, at);
	body.relief = 0.08f;
	canvas_polygon(c, &body,
	               (const float[][2]){{-rear, 0.2f},
	                                  {nose, 0.2f},
	                                  {nose + 0.04f, 0.4f},
	                                  {nose - 0.1f, 0.56f},
	                                  {front + 0.15f, 0.63f},
	                                  {front - 0.2f, 1},
	                                  {-back + 0.25f, 1},
	                                  {-back - 0.05f, 0.64f},
	                                  {-rear, 0.6f},
	                                  {-rear - 0.04f, 0.4f}},
	               10);
	canvas_part(c, WINDOW, NOTHING);
	canvas_polygon(
	        c, &glass,
	        (const float[][2]){
	                {0.03f, 0.64f}, {front, 0.64f}, {front - 0.24f, 0.93f}, {0.03f, 0.93f}},
	        4);
	canvas_polygon(c, &glass,
	               (const float[][2]){{-0.04f, 0.64f},
	                                  {-back + 0.07f, 0.64f},
	                                  {-back + 0.29f, 0.93f},
	                                  {-0.04f, 0.93f}},
	               4);
	canvas_part(c, DOOR, NOTHING);
	canvas_box(c, &line, -0.42f, 0.24f, 0.42f, 0.62f);
	canvas_box(c, &body, -0.4f, 0.26f, -0.01f, 0.61f);
	canvas_box(c, &body, 0.01f, 0.26f, 0.4f, 0.61f);
	draw_wheel(c, 0.68f, 0.22f);
	draw_wheel(c, -0.7f, 0.22f);
	draw_headlight(c, nose - 0.05f, 0.44f, 0.07f);
}

void thing_bus(struct canvas *c, struct place at)
{
	struct paint body = canvas_paint(c, METAL, rgb_any(&c->random)),
	             stripe = paint_plain(rgb_any(&c->random));
	struct paint door = canvas_paint(c, GLASS, (struct rgb){0.3f, 0.35f, 0.4f});
	float half = some(c, 1.0f, 1.45f);
	int windows = 4 + random_below(&c->random, 3);

	canvas_begin(c, BUS, NOTHING, at);
	body.relief = 0.08f;
	canvas_polygon(c, &body,
	               (const float[][2]){{-half, 0.12f},
	                                  {half, 0.12f},
	                                  {half, 0.9f},
	                                  {half - 0.08f, 1},
	                                  {-half + 0.06f, 1},
	                                  {-half, 0.92f}},
	               6);
	canvas_box(c, &stripe, -half, 0.36f, half, 0.44f);
	canvas_part(c, WINDOW, NOTHING);
	for (int k = 0; k < windows; k++) {
		struct paint glass = pane(c);
		float step = (2 * half - 0.35f) / (float)windows,
		      left = -half + 0.08f + step * (float)k;

		canvas_box(c, &glass, left, 0.5f, left + 0.85f * step, 0.86f);
	}
	canvas_part(c, DOOR, NOTHING);
	canvas_box(c, &door, half - 0.25f, 0.16f, half - 0.07f, 0.82f);
	draw_wheel(c, 0.55f * half, 0.15f);
	draw_wheel(c, -0.6f * half, 0.15f);
	draw_headlight(c, half - 0.02f, 0.24f, 0.045f);
}

void thing_boat(struct canvas *c, struct place at)
{
	bool sails = random_chance(&c->random, 0.75f);
	float deck = sails ? 0.18f : 0.4f,
	      half = sails ? some(c, 0.35f, 0.5f) : some(c, 0.9f, 1.3f),
	      bow = half + 0.35f * deck + 0.05f;
	struct paint hull = canvas_paint(c, WOOD, rgb_any(&c->random)),
	             mast = canvas_paint(c, WOOD, (struct rgb){0.5f, 0.35f, 0.2f});
	struct paint sail =
	        canvas_paint(c, FABRIC,
	                     random_chance(&c->random, 0.6f) ? (struct rgb){0.93f, 0.92f, 0.88f}
	                                                     : rgb_any(&c->random));
	struct paint cabin = canvas_paint(c, WOOD, tint(c, 0.1f, 0.1f, 0.1f, 0.1f, 0.6f, 1)),
	             glass = pane(c);

	canvas_begin(c, BOAT, NOTHING, at);
	sail.u = sail.v = 12;
	hull.turn = 0.25f;
	if (sails) {
		canvas_part(c, MAST, NOTHING);
		canvas_box(c, &mast, -0.015f, deck - 0.02f, 0.015f, 1);
		canvas_part(c, SAIL, NOTHING);
		canvas_polygon(c, &sail,
		               (const float[][2]){{-0.03f, 0.25f},
		                                  {-0.03f, 0.97f},
		                                  {-0.22f, 0.6f},
		                                  {-half * 0.85f, 0.27f}},
		               4);
		sail.light = rgb_mix(sail.light, sail.dark, 0.5f);
		canvas_polygon(c, &sail,
		               (const float[][2]){
		                       {0.03f, 0.24f}, {0.03f, 0.85f}, {half * 0.9f, 0.24f}},
		               3);
	} else {
		canvas_part(c, NOTHING, NOTHING);
		canvas_box(c, &cabin, -0.5f * half, deck - 0.05f, 0.1f * half, 0.9f);
		canvas_box(c, &mast, -0.55f * half, 0.9f, 0.15f * half, 1);
		canvas_part(c, WINDOW, NOTHING);
		canvas_box(c, &glass, -0.4f * half, 0.55f, 0, 0.8f);
	}
	if (random_chance(&c->random, 0.35f)) {
		person_within(
		        c, BOAT,
		        place_within(at, half * 0.55f, 0.3f * deck, sails ? 0.42f : 0.7f));
		canvas_begin(c, BOAT, NOTHING, at);
	}
	canvas_part(c, HULL, NOTHING);
	canvas_polygon(c, &hull,
	               (const float[][2]){{-half, deck},
	                                  {bow, deck + 0.03f},
	                                  {half * 0.75f, 0},
	                                  {-half * 0.8f, 0}},
	               4);
}

void thing_umbrella(struct canvas *c, struct place at)
{
	struct rgb first = rgb_any(&c->random),
	           second = random_chance(&c->random, 0.5f) ? white : rgb_any(&c->random);
	struct paint pole = canvas_paint(c, WOOD, (struct rgb){0.75f, 0.65f, 0.5f});
	float broad = some(c, 0.5f, 0.7f), low = some(c, 0.55f, 0.68f);
	enum { PANELS = 6, ARC = 5 };

	canvas_begin(c, UMBRELLA, NOTHING, at);
	canvas_part(c, POLE, NOTHING);
	canvas_box(c, &pole, -0.02f, 0, 0.02f, 0.96f);
	canvas_part(c, CANOPY, NOTHING);
	for (int k = 0; k < PANELS; k++) {
		struct paint cloth = canvas_paint(c, FABRIC, k & 1 ? second : first);
		float panel[2 * ARC][2];

		for (int j = 0; j < ARC; j++) {
			float up = paint_sine((float)j / (ARC - 1) / 4),
			      out = paint_sine(0.25f + (float)j / (ARC - 1) / 4);

			panel[j][0] = broad * out * (2 * (float)k / PANELS - 1);
			panel[2 * ARC - 1 - j][0] =
			        broad * out * (2 * (float)(k + 1) / PANELS - 1);
			panel[j][1] = panel[2 * ARC - 1 - j][1] = low + (0.97f - low) * up;
		}
		canvas_polygon(c, &cloth, panel, 2 * ARC);
	}
	canvas_part(c, POLE, NOTHING);
	canvas_box(c, &pole, -0.015f, 0.96f, 0.015f, 1);
}

void thing_ball(struct canvas *c, struct place at)
{
	static pattern *const patterns[] = {pattern_plain, pattern_stripes, pattern_dots,
	                                    pattern_checks};
	struct paint p = canvas_paint(c, RUBBER, rgb_any(&c->random)),
	             shine = paint_plain(white);

	canvas_begin(c, BALL, NOTHING, at);
	p.pattern = patterns[random_below(&c->random, 4)];
	p.light = random_chance(&c->random, 0.5f) ? white : rgb_any(&c->random);
	p.u = p.v = some(c, 2, 4);
	p.turn = some(c, 0, 1);
	p.relief = 0.3f;
	canvas_ellipse(c, &p, 0, 0.5f, 0.5f, 0.5f);
	shine.alpha = 0.25f;
	canvas_ellipse(c, &shine, -0.15f, 0.68f, 0.16f, 0.14f);
	canvas_ellipse(c, &shine, -0.16f, 0.7f, 0.09f, 0.08f);
}
