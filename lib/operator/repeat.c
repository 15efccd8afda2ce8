/* repeat.c -- Expand and Tile, and DepthToSpace and SpaceToDepth, which are moves too. */
#include <string.h>

#include "base/memory.h"
#include "operator/movement.h"
#include "operator/operators.h"

/* The output has the shape, where the input, whose axes count from the last, is repeated along
 * each axis. */
static int repeat(struct graph *g, struct node *n, const struct shape *out, struct error *e)
{
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	const struct tensor *x = node_input(g, n, 0);
	int more = out->rank - x->shape.rank;
	size_t count;

	if (!shape_count(out, &count))
		return node_fail(g, n, e, "its output is too large");
	if (!m || move_start(g, m, x->kind, out, e) < 0)
		return -1;
	for (int i = more; i < out->rank; i++) {
		size_t dim = x->shape.dims[i - more], step = move_stride(&x->shape, i - more);

		if (out->dims[i] == dim) {
			move_along(m, i, i - more, step);
			continue;
		}
		for (size_t k = 0; k < out->dims[i]; k++)
			m->axes[i].table[k] = k % dim * step;
	}
	n->params = m;
	return move_output(g, n, 0, m, e);
}

int expand_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x;
	int64_t dims[RANK_MAX];
	struct shape wanted = {0}, out;
	char from[128], to[128];

	if (node_arity(g, n, 2, 2, e) < 0 ||
	    node_ints(g, n, "", 1, dims, RANK_MAX, &wanted.rank, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	for (int i = 0; i < wanted.rank; i++) {
		if (dims[i] < 0 || dims[i] > COUNT_LIMIT)
			return node_fail(g, n, e, "dimension %lld", (long long)dims[i]);
		wanted.dims[i] = (size_t)dims[i];
	}
	if (!shape_broadcast(&x->shape, &wanted, &out))
		return node_fail(g, n, e, "%s does not expand to %s",
		                 shape_text(&x->shape, from, sizeof from),
		                 shape_text(&wanted, to, sizeof to));
	return repeat(g, n, &out, e);
}

int tile_infer(struct graph *g, struct node *n, struct error *e)
{
	const struct tensor *x;
	int64_t times[RANK_MAX];
	struct shape out;
	int count;

	if (node_arity(g, n, 2, 2, e) < 0 ||
	    node_ints(g, n, "", 1, times, RANK_MAX, &count, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	out = x->shape;
	if (count != out.rank)
		return node_fail(g, n, e, "%d repeats for %d axes", count, out.rank);
	for (int i = 0; i < out.rank; i++)
		if (times[i] < 0 || times[i] > COUNT_LIMIT ||
		    !size_multiply(out.dims[i], (size_t)times[i], &out.dims[i]))
			return node_fail(g, n, e, "%lld repeats", (long long)times[i]);
	return repeat(g, n, &out, e);
}

/* ---- blocks of a map's cells as channels ---- */

/* What the two have in common: the block's size, and the input's sizes. */
struct blocks {
	size_t size, channels, height, width;
};

static int read_blocks(struct graph *g, const struct node *n, struct blocks *b, struct error *e)
{
	const struct tensor *x;
	int64_t size = node_int(n, "blocksize", 0);

	if (node_arity(g, n, 1, 1, e) < 0)
		return -1;
	x = node_input(g, n, 0);
	if (x->shape.rank != 4)
		return node_fail(g, n, e, "its input is not a map");
	if (size < 1 || size > 1 << 14)
		return node_fail(g, n, e, "blocksize %lld", (long long)size);
	*b = (struct blocks){(size_t)size, x->shape.dims[1], x->shape.dims[2],
	                     x->shape.dims[3]};
	return 0;
}

/* Row y of the output is row y / size of the input, and that of a block y % size. */
static void spread(struct move_axis *a, size_t n, size_t size, size_t cell, size_t channel)
{
	for (size_t i = 0; i < n; i++)
		a->table[i] = i / size * cell + i % size * channel;
	/* The cells of a block lie around the place of the one they come from. */
	a->step = 1 / (double)size;
	a->start = -((double)size - 1) / (2 * (double)size);
}

int depth_to_space_infer(struct graph *g, struct node *n, struct error *e)
{
	const char *mode = node_text(n, "mode", "DCR");
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	struct blocks b;
	struct shape out;
	size_t area, parts, channel, count;
	bool first = strcmp(mode, "DCR") == 0; /* a block's cells are the outer channels */

	if (!m || read_blocks(g, n, &b, e) < 0)
		return -1;
	if (!first && strcmp(mode, "CRD") != 0)
		return node_fail(g, n, e, "mode %s is not known", mode);
	parts = b.size * b.size;
	if (b.channels % parts != 0)
		return node_fail(g, n, e, "%zu channels for blocks of %zu", b.channels, parts);
	out = node_input(g, n, 0)->shape;
	out.dims[1] /= parts;
	out.dims[2] *= b.size;
	out.dims[3] *= b.size;
	if (!shape_count(&out, &count))
		return node_fail(g, n, e, "its output is too large");
	if (move_start(g, m, node_input(g, n, 0)->kind, &out, e) < 0)
		return -1;
	area = b.height * b.width;
	channel = first ? out.dims[1] * area : area; /* from part to part of a block */
	move_along(m, 0, 0, b.channels * area);
	move_along(m, 1, 1, first ? area : parts * area);
	for (int i = 2; i < 4; i++)
		move_along(m, i, i, 0);
	spread(&m->axes[2], out.dims[2], b.size, b.width, b.size * channel);
	spread(&m->axes[3], out.dims[3], b.size, 1, channel);
	n->params = m;
	return move_output(g, n, 0, m, e);
}

int space_to_depth_infer(struct graph *g, struct node *n, struct error *e)
{
	struct move *m = graph_alloc(g, 1, sizeof *m, e);
	struct blocks b;
	struct shape out;

	if (!m || read_blocks(g, n, &b, e) < 0)
		return -1;
	out = node_input(g, n, 0)->shape;
	if (b.height % b.size != 0 || b.width % b.size != 0)
		return node_fail(g, n, e, "a map of %zux%zu for blocks of %zu", b.height,
		                 b.width, b.size);
	if (!size_multiply(out.dims[1], b.size * b.size, &out.dims[1]))
		return node_fail(g, n, e, "its output is too large");
	out.dims[2] /= b.size;
	out.dims[3] /= b.size;
	if (move_start(g, m, node_input(g, n, 0)->kind, &out, e) < 0)
		return -1;
	move_along(m, 0, 0, b.channels * b.height * b.width);
	m->axes[1].from = 1;
	for (size_t k = 0; k < out.dims[1]; k++) {
		size_t part = k / b.channels;

		m->axes[1].table[k] = k % b.channels * b.height * b.width +
		                      part / b.size * b.width + part % b.size;
	}
	move_along(m, 2, 2, b.size * b.width);
	move_along(m, 3, 3, b.size);
	for (int i = 2; i < 4; i++) {
		/* A cell has all of its block. */
		m->axes[i].step = (double)b.size;
		m->axes[i].start = ((double)b.size - 1) / 2;
		m->axes[i].reach = (double)b.size - 1;
	}
	n->params = m;
	return move_output(g, n, 0, m, e);
}
