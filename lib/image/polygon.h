/* polygon.h -- polygons filled in label maps.
 *
 * Coordinates are in pixels, right and down: (0, 0) is the corner of the first pixel, its
 * centre (0.5, 0.5).  A pixel is inside where its centre is, by the even-odd rule; of a centre
 * on an edge, what lies right of or below the edge has it, so that polygons with a common edge
 * share no pixel and leave none between. */
#ifndef IMAGE_POLYGON_H
#define IMAGE_POLYGON_H

#include "image/image.h"

/* What filling takes, from one polygon to the next: zero it before use. */
struct polygon_work {
	struct polygon_crossing *crossing;
	size_t capacity;
	uint64_t crossings, pixels; /* of all so far */
};
void polygon_work_free(struct polygon_work *w);

/* Fill a polygon of n points (x, y), finite, whose last is joined to its first.  EXIT_MALFORMED
 * if all so far cross more rows than 2^23 times, or fill the map more than 32 times. */
int polygon_fill(struct label_map *map, const float *xy, size_t n, uint16_t value,
                 struct polygon_work *w, const char *place, struct error *e) CHECK_RESULT;
/* Count pixels that are filled in another way. */
int polygon_count(const struct label_map *map, uint64_t pixels, struct polygon_work *w,
                  const char *place, struct error *e) CHECK_RESULT;

#endif
