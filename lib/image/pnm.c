/* pnm.c -- see pnm.h.
 *
 * The formats are those of netpbm's manual, pbm(5) to pam(5).  libnetpbm itself is for
 * programs: it keeps state in static variables, gives up memory where it jumps out of an
 * error, and ends the process where it cannot. */
#include "image/pnm.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A picture on its way in. */
struct reading {
	FILE *stream;
	const char *place;
	struct error *e;
	char format; /* '1' to '7' */
	uint32_t height, width, depth, maxval;
};

bool pnm_is(const void *data, size_t length)
{
	const char *p = data;

	return length >= 2 && p[0] == 'P' && p[1] >= '1' && p[1] <= '7';
}

__attribute__((format(printf, 2, 3))) static int bad(const struct reading *r,
                                                     const char *format, ...)
{
	char reason[200];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	return error_set(r->e, EXIT_MALFORMED, "%s: %s", r->place, reason);
}

/* No more bytes, where more must be. */
static int ended(const struct reading *r)
{
	return ferror(r->stream) ? error_errno(r->e, "%s", r->place)
	                         : bad(r, "premature end of the picture");
}

/* ---- the header ---- */

/* The next character; a comment is the end of its line. */
static int next(const struct reading *r)
{
	int c = getc(r->stream);

	if (c == '#')
		while (c != '\n' && c != EOF)
			c = getc(r->stream);
	return c;
}

static int next_but_blanks(const struct reading *r)
{
	int c = next(r);

	while (c != EOF && isspace(c))
		c = next(r);
	return c;
}

/* A number, and the one blank behind it. */
static int read_number(const struct reading *r, uint32_t *value)
{
	int c = next_but_blanks(r);
	uint64_t n = 0;

	if (c == EOF)
		return ended(r);
	if (!isdigit(c))
		return bad(r, "no number where one must be");
	for (; isdigit(c); c = next(r)) {
		n = 10 * n + (uint64_t)(c - '0');
		if (n > UINT32_MAX)
			return bad(r, "number too large");
	}
	if (c == EOF)
		return ended(r); /* there may have been more digits */
	if (!isspace(c))
		return bad(r, "no blank after a number");
	*value = (uint32_t)n;
	return 0;
}

enum { LINE_BYTES = 256 };

/* A line of a PAM header, without its end and blanks around it. */
static int read_line(const struct reading *r, char line[static LINE_BYTES], char **text)
{
	size_t n;

	if (!fgets(line, LINE_BYTES, r->stream))
		return ended(r);
	n = strlen(line);
	if (!n || line[n - 1] != '\n')
		return feof(r->stream) ? ended(r) : bad(r, "a line of the header is too long");
	while (n && isspace((unsigned char)line[n - 1]))
		line[--n] = '\0';
	*text = line + strspn(line, " \t");
	return 0;
}

/* The value of a header line that begins with key; NULL if it does not. */
static const char *value_of(const char *line, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n) != 0 || (line[n] && !isspace((unsigned char)line[n])))
		return NULL;
	return line + n + strspn(line + n, " \t");
}

/* 1 or 2 planes: grey, with alpha; 3 or 4: RGB, with alpha. */
static bool is_picture(const char *type, uint32_t depth)
{
	static const char *const types[] = {
	        "",    "BLACKANDWHITE", "BLACKANDWHITE_ALPHA", "GRAYSCALE", "GRAYSCALE_ALPHA",
	        "RGB", "RGB_ALPHA"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(type, types[i]) == 0)
			return depth >= (i < 5 ? 1u : 3u) && depth <= 4;
	return false;
}

static int read_pam_size(const struct reading *r, const char *line, const char *value,
                         uint32_t *size)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);

	if (!isdigit((unsigned char)*value) || *end || n > UINT32_MAX)
		return bad(r, "header line '%.40s' is not a size", line);
	*size = (uint32_t)n;
	return 0;
}

static int read_pam_header(struct reading *r)
{
	static const char *const keys[] = {"WIDTH", "HEIGHT", "DEPTH", "MAXVAL"};
	uint32_t *const sizes[] = {&r->width, &r->height, &r->depth, &r->maxval};
	char room[LINE_BYTES], type[LINE_BYTES] = "", *line;
	const char *value;

	if (read_line(r, room, &line) < 0)
		return -1;
	if (*line)
		return bad(r, "text after P7");
	do {
		if (read_line(r, room, &line) < 0)
			return -1;
		value = NULL;
		for (size_t i = 0; i < sizeof keys / sizeof *keys && !value; i++)
			if ((value = value_of(line, keys[i])) &&
			    read_pam_size(r, line, value, sizes[i]) < 0)
				return -1;
		if (!value && (value = value_of(line, "TUPLTYPE")))
			snprintf(type, sizeof type, "%s", value);
		if (!value && *line && *line != '#' && strcmp(line, "ENDHDR") != 0)
			return bad(r, "header line '%.40s' is unknown", line);
	} while (strcmp(line, "ENDHDR") != 0);
	if (!is_picture(type, r->depth))
		return bad(r, "PAM of %u planes, tuple type '%.40s'", r->depth, type);
	return 0;
}

static int read_header(struct reading *r)
{
	int c = getc(r->stream) == 'P' ? getc(r->stream) : EOF;

	if (c == EOF)
		return ended(r);
	if (c < '1' || c > '7')
		return bad(r, "not a PNM or PAM picture");
	r->format = (char)c;
	if (c == '7') {
		if (read_pam_header(r) < 0)
			return -1;
	} else {
		r->depth = c == '3' || c == '6' ? 3 : 1;
		r->maxval = 1;
		if (read_number(r, &r->width) < 0 || read_number(r, &r->height) < 0 ||
		    (c != '1' && c != '4' && read_number(r, &r->maxval) < 0))
			return -1;
	}
	if (r->maxval < 1 || r->maxval > UINT16_MAX)
		return bad(r, "maxval %u is not between 1 and 65535", r->maxval);
	return 0;
}

/* ---- the pixels ---- */

static int read_plain_row(const struct reading *r, uint16_t *sample, size_t n)
{
	uint32_t v;
	int c;

	for (size_t i = 0; i < n; i++) {
		if (r->format == '1') {
			c = next_but_blanks(r);
			if (c == EOF)
				return ended(r);
			if (c != '0' && c != '1')
				return bad(r, "a bit is neither 0 nor 1");
			v = c == '0'; /* 1 is ink */
		} else if (read_number(r, &v) < 0) {
			return -1;
		}
		if (v > r->maxval)
			return bad(r, "sample %u is above maxval %u", v, r->maxval);
		sample[i] = (uint16_t)v;
	}
	return 0;
}

/* raw has room for the row. */
static int read_raw_row(const struct reading *r, unsigned char *raw, size_t bytes,
                        uint16_t *sample, size_t n)
{
	if (fread(raw, 1, bytes, r->stream) != bytes)
		return ended(r);
	for (size_t i = 0; i < n; i++) {
		if (r->format == '4')
			sample[i] = !(raw[i / 8] >> (7 - i % 8) & 1); /* 1 is ink */
		else if (r->maxval > 255)
			sample[i] = (uint16_t)(raw[2 * i] << 8 | raw[2 * i + 1]);
		else
			sample[i] = raw[i];
		if (sample[i] > r->maxval)
			return bad(r, "sample %u is above maxval %u", sample[i], r->maxval);
	}
	return 0;
}

static void to_rgb(const struct reading *r, const uint16_t *sample, uint8_t *rgb)
{
	for (uint32_t x = 0; x < r->width; x++, sample += r->depth)
		for (int c = 0; c < 3; c++) {
			uint32_t v = sample[r->depth < 3 ? 0 : c];

			*rgb++ = (uint8_t)((v * 255 + r->maxval / 2) / r->maxval);
		}
}

static int read_rows(const struct reading *r, uint8_t *rgb)
{
	size_t n = (size_t)r->width * r->depth;
	size_t bytes = r->format == '4' ? (n + 7) / 8 : r->maxval > 255 ? 2 * n : n;
	uint16_t *sample = memory_raw(n, sizeof *sample, r->e);
	unsigned char *raw = memory_raw(bytes, 1, r->e);
	int status = sample && raw ? 0 : -1;

	for (uint32_t y = 0; y < r->height && status == 0; y++) {
		status = r->format <= '3' ? read_plain_row(r, sample, n)
		                          : read_raw_row(r, raw, bytes, sample, n);
		if (status == 0)
			to_rgb(r, sample, rgb + (size_t)y * r->width * 3);
	}
	free(sample);
	free(raw);
	return status;
}

/* Only raw pictures end with their last byte. */
static void pass_blanks(const struct reading *r)
{
	int c = getc(r->stream);

	while (c != EOF && isspace(c))
		c = getc(r->stream);
	if (c != EOF)
		ungetc(c, r->stream);
}

static int read_one(FILE *stream, const struct image_room *room, const char *place,
                    struct error *e)
{
	struct reading r = {.stream = stream, .place = place, .e = e};
	uint8_t *rgb =
	        read_header(&r) < 0 ? NULL : image_room(room, r.height, r.width, place, e);

	if (!rgb || read_rows(&r, rgb) < 0)
		return -1;
	if (r.format <= '3')
		pass_blanks(&r);
	return 0;
}

int pnm_read(FILE *stream, struct image *image, const char *place, struct error *e)
{
	struct image_room room = {.get = image_new_room, .ctx = image};
	int c = getc(stream);

	*image = (struct image){0};
	if (c == EOF)
		return ferror(stream) ? error_errno(e, "%s", place) : 0;
	ungetc(c, stream);
	if (c != 'P')
		return error_set(e, EXIT_MALFORMED, "%s: not a PNM or PAM picture", place);
	if (read_one(stream, &room, place, e) == 0)
		return 1;
	image_free(image);
	return -1;
}

int pnm_decode(const struct image_room *room, const void *data, size_t length,
               const char *place, struct error *e)
{
	FILE *stream = fmemopen((void *)data, length, "rb");
	int status;

	if (!stream)
		return error_errno(e, "%s", place);
	status = read_one(stream, room, place, e);
	fclose(stream);
	return status;
}

int pnm_write_rgb(FILE *stream, const uint8_t *pixel, uint32_t height, uint32_t width,
                  const char *place, struct error *e)
{
	size_t n = (size_t)height * width * 3;

	if (fprintf(stream, "P6\n%u %u\n255\n", width, height) < 0 ||
	    fwrite(pixel, 1, n, stream) != n)
		return error_errno(e, "%s", place);
	return 0;
}

int pnm_write_grey(FILE *stream, const uint16_t *value, uint32_t height, uint32_t width,
                   const char *place, struct error *e)
{
	size_t n = (size_t)height * width;

	if (fprintf(stream, "P5\n%u %u\n65535\n", width, height) < 0)
		return error_errno(e, "%s", place);
	for (size_t i = 0; i < n; i++) {
		putc(value[i] >> 8, stream);
		putc(value[i] & 255, stream);
	}
	return ferror(stream) ? error_errno(e, "%s", place) : 0;
}
