/* beam.c -- see inside.h: the search of older work. */
#include "formula/inside.h"

#include <string.h>

/* The best formulas of a length, the best first. */
struct kept {
	size_t n;
	struct formula *formula;
	struct formula_counts *counts;
};

/* Of formulas that match as many pixels of both kinds, the first in order stays. */
static void keep(const struct formula_search *s, struct kept *to, const struct formula *f,
                 struct formula_counts c)
{
	size_t i = to->n;

	for (size_t k = 0; k < to->n; k++)
		if (to->counts[k].both == c.both && to->counts[k].truth == c.truth) {
			if (formula_compare(f, &to->formula[k]) < 0)
				to->formula[k] = *f;
			return;
		}
	while (i > 0) {
		const int order = formula_compare_iou(s->area, c, to->counts[i - 1]);

		if (order < 0 || (order == 0 && formula_compare(f, &to->formula[i - 1]) > 0))
			break;
		i--;
	}
	if (i == s->choice.beam)
		return;
	if (to->n < s->choice.beam)
		to->n++;
	memmove(to->formula + i + 1, to->formula + i, (to->n - i - 1) * sizeof *to->formula);
	memmove(to->counts + i + 1, to->counts + i, (to->n - i - 1) * sizeof *to->counts);
	to->formula[i] = *f;
	to->counts[i] = c;
}

static void extend(const struct formula_search *s, const struct level *l, struct kept *to)
{
	for (uint32_t c = 0; c < s->t->labels; c++)
		for (int op = FORMULA_OR; op <= FORMULA_AND_NOT; op++) {
			const struct sums *in = &l->in[c], *all = &s->label[c];
			struct formula_counts counts = {in->both, in->truth};
			struct formula f = l->prefix;

			if (!may_follow(s, &f, op, c) || !search_changes(s, l, op, c))
				continue;
			if (op == FORMULA_OR)
				counts = (struct formula_counts){
				        l->all.both + all->both - in->both,
				        l->all.truth + all->truth - in->truth};
			else if (op == FORMULA_AND_NOT)
				counts = (struct formula_counts){l->all.both - in->both,
				                                 l->all.truth - in->truth};
			append(&f, op, c);
			if (counts.both > 0)
				keep(s, to, &f, counts);
		}
}

void search_beam(struct formula_search *s, struct formula_found *found)
{
	struct kept beam = {0, s->beam, s->beam_counts}, next = {0, s->next, s->next_counts};

	extend(s, &s->level[0], &beam);
	for (uint32_t length = 1;; length++) {
		found[length - 1] = length > 1 ? found[length - 2] : (struct formula_found){0};
		s->found = &found[length - 1];
		for (size_t i = 0; i < beam.n; i++)
			search_offer(s, &beam.formula[i], beam.counts[i].both,
			             beam.counts[i].truth);
		found[length - 1].bound = 1;
		if (length == s->choice.length)
			break;
		next.n = 0;
		for (size_t i = 0; i < beam.n; i++) {
			struct level *l = &s->level[0];

			for (uint32_t k = 0; k < length; k++)
				l = search_enter(s, l, beam.formula[i].op[k],
				                 beam.formula[i].label[k]);
			extend(s, l, &next);
			for (; l > &s->level[0]; l--)
				search_leave(s, l);
		}
		{
			const struct kept swap = beam;

			beam = next;
			next = swap;
		}
	}
}
