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
	const struct image_room *room;
	enum palette palette;
	bool no_memory;        /* libpng asked for some in vain */
	unsigned char none;    /* blue that stands for indices past the palette, or 0 */
	unsigned char *pixels; /* labels as libpng gives them */
	unsigned char *part;   /* a row of an interlaced picture's pass */
};

bool png_is(const void *data, size_t length)
{
	return length >= 8 && png_sig_cmp(data, 0, 8) == 0;
}

/* Where IHDR, which comes first, has it. */
enum { COLOR_TYPE_AT = 25 };

bool png_has_palette(const void *data, size_t length)
{
	return length > COLOR_TYPE_AT &&
	       ((const unsigned char *)data)[COLOR_TYPE_AT] == PNG_COLOR_TYPE_PALETTE;
}

static void on_error(png_structp png, png_const_charp text)
{
	struct decoder *d = png_get_error_ptr(png);

	if (d->no_memory)
		error_set(d->e, EXIT_SYSTEM, "%s: no memory for the PNG decoder", d->place);
	else
		error_set(d->e, EXIT_MALFORMED, "%s: %s", d->place, text);
	png_longjmp(png, 1);
}

/* What libpng warns about are ancillary chunks, which we do not use. */
static void on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static png_voidp on_allocate(png_structp png, png_alloc_size_t n)
{
	struct decoder *d = png_get_mem_ptr(png);
	void *p = malloc(n);

	d->no_memory |= !p;
	return p;
}

static void on_free(png_structp png, png_voidp p)
{
	(void)png;
	free(p);
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
	/* Only what pixels need: others could inflate to gigabytes. */
	png_set_keep_unknown_chunks(d->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
	png_read_info(d->png, d->info);
	png_set_strip_alpha(d->png);
	if (png_get_color_type(d->png, d->info) == PNG_COLOR_TYPE_PALETTE &&
	    d->palette == PALETTE_COLOR)
		png_set_palette_to_rgb(d->png);
}

static bool is_interlaced(const struct decoder *d)
{
	return png_get_interlace_type(d->png, d->info) != PNG_INTERLACE_NONE;
}

static int check_stride(struct decoder *d, size_t stride)
{
	if (png_get_rowbytes(d->png, d->info) != stride)
		return error_set(d->e, EXIT_MALFORMED, "%s: unexpected pixel format", d->place);
	return 0;
}

/* n pixels, each step pixels behind the last. */
static void scatter(unsigned char *to, size_t step, const unsigned char *from, size_t n,
                    size_t bytes)
{
	step *= bytes;
	if (bytes == 3)
		for (size_t i = 0; i < n; i++, to += step, from += 3)
			to[0] = from[0], to[1] = from[1], to[2] = from[2];
	else if (bytes == 2)
		for (size_t i = 0; i < n; i++, to += step, from += 2)
			to[0] = from[0], to[1] = from[1];
	else
		for (size_t i = 0; i < n; i++, to += step, from++)
			to[0] = from[0];
}

/* Pass by pass, each pixel once: libpng would write each in each pass. */
static int read_passes(struct decoder *d, unsigned char *at, size_t height, size_t width,
                       size_t bytes)
{
	d->part = memory_raw(width, bytes, d->e);
	if (!d->part)
		return -1;
	for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
		const size_t rows = PNG_PASS_ROWS(height, pass),
		             columns = PNG_PASS_COLS(width, pass);

		for (size_t i = 0; i < rows && columns > 0; i++) {
			unsigned char *row =
			        at + PNG_ROW_FROM_PASS_ROW(i, pass) * width * bytes;

			if (columns == width) {
				png_read_row(d->png, row, NULL);
				continue;
			}
			png_read_row(d->png, d->part, NULL);
			scatter(row + PNG_PASS_START_COL(pass) * bytes,
			        (size_t)1 << PNG_PASS_COL_SHIFT(pass), d->part, columns, bytes);
		}
	}
	return 0;
}

/* Read all rows to at, each of width pixels of so many bytes. */
static int read_rows(struct decoder *d, unsigned char *at, size_t height, size_t width,
                     size_t bytes)
{
	if (is_interlaced(d))
		return read_passes(d, at, height, width, bytes);
	for (size_t y = 0; y < height; y++)
		png_read_row(d->png, at + y * width * bytes, NULL);
	return 0;
}

static int decode_image(struct decoder *d)
{
	size_t height, width;
	unsigned char *pixel;

	start(d);
	height = png_get_image_height(d->png, d->info);
	width = png_get_image_width(d->png, d->info);
	png_set_expand_gray_1_2_4_to_8(d->png);
	png_set_scale_16(d->png);
	png_set_gray_to_rgb(d->png);
	png_read_update_info(d->png, d->info);
	pixel = image_room(d->room, height, width, d->place, d->e);
	if (!pixel || check_stride(d, width * 3) < 0 ||
	    read_rows(d, pixel, height, width, 3) < 0)
		return -1;
	png_read_end(d->png, NULL);
	return 0;
}

/* The labels of n pixels: red + 256 * green, or grey of two bytes or one.  Returns
 * whether any has blue. */
VECTOR_CLONES(static, bool, number,
              (const unsigned char *pixel, size_t n, size_t bytes, uint16_t *label),
              (pixel, n, bytes, label))
{
	unsigned char blue = 0;

	if (bytes == 3)
		for (size_t i = 0; i < n; i++) {
			label[i] = pixel[3 * i] | pixel[3 * i + 1] << 8;
			blue |= pixel[3 * i + 2];
		}
	else if (bytes == 2)
		for (size_t i = 0; i < n; i++)
			label[i] = pixel[2 * i] << 8 | pixel[2 * i + 1];
	else
		for (size_t i = 0; i < n; i++)
			label[i] = pixel[i];
	return blue;
}

/* An index past the palette would be black, which is unlabelled: let it be a blue that the
 * palette does not have, as blue is refused. */
static void mark_the_missing(struct decoder *d, unsigned depth)
{
	png_color all[256] = {{0}}, *palette;
	bool taken[256] = {true};
	const int room = 1 << depth;
	int n = 0;

	if (!png_get_PLTE(d->png, d->info, &palette, &n) || n >= room)
		return;
	memcpy(all, palette, (size_t)n * sizeof *all);
	for (int i = 0; i < n; i++)
		taken[all[i].blue] |= !all[i].red && !all[i].green;
	while (d->none < 255 && taken[d->none])
		d->none++;
	for (int i = n; i < room; i++)
		all[i].blue = d->none;
	png_set_PLTE(d->png, d->info, all, room);
}

static int refuse_blue(struct decoder *d, const unsigned char *row, size_t y)
{
	bool palette = png_has_palette(d->data, d->length);
	size_t x = 0;

	while (!row[3 * x + 2])
		x++;
	if (d->none && !row[3 * x] && !row[3 * x + 1] && row[3 * x + 2] == d->none)
		return error_set(d->e, EXIT_MALFORMED,
		                 "%s: an index past the palette's end at column %zu, row %zu",
		                 d->place, x, y);
	return error_set(d->e, EXIT_MALFORMED,
	                 "%s: %s %u at column %zu, row %zu: labels are red + 256 * green, and "
	                 "blue is 0 (%s)",
	                 d->place, palette ? "the palette gives blue" : "blue is",
	                 row[3 * x + 2], x, y,
	                 palette ? "--palette-index takes its indices"
	                         : "are the channels in BGR order?");
}

static int decode_labels(struct decoder *d)
{
	size_t height, width, bytes, stride;
	unsigned depth;
	bool interlaced;
	int type;
	uint16_t *label;

	start(d);
	height = png_get_image_height(d->png, d->info);
	width = png_get_image_width(d->png, d->info);
	type = png_get_color_type(d->png, d->info);
	depth = png_get_bit_depth(d->png, d->info);
	if (type == PNG_COLOR_TYPE_PALETTE)
		bytes = d->palette == PALETTE_COLOR ? 3 : 1;
	else
		bytes = type & PNG_COLOR_MASK_COLOR ? 3 : depth == 16 ? 2 : 1;
	if (bytes == 3 && depth == 16)
		return error_set(d->e, EXIT_MALFORMED, "%s: label map of 16-bit RGB", d->place);
	png_set_packing(d->png);
	if (type == PNG_COLOR_TYPE_PALETTE && d->palette == PALETTE_COLOR)
		mark_the_missing(d, depth);
	interlaced = is_interlaced(d);
	png_read_update_info(d->png, d->info);
	stride = width * bytes;
	label = image_room(d->room, height, width, d->place, d->e);
	if (!label || check_stride(d, stride) < 0)
		return -1;
	/* A row at a time, unless they come in several passes. */
	d->pixels = memory_raw(interlaced ? height : 1, stride, d->e);
	if (!d->pixels || (interlaced && read_rows(d, d->pixels, height, width, bytes) < 0))
		return -1;
	for (size_t y = 0; y < height; y++) {
		unsigned char *row = d->pixels + (interlaced ? y * stride : 0);

		if (!interlaced)
			png_read_row(d->png, row, NULL);
		if (number(row, width, bytes, label + y * width))
			return refuse_blue(d, row, y);
	}
	png_read_end(d->png, NULL);
	return 0;
}

static int run(struct decoder *d, int (*decode)(struct decoder *))
{
	int status = -1;

	d->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, d, on_error, on_warning, d,
	                                  on_allocate, on_free);
	d->info = d->png ? png_create_info_struct(d->png) : NULL;
	if (!d->info)
		error_set(d->e, EXIT_SYSTEM, "%s: no memory for the PNG decoder", d->place);
	else if (setjmp(png_jmpbuf(d->png)) == 0)
		status = decode(d);
	else
		status = -1;
	png_destroy_read_struct(&d->png, &d->info, NULL);
	free(d->pixels);
	free(d->part);
	return status;
}

int png_decode(const struct image_room *room, const void *data, size_t length,
               const char *place, struct error *e)
{
	struct decoder d = {
	        .place = place, .e = e, .data = data, .length = length, .room = room};

	return run(&d, decode_image);
}

int png_decode_labels(const struct image_room *room, enum palette palette, const void *data,
                      size_t length, const char *place, struct error *e)
{
	struct decoder d = {.place = place,
	                    .e = e,
	                    .data = data,
	                    .length = length,
	                    .room = room,
	                    .palette = palette};

	return run(&d, decode_labels);
}
