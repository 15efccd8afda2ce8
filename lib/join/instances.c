/* instances.c -- see instances.h. */
#include "join/instances.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* ---- images ---- */

static int add_image(struct coco_scan *s, const json_t *object)
{
	struct instances *in = s->ctx;
	struct instance_image *image;
	const char *slash;

	if (memory_grow(&in->image, &in->image_capacity, in->images + 1, sizeof *image, s->e) <
	    0)
		return -1;
	image = &in->image[in->images++];
	*image = (struct instance_image){0};
	if (coco_number(s, object, "id", &image->id) < 0 ||
	    coco_number(s, object, "height", &image->height) < 0 ||
	    coco_number(s, object, "width", &image->width) < 0)
		return -1;
	image->file = coco_text(s, object, "file_name");
	if (!image->file)
		return -1;
	slash = strrchr(image->file, '/');
	image->base = slash ? slash + 1 : image->file;
	return 0;
}

static int add_category(struct coco_scan *s, const json_t *object)
{
	struct instances *in = s->ctx;

	return coco_add_category(s, &in->categories, object);
}

/* ---- polygons ---- */

static double area_of(const float *xy, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i += 2) {
		const size_t k = i + 2 < n ? i + 2 : 0;

		sum += (double)xy[i] * xy[k + 1] - (double)xy[k] * xy[i + 1];
	}
	return fabs(sum) / 2;
}

static int add_polygon(struct coco_scan *s, const json_t *list, struct instance_part *part)
{
	struct instances *in = s->ctx;
	const size_t n = json_array_size(list);

	if (!json_is_array(list) || n % 2)
		return coco_bad(s, "a polygon is no list of x and y, before here");
	if (memory_grow(&in->xy, &in->number_capacity, in->numbers + n, sizeof *in->xy, s->e) <
	    0)
		return -1;
	*part = (struct instance_part){.first = in->numbers, .count = n};
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(list, i);
		const float number = (float)json_number_value(v);

		if (!json_is_number(v) || !isfinite(number))
			return coco_bad(s, "a polygon is no list of x and y, before here");
		in->xy[in->numbers++] = number;
	}
	return 0;
}

/* ---- runs ---- */

static int add_run(struct coco_scan *s, struct instance_part *part, int64_t run)
{
	struct instances *in = s->ctx;

	if (run < 0 || run > UINT32_MAX)
		return coco_bad(s, "a run is no length, before here");
	if (memory_grow(&in->run, &in->run_capacity, in->runs + 1, sizeof *in->run, s->e) < 0)
		return -1;
	in->run[in->runs++] = (uint32_t)run;
	part->count++;
	return 0;
}

/* As pycocotools packs them: groups of 5 bits, the low ones first, of the difference to the run
 * before the last. */
static int unpack(struct coco_scan *s, struct instance_part *part, const char *text)
{
	const struct instances *in = s->ctx;

	while (*text) {
		int64_t run = 0;
		unsigned shift = 0, group;

		do {
			group = (unsigned char)*text - 48u;
			if (!*text || group > 63 || shift > 30)
				return coco_bad(s, "counts is no text of runs, before here");
			run |= (int64_t)(group & 31) << shift;
			shift += 5;
			text++;
		} while (group & 32);
		if (group & 16)
			run -= (int64_t)1 << shift;
		if (part->count > 2)
			run += in->run[in->runs - 2];
		if (add_run(s, part, run) < 0)
			return -1;
	}
	return 0;
}

static int add_runs(struct coco_scan *s, const json_t *object, struct instance_part *part)
{
	const json_t *counts = json_object_get(object, "counts");
	const struct instances *in = s->ctx;

	*part = (struct instance_part){.first = in->runs, .runs = true};
	if (json_is_string(counts))
		return unpack(s, part, json_string_value(counts));
	if (!json_is_array(counts))
		return coco_bad(s, "counts is neither a list nor a text, before here");
	for (size_t i = 0; i < json_array_size(counts); i++) {
		const json_t *v = json_array_get(counts, i);

		if (add_run(s, part, json_is_integer(v) ? json_integer_value(v) : -1) < 0)
			return -1;
	}
	return 0;
}

/* ---- annotations ---- */

static int add_part(struct coco_scan *s, struct instance *one, const json_t *v, bool runs)
{
	struct instances *in = s->ctx;
	struct instance_part *part;

	if (memory_grow(&in->part, &in->part_capacity, in->parts + 1, sizeof *part, s->e) < 0)
		return -1;
	part = &in->part[in->parts];
	if ((runs ? add_runs(s, v, part) : add_polygon(s, v, part)) < 0)
		return -1;
	in->parts++;
	one->parts++;
	for (size_t i = 1; runs && i < part->count; i += 2)
		one->area += in->run[part->first + i];
	if (!runs)
		one->area += area_of(in->xy + part->first, part->count);
	return 0;
}

static int add_annotation(struct coco_scan *s, const json_t *object)
{
	struct instances *in = s->ctx;
	const json_t *drawn = json_object_get(object, "segmentation");
	struct instance one = {.order = in->count, .first = in->parts};

	if (coco_number(s, object, "image_id", &one.image) < 0 ||
	    coco_number(s, object, "category_id", &one.category) < 0)
		return -1;
	if (!json_is_array(drawn) && !json_is_object(drawn))
		return coco_bad(s, "segmentation is neither polygons nor runs, before here");
	if (json_is_object(drawn) && add_part(s, &one, drawn, true) < 0)
		return -1;
	for (size_t i = 0; json_is_array(drawn) && i < json_array_size(drawn); i++)
		if (add_part(s, &one, json_array_get(drawn, i), false) < 0)
			return -1;
	if (memory_grow(&in->instance, &in->capacity, in->count + 1, sizeof one, s->e) < 0)
		return -1;
	in->instance[in->count++] = one;
	return 0;
}

/* ---- order ---- */

static int by_id(const void *a, const void *b)
{
	const struct instance_image *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_name(const void *a, const void *b)
{
	const struct instance_image *x = *(const struct instance_image *const *)a,
	                            *y = *(const struct instance_image *const *)b;
	const int order = strcmp(x->base, y->base);

	return order ? order : strcmp(x->file, y->file);
}

/* The smaller lies on the larger, of equal ones the later. */
static int as_drawn(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;

	if (x->image != y->image)
		return x->image < y->image ? -1 : 1;
	if (x->area != y->area)
		return x->area > y->area ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static int order_images(struct instances *s, const char *place, struct error *e)
{
	if (!s->images)
		return error_set(e, EXIT_MALFORMED, "%s: no images", place);
	qsort(s->image, s->images, sizeof *s->image, by_id);
	s->by_name = memory_new(s->images, sizeof *s->by_name, e);
	if (!s->by_name)
		return -1;
	for (size_t i = 0; i < s->images; i++) {
		s->by_name[i] = &s->image[i];
		if (i && s->image[i].id == s->image[i - 1].id)
			return error_set(e, EXIT_MALFORMED, "%s: image %u is there twice",
			                 place, s->image[i].id);
	}
	qsort(s->by_name, s->images, sizeof *s->by_name, by_name);
	for (size_t i = 1; i < s->images; i++)
		if (strcmp(s->by_name[i]->file, s->by_name[i - 1]->file) == 0)
			return error_set(e, EXIT_MALFORMED, "%s: '%.200s' is there twice",
			                 place, s->by_name[i]->file);
	return 0;
}

/* Runs go through the whole picture. */
static int check_runs(const struct instances *s, const struct instance *one,
                      const struct instance_image *image, const char *place, struct error *e)
{
	for (size_t i = 0; i < one->parts; i++) {
		const struct instance_part *part = &s->part[one->first + i];
		uint64_t sum = 0;

		for (size_t k = 0; part->runs && k < part->count; k++)
			sum += s->run[part->first + k];
		if (part->runs && sum != (uint64_t)image->height * image->width)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: runs of %llu pixels in '%.200s' of %u x %u",
			                 place, (unsigned long long)sum, image->file,
			                 image->width, image->height);
	}
	return 0;
}

static int put_in_order(struct instances *s, const char *place, struct error *e)
{
	if (order_images(s, place, e) < 0)
		return -1;
	if (!s->parts)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: no annotation has a segmentation (boxes are not drawn)",
		                 place);
	for (size_t i = 0; i < s->count; i++) {
		struct instance *one = &s->instance[i];
		const struct instance_image key = {.id = one->image},
		                            *image = bsearch(&key, s->image, s->images,
		                                             sizeof key, by_id);

		if (!image)
			return error_set(
			        e, EXIT_MALFORMED,
			        "%s: annotation %zu is of image %u, which is not there", place,
			        i, one->image);
		if (check_runs(s, one, image, place, e) < 0)
			return -1;
		one->image = (uint32_t)(image - s->image);
	}
	qsort(s->instance, s->count, sizeof *s->instance, as_drawn);
	for (size_t i = s->count; i-- > 0;) {
		struct instance_image *image = &s->image[s->instance[i].image];

		image->first = i;
		image->instances++;
	}
	return coco_order_categories(&s->categories, place, e);
}

int instances_parse(struct instances *s, const char *text, size_t length, const char *place,
                    struct error *e)
{
	static const struct coco_list lists[] = {{"images", add_image},
	                                         {"annotations", add_annotation},
	                                         {"categories", add_category},
	                                         {NULL, NULL}};

	return coco_parse(text, length, place, lists, s, e) < 0 ? -1
	                                                        : put_in_order(s, place, e);
}

int instances_read(struct instances *s, const char *path, struct error *e)
{
	size_t length;
	char *text = file_read(path, path, &length, e);
	const int status = text ? instances_parse(s, text, length, path, e) : -1;

	free(text);
	return status;
}

void instances_free(struct instances *s)
{
	for (size_t i = 0; i < s->images; i++)
		free(s->image[i].file);
	coco_free_categories(&s->categories);
	free(s->image);
	free(s->by_name);
	free(s->instance);
	free(s->part);
	free(s->xy);
	free(s->run);
	*s = (struct instances){0};
}

/* ---- an image ---- */

/* Whether one of two paths is the end of the other, whole folders of it. */
static bool is_end(const char *a, const char *b)
{
	const size_t n = strlen(a), m = strlen(b);

	return n == m  ? strcmp(a, b) == 0
	       : n < m ? b[m - n - 1] == '/' && strcmp(b + m - n, a) == 0
	               : a[n - m - 1] == '/' && strcmp(a + n - m, b) == 0;
}

const struct instance_image *instances_find(const struct instances *s, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const struct instance_image *found = NULL;
	size_t low = 0, high = s->images, n = 0;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(s->by_name[middle]->base, base) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->images && strcmp(s->by_name[low]->base, base) == 0; low++) {
		const struct instance_image *image = s->by_name[low];

		if (strcmp(image->file, path) == 0)
			return image;
		if (is_end(image->file, path)) {
			found = image;
			n++;
		}
	}
	return n == 1 ? found : NULL;
}

/* Down the columns. */
static int draw_runs(struct label_map *map, const uint32_t *run, size_t n, uint16_t value,
                     struct polygon_work *w, const char *place, struct error *e)
{
	size_t row = 0, column = 0;

	for (size_t i = 0; i < n; i++) {
		const size_t at = column * map->height + row + run[i];

		if (i % 2 && polygon_count(map, run[i], w, place, e) < 0)
			return -1;
		for (uint32_t k = 0; i % 2 && k < run[i]; k++) {
			map->label[row * map->width + column] = value;
			if (++row == map->height) {
				row = 0;
				column++;
			}
		}
		column = at / map->height;
		row = at % map->height;
	}
	return 0;
}

int instances_draw(const struct instances *s, const struct instance *one, struct label_map *map,
                   uint16_t value, struct polygon_work *w, const char *place, struct error *e)
{
	for (size_t i = 0; i < one->parts; i++) {
		const struct instance_part *part = &s->part[one->first + i];
		const int status = part->runs
		                           ? draw_runs(map, s->run + part->first, part->count,
		                                       value, w, place, e)
		                           : polygon_fill(map, s->xy + part->first,
		                                          part->count / 2, value, w, place, e);

		if (status < 0)
			return -1;
	}
	return 0;
}
