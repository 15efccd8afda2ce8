/* test_image.c -- decoders, resizing, cropping and colour names.
 *
 * Files are made here, by libjpeg and libpng themselves or byte by byte, with
 * contents that are known beforehand. */
#include <stdlib.h>
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>

#include "base/magic.h"
#include "image/color.h"
#include "image/image.h"
#include "image/pnm.h"
#include "image/polygon.h"
#include "image/resize.h"

#include "tap.h"

static bool near(const uint8_t *p, int r, int g, int b, int tolerance)
{
	return abs(p[0] - r) <= tolerance && abs(p[1] - g) <= tolerance &&
	       abs(p[2] - b) <= tolerance;
}

/* ---- JPEG ------------------------------------------------------------------ */

/* 16 x 8 pixels of one colour; free() it. */
static unsigned char *make_jpeg(J_COLOR_SPACE in, int components, const uint8_t *color,
                                J_COLOR_SPACE stored, bool adobe, bool progressive,
                                unsigned long *length)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr callbacks;
	unsigned char *data = NULL, row[16 * 4];
	JSAMPROW rows[1] = {row};

	*length = 0;
	c.err = jpeg_std_error(&callbacks);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &data, length);
	c.image_width = 16;
	c.image_height = 8;
	c.input_components = components;
	c.in_color_space = in;
	jpeg_set_defaults(&c);
	jpeg_set_colorspace(&c, stored);
	jpeg_set_quality(&c, 100, TRUE);
	c.write_Adobe_marker = adobe;
	if (progressive)
		jpeg_simple_progression(&c);
	for (int x = 0; x < 16; x++)
		memcpy(row + x * components, color, components);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height)
		jpeg_write_scanlines(&c, rows, 1);
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return data;
}

static void test_jpeg_color(const char *what, J_COLOR_SPACE in, int components,
                            const uint8_t *color, J_COLOR_SPACE stored, bool adobe, int r,
                            int g, int b)
{
	for (int progressive = 0; progressive < 2; progressive++) {
		struct error e = {0};
		struct image image;
		unsigned long length;
		unsigned char *data =
		        make_jpeg(in, components, color, stored, adobe, progressive, &length);

		if (ok(image_decode(&image, NULL, data, length, "x", &e) == 0, "%s%s: %s", what,
		       progressive ? ", progressive" : "", e.text))
			ok(image.height == 8 && image.width == 16 &&
			           near(image.pixel, r, g, b, 3) &&
			           near(image.pixel + 8 * 16 * 3 - 3, r, g, b, 3),
			   "%s: %d %d %d", what, image.pixel[0], image.pixel[1],
			   image.pixel[2]);
		image_free(&image);
		free(data);
	}
}

static void test_jpeg(void)
{
	static const uint8_t grey[] = {90}, rgb[] = {200, 40, 90};
	/* Inks of 0, 50 %, 100 % and 20 % black; and the same, inverted. */
	static const uint8_t inks[] = {0, 128, 255, 51}, light[] = {255, 127, 0, 204};
	struct error e = {0};
	struct image image;
	unsigned long length;
	unsigned char *data;
	int accepted = 0;

	test_jpeg_color("grey JPEG", JCS_GRAYSCALE, 1, grey, JCS_GRAYSCALE, false, 90, 90, 90);
	test_jpeg_color("YCbCr JPEG", JCS_RGB, 3, rgb, JCS_YCbCr, false, 200, 40, 90);
	test_jpeg_color("RGB JPEG", JCS_RGB, 3, rgb, JCS_RGB, true, 200, 40, 90);
	test_jpeg_color("CMYK JPEG of Adobe", JCS_CMYK, 4, light, JCS_CMYK, true, 204, 102, 0);
	test_jpeg_color("YCCK JPEG of Adobe", JCS_CMYK, 4, light, JCS_YCCK, true, 204, 102, 0);
	test_jpeg_color("CMYK JPEG", JCS_CMYK, 4, inks, JCS_CMYK, false, 204, 102, 0);

	data = make_jpeg(JCS_RGB, 3, rgb, JCS_YCbCr, false, false, &length);
	for (unsigned long n = 0; n < length; n++) {
		e = (struct error){0};
		accepted += image_decode(&image, NULL, data, n, "x", &e) == 0;
	}
	is_int(accepted, 0, "every truncated JPEG is refused");
	is_str(e.text, "x: Premature end of JPEG file", "reason");
	is_int(e.code, EXIT_MALFORMED, "exit code");

	/* SOF0 holds height and width. */
	for (unsigned long i = 2; i + 9 < length; i++)
		if (data[i] == 0xff && data[i + 1] == 0xc0)
			memcpy(data + i + 5, (unsigned char[]){0x4f, 0xff, 0x4f, 0xff}, 4);
	e = (struct error){0};
	ok(image_decode(&image, NULL, data, length, "x", &e) < 0 && strstr(e.text, "too large"),
	   "20479 x 20479 JPEG: %s", e.text);
	free(data);
}

/* ---- warnings of libjpeg: each code that a decoder can give ---- */

/* A file of two grey blocks, or of one in colour, of noise. */
struct jpeg_file {
	unsigned char *data;
	unsigned long length;
};

static struct jpeg_file make_noise(int components, unsigned restart, bool progressive)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr callbacks;
	struct jpeg_file f = {0};
	unsigned char row[16 * 3];
	JSAMPROW rows[1] = {row};
	unsigned noise = 1;

	c.err = jpeg_std_error(&callbacks);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &f.data, &f.length);
	c.image_width = 16;
	c.image_height = 8;
	c.input_components = components;
	c.in_color_space = components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, 90, TRUE);
	c.restart_interval = restart;
	c.write_JFIF_header = components == 1;
	c.write_Adobe_marker = components == 3;
	if (progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		for (int x = 0; x < 16 * components; x++)
			row[x] = (unsigned char)((noise = noise * 1103515245 + 12345) >> 16);
		jpeg_write_scanlines(&c, rows, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return f;
}

/* Where the n-th marker of that code is, from 1. */
static unsigned long find_marker(const struct jpeg_file *f, unsigned code, int n)
{
	for (unsigned long i = 0; i + 1 < f->length; i++)
		if (f->data[i] == 0xff && f->data[i + 1] == code && --n == 0)
			return i;
	abort();
}

/* Put bytes in the place of some at a place. */
static void splice(struct jpeg_file *f, unsigned long at, unsigned long remove,
                   const void *bytes, unsigned long n)
{
	unsigned char *data = malloc(f->length - remove + n);

	memcpy(data, f->data, at);
	memcpy(data + at, bytes, n);
	memcpy(data + at + n, f->data + at + remove, f->length - at - remove);
	free(f->data);
	f->data = data;
	f->length += n - remove;
}

/* What becomes of f, which is freed: the pixels of plain and that remark, or a refusal. */
static void test_warning(const char *what, struct jpeg_file *f, const struct jpeg_file *plain,
                         const char *text, bool taken)
{
	struct image want, got = {0};
	char remark[IMAGE_REMARK] = "";
	const struct image_room room = {.get = image_new_room, .ctx = &got, .remark = remark};
	struct error e = {0};
	int status = image_decode_to(&room, f->data, f->length, "x", &e);

	if (!taken)
		ok(status < 0 && e.code == EXIT_MALFORMED && strstr(e.text, text),
		   "%s is refused: %s", what, e.text);
	else if (ok(status == 0, "%s is taken %s", what, e.text) &&
	         image_decode(&want, NULL, plain->data, plain->length, "x", &e) == 0) {
		ok(strstr(remark, text), "%s: %s", what, remark);
		ok(memcmp(got.pixel, want.pixel, 16 * 8 * 3) == 0, "%s: the same pixels", what);
		image_free(&want);
	}
	image_free(&got);
	free(f->data);
	f->data = NULL;
}

static void test_jpeg_warnings(void)
{
	struct jpeg_file grey = make_noise(1, 1, false), color = make_noise(3, 0, false),
	                 scans = make_noise(1, 0, true), f;
	const unsigned long header = find_marker(&grey, 0xdb, 1),
	                    sos = find_marker(&grey, 0xda, 1),
	                    rst = find_marker(&grey, 0xd0, 1), eoi = grey.length - 2;
	unsigned long first, next;
	unsigned char adobe = 7;

	f = make_noise(1, 1, false);
	splice(&f, 11, 1, "\2", 1);
	test_warning("a version of JFIF", &f, &grey,
	             "Warning: unknown JFIF revision number 2.01", true);
	f = make_noise(1, 1, false);
	splice(&f, header, 0, "abc", 3);
	test_warning("bytes between segments", &f, &grey,
	             "Corrupt JPEG data: 3 extraneous bytes before marker 0xdb", true);
	f = make_noise(1, 1, false);
	splice(&f, eoi, 0, "0123456789012345678\xff", 21); /* 0xff 0 is no marker */
	test_warning("bytes after the last pixel", &f, &grey,
	             "extraneous bytes before marker 0xd9", true);
	f = make_noise(1, 0, true);
	splice(&f, find_marker(&f, 0xda, 2), 0, "abc", 3);
	test_warning("bytes between scans", &f, &scans,
	             "Corrupt JPEG data: 3 extraneous bytes before marker 0xda", true);
	f = make_noise(1, 1, false);
	splice(&f, sos + 9, 1, "\5", 1); /* the fields stand after length and components */
	test_warning("fields of progressive files", &f, &grey,
	             "Invalid SOS parameters for sequential JPEG", true);
	f = make_noise(3, 0, false);
	splice(&f, find_marker(&f, 0xee, 1) + 15, 1, &adobe, 1);
	test_warning("Adobe's unknown colours", &f, &color,
	             "Unknown Adobe color transform code 7", true);

	f = make_noise(1, 1, false);
	splice(&f, rst, 0, "01234567890123456789", 20);
	test_warning("bytes before a restart", &f, NULL, "extraneous bytes before marker 0xd0",
	             false);
	f = make_noise(1, 1, false);
	splice(&f, rst + 1, 1, "\xd3", 1);
	test_warning("another restart", &f, NULL, "found marker 0xd3 instead of RST0", false);
	f = make_noise(1, 1, false);
	splice(&f, eoi - 9, 9, "", 0);
	test_warning("an end before the last pixel", &f, NULL, "premature end of data segment",
	             false);
	f = make_noise(1, 1, false);
	splice(&f, rst + 2, 8, "\xff\0\xff\0\xff\0\xff", 8);
	test_warning("a code that is none", &f, NULL, "bad Huffman code", false);
	f = make_noise(1, 1, false);
	f.length -= 2;
	test_warning("no end", &f, NULL, "Premature end of JPEG file", false);
	/* The first scan again: its digits are there already. */
	f = make_noise(1, 0, true);
	first = find_marker(&scans, 0xda, 1);
	next = find_marker(&scans, 0xc4, 2);
	splice(&f, next, 0, scans.data + first, next - first);
	test_warning("a scan twice", &f, NULL, "Inconsistent progression sequence", false);
	free(grey.data);
	free(color.data);
	free(scans.data);
}

/* ---- PNG ------------------------------------------------------------------- */

struct bytes {
	unsigned char *data;
	size_t length;
};

static void append(png_structp png, png_bytep data, size_t n)
{
	struct bytes *b = png_get_io_ptr(png);

	b->data = realloc(b->data, b->length + n);
	memcpy(b->data + b->length, data, n);
	b->length += n;
}

static const png_color colors[4] = {{9, 1, 7}, {250, 0, 3}, {0, 2, 0}, {44, 55, 66}};

/* A PNG of height rows of the given packed bytes. */
static struct bytes make_png_of(const png_color *palette, int type, int depth, int interlace,
                                int height, int width, unsigned char *rows, size_t stride,
                                bool transparent)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	png_bytep row[16];
	png_color_16 key = {0};
	struct bytes b = {0};

	png_set_write_fn(png, &b, append, NULL);
	png_set_IHDR(png, info, width, height, depth, type, interlace,
	             PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	if (type == PNG_COLOR_TYPE_PALETTE) {
		png_set_PLTE(png, info, palette, 1 << (depth < 2 ? depth : 2));
		if (transparent)
			png_set_tRNS(png, info, (unsigned char[]){0, 9}, 2, NULL);
	} else if (transparent) {
		png_set_tRNS(png, info, NULL, 0, &key);
	}
	png_write_info(png, info);
	for (int y = 0; y < height; y++)
		row[y] = rows + y * stride;
	png_set_interlace_handling(png);
	png_write_image(png, row);
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return b;
}

static struct bytes make_png(int type, int depth, int interlace, int height, int width,
                             unsigned char *rows, size_t stride, bool transparent)
{
	return make_png_of(colors, type, depth, interlace, height, width, rows, stride,
	                   transparent);
}

enum { ROWS = 9, COLUMNS = 11 };

static unsigned get_sample(const unsigned char *row, int depth, size_t i)
{
	if (depth == 16)
		return row[2 * i] << 8 | row[2 * i + 1];
	return row[i * depth / 8] >> (8 - depth - i * depth % 8) & ((1 << depth) - 1);
}

/* Random bytes as a picture of each kind; expected pixels by definition. */
static void test_png_kind(int type, int channels, int depth, int interlace, bool transparent)
{
	static const uint8_t palette[4][3] = {{9, 1, 7}, {250, 0, 3}, {0, 2, 0}, {44, 55, 66}};
	size_t stride = (COLUMNS * channels * depth + 7) / 8;
	unsigned char rows[ROWS * COLUMNS * 8];
	struct error e = {0};
	struct image image;
	struct bytes b;
	int wrong = 0;

	srand(type * 100 + depth);
	for (size_t i = 0; i < ROWS * stride; i++)
		rows[i] = rand();
	if (type == PNG_COLOR_TYPE_PALETTE && depth > 2)
		for (size_t i = 0; i < ROWS * stride; i++)
			rows[i] &= depth == 4 ? 0x33 : 3;
	b = make_png(type, depth, interlace, ROWS, COLUMNS, rows, stride, transparent);
	if (ok(image_decode(&image, NULL, b.data, b.length, "x", &e) == 0,
	       "PNG type %d depth %d interlace %d tRNS %d %s", type, depth, interlace,
	       transparent, e.text))
		for (int i = 0; i < ROWS * COLUMNS * 3; i++) {
			const unsigned char *row = rows + i / 3 / COLUMNS * stride;
			int x = i / 3 % COLUMNS, c = channels < 3 ? 0 : i % 3;
			unsigned v = get_sample(row, depth, x * channels + c);
			double max = (1 << depth) - 1, want = v * 255 / max;

			if (type == PNG_COLOR_TYPE_PALETTE)
				want = palette[v][i % 3];
			wrong += fabs(image.pixel[i] - want) > 0.5;
		}
	is_int(wrong, 0, "its pixels");
	image_free(&image);
	free(b.data);
}

static void test_png(void)
{
	static const struct {
		int type, channels, depths;
	} kinds[] = {{PNG_COLOR_TYPE_GRAY, 1, 1 | 2 | 4 | 8 | 16},
	             {PNG_COLOR_TYPE_RGB, 3, 8 | 16},
	             {PNG_COLOR_TYPE_PALETTE, 1, 1 | 2 | 4 | 8},
	             {PNG_COLOR_TYPE_GRAY_ALPHA, 2, 8 | 16},
	             {PNG_COLOR_TYPE_RGB_ALPHA, 4, 8 | 16}};
	unsigned char rows[4 * 4 * 3] = {1, 2, 3};
	struct error e = {0};
	struct image image;
	struct bytes b;
	int accepted = 0;

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (int depth = 1; depth <= 16; depth *= 2)
			for (int i = 0; (kinds[k].depths & depth) && i < 4; i++)
				if (i < 2 || !(kinds[k].type & PNG_COLOR_MASK_ALPHA))
					test_png_kind(kinds[k].type, kinds[k].channels, depth,
					              i % 2, i > 1);

	b = make_png(PNG_COLOR_TYPE_RGB, 8, 0, 4, 4, rows, 12, false);
	for (size_t n = 0; n < b.length; n++) {
		e = (struct error){0};
		accepted += image_decode(&image, NULL, b.data, n, "x", &e) == 0;
	}
	is_int(accepted, 0, "every truncated PNG is refused");
	is_str(e.text, "x: premature end of PNG file", "reason");
	accepted = 0;
	for (size_t n = 0; n < b.length; n++) {
		e = (struct error){0};
		b.data[n] ^= 0x10;
		/* Only the lengths and checksums of chunks catch what follows. */
		accepted += image_decode(&image, NULL, b.data, b.length, "x", &e) == 0;
		b.data[n] ^= 0x10;
	}
	is_int(accepted, 0, "every damaged PNG is refused");
	free(b.data);
}

/* As a label map; the labels, joined by blanks, or the error. */
static const char *labels_of(struct bytes b, enum palette palette, char out[static 600])
{
	struct error e = {0};
	struct label_map map;
	char *p = out;

	if (label_map_decode(&map, palette, b.data, b.length, "x", &e) < 0)
		return e.code == EXIT_MALFORMED ? strcpy(out, e.text) : "another exit code";
	for (uint32_t i = 0; i < map.height * map.width; i++)
		p += sprintf(p, "%s%u", i ? " " : "", map.label[i]);
	label_map_free(&map);
	return out;
}

static void test_labels(void)
{
	static const png_color numbers[4] = {{9, 1, 0}, {250, 0, 0}, {0, 2, 0}, {44, 55, 0}};
	unsigned char rgb[] = {5, 0, 0, 0, 1, 0, 92, 4, 0, 255, 255, 0};
	unsigned char blue[] = {5, 0, 0, 0, 1, 0, 0, 0, 92, 255, 255, 0};
	unsigned char alpha[] = {5, 0, 0, 255, 0, 1, 0, 0};
	unsigned char indices[] = {0x1b}; /* 0 1 2 3 */
	unsigned char eight[] = {0, 3, 2, 1}, past[] = {0, 3, 4, 1};
	unsigned char deep[] = {0x12, 0x34, 0, 7};
	unsigned char grey[] = {0, 3, 255, 116};
	unsigned char bits[] = {0xb0}, four[] = {0x1f, 0x70};
	const struct {
		const char *what, *want;
		int type, depth, interlace, height, width;
		unsigned char *rows;
		size_t stride;
		enum palette palette;
		const png_color *colors;
	} cases[] = {
	        {.what = "red + 256 * green",
	         .want = "5 256 1116 65535",
	         .type = PNG_COLOR_TYPE_RGB,
	         .depth = 8,
	         .height = 2,
	         .width = 2,
	         .rows = rgb,
	         .stride = 6},
	        {.what = "the same, interlaced",
	         .want = "5 256 1116 65535",
	         .type = PNG_COLOR_TYPE_RGB,
	         .depth = 8,
	         .interlace = 1,
	         .height = 2,
	         .width = 2,
	         .rows = rgb,
	         .stride = 6},
	        {.what = "indices past the palette",
	         .want = "x: an index past the palette's end at column 0, row 1",
	         .type = PNG_COLOR_TYPE_PALETTE,
	         .depth = 8,
	         .height = 2,
	         .width = 2,
	         .rows = past,
	         .stride = 2,
	         .colors = numbers},
	        {.what = "the same, interlaced",
	         .want = "x: an index past the palette's end at column 0, row 1",
	         .type = PNG_COLOR_TYPE_PALETTE,
	         .depth = 8,
	         .interlace = 1,
	         .height = 2,
	         .width = 2,
	         .rows = past,
	         .stride = 2,
	         .colors = numbers},
	        {.what = "indices past the palette, as labels",
	         .want = "0 3 4 1",
	         .type = PNG_COLOR_TYPE_PALETTE,
	         .depth = 8,
	         .height = 2,
	         .width = 2,
	         .rows = past,
	         .stride = 2,
	         .palette = PALETTE_INDEX,
	         .colors = numbers},
	        {.what = "alpha is dropped",
	         .want = "5 256",
	         .type = PNG_COLOR_TYPE_RGB_ALPHA,
	         .depth = 8,
	         .height = 1,
	         .width = 2,
	         .rows = alpha,
	         .stride = 8},
	        {.what = "blue",
	         .want = "x: blue is 92 at column 0, row 1: labels are red + 256 * green, and "
	                 "blue is 0 (are the channels in BGR order?)",
	         .type = PNG_COLOR_TYPE_RGB,
	         .depth = 8,
	         .height = 2,
	         .width = 2,
	         .rows = blue,
	         .stride = 6},
	        {.what = "through the palette",
	         .want = "265 250 512 14124",
	         .type = PNG_COLOR_TYPE_PALETTE,
	         .depth = 2,
	         .height = 1,
	         .width = 4,
	         .rows = indices,
	         .stride = 1,
	         .colors = numbers},
	        {.what = "through a palette with blue",
	         .want = "x: the palette gives blue 7 at column 0, row 0: labels are red + 256 "
	                 "* green, and blue is 0 (--palette-index takes its indices)",
	         .type = PNG_COLOR_TYPE_PALETTE,
	         .depth = 2,
	         .height = 1,
	         .width = 4,
	         .rows = indices,
	         .stride = 1,
	         .colors = colors},
	        {.what = "indices of 2 bits",
	         .want = "0 1 2 3",
	         .type = PNG_COLOR_TYPE_PALETTE,
	         .depth = 2,
	         .height = 1,
	         .width = 4,
	         .rows = indices,
	         .stride = 1,
	         .palette = PALETTE_INDEX,
	         .colors = colors},
	        {.what = "indices of 8 bits, interlaced",
	         .want = "0 3 2 1",
	         .type = PNG_COLOR_TYPE_PALETTE,
	         .depth = 8,
	         .interlace = 1,
	         .height = 2,
	         .width = 2,
	         .rows = eight,
	         .stride = 2,
	         .palette = PALETTE_INDEX,
	         .colors = colors},
	        {.what = "RGB does not ask for indices",
	         .want = "5 256 1116 65535",
	         .type = PNG_COLOR_TYPE_RGB,
	         .depth = 8,
	         .height = 2,
	         .width = 2,
	         .rows = rgb,
	         .stride = 6,
	         .palette = PALETTE_INDEX},
	        {.what = "16-bit grey",
	         .want = "4660 7",
	         .type = PNG_COLOR_TYPE_GRAY,
	         .depth = 16,
	         .height = 1,
	         .width = 2,
	         .rows = deep,
	         .stride = 4},
	        {.what = "8-bit grey, interlaced",
	         .want = "0 3 255 116",
	         .type = PNG_COLOR_TYPE_GRAY,
	         .depth = 8,
	         .interlace = 1,
	         .height = 2,
	         .width = 2,
	         .rows = grey,
	         .stride = 2},
	        {.what = "4-bit grey",
	         .want = "1 15 7",
	         .type = PNG_COLOR_TYPE_GRAY,
	         .depth = 4,
	         .height = 1,
	         .width = 3,
	         .rows = four,
	         .stride = 2},
	        {.what = "2-bit grey",
	         .want = "0 1 2 3",
	         .type = PNG_COLOR_TYPE_GRAY,
	         .depth = 2,
	         .height = 1,
	         .width = 4,
	         .rows = indices,
	         .stride = 1},
	        {.what = "1-bit grey",
	         .want = "1 0 1 1",
	         .type = PNG_COLOR_TYPE_GRAY,
	         .depth = 1,
	         .height = 1,
	         .width = 4,
	         .rows = bits,
	         .stride = 1},
	        {.what = "16-bit RGB",
	         .want = "x: label map of 16-bit RGB",
	         .type = PNG_COLOR_TYPE_RGB,
	         .depth = 16,
	         .height = 1,
	         .width = 2,
	         .rows = rgb,
	         .stride = 12},
	};
	char out[600];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes b = make_png_of(
		        cases[i].colors, cases[i].type, cases[i].depth, cases[i].interlace,
		        cases[i].height, cases[i].width, cases[i].rows, cases[i].stride, false);

		is_str(labels_of(b, cases[i].palette, out), cases[i].want, "label map: %s",
		       cases[i].what);
		ok(image_has_palette(b.data, b.length) ==
		           (cases[i].type == PNG_COLOR_TYPE_PALETTE),
		   "whether it has a palette");
		free(b.data);
	}
	is_str(labels_of((struct bytes){(unsigned char *)"P6 1 1 255 abc", 14}, PALETTE_COLOR,
	                 out),
	       "x: label map is not a PNG", "a PPM");
}

/* ---- PNM ------------------------------------------------------------------- */

#define TEXT(s) s, sizeof(s) - 1

static void test_pnm_pixels(const char *what, const char *text, size_t length, int width,
                            const uint8_t *want)
{
	struct error e = {0};
	struct image image;

	if (ok(image_decode(&image, NULL, text, length, "x", &e) == 0, "%s %s", what, e.text))
		ok((int)image.width == width && image.height == 1 &&
		           memcmp(image.pixel, want, 3 * width) == 0,
		   "%s: %d %d %d", what, image.pixel[0], image.pixel[1], image.pixel[2]);
	image_free(&image);
}

static void test_pnm_refused(const char *what, const char *text, size_t length)
{
	struct error e = {0};
	struct image image;

	ok(image_decode(&image, NULL, text, length, "x", &e) < 0 && e.code == EXIT_MALFORMED &&
	           strncmp(e.text, "x: ", 3) == 0,
	   "%s: %s", what, e.text);
}

static void test_pnm(void)
{
	static const char stream[] = "P6 1 1 255\nabcP3 1 1 255 1 2 3\n\n\nP5 1 1 255\nx";
	FILE *f = fmemopen((void *)stream, sizeof stream - 1, "r");
	struct error e = {0};
	struct image image;
	int n = 0;

	test_pnm_pixels("PPM", TEXT("P6 2 1 255\nabcdef"), 2, (const uint8_t *)"abcdef");
	test_pnm_pixels("PGM", TEXT("P5 2 1 255\nab"), 2, (const uint8_t *)"aaabbb");
	test_pnm_pixels("PBM", TEXT("P4 2 1\n\x40"), 2, (const uint8_t *)"\xff\xff\xff\0\0\0");
	test_pnm_pixels("plain PBM", TEXT("P1 2 1\n1 0\n"), 2,
	                (const uint8_t *)"\0\0\0\xff\xff\xff");
	test_pnm_pixels("plain PPM", TEXT("P3 # note\n1 1 255 97 98 99\n"), 1,
	                (const uint8_t *)"abc");
	test_pnm_pixels("maxval 3", TEXT("P2 4 1 3 0 1 2 3\n"), 4,
	                (const uint8_t *)"\0\0\0UUU\xaa\xaa\xaa\xff\xff\xff");
	test_pnm_pixels("maxval 65535", TEXT("P5 2 1 65535\n\x80\x80\xff\xff"), 2,
	                (const uint8_t *)"\x80\x80\x80\xff\xff\xff");
	test_pnm_pixels("PAM",
	                TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\n"
	                     "TUPLTYPE RGB_ALPHA\nENDHDR\nabcd"),
	                1, (const uint8_t *)"abc");
	test_pnm_refused("cut PPM", TEXT("P6 2 1 255\nabcde"));
	test_pnm_refused("cut header", TEXT("P6 2 "));
	test_pnm_refused("sample above maxval", TEXT("P2 1 1 3 4"));
	test_pnm_refused("no pixels", TEXT("P6 0 1 255\n"));
	test_pnm_refused("huge", TEXT("P6 99999 99999 255\nabc"));
	test_pnm_refused("tuple type", TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\n"
	                                    "TUPLTYPE CMYK\nENDHDR\nabcd"));
	test_pnm_refused("text", TEXT("hello"));
	test_pnm_refused("nothing", TEXT(""));

	while (pnm_read(f, &image, "x", &e) == 1) {
		n++;
		ok(image.pixel[2] == (n == 1   ? 'c'
		                      : n == 2 ? 3
		                               : 'x'),
		   "picture %d of a stream", n);
		image_free(&image);
	}
	is_int(n, 3, "pictures in the stream");
	is_int(e.code, EXIT_OK, "it ended cleanly");
	fclose(f);
}

/* ---- Resizing -------------------------------------------------------------- */

static void pattern(struct image *image, uint32_t height, uint32_t width)
{
	struct error e = {0};

	if (image_new(image, height, width, "x", &e) < 0)
		abort();
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			for (uint32_t c = 0; c < 3; c++)
				image->pixel[(y * width + x) * 3 + c] =
				        (x * 37 + y * 91 + c * 53) % 256;
}

static void test_resize_to(uint32_t height, uint32_t width, const uint8_t *want, size_t n)
{
	struct error e = {0};
	struct image in, out;

	pattern(&in, 7, 5);
	if (ok(image_resize(&in, height, width, &out, &e) == 0, "resize to %u x %u", width,
	       height))
		ok(memcmp(out.pixel, want, n) == 0, "bytes of the Python Imaging Library");
	image_free(&in);
	image_free(&out);
}

/* By definition, in doubles, without the rounding between the passes. */
static double restated(const struct image *in, uint32_t height, uint32_t width, uint32_t v,
                       uint32_t u, int c)
{
	double sy = (double)in->height / height, sx = (double)in->width / width;
	double ry = fmax(sy, 1), rx = fmax(sx, 1), sum = 0, weights = 0;

	for (uint32_t y = 0; y < in->height; y++)
		for (uint32_t x = 0; x < in->width; x++) {
			double wy = 1 - fabs(y + 0.5 - (v + 0.5) * sy) / ry;
			double wx = 1 - fabs(x + 0.5 - (u + 0.5) * sx) / rx;

			if (wy > 0 && wx > 0) {
				sum += wy * wx * in->pixel[(y * in->width + x) * 3 + c];
				weights += wy * wx;
			}
		}
	return sum / weights;
}

static void test_resize(void)
{
	static const uint8_t small[] = {64,  111, 157, 112, 162, 130, 167, 158, 164,
	                                134, 129, 106, 88,  111, 125, 116, 140, 130,
	                                117, 148, 172, 135, 147, 126, 106, 101, 114,
	                                124, 130, 121, 97,  123, 169, 124, 171, 148};
	static const uint8_t large[] = {
	        0,   53,  106, 16,  69,  122, 39,  92,  145, 62,  115, 168, 86,  139, 192, 109,
	        162, 215, 132, 185, 238, 148, 201, 254, 61,  114, 167, 77,  130, 183, 100, 153,
	        195, 123, 176, 111, 147, 200, 82,  170, 223, 105, 193, 150, 128, 209, 91,  144};
	static const uint32_t sizes[][2] = {{1, 1}, {3, 20}, {23, 17}, {40, 5}, {64, 64}};
	struct error e = {0};
	struct image in, out;

	test_resize_to(4, 3, small, sizeof small);
	test_resize_to(9, 8, large, sizeof large);
	pattern(&in, 23, 17);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		uint32_t height = sizes[i][0], width = sizes[i][1];
		double worst = 0;

		if (image_resize(&in, height, width, &out, &e) < 0)
			break;
		for (uint32_t k = 0; k < height * width * 3; k++)
			worst = worse(worst, fabs(out.pixel[k] -
			                          restated(&in, height, width, k / 3 / width,
			                                   k / 3 % width, k % 3)));
		ok(worst < 1.01, "%u x %u: off by %.3f at most", width, height, worst);
		if (height == 23 && width == 17)
			ok(memcmp(in.pixel, out.pixel, 23 * 17 * 3) == 0,
			   "same size, same bytes");
		image_free(&out);
	}
	is_int(e.code, EXIT_OK, "no error");
	image_free(&in);
}

static void test_crop(void)
{
	struct square s = square_middle(4, 9);
	uint16_t labels[2 * 9];
	struct label_map map = {2, 9, labels}, out;
	struct error e = {0};
	struct image in, cut;

	ok(s.top == 0 && s.left == 2 && s.side == 4, "middle square of 9 x 4");
	s = square_middle(10, 3);
	ok(s.top == 3 && s.left == 0 && s.side == 3, "middle square of 3 x 10");
	s = square_middle(4, 9);
	pattern(&in, 4, 9);
	if (ok(image_crop(&in, s, &cut, &e) == 0, "crop"))
		ok(cut.height == 4 && cut.width == 4 &&
		           memcmp(cut.pixel, in.pixel + 2 * 3, 12) == 0 &&
		           memcmp(cut.pixel + 3 * 12, in.pixel + (3 * 9 + 2) * 3, 12) == 0,
		   "its pixels");
	image_free(&in);
	image_free(&cut);

	/* Labels 9 x 2 over 18 x 4 pixels: the square is pixels 7 to 10, labels 4
	 * and 5 after rounding to two labels (3.5 to 5.5). */
	for (int i = 0; i < 18; i++)
		labels[i] = i;
	s = square_middle(4, 18);
	is_int(label_map_crop_size(9, 18, 4), 2, "labels in the square");
	if (ok(label_map_crop(&map, 4, 18, s, &out, &e) == 0, "crop of a label map"))
		ok(out.height == 2 && out.width == 2 && out.label[0] == 4 &&
		           out.label[1] == 5 && out.label[2] == 13 && out.label[3] == 14,
		   "its labels %d %d %d %d", out.label[0], out.label[1], out.label[2],
		   out.label[3]);
	label_map_free(&out);
	is_int(label_map_crop_size(1, 100, 10), 1, "one label at least");
}

/* ---- Colours --------------------------------------------------------------- */

static void test_color(void)
{
	static const struct {
		enum color want;
		uint8_t r, g, b;
	} known[] = {
	        {COLOR_BLACK, 0, 0, 0},      {COLOR_WHITE, 255, 255, 255},
	        {COLOR_GREY, 128, 128, 128}, {COLOR_RED, 255, 0, 0},
	        {COLOR_RED, 178, 34, 34},    {COLOR_GREEN, 0, 255, 0},
	        {COLOR_GREEN, 0, 128, 0},    {COLOR_GREEN, 85, 107, 47},
	        {COLOR_BLUE, 0, 0, 255},     {COLOR_BLUE, 135, 206, 235},
	        {COLOR_BLUE, 0, 0, 128},     {COLOR_YELLOW, 255, 255, 0},
	        {COLOR_YELLOW, 255, 215, 0}, {COLOR_ORANGE, 255, 165, 0},
	        {COLOR_ORANGE, 255, 140, 0}, {COLOR_BROWN, 139, 69, 19},
	        {COLOR_BROWN, 160, 82, 45},  {COLOR_PINK, 255, 192, 203},
	        {COLOR_PINK, 255, 105, 180}, {COLOR_PURPLE, 128, 0, 128},
	        {COLOR_PURPLE, 75, 0, 130},  {COLOR_PURPLE, 147, 112, 219},
	};
	static struct color_table table;
	unsigned count[COLOR_COUNT] = {0}, used = 0;

	color_table_init(&table);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		is_str(color_names[color_name(&table, known[i].r, known[i].g, known[i].b)],
		       color_names[known[i].want], "%d,%d,%d", known[i].r, known[i].g,
		       known[i].b);
	for (unsigned i = 0; i < 32 * 32 * 32; i++)
		count[(&table.cell[0][0][0])[i]]++;
	for (int c = 0; c < COLOR_COUNT; c++)
		used += count[c] > 100;
	is_int(used, COLOR_COUNT, "every name has its place");
}

/* A square in triangles around a point: each pixel is in one of them, wherever that point is,
 * on centres of pixels and corners too. */
static void test_polygons(void)
{
	enum { SIDE = 12 };
	struct polygon_work w = {0};
	struct error e = {0};
	struct label_map map;
	unsigned holes = 0;

	if (!ok(label_map_new(&map, SIDE, SIDE, "x", &e) == 0, "room"))
		return;
	for (int k = 0; k < 400; k++) {
		const float corner[] = {-3, -2, 15, -2, 15, 14, -3, 14},
		            x = (float)(k % 20) * 0.5F + 1, y = (float)(k / 20) * 0.5F + 1;
		unsigned times[SIDE * SIDE] = {0};

		for (int i = 0; i < 4; i++) {
			const int j = (i + 1) % 4;
			const float one[] = {corner[2 * i], corner[2 * i + 1], x, y,
			                     corner[2 * j], corner[2 * j + 1]};

			memset(map.label, 0, sizeof(uint16_t) * SIDE * SIDE);
			if (polygon_fill(&map, one, 3, 1, &w, "x", &e) < 0)
				break;
			for (int p = 0; p < SIDE * SIDE; p++)
				times[p] += map.label[p];
		}
		for (int p = 0; p < SIDE * SIDE; p++)
			holes += times[p] != 1;
		w.pixels = 0;
	}
	is_int(e.code, 0, "polygons are filled");
	is_int(holes, 0, "pixels that are in no triangle, or in several");
	memset(map.label, 0, sizeof(uint16_t) * SIDE * SIDE);
	{
		/* A line that crosses itself: what is inside twice is outside. */
		const float twice[] = {0, 0, 12, 0, 12, 12, 0, 12, 0, 0,
		                       3, 3, 3,  9, 9,  9,  9, 3,  3, 3};
		unsigned count = 0;

		is_int(polygon_fill(&map, twice, 10, 7, &w, "x", &e), 0, "even and odd");
		for (int p = 0; p < SIDE * SIDE; p++)
			count += map.label[p] == 7;
		is_int(count, 144 - 36, "a hole of 6 by 6");
		ok(map.label[5 * SIDE + 5] == 0 && map.label[2 * SIDE + 2] == 7,
		   "in the middle");
	}
	for (int i = 0; i < 2; i++) {
		const float none[] = {1, 1, 5, 5};

		w.pixels = 0;
		memset(map.label, 0, sizeof(uint16_t) * SIDE * SIDE);
		is_int(polygon_fill(&map, none, i, 1, &w, "x", &e) |
		               polygon_fill(&map, none, 2, 1, &w, "x", &e),
		       0, "points and lines are nothing");
		ok(memchr(map.label, 1, sizeof(uint16_t) * SIDE * SIDE) == NULL, "no pixel");
	}
	polygon_work_free(&w);
	label_map_free(&map);
}

/* Beginnings as the formats' own texts have them; bytes behind a file's end are not read, which
 * a sanitizer sees. */
static void test_magic(void)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *want;
	} cases[] = {
	        {TEXT("RIFF\x0c\0\0\0WEBPVP8 "), "WebP"},
	        {TEXT("\0\0\0\x18"
	              "ftypheic\0\0\0\0mif1heic"),
	         "HEIC"},
	        {TEXT("\0\0\0\x1c"
	              "ftypavif\0\0\0\0"),
	         "AVIF"},
	        {TEXT("\0\0\0\x20"
	              "ftypisom"),
	         "MP4"},
	        {TEXT("GIF89a"), "GIF"},
	        {TEXT("II*\0\x08\0\0\0"), "TIFF"},
	        {TEXT("MM\0*\0\0\0\x08"), "TIFF"},
	        {TEXT("BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), "BMP"},
	        {TEXT("PK\3\4"), "a zip archive"},
	        {TEXT("\x89HDF\r\n\x1a\n"), "HDF5"},
	        {TEXT("\x89PNG\n\x1a\n"), "PNG whose line ends were changed"},
	        {TEXT("version https://git-lfs.github.com/spec/v1\n"), "a pointer of Git LFS"},
	        {TEXT("hello, world"), NULL},
	        {TEXT("BMW and a few more letters"), NULL},
	};
	char text[MAGIC_BYTES], want[MAGIC_BYTES + 8];

	is_str(magic_but(NULL, 0, text), ", but empty", "no byte");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t n = 1; n <= cases[i].length; n++) {
			char *part = malloc(n);

			memcpy(part, cases[i].bytes, n);
			magic_but(part, n, text);
			free(part);
			if (n < cases[i].length)
				continue;
			snprintf(want, sizeof want, "%s%s", cases[i].want ? ", but " : "",
			         cases[i].want ? cases[i].want : "");
			is_str(text, want, "beginning %zu", i);
		}
}

int main(void)
{
	test_magic();
	test_polygons();
	test_jpeg();
	test_jpeg_warnings();
	test_png();
	test_labels();
	test_pnm();
	test_resize();
	test_crop();
	test_color();
	return done();
}
