/* synth.c -- see synth.h.  A picture is drawn, developed (exposure and grain, as a
 * camera has them), and its labels are put together. */
#include "synth/synth.h"

#include <stdlib.h>

#include "base/machine.h"
#include "base/memory.h"
#include "synth/scene.h"
#include "image/color.h"

const char *const synth_category_names[SYNTH_CATEGORIES] = {
        "color", "object", "part", "material", "scene", "texture",
};

static const struct synth_label labels[CONCEPTS] = {
#define LABEL(id, name, category) [id] = {name, category},
        SYNTH_CONCEPTS(LABEL) SYNTH_FORTY_CONCEPTS(LABEL)
#undef LABEL
};

const struct synth_label *synth_labels(size_t *count)
{
	*count = CONCEPTS;
	return labels;
}

bool synth_has_label(enum synth_kinds kinds, size_t number)
{
	if (kinds == SYNTH_TEN)
		return number < TEN_CONCEPTS;
	return number >= TEN_CONCEPTS || labels[number].category != SYNTH_SCENE;
}

struct synth {
	enum synth_kinds kinds;
	struct canvas canvas;
	struct noise noise;
	struct color_table colors;
	uint8_t *rgb;      /* size, size, 3 */
	uint16_t *color;   /* mask, mask */
	int16_t *grain;    /* a row */
	size_t *edge;      /* where mask pixel u begins, and u + 1 */
	uint16_t whole[2]; /* scene and texture */
};

struct synth *synth_new(unsigned size, enum synth_kinds kinds, struct error *e)
{
	struct synth *s = memory_new(1, sizeof *s, e);

	if (!s)
		return NULL;
	s->kinds = kinds;
	s->rgb = memory_new((size_t)size * size, 3, e);
	s->color = memory_new((size_t)(size / 2) * (size / 2), sizeof *s->color, e);
	s->grain = memory_new(size, sizeof *s->grain, e);
	s->edge = memory_new(size / 2 + 1, sizeof *s->edge, e);
	if (!s->rgb || !s->color || !s->grain || !s->edge ||
	    canvas_init(&s->canvas, size, &s->noise, e) < 0) {
		synth_free(s);
		return NULL;
	}
	for (size_t u = 0; u <= size / 2; u++)
		s->edge[u] = u * size / (size / 2);
	noise_init(&s->noise);
	color_table_init(&s->colors);
	return s;
}

void synth_free(struct synth *s)
{
	if (!s)
		return;
	canvas_free(&s->canvas);
	free(s->rgb);
	free(s->color);
	free(s->grain);
	free(s->edge);
	free(s);
}

/* One channel of a row: 8 bits after the point in gain. */
VECTOR_CLONES(static, void, expose,
              (uint8_t * pixel, const int16_t *grain, int n, int gain, int step, int shift),
              (pixel, grain, n, gain, step, shift))
{
	for (int i = 0; i < n; i++) {
		int v = (pixel[i] * ((gain + i * step) >> 8) >> 8) + (grain[i] >> shift);

		pixel[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

static void interleave(uint8_t *rgb, const uint8_t *red, const uint8_t *green,
                       const uint8_t *blue, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rgb[3 * i] = red[i];
		rgb[3 * i + 1] = green[i];
		rgb[3 * i + 2] = blue[i];
	}
}

/* Exposure, a cast of colour, light that falls off to one side, and grain. */
static void develop(struct synth *s)
{
	struct canvas *c = &s->canvas;
	struct random *r = &c->random;
	int size = (int)c->size, gain[3], fall = (int)(65536 * random_in(r, -0.15f, 0.15f));
	int shift = 4 + random_below(r, 4), right = random_below(r, NOISE_SIDE),
	    down = random_below(r, NOISE_SIDE);
	float exposure = random_in(r, 0.8f, 1.15f);

	for (int k = 0; k < 3; k++)
		gain[k] = (int)(65536 * exposure * random_in(r, 0.95f, 1.05f)) - fall / 2;
	for (int y = 0; y < size; y++) {
		const uint8_t *noise = s->noise.white[(y + down) % NOISE_SIDE];

		for (int x = 0; x < size; x++)
			s->grain[x] = (int16_t)((noise[(x + right) % NOISE_SIDE] - 128));
		for (int k = 0; k < 3; k++)
			expose(c->plane[k] + (size_t)y * c->size, s->grain, size, gain[k],
			       fall / size, shift);
	}
	interleave(s->rgb, c->plane[0], c->plane[1], c->plane[2], (size_t)size * (size_t)size);
}

/* The name of the mean of a block of pixels. */
static unsigned block_color(const struct synth *s, const size_t x[2], const size_t y[2])
{
	unsigned sum[3] = {0}, n = (unsigned)((x[1] - x[0]) * (y[1] - y[0]));

	for (size_t i = y[0]; i < y[1]; i++)
		for (size_t k = x[0]; k < x[1]; k++)
			for (size_t channel = 0; channel < 3; channel++)
				sum[channel] += s->rgb[3 * (i * s->canvas.size + k) + channel];
	for (int channel = 0; channel < 3; channel++)
		sum[channel] = (sum[channel] + n / 2) / n;
	return IS_BLACK +
	       color_name(&s->colors, (uint8_t)sum[0], (uint8_t)sum[1], (uint8_t)sum[2]);
}

static void name_colors(struct synth *s)
{
	const size_t *edge = s->edge, mask = s->canvas.mask;

	for (size_t v = 0; v < mask; v++)
		for (size_t u = 0; u < mask; u++)
			s->color[v * mask + u] = (uint16_t)block_color(s, edge + u, edge + v);
}

static size_t count_labelled(const uint16_t *label, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += label[i] != NOTHING;
	return count;
}

/* One or two layers that lie behind one another; none if all is unlabelled. */
static struct synth_map pixel_map(const struct synth *s, const uint16_t *label, bool two)
{
	unsigned n = s->canvas.mask;
	size_t pixels = (size_t)n * n;
	unsigned layers = two && count_labelled(label + pixels, pixels) ? 2 : 1;

	if (!count_labelled(label, pixels))
		layers = 0;
	return (struct synth_map){layers, n, n, label};
}

void synth_render(struct synth *s, uint64_t seed, uint64_t item, struct synth_picture *p)
{
	struct canvas *c = &s->canvas;
	struct random *r = &c->random;
	bool texture, place, parts, surfaces;
	float kind;

	*r = random_start(seed, item);
	kind = random_in(r, 0, 1);
	texture = kind < 0.2f;
	place = kind >= 0.2f && kind < 0.65f; /* scene, object, part, as ADE20K has them */
	parts = kind >= 0.2f && kind < 0.85f; /* object, part, as Pascal-Part */
	surfaces =
	        kind >= 0.8f || (kind >= 0.2f && kind < 0.35f); /* material, as OpenSurfaces */

	canvas_clear(c);
	s->whole[texture] = (uint16_t)(texture                   ? texture_draw(c)
	                               : s->kinds == SYNTH_FORTY ? scene_draw_forty(c)
	                                                         : scene_draw(c));
	develop(s);
	name_colors(s);

	*p = (struct synth_picture){.size = c->size, .mask = c->mask, .rgb = s->rgb};
	p->map[SYNTH_COLOR] = pixel_map(s, s->color, false);
	if (parts) {
		p->map[SYNTH_OBJECT] = pixel_map(s, c->object_at[0], true);
		p->map[SYNTH_PART] = pixel_map(s, c->part_at[0], true);
	}
	if (surfaces)
		p->map[SYNTH_MATERIAL] = pixel_map(s, c->material_at, false);
	if (place)
		p->map[SYNTH_SCENE] = (struct synth_map){1, 1, 1, &s->whole[0]};
	if (texture)
		p->map[SYNTH_TEXTURE] = (struct synth_map){1, 1, 1, &s->whole[1]};
}
