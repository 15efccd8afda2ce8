/* maps.c -- see maps.h. */
#include "join/maps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/magic.h"
#include "base/memory.h"

enum { DIRECT = 65536, UNKNOWN = 65535 };

/* Whether the value is one of n in order, and where. */
static bool find(const uint32_t *in, size_t n, uint32_t value, size_t *at)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (in[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < n && in[low] == value;
}

static bool is_none(const struct join_set *set, uint32_t code)
{
	size_t at;

	return find(set->none, set->nones, code, &at);
}

static uint16_t search(const struct join_entries *t, uint32_t code)
{
	size_t at;

	if (find(t->code, t->count, code, &at))
		return (uint16_t)(at + 1);
	return !code || t->set->others_are_none || is_none(t->set, code) ? 0 : UNKNOWN;
}

int join_entries_new(struct join_entries *t, const struct join_source *source, size_t set,
                     const struct join_names *names, struct error *e)
{
	const struct join_set *s = &source->set[set];
	size_t n;

	*t = (struct join_entries){.source = source, .set = s};
	t->code = memory_new(s->meanings, sizeof *t->code, e);
	t->of = memory_new(DIRECT, sizeof *t->of, e);
	if (!t->code || !t->of)
		return -1;
	for (size_t i = 0; i < s->meanings; i++)
		if (!i || s->meaning[i].code != s->meaning[i - 1].code)
			t->code[t->count++] = s->meaning[i].code;
	for (uint32_t i = 0; i < DIRECT; i++)
		t->of[i] = search(t, i);
	for (size_t i = source->layers; i-- > 0;)
		if (source->layer[i].set == set) {
			t->first = i;
			t->layers++;
		}
	if (!size_multiply(t->layers, t->count + 1, &n))
		return error_set(e, EXIT_SYSTEM, "%s: too many codes", source->path);
	t->label = memory_new(n, sizeof *t->label, e);
	if (!t->label)
		return -1;
	for (size_t i = 0; i < s->meanings; i++)
		t->label[(s->meaning[i].layer - t->first) * (t->count + 1) +
		         search(t, s->meaning[i].code)] = join_label(names, s->meaning[i].name);
	return 0;
}

void join_entries_free(struct join_entries *t)
{
	free(t->code);
	free(t->of);
	free(t->label);
	*t = (struct join_entries){0};
}

static int unknown(const struct join_entries *t, const char *path, const char *code, size_t at,
                   uint32_t width, struct error *e)
{
	return error_set(e, EXIT_MALFORMED,
	                 "%.200s: %s at column %zu, row %zu has no line in %.100s (void = and "
	                 "other = void leave codes unlabelled)",
	                 path, code, at % width, at / width, t->source->path);
}

/* ---- maps of numbers ---- */

/* Of a PNG, which it is: its bits and its kind of colours. */
struct png_kind {
	unsigned depth, colour;
};
enum { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GREY_ALPHA = 4, PNG_RGB_ALPHA = 6 };
enum { HEADER_BYTES = 26 };

static struct png_kind kind_of(const void *data, size_t length)
{
	const uint8_t *p = data;

	return length < HEADER_BYTES ? (struct png_kind){0} : (struct png_kind){p[24], p[25]};
}

/* Whether grey is stored as red, green and blue that are equal, as many programs do. */
static bool is_in_colours(enum join_kind kind, const void *data, size_t length)
{
	const struct png_kind png = kind_of(data, length);

	return kind == JOIN_GREY && png.depth == 8 &&
	       (png.colour == PNG_RGB || png.colour == PNG_RGB_ALPHA);
}

static int check_kind(enum join_kind kind, const void *data, size_t length, const char *path,
                      struct error *e)
{
	const struct png_kind png = kind_of(data, length);
	char but[MAGIC_BYTES];

	if (length < 8 || memcmp(data, "\x89PNG\r\n\x1a\n", 8) != 0)
		return error_set(e, EXIT_MALFORMED, "%s: label map is not a PNG%s", path,
		                 magic_but(data, length, but));
	if (length < HEADER_BYTES)
		return 0; /* the decoder says that it is cut */
	if (kind == JOIN_INDEXED && png.colour != PNG_PALETTE && png.colour != PNG_GREY)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: neither a palette nor grey: not of kind indexed", path);
	if (kind == JOIN_GREY && png.colour != PNG_GREY && png.colour != PNG_GREY_ALPHA &&
	    !is_in_colours(kind, data, length))
		return error_set(e, EXIT_MALFORMED, "%s: %s: not of kind grey", path,
		                 png.colour == PNG_PALETTE ? "a palette" : "colours");
	if ((kind == JOIN_COLOUR || kind == JOIN_ADE || kind == JOIN_PANOPTIC) &&
	    png.depth == 16)
		return error_set(e, EXIT_MALFORMED, "%s: 16 bits a channel, which are no codes",
		                 path);
	return 0;
}

static int decode_numbers(const struct join_entries *t, const void *data, size_t length,
                          const char *path, struct label_map *map, struct error *e)
{
	const enum palette palette =
	        t->set->kind == JOIN_BRODEN ? PALETTE_COLOR : PALETTE_INDEX;
	char code[40];
	size_t n;

	if (label_map_decode(map, palette, data, length, path, e) < 0)
		return -1;
	n = (size_t)map->height * map->width;
	for (size_t i = 0; i < n; i++) {
		const uint16_t entry = t->of[map->label[i]];

		if (entry == UNKNOWN) {
			snprintf(code, sizeof code, "code %u", map->label[i]);
			unknown(t, path, code, i, map->width, e);
			label_map_free(map);
			return -1;
		}
		map->label[i] = entry;
	}
	return 0;
}

/* ---- maps of colours ---- */

/* A segment's category, as a code. */
static int segment_code(const struct join_entries *t, const struct panoptic_map *in,
                        uint32_t id, uint32_t *code)
{
	const struct panoptic_segment *s = panoptic_segment(&t->set->panoptic, in, id);

	*code = s ? s->category : 0;
	return s || !id ? 0 : -1;
}

/* The entry of a colour; UNKNOWN, where code is what messages call it. */
static uint16_t entry_of(const struct join_entries *t, const struct panoptic_map *in,
                         const uint8_t *rgb, char code[static 40])
{
	const uint32_t all = rgb[0] | (uint32_t)rgb[1] << 8 | (uint32_t)rgb[2] << 16;
	uint32_t value = all;
	uint16_t entry;

	if (t->set->kind == JOIN_GREY)
		value = rgb[0];
	if (t->set->kind == JOIN_ADE)
		value = rgb[0] / 10 * 256u + rgb[1];
	if (t->set->kind == JOIN_PANOPTIC && segment_code(t, in, all, &value) < 0) {
		snprintf(code, 40, "segment %u", all);
		return UNKNOWN;
	}
	/* 0 is unlabelled, but black can be a colour that is named. */
	entry = t->set->kind == JOIN_PANOPTIC && !all ? 0 : search(t, value);
	if (entry != UNKNOWN)
		return entry;
	if (t->set->kind == JOIN_COLOUR)
		snprintf(code, 40, "colour %u,%u,%u", rgb[0], rgb[1], rgb[2]);
	else
		snprintf(code, 40, "code %u", value);
	return UNKNOWN;
}

static int translate(const struct join_entries *t, const struct image *image, const char *path,
                     struct label_map *map, struct error *e)
{
	const char *slash = strrchr(path, '/');
	const struct panoptic_map *in = NULL;
	const size_t n = (size_t)image->height * image->width;
	const uint8_t *before = NULL;
	uint16_t entry = 0;
	char code[40];

	if (t->set->kind == JOIN_PANOPTIC) {
		in = panoptic_find(&t->set->panoptic, slash ? slash + 1 : path);
		if (!in)
			return error_set(e, EXIT_MALFORMED, "%.200s: not in %.200s", path,
			                 t->set->json);
	}
	if (label_map_new(map, image->height, image->width, path, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *rgb = image->pixel + 3 * i;

		if (t->set->kind == JOIN_GREY && (rgb[0] != rgb[1] || rgb[1] != rgb[2])) {
			label_map_free(map);
			return error_set(e, EXIT_MALFORMED,
			                 "%.200s: colour %u,%u,%u at column %zu, row %zu: not "
			                 "of kind grey",
			                 path, rgb[0], rgb[1], rgb[2], i % image->width,
			                 i / image->width);
		}
		if (!before || memcmp(before, rgb, 3) != 0)
			entry = entry_of(t, in, rgb, code);
		before = rgb;
		if (entry == UNKNOWN) {
			label_map_free(map);
			return unknown(t, path, code, i, image->width, e);
		}
		map->label[i] = entry;
	}
	return 0;
}

int join_map_decode(const struct join_entries *t, const void *data, size_t length,
                    const char *path, struct label_map *map, struct error *e)
{
	struct image image;
	int status;

	*map = (struct label_map){0};
	if (check_kind(t->set->kind, data, length, path, e) < 0)
		return -1;
	if ((t->set->kind <= JOIN_GREY || t->set->kind == JOIN_BRODEN) &&
	    !is_in_colours(t->set->kind, data, length))
		return decode_numbers(t, data, length, path, map, e);
	if (image_decode(&image, NULL, data, length, path, e) < 0)
		return -1;
	status = translate(t, &image, path, map, e);
	image_free(&image);
	return status;
}

/* ---- maps that are drawn ---- */

static int draw(const struct join_entries *t, const struct instance_image *image,
                struct label_map *map, struct polygon_work *w, struct error *e)
{
	const struct instances *in = &t->set->instances;
	const char *json = t->set->directory;

	for (size_t i = 0; i < image->instances; i++) {
		const struct instance *one = &in->instance[image->first + i];
		const uint16_t entry = search(t, one->category);

		if (entry == UNKNOWN)
			return error_set(
			        e, EXIT_MALFORMED,
			        "%.200s: category %u of '%.100s' has no line in %.100s "
			        "(void = and other = void leave categories unlabelled)",
			        json, one->category, image->file, t->source->path);
		if (instances_draw(in, one, map, entry, w, image->file, e) < 0)
			return -1;
	}
	return 0;
}

int join_map_draw(const struct join_entries *t, const char *path, struct label_map *map,
                  struct error *e)
{
	const struct instance_image *image = instances_find(&t->set->instances, path);
	struct polygon_work w = {0};
	int status;

	*map = (struct label_map){0};
	if (!image)
		return 0;
	if (label_map_new(map, image->height, image->width, image->file, e) < 0)
		return -1;
	memset(map->label, 0, (size_t)map->height * map->width * sizeof *map->label);
	status = draw(t, image, map, &w, e);
	polygon_work_free(&w);
	if (status == 0)
		return 1;
	label_map_free(map);
	return -1;
}
