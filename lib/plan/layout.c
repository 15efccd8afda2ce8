/* layout.c -- which values are plain and which blocked, chosen once for a plan.
 *
 * Operators that work on blocks of channels get them; those that can do either go along
 * with their input; where the two meet, a step puts a value into the other order. */
#include "plan/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "operator/blocked_shape.h"

struct layouts {
	struct plan *plan;
	const struct graph *g;
	const void **values;
	bool *made;                 /* by value */
	struct blocked_size *sizes; /* by tensor: of constants that are there in blocks */
	struct step *steps;
	size_t n_steps;
};

static size_t twin(const struct layouts *l, size_t t, bool blocked)
{
	return blocked ? t + l->g->n_tensors : t;
}

/* Does a step that works on blocks want input k so? */
static bool wants_blocked(const struct layouts *l, const struct step *s, size_t k)
{
	const struct operation *op = s->node->op;
	const struct tensor *t = &l->g->tensors[s->inputs[k]];

	if (!t->constant && !shape_is_blockable(&t->shape))
		return false;
	return op->blocked_input ? op->blocked_input(s->node, k, l->plan->choice) : k == 0;
}

/* The size of constant input k in blocks: what its shape counts as there. */
static struct blocked_size constant_size(const struct layouts *l, const struct step *s,
                                         size_t k)
{
	struct shape shape = l->g->tensors[s->inputs[k]].shape;
	int rank = l->g->tensors[s->outputs[0]].shape.rank, more = rank - shape.rank;

	if (s->node->op->operand) {
		s->node->op->operand(l->g, s->node, k, &shape);
	} else {
		memmove(shape.dims + more, shape.dims, (size_t)shape.rank * sizeof *shape.dims);
		for (shape.rank = rank; more > 0; more--)
			shape.dims[more - 1] = 1;
	}
	return shape_blocked_size(&shape);
}

/* Is the constant there in blocks already, but of another size? */
static bool clashes(const struct layouts *l, const struct step *s, size_t k)
{
	const struct blocked_size *there = &l->sizes[s->inputs[k]];
	struct blocked_size wanted;

	if (!l->g->tensors[s->inputs[k]].constant || there->channels == 0)
		return false;
	wanted = constant_size(l, s, k);
	return wanted.batch != there->batch || wanted.channels != there->channels ||
	       wanted.area != there->area;
}

/* A step works on blocks if it must, or if it can and its input is there in blocks. */
static bool choose(const struct layouts *l, const struct step *s)
{
	const struct operation *op = s->node->op;
	bool there = false;

	if (!op->blocked || !op->blocked(l->g, s->node))
		return false;
	for (size_t k = 0; k < s->n_inputs && !op->blocked_only; k++) {
		if (s->inputs[k] == NO_TENSOR)
			continue;
		if (wants_blocked(l, s, k) && clashes(l, s, k))
			return false;
		there = there || l->made[twin(l, s->inputs[k], true)];
	}
	return op->blocked_only || there;
}

/* Constant input k in blocks. */
static int convert_constant(struct layouts *l, const struct step *s, size_t k, struct error *e)
{
	size_t t = s->inputs[k], v = twin(l, t, true);
	struct blocked_size size = constant_size(l, s, k);
	float *copy;

	if (clashes(l, s, k))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: node %s: its constant %s counts as "
		                 "two different shapes",
		                 l->g->path, s->node->name, l->g->tensors[t].name);
	if (l->values[v])
		return 0;
	copy = plan_own(l->plan, v, blocked_count(size) * sizeof *copy, e);
	if (!copy)
		return -1;
	blocked_from_plain(size, l->values[t], copy);
	l->values[v] = copy;
	l->sizes[t] = size;
	return 0;
}

/* The value of tensor t that is wanted; a step makes it if there is none yet. */
static size_t value_of(struct layouts *l, size_t t, bool blocked)
{
	size_t v = twin(l, t, blocked);
	struct step *s;

	if (l->made[v])
		return v;
	s = &l->steps[l->n_steps++];
	*s = (struct step){.n_inputs = 1, .n_outputs = 1};
	s->inputs = plan_list(l->plan, 1);
	s->outputs = plan_list(l->plan, 1);
	s->inputs[0] = twin(l, t, !blocked);
	s->outputs[0] = v;
	l->made[v] = true;
	return v;
}

enum { NEAR = 64 }; /* steps that are looked at for the next one that reads a tensor */

/* Can step number i, or the first after it that reads tensor t, work with it in blocks? */
static bool goes_on_blocked(const struct layouts *l, size_t i, size_t t)
{
	for (size_t end = i + NEAR; i < end && i < l->plan->n_steps; i++) {
		const struct step *s = &l->plan->steps[i];
		const struct operation *op = s->node->op;

		for (size_t k = 0; k < s->n_inputs; k++)
			if (s->inputs[k] == t)
				return op->blocked && op->blocked(l->g, s->node);
	}
	return false;
}

/* A step that turns a map: its blocked side is there, or goes on so. */
static void lay_out_turn(struct layouts *l, struct step s, enum turn turn, size_t i)
{
	size_t x = s.inputs[0], y = s.outputs[0];
	bool to = turn == TURN_TO_LAST;

	s.blocked = to ? l->made[twin(l, x, true)] : goes_on_blocked(l, i + 1, y);
	s.inputs[0] = value_of(l, x, to && s.blocked);
	s.outputs[0] = twin(l, y, !to && s.blocked);
	l->made[s.outputs[0]] = true;
	l->steps[l->n_steps++] = s;
}

static int lay_out(struct layouts *l, struct step s, size_t i, struct error *e)
{
	enum turn turn = s.node->op->turns ? s.node->op->turns(l->g, s.node) : TURN_NONE;
	size_t t;

	if (turn != TURN_NONE) {
		lay_out_turn(l, s, turn, i);
		return 0;
	}
	s.blocked = choose(l, &s);
	for (size_t k = 0; k < s.n_inputs; k++) {
		bool blocked;

		t = s.inputs[k];
		if (t == NO_TENSOR)
			continue;
		blocked = s.blocked && wants_blocked(l, &s, k);
		if (!l->g->tensors[t].constant)
			s.inputs[k] = value_of(l, t, blocked);
		else if (blocked && l->g->tensors[t].count > 1) {
			if (convert_constant(l, &s, k, e) < 0)
				return -1;
			s.inputs[k] = twin(l, t, true);
		}
	}
	for (size_t k = 0; k < s.n_outputs; k++) {
		if (s.outputs[k] == NO_TENSOR)
			continue;
		s.outputs[k] = twin(l, s.outputs[k], s.blocked && k == 0);
		l->made[s.outputs[k]] = true;
	}
	l->steps[l->n_steps++] = s;
	return 0;
}

int plan_layout(struct plan *p, const void **values, struct error *e)
{
	const struct graph *g = p->graph;
	struct layouts l = {.plan = p, .g = g, .values = values};

	l.made = memory_new(2 * g->n_tensors, sizeof *l.made, e);
	l.sizes = memory_new(g->n_tensors, sizeof *l.sizes, e);
	/* At most one more for each value. */
	l.steps = memory_new(p->n_steps + 2 * g->n_tensors, sizeof *l.steps, e);
	if (l.made && l.sizes && l.steps) {
		for (size_t i = 0; i < GIVEN; i++)
			if (p->given[i] != NO_TENSOR)
				l.made[p->given[i]] = true;
		for (size_t i = 0; i < p->n_steps && e->code == EXIT_OK; i++)
			lay_out(&l, p->steps[i], i, e);
	}
	if (e->code != EXIT_OK) {
		free(l.sizes);
		free(l.made);
		free(l.steps);
		return -1;
	}
	for (size_t i = 0; i < p->n_wanted; i++)
		if (!g->tensors[p->wanted[i]].constant && !l.made[p->wanted[i]])
			p->wanted[i] += g->n_tensors;
	free(p->steps);
	p->steps = l.steps;
	p->n_steps = l.n_steps;
	free(l.made);
	free(l.sizes);
	return 0;
}
