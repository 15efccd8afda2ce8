/* caffe_shapes.c -- layers that move values or give them another shape. */
#include <string.h>

#include "model/caffe_build.h"

/* ---- shapes ---- */

int caffe_build_concat(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "concat_param", e);
	int64_t axis = prototxt_int(c->text, m, "concat_dim", 1, e);
	struct attribute a[] = {INT("axis", prototxt_int(c->text, m, "axis", axis, e))};

	return e->code == EXIT_OK ? caffe_node_of_bottoms(c, l, "Concat", a, 1, e) : -1;
}

int caffe_build_slice(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "slice_param", e);
	int64_t axis = prototxt_int(c->text, m, "slice_dim", 1, e), dim, last = 0;
	int64_t *parts = graph_alloc(c->g, l->n_tops, sizeof *parts, e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	size_t points;
	int at;

	axis = prototxt_int(c->text, m, "axis", axis, e);
	points = prototxt_ints(c->text, m, "slice_point", parts, parts ? l->n_tops : 0, e);
	if (e->code != EXIT_OK)
		return -1;
	at = caffe_axis(axis, x.rank, false);
	if (at < 0 || (points != 0 && points != l->n_tops - 1))
		return caffe_refuse(c, l, e, "axis %lld, %zu slice points for %zu tops",
		                    (long long)axis, points, l->n_tops);
	/* Points become sizes; the last part ends with the bottom. */
	dim = (int64_t)x.dims[at];
	if (points)
		parts[points] = dim;
	for (size_t i = 0; points && i <= points; i++) {
		int64_t point = parts[i];

		if (point <= last || point > dim)
			return caffe_refuse(c, l, e, "slice point %lld of %lld",
			                    (long long)point, (long long)dim);
		parts[i] = point - last;
		last = point;
	}

	struct attribute a[] = {INT("axis", at),
	                        {.name = "split", .ints = parts, .n_ints = l->n_tops}};

	return caffe_node_of_bottoms(c, l, "Split", a, points ? 2 : 1, e);
}

/* Axes from axis to end_axis become one. */
int caffe_build_flatten(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "flatten_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	int64_t first = prototxt_int(c->text, m, "axis", 1, e),
	        last = prototxt_int(c->text, m, "end_axis", -1, e), dims[RANK_MAX];
	int from = caffe_axis(first, x.rank, false), to = caffe_axis(last, x.rank, false);
	size_t n = 0;

	if (e->code != EXIT_OK)
		return -1;
	if (from < 0 || to < from)
		return caffe_refuse(c, l, e, "axes %lld to %lld of %d", (long long)first,
		                    (long long)last, x.rank);
	for (int i = 0; i < from; i++)
		dims[n++] = (int64_t)x.dims[i];
	dims[n++] = (int64_t)shape_product(&x, from, to + 1);
	for (int i = to + 1; i < x.rank; i++)
		dims[n++] = (int64_t)x.dims[i];
	return caffe_reshape(c, l, l->bottoms[0], dims, n, l->tops[0], e);
}

/* Axes [axis, axis + num_axes) are replaced: 0 copies one of them, -1 is what is left. */
int caffe_build_reshape(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "reshape_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	int64_t axis = prototxt_int(c->text, m, "axis", 0, e),
	        axes = prototxt_int(c->text, m, "num_axes", -1, e), given[RANK_MAX],
	        dims[2 * RANK_MAX];
	const struct prototxt_field *shape = prototxt_message(c->text, m, "shape", e);
	size_t n_given = prototxt_ints(c->text, shape, "dim", given, RANK_MAX, e), n = 0;
	int from = caffe_axis(axis, x.rank, true), to;

	if (e->code != EXIT_OK)
		return -1;
	if (from < 0 || axes < -1 || axes > x.rank - from || n_given > RANK_MAX)
		return caffe_refuse(c, l, e, "axis %lld, num_axes %lld of %d", (long long)axis,
		                    (long long)axes, x.rank);
	to = axes < 0 ? x.rank : from + (int)axes;
	for (int i = 0; i < from; i++)
		dims[n++] = (int64_t)x.dims[i];
	for (size_t k = 0; k < n_given; k++) {
		if (given[k] == 0 && from + (int)k >= x.rank)
			return caffe_refuse(c, l, e, "dim 0 has no axis to copy");
		dims[n++] = given[k] == 0 ? (int64_t)x.dims[from + (int)k] : given[k];
	}
	for (int i = to; i < x.rank; i++)
		dims[n++] = (int64_t)x.dims[i];
	return caffe_reshape(c, l, l->bottoms[0], dims, n, l->tops[0], e);
}

/* The part of bottom 0 that is as large as bottom 1, from axis on. */
int caffe_build_crop(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "crop_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0), like = caffe_bottom_shape(c, l, 1);
	int64_t axis = prototxt_int(c->text, m, "axis", 2, e), offsets[RANK_MAX],
	        starts[RANK_MAX], ends[RANK_MAX], axes[RANK_MAX];
	size_t given = prototxt_ints(c->text, m, "offset", offsets, RANK_MAX, e), n = 0;
	int from = caffe_axis(axis, x.rank, false);

	if (e->code != EXIT_OK)
		return -1;
	if (from < 0 || like.rank != x.rank || (given > 1 && given != (size_t)(x.rank - from)))
		return caffe_refuse(c, l, e, "axis %lld, %zu offsets for %d axes",
		                    (long long)axis, given, x.rank);
	for (int i = from; i < x.rank; i++, n++) {
		axes[n] = i;
		starts[n] = given == 0 ? 0 : given == 1 ? offsets[0] : offsets[n];
		if (starts[n] < 0 || starts[n] > (int64_t)x.dims[i] ||
		    like.dims[i] > x.dims[i] - (size_t)starts[n])
			return caffe_refuse(c, l, e, "offset %lld and size %zu of %zu",
			                    (long long)starts[n], like.dims[i], x.dims[i]);
		ends[n] = starts[n] + (int64_t)like.dims[i];
	}

	struct attribute a[] = {{.name = "starts", .ints = starts, .n_ints = n},
	                        {.name = "ends", .ints = ends, .n_ints = n},
	                        {.name = "axes", .ints = axes, .n_ints = n}};
	return caffe_node_from(c, l, "Slice", l->bottoms, 1, a, COUNT(a), e);
}

/* Dropout outside training, and Split: the bottom again, for every top. */
int caffe_build_copies(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	for (size_t i = 0; i < l->n_tops; i++)
		if (caffe_unary(c, l, "Identity", l->bottoms[0], l->tops[i], e) < 0)
			return -1;
	return 0;
}

/* Axes in another order; those that are not named follow as they are. */
int caffe_build_permute(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "permute_param", e);
	int rank = caffe_bottom_shape(c, l, 0).rank;
	int64_t order[RANK_MAX];
	size_t n = prototxt_ints(c->text, m, "order", order, RANK_MAX, e);

	if (e->code != EXIT_OK)
		return -1;
	if (n > (size_t)rank)
		return caffe_refuse(c, l, e, "an order of %zu for %d axes", n, rank);
	for (int axis = 0; axis < rank && n < (size_t)rank; axis++) {
		size_t k = 0;

		while (k < n && order[k] != axis)
			k++;
		if (k == n)
			order[n++] = axis;
	}

	struct attribute a[] = {{.name = "perm", .ints = order, .n_ints = n}};
	return caffe_node_of_bottoms(c, l, "Transpose", a, 1, e);
}

/* Channels of groups, one group after the other, become those that take turns. */
int caffe_build_shuffle(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "shuffle_channel_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	int64_t group = prototxt_int(c->text, m, "group", 1, e);
	static const int64_t order[] = {0, 2, 1, 3, 4};
	struct attribute a[] = {{.name = "perm", .ints = order, .n_ints = COUNT(order)}};
	size_t apart, turned;

	if (e->code != EXIT_OK)
		return -1;
	if (x.rank != 4 || group < 1 || x.dims[1] % (size_t)group != 0)
		return caffe_refuse(c, l, e, "%lld groups of a bottom with %d axes",
		                    (long long)group, x.rank);
	apart = caffe_tensor(c->g, e, "%s/groups", l->name);
	turned = caffe_tensor(c->g, e, "%s/turns", l->name);
	if (apart == NO_TENSOR || turned == NO_TENSOR)
		return -1;

	const int64_t dims[] = {(int64_t)x.dims[0], (int64_t)x.dims[1], (int64_t)x.dims[2],
	                        (int64_t)x.dims[3]};
	const int64_t groups[] = {dims[0], group, dims[1] / group, dims[2], dims[3]};
	const struct node turn = {.type = "Transpose",
	                          .inputs = &apart,
	                          .n_inputs = 1,
	                          .outputs = &turned,
	                          .n_outputs = 1,
	                          .attributes = a,
	                          .n_attributes = COUNT(a)};

	if (caffe_reshape(c, l, l->bottoms[0], groups, COUNT(groups), apart, e) < 0 ||
	    caffe_node(c, l, &turn, e) < 0)
		return -1;
	return caffe_reshape(c, l, turned, dims, COUNT(dims), l->tops[0], e);
}

/* ---- maps of another size ---- */

/* To a map of height x width. */
static int resize(struct caffe *c, struct caffe_layer *l, const char *mode,
                  const char *transform, int64_t height, int64_t width, struct error *e)
{
	const struct shape x = caffe_bottom_shape(c, l, 0);
	const int64_t dims[] = {(int64_t)x.dims[0], (int64_t)x.dims[1], height, width};
	struct attribute a[] = {{.name = "mode", .s = mode},
	                        {.name = "coordinate_transformation_mode", .s = transform},
	                        {.name = "nearest_mode", .s = "floor"}};
	size_t in[] = {l->bottoms[0], NO_TENSOR, NO_TENSOR, NO_TENSOR};

	in[3] = caffe_integers(c, l, dims, COUNT(dims), e);
	if (in[3] == NO_TENSOR)
		return -1;
	return caffe_node_from(c, l, "Resize", in, COUNT(in), a, COUNT(a), e);
}

/* DeepLab's: bilinear, corner to corner, after shrinking, then zooming, or to a size. */
int caffe_build_interp(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "interp_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	int64_t size[] = {prototxt_int(c->text, m, "height", 0, e),
	                  prototxt_int(c->text, m, "width", 0, e)};
	int64_t zoom = prototxt_int(c->text, m, "zoom_factor", 1, e),
	        shrink = prototxt_int(c->text, m, "shrink_factor", 1, e);
	int64_t pads[] = {prototxt_int(c->text, m, "pad_beg", 0, e),
	                  prototxt_int(c->text, m, "pad_end", 0, e)};

	if (e->code != EXIT_OK)
		return -1;
	if (pads[0] != 0 || pads[1] != 0)
		return caffe_refuse(c, l, e, "pad_beg and pad_end are not supported");
	if (x.rank != 4 || zoom < 1 || zoom > COUNT_LIMIT || shrink < 1 ||
	    (size[0] > 0) != (size[1] > 0) || x.dims[2] == 0 || x.dims[3] == 0)
		return caffe_refuse(c, l, e, "zoom_factor %lld, shrink_factor %lld, %lldx%lld",
		                    (long long)zoom, (long long)shrink, (long long)size[0],
		                    (long long)size[1]);
	for (int i = 0, given = size[0] > 0; i < 2 && !given; i++) {
		int64_t small = ((int64_t)x.dims[2 + i] - 1) / shrink + 1;

		size[i] = small + (small - 1) * (zoom - 1);
	}
	return resize(c, l, "linear", "align_corners", size[0], size[1], e);
}

/* That of YOLO: each cell becomes scale x scale. */
int caffe_build_upsample(struct caffe *c, struct caffe_layer *l, struct error *e)
{
	const struct prototxt_field *m = caffe_params(c, l, "upsample_param", e);
	const struct shape x = caffe_bottom_shape(c, l, 0);
	int64_t scale = prototxt_int(c->text, m, "scale", 1, e);

	if (e->code != EXIT_OK)
		return -1;
	if (l->n_bottoms > 1)
		return caffe_refuse(c, l, e,
		                    "putting values back where maxima were is not supported");
	if (x.rank != 4 || scale < 1 || scale > COUNT_LIMIT)
		return caffe_refuse(c, l, e, "scale %lld of a bottom with %d axes",
		                    (long long)scale, x.rank);
	return resize(c, l, "nearest", "asymmetric", (int64_t)x.dims[2] * scale,
	              (int64_t)x.dims[3] * scale, e);
}
