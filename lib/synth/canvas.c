/* canvas.c -- see canvas.h.
 *
 * Coverage is summed as font rasterisers do (Levien, font-rs): each edge adds,
 * in the cells that it crosses, the signed area to its right; running sums
 * along a row give the covered share of every pixel. */
#include "synth/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/memory.h"

enum {
	SUB = 256,            /* vertices are rounded to 1/SUB pixel */
	FULL = SUB * SUB * 2, /* a covered pixel, in sums of c->area */
};

struct point {
	int32_t x, y; /* in 1/SUB pixel */
};

struct box {
	int32_t left, right, top, bottom; /* likewise */
};

/* x to the nearest whole number, for |x| < 2^30. */
static int32_t nearest(float x)
{
	return (int32_t)(x < 0 ? x - 0.5f : x + 0.5f);
}

int canvas_init(struct canvas *c, unsigned size, const struct noise *noise, struct error *e)
{
	size_t pixels = (size_t)size * size, masked = (size_t)(size / 2) * (size / 2);
	uint8_t *planes;
	uint16_t *masks;

	memset(c, 0, sizeof *c);
	c->size = size;
	c->mask = size / 2;
	c->noise = noise;
	planes = memory_new(3 * pixels, 1, e);
	masks = memory_new(5 * masked, sizeof *masks, e);
	c->plane[0] = planes;
	c->object_at[0] = masks;
	c->area = memory_new(pixels + 2 * size, sizeof *c->area, e);
	c->shade = memory_new(size, 1, e);
	c->cover = memory_new(size, sizeof *c->cover, e);
	if (!planes || !masks || !c->area || !c->shade || !c->cover) {
		canvas_free(c);
		return -1;
	}
	c->plane[1] = planes + pixels;
	c->plane[2] = planes + 2 * pixels;
	c->object_at[1] = masks + masked;
	c->part_at[0] = masks + 2 * masked;
	c->part_at[1] = masks + 3 * masked;
	c->material_at = masks + 4 * masked;
	return 0;
}

void canvas_free(struct canvas *c)
{
	free(c->plane[0]);
	free(c->object_at[0]);
	free(c->area);
	free(c->shade);
	free(c->cover);
	memset(c, 0, sizeof *c);
}

void canvas_clear(struct canvas *c)
{
	memset(c->plane[0], 0, (size_t)3 * c->size * c->size);
	memset(c->object_at[0], 0, 5 * sizeof(uint16_t) * c->mask * c->mask);
	c->light = (struct rgb){1, 1, 1};
	c->air = (struct rgb){0.75f, 0.8f, 0.85f};
	c->lit_from = 0;
	c->night = false;
	canvas_stuff(c, NOTHING);
}

void canvas_begin(struct canvas *c, enum concept object, enum concept within,
                  struct place place)
{
	c->object = object;
	c->within = within;
	c->part = c->part_within = NOTHING;
	c->x = place.x;
	c->y = place.y;
	c->width = place.flip * place.height;
	c->height = -place.height;
	c->haze = place.haze;
}

void canvas_stuff(struct canvas *c, enum concept object)
{
	canvas_begin(c, object, NOTHING, (struct place){.height = 1, .flip = 1});
	c->height = 1;
}

void canvas_part(struct canvas *c, enum concept part, enum concept within)
{
	c->part = part;
	c->part_within = within;
}

/* Make a the upper end of an edge.  1 if it was, -1 if they were exchanged. */
static int32_t order(struct point *a, struct point *b)
{
	struct point swap = *a;

	if (a->y <= b->y)
		return 1;
	*a = *b;
	*b = swap;
	return -1;
}

/* ---- Masks --------------------------------------------------------------- */

/* Label a run of pixels; what they were labelled stays beside it if that is
 * allowed. */
static void set_layers(uint16_t *const layer[2], size_t start, size_t end, enum concept label,
                       enum concept within)
{
	for (size_t i = start; i < end; i++) {
		uint16_t old = layer[0][i];

		if (within && old == within)
			layer[1][i] = old;
		else if (!within || old != label || layer[1][i] != within)
			layer[1][i] = NOTHING;
		layer[0][i] = (uint16_t)label;
	}
}

static void label_run(struct canvas *c, size_t start, size_t end, enum concept material)
{
	set_layers(c->object_at, start, end, c->object, c->within);
	set_layers(c->part_at, start, end, c->part, c->part_within);
	for (size_t i = start; i < end; i++)
		c->material_at[i] = (uint16_t)material;
}

/* Quotient rounded up, for d > 0. */
static int64_t divide_up(int64_t n, int64_t d)
{
	return n >= 0 ? (n + d - 1) / d : -(-n / d);
}

/* The first mask row or column whose middle is at or after x. */
static int64_t first_middle(const struct canvas *c, int64_t x)
{
	int64_t i = divide_up(x * c->mask - (int64_t)SUB / 2 * c->size, (int64_t)SUB * c->size);

	return i < 0 ? 0 : i > c->mask ? c->mask : i;
}

/* Label what lies in the polygon, by the winding number at mask pixels'
 * middles. */
static void label_polygon(struct canvas *c, const struct point *p, int n, const struct box *box,
                          enum concept material)
{
	size_t stride = c->mask + 1, left = (size_t)first_middle(c, box->left),
	       right = (size_t)first_middle(c, box->right);
	int64_t end = first_middle(c, box->bottom);

	for (int k = 0; k < n; k++) {
		struct point a = p[k], b = p[(k + 1) % n];
		int32_t sign = order(&a, &b);
		int64_t last = first_middle(c, b.y);

		for (int64_t row = first_middle(c, a.y); row < last; row++) {
			int64_t y = (2 * row + 1) * c->size * (SUB / 2) / c->mask;
			int64_t x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);

			c->area[(size_t)row * stride + (size_t)first_middle(c, x)] += sign;
		}
	}
	for (int64_t row = first_middle(c, box->top); row < end; row++) {
		int32_t *crossing = c->area + (size_t)row * stride, winding = 0;
		size_t at = (size_t)row * c->mask, start = left;

		for (size_t x = left; x <= right; x++) {
			int32_t change = crossing[x];

			if (winding && !(winding + change))
				label_run(c, at + start, at + x, material);
			if (!winding)
				start = x;
			winding += change;
			crossing[x] = 0;
		}
	}
}

/* ---- Pixels -------------------------------------------------------------- */

/* Add to a row of areas a piece of edge that goes from x0 to x1 while it goes
 * dy down (or, below 0, up) within the row. */
static void add_piece(int32_t *row, int32_t size, int32_t x0, int32_t x1, int32_t dy)
{
	int32_t left = x0 < x1 ? x0 : x1, right = x0 < x1 ? x1 : x0, at, done = 0;

	left = left < 0 ? 0 : left > size * SUB ? size * SUB : left;
	right = right < 0 ? 0 : right > size * SUB ? size * SUB : right;
	at = left;
	for (int32_t cell = left / SUB;; cell++) {
		int32_t end = (cell + 1) * SUB < right ? (cell + 1) * SUB : right;
		int32_t upto = end == right ? dy : dy * (end - left) / (right - left);
		int32_t outside = at + end - 2 * cell * SUB;

		row[cell] += (upto - done) * (2 * SUB - outside);
		row[cell + 1] += (upto - done) * outside;
		if (end == right)
			return;
		done = upto;
		at = end;
	}
}

static void add_edge(struct canvas *c, struct point a, struct point b)
{
	int32_t size = (int32_t)c->size, sign = order(&a, &b), y = a.y < 0 ? 0 : a.y, x;

	if (a.y == b.y || b.y <= 0 || y >= size * SUB)
		return;
	x = (int32_t)(a.x + (int64_t)(b.x - a.x) * (y - a.y) / (b.y - a.y));
	while (y < b.y && y < size * SUB) {
		int32_t row = y / SUB, next = (row + 1) * SUB < b.y ? (row + 1) * SUB : b.y;
		int32_t to = (int32_t)(a.x + (int64_t)(b.x - a.x) * (next - a.y) / (b.y - a.y));

		add_piece(c->area + (size_t)row * (c->size + 2), size, x, to,
		          sign * (next - y));
		y = next;
		x = to;
	}
}

/* A channel of a row of pixels: 8 bits after the point for shade and cover,
 * 16 for light. */
VECTOR_CLONES(static, void, blend,
              (uint8_t * pixel, const uint8_t *shade, const uint16_t *cover, int n, int dark,
               int light, int32_t gain, int32_t gain_step),
              (pixel, shade, cover, n, dark, light, gain, gain_step))
{
	for (int i = 0; i < n; i++) {
		int v = dark + ((light - dark) * shade[i] >> 8);

		v = v * ((gain + i * gain_step) >> 8) >> 8;
		v = v > 255 ? 255 : v;
		pixel[i] = (uint8_t)(pixel[i] + ((v - pixel[i]) * cover[i] >> 8));
	}
}

static void lit_colors(const struct canvas *c, const struct paint *p, struct rgb color,
                       int out[3])
{
	if (!p->glows) {
		color = (struct rgb){color.r * c->light.r, color.g * c->light.g,
		                     color.b * c->light.b};
		color = rgb_mix(color, c->air, c->haze);
	}
	out[0] = nearest(255 * paint_limit(color.r, 0, 1));
	out[1] = nearest(255 * paint_limit(color.g, 0, 1));
	out[2] = nearest(255 * paint_limit(color.b, 0, 1));
}

/* Lay the pattern over a row, from pixel x on. */
static void place_pattern(const struct canvas *c, const struct paint *p, unsigned x, unsigned y,
                          struct sweep *s)
{
	float pixel = 1 / (float)c->size, fx = ((float)x + 0.5f) * pixel,
	      fy = ((float)y + 0.5f) * pixel, u, v, du, dv;

	if (p->horizon > 0) {
		float distance = 0.3f / (0.03f + paint_limit(fy - p->horizon, 0, 1));

		u = (fx - 0.5f) * distance * p->u;
		v = distance * p->v;
		du = pixel * distance * p->u;
		dv = 0;
	} else {
		float cosine = paint_sine(p->turn + 0.25f), sinus = paint_sine(p->turn);

		fx = (fx - c->x) / c->width;
		fy = (fy - c->y) / c->height;
		u = (fx * cosine + fy * sinus) * p->u;
		v = (fy * cosine - fx * sinus) * p->v;
		du = cosine * p->u * pixel / c->width;
		dv = -sinus * p->v * pixel / c->width;
	}
	s->u = nearest(paint_limit(u + p->u0, -2000, 2000) * UNIT);
	s->v = nearest(paint_limit(v + p->v0, -2000, 2000) * UNIT);
	s->du = nearest(paint_limit(du, -8, 8) * UNIT);
	s->dv = nearest(paint_limit(dv, -8, 8) * UNIT);
	s->pixel = abs(s->du) > abs(s->dv) ? abs(s->du) : abs(s->dv);
	s->pixel += s->pixel == 0;
}

/* Coverage from running sums; alpha has 8 bits after the point. */
VECTOR_CLONES(static, void, cover_of_sums,
              (uint16_t * cover, const int32_t *sum, int n, int alpha), (cover, sum, n, alpha))
{
	for (int i = 0; i < n; i++) {
		int32_t covered = abs(sum[i]) / (FULL / 256);

		cover[i] = (uint16_t)((covered > 256 ? 256 : covered) * alpha >> 8);
	}
}

/* Turn one row of areas into coverage, and clear it.  Returns the end of what
 * is covered, from *first on. */
static int row_cover(struct canvas *c, int32_t *area, int left, int right, int alpha,
                     int *first)
{
	int32_t sum = 0;

	for (int x = left; x < right; x++)
		area[x] = sum += area[x];
	cover_of_sums(c->cover + left, area + left, right - left, alpha);
	memset(area + left, 0, (size_t)(right - left + 2) * sizeof *area);
	while (left < right && !c->cover[left])
		left++;
	while (left < right && !c->cover[right - 1])
		right--;
	*first = left;
	return right;
}

/* The pixels of the polygon whose edges were added, in the given box. */
static void paint_rows(struct canvas *c, const struct paint *p, int left, int right, int top,
                       int bottom)
{
	struct sweep s = {.noise = c->noise,
	                  .warp = nearest(p->warp * 256),
	                  .seed = (uint32_t)nearest(p->u0 * 1024)};
	int dark[3], light[3], first, end, alpha = nearest(p->alpha * 256);
	int32_t relief = nearest(p->relief * c->lit_from * 65536),
	        step = 2 * relief / (right - left);

	lit_colors(c, p, p->dark, dark);
	lit_colors(c, p, p->light, light);
	for (int y = top; y < bottom; y++) {
		int32_t *area = c->area + (size_t)y * (c->size + 2);

		end = row_cover(c, area, left, right, alpha, &first);
		if (first >= end)
			continue;
		place_pattern(c, p, (unsigned)first, (unsigned)y, &s);
		s.n = end - first;
		p->pattern(&s, c->shade);
		for (int k = 0; k < 3; k++)
			blend(c->plane[k] + (size_t)y * c->size + first, c->shade,
			      c->cover + first, s.n, dark[k], light[k],
			      65536 - relief + step * (first - left), step);
	}
}

void canvas_point(struct canvas *c, float x, float y)
{
	if (c->points < PATH_POINTS) {
		c->point[c->points][0] = c->x + x * c->width;
		c->point[c->points][1] = c->y + y * c->height;
		c->points++;
	}
}

void canvas_draw(struct canvas *c, const struct paint *paint)
{
	struct point p[PATH_POINTS];
	int32_t side = (int32_t)c->size * SUB;
	struct box box = {side, 0, side, 0};
	int n = c->points;

	c->points = 0;
	for (int k = 0; k < n; k++) {
		p[k].x = nearest(paint_limit(c->point[k][0], -4, 5) * (float)side);
		p[k].y = nearest(paint_limit(c->point[k][1], -4, 5) * (float)side);
		box.left = p[k].x < box.left ? p[k].x : box.left;
		box.right = p[k].x > box.right ? p[k].x : box.right;
		box.top = p[k].y < box.top ? p[k].y : box.top;
		box.bottom = p[k].y > box.bottom ? p[k].y : box.bottom;
	}
	box.left = box.left < 0 ? 0 : box.left;
	box.top = box.top < 0 ? 0 : box.top;
	box.right = box.right > side ? side : box.right;
	box.bottom = box.bottom > side ? side : box.bottom;
	if (box.left >= box.right || box.top >= box.bottom)
		return;
	if (paint->alpha >= 0.5f)
		label_polygon(c, p, n, &box, paint->material);
	for (int k = 0; k < n; k++)
		add_edge(c, p[k], p[(k + 1) % n]);
	paint_rows(c, paint, box.left / SUB, (box.right + SUB - 1) / SUB, box.top / SUB,
	           (box.bottom + SUB - 1) / SUB);
}
