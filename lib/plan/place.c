/* place.c -- where the tensors of a plan lie in a workspace.
 *
 * A view shares its input's memory, and an input of a Concat along the outermost axis
 * is made in its place in the output, so neither is copied.  What is left are roots:
 * each has a lifetime in steps, and two whose lifetimes meet don't overlap. */
#include "plan/place.h"

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
	bool many; /* there for each image of a group */
};

struct layout {
	struct plan *plan;
	const struct graph *g;
	struct buffer *buffers; /* by value */
};

/* Bytes of a value. */
static size_t bytes_of(const struct layout *l, size_t v)
{
	const struct tensor *t = &l->g->tensors[plan_tensor(l->plan, v)];

	return plan_blocked(l->plan, v)
	               ? blocked_count(shape_blocked_size(&t->shape)) * sizeof(float)
	               : t->count * kind_size(t->kind);
}

static bool constant(const struct layout *l, size_t v)
{
	return l->g->tensors[plan_tensor(l->plan, v)].constant;
}

static size_t root_of(const struct layout *l, size_t v, size_t *shift)
{
	*shift = 0;
	while (l->buffers[v].parent != NO_TENSOR) {
		*shift += l->buffers[v].shift;
		v = l->buffers[v].parent;
	}
	return v;
}

static void use(struct layout *l, size_t v, size_t step)
{
	struct buffer *b = &l->buffers[v];

	if (!b->used || step < b->first)
		b->first = step;
	if (!b->used || step > b->last)
		b->last = step;
	b->used = true;
}

static bool live(const struct layout *l, size_t v)
{
	return v != NO_TENSOR && l->buffers[v].used;
}

/* First and last use of every value, counting from step 1; the image is there at 0.  What
 * the head makes is handed over at its end. */
static void lifetimes(struct layout *l)
{
	struct plan *p = l->plan;
	size_t v;

	if (l->g->input != NO_TENSOR)
		use(l, l->g->input, 0);
	for (size_t i = 0; i < p->n_wanted; i++)
		if (!constant(l, p->wanted[i]))
			use(l, p->wanted[i], p->early[i] ? p->head : p->n_steps + 1);
	for (size_t i = 0; i < p->n_steps; i++)
		for (size_t k = 0; k < p->steps[i].n_inputs; k++) {
			v = p->steps[i].inputs[k];
			if (v != NO_TENSOR && !constant(l, v))
				use(l, v, i + 1);
		}
	/* Only what is read or wanted gets memory, and output 0, which is always written. */
	for (size_t i = 0; i < p->n_steps; i++)
		for (size_t k = 0; k < p->steps[i].n_outputs; k++) {
			v = p->steps[i].outputs[k];
			if (v != NO_TENSOR && (k == 0 || l->buffers[v].used))
				use(l, v, i + 1);
		}
}

static void share_views(struct layout *l)
{
	struct plan *p = l->plan;

	for (size_t i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];
		bool alone = true;

		for (size_t k = 1; k < s->n_outputs; k++)
			alone = alone && !live(l, s->outputs[k]);
		if (!s->node || !s->node->op->view || !alone || s->outputs[0] == NO_TENSOR)
			continue;
		s->view = true;
		l->buffers[s->outputs[0]].parent = s->inputs[0];
	}
}

/* Make inputs that are joined in their place in the output.  Later steps first, so that
 * what is joined of joined ones nests. */
static void nest_parts(struct layout *l)
{
	struct plan *p = l->plan;
	size_t k, v, shift, at, bytes;

	for (size_t i = p->n_steps; i-- > 0;) {
		const struct step *s = &p->steps[i];

		if (!s->node || !s->node->op->joins || !s->node->op->joins(s->node) ||
		    s->outputs[0] == NO_TENSOR)
			continue;
		for (k = at = 0; k < s->n_inputs; k++, at += bytes) {
			bytes = bytes_of(l, s->inputs[k]);
			if (constant(l, s->inputs[k]))
				continue;
			v = root_of(l, s->inputs[k], &shift);
			if (shift != 0 || v == s->outputs[0] || bytes_of(l, v) != bytes)
				continue;
			l->buffers[v].parent = s->outputs[0];
			l->buffers[v].shift = at;
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

/* Put b at the lowest offset that no placed root of the same time covers.  placed is
 * in order of offset. */
static void find_room(struct buffer *b, struct buffer *const *placed, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct buffer *o = placed[i];

		if (o->last < b->first || o->first > b->last)
			continue;
		if (o->offset >= at + b->bytes)
			break;
		if (o->offset + o->bytes > at)
			at = o->offset + o->bytes;
	}
	b->offset = at;
}

/* The memory of a root.  What the tail reads is there for each image of a group, and then
 * from the first image's head on. */
static void measure(const struct layout *l, size_t v)
{
	struct buffer *b = &l->buffers[v];

	b->bytes = (bytes_of(l, v) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	b->many = b->last > l->plan->head;
	if (!b->many)
		return;
	b->bytes *= l->plan->group;
	if (b->first <= l->plan->head)
		b->first = 0;
}

static int place_roots(struct layout *l, struct error *e)
{
	size_t values = 2 * l->g->n_tensors;
	struct buffer **roots = memory_new(2 * values, sizeof *roots, e);
	struct buffer **placed = roots ? roots + values : NULL;
	size_t n = 0, k, top = 0, root, shift;

	if (!roots)
		return -1;
	for (size_t v = 0; v < values; v++) {
		struct buffer *b = &l->buffers[v];

		if (!b->used)
			continue;
		root = root_of(l, v, &shift);
		if (root == v)
			continue;
		use(l, root, b->first);
		use(l, root, b->last);
	}
	for (size_t v = 0; v < values; v++) {
		if (!l->buffers[v].used || l->buffers[v].parent != NO_TENSOR)
			continue;
		measure(l, v);
		roots[n++] = &l->buffers[v];
	}
	qsort(roots, n, sizeof *roots, larger);
	for (size_t i = 0; i < n; i++) {
		struct buffer *b = roots[i];

		find_room(b, placed, i);
		for (k = i; k > 0 && by_offset(&b, &placed[k - 1]) < 0; k--)
			placed[k] = placed[k - 1];
		placed[k] = b;
		if (b->offset + b->bytes > top)
			top = b->offset + b->bytes;
	}
	free(roots);
	l->plan->bytes = top;
	if (top > WORKSPACE_LIMIT)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: the network needs %zu MiB for each thread", l->g->path,
		                 top >> 20);
	return 0;
}

static struct place place_of(const struct layout *l, const void *const *values, size_t v)
{
	struct place p = {.offset = NOT_PLACED};
	const struct buffer *root;
	size_t shift;

	if (v == NO_TENSOR)
		return p;
	if (constant(l, v)) {
		p.constant = values[v];
		return p;
	}
	if (!l->buffers[v].used)
		return p;
	root = &l->buffers[root_of(l, v, &shift)];
	p.offset = root->offset + shift;
	p.step = root->many ? root->bytes / l->plan->group : 0;
	return p;
}

/* Write down where each step finds its inputs and puts its outputs. */
static int fill_places(struct layout *l, const void *const *values, struct error *e)
{
	struct plan *p = l->plan;
	size_t n = p->n_wanted + 1;
	struct place *next;

	for (size_t i = 0; i < p->n_steps; i++)
		n += p->steps[i].n_inputs + p->steps[i].n_outputs;
	p->n_places = n;
	next = p->places = memory_new(n, sizeof *next, e);
	if (!next)
		return -1;
	for (size_t i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];

		s->at = (size_t)(next - p->places);
		for (size_t k = 0; k < s->n_inputs; k++)
			*next++ = place_of(l, values, s->inputs[k]);
		if (s->weights || s->prepared.weights)
			p->places[s->at + 1] =
			        (struct place){.constant = s->weights, .offset = NOT_PLACED};
		if (s->bias)
			p->places[s->at + 2] =
			        (struct place){.constant = s->bias, .offset = NOT_PLACED};
		for (size_t k = 0; k < s->n_outputs; k++)
			*next++ = place_of(l, values, s->outputs[k]);
	}
	p->wanted_at = (size_t)(next - p->places);
	for (size_t i = 0; i < p->n_wanted; i++)
		*next++ = place_of(l, values, p->wanted[i]);
	p->image = (size_t)(next - p->places);
	*next = place_of(l, values, l->g->input);
	return 0;
}

int plan_place(struct plan *p, const void *const *values, struct error *e)
{
	struct layout l = {.plan = p, .g = p->graph};
	int r;

	l.buffers = memory_new(2 * l.g->n_tensors, sizeof *l.buffers, e);
	if (!l.buffers)
		return -1;
	for (size_t v = 0; v < 2 * l.g->n_tensors; v++)
		l.buffers[v].parent = NO_TENSOR;
	lifetimes(&l);
	share_views(&l);
	nest_parts(&l);
	r = place_roots(&l, e) < 0 ? -1 : fill_places(&l, values, e);
	free(l.buffers);
	return r;
}
