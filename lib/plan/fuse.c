/* fuse.c -- from needed nodes to steps.
 *
 * A convolution, or another operator that weighs, takes in what follows it where nothing else
 * reads its output: scales and shifts per channel (BatchNormalization, or Mul and Add with
 * constants) go into its weights and bias; the sum with a tensor that is there already, and a
 * ReLU or Clip, into the writing of its results.  A matrix product takes in any activation
 * function, and other shapes of its values.  Wanted tensors are never fused away. */
#include "plan/fuse.h"

#include <stdlib.h>

#include "base/memory.h"
#include "plan/chains.h"

struct fusion {
	struct plan *plan;
	const struct graph *g;
	const void *const *values;
	const struct node **nodes; /* chains.h */
	size_t *users, *user;      /* among these, by tensor */
	bool *wanted;              /* by tensor */
	bool *taken;               /* by node: fused into an earlier step */
	bool *made;                /* by tensor: an earlier step makes it */
	size_t *instead; /* by tensor: what its step makes in its place, plus one; or 0 */
	struct affine affine;
	bool scaled; /* affine is not what it began as */
};

/* The sum of tensor t, made by a step that can add, and one of its shape that is there
 * before: the other one, or NO_TENSOR. */
static size_t residual(const struct fusion *f, const struct step *s, const struct node *n)
{
	const struct operation *op = s->node->op;
	size_t t = s->outputs[0], other;

	if (!op->takes_residual || !n->op->adds ||
	    !op->takes_residual(s->node, f->plan->choice))
		return NO_TENSOR;
	other = n->inputs[n->inputs[0] == t];
	if (!f->made[other] ||
	    !shape_equal(&f->g->tensors[other].shape, &f->g->tensors[t].shape))
		return NO_TENSOR;
	return other;
}

static bool takes_bounds(struct step *s, const struct node *next)
{
	if (!s->node->op->clamps || !next->op->bounds)
		return false;
	next->op->bounds(next, &s->clamp);
	return true;
}

/* The one needed node that reads t, or NULL. */
static const struct node *only_user(const struct fusion *f, size_t t)
{
	if (f->users[t] != 1 || f->wanted[t])
		return NULL;
	return f->nodes[f->user[t]];
}

/* w * scale, when they are prepared, and a new bias: b * scale + shift. */
static int fold_weights(struct fusion *f, struct step *s, struct error *e)
{
	const struct node *n = s->node;
	const float *bias = node_input(f->g, n, 2) ? f->values[n->inputs[2]] : NULL;
	float *new_bias = memory_new(f->affine.channels, sizeof *new_bias, e);

	if (!new_bias)
		return -1;
	for (size_t c = 0; c < f->affine.channels; c++)
		new_bias[c] =
		        (float)((bias ? bias[c] : 0) * f->affine.scale[c] + f->affine.shift[c]);
	s->bias = new_bias;
	s->scale = f->affine.scale;
	f->affine.scale = NULL;
	return 0;
}

/* Does the node's plain output have its units on its last axis? */
static bool dense(const struct node *n)
{
	return n->op->units && n->op->units(n) >= 0;
}

/* Can scales go into the weights of this node? */
static bool foldable(const struct fusion *f, const struct node *n)
{
	return n->op->weighs && (!n->op->units || dense(n)) &&
	       f->values[n->inputs[WEIGHED_WEIGHTS]] &&
	       (!node_input(f->g, n, WEIGHED_BIAS) || f->values[n->inputs[WEIGHED_BIAS]]);
}

static int start_affine(struct affine *a, const struct step *s, const struct shape *out,
                        struct error *e)
{
	size_t channels = out->dims[dense(s->node) ? out->rank - 1 : 1];

	a->channels = channels;
	a->last = dense(s->node);
	a->scale = memory_new(channels, sizeof *a->scale, e);
	a->shift = memory_new(channels, sizeof *a->shift, e);
	if (!a->scale || !a->shift)
		return -1;
	for (size_t c = 0; c < channels; c++)
		a->scale[c] = 1;
	return 0;
}

static void end_affine(struct affine *a)
{
	free(a->scale);
	free(a->shift);
	a->scale = a->shift = NULL;
}

/* Does nothing read or want what the node makes beside its first output? */
static bool single(const struct fusion *f, const struct node *n)
{
	for (size_t k = 1; k < n->n_outputs; k++)
		if (n->outputs[k] != NO_TENSOR &&
		    (f->users[n->outputs[k]] > 0 || f->wanted[n->outputs[k]]))
			return false;
	return true;
}

/* What only plain values go along with. */
static bool absorb_plain(const struct fusion *f, struct step *s, const struct node *next)
{
	if (!dense(s->node) || next->inputs[0] != s->outputs[0])
		return false;
	if (node_is_view(next))
		return single(f, next);
	if (!next->op->apply)
		return false;
	s->after = next;
	return true;
}

/* Take in the node after s; false if it does not fuse. */
static bool absorb_node(struct fusion *f, struct step *s, const struct node *next, bool fold)
{
	size_t other;

	if (fold && s->inputs[WEIGHED_RESIDUAL] == NO_TENSOR && next->op->scales &&
	    next->op->scales(f->g, next, next->inputs[0] != s->outputs[0], f->values,
	                     &f->affine)) {
		f->scaled = true;
		return true;
	}
	if (takes_bounds(s, next) || absorb_plain(f, s, next))
		return true;
	other = residual(f, s, next);
	if (other == NO_TENSOR || s->inputs[WEIGHED_RESIDUAL] != NO_TENSOR)
		return false;
	s->inputs[WEIGHED_RESIDUAL] = other;
	return true;
}

/* Scales of channels that were turned to the front go into the weights too: who turns them
 * makes what the last of these nodes makes. */
static void absorb_turned(struct fusion *f, const struct step *s)
{
	const struct node *turn = only_user(f, *s->outputs), *next;
	size_t t;

	if (!turn || !turn->op->turns || turn->op->turns(f->g, turn) != TURN_FROM_LAST)
		return;
	t = turn->outputs[0];
	f->affine.last = false;
	while ((next = only_user(f, t)) && next->op->scales && node_output(f->g, next, 0) &&
	       shape_equal(&node_output(f->g, next, 0)->shape, &f->g->tensors[t].shape) &&
	       next->op->scales(f->g, next, next->inputs[0] != t, f->values, &f->affine)) {
		f->taken[f->user[t]] = f->scaled = true;
		t = next->outputs[0];
	}
	f->instead[turn->outputs[0]] = t + 1;
}

/* Take in the nodes after s that fuse. */
static int absorb(struct fusion *f, struct step *s, struct error *e)
{
	bool fold = foldable(f, s->node);
	const struct node *next;
	size_t *out = s->outputs;
	int r = 0;

	if (s->n_outputs == 0 || *out == NO_TENSOR)
		return 0;
	f->scaled = false;
	if (fold && start_affine(&f->affine, s, &f->g->tensors[*out].shape, e) < 0) {
		end_affine(&f->affine);
		return -1;
	}
	while (!s->clamp.on && !s->after && (next = only_user(f, *out)) &&
	       node_output(f->g, next, 0) &&
	       node_output(f->g, next, 0)->count == f->g->tensors[*out].count &&
	       absorb_node(f, s, next, fold)) {
		f->taken[f->user[*out]] = true;
		*out = next->outputs[0];
	}
	if (fold && f->affine.last && !s->clamp.on && !s->after &&
	    s->inputs[WEIGHED_RESIDUAL] == NO_TENSOR)
		absorb_turned(f, s);
	if (fold && f->scaled)
		r = fold_weights(f, s, e);
	if (fold)
		end_affine(&f->affine);
	return r;
}

static void count_users(struct fusion *f)
{
	size_t t;

	for (size_t i = 0; i < f->g->n_nodes; i++) {
		for (size_t k = 0; f->nodes[i] && k < f->nodes[i]->n_inputs; k++) {
			t = f->nodes[i]->inputs[k];
			if (t == NO_TENSOR)
				continue;
			f->users[t]++;
			f->user[t] = i;
		}
	}
	for (size_t i = 0; i < f->plan->n_wanted; i++)
		f->wanted[f->plan->wanted[i]] = true;
}

static void start_step(const struct fusion *f, struct step *s, const struct node *n)
{
	struct plan *p = f->plan;
	size_t t;

	s->node = n;
	s->n_inputs = n->op->weighs ? WEIGHED_INPUTS : n->n_inputs;
	s->n_outputs = n->n_outputs;
	s->inputs = plan_list(p, s->n_inputs);
	s->outputs = plan_list(p, s->n_outputs);
	for (size_t k = 0; k < s->n_inputs; k++)
		s->inputs[k] = k < n->n_inputs ? n->inputs[k] : NO_TENSOR;
	for (size_t k = 0; k < n->n_outputs; k++) {
		t = n->outputs[k];
		s->outputs[k] = t != NO_TENSOR && f->instead[t] ? f->instead[t] - 1 : t;
	}
}

static int make_steps(struct fusion *f, struct error *e)
{
	struct plan *p = f->plan;

	for (size_t i = 0; i < GIVEN; i++)
		if (p->given[i] != NO_TENSOR)
			f->made[p->given[i]] = true;
	for (size_t i = 0; i < f->g->n_nodes; i++) {
		struct step *s = &p->steps[p->n_steps];

		if (!f->nodes[i] || f->taken[i])
			continue;
		start_step(f, s, f->nodes[i]);
		p->n_steps++;
		if (absorb(f, s, e) < 0)
			return -1;
		for (size_t k = 0; k < s->n_outputs; k++)
			if (s->outputs[k] != NO_TENSOR)
				f->made[s->outputs[k]] = true;
	}
	return 0;
}

int plan_fuse(struct plan *p, const bool *needed, const void *const *values, struct error *e)
{
	const struct graph *g = p->graph;
	struct fusion f = {.plan = p, .g = g, .values = values};
	int r = -1;

	f.nodes = memory_new(g->n_nodes, sizeof *f.nodes, e);
	f.users = memory_new(g->n_tensors, sizeof *f.users, e);
	f.user = memory_new(g->n_tensors, sizeof *f.user, e);
	f.wanted = memory_new(g->n_tensors, sizeof *f.wanted, e);
	f.taken = memory_new(g->n_nodes, sizeof *f.taken, e);
	f.made = memory_new(g->n_tensors, sizeof *f.made, e);
	f.instead = memory_new(g->n_tensors, sizeof *f.instead, e);
	if (f.nodes && f.users && f.user && f.wanted && f.taken && f.made && f.instead &&
	    plan_chains(p, needed, values, f.nodes, e) == 0) {
		count_users(&f);
		r = make_steps(&f, e);
	}
	free(f.nodes);
	free(f.users);
	free(f.user);
	free(f.wanted);
	free(f.taken);
	free(f.made);
	free(f.instead);
	return r;
}
