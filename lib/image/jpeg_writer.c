/* jpeg_writer.c -- see jpeg_writer.h. */
#include "image/jpeg_writer.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

struct encoder {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr callbacks;
	struct jpeg_destination_mgr to;
	jmp_buf back;
	struct text *text;
	uint8_t block[1 << 14];
};

static void fail(j_common_ptr jpeg)
{
	struct encoder *c = jpeg->client_data;

	longjmp(c->back, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
	(void)jpeg;
	(void)level;
}

static void on_output(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void begin_block(j_compress_ptr jpeg)
{
	struct encoder *c = jpeg->client_data;

	c->to.next_output_byte = c->block;
	c->to.free_in_buffer = sizeof c->block;
}

static boolean end_block(j_compress_ptr jpeg)
{
	struct encoder *c = jpeg->client_data;

	text_bytes(c->text, c->block, sizeof c->block);
	begin_block(jpeg);
	return TRUE;
}

static void end_all(j_compress_ptr jpeg)
{
	struct encoder *c = jpeg->client_data;

	text_bytes(c->text, c->block, sizeof c->block - c->to.free_in_buffer);
}

static void encode(struct encoder *c, const struct image *image, int quality)
{
	struct jpeg_compress_struct *jpeg = &c->jpeg;

	jpeg_create_compress(jpeg);
	jpeg->dest = &c->to;
	jpeg->image_width = image->width;
	jpeg->image_height = image->height;
	jpeg->input_components = 3;
	jpeg->in_color_space = JCS_RGB;
	jpeg_set_defaults(jpeg);
	jpeg_set_quality(jpeg, quality, TRUE);
	/* The same bytes on every processor. */
	jpeg->dct_method = JDCT_ISLOW;
	jpeg_start_compress(jpeg, TRUE);
	while (jpeg->next_scanline < jpeg->image_height) {
		JSAMPROW row = image->pixel + (size_t)jpeg->next_scanline * image->width * 3;

		jpeg_write_scanlines(jpeg, &row, 1);
	}
	jpeg_finish_compress(jpeg);
}

int jpeg_encode(struct text *t, const struct image *image, int quality, struct error *e)
{
	struct encoder c = {.text = t,
	                    .to = {.init_destination = begin_block,
	                           .empty_output_buffer = end_block,
	                           .term_destination = end_all}};
	volatile int status = -1;

	c.jpeg.err = jpeg_std_error(&c.callbacks);
	c.callbacks.error_exit = fail;
	c.callbacks.emit_message = on_message;
	c.callbacks.output_message = on_output;
	c.jpeg.client_data = &c;
	if (setjmp(c.back) == 0) {
		encode(&c, image, quality);
		status = 0;
	}
	jpeg_destroy_compress(&c.jpeg);
	return status == 0 ? 0
	                   : error_set(e, EXIT_SYSTEM, "no memory for a JPEG of %ux%u pixels",
	                               image->height, image->width);
}
