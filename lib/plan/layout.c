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
	bool *made; /* by value */
	struct step *steps;
	size_t n_steps;
};

static size_t twin(const struct layouts *l, size_t t, bool blocked)
{
	return blocked ? t + l->g->n_tensors : t;
}

/* Does a step of that kind want input k blocked? */
static bool wants_blocked(const struct layouts *l, const struct step *s, size_t k)
{
	const struct operation *op = s->node->op;
	const struct tensor *t = &l->g->tensors[s->inputs[k]];

	if (!s->blocked || (!t->constant && !shape_is_blockable(&t->shape)))
		return false;
	return op->blocked_input ? op->blocked_input(s->node, k, l->plan->choice) : k == 0;
}

/* A step works on blocks if it must, or if it can and its input is there in blocks. */
static bool choose(const struct layouts *l, const struct step *s)
{
	const struct operation *op = s->node->op;
	size_t k;

	if (!op->blocked || !op->blocked(l->g, s->node))
		return false;
	for (k = 0; k < s->n_inputs && !op->blocked_only; k++)
		if (s->inputs[k] != NO_TENSOR && l->made[twin(l, s->inputs[k], true)])
			return true;
	return op->blocked_only;
}

/* A constant in blocks, with as many axes as the step's output. */
static int convert_constant(struct layouts *l, const struct step *s, size_t t, struct error *e)
{
	struct shape shape = l->g->tensors[t].shape;
	int rank = l->g->tensors[s->outputs[0]].shape.rank, more = rank - shape.rank;
	size_t v = twin(l, t, true);
	float *copy;

	if (l->values[v])
		return 0;
	memmove(shape.dims + more, shape.dims, (size_t)shape.rank * sizeof *shape.dims);
	for (shape.rank = rank; more > 0; more--)
		shape.dims[more - 1] = 1;
	copy = plan_own(l->plan, v, blocked_count(shape_blocked_size(&shape)) * sizeof *copy,
	                e);
	if (!copy)
		return -1;
	blocked_from_plain(shape_blocked_size(&shape), l->values[t], copy);
	l->values[v] = copy;
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

static int lay_out(struct layouts *l, struct step s, struct error *e)
{
	size_t k, t;

	s.blocked = choose(l, &s);
	for (k = 0; k < s.n_inputs; k++) {
		bool blocked;

		t = s.inputs[k];
		if (t == NO_TENSOR)
			continue;
		blocked = wants_blocked(l, &s, k);
		if (!l->g->tensors[t].constant)
			s.inputs[k] = value_of(l, t, blocked);
		else if (blocked && l->g->tensors[t].count > 1) {
			if (convert_constant(l, &s, t, e) != 0)
				return -1;
			s.inputs[k] = twin(l, t, true);
		}
	}
	for (k = 0; k < s.n_outputs; k++) {
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
	size_t i;

	l.made = memory_new(2 * g->n_tensors, sizeof *l.made, e);
	/* At most one more for each value. */
	l.steps = memory_new(p->n_steps + 2 * g->n_tensors, sizeof *l.steps, e);
	if (l.made && l.steps) {
		if (g->input != NO_TENSOR)
			l.made[g->input] = true;
		for (i = 0; i < p->n_steps && e->code == EXIT_OK; i++)
			lay_out(&l, p->steps[i], e);
	}
	if (e->code != EXIT_OK) {
		free(l.made);
		free(l.steps);
		return -1;
	}
	for (i = 0; i < p->n_wanted; i++)
		if (!g->tensors[p->wanted[i]].constant && !l.made[p->wanted[i]])
			p->wanted[i] += g->n_tensors;
	free(p->steps);
	p->steps = l.steps;
	p->n_steps = l.n_steps;
	free(l.made);
	return 0;
}
