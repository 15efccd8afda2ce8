/* blocked_shape.c -- see blocked_shape.h. */
#include "operator/blocked_shape.h"

bool shape_is_blockable(const struct shape *s)
{
	return s->rank >= 3;
}

struct shape shape_blocked(const struct shape *s)
{
	struct shape b = {.rank = 4, .dims = {s->dims[0], blocks_of(s->dims[1]), 1, BLOCK}};

	for (int i = 2; i < s->rank; i++)
		b.dims[2] *= s->dims[i];
	return b;
}

struct blocked_size shape_blocked_size(const struct shape *s)
{
	return (struct blocked_size){s->dims[0], s->dims[1], shape_blocked(s).dims[2]};
}
