/* decode.c -- which decoder a file is for; see image.h. */
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>

#include "image/image.h"
#include "image/jpeg.h"
#include "image/png.h"
#include "image/pnm.h"

int image_decode(struct image *image, const void *data, size_t length, const char *place,
                 struct error *e)
{
	*image = (struct image){0};
	if (jpeg_is(data, length))
		return jpeg_decode(image, data, length, place, e);
	if (png_is(data, length))
		return png_decode(image, data, length, place, e);
	if (pnm_is(data, length))
		return pnm_decode(image, data, length, place, e);
	return error_set(e, EXIT_MALFORMED, "%s: neither JPEG nor PNG nor PNM", place);
}

int label_map_decode(struct label_map *map, const void *data, size_t length, const char *place,
                     struct error *e)
{
	*map = (struct label_map){0};
	if (!png_is(data, length))
		return error_set(e, EXIT_MALFORMED, "%s: label map is not a PNG", place);
	return png_decode_labels(map, data, length, place, e);
}

#define TEXT_OF(x)  #x
#define VALUE_OF(x) TEXT_OF(x)

const char *image_libraries(void)
{
	return "libjpeg-turbo " VALUE_OF(LIBJPEG_TURBO_VERSION) "\n"
	                                                        "libpng " PNG_LIBPNG_VER_STRING
	                                                        "\n";
}
