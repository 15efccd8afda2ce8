/* memory.c -- where the tensors of a plan lie in a workspace.
 *
 * A view shares its input's memory, and an input of a Concat along the outermost axis
 * is made in its place in the output, so neither is copied.  What is left are roots:
 * each has a lifetime in steps, and two whose lifetimes meet don't overlap. */
#include "plan/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "operator/blocked_shape.h"

enum { ALIGN = 64 };

/* At most this much memory for the tensors of one thread. */
#define WORKSPACE_LIMIT ((size_t)1 << 33)

struct buffer {
	size_t parent; /* value whose memory holds this one, or NO_TENSOR: a root */
	size_t shift;  /* bytes into it */
	bool used;
	size_t first, last; /* steps; of a root, those of all that it holds */
	size_t bytes, offset;
	bool per_image; /* there for each image of a bundle */
};

struct storage {
	struct plan *plan;
	const struct graph *g;
	struct buffer *buffers; /* by value */
};

/* Bytes of a value. */
static size_t bytes_of(const struct storage *m, size_t v)
{
	const struct tensor *t = &m->g->tensors[plan_tensor(m->plan, v)];

	return plan_blocked(m->plan, v)
	               ? blocked_count(shape_blocked_size(&t->shape)) * sizeof(float)
	               : t->count * kind_size(t->kind);
}

static bool constant(const struct storage *m, size_t v)
{
	return m->g->tensors[plan_tensor(m->plan, v)].constant;
}

static size_t root_of(const struct storage *m, size_t v, size_t *shift)
{
	*shift = 0;
	while (m->buffers[v].parent != NO_TENSOR) {
		*shift += m->buffers[v].shift;
		v = m->buffers[v].parent;
	}
	return v;
}

static void use(struct storage *m, size_t v, size_t step)
{
	struct buffer *b = &m->buffers[v];

	if (!b->used || step < b->first)
		b->first = step;
	if (!b->used || step > b->last)
		b->last = step;
	b->used = true;
}

static bool live(const struct storage *m, size_t v)
{
	return v != NO_TENSOR && m->buffers[v].used;
}

/* Does the step before hand over input k of step i piece by piece? */
static bool handed(const struct plan *p, size_t i, size_t k)
{
	return k == 0 && i > 0 && p->steps[i - 1].pair;
}

/* First and last use of every value, counting from step 1; what is given is there at 0.  What
 * the head makes is handed over at its end.  Of a pair of steps, both are at work until its
 * end, and what one makes for the other has no memory. */
static void lifetimes(struct storage *m)
{
	struct plan *p = m->plan;
	size_t v;

	for (size_t i = 0; i < GIVEN; i++)
		if (p->given[i] != NO_TENSOR)
			use(m, p->given[i], 0);
	for (size_t i = 0; i < p->n_wanted; i++)
		if (!constant(m, p->wanted[i]))
			use(m, p->wanted[i], p->early[i] ? p->head : p->n_steps + 1);
	for (size_t i = 0; i < p->n_steps; i++)
		for (size_t k = 0; k < p->steps[i].n_inputs; k++) {
			v = p->steps[i].inputs[k];
			if (v != NO_TENSOR && !constant(m, v) && !handed(p, i, k))
				use(m, v, i + 1 + (p->steps[i].pair > 0));
		}
	/* Only what is read or wanted gets memory, and output 0, which is always written. */
	for (size_t i = 0; i < p->n_steps; i++)
		for (size_t k = 0; k < p->steps[i].n_outputs; k++) {
			v = p->steps[i].outputs[k];
			if (v != NO_TENSOR && !p->steps[i].pair &&
			    (k == 0 || m->buffers[v].used))
				use(m, v, i + 1);
		}
}

static void share_views(struct storage *m)
{
	struct plan *p = m->plan;

	for (size_t i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];
		bool alone = true;

		for (size_t k = 1; k < s->n_outputs; k++)
			alone = alone && !live(m, s->outputs[k]);
		if (!s->node || !node_is_view(s->node) || !alone || s->outputs[0] == NO_TENSOR)
			continue;
		s->view = true;
		m->buffers[s->outputs[0]].parent = s->inputs[0];
	}
}

/* Make inputs that are joined in their place in the output.  Later steps first, so that
 * what is joined of joined ones nests. */
static void nest_parts(struct storage *m)
{
	struct plan *p = m->plan;
	size_t k, v, shift, at, bytes;

	for (size_t i = p->n_steps; i-- > 0;) {
		const struct step *s = &p->steps[i];

		if (!s->node || !s->node->op->joins || !s->node->op->joins(s->node) ||
		    s->outputs[0] == NO_TENSOR)
			continue;
		for (k = at = 0; k < s->n_inputs; k++, at += bytes) {
			bytes = bytes_of(m, s->inputs[k]);
			if (constant(m, s->inputs[k]))
				continue;
			v = root_of(m, s->inputs[k], &shift);
			if (shift != 0 || v == s->outputs[0] || bytes_of(m, v) != bytes)
				continue;
			m->buffers[v].parent = s->outputs[0];
			m->buffers[v].shift = at;
		}
	}
}

/* Larger ones first; the same order each time. */
static int larger(const void *a, const void *b)
{
	const struct buffer *x = *(struct buffer *const *)a, *y = *(struct buffer *const *)b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x < y ? -1 : x > y;
}

static int by_offset(const void *a, const void *b)
{
	const struct buffer *x = *(struct buffer *const *)a, *y = *(struct buffer *const *)b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Put b at the lowest offset that no stored root of the same time covers.  stored is
 * in order of offset. */
static void find_room(struct buffer *b, struct buffer *const *stored, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct buffer *o = stored[i];

		if (o->last < b->first || o->first > b->last)
			continue;
		if (o->offset >= at + b->bytes)
			break;
		if (o->offset + o->bytes > at)
			at = o->offset + o->bytes;
	}
	b->offset = at;
}

/* The memory of a root.  What the tail reads is there for each image of a bundle, and then
 * from the first image's head on. */
static void measure(const struct storage *m, size_t v)
{
	struct buffer *b = &m->buffers[v];

	b->bytes = (bytes_of(m, v) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	b->per_image = b->last > m->plan->head;
	if (!b->per_image)
		return;
	b->bytes *= m->plan->bundle;
	if (b->first <= m->plan->head)
		b->first = 0;
}

static int store_roots(struct storage *m, struct error *e)
{
	size_t values = 2 * m->g->n_tensors;
	struct buffer **roots = memory_new(2 * values, sizeof *roots, e);
	struct buffer **stored = roots ? roots + values : NULL;
	size_t n = 0, k, top = 0, root, shift;

	if (!roots)
		return -1;
	for (size_t v = 0; v < values; v++) {
		struct buffer *b = &m->buffers[v];

		if (!b->used)
			continue;
		root = root_of(m, v, &shift);
		if (root == v)
			continue;
		use(m, root, b->first);
		use(m, root, b->last);
	}
	for (size_t v = 0; v < values; v++) {
		if (!m->buffers[v].used || m->buffers[v].parent != NO_TENSOR)
			continue;
		measure(m, v);
		roots[n++] = &m->buffers[v];
	}
	qsort(roots, n, sizeof *roots, larger);
	for (size_t i = 0; i < n; i++) {
		struct buffer *b = roots[i];

		find_room(b, stored, i);
		for (k = i; k > 0 && by_offset(&b, &stored[k - 1]) < 0; k--)
			stored[k] = stored[k - 1];
		stored[k] = b;
		if (b->offset + b->bytes > top)
			top = b->offset + b->bytes;
	}
	free(roots);
	m->plan->bytes = top;
	if (top > WORKSPACE_LIMIT)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: the network needs %zu MiB for each thread", m->g->path,
		                 top >> 20);
	return 0;
}

static struct location location_of(const struct storage *m, const void *const *values, size_t v)
{
	struct location p = {.offset = NOT_STORED};
	const struct buffer *root;
	size_t shift;

	if (v == NO_TENSOR)
		return p;
	if (constant(m, v)) {
		p.constant = values[v];
		return p;
	}
	if (!m->buffers[v].used)
		return p;
	root = &m->buffers[root_of(m, v, &shift)];
	p.offset = root->offset + shift;
	p.stride = root->per_image ? root->bytes / m->plan->bundle : 0;
	return p;
}

/* Write down where each step finds its inputs and puts its outputs. */
static int fill_locations(struct storage *m, const void *const *values, struct error *e)
{
	struct plan *p = m->plan;
	size_t n = p->n_wanted + GIVEN;
	struct location *next;

	for (size_t i = 0; i < p->n_steps; i++)
		n += p->steps[i].n_inputs + p->steps[i].n_outputs;
	p->n_locations = n;
	next = p->locations = memory_new(n, sizeof *next, e);
	if (!next)
		return -1;
	for (size_t i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];

		s->at = (size_t)(next - p->locations);
		for (size_t k = 0; k < s->n_inputs; k++)
			*next++ = location_of(m, values, s->inputs[k]);
		if (s->weights || s->prepared.weights)
			p->locations[s->at + 1] =
			        (struct location){.constant = s->weights, .offset = NOT_STORED};
		if (s->bias)
			p->locations[s->at + 2] =
			        (struct location){.constant = s->bias, .offset = NOT_STORED};
		for (size_t k = 0; k < s->n_outputs; k++)
			*next++ = location_of(m, values, s->outputs[k]);
	}
	p->wanted_at = (size_t)(next - p->locations);
	for (size_t i = 0; i < p->n_wanted; i++)
		*next++ = location_of(m, values, p->wanted[i]);
	p->given_at = (size_t)(next - p->locations);
	for (size_t i = 0; i < GIVEN; i++)
		*next++ = location_of(m, values, p->given[i]);
	return 0;
}

int plan_lay_in_memory(struct plan *p, const void *const *values, struct error *e)
{
	struct storage m = {.plan = p, .g = p->graph};
	int r;

	m.buffers = memory_new(2 * m.g->n_tensors, sizeof *m.buffers, e);
	if (!m.buffers)
		return -1;
	for (size_t v = 0; v < 2 * m.g->n_tensors; v++)
		m.buffers[v].parent = NO_TENSOR;
	lifetimes(&m);
	share_views(&m);
	nest_parts(&m);
	r = store_roots(&m, e) < 0 ? -1 : fill_locations(&m, values, e);
	free(m.buffers);
	return r;
}
