/* magic.c -- see magic.h.  Not what the suite reads, but what people take for it: the pictures
 * of telephones and of the web, what frameworks write, what a failed download leaves. */
#include "base/magic.h"

#include <stdio.h>
#include <string.h>

struct magic {
	const char *name;
	size_t at;
	const char *bytes;
	size_t length;
};
#define MAGIC(name, at, bytes)                                                                 \
	{                                                                                      \
		name, at, bytes, sizeof(bytes) - 1                                             \
	}

/* The first that fits counts. */
static const struct magic known[] = {
        MAGIC("JPEG", 0, "\xff\xd8\xff"),
        MAGIC("PNG", 0, "\x89PNG\r\n\x1a\n"),
        MAGIC("PNG whose line ends were changed", 0, "\x89PNG"),
        MAGIC("WebP", 8, "WEBP"),
        MAGIC("GIF", 0, "GIF8"),
        MAGIC("TIFF", 0, "II*\0"),
        MAGIC("TIFF", 0, "MM\0*"),
        MAGIC("TIFF", 0, "II+\0"),
        MAGIC("TIFF", 0, "MM\0+"),
        MAGIC("HEIC", 4, "ftyphei"),
        MAGIC("HEIC", 4, "ftyphev"),
        MAGIC("HEIC", 4, "ftypmif1"),
        MAGIC("HEIC", 4, "ftypmsf1"),
        MAGIC("AVIF", 4, "ftypavi"),
        MAGIC("MP4", 4, "ftyp"),
        MAGIC("JPEG XL", 4, "JXL \r\n\x87\n"),
        MAGIC("JPEG XL", 0, "\xff\x0a"),
        MAGIC("JPEG 2000", 4, "jP  \r\n\x87\n"),
        MAGIC("JPEG 2000", 0, "\xff\x4f\xff\x51"),
        MAGIC("a Photoshop file", 0, "8BPS"),
        MAGIC("OpenEXR", 0, "\x76\x2f\x31\x01"),
        MAGIC("PFM", 0, "PF\n"),
        MAGIC("PFM", 0, "Pf\n"),
        MAGIC("QOI", 0, "qoif"),
        MAGIC("farbfeld", 0, "farbfeld"),
        MAGIC("DDS", 0, "DDS "),
        MAGIC("an icon", 0, "\0\0\1\0"),
        MAGIC("PDF", 0, "%PDF"),
        MAGIC("SVG", 0, "<svg"),
        MAGIC("XML", 0, "<?xml"),
        MAGIC("a web page", 0, "<!DOCTYPE"),
        MAGIC("a web page", 0, "<!doctype"),
        MAGIC("a web page", 0, "<html"),
        MAGIC("a pointer of Git LFS", 0, "version https://git-lfs"),
        MAGIC("a zip archive", 0, "PK\3\4"),
        MAGIC("gzip", 0, "\x1f\x8b"),
        MAGIC("HDF5", 0, "\x89HDF\r\n\x1a\n"),
        MAGIC("a MATLAB file", 0, "MATLAB 5.0"),
        MAGIC("a NumPy array", 0, "\x93NUMPY"),
        MAGIC("a pickle of Python", 0, "\x80\2"),
        MAGIC("a pickle of Python", 0, "\x80\3"),
        MAGIC("a pickle of Python", 0, "\x80\4"),
        MAGIC("a pickle of Python", 0, "\x80\5"),
        MAGIC("a TensorFlow Lite model", 4, "TFL3"),
        MAGIC("an ndr stream", 0, "\x89NDR"),
        MAGIC("notes of macOS about a file", 0, "\0\5\x16\7"),
};

/* Two letters and, at 14, the length of one of its headers. */
static int is_bmp(const unsigned char *data, size_t length)
{
	static const unsigned char headers[] = {12, 40, 52, 56, 64, 108, 124};

	return length >= 18 && memcmp(data, "BM", 2) == 0 &&
	       memchr(headers, data[14], sizeof headers) && !data[15] && !data[16] && !data[17];
}

const char *magic_name(const void *data, size_t length)
{
	const char *bytes = data;

	if (!length)
		return "empty";
	if (is_bmp(data, length))
		return "BMP";
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const struct magic *m = &known[i];

		if (m->at + m->length <= length &&
		    memcmp(bytes + m->at, m->bytes, m->length) == 0)
			return m->name;
	}
	return NULL;
}

const char *magic_but(const void *data, size_t length, char text[static MAGIC_BYTES])
{
	const char *name = magic_name(data, length);

	snprintf(text, MAGIC_BYTES, "%s%s", name ? ", but " : "", name ? name : "");
	return text;
}
