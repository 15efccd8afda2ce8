/* movement.c -- see movement.h. */
#include "operator/movement.h"

#include <string.h>

#include "base/memory.h"
#include "operator/blocked_shape.h"
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

/* ---- Transpose ---- */

int transpose_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	int64_t order[RANK_MAX];
	bool seen[RANK_MAX] = {0};
	const struct tensor *x;
	struct shape out;
	size_t from;
	int i, count;

	if (!m || node_arity(g, n, 1, 1, e) < 0 ||
	    node_ints(g, n, "perm", NO_TENSOR, order, RANK_MAX, &count, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	out = x->shape;
	if (count >= 0 && count != out.rank)
		return node_fail(g, n, e, "perm has %d numbers for %d axes", count, out.rank);
	for (i = 0; i < out.rank; i++) {
		if (count < 0)
			order[i] = out.rank - 1 - i;
		if (node_axis(g, n, order[i], out.rank, false, &from, e) < 0)
			return -1;
		if (seen[from])
			return node_fail(g, n, e, "perm names axis %zu twice", from);
		seen[from] = true;
		order[i] = (int64_t)from;
		out.dims[i] = x->shape.dims[from];
	}
	if (move_start(g, m, x->kind, &out, e) < 0)
		return -1;
	for (i = 0; i < out.rank; i++)
		move_along(m, i, (int)order[i], move_stride(&x->shape, (int)order[i]));
	n->params = m;
	return move_output(g, n, 0, m, e);
}

/* Axes after the batch go round by one, one way or the other. */
enum turn transpose_turns(const struct graph *g, const struct node *n)
{
	const struct move *m = n->params;
	int rank = m->shape.rank, last = 0, first = 0;

	for (int i = 1; i < rank; i++) {
		last += m->axes[i].from == (i == rank - 1 ? 1 : i + 1);
		first += m->axes[i].from == (i == 1 ? rank - 1 : i - 1);
	}
	if (rank < 3 || m->kind != KIND_FLOAT || m->axes[0].from != 0 || move_keeps_order(n) ||
	    node_input(g, n, 0)->count == 0)
		return TURN_NONE;
	return last == rank - 1 ? TURN_TO_LAST : first == rank - 1 ? TURN_FROM_LAST : TURN_NONE;
}

int transpose_run(const struct run *r, struct error *e)
{
	if (!r->blocked)
		return move_run(r, e);
	if (transpose_turns(r->g, r->node) == TURN_TO_LAST)
		blocked_to_last(shape_blocked_size(&node_input(r->g, r->node, 0)->shape),
		                r->in[0], r->out[0]);
	else
		blocked_from_last(shape_blocked_size(&node_output(r->g, r->node, 0)->shape),
		                  r->in[0], r->out[0]);
	return 0;
}

/* ---- Slice ---- */

struct range {
	int64_t start, end, step;
};

/* Bounds as NumPy clamps them; *count is how many positions there are. */
static void clamp_range(struct range *r, int64_t dim, size_t *count)
{
	int64_t least = r->step > 0 ? 0 : -1, most = r->step > 0 ? dim : dim - 1;

	r->start = r->start < -dim ? least : r->start < 0 ? r->start + dim : r->start;
	r->end = r->end < -dim ? least : r->end < 0 ? r->end + dim : r->end;
	r->start = r->start < least ? least : r->start > most ? most : r->start;
	r->end = r->end < least ? least : r->end > most ? most : r->end;
	if (r->step > 0)
		*count =
		        r->end > r->start ? (size_t)((r->end - r->start - 1) / r->step) + 1 : 0;
	else
		*count = r->start > r->end ? (size_t)((r->start - r->end - 1) / -r->step) + 1
		                           : 0;
}

/* Starts, ends, axes and steps: attributes up to operator set 9, then inputs. */
static int read_ranges(const struct graph *g, const struct node *n, const struct shape *s,
                       struct range *ranges, struct error *e)
{
	int64_t starts[RANK_MAX], ends[RANK_MAX], axes[RANK_MAX], steps[RANK_MAX];
	int count, n_ends, n_axes, n_steps, i;
	bool seen[RANK_MAX] = {0};
	size_t axis;

	if (node_ints(g, n, "starts", 1, starts, RANK_MAX, &count, e) < 0 ||
	    node_ints(g, n, "ends", 2, ends, RANK_MAX, &n_ends, e) < 0 ||
	    node_ints(g, n, "axes", 3, axes, RANK_MAX, &n_axes, e) < 0 ||
	    node_ints(g, n, "steps", 4, steps, RANK_MAX, &n_steps, e) < 0)
		return -1;
	if (count < 0 || n_ends != count || (n_axes >= 0 && n_axes != count) ||
	    (n_steps >= 0 && n_steps != count))
		return node_fail(g, n, e, "starts, ends, axes and steps don't go together");
	for (i = 0; i < s->rank; i++)
		ranges[i] = (struct range){0, (int64_t)s->dims[i], 1};
	for (i = 0; i < count; i++) {
		if (node_axis(g, n, n_axes >= 0 ? axes[i] : i, s->rank, false, &axis, e) < 0)
			return -1;
		if (seen[axis])
			return node_fail(g, n, e, "axis %zu is named twice", axis);
		seen[axis] = true;
		ranges[axis] = (struct range){starts[i], ends[i], n_steps >= 0 ? steps[i] : 1};
		if (ranges[axis].step == 0 || ranges[axis].step == INT64_MIN)
			return node_fail(g, n, e, "step %lld", (long long)ranges[axis].step);
	}
	return 0;
}

int slice_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	struct range ranges[RANK_MAX];
	const struct tensor *x;
	struct shape out;
	size_t k;
	int i;

	if (!m || node_arity(g, n, 1, 5, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	out = x->shape;
	if (read_ranges(g, n, &out, ranges, e) < 0)
		return -1;
	for (i = 0; i < out.rank; i++)
		clamp_range(&ranges[i], (int64_t)x->shape.dims[i], &out.dims[i]);
	if (move_start(g, m, x->kind, &out, e) < 0)
		return -1;
	for (i = 0; i < out.rank; i++) {
		move_along(m, i, i, 0);
		m->axes[i].start = (double)ranges[i].start;
		m->axes[i].step = (double)ranges[i].step;
		for (k = 0; k < out.dims[i]; k++)
			m->axes[i].table[k] =
			        (size_t)(ranges[i].start + (int64_t)k * ranges[i].step) *
			        move_stride(&x->shape, i);
	}
	n->params = m;
	return move_output(g, n, 0, m, e);
}

/* ---- Pad ---- */

/* Where position i of a padded axis comes from in [0, dim). */
static size_t pad_source(int64_t i, int64_t dim, const char *mode)
{
	if (i >= 0 && i < dim)
		return (size_t)i;
	if (mode[0] == 'c')
		return NOWHERE;
	if (mode[0] == 'e')
		return i < 0 ? 0 : (size_t)dim - 1;
	if (mode[0] == 'w')
		return (size_t)((i % dim + dim) % dim);
	return (size_t)(i < 0 ? -i : 2 * (dim - 1) - i);
}

static int pad_axis(const struct graph *g, const struct node *n, const char *mode, int64_t dim,
                    int64_t begin, int64_t end, size_t *out, struct error *e)
{
	if (begin < -dim || end < -dim || begin > COUNT_LIMIT || end > COUNT_LIMIT ||
	    dim + begin + end < 0)
		return node_fail(g, n, e, "padding %lld and %lld of an axis of %lld",
		                 (long long)begin, (long long)end, (long long)dim);
	if ((mode[0] == 'r' && (begin >= dim || end >= dim)) ||
	    (strchr("ew", mode[0]) && dim == 0))
		if (begin > 0 || end > 0)
			return node_fail(g, n, e, "%s padding is wider than the map", mode);
	*out = (size_t)(dim + begin + end);
	return 0;
}

static int pad_value(const struct graph *g, const struct node *n, struct move *m,
                     struct error *e)
{
	const struct tensor *v = node_input(g, n, 2);

	m->fill_float = node_number(n, "value", 0);
	if (!v)
		return 0;
	if (!v->data || v->count != 1 || v->kind != m->kind)
		return node_fail(g, n, e, "its value is not a constant number");
	if (v->kind == KIND_FLOAT)
		m->fill_float = *(const float *)v->data;
	else
		m->fill_int = *(const int64_t *)v->data;
	return 0;
}

/* Padding before and after each axis: pads, of the axes that input 3 names, else of all. */
static int read_pads(const struct graph *g, const struct node *n, int rank, int64_t (*pads)[2],
                     struct error *e)
{
	const char *list = node_attribute(n, "paddings") ? "paddings" : "pads";
	int64_t values[2 * RANK_MAX], axes[RANK_MAX];
	int count, n_axes;
	bool seen[RANK_MAX] = {0};
	size_t axis;

	if (node_ints(g, n, list, 1, values, 2 * RANK_MAX, &count, e) < 0 ||
	    node_ints(g, n, "", 3, axes, RANK_MAX, &n_axes, e) < 0)
		return -1;
	for (int i = 0; i < rank; i++)
		pads[i][0] = pads[i][1] = 0;
	if (count != 2 * (n_axes < 0 ? rank : n_axes))
		return node_fail(g, n, e, "pads has %d numbers for %d axes", count,
		                 n_axes < 0 ? rank : n_axes);
	for (int i = 0; i < count / 2; i++) {
		if (node_axis(g, n, n_axes < 0 ? i : axes[i], rank, false, &axis, e) < 0)
			return -1;
		if (seen[axis])
			return node_fail(g, n, e, "axis %zu is named twice", axis);
		seen[axis] = true;
		pads[axis][0] = values[i];
		pads[axis][1] = values[i + count / 2];
	}
	return 0;
}

int pad_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	const char *mode = node_text(n, "mode", "constant");
	int64_t pads[RANK_MAX][2];
	const struct tensor *x;
	struct shape out;
	size_t k;

	if (!m || node_arity(g, n, 1, 4, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	out = x->shape;
	if (read_pads(g, n, out.rank, pads, e) < 0)
		return -1;
	if (strcmp(mode, "constant") != 0 && strcmp(mode, "reflect") != 0 &&
	    strcmp(mode, "edge") != 0 && strcmp(mode, "wrap") != 0)
		return node_fail(g, n, e, "mode %s is not known", mode);
	for (int i = 0; i < out.rank; i++)
		if (pad_axis(g, n, mode, (int64_t)x->shape.dims[i], pads[i][0], pads[i][1],
		             &out.dims[i], e) < 0)
			return -1;
	if (!shape_count(&out, &k))
		return node_fail(g, n, e, "its output is too large");
	if (move_start(g, m, x->kind, &out, e) < 0 || pad_value(g, n, m, e) < 0)
		return -1;
	for (int i = 0; i < out.rank; i++) {
		move_along(m, i, i, 0);
		m->axes[i].start = (double)-pads[i][0];
		for (k = 0; k < out.dims[i]; k++) {
			size_t from = pad_source((int64_t)k - pads[i][0],
			                         (int64_t)x->shape.dims[i], mode);

			m->axes[i].table[k] =
			        from == NOWHERE ? NOWHERE : from * move_stride(&x->shape, i);
		}
	}
	n->params = m;
	return move_output(g, n, 0, m, e);
}

/* ---- Gather: one axis is replaced by the axes of the indices ---- */

int gather_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	const struct tensor *x, *indices;
	struct shape out = {0};
	size_t axis, at, k, step;
	int i;

	if (!m || node_arity(g, n, 2, 2, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	indices = node_input(g, n, 1);
	if (node_axis(g, n, node_int(n, "axis", 0), x->shape.rank, false, &axis, e) < 0)
		return -1;
	if (indices->kind != KIND_INT || !indices->data)
		return node_fail(g, n, e, "its indices are not known when the model is read");
	if (x->shape.rank + indices->shape.rank - 1 > RANK_MAX)
		return node_fail(g, n, e, "its output has too many axes");
	/* One table serves the axes of the indices: they become one axis meanwhile. */
	for (i = 0; i < x->shape.rank; i++)
		out.dims[i] = i == (int)axis ? indices->count : x->shape.dims[i];
	out.rank = x->shape.rank;
	if (move_start(g, m, x->kind, &out, e) < 0)
		return -1;
	for (i = 0; i < out.rank; i++)
		move_along(m, i, i, move_stride(&x->shape, i));
	step = move_stride(&x->shape, (int)axis);
	for (k = 0; k < indices->count; k++) {
		int64_t index = ((const int64_t *)indices->data)[k];

		if (node_axis(g, n, index, (int)x->shape.dims[axis], false, &at, e) < 0)
			return -1;
		m->axes[axis].table[k] = at * step;
	}
	m->axes[axis].from = -1;
	n->params = m;
	move_finish(m, &x->shape);
	out.rank = 0;
	for (i = 0; i < (int)axis; i++)
		out.dims[out.rank++] = x->shape.dims[i];
	for (i = 0; i < indices->shape.rank; i++)
		out.dims[out.rank++] = indices->shape.dims[i];
	for (i = (int)axis + 1; i < x->shape.rank; i++)
		out.dims[out.rank++] = x->shape.dims[i];
	return node_set(g, n, 0, x->kind, &out, e);
}

/* ---- Split: a move for each output ---- */

/* Sizes of the parts: given, or equal; if their number is given, the last can be smaller. */
static int split_sizes(const struct graph *g, const struct node *n, size_t dim, int64_t *sizes,
                       struct error *e)
{
	bool uneven = node_attribute(n, "num_outputs");
	size_t i, sum = 0, part = (dim + n->n_outputs - 1) / n->n_outputs;
	int count;

	if (uneven && node_int(n, "num_outputs", 0) != (int64_t)n->n_outputs)
		return node_fail(g, n, e, "num_outputs %lld for %zu outputs",
		                 (long long)node_int(n, "num_outputs", 0), n->n_outputs);
	if (node_ints(g, n, "split", 1, sizes, (int)n->n_outputs, &count, e) < 0)
		return -1;
	if (count >= 0 && (size_t)count != n->n_outputs)
		return node_fail(g, n, e, "%d sizes for %zu outputs", count, n->n_outputs);
	if (count >= 0 && uneven)
		return node_fail(g, n, e, "num_outputs and sizes");
	if (count < 0 && dim % n->n_outputs != 0 && !uneven)
		return node_fail(g, n, e, "%zu does not divide into %zu", dim, n->n_outputs);
	for (i = 0; i < n->n_outputs; i++) {
		if (count < 0)
			sizes[i] = (int64_t)(part < dim - sum ? part : dim - sum);
		if (sizes[i] < 0 || (size_t)sizes[i] > dim - sum)
			return node_fail(g, n, e, "size %lld of a part", (long long)sizes[i]);
		sum += (size_t)sizes[i];
	}
	return sum == dim ? 0 : node_fail(g, n, e, "the parts make %zu of %zu", sum, dim);
}

int split_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *moves = graph_alloc(g, n->n_outputs, sizeof *moves, e);
	int64_t *sizes = graph_alloc(g, n->n_outputs, sizeof *sizes, e);
	const struct tensor *x;
	struct shape out;
	size_t axis, first = 0, i, k;
	int a;

	if (!moves || !sizes || node_arity(g, n, 1, 2, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	out = x->shape;
	if (n->n_outputs == 0 || n->n_outputs > FOLD_LIMIT)
		return node_fail(g, n, e, "%zu outputs", n->n_outputs);
	if (node_axis(g, n, node_int(n, "axis", 0), out.rank, false, &axis, e) < 0 ||
	    split_sizes(g, n, out.dims[axis], sizes, e) < 0)
		return -1;
	for (i = 0; i < n->n_outputs; i++) {
		struct move *m = &moves[i];

		out.dims[axis] = (size_t)sizes[i];
		if (move_start(g, m, x->kind, &out, e) < 0)
			return -1;
		for (a = 0; a < out.rank; a++)
			move_along(m, a, a, move_stride(&x->shape, a));
		m->axes[axis].start = (double)first;
		for (k = 0; k < out.dims[axis]; k++)
			m->axes[axis].table[k] += first * move_stride(&x->shape, (int)axis);
		first += out.dims[axis];
		if (move_output(g, n, i, m, e) < 0)
			return -1;
	}
	n->params = moves;
	return 0;
}

/* The parts stand one after the other in the node's parameters. */
void *split_part(const struct node *n, size_t i)
{
	return (struct move *)n->params + i;
}

int split_run(const struct run *r, struct error *e)
{
	const struct move *moves = r->node->params;
	size_t i;

	(void)e;
	for (i = 0; i < r->node->n_outputs; i++)
		if (r->out[i])
			move_apply(&moves[i], r->in[0], r->out[i]);
	return 0;
}

/* ---- Concat ---- */

int concat_infer(struct graph *g, struct node *n, struct error *e)
{
	struct concat *c = graph_alloc(g, 1, sizeof *c, e);
	const struct tensor *x, *t;
	struct shape out, s;
	char left[128], right[128];
	size_t axis, i;

	if (!c)
		return -1;
	if (n->n_inputs < 1)
		return node_fail(g, n, e, "no input");
	if (node_arity(g, n, n->n_inputs, n->n_inputs, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (node_axis(g, n, node_int(n, "axis", 1), x->shape.rank, false, &axis, e) < 0)
		return -1;
	out = x->shape;
	for (i = 1; i < n->n_inputs; i++) {
		t = node_input(g, n, i);
		s = t->shape;
		if (s.rank == out.rank)
			s.dims[axis] = out.dims[axis];
		if (t->kind != x->kind || !shape_equal(&s, &out))
			return node_fail(g, n, e, "%s and %s don't go together",
			                 shape_text(&x->shape, left, sizeof left),
			                 shape_text(&t->shape, right, sizeof right));
		if (!size_add(out.dims[axis], t->shape.dims[axis], &out.dims[axis]))
			return node_fail(g, n, e, "its output is too large");
	}
	c->axis = (int)axis;
	c->outer = shape_product(&out, 0, (int)axis);
	c->inner = shape_product(&out, (int)axis + 1, out.rank);
	n->params = c;
	return node_set(g, n, 0, x->kind, &out, e);
}

/* Along the channels, and each but the last is whole blocks of them. */
bool concat_blocked(const struct graph *g, const struct node *n)
{
	const struct concat *c = n->params;
	size_t i;

	if (!map_blocked(g, n) || c->axis != 1 || c->outer != 1)
		return false;
	for (i = 0; i + 1 < n->n_inputs; i++)
		if (node_input(g, n, i)->shape.dims[1] % BLOCK != 0)
			return false;
	return true;
}

bool concat_joins(const struct node *n)
{
	const struct concat *c = n->params;

	return c->outer == 1;
}

/* Inputs that the plan made in their place in the output are there already. */
int concat_run(const struct run *r, struct error *e)
{
	const struct concat *c = r->node->params;
	const struct tensor *y = node_output(r->g, r->node, 0);
	size_t width = kind_size(y->kind), whole = y->shape.dims[c->axis] * c->inner * width;
	size_t i, o, part, at = 0;

	(void)e;
	for (i = 0; i < r->node->n_inputs; i++, at += part) {
		const char *in = r->in[i];
		char *out = (char *)r->out[0] + at;

		part = node_input(r->g, r->node, i)->shape.dims[c->axis];
		part = (r->blocked ? round_up(part, BLOCK) : part) * c->inner * width;
		if (in == out)
			continue;
		for (o = 0; o < c->outer; o++)
			memcpy(out + o * whole, in + o * part, part);
	}
	return 0;
}

void geometry_concat(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct concat *c = n->params;

	size_t before = 0, found = 0;

	if ((out->kind != GEOMETRY_MAP && out->kind != GEOMETRY_TOKENS) ||
	    (out->axis[0] != c->axis && out->axis[1] != c->axis))
		return;
	/* Tokens that have no place can stand before and after those that have. */
	for (size_t i = 0; i < n->n_inputs; i++) {
		const struct tensor *t = node_input(g, n, i);

		if (!t->constant && t->geometry.kind == out->kind)
			found++;
		else if (found == 0)
			before += t->shape.dims[c->axis];
	}
	if (out->kind == GEOMETRY_TOKENS && found == 1)
		out->skip += before;
	else
		geometry_lose(out, "maps are put side by side");
}
