/* picture.h -- pictures as files in memory: photographs as JPEG, masks as PNG of a few
 * colours.  Nothing but pixels is in them, whatever the photograph's own file told of its
 * camera or place. */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include <stdint.h>

#include "base/text.h"
#include "image/image.h"

/* A file; free() its bytes. */
struct picture {
	unsigned char *bytes; /* (length); NULL: there is none */
	size_t length;
};

/* A JPEG file of quality 1 to 100, colours at half the resolution below 90. */
int picture_jpeg(struct picture *p, const struct image *image, int quality,
                 struct error *e) CHECK_RESULT;

/* Red, green, blue, opacity. */
struct picture_color {
	uint8_t red, green, blue, alpha;
};

/* A PNG file of three colours, 2 bits a pixel: index (height, width) is below 3. */
enum { PICTURE_COLORS = 3 };
int picture_png(struct picture *p, const uint8_t *index, uint32_t height, uint32_t width,
                const struct picture_color color[static PICTURE_COLORS],
                struct error *e) CHECK_RESULT;

/* Append bytes as base64 (RFC 4648). */
void picture_base64(struct text *t, const void *bytes, size_t n);
/* Append bytes deflated, in zlib's format (RFC 1950), as base64. */
int picture_deflate(struct text *t, const void *bytes, size_t n, struct error *e) CHECK_RESULT;

#endif
