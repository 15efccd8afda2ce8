/* pairs.c -- see pairs.h. */
#include "plan/pairs.h"

#include <stdlib.h>

#include "base/memory.h"

/* Are its weights and bias there before any image is? */
static bool weighs_constants(const struct plan *p, const struct step *s)
{
	for (size_t k = WEIGHED_WEIGHTS; k <= WEIGHED_BIAS; k++)
		if (s->inputs[k] != NO_TENSOR &&
		    !p->graph->tensors[plan_tensor(p, s->inputs[k])].constant)
			return false;
	return true;
}

/* Floats of scratch memory for a step and the next one; 0: they don't pair. */
static size_t scratch_of(const struct plan *p, const struct step *s, const size_t *readers)
{
	const struct step *next = s + 1;

	if (!s->node || !s->node->op->pairs || !next->node || s->outputs[0] == NO_TENSOR ||
	    readers[s->outputs[0]] != 1 || next->inputs[0] != s->outputs[0] ||
	    s->inputs[WEIGHED_RESIDUAL] != NO_TENSOR || !weighs_constants(p, s) ||
	    (next->node->op->weighs && !weighs_constants(p, next)))
		return 0;
	return s->node->op->pairs(s->node, next->node, p->choice);
}

int plan_pair(struct plan *p, struct error *e)
{
	size_t *readers = memory_new(2 * p->graph->n_tensors, sizeof *readers, e);

	if (!readers)
		return -1;
	for (size_t i = 0; i < p->n_wanted; i++)
		readers[p->wanted[i]]++;
	for (size_t i = 0; i < p->n_steps; i++)
		for (size_t k = 0; k < p->steps[i].n_inputs; k++)
			if (p->steps[i].inputs[k] != NO_TENSOR)
				readers[p->steps[i].inputs[k]]++;
	for (size_t i = 0; i + 1 < p->head; i++)
		if (i == 0 || !p->steps[i - 1].pair)
			p->steps[i].pair = scratch_of(p, &p->steps[i], readers);
	free(readers);
	return 0;
}
