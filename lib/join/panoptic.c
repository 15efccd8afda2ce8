/* panoptic.c -- see panoptic.h. */
#include "join/panoptic.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

static int by_id(const void *a, const void *b)
{
	const struct panoptic_segment *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int add_segments(const struct coco_scan *s, const json_t *list, struct panoptic_map *m)
{
	struct panoptic *p = s->ctx;
	struct panoptic_segment *segment;

	m->first = p->segments;
	m->segments = json_array_size(list);
	if (!json_is_array(list))
		return coco_bad(s, "segments_info is no list, before here");
	if (memory_grow(&p->segment, &p->segment_capacity, p->segments + m->segments,
	                sizeof *p->segment, s->e) < 0)
		return -1;
	for (size_t i = 0; i < m->segments; i++) {
		const json_t *one = json_array_get(list, i);

		segment = &p->segment[p->segments++];
		if (coco_number(s, one, "id", &segment->id) < 0 ||
		    coco_number(s, one, "category_id", &segment->category) < 0)
			return -1;
	}
	if (!m->segments)
		return 0;
	segment = &p->segment[m->first];
	qsort(segment, m->segments, sizeof *segment, by_id);
	for (size_t i = 1; i < m->segments; i++)
		if (segment[i - 1].id == segment[i].id)
			return coco_bad(s, "an id is there twice, before here");
	return 0;
}

static int add_map(struct coco_scan *s, const json_t *object)
{
	struct panoptic *p = s->ctx;
	struct panoptic_map *m;

	if (memory_grow(&p->map, &p->map_capacity, p->maps + 1, sizeof *p->map, s->e) < 0)
		return -1;
	m = &p->map[p->maps++];
	*m = (struct panoptic_map){0};
	m->file = coco_text(s, object, "file_name");
	return m->file ? add_segments(s, json_object_get(object, "segments_info"), m) : -1;
}

static int add_category(struct coco_scan *s, const json_t *object)
{
	struct panoptic *p = s->ctx;

	return coco_add_category(s, &p->categories, object);
}

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct panoptic_map *)a)->file,
	              ((const struct panoptic_map *)b)->file);
}

/* In order, each once. */
static int put_in_order(struct panoptic *p, const char *place, struct error *e)
{
	if (!p->maps)
		return error_set(e, EXIT_MALFORMED, "%s: no annotations", place);
	qsort(p->map, p->maps, sizeof *p->map, by_file);
	for (size_t i = 1; i < p->maps; i++)
		if (strcmp(p->map[i - 1].file, p->map[i].file) == 0)
			return error_set(e, EXIT_MALFORMED, "%s: '%.200s' is there twice",
			                 place, p->map[i].file);
	return coco_order_categories(&p->categories, place, e);
}

int panoptic_parse(struct panoptic *p, const char *text, size_t length, const char *place,
                   struct error *e)
{
	static const struct coco_list lists[] = {
	        {"annotations", add_map}, {"categories", add_category}, {NULL, NULL}};

	return coco_parse(text, length, place, lists, p, e) < 0 ? -1
	                                                        : put_in_order(p, place, e);
}

int panoptic_read(struct panoptic *p, const char *path, struct error *e)
{
	size_t length;
	char *text = file_read(path, path, &length, e);
	const int status = text ? panoptic_parse(p, text, length, path, e) : -1;

	free(text);
	return status;
}

void panoptic_free(struct panoptic *p)
{
	for (size_t i = 0; i < p->maps; i++)
		free(p->map[i].file);
	coco_free_categories(&p->categories);
	free(p->map);
	free(p->segment);
	*p = (struct panoptic){0};
}

const struct panoptic_map *panoptic_find(const struct panoptic *p, const char *file)
{
	const struct panoptic_map key = {.file = (char *)file};

	return p->maps ? bsearch(&key, p->map, p->maps, sizeof key, by_file) : NULL;
}

const struct panoptic_segment *panoptic_segment(const struct panoptic *p,
                                                const struct panoptic_map *map, uint32_t id)
{
	const struct panoptic_segment key = {.id = id};

	return map->segments ? bsearch(&key, p->segment + map->first, map->segments, sizeof key,
	                               by_id)
	                     : NULL;
}
