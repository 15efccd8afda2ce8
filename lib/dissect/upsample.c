/* upsample.c -- see upsample.h. */
#include "dissect/upsample.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* The first release's centre of cell 0 and distance of cells, in label pixels. */
struct integers {
	double centre, step;
};

static int check_receptive(const struct upsample_geometry *g, struct error *e)
{
	if (!g->input || !(g->stride > 0) || !isfinite(g->stride) || !isfinite(g->offset))
		return error_set(e, EXIT_MALFORMED,
		                 "receptive fields are not known, which --upsample resize and "
		                 "corners do without");
	return 0;
}

static int find_integers(struct integers *i, const struct upsample_geometry *g, struct error *e)
{
	const double reduction = round((double)g->input / g->pixels);
	/* offset is a field's exact middle; the release's is half a pixel further
	 * where the size is even. */
	const double centre = g->offset + (fmod(g->size, 2) == 0 ? 0.5 : 0);

	if (check_receptive(g, e) < 0)
		return -1;
	if (!(g->size > 0))
		return error_set(e, EXIT_MALFORMED, "sizes of receptive fields are not known");
	if (reduction < 1 || fmod(g->stride, reduction) != 0 || floor(centre) != centre)
		return error_set(
		        e, EXIT_MALFORMED,
		        "receptive fields of %g pixels, %g apart, are not whole pixels "
		        "of labels reduced by %g",
		        g->size, g->stride, reduction);
	i->centre = floor(centre / reduction);
	i->step = g->stride / reduction;
	return 0;
}

/* Where pixel u is, in cells. */
static double position(enum upsample_method method, const struct upsample_geometry *g,
                       const struct integers *i, double u)
{
	if (g->cells == 1)
		return 0;
	switch (method) {
	case UPSAMPLE_RF:
		return ((u + 0.5) * g->input / g->pixels - 0.5 - g->offset) / g->stride;
	case UPSAMPLE_RF_INT:
		return (u - i->centre) / i->step;
	case UPSAMPLE_RESIZE:
		return (u + 0.5) * g->cells / g->pixels - 0.5;
	case UPSAMPLE_CORNERS:
		return g->pixels > 1 ? u * (g->cells - 1.0) / (g->pixels - 1.0) : 0;
	}
	return 0;
}

int upsample_axis_init(struct upsample_axis *axis, enum upsample_method method,
                       const struct upsample_geometry *g, struct error *e)
{
	struct integers integers = {0, 1};

	*axis = (struct upsample_axis){.cells = g->cells, .pixels = g->pixels};
	if (g->cells > 1 && method == UPSAMPLE_RF && check_receptive(g, e) < 0)
		return -1;
	if (g->cells > 1 && method == UPSAMPLE_RF_INT && find_integers(&integers, g, e) < 0)
		return -1;
	axis->low = memory_new(g->pixels, sizeof(*axis->low), e);
	axis->high = memory_new(g->pixels, sizeof(*axis->high), e);
	axis->fraction = memory_new(g->pixels, sizeof(*axis->fraction), e);
	axis->begin = memory_new(g->cells, sizeof(*axis->begin), e);
	axis->end = memory_new(g->cells, sizeof(*axis->end), e);
	if (e->code)
		return -1;
	for (uint32_t u = 0; u < g->pixels; u++) {
		const double at = position(method, g, &integers, u);
		const double inside = fmin(fmax(at, 0), g->cells - 1.0);
		double cell = floor(inside);
		float fraction = (float)(inside - cell);

		if (fraction == 1) {
			cell += 1;
			fraction = 0;
		}
		axis->low[u] = (uint32_t)cell;
		axis->high[u] = axis->low[u] + (fraction > 0);
		axis->fraction[u] = fraction;
	}
	for (uint32_t c = 0, begin = 0, end = 0; c < g->cells; c++) {
		while (begin < g->pixels && axis->high[begin] < c)
			begin++;
		while (end < g->pixels && axis->low[end] <= c)
			end++;
		axis->begin[c] = begin;
		axis->end[c] = end;
	}
	return 0;
}

void upsample_axis_free(struct upsample_axis *axis)
{
	free(axis->low);
	free(axis->high);
	free(axis->fraction);
	free(axis->begin);
	free(axis->end);
	*axis = (struct upsample_axis){0};
}
