/* broadcast.c -- see broadcast.h. */
#include "operator/broadcast.h"

static void strides_of(const struct shape *s, const struct shape *out, size_t *strides)
{
	size_t step = 1;
	int k;

	for (int i = out->rank - 1; i >= 0; i--) {
		k = i - (out->rank - s->rank);
		strides[i] = k >= 0 && s->dims[k] != 1 ? step : 0;
		step *= k >= 0 ? s->dims[k] : 1;
	}
}

/* Does each operand go on from the plane's last axis to axis i of the output? */
static bool merges(const struct plane *p, size_t (*strides)[RANK_MAX], size_t n, int i,
                   size_t dim)
{
	bool same = p->rank > 0;

	for (size_t k = 0; k < n && same; k++)
		same = p->strides[k][p->rank - 1] == strides[k][i] * dim;
	return same;
}

struct plane plane_of(const struct shape *out, const struct shape *operands, size_t n)
{
	struct plane p = {0};
	size_t strides[OPERANDS][RANK_MAX];

	for (size_t k = 0; k < n; k++)
		strides_of(&operands[k], out, strides[k]);
	for (int i = 0; i < out->rank; i++) {
		if (out->dims[i] == 1)
			continue;
		if (merges(&p, strides, n, i, out->dims[i]))
			p.dims[p.rank - 1] *= out->dims[i];
		else
			p.dims[p.rank++] = out->dims[i];
		for (size_t k = 0; k < n; k++)
			p.strides[k][p.rank - 1] = strides[k][i];
	}
	if (p.rank == 0) {
		p.dims[0] = 1;
		p.rank = 1;
	}
	return p;
}

size_t plane_lines(const struct plane *p)
{
	size_t lines = 1;

	for (int axis = 0; axis < p->rank - 1; axis++)
		lines *= p->dims[axis];
	return lines;
}

void plane_line(const struct plane *p, size_t line, size_t *at, size_t n)
{
	for (size_t k = 0; k < n; k++)
		at[k] = 0;
	for (int axis = p->rank - 2; axis >= 0; axis--) {
		for (size_t k = 0; k < n; k++)
			at[k] += line % p->dims[axis] * p->strides[k][axis];
		line /= p->dims[axis];
	}
}
