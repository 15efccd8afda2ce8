/* decode.c -- which decoder a file is for; see image.h. */
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>

#include "base/magic.h"
#include "image/image.h"
#include "image/jpeg.h"
#include "image/png.h"
#include "image/pnm.h"

int image_unknown(const void *data, size_t length, const char *place, struct error *e)
{
	char but[MAGIC_BYTES];

	return error_set(e, EXIT_MALFORMED, "%s: neither JPEG nor PNG nor PNM%s", place,
	                 magic_but(data, length, but));
}

int image_decode_to(const struct image_room *room, const void *data, size_t length,
                    const char *place, struct error *e)
{
	if (jpeg_is(data, length))
		return jpeg_decode(room, data, length, place, e);
	if (png_is(data, length))
		return png_decode(room, data, length, place, e);
	if (pnm_is(data, length))
		return pnm_decode(room, data, length, place, e);
	return image_unknown(data, length, place, e);
}

int image_decode(struct image *image, char *remark, const void *data, size_t length,
                 const char *place, struct error *e)
{
	struct image_room room = {.get = image_new_room, .ctx = image, .remark = remark};

	*image = (struct image){0};
	if (image_decode_to(&room, data, length, place, e) == 0)
		return 0;
	image_free(image);
	return -1;
}

int label_map_decode_to(const struct image_room *room, enum palette palette, const void *data,
                        size_t length, const char *place, struct error *e)
{
	char but[MAGIC_BYTES];

	if (!png_is(data, length))
		return error_set(e, EXIT_MALFORMED, "%s: label map is not a PNG%s", place,
		                 magic_but(data, length, but));
	return png_decode_labels(room, palette, data, length, place, e);
}

static void *new_label_map(void *map, uint32_t height, uint32_t width, struct error *e)
{
	return label_map_new(map, height, width, "label map", e) < 0
	               ? NULL
	               : ((struct label_map *)map)->label;
}

int label_map_decode(struct label_map *map, enum palette palette, const void *data,
                     size_t length, const char *place, struct error *e)
{
	struct image_room room = {.get = new_label_map, .ctx = map};

	*map = (struct label_map){0};
	if (label_map_decode_to(&room, palette, data, length, place, e) == 0)
		return 0;
	label_map_free(map);
	return -1;
}

bool image_has_palette(const void *data, size_t length)
{
	return png_is(data, length) && png_has_palette(data, length);
}

#define TEXT_OF(x)  #x
#define VALUE_OF(x) TEXT_OF(x)

const char *image_libraries(void)
{
	return "libjpeg-turbo " VALUE_OF(LIBJPEG_TURBO_VERSION) "\n"
	                                                        "libpng " PNG_LIBPNG_VER_STRING
	                                                        "\n";
}
