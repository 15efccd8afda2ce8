/* fuzz_image.c -- any bytes as a picture, as a label map, and as a stream of pictures.
 *
 *	make fuzz
 *	build-fuzz/fuzz_image -max_len=4096 NEW-DIRECTORY tests/fuzz/seeds/image
 *
 * A picture that is read, be it a PNG, JPEG or PNM, is written as PNG and as PPM: each reads
 * as the same pixels.  What fails has said why in one line. */
#include "image/image.h"
#include "image/png_writer.h"
#include "image/pnm.h"
#include "image/resize.h"
#include "fuzz.h"

enum { PIXELS = 1 << 14, PICTURES = 8 };

/* Large pictures are refused, as they take long. */
static void *small(void *image, uint32_t height, uint32_t width, struct error *e)
{
	if ((uint64_t)height * width <= PIXELS)
		return image_new_room(image, height, width, e);
	error_set(e, EXIT_MALFORMED, "large");
	return NULL;
}

/* Labels take less room than a picture. */
static int read_labels(const void *data, size_t size, enum palette palette)
{
	struct image image = {0};
	const struct image_room room = {.get = small, .ctx = &image};
	struct error e = {0};
	int status = checked(label_map_decode_to(&room, palette, data, size, "input", &e), &e);

	image_free(&image);
	return status;
}

static int read_picture(const void *data, size_t size, struct image *image)
{
	const struct image_room room = {.get = small, .ctx = image};
	struct error e = {0};
	int status;

	*image = (struct image){0};
	status = checked(image_decode_to(&room, data, size, "input", &e), &e);
	if (status < 0)
		image_free(image);
	return status;
}

static void compare(const struct image *image, const void *data, size_t size)
{
	struct image again;

	if (read_picture(data, size, &again) < 0 || again.height != image->height ||
	    again.width != image->width ||
	    memcmp(again.pixel, image->pixel, (size_t)3 * image->height * image->width) != 0)
		abort();
	image_free(&again);
}

static void write_again(const struct image *image)
{
	struct error e = {0};
	struct text png = {0};
	char *ppm;
	size_t n;
	FILE *f = open_memstream(&ppm, &n);

	if (!f || png_encode(&png, image, &e) < 0 ||
	    pnm_write_rgb(f, image->pixel, image->height, image->width, "memory", &e) < 0 ||
	    fclose(f) != 0)
		abort();
	compare(image, png.bytes, png.length);
	compare(image, ppm, n);
	text_free(&png);
	free(ppm);
}

static void change(const struct image *image)
{
	struct square s = square_middle(image->height, image->width);
	struct image out;
	struct error e = {0};

	if (image_crop(image, s, &out, &e) < 0)
		abort();
	image_free(&out);
	if (image_resize(image, 5, 7, &out, &e) < 0)
		abort();
	image_free(&out);
}

/* Pictures that follow one another. */
static void read_stream(const void *data, size_t size)
{
	FILE *f = fmemopen((void *)data, size, "rb");
	struct image image;
	struct error e = {0};

	if (!f)
		abort();
	for (int i = 0; i < PICTURES; i++) {
		if (checked(pnm_read(f, &image, "input", &e), &e) != 1)
			break;
		image_free(&image);
	}
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image;

	read_labels(data, size, PALETTE_COLOR);
	read_labels(data, size, PALETTE_INDEX);
	image_has_palette(data, size);
	if (read_picture(data, size, &image) < 0)
		return 0;
	write_again(&image);
	change(&image);
	image_free(&image);
	if (pnm_is(data, size))
		read_stream(data, size);
	return 0;
}
