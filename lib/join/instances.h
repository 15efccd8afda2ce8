/* instances.h -- COCO's JSON of instances: what is drawn in each image, as polygons or runs of
 * pixels.
 *
 *	{"images": [{"id": 1, "file_name": "1.jpg", "height": 480, "width": 640}, ...],
 *	 "annotations": [{"image_id": 1, "category_id": 18,
 *	                  "segmentation": [[x, y, x, y, ...], ...]}, ...],
 *	 "categories": [{"id": 18, "name": "dog"}, ...], ...}
 *
 * In place of polygons there may be {"size": [height, width], "counts": [...]}, the lengths of
 * runs outside and inside by turns, down the columns; or counts as pycocotools packs them in a
 * text.  Other keys are passed over. */
#ifndef JOIN_INSTANCES_H
#define JOIN_INSTANCES_H

#include "image/polygon.h"
#include "join/coco.h"

struct instance {
	uint32_t image, category; /* image: its id, and index once they are in order */
	double area;
	size_t order;        /* as they came */
	size_t first, parts; /* polygons, or one that is of runs */
};

struct instance_part {
	size_t first, count; /* of numbers in xy, or of runs */
	bool runs;
};

struct instance_image {
	char *file;
	const char *base; /* its last part */
	uint32_t id, height, width;
	size_t first, instances; /* the larger before the smaller */
};

/* Zero it before use. */
struct instances {
	struct instance_image *image; /* [images], by id */
	size_t images, image_capacity;
	const struct instance_image **by_name; /* [images] */
	struct instance *instance;             /* [count], by image, then as they are drawn */
	size_t count, capacity;
	struct instance_part *part;
	size_t parts, part_capacity;
	float *xy;
	size_t numbers, number_capacity;
	uint32_t *run;
	size_t runs, run_capacity;
	struct coco_categories categories;
};

int instances_read(struct instances *s, const char *path, struct error *e) CHECK_RESULT;
/* The same of text in memory. */
int instances_parse(struct instances *s, const char *text, size_t length, const char *place,
                    struct error *e) CHECK_RESULT;
void instances_free(struct instances *s);

/* An image by its name below the images' directory: the one whose file_name that is, or the
 * only one whose file_name ends with it, or begins in a folder of it; or NULL. */
const struct instance_image *instances_find(const struct instances *s, const char *path);

/* Draw one of an image's instances in a map of that image's size. */
int instances_draw(const struct instances *s, const struct instance *one, struct label_map *map,
                   uint16_t value, struct polygon_work *w, const char *place,
                   struct error *e) CHECK_RESULT;

#endif
