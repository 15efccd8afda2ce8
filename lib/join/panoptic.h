/* panoptic.h -- COCO's panoptic JSON: which category each segment of each label map is of.
 *
 *	{"annotations": [{"file_name": "1.png", "segments_info":
 *	                    [{"id": 3226956, "category_id": 1}, ...]}, ...],
 *	 "categories": [{"id": 1, "name": "person"}, ...], ...}
 *
 * Other keys are passed over. */
#ifndef JOIN_PANOPTIC_H
#define JOIN_PANOPTIC_H

#include <stddef.h>
#include <stdint.h>

#include "join/coco.h"

struct panoptic_segment {
	uint32_t id, category;
};

struct panoptic_map {
	char *file;
	size_t first, segments; /* in struct panoptic's array, by id */
};

/* Zero it before use. */
struct panoptic {
	struct panoptic_map *map; /* [maps], by file */
	size_t maps, map_capacity;
	struct panoptic_segment *segment;
	size_t segments, segment_capacity;
	struct coco_categories categories;
};

int panoptic_read(struct panoptic *p, const char *path, struct error *e) CHECK_RESULT;
/* The same of text in memory. */
int panoptic_parse(struct panoptic *p, const char *text, size_t length, const char *place,
                   struct error *e) CHECK_RESULT;
void panoptic_free(struct panoptic *p);

/* The map of that file name, without directories; NULL: there is none. */
const struct panoptic_map *panoptic_find(const struct panoptic *p, const char *file);
/* The segment of a map by its id, or NULL. */
const struct panoptic_segment *panoptic_segment(const struct panoptic *p,
                                                const struct panoptic_map *map, uint32_t id);

#endif
