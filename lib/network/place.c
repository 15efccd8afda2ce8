/* place.c -- where the tensors of a plan lie in a workspace.
 *
 * A view shares its input's memory, and an input of a Concat along the outermost axis
 * is made in its place in the output, so neither is copied.  What is left are roots:
 * each has a lifetime in steps, and two whose lifetimes meet don't overlap. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "network/movement.h"
#include "network/plan.h"

enum { ALIGN = 64 };

/* At most this much memory for the tensors of one thread. */
#define WORKSPACE_LIMIT ((size_t)1 << 33)

struct buffer {
	size_t parent; /* tensor whose memory holds this one, or NO_TENSOR: a root */
	size_t shift;  /* bytes into it */
	bool used;
	size_t first, last; /* steps; of a root, those of all that it holds */
	size_t bytes, offset;
};

struct layout {
	struct network_plan *plan;
	const struct graph *g;
	struct buffer *buffers; /* by tensor */
};

static size_t root_of(const struct layout *l, size_t t, size_t *shift)
{
	*shift = 0;
	while (l->buffers[t].parent != NO_TENSOR) {
		*shift += l->buffers[t].shift;
		t = l->buffers[t].parent;
	}
	return t;
}

static void use(struct layout *l, size_t t, size_t step)
{
	struct buffer *b = &l->buffers[t];

	if (!b->used || step < b->first)
		b->first = step;
	if (!b->used || step > b->last)
		b->last = step;
	b->used = true;
}

/* The output of s that stands at k, after fusion. */
static size_t output_of(const struct step *s, size_t k)
{
	return k == 0 ? s->out : s->node->outputs[k];
}

static bool live_output(const struct layout *l, size_t t)
{
	return t != NO_TENSOR && l->buffers[t].used;
}

/* First and last use of every tensor, counting from step 1; the image is there at 0. */
static void lifetimes(struct layout *l)
{
	struct network_plan *p = l->plan;
	size_t i, k, t;

	if (l->g->input != NO_TENSOR)
		use(l, l->g->input, 0);
	for (i = 0; i < p->n_wanted; i++)
		if (!l->g->tensors[p->wanted[i]].constant)
			use(l, p->wanted[i], p->n_steps + 1);
	for (i = 0; i < p->n_steps; i++)
		for (k = 0; k < p->steps[i].node->n_inputs; k++) {
			t = p->steps[i].node->inputs[k];
			if (t != NO_TENSOR && !l->g->tensors[t].constant)
				use(l, t, i + 1);
		}
	/* Only what is read or wanted gets memory, and output 0, which is always written. */
	for (i = 0; i < p->n_steps; i++)
		for (k = 0; k < p->steps[i].node->n_outputs; k++) {
			t = output_of(&p->steps[i], k);
			if (t != NO_TENSOR && (k == 0 || l->buffers[t].used))
				use(l, t, i + 1);
		}
}

static void share_views(struct layout *l)
{
	struct network_plan *p = l->plan;
	size_t i, k;

	for (i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];
		bool alone = true;

		for (k = 1; k < s->node->n_outputs; k++)
			alone = alone && !live_output(l, s->node->outputs[k]);
		if (!s->node->op->view || !alone || s->out == NO_TENSOR)
			continue;
		s->view = true;
		l->buffers[s->out].parent = s->node->inputs[0];
	}
}

/* Make the inputs of a Concat in their place.  Later ones first, so that a Concat of
 * Concats nests. */
static void nest_concats(struct layout *l)
{
	struct network_plan *p = l->plan;
	size_t i, k, t, shift, at, bytes;

	for (i = p->n_steps; i-- > 0;) {
		const struct step *s = &p->steps[i];
		const struct concat *c = s->node->params;

		if (strcmp(s->node->type, "Concat") != 0 || c->outer != 1 ||
		    s->out == NO_TENSOR)
			continue;
		for (k = at = 0; k < s->node->n_inputs; k++, at += bytes) {
			const struct tensor *in = &l->g->tensors[s->node->inputs[k]];

			bytes = in->count * kind_size(in->kind);
			if (in->constant)
				continue;
			t = root_of(l, s->node->inputs[k], &shift);
			if (shift != 0 || t == s->out || l->g->tensors[t].count != in->count)
				continue;
			l->buffers[t].parent = s->out;
			l->buffers[t].shift = at;
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
	size_t i, at = 0;

	for (i = 0; i < n; i++) {
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

static int place_roots(struct layout *l, struct error *e)
{
	struct buffer **roots = memory_new(2 * l->g->n_tensors, sizeof *roots, e);
	struct buffer **placed = roots ? roots + l->g->n_tensors : NULL;
	size_t t, n = 0, i, k, top = 0, root, shift;

	if (!roots)
		return -1;
	for (t = 0; t < l->g->n_tensors; t++) {
		struct buffer *b = &l->buffers[t];

		if (!b->used)
			continue;
		root = root_of(l, t, &shift);
		if (root != t) {
			use(l, root, b->first);
			use(l, root, b->last);
			continue;
		}
		b->bytes = l->g->tensors[t].count * kind_size(l->g->tensors[t].kind);
		b->bytes = (b->bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
		roots[n++] = b;
	}
	qsort(roots, n, sizeof *roots, larger);
	for (i = 0; i < n; i++) {
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

static struct place place_of(const struct layout *l, const void *const *values, size_t t)
{
	struct place p = {.offset = NOT_PLACED};
	size_t shift, root;

	if (t == NO_TENSOR)
		return p;
	if (l->g->tensors[t].constant) {
		p.constant = values[t];
		return p;
	}
	if (!l->buffers[t].used)
		return p;
	root = root_of(l, t, &shift);
	p.offset = l->buffers[root].offset + shift;
	return p;
}

/* Write down where each step finds its inputs and puts its outputs. */
static int fill_places(struct layout *l, const void *const *values, struct error *e)
{
	struct network_plan *p = l->plan;
	size_t i, k, n = p->n_wanted;
	struct place *next;

	for (i = 0; i < p->n_steps; i++)
		n += p->steps[i].node->n_inputs + p->steps[i].node->n_outputs + 1;
	p->pointers = n;
	next = p->places = memory_new(n, sizeof *next, e);
	if (!next)
		return -1;
	for (i = 0; i < p->n_steps; i++) {
		struct step *s = &p->steps[i];

		s->in = next;
		for (k = 0; k < s->node->n_inputs; k++)
			*next++ = place_of(l, values, s->node->inputs[k]);
		if (s->weights || s->prepared.weights)
			s->in[1] = (struct place){.constant = s->weights, .offset = NOT_PLACED};
		if (s->bias) {
			if (s->node->n_inputs == 2)
				next++;
			s->in[2] = (struct place){.constant = s->bias, .offset = NOT_PLACED};
		}
		s->n_in = (size_t)(next - s->in);
		s->outs = next;
		for (k = 0; k < s->node->n_outputs; k++)
			*next++ = place_of(l, values, output_of(s, k));
	}
	p->wanted_at = next;
	for (i = 0; i < p->n_wanted; i++)
		*next++ = place_of(l, values, p->wanted[i]);
	p->image = place_of(l, values, l->g->input);
	return 0;
}

int plan_place(struct network_plan *p, const void *const *values, struct error *e)
{
	struct layout l = {.plan = p, .g = p->net->graph};
	size_t t;
	int r;

	l.buffers = memory_new(l.g->n_tensors, sizeof *l.buffers, e);
	if (!l.buffers)
		return -1;
	for (t = 0; t < l.g->n_tensors; t++)
		l.buffers[t].parent = NO_TENSOR;
	lifetimes(&l);
	share_views(&l);
	nest_concats(&l);
	r = place_roots(&l, e) != 0 ? -1 : fill_places(&l, values, e);
	free(l.buffers);
	return r;
}
