/* png_writer.c -- see png_writer.h. */
#include "image/png_writer.h"

#include <setjmp.h>
#include <stdlib.h>

#include <png.h>

#include "base/memory.h"

static void on_error(png_structp png, png_const_charp text)
{
	(void)text;
	png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
	text_bytes(png_get_io_ptr(png), bytes, n);
}

static void on_flush(png_structp png)
{
	(void)png;
}

/* A filter and a level are said, so that they are the same whatever libpng's defaults are. */
static void begin(png_structp png, png_infop info, uint32_t height, uint32_t width, int filter)
{
	png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
	             PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_filter(png, PNG_FILTER_TYPE_BASE, filter);
	png_set_compression_level(png, 6);
	png_write_info(png, info);
}

static void encode(png_structp png, png_infop info, const struct image *image)
{
	begin(png, info, image->height, image->width, PNG_FILTER_PAETH);
	for (uint32_t y = 0; y < image->height; y++)
		png_write_row(png, image->pixel + (size_t)y * image->width * 3);
	png_write_end(png, NULL);
}

/* Labels are no gradients: rows as they are become smaller. */
static void encode_labels(png_structp png, png_infop info, const struct label_map *map,
                          uint8_t *row)
{
	begin(png, info, map->height, map->width, PNG_FILTER_NONE);
	for (uint32_t y = 0; y < map->height; y++) {
		const uint16_t *label = map->label + (size_t)y * map->width;

		for (uint32_t x = 0; x < map->width; x++) {
			row[3 * (size_t)x] = label[x] & 0xff;
			row[3 * (size_t)x + 1] = (uint8_t)(label[x] >> 8);
			row[3 * (size_t)x + 2] = 0;
		}
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
}

int png_encode_labels(struct text *t, const struct label_map *map, struct error *e)
{
	uint8_t *row = memory_raw(map->width, 3, e);
	png_structp png =
	        row ? png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning)
	            : NULL;
	png_infop info = png ? png_create_info_struct(png) : NULL;
	volatile int status = -1;

	if (info && setjmp(png_jmpbuf(png)) == 0) {
		png_set_write_fn(png, t, on_write, on_flush);
		encode_labels(png, info, map, row);
		status = 0;
	}
	png_destroy_write_struct(png ? &png : NULL, info ? &info : NULL);
	free(row);
	return status == 0 ? 0
	                   : error_set(e, EXIT_SYSTEM, "no memory for a PNG of %ux%u pixels",
	                               map->height, map->width);
}

int png_encode(struct text *t, const struct image *image, struct error *e)
{
	png_structp png =
	        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	volatile int status = -1;

	if (info && setjmp(png_jmpbuf(png)) == 0) {
		png_set_write_fn(png, t, on_write, on_flush);
		encode(png, info, image);
		status = 0;
	}
	png_destroy_write_struct(png ? &png : NULL, info ? &info : NULL);
	return status == 0 ? 0
	                   : error_set(e, EXIT_SYSTEM, "no memory for a PNG of %ux%u pixels",
	                               image->height, image->width);
}
