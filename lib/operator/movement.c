/* movement.c -- see movement.h. */
#include "operator/movement.h"

#include <string.h>

#include "operator/operators.h"

int move_start(struct graph *g, struct move *m, enum kind kind, const struct shape *shape,
               struct error *e)
{
	int i;

	memset(m, 0, sizeof *m);
	m->kind = kind;
	m->shape = *shape;
	for (i = 0; i < shape->rank; i++) {
		m->axes[i].table = graph_alloc(g, shape->dims[i], sizeof(size_t), e);
		m->axes[i].from = -1;
		if (!m->axes[i].table)
			return -1;
	}
	return 0;
}

void move_along(struct move *m, int axis, int from, size_t stride)
{
	struct move_axis *a = &m->axes[axis];
	size_t i;

	a->from = from;
	a->start = 0;
	a->step = 1;
	for (i = 0; i < m->shape.dims[axis]; i++)
		a->table[i] = i * stride;
}

void move_finish(struct move *m, const struct shape *in)
{
	size_t i;

	m->block = 1;
	m->outer = m->shape.rank;
	while (m->outer > 0) {
		int axis = m->outer - 1;
		const struct move_axis *a = &m->axes[axis];

		for (i = 0; i < m->shape.dims[axis] && a->table[i] == i * m->block; i++)
			;
		if (i < m->shape.dims[axis] || a->from < 0 ||
		    in->dims[a->from] != m->shape.dims[axis])
			break;
		m->block *= m->shape.dims[axis];
		m->outer--;
	}
}

/* One run along the innermost axis that is not part of the block. */
static void move_line(const struct move *m, const char *in, size_t at,
                      const struct move_axis *a, size_t n, char *out)
{
	size_t i, k, width = kind_size(m->kind), bytes = m->block * width;

	for (i = 0; i < n; i++, out += bytes) {
		if (at != NOWHERE && a->table[i] != NOWHERE) {
			memcpy(out, in + (at + a->table[i]) * width, bytes);
			continue;
		}
		for (k = 0; k < m->block; k++)
			if (m->kind == KIND_FLOAT)
				((float *)out)[k] = m->fill_float;
			else
				((int64_t *)out)[k] = m->fill_int;
	}
}

/* The same for single floats, which memcpy would copy slowly. */
static void move_floats(const float *in, const size_t *table, size_t n, float fill, float *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = table[i] == NOWHERE ? fill : in[table[i]];
}

void move_apply(const struct move *m, const void *in, void *out)
{
	size_t width = kind_size(m->kind), lines, n, o, rest, at;
	const struct move_axis *last;
	char *y = out;
	int axis;

	if (m->outer == 0) {
		memcpy(out, in, m->block * width);
		return;
	}
	last = &m->axes[m->outer - 1];
	n = m->shape.dims[m->outer - 1];
	lines = shape_product(&m->shape, 0, m->outer - 1);
	for (o = 0; o < lines; o++, y += n * m->block * width) {
		at = 0;
		rest = o;
		for (axis = m->outer - 2; axis >= 0; axis--) {
			size_t entry = m->axes[axis].table[rest % m->shape.dims[axis]];

			at = entry == NOWHERE || at == NOWHERE ? NOWHERE : at + entry;
			rest /= m->shape.dims[axis];
		}
		if (m->block == 1 && m->kind == KIND_FLOAT && at != NOWHERE)
			move_floats((const float *)in + at, last->table, n, m->fill_float,
			            (float *)y);
		else
			move_line(m, in, at, last, n, y);
	}
}

int move_run(const struct run *r, struct error *e)
{
	(void)e;
	move_apply(r->node->params, r->in[0], r->out[0]);
	return 0;
}

bool move_keeps_order(const struct node *n)
{
	const struct move *m = n->params;

	return m->outer == 0;
}

int move_output(struct graph *g, struct node *n, size_t output, struct move *m, struct error *e)
{
	move_finish(m, &node_input(g, n, 0)->shape);
	return node_set(g, n, output, m->kind, &m->shape, e);
}

size_t move_stride(const struct shape *s, int axis)
{
	return shape_product(s, axis + 1, s->rank);
}

/* The axis of a move that runs along an axis of its input, or -1. */
static int along(const struct move *m, int from)
{
	int to = -1;

	for (int axis = 0; axis < m->shape.rank; axis++)
		if (m->axes[axis].from == from)
			to = axis;
	return to;
}

/* The output's axis that an axis of the move is: a Gather can put more than one, or none, in
 * place of the one it reads. */
static int output_axis(const struct graph *g, const struct node *n, const struct move *m,
                       int axis)
{
	int more = node_output(g, n, 0)->shape.rank - m->shape.rank, gone = 0;

	if (more == 0 || strcmp(n->type, "Gather") != 0)
		return axis;
	while (m->axes[gone].from >= 0)
		gone++;
	return axis > gone ? axis + more : axis;
}

/* Tokens of which some may go, from either end.  Those without a place see the whole image. */
static void move_tokens(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct move *m = n->params;
	const struct shape *x = &node_input(g, n, 0)->shape;
	int from = out->axis[0], axis = along(m, from);
	size_t step = from < m->shape.rank ? move_stride(x, from) : 0;
	size_t cells = out->grid[0] * out->grid[1], last = 0;
	ptrdiff_t first;

	if (axis < 0) {
		/* A Gather, or tokens that are repeated. */
		for (size_t i = 0; step > 0 && i < m->shape.dims[from]; i++) {
			size_t at = m->axes[from].table[i] / step;

			last = at > last ? at : last;
		}
		if (strcmp(n->type, "Gather") == 0 && step > 0 && last < out->skip)
			geometry_whole_image(g, n, out);
		else
			geometry_lose(out, "tokens are picked or repeated");
		return;
	}
	first = (ptrdiff_t)out->skip - (ptrdiff_t)m->axes[axis].start;
	if (m->axes[axis].step == 1 && first >= (ptrdiff_t)m->shape.dims[axis]) {
		geometry_whole_image(g, n, out);
	} else if (m->axes[axis].step != 1 || first < 0 ||
	           (size_t)first + cells > m->shape.dims[axis]) {
		geometry_lose(out, "only some tokens are left");
	} else {
		out->skip = (size_t)first;
		out->axis[0] = out->axis[1] = output_axis(g, n, m, axis);
	}
}

/* An axis of the map goes on as the output's axis that runs along it. */
void geometry_move(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct move *m = n->params;
	int i, axis, to;

	if (out->kind == GEOMETRY_TOKENS)
		move_tokens(g, n, out);
	if (out->kind != GEOMETRY_MAP)
		return;
	for (i = 0; i < 2; i++) {
		struct receptive_field *f = &out->field[i];

		axis = along(m, out->axis[i]);
		to = output_axis(g, n, m, axis);
		if (axis < 0) {
			geometry_lose(out, "rows or columns are picked or repeated");
			return;
		}
		f->offset += f->stride * m->axes[axis].start;
		f->size += f->stride * m->axes[axis].reach;
		f->stride *= m->axes[axis].step;
		out->axis[i] = to;
	}
}
