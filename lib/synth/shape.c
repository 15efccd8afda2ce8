/* shape.c -- shapes as polygons; see canvas.h. */
#include "synth/canvas.h"

void canvas_polygon(struct canvas *c, const struct paint *p, const float (*xy)[2], int n)
{
	for (int k = 0; k < n; k++)
		canvas_point(c, xy[k][0], xy[k][1]);
	canvas_draw(c, p);
}

void canvas_box(struct canvas *c, const struct paint *p, float x0, float y0, float x1, float y1)
{
	canvas_polygon(c, p, (const float[][2]){{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, 4);
}

void canvas_ellipse(struct canvas *c, const struct paint *p, float x, float y, float rx,
                    float ry)
{
	float radius = (rx > ry ? rx : ry) * c->width * (float)c->size;
	int n = 12 + (int)paint_limit(radius < 0 ? -radius : radius, 0, 36);

	for (int k = 0; k < n; k++) {
		float turn = (float)k / (float)n;

		canvas_point(c, x + rx * paint_sine(turn + 0.25f), y + ry * paint_sine(turn));
	}
	canvas_draw(c, p);
}

void canvas_blob(struct canvas *c, const struct paint *p, float x, float y, float rx, float ry,
                 int bumps)
{
	enum { PER_BUMP = 5 };
	int n = bumps * PER_BUMP < PATH_POINTS ? bumps * PER_BUMP : PATH_POINTS;
	float size = 1;

	for (int k = 0; k < n; k++) {
		float turn = (float)k / (float)n,
		      bump = paint_sine((float)(k % PER_BUMP) / PER_BUMP / 2);

		if (k % PER_BUMP == 0)
			size = random_in(&c->random, 0.8f, 1.0f);
		bump = size * (0.9f + 0.16f * bump);
		canvas_point(c, x + bump * rx * paint_sine(turn + 0.25f),
		             y + bump * ry * paint_sine(turn));
	}
	canvas_draw(c, p);
}

void canvas_bar(struct canvas *c, const struct paint *p, float x0, float y0, float x1, float y1,
                float w0, float w1)
{
	float dx = x1 - x0, dy = y1 - y0, reach = __builtin_sqrtf(dx * dx + dy * dy);
	float nx, ny;

	if (reach <= 0)
		return;
	nx = -dy / reach / 2;
	ny = dx / reach / 2;
	canvas_polygon(c, p,
	               (const float[][2]){{x0 + nx * w0, y0 + ny * w0},
	                                  {x1 + nx * w1, y1 + ny * w1},
	                                  {x1 - nx * w1, y1 - ny * w1},
	                                  {x0 - nx * w0, y0 - ny * w0}},
	               4);
}

void canvas_ridge(struct canvas *c, const struct paint *p, float x0, float x1, float y,
                  float height, float roughness, float cut)
{
	enum { STEPS = 64 };
	float h[STEPS + 1];

	h[0] = random_in(&c->random, 0.2f, 0.8f);
	h[STEPS] = random_in(&c->random, 0.2f, 0.8f);
	for (int span = STEPS; span > 1; span /= 2, roughness *= 0.55f)
		for (int k = span / 2; k < STEPS; k += span)
			h[k] = (h[k - span / 2] + h[k + span / 2]) / 2 +
			       random_in(&c->random, -roughness, roughness);
	canvas_point(c, x1, y + height * cut);
	canvas_point(c, x0, y + height * cut);
	for (int k = 0; k <= STEPS; k++)
		canvas_point(c, x0 + (x1 - x0) * (float)k / STEPS,
		             y + height * paint_limit(h[k], cut, 1));
	canvas_draw(c, p);
}
