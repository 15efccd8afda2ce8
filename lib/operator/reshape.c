/* reshape.c -- operators whose output is the input's values in the same order. */
#include <string.h>

#include "base/memory.h"
#include "operator/operators.h"

static const struct tensor *only_input(const struct graph *g, const struct node *n, size_t most,
                                       struct error *e)
{
	return node_arity(g, n, 1, most, e) < 0 ? NULL : node_input(g, n, 0);
}

int identity_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x = only_input(g, n, 1, e);

	return x ? node_set(g, n, 0, x->kind, &x->shape, e) : -1;
}

/* Which of inputs 1 and 2 it is, input 0 says.  What makes the other one is not needed, and may
 * not even be possible. */
void if_narrow(const struct graph *g, struct node *n)
{
	const struct tensor *truth = node_input(g, n, 0);

	if (n->n_inputs != 3)
		return;
	n->n_inputs = 1;
	if (!truth || !truth->data || truth->kind != KIND_INT || truth->count != 1)
		return;
	n->inputs[0] = n->inputs[*(const int64_t *)truth->data ? 1 : 2];
	n->params = (void *)(uintptr_t)truth->data;
}

int if_infer(struct graph *g, struct node *n, struct error *e)
{
	if (!n->params)
		return node_fail(g, n, e, "its condition is not known when the model is read");
	return identity_infer(g, n, e);
}

int view_run(const struct run *r, struct error *e)
{
	const struct tensor *x = node_input(r->g, r->node, 0);

	(void)e;
	if (r->out[0] != r->in[0])
		memcpy(r->out[0], r->in[0], run_count(r) * kind_size(x->kind));
	return 0;
}

int flatten_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x = only_input(g, n, 1, e);
	struct shape out = {.rank = 2};
	size_t axis;

	if (!x || node_axis(g, n, node_int(n, "axis", 1), x->shape.rank, true, &axis, e) < 0)
		return -1;
	out.dims[0] = shape_product(&x->shape, 0, (int)axis);
	out.dims[1] = shape_product(&x->shape, (int)axis, x->shape.rank);
	return node_set(g, n, 0, x->kind, &out, e);
}

/* Dimensions wanted: 0 copies the input's, -1 is what is left. */
int reshape_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x = only_input(g, n, 2, e);
	bool copy = node_int(n, "allowzero", 0) == 0;
	int64_t dims[RANK_MAX];
	struct shape out = {0};
	size_t known = 1;
	int left = -1;
	char from[128], to[128];

	if (!x || node_ints(g, n, "shape", 1, dims, RANK_MAX, &out.rank, e) < 0)
		return -1;
	if (out.rank < 0)
		return node_fail(g, n, e, "no shape");
	for (int i = 0; i < out.rank; i++) {
		if (dims[i] < -1 || dims[i] > COUNT_LIMIT || (dims[i] == -1 && left >= 0) ||
		    (dims[i] == 0 && copy && i >= x->shape.rank))
			return node_fail(g, n, e, "dimension %lld of the shape",
			                 (long long)dims[i]);
		if (dims[i] == -1) {
			left = i;
			out.dims[i] = 1;
		} else {
			out.dims[i] = dims[i] == 0 && copy ? x->shape.dims[i] : (size_t)dims[i];
		}
		if (!size_multiply(known, out.dims[i], &known))
			return node_fail(g, n, e, "the shape is too large");
	}
	if (left >= 0 && known > 0)
		out.dims[left] = x->count / known;
	if (!shape_count(&out, &known) || known != x->count)
		return node_fail(g, n, e, "%s does not reshape to %s",
		                 shape_text(&x->shape, from, sizeof from),
		                 shape_text(&out, to, sizeof to));
	return node_set(g, n, 0, x->kind, &out, e);
}

/* Axes named by attribute (up to operator set 12) or input, marked in marked[]; *count
 * is -1 if none are.  Axes that Unsqueeze adds count as axes of its output. */
static int mark_axes(const struct graph *g, const struct node *n, int rank, bool adds,
                     bool *marked, int *count, struct error *e)
{
	int64_t axes[RANK_MAX];
	size_t axis;

	memset(marked, 0, RANK_MAX * sizeof *marked);
	if (node_ints(g, n, "axes", 1, axes, RANK_MAX, count, e) < 0)
		return -1;
	for (int i = 0; i < *count; i++) {
		if (node_axis(g, n, axes[i], rank + (adds ? *count : 0), false, &axis, e) < 0)
			return -1;
		if (axis >= RANK_MAX || marked[axis])
			return node_fail(g, n, e, "axis %zu is named twice or too high", axis);
		marked[axis] = true;
	}
	return 0;
}

int squeeze_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x = only_input(g, n, 2, e);
	bool gone[RANK_MAX];
	struct shape out = {0};
	int count;

	if (!x || mark_axes(g, n, x->shape.rank, false, gone, &count, e) < 0)
		return -1;
	for (int i = 0; i < x->shape.rank; i++) {
		if (count >= 0 && gone[i] && x->shape.dims[i] != 1)
			return node_fail(g, n, e, "axis %d has %zu values, not one", i,
			                 x->shape.dims[i]);
		if (count >= 0 ? !gone[i] : x->shape.dims[i] != 1)
			out.dims[out.rank++] = x->shape.dims[i];
	}
	return node_set(g, n, 0, x->kind, &out, e);
}

int unsqueeze_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x = only_input(g, n, 2, e);
	bool added[RANK_MAX];
	struct shape out = {0};
	int from = 0, count;

	if (!x || mark_axes(g, n, x->shape.rank, true, added, &count, e) < 0)
		return -1;
	if (count < 0 || x->shape.rank + count > RANK_MAX)
		return node_fail(g, n, e, "it adds no axes or too many");
	out.rank = x->shape.rank + count;
	for (int i = 0; i < out.rank; i++)
		out.dims[i] = added[i] ? 1 : x->shape.dims[from++];
	return node_set(g, n, 0, x->kind, &out, e);
}

/* An axis survives if as many values stand before it, and it is as long. */
static int same_axis(const struct shape *from, const struct shape *to, int axis)
{
	size_t before = shape_product(from, 0, axis);

	for (int i = 0; i < to->rank; i++)
		if (shape_product(to, 0, i) == before && to->dims[i] == from->dims[axis])
			return i;
	return -1;
}

/* The axis that two neighbours of the input become, row by row; or -1. */
static int joined_axis(const struct shape *from, const struct shape *to, const int *axis)
{
	size_t before = shape_product(from, 0, axis[0]);

	for (int i = 0; axis[1] == axis[0] + 1 && i < to->rank; i++)
		if (shape_product(to, 0, i) == before &&
		    to->dims[i] == from->dims[axis[0]] * from->dims[axis[1]])
			return i;
	return -1;
}

static void set_axes(struct geometry *out, int kind, int y, int x)
{
	out->kind = kind;
	out->axis[0] = y;
	out->axis[1] = x;
	out->folded.rank = 0;
}

/* Tokens stay some, or become a map again. */
static void reshape_tokens(const struct graph *g, const struct node *n,
                           const struct shape *from, const struct shape *to,
                           struct geometry *out)
{
	size_t before = shape_product(from, 0, out->axis[0]);
	bool whole = out->skip == 0 && from->dims[out->axis[0]] == out->grid[0] * out->grid[1];
	int axis = same_axis(from, to, out->axis[0]);

	if (axis >= 0) {
		set_axes(out, GEOMETRY_TOKENS, axis, axis);
		return;
	}
	for (int i = 0; whole && i + 1 < to->rank; i++)
		if (shape_product(to, 0, i) == before && to->dims[i] == out->grid[0] &&
		    to->dims[i + 1] == out->grid[1]) {
			set_axes(out, GEOMETRY_MAP, i, i + 1);
			return;
		}
	if (to->rank <= 2)
		geometry_whole_image(g, n, out);
	else
		geometry_lose(out, "a Reshape takes tokens apart");
}

static void reshape_map(const struct graph *g, const struct node *n, const struct shape *from,
                        const struct shape *to, struct geometry *out)
{
	int y = same_axis(from, to, out->axis[0]), x = same_axis(from, to, out->axis[1]);
	int axis = joined_axis(from, to, out->axis);

	if (from->dims[out->axis[0]] == 1 && from->dims[out->axis[1]] == 1) {
		/* One cell: its field stays, whatever becomes of the axes. */
		out->kind = GEOMETRY_GLOBAL;
	} else if (y >= 0 && x >= 0 && y != x) {
		set_axes(out, GEOMETRY_MAP, y, x);
	} else if (axis == 0 || (axis > 0 && to->rank > 2)) {
		out->skip = 0;
		for (int i = 0; i < 2; i++)
			out->grid[i] = from->dims[out->axis[i]];
		set_axes(out, GEOMETRY_TOKENS, axis, axis);
	} else if (to->rank <= 2) {
		/* What flattens a map feeds it to a dense layer. */
		geometry_whole_image(g, n, out);
	} else {
		geometry_lose(out, "a Reshape joins rows or columns with other axes");
		out->folded = *from; /* which a Reshape may restore */
	}
}

void geometry_reshape(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct shape *from = &node_input(g, n, 0)->shape;
	const struct shape *to = &node_output(g, n, 0)->shape;
	int y, x;

	if (out->kind == GEOMETRY_TOKENS)
		reshape_tokens(g, n, from, to, out);
	else if (out->kind == GEOMETRY_MAP)
		reshape_map(g, n, from, to, out);
	if (out->kind != GEOMETRY_UNKNOWN || out->folded.rank == 0)
		return;
	y = same_axis(&out->folded, to, out->axis[0]);
	x = same_axis(&out->folded, to, out->axis[1]);
	if (y >= 0 && x >= 0 && y != x)
		set_axes(out, GEOMETRY_MAP, y, x);
}

/* ---- Dropout: identity outside training, and a mask that drops nothing ---- */

/* Is the input known, of that kind, and nothing but 0? */
static bool is_zero(const struct tensor *t, enum kind kind)
{
	if (!t || !t->data || t->kind != kind || t->count != 1)
		return false;
	return kind == KIND_INT ? *(const int64_t *)t->data == 0 : *(const float *)t->data == 0;
}

/* Some exporters leave it in training, but with a ratio of 0. */
int dropout_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x = only_input(g, n, 3, e), *training = node_input(g, n, 2);

	if (!x)
		return -1;
	if (training && !is_zero(training, KIND_INT) &&
	    !is_zero(node_input(g, n, 1), KIND_FLOAT))
		return node_fail(g, n, e, "training mode is not supported");
	if (n->opset < 7 && node_int(n, "is_test", 0) == 0)
		return node_fail(g, n, e, "training mode is not supported");
	if (node_set(g, n, 1, KIND_INT, &x->shape, e) < 0)
		return -1;
	return node_set(g, n, 0, x->kind, &x->shape, e);
}

int dropout_run(const struct run *r, struct error *e)
{
	size_t count = node_input(r->g, r->node, 0)->count;

	for (size_t i = 0; r->node->n_outputs > 1 && r->out[1] && i < count; i++)
		((int64_t *)r->out[1])[i] = 1;
	return r->out[0] ? view_run(r, e) : 0;
}
