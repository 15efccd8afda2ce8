/* orientation.c -- see orientation.h. */
#include "image/orientation.h"

#include <string.h>

#include "image/jpeg.h"
#include "image/png.h"

enum { UPRIGHT = 1, LAST = 8 };

/* ---- where a file notes it ---- */

/* Bytes of a file that are not read beyond their end. */
struct span {
	const unsigned char *at;
	size_t length;
	bool little; /* numbers have the low byte first */
};

static uint32_t number(const struct span *s, size_t at, size_t bytes)
{
	uint32_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n |= (uint32_t)s->at[at + i] << 8 * (s->little ? i : bytes - 1 - i);
	return n;
}

static bool has(const struct span *s, size_t at, size_t bytes)
{
	return at <= s->length && bytes <= s->length - at;
}

/* A TIFF header, the place of the first directory, whose entries have 12 bytes: tag, type,
 * count, value. */
static int in_tiff(struct span s)
{
	enum { HEADER = 8, ENTRY = 12, TAG = 0x112, SHORT = 3 };
	size_t at, entries;

	if (s.length < HEADER)
		return UPRIGHT;
	s.little = memcmp(s.at, "II*\0", 4) == 0;
	if (!s.little && memcmp(s.at, "MM\0*", 4) != 0)
		return UPRIGHT;
	at = number(&s, 4, 4);
	if (!has(&s, at, 2))
		return UPRIGHT;
	entries = number(&s, at, 2);
	at += 2;
	for (; entries > 0 && has(&s, at, ENTRY); entries--, at += ENTRY)
		if (number(&s, at, 2) == TAG) {
			const uint32_t value = number(&s, at + 8, 2);

			return number(&s, at + 2, 2) == SHORT && number(&s, at + 4, 4) == 1 &&
			                       value >= UPRIGHT && value <= LAST
			               ? (int)value
			               : UPRIGHT;
		}
	return UPRIGHT;
}

/* Segments up to the first scan; the first APP1 that is Exif counts. */
static int in_jpeg(const struct span *s)
{
	enum { TEM = 0x01, RST0 = 0xd0, SOI = 0xd8, EOI, SOS, APP1 = 0xe1, EXIF = 6 };
	size_t at = 2;

	while (has(s, at, 4)) {
		const unsigned marker = s->at[at + 1];
		size_t length;

		if (s->at[at] != 0xff || marker == 0xff || marker == 0 || marker == TEM ||
		    (marker >= RST0 && marker <= SOI)) {
			at++;
			continue;
		}
		length = number(s, at + 2, 2);
		if (marker == SOS || marker == EOI || length < 2 || !has(s, at + 2, length))
			break;
		if (marker == APP1 && length >= 2 + EXIF &&
		    memcmp(s->at + at + 4, "Exif\0\0", EXIF) == 0)
			return in_tiff((struct span){.at = s->at + at + 4 + EXIF,
			                             .length = length - 2 - EXIF});
		at += 2 + length;
	}
	return UPRIGHT;
}

static int in_png(const struct span *s)
{
	enum { SIGNATURE = 8, FRAME = 12 }; /* length, name, CRC */
	size_t at = SIGNATURE;

	while (has(s, at, FRAME)) {
		const size_t length = number(s, at, 4);

		if (!has(s, at + FRAME, length))
			break;
		if (memcmp(s->at + at + 4, "eXIf", 4) == 0)
			return in_tiff((struct span){.at = s->at + at + 8, .length = length});
		at += FRAME + length;
	}
	return UPRIGHT;
}

int image_orientation(const void *data, size_t length)
{
	const struct span s = {.at = data, .length = length};

	return jpeg_is(data, length)  ? in_jpeg(&s)
	       : png_is(data, length) ? in_png(&s)
	                              : UPRIGHT;
}

/* ---- turning ---- */

/* Which way the rows and columns of what is stored run; across: they change places. */
struct turn {
	bool across, from_bottom, from_right;
};

int image_turn(struct image *image, int orientation, struct error *e)
{
	static const struct turn turns[LAST + 1] = {
	        [2] = {0, 0, 1}, [3] = {0, 1, 1}, [4] = {0, 1, 0}, [5] = {1, 0, 0},
	        [6] = {1, 1, 0}, [7] = {1, 1, 1}, [8] = {1, 0, 1},
	};
	const struct turn *t;
	struct image upright;

	if (orientation <= UPRIGHT || orientation > LAST)
		return 0;
	t = &turns[orientation];
	if (image_new(&upright, t->across ? image->width : image->height,
	              t->across ? image->height : image->width, "picture", e) < 0)
		return -1;
	for (size_t y = 0; y < upright.height; y++)
		for (size_t x = 0; x < upright.width; x++) {
			const size_t row = t->across ? x : y, column = t->across ? y : x,
			             v = t->from_bottom ? image->height - 1 - row : row,
			             u = t->from_right ? image->width - 1 - column : column;

			memcpy(upright.pixel + (y * upright.width + x) * 3,
			       image->pixel + (v * image->width + u) * 3, 3);
		}
	image_free(image);
	*image = upright;
	return 0;
}
