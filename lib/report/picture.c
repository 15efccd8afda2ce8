/* picture.c -- see picture.h.
 *
 * libjpeg and libpng report errors through callbacks that must not return; ours jump back. */
#include "report/picture.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

enum { FULL_COLOR_QUALITY = 90 };

/* ---- JPEG ---- */

struct encoder {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr callbacks;
	jmp_buf back;
	unsigned char *bytes; /* libjpeg's malloc()ed output */
	unsigned long length;
};

static void on_jpeg_error(j_common_ptr jpeg)
{
	struct encoder *c = jpeg->client_data;

	longjmp(c->back, 1);
}

static void encode(struct encoder *c, const struct image *image, int quality)
{
	struct jpeg_compress_struct *jpeg = &c->jpeg;

	jpeg_create_compress(jpeg);
	jpeg_mem_dest(jpeg, &c->bytes, &c->length);
	jpeg->image_width = image->width;
	jpeg->image_height = image->height;
	jpeg->input_components = 3;
	jpeg->in_color_space = JCS_RGB;
	jpeg_set_defaults(jpeg);
	jpeg_set_quality(jpeg, quality, TRUE);
	jpeg->dct_method = JDCT_ISLOW; /* the same on all processors */
	jpeg->optimize_coding = TRUE;
	if (quality >= FULL_COLOR_QUALITY)
		jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor = 1;
	jpeg_start_compress(jpeg, TRUE);
	while (jpeg->next_scanline < jpeg->image_height) {
		JSAMPROW row = image->pixel + (size_t)jpeg->next_scanline * image->width * 3;

		jpeg_write_scanlines(jpeg, &row, 1);
	}
	jpeg_finish_compress(jpeg);
}

int picture_jpeg(struct picture *p, const struct image *image, int quality, struct error *e)
{
	struct encoder c = {0};
	volatile int status = -1;

	c.jpeg.err = jpeg_std_error(&c.callbacks);
	c.callbacks.error_exit = on_jpeg_error;
	c.jpeg.client_data = &c;
	if (setjmp(c.back) == 0) {
		encode(&c, image, quality);
		status = 0;
	}
	jpeg_destroy_compress(&c.jpeg);
	if (status == 0) {
		*p = (struct picture){c.bytes, c.length};
		return 0;
	}
	free(c.bytes);
	return error_set(e, EXIT_SYSTEM, "no memory for a JPEG of %u x %u pixels", image->width,
	                 image->height);
}

/* ---- PNG ---- */

static void on_png_error(png_structp png, png_const_charp text)
{
	(void)text;
	png_longjmp(png, 1);
}

static void on_png_warning(png_structp png, png_const_charp text)
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

/* Rows of 2 bits a pixel, the leftmost highest. */
static void pack_row(const uint8_t *index, uint32_t width, png_bytep row)
{
	memset(row, 0, width / 4 + 1);
	for (uint32_t x = 0; x < width; x++)
		row[x / 4] |= (png_byte)(index[x] << (6 - x % 4 * 2));
}

/* What a PNG is made of. */
struct drawing {
	uint32_t height, width;
	const uint8_t *index;
	const struct picture_color *color;
};

static void write_png(png_structp png, png_infop info, const struct drawing *d, png_bytep row)
{
	png_color palette[PICTURE_COLORS];
	png_byte alpha[PICTURE_COLORS];
	int translucent = 0; /* the last of them; opacity is left out behind it */

	for (int i = 0; i < PICTURE_COLORS; i++) {
		palette[i] = (png_color){d->color[i].red, d->color[i].green, d->color[i].blue};
		alpha[i] = d->color[i].alpha;
		translucent = alpha[i] < 255 ? i + 1 : translucent;
	}
	png_set_IHDR(png, info, d->width, d->height, 2, PNG_COLOR_TYPE_PALETTE,
	             PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_PLTE(png, info, palette, PICTURE_COLORS);
	png_set_tRNS(png, info, alpha, translucent, NULL);
	png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
	png_set_compression_level(png, 9);
	png_write_info(png, info);
	for (uint32_t y = 0; y < d->height; y++) {
		pack_row(d->index + (size_t)y * d->width, d->width, row);
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
}

int picture_png(struct picture *p, const uint8_t *index, uint32_t height, uint32_t width,
                const struct picture_color color[static PICTURE_COLORS], struct error *e)
{
	const struct drawing d = {height, width, index, color};
	png_bytep row = memory_new((size_t)width / 4 + 1, 1, e);
	png_structp png = row ? png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
	                                                on_png_error, on_png_warning)
	                      : NULL;
	png_infop info = png ? png_create_info_struct(png) : NULL;
	struct text file = {0};
	volatile int status = -1;

	if (info && setjmp(png_jmpbuf(png)) == 0) {
		png_set_write_fn(png, &file, on_write, on_flush);
		write_png(png, info, &d, row);
		status = 0;
	}
	png_destroy_write_struct(png ? &png : NULL, info ? &info : NULL);
	free(row);
	if (status < 0) {
		text_free(&file);
		return error_set(e, EXIT_SYSTEM, "no memory for a PNG of %u x %u pixels", width,
		                 height);
	}
	p->length = file.length;
	p->bytes = (unsigned char *)text_take(&file, "a PNG", e);
	return p->bytes ? 0 : -1;
}

/* ---- base64 ---- */

void picture_base64(struct text *t, const void *bytes, size_t n)
{
	static const char digit[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i += 3) {
		const size_t left = n - i < 3 ? n - i : 3;
		const uint32_t word = (uint32_t)p[i] << 16 |
		                      (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
		                      (left > 2 ? p[i + 2] : 0);
		const char four[4] = {digit[word >> 18], digit[word >> 12 & 63],
		                      left > 1 ? digit[word >> 6 & 63] : '=',
		                      left > 2 ? digit[word & 63] : '='};

		text_bytes(t, four, 4);
	}
}

/* ---- packing ---- */

int picture_deflate(struct text *t, const void *bytes, size_t n, struct error *e)
{
	uLongf length = compressBound(n);
	unsigned char *packed = memory_raw(length, 1, e);

	if (!packed)
		return -1;
	if (compress2(packed, &length, bytes, n, Z_BEST_COMPRESSION) != Z_OK) {
		free(packed);
		return error_set(e, EXIT_SYSTEM, "no memory to pack %zu bytes", n);
	}
	picture_base64(t, packed, length);
	free(packed);
	return 0;
}
