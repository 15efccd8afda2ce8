/* pnm.c -- see pnm.h.
 *
 * libnetpbm keeps its error handling in static variables and, left to itself,
 * prints and ends the process.  Every call is made under one lock, with its
 * messages caught and its errors jumping back to read_one(). */
#include "image/pnm.h"

#include <ctype.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>

#include <netpbm/pam.h>

/* libnetpbm's state, and with it what its callbacks need. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char message[256];

struct reading {
	FILE *stream;
	struct image *image;
	const char *place;
	struct error *e;
	tuple *row;
};

bool pnm_is(const void *data, size_t length)
{
	const char *p = data;

	return length >= 2 && p[0] == 'P' && p[1] >= '1' && p[1] <= '7';
}

static void on_error(const char *text)
{
	size_t n = strcspn(text, "\n");

	n -= n && text[n - 1] == '.';
	snprintf(message, sizeof message, "%.*s", (int)n, text);
}

static void on_message(const char *text)
{
	(void)text;
}

/* 1 or 2 planes: grey, with alpha; 3 or 4: RGB, with alpha. */
static bool is_picture(const struct pam *pam)
{
	static const char *const types[] = {
	        "",    "BLACKANDWHITE", "BLACKANDWHITE_ALPHA", "GRAYSCALE", "GRAYSCALE_ALPHA",
	        "RGB", "RGB_ALPHA"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(pam->tuple_type, types[i]) == 0)
			return pam->depth >= (i < 5 ? 1u : 3u) && pam->depth <= 4;
	return false;
}

static int read_rows(struct reading *r)
{
	struct pam pam;
	uint8_t *out;

	memset(&pam, 0, sizeof pam);
	pnm_readpaminit(r->stream, &pam, PAM_STRUCT_SIZE(tuple_type));
	if (!is_picture(&pam))
		return error_set(r->e, EXIT_MALFORMED,
		                 "%s: PAM of %u planes, tuple type '%.40s'", r->place,
		                 pam.depth, pam.tuple_type);
	if (image_new(r->image, pam.height < 0 ? 0 : pam.height, pam.width < 0 ? 0 : pam.width,
	              r->place, r->e) < 0)
		return -1;
	r->row = pnm_allocpamrow(&pam);
	out = r->image->pixel;
	for (int y = 0; y < pam.height; y++) {
		pnm_readpamrow(&pam, r->row);
		for (int x = 0; x < pam.width; x++)
			for (int c = 0; c < 3; c++) {
				sample v = r->row[x][pam.depth < 3 ? 0 : c];

				if (v > pam.maxval)
					return error_set(r->e, EXIT_MALFORMED,
					                 "%s: sample %lu is above maxval %lu",
					                 r->place, v, pam.maxval);
				*out++ = (v * 255 + pam.maxval / 2) / pam.maxval;
			}
	}
	/* Only raw pictures end with their last byte. */
	if (pam.format == PBM_FORMAT || pam.format == PGM_FORMAT || pam.format == PPM_FORMAT) {
		int c = getc(r->stream);

		while (c != EOF && isspace(c))
			c = getc(r->stream);
		ungetc(c, r->stream);
	}
	return 0;
}

static int read_one(struct reading *r)
{
	jmp_buf back;
	int status;

	pthread_mutex_lock(&lock);
	pm_init("", 0);
	pm_setusererrormsgfn(on_error);
	pm_setusermessagefn(on_message);
	pm_setjmpbuf(&back);
	if (setjmp(back) == 0)
		status = read_rows(r);
	else
		status = error_set(r->e, EXIT_MALFORMED, "%s: %s", r->place, message);
	pm_setjmpbuf(NULL);
	if (r->row)
		pnm_freepamrow(r->row);
	pthread_mutex_unlock(&lock);
	if (status < 0)
		image_free(r->image);
	return status;
}

int pnm_read(FILE *stream, struct image *image, const char *place, struct error *e)
{
	struct reading r = {stream, image, place, e, NULL};
	int c = getc(stream);

	*image = (struct image){0};
	if (c == EOF)
		return ferror(stream) ? error_errno(e, "%s", place) : 0;
	ungetc(c, stream);
	if (c != 'P')
		return error_set(e, EXIT_MALFORMED, "%s: not a PNM or PAM picture", place);
	return read_one(&r) < 0 ? -1 : 1;
}

int pnm_decode(struct image *image, const void *data, size_t length, const char *place,
               struct error *e)
{
	FILE *stream = fmemopen((void *)data, length, "rb");
	int status;

	if (!stream)
		return error_errno(e, "%s", place);
	status = pnm_read(stream, image, place, e);
	fclose(stream);
	return status < 0 ? -1 : 0;
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
