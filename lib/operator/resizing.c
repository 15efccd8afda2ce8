/* resizing.c -- see resizing.h. */
#include "operator/resizing.h"

#include <math.h>
#include <string.h>

static const char *const transforms[] = {
        [HALF_PIXEL] = "half_pixel",          [PYTORCH] = "pytorch_half_pixel",
        [SYMMETRIC] = "half_pixel_symmetric", [CORNERS] = "align_corners",
        [ASYMMETRIC] = "asymmetric",          [TF_HALF_PIXEL] = "tf_half_pixel_for_nn",
};

static const char *const roundings[] = {
        [PREFER_FLOOR] = "round_prefer_floor",
        [PREFER_CEIL] = "round_prefer_ceil",
        [FLOOR] = "floor",
        [CEIL] = "ceil",
};

static const char *const modes[] = {
        [NEAREST] = "nearest", [LINEAR] = "linear", [CUBIC] = "cubic"};

/* The number of an attribute's text in names; without it, of otherwise.  -1: unknown. */
static int choice(const struct graph *g, const struct node *n, const char *attribute,
                  const char *otherwise, const char *const *names, size_t n_names,
                  struct error *e)
{
	const char *text = node_text(n, attribute, otherwise);

	for (size_t i = 0; i < n_names; i++)
		if (strcmp(names[i], text) == 0)
			return (int)i;
	return node_fail(g, n, e, "%s %s is not supported", attribute, text);
}

#define CHOICE(attribute, otherwise, names)                                                    \
	choice(g, n, attribute, otherwise, names, sizeof(names) / sizeof *(names), e)

static int read_modes(const struct graph *g, const struct node *n, struct resizing *how,
                      struct error *e)
{
	const char *named = node_text(n, "mode", "nearest");
	int mode, transform, rounding;

	how->early = n->opset < 11 || strcmp(n->type, "Upsample") == 0;
	/* The mode's name in operator set 1. */
	if (strcmp(named, "bilinear") == 0)
		mode = LINEAR;
	else if ((mode = CHOICE("mode", "nearest", modes)) < 0)
		return -1;
	transform = CHOICE("coordinate_transformation_mode",
	                   how->early ? "asymmetric" : "half_pixel", transforms);
	rounding =
	        CHOICE("nearest_mode", how->early ? "floor" : "round_prefer_floor", roundings);
	if (transform < 0 || rounding < 0)
		return -1;
	how->mode = (enum mode)mode;
	how->transform = (enum transform)transform;
	how->rounding = (enum rounding)rounding;
	how->coefficient = node_number(n, "cubic_coeff_a", -0.75f);
	how->exclude = node_int(n, "exclude_outside", 0) != 0;
	if (how->exclude && how->mode != CUBIC)
		return node_fail(g, n, e, "exclude_outside without cubic interpolation");
	how->smooths = node_int(n, "antialias", 0) != 0 && how->mode != NEAREST;
	return 0;
}

/* Which axes scales and sizes speak of: all, if axes (operator set 18) names none. */
static int read_axes(const struct graph *g, const struct node *n, int rank, size_t *axes,
                     size_t *n_axes, struct error *e)
{
	int64_t named[RANK_MAX];
	bool seen[RANK_MAX] = {0};
	int count;

	if (node_ints(g, n, "axes", NO_TENSOR, named, RANK_MAX, &count, e) < 0)
		return -1;
	*n_axes = (size_t)(count > 0 ? count : rank);
	for (int i = 0; i < (int)*n_axes; i++) {
		if (node_axis(g, n, count > 0 ? named[i] : i, rank, false, &axes[i], e) < 0)
			return -1;
		if (seen[axes[i]])
			return node_fail(g, n, e, "axes names axis %zu twice", axes[i]);
		seen[axes[i]] = true;
	}
	return 0;
}

/* Scales: attributes (Upsample 1 and 7), input 1 (Upsample 9, Resize 10) or 2.  *count is 0
 * where there are none. */
static const float *find_scales(const struct graph *g, const struct node *n, float *old,
                                size_t *count)
{
	bool late = n->opset >= 11 && strcmp(n->type, "Resize") == 0;
	const struct attribute *a = node_attribute(n, "scales");
	const struct tensor *t = node_input(g, n, late ? 2 : 1);

	if (node_attribute(n, "height_scale") && node_attribute(n, "width_scale")) {
		old[0] = old[1] = 1;
		old[2] = node_number(n, "height_scale", 1);
		old[3] = node_number(n, "width_scale", 1);
		*count = 4;
		return old;
	}
	*count = a ? a->n_floats : t && t->data && t->kind == KIND_FLOAT ? t->count : 0;
	return a ? a->floats : t ? t->data : NULL;
}

/* Scales by sizes, all alike if the policy keeps the aspect ratio. */
static int take_sizes(const struct graph *g, const struct node *n, const struct shape *in,
                      const size_t *axes, size_t n_axes, const int64_t *sizes,
                      struct resizing *how, struct error *e)
{
	static const char *const policies[] = {"stretch", "not_larger", "not_smaller"};
	int policy = CHOICE("keep_aspect_ratio_policy", "stretch", policies);
	float common = 0;

	if (policy < 0)
		return -1;
	for (size_t i = 0; i < n_axes; i++) {
		size_t dim = in->dims[axes[i]];
		float scale = (float)sizes[i] / (float)dim;

		if (sizes[i] < 1 || sizes[i] > COUNT_LIMIT || dim == 0)
			return node_fail(g, n, e, "an axis of %zu would get size %lld", dim,
			                 (long long)sizes[i]);
		how->scale[axes[i]] = scale;
		how->out.dims[axes[i]] = (size_t)sizes[i];
		if (i == 0 || (policy == 1 ? scale < common : scale > common))
			common = scale;
	}
	for (size_t i = 0; policy > 0 && i < n_axes; i++) {
		float size = roundf(common * (float)in->dims[axes[i]]);

		if (!(size >= 1 && size <= COUNT_LIMIT))
			return node_fail(g, n, e, "an axis of %zu would get size %g",
			                 in->dims[axes[i]], (double)size);
		how->scale[axes[i]] = common;
		how->out.dims[axes[i]] = (size_t)size;
	}
	return 0;
}

static int take_scales(const struct graph *g, const struct node *n, const struct shape *in,
                       const size_t *axes, size_t n_axes, const float *scales,
                       struct resizing *how, struct error *e)
{
	for (size_t i = 0; i < n_axes; i++) {
		size_t dim = in->dims[axes[i]];
		float size = scales[i] * (float)dim;

		if (!(size >= 1 && size <= COUNT_LIMIT) || dim == 0)
			return node_fail(g, n, e, "an axis of %zu would get size %g", dim,
			                 (double)size);
		how->scale[axes[i]] = scales[i];
		how->out.dims[axes[i]] = (size_t)size;
	}
	return 0;
}

static int read_sizes(const struct graph *g, const struct node *n, const struct shape *in,
                      struct resizing *how, struct error *e)
{
	bool late = n->opset >= 11 && strcmp(n->type, "Resize") == 0;
	const struct tensor *sizes = late ? node_input(g, n, 3) : NULL;
	int64_t dims[RANK_MAX];
	float old[4];
	const float *scales;
	size_t axes[RANK_MAX], n_axes, count;
	int n_sizes;

	how->out = *in;
	for (int i = 0; i < in->rank; i++)
		how->scale[i] = 1;
	if (read_axes(g, n, in->rank, axes, &n_axes, e) < 0)
		return -1;
	if (sizes && sizes->count > 0) {
		if (node_ints(g, n, "", 3, dims, RANK_MAX, &n_sizes, e) < 0)
			return -1;
		if ((size_t)n_sizes != n_axes)
			return node_fail(g, n, e, "%d sizes for %zu axes", n_sizes, n_axes);
		return take_sizes(g, n, in, axes, n_axes, dims, how, e);
	}
	scales = find_scales(g, n, old, &count);
	if (!scales || count == 0)
		return node_fail(g, n, e, "its scales are not known when the model is read");
	if (count != n_axes)
		return node_fail(g, n, e, "%zu scales for %zu axes", count, n_axes);
	return take_scales(g, n, in, axes, n_axes, scales, how, e);
}

int resizing_read(const struct graph *g, const struct node *n, const struct shape *in,
                  struct resizing *how, struct error *e)
{
	return read_modes(g, n, how, e) < 0 ? -1 : read_sizes(g, n, in, how, e);
}
