/* paint.c -- see paint.h. */
#include "stage/paint.h"
#include "base/memory.h"
#include "image/draw.h"
#include "image/png_writer.h"
#include "stage/layer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which concepts ---- */

static int compare_scores(const void *a, const void *b)
{
	const struct paint_concept *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->unit[0] > y->unit[0]) - (x->unit[0] < y->unit[0]);
}

static double score_of(const struct result *r, size_t k)
{
	return r->iou[k * r->categories + r->best[k]];
}

static const char *label_of(const struct result *r, size_t k)
{
	return r->label[k * r->categories + r->best[k]];
}

/* A new concept of one unit, or the unit to the concept of its label. */
static int add_unit(struct painter *p, size_t k, bool alone, struct error *e)
{
	const struct result *r = p->result;
	struct paint_concept *c = p->concept, *end = c + p->concepts;

	while (c < end && (alone || strcmp(c->label, label_of(r, k)) != 0))
		c++;
	if (c == end) {
		c->label = label_of(r, k);
		c->category = r->category[r->best[k]];
		c->score = score_of(r, k);
		c->unit = memory_new(alone ? 1 : r->units, sizeof *c->unit, e);
		c->bound = memory_new(p->layer.units, sizeof *c->bound, e);
		if (!c->unit || !c->bound)
			return -1;
		for (size_t i = 0; i < p->layer.units; i++)
			c->bound[i] = INFINITY;
	}
	if (r->unit[k] < 1 || r->unit[k] > p->layer.units)
		return error_set(e, EXIT_MALFORMED,
		                 "the result has unit %u, the layer %u units", r->unit[k],
		                 p->layer.units);
	p->concepts += c == end;
	if (score_of(r, k) > c->score) {
		c->score = score_of(r, k);
		c->category = r->category[r->best[k]];
	}
	c->unit[c->units++] = r->unit[k] - 1;
	return 0;
}

/* The next of a list that commas part; a backslash takes the next character as it is.  Changes
 * the list. */
static char *next_name(char **list)
{
	char *name = *list, *to = name, *at = name;

	if (!name)
		return NULL;
	for (; *at && *at != ','; at++) {
		at += *at == '\\' && at[1];
		*to++ = *at;
	}
	*list = *at ? at + 1 : NULL;
	*to = '\0';
	return name;
}

static int add_number(struct painter *p, const char *name, struct error *e)
{
	const struct result *r = p->result;
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(name, &end, 10);
	if (*name < '0' || *name > '9' || *end || errno)
		return error_set(e, EXIT_USAGE, "--units: '%.40s' is no number", name);
	for (size_t i = 0; i < p->concepts; i++)
		if (p->concept[i].unit[0] + 1 == number)
			return error_set(e, EXIT_USAGE, "--units: %lu is there twice", number);
	for (size_t k = 0; k < r->units; k++)
		if (r->unit[k] == number)
			return add_unit(p, k, true, e);
	return error_set(e, EXIT_USAGE, "--units: the result has no unit %lu", number);
}

static int add_label(struct painter *p, const char *name, struct error *e)
{
	const struct result *r = p->result;
	const size_t before = p->concepts;
	bool twice = false;

	for (size_t i = 0; i < before; i++)
		twice |= strcmp(p->concept[i].label, name) == 0;
	if (twice)
		return error_set(e, EXIT_USAGE, "--concepts: '%.80s' is there twice", name);
	for (size_t k = 0; k < r->units; k++)
		if (score_of(r, k) > p->choice->cut && strcmp(label_of(r, k), name) == 0 &&
		    add_unit(p, k, false, e) < 0)
			return -1;
	return p->concepts > before
	               ? 0
	               : error_set(e, EXIT_USAGE,
	                           "--concepts: no unit detects '%.80s' with IoU > %g", name,
	                           p->choice->cut);
}

static int add_list(struct painter *p, const char *list,
                    int (*add)(struct painter *p, const char *name, struct error *e),
                    struct error *e)
{
	char *copy = memory_string(list, e), *rest = copy;
	int status = copy ? 0 : -1;

	while (status == 0 && rest)
		status = add(p, next_name(&rest), e);
	free(copy);
	return status;
}

static int choose_concepts(struct painter *p, struct error *e)
{
	const struct result *r = p->result;

	/* One more, which add_unit() fills before it counts. */
	p->concept = memory_new(r->units + 1, sizeof *p->concept, e);
	if (!p->concept ||
	    (p->choice->units && add_list(p, p->choice->units, add_number, e) < 0))
		return -1;
	if (p->choice->concepts && add_list(p, p->choice->concepts, add_label, e) < 0)
		return -1;
	if (p->choice->units || p->choice->concepts)
		return 0;
	for (size_t k = 0; k < r->units; k++)
		if (*label_of(r, k) && score_of(r, k) > p->choice->cut &&
		    add_unit(p, k, false, e) < 0)
			return -1;
	qsort(p->concept, p->concepts, sizeof *p->concept, compare_scores);
	return 0;
}

int paint_begin(struct painter *p, const struct ndr_layer *l, uint32_t group,
                const struct thresholds *t, struct error *e)
{
	const float *bounds = thresholds_find(t, l, e);
	struct upsample_geometry g[2];

	p->layer = *l;
	p->group = group;
	p->row = bounds ? thresholds_rows(t, l, e) : NULL;
	if (!p->row || choose_concepts(p, e) < 0)
		return -1;
	for (size_t i = 0; i < p->concepts; i++)
		for (size_t k = 0; k < p->concept[i].units; k++)
	p->concept[i].bound[p->concept[i].unit[k]] = bounds[p->concept[i].unit[k]];
	layer_geometry(l, g);
	p->segmenter = memory_new(p->threads, sizeof *p->segmenter, e);
	for (size_t i = 0; p->segmenter && i < p->threads; i++)
		if (segmenter_init(&p->segmenter[i], l->units, p->choice->upsample, g, e) < 0)
			return -1;
	return p->segmenter ? 0 : -1;
}

void paint_end(struct painter *p)
{
	for (size_t i = 0; p->segmenter && i < p->threads; i++)
		segmenter_free(&p->segmenter[i]);
	/* With the one that was not counted. */
	for (size_t i = 0; p->concept && i <= p->result->units; i++) {
		free(p->concept[i].unit);
		free(p->concept[i].bound);
	}
	free(p->segmenter);
	free(p->concept);
}

/* ---- what fires ---- */

static float peak_of(const float *map, size_t cells)
{
	float peak = map[0];

	for (size_t i = 1; i < cells; i++)
		peak = map[i] > peak ? map[i] : peak;
	return peak;
}

static double strength_of(const struct threshold *t, double peak)
{
	return t->max > t->t ? (peak - t->t) / (t->max - t->t) : peak >= t->t;
}

static int compare_sights(const void *a, const void *b)
{
	const struct paint_sight *x = a, *y = b;

	if (x->strength != y->strength)
		return x->strength > y->strength ? -1 : 1;
	return (x->concept > y->concept) - (x->concept < y->concept);
}

/* The concepts of which a unit has a cell at its bound or above, strongest first. */
static size_t find_candidates(const struct painter *p, const float *maps,
                              struct paint_sight *sight)
{
	const size_t cells = (size_t)p->layer.height * p->layer.width;
	size_t n = 0;

	for (size_t i = 0; i < p->concepts; i++) {
		const struct paint_concept *c = &p->concept[i];
		struct paint_sight s = {.concept = i};

		for (size_t k = 0; k < c->units; k++) {
			const uint32_t unit = c->unit[k];
			const float peak = peak_of(maps + unit * cells, cells);
			const double strength = strength_of(&p->row[unit], (double)peak);

			if (peak < c->bound[unit])
				continue;
			if (s.fires++ > 0 && strength <= s.strength)
				continue;
			s.unit = unit;
			s.peak = (double)peak;
			s.strength = strength;
		}
		if (s.fires > 0)
			sight[n++] = s;
	}
	if (n > 0)
		qsort(sight, n, sizeof *sight, compare_sights);
	return n;
}

static void measure(const uint64_t *mask, uint32_t height, uint32_t width,
                    struct paint_sight *s)
{
	uint32_t right = 0, bottom = 0;

	s->box.left = width;
	s->box.top = height;
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			const size_t bit = (size_t)y * width + x;

			if (!(mask[bit / 64] >> bit % 64 & 1))
				continue;
			s->pixels++;
			s->box.left = x < s->box.left ? x : s->box.left;
			s->box.top = y < s->box.top ? y : s->box.top;
			right = x > right ? x : right;
			bottom = y;
		}
	s->box.width = right + 1 - s->box.left;
	s->box.height = bottom + 1 - s->box.top;
}

/* The union of a concept's masks into mask, zeroed; how many of its units have one. */
static int unite_masks(struct segmenter *g, const struct paint_concept *c, const float *maps,
                       uint32_t height, uint32_t width, uint64_t *mask, uint32_t *fires,
                       struct error *e)
{
	if (segmenter_find(g, maps, c->bound, height, width, e) < 0)
		return -1;
	*fires = (uint32_t)segmenter_unite(g, maps, c->bound, mask);
	return 0;
}

/* Masks of the candidates that have one, which move to the front: *n of them; the first of them
 * keep theirs, mask (most of choice). */
static int find_sights(struct painter *p, const float *maps, const struct image *image,
                       size_t thread, struct paint_sight *sight, size_t *n, uint64_t **mask,
                       struct error *e)
{
	const size_t candidates = *n;

	*n = 0;
	for (size_t i = 0; i < candidates; i++) {
		struct paint_sight s = sight[i];
		uint64_t *m =
		        memory_new(segment_words(image->height, image->width), sizeof *m, e);

		if (!m || unite_masks(&p->segmenter[thread], &p->concept[s.concept], maps,
		                      image -> height, image -> width, m, &s.fires, e) < 0) {
			free(m);
			return -1;
		}
		s.painted = s.fires > 0 && *n < p->choice->most;
		if (s.painted)
			mask[*n] = m;
		if (s.fires > 0) {
			measure(m, image->height, image->width, &s);
			sight[(*n)++] = s;
		}
		if (!s.painted)
			free(m);
	}
	return 0;
}

/* ---- the picture ---- */

static const struct draw_color black = {0, 0, 0}, white = {255, 255, 255};

enum { LEAST_WIDTH = 40 * DRAW_WIDTH, DIM = 55, TINT = 30, TAG_MOST = 24 };

static unsigned scale_of(const struct image *image)
{
	return 1 + image->width / 500;
}

/* A name on its region, as far up as no other name is there. */
static void draw_tag(struct image *image, uint32_t height, const struct paint_sight *s,
                     const char *label, struct draw_color color, struct draw_box *tag,
                     size_t tags)
{
	const unsigned scale = scale_of(image);
	const size_t length = draw_length(label) < TAG_MOST ? draw_length(label) : TAG_MOST;
	struct draw_box box = {.left = s->box.left,
	                       .top = s->box.top,
	                       .width = (int64_t)((length * DRAW_WIDTH + 2) * scale),
	                       .height = (DRAW_HEIGHT + 2) * (int64_t)scale};

	if (box.left + box.width > image->width)
		box.left = image->width > box.width ? image->width - box.width : 0;
	for (size_t i = 0; i < tags; i++) { /* those before lie anywhere: look again */
		if (box.left < tag[i].left + tag[i].width &&
		    tag[i].left < box.left + box.width &&
		    box.top < tag[i].top + tag[i].height && tag[i].top < box.top + box.height) {
			box.top = tag[i].top + tag[i].height;
			i = (size_t)-1;
		}
	}
	if (box.top + box.height > height)
		box.top = height > box.height ? height - box.height : 0;
	tag[tags] = box;
	draw_fill(image, box, black, 75);
	draw_fill(image, (struct draw_box){box.left, box.top, scale, box.height}, color, 100);
	draw_text(image, box.left + 2 * (int64_t)scale, box.top + scale, scale, white, label,
	          length);
}

static void draw_line(const struct painter *p, struct image *image, int64_t top,
                      const struct paint_sight *s, uint64_t all, struct draw_color color)
{
	const struct paint_concept *c = &p->concept[s->concept];
	const unsigned scale = scale_of(image);
	const int64_t side = DRAW_HEIGHT * (int64_t)scale;
	char text[400];

	snprintf(text, sizeof text, "%.80s unit %u%s IoU %.2f, %.1f %% (%.20s)", c->label,
	         s->unit + 1, s->fires > 1 ? "+" : "", c->score,
	         100.0 * (double)s->pixels / (double)all, c->category);
	draw_fill(image, (struct draw_box){0, top, side, side}, black, 100);
	draw_fill(image,
	          (struct draw_box){scale, top + scale, side - 2 * scale, side - 2 * scale},
	          color, 100);
	draw_text(image, side + 2 * (int64_t)scale, top, scale, black, text,
	          (image->width - (size_t)side) / (DRAW_WIDTH * scale));
}

static int draw_all(const struct painter *p, const struct image *photo,
                    const struct paint_sight *sight, size_t n, uint64_t **mask,
                    struct image *out, struct error *e)
{
	const unsigned scale = scale_of(photo);
	const int64_t line = (DRAW_HEIGHT + 3) * (int64_t)scale;
	const uint32_t width = photo->width > LEAST_WIDTH ? photo->width : LEAST_WIDTH;
	struct draw_box *tag = memory_new(n + 1, sizeof *tag, e);
	struct image painted = {photo->height, photo->width, NULL};
	const size_t bytes = (size_t)photo->height * photo->width * 3;

	painted.pixel = memory_raw(bytes, 1, e);
	if (!tag || !painted.pixel ||
	    image_new(out, photo->height + (uint64_t)line * (n ? n : 1) + 2 * scale, width,
	              "a painting", e) < 0) {
		free(tag);
		free(painted.pixel);
		return -1;
	}
	memcpy(painted.pixel, photo->pixel, bytes);
	draw_outside(&painted, (const uint64_t *const *)mask, n, photo->height, black, DIM);
	for (size_t i = n; i-- > 0;)
		draw_mask(&painted, mask[i], photo->height, draw_color[i % DRAW_COLORS], TINT);
	for (size_t i = n; i-- > 0;) {
		draw_outline(&painted, mask[i], photo->height, 2 * scale, black);
		draw_outline(&painted, mask[i], photo->height, scale,
		             draw_color[i % DRAW_COLORS]);
	}
	memset(out->pixel, 255, (size_t)out->height * width * 3);
	for (uint32_t y = 0; y < photo->height; y++)
		memcpy(out->pixel + (size_t)y * width * 3,
		       painted.pixel + (size_t)y * photo->width * 3, (size_t)photo->width * 3);
	for (size_t i = 0; i < n; i++) {
		draw_tag(out, photo->height, &sight[i], p->concept[sight[i].concept].label,
		         draw_color[i % DRAW_COLORS], tag, i);
		draw_line(p, out, photo->height + 2 * scale + (int64_t)i * line, &sight[i],
		          (uint64_t)photo->height * photo->width, draw_color[i % DRAW_COLORS]);
	}
	if (n == 0)
		draw_text(out, scale, photo->height + 2 * (int64_t)scale, scale, black,
		          "none of the concepts fires here", width / (DRAW_WIDTH * scale));
	free(tag);
	free(painted.pixel);
	return 0;
}

int paint_item(struct painter *p, const struct ndr_item *item, size_t thread,
               struct paint_sight **sight, size_t *n, struct text *png, struct error *e)
{
	const struct ndr_record *image = ndr_item_find(item, NDR_IMAGE, NDR_ANY_GROUP),
	                        *act = ndr_item_find(item, NDR_ACT, p->group);
	struct image photo, out = {0};
	uint64_t **mask;
	size_t painted;
	int status = -1;

	if (!image || !act)
		return error_set(e, EXIT_MALFORMED, "%s",
		                 image ? "no activations"
		                       : "no image: cnn-forward --keep-images passes them on");
	photo = (struct image){image->dims[0], image->dims[1], (uint8_t *)image->data};
	if (photo.height == 0 || photo.width == 0 || photo.height > IMAGE_SIDE_MAX ||
	    photo.width > IMAGE_SIDE_MAX)
		return error_set(e, EXIT_MALFORMED, "image of %ux%u pixels", photo.height,
		                 photo.width);
	*sight = memory_new(p->concepts, sizeof **sight, e);
	mask = memory_new(p->choice->most, sizeof *mask, e);
	if (*sight && mask) {
		*n = find_candidates(p, act->data, *sight);
		status = find_sights(p, act->data, &photo, thread, *sight, n, mask, e);
		painted = *n < p->choice->most ? *n : p->choice->most;
		if (status == 0)
			status = draw_all(p, &photo, *sight, painted, mask, &out, e);
	}
	if (status == 0)
		status = png_encode(png, &out, e);
	for (size_t i = 0; mask && i < p->choice->most; i++)
		free(mask[i]);
	free(mask);
	image_free(&out);
	return status;
}
