/* input.c -- see input.h. */
#include "forward/input.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "image/resize.h"

size_t forward_input_values(const struct forward_input *f)
{
	return f->depth * f->height * f->width;
}

const struct ndr_record *forward_input_image(const struct ndr_item *item)
{
	const struct ndr_record *planes = ndr_item_find(item, NDR_PLANES, NDR_ANY_GROUP);

	return planes ? planes : ndr_item_find(item, NDR_IMAGE, NDR_ANY_GROUP);
}

void forward_image_size(const struct ndr_record *image, size_t *height, size_t *width)
{
	const uint32_t *d = image->dims + (image->type == NDR_PLANES);

	*height = d[0];
	*width = d[1];
}

static int refuse_size(const struct forward_input *f, size_t height, size_t width,
                       struct error *e)
{
	char advice[64] = "";

	if (f->height == f->width)
		snprintf(advice, sizeof advice, " (broden-cat --size %zu)", f->height);
	return error_set(e, EXIT_MALFORMED, "image of %zux%zu, the network takes %zux%zu%s",
	                 height, width, f->height, f->width, advice);
}

static int fill_colours(const struct forward_input *f, const struct ndr_record *r,
                        float *values, struct error *e)
{
	const struct image whole = {r->dims[0], r->dims[1], (uint8_t *)r->data};
	const size_t area = f->height * f->width;
	struct image scaled;
	int status;

	if (whole.height == f->height && whole.width == f->width)
		return preprocess_image(&f->preprocess, r->data, area, values, e);
	if (!f->resize)
		return refuse_size(f, whole.height, whole.width, e);
	if (image_resize(&whole, (uint32_t)f->height, (uint32_t)f->width, &scaled, e) < 0)
		return -1;
	status = preprocess_image(&f->preprocess, scaled.pixel, area, values, e);
	image_free(&scaled);
	return status;
}

static int fill_planes(const struct forward_input *f, const struct ndr_record *r, float *values,
                       struct error *e)
{
	const uint32_t channels = r->dims[0], height = r->dims[1], width = r->dims[2];
	const size_t area = f->height * f->width;
	float *scaled;
	int status = -1;

	if (height == f->height && width == f->width)
		return preprocess_planes(&f->preprocess, r->data, channels, area, values, e);
	if (!f->resize)
		return refuse_size(f, height, width, e);
	scaled = memory_new(channels, area * sizeof *scaled, e);
	if (!scaled)
		return -1;
	if (planes_resize(r->data, channels, height, width, (uint32_t)f->height,
	                  (uint32_t)f->width, scaled, e) == 0)
		status = preprocess_planes(&f->preprocess, scaled, channels, area, values, e);
	free(scaled);
	return status;
}

/* Whether values are integers that the network takes. */
static int check_integers(const struct forward_input *f, const float *values, struct error *e)
{
	for (size_t i = 0; i < forward_input_values(f); i++)
		if (values[i] != truncf(values[i]) || values[i] < f->least ||
		    values[i] > f->most)
			return error_set(
			        e, EXIT_MALFORMED,
			        "a value of %g, the network takes %s (%g to %g) as "
			        "they are, without --preset, --scale, --mean and --std",
			        (double)values[i], f->integers, (double)f->least,
			        (double)f->most);
	return 0;
}

int forward_input_fill(const struct forward_input *f, const struct ndr_item *item,
                       float *values, struct error *e)
{
	const struct ndr_record *r = forward_input_image(item);

	if (!r)
		return error_set(e, EXIT_MALFORMED, "no image in the stream");
	if ((r->type == NDR_PLANES ? fill_planes(f, r, values, e)
	                           : fill_colours(f, r, values, e)) < 0)
		return -1;
	return f->integers ? check_integers(f, values, e) : 0;
}
