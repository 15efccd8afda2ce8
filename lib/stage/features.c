/* features.c -- see features.h. */
#include "stage/features.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"
#include "dissect/probe.h"

int features_open(struct features *f, const struct ndr_meta *m, enum features_pool pool,
                  double share, uint64_t bytes, struct error *e)
{
	f->pool = pool;
	f->share = share;
	f->most = bytes;
	f->width = memory_new(m->layers, sizeof *f->width, e);
	if (!f->width)
		return -1;
	for (; f->layers < m->layers; f->layers++) {
		const struct ndr_layer *l = &m->layer[f->layers];
		const uint64_t cells =
		        pool == FEATURES_ALL ? (uint64_t)l->height * l->width : 1;
		uint64_t width;

		if (__builtin_mul_overflow(cells, (uint64_t)l->units, &width) ||
		    width >= INT32_MAX)
			return error_set(e, EXIT_SYSTEM,
			                 "layer %.100s: more features than liblinear counts",
			                 l->name);
		f->width[f->layers] = (size_t)width;
	}
	return 0;
}

void features_free(struct features *f)
{
	for (size_t i = 0; i < f->images; i++) {
		for (size_t l = 0; f->image[i].row && l < f->layers; l++)
			free(f->image[i].row[l]);
		free(f->image[i].row);
		free(f->image[i].class);
	}
	free(f->image);
	free(f->width);
	*f = (struct features){0};
}

/* ---- images ---- */

static void pool_map(enum features_pool pool, const float *map, size_t cells, float *to)
{
	double sum = 0;
	float most = map[0];

	for (size_t i = 0; i < cells; i++) {
		sum += map[i];
		most = map[i] > most ? map[i] : most;
	}
	*to = pool == FEATURES_MAX ? most : (float)(sum / (double)cells);
}

static int count_bytes(struct features *f, size_t bytes, struct error *e)
{
	f->bytes += bytes;
	if (f->bytes <= f->most)
		return 0;
	return error_set(e, EXIT_SYSTEM,
	                 "features of %zu images take more than --memory, %" PRIu64
	                 " MiB: try a larger one, or --pool avg",
	                 f->images, f->most >> 20);
}

static int add_row(struct features *f, struct features_image *image,
                   const struct ndr_record *act, struct error *e)
{
	const size_t width = f->width[act->group];
	const size_t cells = (size_t)act->dims[1] * act->dims[2];
	const float *map = act->data;
	float *to = memory_raw(width, sizeof *to, e);

	if (!to)
		return -1;
	image->row[act->group] = to;
	if (f->pool == FEATURES_ALL)
		memcpy(to, map, width * sizeof *to);
	for (size_t unit = 0; f->pool != FEATURES_ALL && unit < width; unit++)
		pool_map(f->pool, map + unit * cells, cells, &to[unit]);
	return count_bytes(f, width * sizeof *to + (image->trains ? probe_bytes(to, width) : 0),
	                   e);
}

int features_add(struct features *f, const struct ndr_item *item, const char *class,
                 struct error *e)
{
	struct features_image *image;
	struct ndr_item_info info;

	if (!class) {
		f->without_class++;
		return 0;
	}
	if (ndr_item_info(item, &info, e) < 0 ||
	    memory_grow(&f->image, &f->capacity, f->images + 1, sizeof *f->image, e) < 0)
		return -1;
	image = &f->image[f->images++];
	*image = (struct features_image){.number = item->number,
	                                 .trains = checksum(0, info.name, strlen(info.name)) <
	                                           f->share * 0x1p32};
	image->class = memory_string(class, e);
	image->row = memory_new(f->layers, sizeof *image->row, e);
	if (!image->class || !image->row ||
	    count_bytes(f, sizeof *image + f->layers * sizeof *image->row, e) < 0)
		return -1;
	for (size_t i = 0; i < item->count; i++)
		if (item->record[i].type == NDR_ACT &&
		    add_row(f, image, &item->record[i], e) < 0)
			return -1;
	return 0;
}

/* ---- the two sides ---- */

static int by_class(const void *a, const void *b)
{
	const struct features_image *const *left = a, *const *right = b;
	const int order = strcmp((*left)->class, (*right)->class);

	return order ? order
	             : ((*left)->number > (*right)->number) -
	                       ((*left)->number < (*right)->number);
}

static int open_side(struct features_side *s, size_t layers, size_t images, struct error *e)
{
	s->class = memory_new(images, sizeof *s->class, e);
	s->row = memory_new(layers, sizeof *s->row, e);
	for (size_t l = 0; s->row && l < layers; l++) {
		s->row[l] = memory_new(images, sizeof **s->row, e);
		if (!s->row[l])
			return -1;
	}
	return s->class && s->row ? 0 : -1;
}

static void add_image(struct features_split *s, const struct features_image *image)
{
	struct features_side *side = image->trains ? &s->train : &s->test;

	for (size_t l = 0; l < s->layers; l++)
		side->row[l][side->images] = image->row[l];
	side->class[side->images++] = (uint32_t)s->classes;
}

/* The images of a class, n of them: in, if both sides have one. */
static void add_class(struct features_split *s, struct features_image *const *image, size_t n)
{
	size_t train = 0;

	for (size_t i = 0; i < n; i++)
		train += image[i]->trains;
	if (train == 0 || train == n) {
		s->left_out += n;
		return;
	}
	for (size_t i = 0; i < n; i++)
		add_image(s, image[i]);
	s->classes++;
}

int features_split(const struct features *f, struct features_split *s, struct error *e)
{
	struct features_image **image = memory_new(f->images, sizeof *image, e);
	int status = -1;

	s->layers = f->layers;
	s->width = f->width;
	if (image && open_side(&s->train, f->layers, f->images, e) == 0)
		status = open_side(&s->test, f->layers, f->images, e);
	if (status == 0) {
		for (size_t i = 0; i < f->images; i++)
			image[i] = &f->image[i];
		qsort(image, f->images, sizeof *image, by_class);
		for (size_t i = 0, n; i < f->images; i += n) {
			for (n = 1; i + n < f->images &&
			            strcmp(image[i]->class, image[i + n]->class) == 0;)
				n++;
			add_class(s, image + i, n);
		}
		if (s->classes < 2)
			status = error_set(
			        e, EXIT_MALFORMED,
			        "%zu images have fewer than two classes with images to "
			        "train on and to test",
			        f->images);
	}
	free(image);
	return status;
}

static void free_side(struct features_side *s, size_t layers)
{
	for (size_t l = 0; s->row && l < layers; l++)
		free(s->row[l]);
	free(s->row);
	free(s->class);
}

void features_split_free(struct features_split *s)
{
	free_side(&s->train, s->layers);
	free_side(&s->test, s->layers);
	*s = (struct features_split){0};
}
