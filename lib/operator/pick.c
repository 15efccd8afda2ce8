/* pick.c -- Slice, Pad, Gather: which cells of an axis, or none. */
#include <string.h>

#include "operator/movement.h"
#include "operator/operators.h"

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
