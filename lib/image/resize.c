/* resize.c -- see resize.h. */
#include "image/resize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SHIFT = 22 }; /* of the fixed-point weights; 255 << 22 fits an int32 */

/* For each target position the source positions that make it up. */
struct taps {
	uint32_t count;   /* target positions */
	uint32_t most;    /* room for weights at each */
	uint32_t *first;  /* [count] first source position */
	uint32_t *number; /* [count] of them */
	double *exact;    /* [count][most] weights, whose sum is 1 */
	int32_t *weight;  /* [count][most] the same in 1 / (1 << SHIFT) */
};

static void taps_free(struct taps *t)
{
	free(t->first);
	free(t->number);
	free(t->exact);
	free(t->weight);
}

static double triangle(double x)
{
	x = fabs(x);
	return x < 1 ? 1 - x : 0;
}

/* taps_free() also after an error. */
static int taps_new(struct taps *t, uint32_t from, uint32_t to, struct error *e)
{
	double scale = (double)from / to, reach = scale > 1 ? scale : 1, inverse = 1 / reach;

	*t = (struct taps){.count = to, .most = (uint32_t)ceil(reach) * 2 + 1};
	t->first = memory_new(to, sizeof *t->first, e);
	t->number = memory_new(to, sizeof *t->number, e);
	t->weight = memory_new((size_t)to * t->most, sizeof *t->weight, e);
	t->exact = memory_new((size_t)to * t->most, sizeof *t->exact, e);
	if (!t->first || !t->number || !t->weight || !t->exact)
		return -1;
	for (uint32_t u = 0; u < to; u++) {
		double centre = (u + 0.5) * scale, sum = 0;
		double low = centre - reach + 0.5, high = centre + reach + 0.5;
		uint32_t first = low > 0 ? low : 0;
		uint32_t end = high < from ? high : from;
		double *exact = t->exact + (size_t)u * t->most;
		int32_t *weight = t->weight + (size_t)u * t->most;

		for (uint32_t i = first; i < end; i++) {
			exact[i - first] = triangle((i - centre + 0.5) * inverse);
			sum += exact[i - first];
		}
		t->first[u] = first;
		t->number[u] = end - first;
		for (uint32_t i = 0; i < end - first; i++) {
			exact[i] /= sum;
			weight[i] = (int32_t)(exact[i] * (1 << SHIFT) + 0.5);
		}
	}
	return 0;
}

static uint8_t rounded(int32_t sum)
{
	int32_t v = (sum + (1 << (SHIFT - 1))) >> SHIFT;

	return v > 255 ? 255 : v;
}

/* out [height][t->count][3] */
static void resize_rows(const struct image *in, const struct taps *t, struct image *out)
{
	for (uint32_t y = 0; y < in->height; y++) {
		const uint8_t *row = in->pixel + (size_t)y * in->width * 3;
		uint8_t *o = out->pixel + (size_t)y * t->count * 3;

		for (uint32_t u = 0; u < t->count; u++, o += 3) {
			const uint8_t *p = row + (size_t)t->first[u] * 3;
			const int32_t *w = t->weight + (size_t)u * t->most;
			int32_t sum[3] = {0};

			for (uint32_t i = 0; i < t->number[u]; i++, p += 3)
				for (int c = 0; c < 3; c++)
					sum[c] += p[c] * w[i];
			for (int c = 0; c < 3; c++)
				o[c] = rounded(sum[c]);
		}
	}
}

/* out [t->count][width][3]; sum [width * 3] */
static void resize_columns(const struct image *in, const struct taps *t, int32_t *sum,
                           struct image *out)
{
	size_t n = (size_t)in->width * 3;

	for (uint32_t u = 0; u < t->count; u++) {
		const uint8_t *row = in->pixel + t->first[u] * n;
		const int32_t *w = t->weight + (size_t)u * t->most;
		uint8_t *o = out->pixel + u * n;

		memset(sum, 0, n * sizeof *sum);
		for (uint32_t i = 0; i < t->number[u]; i++, row += n)
			for (size_t x = 0; x < n; x++)
				sum[x] += row[x] * w[i];
		for (size_t x = 0; x < n; x++)
			o[x] = rounded(sum[x]);
	}
}

int image_resize(const struct image *in, uint32_t height, uint32_t width, struct image *out,
                 struct error *e)
{
	struct taps across = {0}, down = {0};
	struct image half = {0};
	int32_t *sum = NULL;
	int status = -1;

	*out = (struct image){0};
	if (taps_new(&across, in->width, width, e) == 0 &&
	    taps_new(&down, in->height, height, e) == 0 &&
	    image_new(&half, in->height, width, "resize", e) == 0 &&
	    image_new(out, height, width, "resize", e) == 0 &&
	    (sum = memory_new(width, 3 * sizeof *sum, e))) {
		resize_rows(in, &across, &half);
		resize_columns(&half, &down, sum, out);
		status = 0;
	}
	if (status < 0)
		image_free(out);
	image_free(&half);
	taps_free(&across);
	taps_free(&down);
	free(sum);
	return status;
}

/* One plane, in [from->height][from->width] by way of half [height][width]. */
static void resize_plane(const float *in, const struct taps *across, const struct taps *down,
                         uint32_t height, uint32_t width, double *half, float *out)
{
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t u = 0; u < across->count; u++) {
			const double *w = across->exact + (size_t)u * across->most;
			const float *p = in + (size_t)y * width + across->first[u];
			double sum = 0;

			for (uint32_t i = 0; i < across->number[u]; i++)
				sum += w[i] * (double)p[i];
			half[(size_t)y * across->count + u] = sum;
		}
	for (uint32_t v = 0; v < down->count; v++)
		for (uint32_t u = 0; u < across->count; u++) {
			const double *w = down->exact + (size_t)v * down->most;
			const double *p = half + (size_t)down->first[v] * across->count + u;
			double sum = 0;

			for (uint32_t i = 0; i < down->number[v]; i++)
				sum += w[i] * p[(size_t)i * across->count];
			out[(size_t)v * across->count + u] = (float)sum;
		}
}

int planes_resize(const float *in, uint32_t channels, uint32_t height, uint32_t width,
                  uint32_t to_height, uint32_t to_width, float *out, struct error *e)
{
	struct taps across = {0}, down = {0};
	double *half = NULL;
	int status = -1;

	if (taps_new(&across, width, to_width, e) == 0 &&
	    taps_new(&down, height, to_height, e) == 0 &&
	    (half = memory_new(height, (size_t)to_width * sizeof *half, e))) {
		for (uint32_t c = 0; c < channels; c++)
			resize_plane(in + (size_t)c * height * width, &across, &down, height,
			             width, half, out + (size_t)c * to_height * to_width);
		status = 0;
	}
	taps_free(&across);
	taps_free(&down);
	free(half);
	return status;
}

struct square square_middle(uint32_t height, uint32_t width)
{
	uint32_t side = height < width ? height : width;

	return (struct square){(height - side) / 2, (width - side) / 2, side};
}

int image_crop(const struct image *in, struct square s, struct image *out, struct error *e)
{
	if (image_new(out, s.side, s.side, "crop", e) < 0)
		return -1;
	for (uint32_t y = 0; y < s.side; y++)
		memcpy(out->pixel + (size_t)y * s.side * 3,
		       in->pixel + ((size_t)(s.top + y) * in->width + s.left) * 3,
		       (size_t)s.side * 3);
	return 0;
}

uint32_t label_map_crop_size(uint32_t labels, uint32_t pixels, uint32_t side)
{
	uint32_t n = ((uint64_t)2 * labels * side + pixels) / ((uint64_t)2 * pixels);

	return n ? n : 1;
}

/* The label under the middle of target u of n, which together cover side of
 * pixels from start on: floor((start + (u + 0.5) * side / n) * labels / pixels). */
static uint32_t label_at(uint32_t u, uint32_t n, uint32_t start, uint32_t side, uint32_t pixels,
                         uint32_t labels)
{
	uint64_t twice = (uint64_t)2 * start * n + (uint64_t)(2 * u + 1) * side;

	return twice * labels / ((uint64_t)2 * n * pixels);
}

int label_map_crop(const struct label_map *in, uint32_t height, uint32_t width, struct square s,
                   struct label_map *out, struct error *e)
{
	uint32_t rows = label_map_crop_size(in->height, height, s.side);
	uint32_t columns = label_map_crop_size(in->width, width, s.side);

	if (label_map_new(out, rows, columns, "crop", e) < 0)
		return -1;
	for (uint32_t y = 0; y < rows; y++) {
		uint32_t v = label_at(y, rows, s.top, s.side, height, in->height);

		for (uint32_t x = 0; x < columns; x++) {
			uint32_t u = label_at(x, columns, s.left, s.side, width, in->width);

			out->label[(size_t)y * columns + x] =
			        in->label[(size_t)v * in->width + u];
		}
	}
	return 0;
}

/* u of n, as a place of in. */
static uint32_t nearest_of(uint32_t u, uint32_t n, uint32_t in)
{
	return (uint32_t)((2 * (uint64_t)u + 1) * in / (2 * (uint64_t)n));
}

int label_map_resize(const struct label_map *in, uint32_t height, uint32_t width,
                     struct label_map *out, struct error *e)
{
	if (label_map_new(out, height, width, "label map", e) < 0)
		return -1;
	for (uint32_t y = 0; y < height; y++) {
		const uint16_t *from =
		        in->label + (size_t)nearest_of(y, height, in->height) * in->width;
		uint16_t *to = out->label + (size_t)y * width;

		for (uint32_t x = 0; x < width; x++)
			to[x] = from[nearest_of(x, width, in->width)];
	}
	return 0;
}
