/* people.c -- persons and snowmen; see things.h. */
#include "synth/things.h"

/* A face in the middle of (x, y), as wide as 2r; eyes and mouth lie within the head. */
static void draw_face(struct canvas *c, float x, float y, float r)
{
	struct paint white = paint_plain((struct rgb){0.95f, 0.95f, 0.93f});
	struct paint iris = paint_plain(tint(c, 0, 0.65f, 0.6f, 0.6f, 0.1f, 0.4f));
	struct paint lips = paint_plain(tint(c, 0.95f, 1.02f, 0.5f, 0.8f, 0.5f, 0.8f));
	float smile = some(c, -0.05f, 0.2f);

	canvas_part(c, EYE, HEAD);
	for (int side = -1; side <= 1; side += 2) {
		canvas_ellipse(c, &white, x + (float)side * 0.4f * r, y + 0.1f * r, 0.22f * r,
		               0.15f * r);
		canvas_ellipse(c, &iris, x + (float)side * 0.4f * r, y + 0.1f * r, 0.12f * r,
		               0.13f * r);
	}
	canvas_part(c, MOUTH, HEAD);
	canvas_polygon(c, &lips,
	               (const float[][2]){{x - 0.38f * r, y - (0.6f - smile) * r},
	                                  {x, y - 0.58f * r},
	                                  {x + 0.38f * r, y - (0.6f - smile) * r},
	                                  {x + 0.15f * r, y - 0.76f * r},
	                                  {x - 0.15f * r, y - 0.76f * r}},
	               5);
}

void person_within(struct canvas *c, enum concept within, struct place at)
{
	static const struct rgb skins[] = {{0.95f, 0.78f, 0.66f},
	                                   {0.87f, 0.66f, 0.5f},
	                                   {0.66f, 0.46f, 0.32f},
	                                   {0.42f, 0.28f, 0.2f}};
	static const struct rgb hairs[] = {{0.1f, 0.08f, 0.07f},
	                                   {0.3f, 0.18f, 0.1f},
	                                   {0.8f, 0.65f, 0.35f},
	                                   {0.55f, 0.25f, 0.12f},
	                                   {0.6f, 0.6f, 0.6f}};
	struct paint skin = canvas_paint(c, SKIN, rgb_pick(&c->random, skins, 4)),
	             hair = paint_plain(rgb_pick(&c->random, hairs, 5));
	struct paint shirt = canvas_paint(c, FABRIC, rgb_any(&c->random)),
	             trousers = canvas_paint(c, FABRIC, rgb_any(&c->random));
	struct paint shoe = paint_plain(tint(c, 0.08f, 0.08f, 0.4f, 0.4f, 0.05f, 0.4f));
	bool skirt = random_chance(&c->random, 0.3f), shorts = random_chance(&c->random, 0.3f),
	     longhair = random_chance(&c->random, 0.4f);
	float step = some(c, 0.02f, 0.1f), swing = some(c, 0.02f, 0.16f),
	      waist = some(c, 0.09f, 0.13f);
	const struct paint *leg = skirt || shorts ? &skin : &trousers;

	canvas_begin(c, PERSON, within, at);
	canvas_part(c, HAIR, NOTHING);
	if (longhair)
		canvas_box(c, &hair, -0.09f, 0.76f, 0.09f, 0.93f);
	canvas_part(c, LEG, NOTHING);
	for (int side = -1; side <= 1; side += 2) {
		float x = (float)side * (0.05f + step);

		canvas_bar(c, leg, (float)side * 0.055f, 0.48f, x, 0.03f, 0.11f, 0.07f);
		if (shorts)
			canvas_bar(c, &trousers, (float)side * 0.055f, 0.5f,
			           (float)side * 0.055f + x * 0.2f, 0.28f, 0.12f, 0.12f);
		canvas_ellipse(c, &shoe, x + 0.02f, 0.02f, 0.06f, 0.025f);
	}
	canvas_part(c, ARM, NOTHING);
	for (int side = -1; side <= 1; side += 2) {
		float x = (float)side * (waist + 0.06f),
		      hand = (float)side * (waist + 0.04f + swing);

		canvas_bar(c, &shirt, (float)side * waist, 0.79f, x, 0.62f, 0.08f, 0.065f);
		canvas_bar(c, &skin, x, 0.63f, hand, 0.45f, 0.055f, 0.05f);
		canvas_ellipse(c, &skin, hand, 0.44f, 0.032f, 0.032f);
	}
	canvas_part(c, TORSO, NOTHING);
	canvas_bar(c, &skin, 0, 0.78f, 0, 0.86f, 0.07f, 0.07f);
	canvas_polygon(c, &shirt,
	               (const float[][2]){{-waist, 0.45f},
	                                  {waist, 0.45f},
	                                  {waist + 0.03f, 0.79f},
	                                  {0.06f, 0.825f},
	                                  {-0.06f, 0.825f},
	                                  {-waist - 0.03f, 0.79f}},
	               6);
	if (skirt)
		canvas_polygon(
		        c, &trousers,
		        (const float[][2]){
		                {-waist, 0.52f}, {waist, 0.52f}, {0.2f, 0.27f}, {-0.2f, 0.27f}},
		        4);
	canvas_part(c, HEAD, NOTHING);
	canvas_ellipse(c, &skin, 0, 0.905f, 0.078f, 0.095f);
	draw_face(c, 0, 0.9f, 0.078f);
	canvas_part(c, HAIR, HEAD);
	canvas_polygon(c, &hair,
	               (const float[][2]){{-0.085f, 0.9f},
	                                  {-0.082f, 0.96f},
	                                  {-0.05f, 0.995f},
	                                  {0.02f, 1},
	                                  {0.065f, 0.985f},
	                                  {0.085f, 0.94f},
	                                  {0.083f, 0.89f},
	                                  {0.06f, 0.945f},
	                                  {0, 0.955f},
	                                  {-0.055f, 0.94f}},
	               10);
}

void thing_person(struct canvas *c, struct place at)
{
	person_within(c, NOTHING, at);
}

void thing_snowman(struct canvas *c, struct place at)
{
	struct paint snow = canvas_paint(c, SNOW, (struct rgb){0.93f, 0.94f, 0.97f}),
	             coal = paint_plain((struct rgb){0.08f, 0.08f, 0.08f});
	struct paint stick = canvas_paint(c, WOOD, (struct rgb){0.35f, 0.22f, 0.12f}),
	             carrot = paint_plain((struct rgb){0.95f, 0.5f, 0.1f});
	struct paint hat = canvas_paint(c, FABRIC, rgb_any(&c->random)),
	             scarf = canvas_paint(c, FABRIC, rgb_any(&c->random));

	canvas_begin(c, SNOWMAN, NOTHING, at);
	snow.relief = 0.12f;
	canvas_part(c, ARM, NOTHING);
	canvas_bar(c, &stick, -0.15f, 0.52f, -0.42f, some(c, 0.5f, 0.75f), 0.03f, 0.02f);
	canvas_bar(c, &stick, 0.15f, 0.52f, 0.42f, some(c, 0.5f, 0.75f), 0.03f, 0.02f);
	canvas_part(c, TORSO, NOTHING);
	canvas_ellipse(c, &snow, 0, 0.24f, 0.3f, 0.25f);
	canvas_ellipse(c, &snow, 0, 0.54f, 0.21f, 0.18f);
	for (int k = 0; k < 3; k++)
		canvas_ellipse(c, &coal, 0, 0.46f + 0.08f * (float)k, 0.018f, 0.018f);
	canvas_part(c, HEAD, NOTHING);
	canvas_ellipse(c, &snow, 0, 0.77f, 0.14f, 0.13f);
	canvas_part(c, EYE, HEAD);
	canvas_ellipse(c, &coal, -0.05f, 0.8f, 0.02f, 0.02f);
	canvas_ellipse(c, &coal, 0.05f, 0.8f, 0.02f, 0.02f);
	canvas_part(c, HEAD, NOTHING);
	canvas_polygon(c, &carrot, (const float[][2]){{0, 0.78f}, {0.17f, 0.74f}, {0, 0.73f}},
	               3);
	canvas_part(c, HAT, NOTHING);
	canvas_box(c, &hat, -0.17f, 0.86f, 0.17f, 0.89f);
	canvas_box(c, &hat, -0.1f, 0.88f, 0.1f, 1);
	canvas_part(c, NOTHING, NOTHING);
	canvas_bar(c, &scarf, -0.14f, 0.67f, 0.14f, 0.66f, 0.06f, 0.06f);
}
