/* image.c -- room for pictures and label maps; see image.h. */
#include "image/image.h"

#include <stdlib.h>

#include "base/memory.h"

static int check_size(uint64_t height, uint64_t width, const char *place, struct error *e)
{
	if (!height || !width)
		return error_set(e, EXIT_MALFORMED, "%s: picture without pixels", place);
	if (height > IMAGE_SIDE_MAX || width > IMAGE_SIDE_MAX ||
	    height * width > IMAGE_PIXELS_MAX)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: picture of %llu x %llu pixels is too large", place,
		                 (unsigned long long)width, (unsigned long long)height);
	return 0;
}

int image_new(struct image *image, uint64_t height, uint64_t width, const char *place,
              struct error *e)
{
	*image = (struct image){0};
	if (check_size(height, width, place, e) < 0)
		return -1;
	image->pixel = memory_raw(height * width, 3, e);
	if (!image->pixel)
		return -1;
	image->height = height;
	image->width = width;
	return 0;
}

void image_free(struct image *image)
{
	free(image->pixel);
	*image = (struct image){0};
}

int label_map_new(struct label_map *map, uint64_t height, uint64_t width, const char *place,
                  struct error *e)
{
	*map = (struct label_map){0};
	if (check_size(height, width, place, e) < 0)
		return -1;
	map->label = memory_raw(height * width, sizeof *map->label, e);
	if (!map->label)
		return -1;
	map->height = height;
	map->width = width;
	return 0;
}

void label_map_free(struct label_map *map)
{
	free(map->label);
	*map = (struct label_map){0};
}

void *image_room(const struct image_room *room, uint64_t height, uint64_t width,
                 const char *place, struct error *e)
{
	if (check_size(height, width, place, e) < 0)
		return NULL;
	return room->get(room->ctx, (uint32_t)height, (uint32_t)width, e);
}

void *image_new_room(void *image, uint32_t height, uint32_t width, struct error *e)
{
	return image_new(image, height, width, "picture", e) < 0
	               ? NULL
	               : ((struct image *)image)->pixel;
}
