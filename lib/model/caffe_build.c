/* caffe_build.c -- see caffe_build.h. */
#include "model/caffe_build.h"

struct shape caffe_bottom_shape(const struct caffe *c, const struct caffe_layer *l, size_t i)
{
	return c->g->tensors[l->bottoms[i]].shape;
}

const struct prototxt_field *caffe_params(const struct caffe *c, const struct caffe_layer *l,
                                          const char *name, struct error *e)
{
	return prototxt_message(c->text, l->field, name, e);
}

int caffe_axis(int64_t axis, int rank, bool end)
{
	int64_t top = rank + (end ? 1 : 0);

	if (axis < -top || axis >= top)
		return -1;
	return (int)(axis < 0 ? axis + top : axis);
}

bool caffe_shape(const int64_t *dims, int rank, struct shape *s)
{
	size_t count;

	s->rank = rank;
	for (int i = 0; i < rank; i++) {
		if (dims[i] < 1)
			return false;
		s->dims[i] = (size_t)dims[i];
	}
	return shape_count(s, &count);
}
