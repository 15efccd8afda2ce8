/* jpeg.c -- JPEG by libjpeg-turbo.  See image.h for what is accepted.
 *
 * libjpeg reports errors through callbacks that must not return; ours note the
 * message and jump back to jpeg_decode(). */
#include "image/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/memory.h"

/* A progressive file has some ten scans; thousands, each over the whole
 * picture, are an attack on the decoder's time. */
enum { SCANS_MAX = 256 };
/* What the decoder may hold: the coefficients of a progressive file, 2 bytes each. */
enum { MEMORY_MAX = 100000000 };

struct decoder {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr callbacks;
	struct jpeg_progress_mgr progress;
	jmp_buf back;
	const char *place;
	struct error *e;
	char *remark;  /* [IMAGE_REMARK] or NULL */
	uint8_t *cmyk; /* one row */
};

bool jpeg_is(const void *data, size_t length)
{
	return length >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0;
}

static void fail(j_common_ptr jpeg)
{
	struct decoder *d = jpeg->client_data;
	char text[JMSG_LENGTH_MAX];

	jpeg->err->format_message(jpeg, text);
	if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY)
		error_set(d->e, EXIT_SYSTEM, "%s: no memory for the JPEG decoder", d->place);
	else if (jpeg->err->msg_code == JERR_NO_BACKING_STORE)
		error_set(d->e, EXIT_MALFORMED,
		          "%s: the coefficients of %u x %u pixels in several scans take more "
		          "than %d bytes",
		          d->place, d->jpeg.image_width, d->jpeg.image_height, MEMORY_MAX);
	else
		error_set(d->e, EXIT_MALFORMED, "%s: %s", d->place, text);
	longjmp(d->back, 1);
}

/* Each warning of libjpeg's that a decoder can give, by what becomes of the pixels.
 *
 *	JFIF_MAJOR          a version of JFIF that changes nothing in the decoder
 *	NOT_SEQUENTIAL      fields of a scan that only progressive files use
 *	ADOBE_XFORM         an unknown code of colours: taken as YCbCr or YCCK by all
 *	EXTRANEOUS_DATA     bytes between segments, or after the last pixel of a scan: passed
 *	                    over; before a restart marker they were pixels, and are lost
 *	HIT_MARKER, JPEG_EOF, MUST_RESYNC, HUFF_BAD_CODE, ARITH_BAD_CODE
 *	                    pixels are lost, and grey or guessed
 *	BOGUS_PROGRESSION   scans that do not fit each other: digits of pixels are lost */
static bool is_harmless(const struct jpeg_error_mgr *err)
{
	const int marker = err->msg_parm.i[1]; /* of EXTRANEOUS_DATA */

	return err->msg_code == JWRN_JFIF_MAJOR || err->msg_code == JWRN_NOT_SEQUENTIAL ||
	       err->msg_code == JWRN_ADOBE_XFORM ||
	       (err->msg_code == JWRN_EXTRANEOUS_DATA &&
	        (marker < JPEG_RST0 || marker > JPEG_RST0 + 7));
}

/* Remember the first, of which all tell. */
static void remark(struct decoder *d)
{
	char text[JMSG_LENGTH_MAX];

	if (!d->remark || *d->remark)
		return;
	d->callbacks.format_message((j_common_ptr)&d->jpeg, text);
	snprintf(d->remark, IMAGE_REMARK, "%.*s", IMAGE_REMARK - 1, text);
}

/* level -1 is a warning. */
static void on_message(j_common_ptr jpeg, int level)
{
	if (level >= 0)
		return;
	if (!is_harmless(jpeg->err))
		fail(jpeg);
	remark(jpeg->client_data);
}

static void on_output(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void on_progress(j_common_ptr jpeg)
{
	struct decoder *d = jpeg->client_data;

	if (d->jpeg.input_scan_number <= SCANS_MAX)
		return;
	error_set(d->e, EXIT_MALFORMED, "%s: more than %d scans", d->place, SCANS_MAX);
	longjmp(d->back, 1);
}

/* Ink to light.  Adobe's programs store the inks inverted. */
static void from_cmyk(uint8_t *rgb, const uint8_t *cmyk, size_t width, bool inverted)
{
	unsigned flip = inverted ? 0 : 255;

	for (size_t x = 0; x < width; x++, cmyk += 4)
		for (int c = 0; c < 3; c++)
			*rgb++ = ((cmyk[c] ^ flip) * (cmyk[3] ^ flip) + 127) / 255;
}

static int decode(struct decoder *d, const struct image_room *room, const void *data,
                  size_t length)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;
	size_t stride;
	uint8_t *pixel;
	bool inks;

	jpeg_create_decompress(jpeg);
	jpeg->mem->max_memory_to_use = MEMORY_MAX;
	jpeg->progress = &d->progress;
	jpeg_mem_src(jpeg, data, length);
	jpeg_read_header(jpeg, TRUE);
	inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
	if (jpeg->jpeg_color_space == JCS_UNKNOWN)
		return error_set(d->e, EXIT_MALFORMED, "%s: JPEG of %d components", d->place,
		                 jpeg->num_components);
	pixel = image_room(room, jpeg->image_height, jpeg->image_width, d->place, d->e);
	if (!pixel)
		return -1;
	if (inks && !(d->cmyk = memory_new(jpeg->image_width, 4, d->e)))
		return -1;
	jpeg->out_color_space = inks ? JCS_CMYK : JCS_RGB;
	jpeg_start_decompress(jpeg);
	stride = (size_t)jpeg->output_width * 3;
	while (jpeg->output_scanline < jpeg->output_height) {
		uint8_t *rgb = pixel + jpeg->output_scanline * stride;
		JSAMPROW row = inks ? d->cmyk : rgb;

		jpeg_read_scanlines(jpeg, &row, 1);
		if (inks)
			from_cmyk(rgb, d->cmyk, jpeg->output_width, jpeg->saw_Adobe_marker);
	}
	jpeg_finish_decompress(jpeg);
	return 0;
}

int jpeg_decode(const struct image_room *room, const void *data, size_t length,
                const char *place, struct error *e)
{
	struct decoder d = {.place = place, .e = e, .remark = room->remark};
	int status;

	d.jpeg.err = jpeg_std_error(&d.callbacks);
	d.callbacks.error_exit = fail;
	d.callbacks.emit_message = on_message;
	d.callbacks.output_message = on_output;
	d.jpeg.client_data = &d;
	d.progress.progress_monitor = on_progress;
	if (setjmp(d.back) == 0)
		status = decode(&d, room, data, length);
	else
		status = -1;
	jpeg_destroy_decompress(&d.jpeg);
	free(d.cmyk);
	return status;
}
