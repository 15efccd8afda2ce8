/* png.c -- PNG by libpng.  See image.h for what is accepted.
 *
 * libpng reports errors through a callback that must not return; ours notes
 * the message and jumps back to run(). */
#include "image/png.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/machine.h"
#include "base/memory.h"

struct decoder {
	png_structp png;
	png_infop info;
	const char *place;
	struct error *e;
	const unsigned char *data; /* the file */
	size_t length, used;
	unsigned char *pixels; /* labels as libpng gives them */
	png_bytep *rows;
	struct image *image;   /* what is wanted: this */
	struct label_map *map; /* or this */
};

bool png_is(const void *data, size_t length)
{
	return length >= 8 && png_sig_cmp(data, 0, 8) == 0;
}

static void on_error(png_structp png, png_const_charp text)
{
	struct decoder *d = png_get_error_ptr(png);

	error_set(d->e, EXIT_MALFORMED, "%s: %s", d->place, text);
	png_longjmp(png, 1);
}

/* What libpng warns about are ancillary chunks, which we do not use. */
static void on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void on_read(png_structp png, png_bytep to, size_t count)
{
	struct decoder *d = png_get_io_ptr(png);

	if (count > d->length - d->used)
		png_error(png, "premature end of PNG file");
	memcpy(to, d->data + d->used, count);
	d->used += count;
}

static void start(struct decoder *d)
{
	png_set_read_fn(d->png, d, on_read);
	png_set_user_limits(d->png, IMAGE_SIDE_MAX, IMAGE_SIDE_MAX);
	/* A CRC-32 of each chunk is checked; a sum over what they hold adds little. */
	png_set_option(d->png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
	png_read_info(d->png, d->info);
	png_set_strip_alpha(d->png);
	if (png_get_color_type(d->png, d->info) == PNG_COLOR_TYPE_PALETTE)
		png_set_palette_to_rgb(d->png);
}

/* Read the rows to at, each of stride bytes. */
static int read_rows(struct decoder *d, unsigned char *at, size_t height, size_t stride)
{
	if (png_get_rowbytes(d->png, d->info) != stride)
		return error_set(d->e, EXIT_MALFORMED, "%s: unexpected pixel format", d->place);
	d->rows = memory_new(height, sizeof *d->rows, d->e);
	if (!d->rows)
		return -1;
	for (size_t y = 0; y < height; y++)
		d->rows[y] = at + y * stride;
	png_read_image(d->png, d->rows);
	png_read_end(d->png, NULL);
	return 0;
}

static int decode_image(struct decoder *d)
{
	size_t height, width;

	start(d);
	height = png_get_image_height(d->png, d->info);
	width = png_get_image_width(d->png, d->info);
	png_set_expand_gray_1_2_4_to_8(d->png);
	png_set_scale_16(d->png);
	png_set_gray_to_rgb(d->png);
	png_set_interlace_handling(d->png);
	png_read_update_info(d->png, d->info);
	if (image_new(d->image, height, width, d->place, d->e) < 0)
		return -1;
	return read_rows(d, d->image->pixel, height, width * 3);
}

/* The labels of n pixels: red + 256 * green, or grey of two bytes or one. */
VECTOR_CLONES(static, void, number,
              (const unsigned char *pixel, size_t n, size_t bytes, uint16_t *label),
              (pixel, n, bytes, label))
{
	if (bytes == 3)
		for (size_t i = 0; i < n; i++)
			label[i] = pixel[3 * i] | pixel[3 * i + 1] << 8;
	else if (bytes == 2)
		for (size_t i = 0; i < n; i++)
			label[i] = pixel[2 * i] << 8 | pixel[2 * i + 1];
	else
		for (size_t i = 0; i < n; i++)
			label[i] = pixel[i];
}

static int decode_labels(struct decoder *d)
{
	size_t height, width, bytes;
	bool grey;

	start(d);
	height = png_get_image_height(d->png, d->info);
	width = png_get_image_width(d->png, d->info);
	grey = !(png_get_color_type(d->png, d->info) & PNG_COLOR_MASK_COLOR);
	bytes = !grey ? 3 : png_get_bit_depth(d->png, d->info) == 16 ? 2 : 1;
	if (!grey && png_get_bit_depth(d->png, d->info) == 16)
		return error_set(d->e, EXIT_MALFORMED, "%s: label map of 16-bit RGB", d->place);
	png_set_packing(d->png);
	png_set_interlace_handling(d->png);
	png_read_update_info(d->png, d->info);
	if (label_map_new(d->map, height, width, d->place, d->e) < 0)
		return -1;
	d->pixels = memory_raw(height * width, bytes, d->e);
	if (!d->pixels || read_rows(d, d->pixels, height, width * bytes) < 0)
		return -1;
	number(d->pixels, height * width, bytes, d->map->label);
	return 0;
}

static int run(struct decoder *d, int (*decode)(struct decoder *))
{
	int status = -1;

	d->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, on_error, on_warning);
	d->info = d->png ? png_create_info_struct(d->png) : NULL;
	if (!d->info)
		error_set(d->e, EXIT_SYSTEM, "%s: no memory for the PNG decoder", d->place);
	else if (setjmp(png_jmpbuf(d->png)) == 0)
		status = decode(d);
	else
		status = -1;
	png_destroy_read_struct(&d->png, &d->info, NULL);
	free(d->pixels);
	free(d->rows);
	return status;
}

int png_decode(struct image *image, const void *data, size_t length, const char *place,
               struct error *e)
{
	struct decoder d = {
	        .place = place, .e = e, .data = data, .length = length, .image = image};

	if (run(&d, decode_image) == 0)
		return 0;
	image_free(image);
	return -1;
}

int png_decode_labels(struct label_map *map, const void *data, size_t length, const char *place,
                      struct error *e)
{
	struct decoder d = {.place = place, .e = e, .data = data, .length = length, .map = map};

	if (run(&d, decode_labels) == 0)
		return 0;
	label_map_free(map);
	return -1;
}
