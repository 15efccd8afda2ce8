/* weights.c -- see inside.h: what classes, labels and pairs of a unit weigh. */
#include "formula/inside.h"

#include <stdlib.h>

static int compare_ranked(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return (a->place > b->place) - (a->place < b->place);
}

void search_sort(struct ranked *r, size_t n)
{
	if (n > 0)
		qsort(r, n, sizeof *r, compare_ranked);
}

int64_t search_most(const struct formula_search *s, const struct formula_found *found)
{
	double most;

	if (found->bound >= 1)
		return NO_BOUND;
	most = found->bound * (double)Q * (double)s->area;
	if (found->bound * (double)Q > (double)s->step)
		most = larger(s->step * s->area, 0) +
		       (found->bound * (double)Q - (double)s->step) *
		               (double)(s->area + s->pixels);
	return (int64_t)(most * (1 + 1e-12)) + 2;
}

void search_weigh(struct formula_search *s)
{
	const struct formula_table *t = s->t;
	const struct formula_counts c = s->found->counts;
	const int64_t all = s->area + c.truth - c.both;

	s->step = all ? (int64_t)(((__int128)c.both << STEPS) / all) : 0;
	s->need = larger(s->step * s->area, 1);
	s->stale = false;
	for (size_t i = 0; i < t->classes; i++)
		s->positive[i] = larger(weigh(s, s->both[i], t->pixels[i]), 0);
	for (size_t l = 0; l < t->labels; l++) {
		struct sums *a = &s->label[l];

		a->positive = 0;
		for (size_t i = t->first_class[l]; i < t->first_class[l + 1]; i++)
			a->positive += s->positive[t->class[i]];
		s->best_label[l] = (struct ranked){weight(s, a), (uint32_t)l};
	}
	search_sort(s->best_label, t->labels);
	for (size_t i = 0; i < t->pairs; i++) {
		const struct formula_pair *p = &t->pair[i];
		const int64_t ab = weight(s, &s->pair[i]), a = weight(s, &s->label[p->a]),
		              b = weight(s, &s->label[p->b]);

		s->best_pair[i] = (struct ranked){
		        larger(larger(a + b - ab, ab), larger(a, b) - ab), (uint32_t)i};
	}
	search_sort(s->best_pair, t->pairs);
	s->most[0] = 0;
	s->most[1] = t->labels ? s->best_label[0].value : 0;
	s->most[2] = t->labels > 1 ? larger(s->most[1],
	                                    s->best_label[0].value + s->best_label[1].value)
	                           : s->most[1];
	if (t->pairs)
		s->most[2] = larger(s->most[2], s->best_pair[0].value);
}

void search_take(struct formula_search *s)
{
	const struct formula_table *t = s->t;

	s->pixels = 0;
	for (size_t i = 0; i < t->classes; i++)
		s->pixels += t->pixels[i];
	for (size_t l = 0; l < t->labels; l++) {
		s->label[l] = (struct sums){.truth = t->truth[l]};
		for (size_t i = t->first_class[l]; i < t->first_class[l + 1]; i++)
			s->label[l].both += s->both[t->class[i]];
	}
	for (size_t i = 0; i < t->pairs; i++)
		s->pair[i] = (struct sums){.truth = t->pair[i].truth};
	for (size_t c = 0; c < t->classes; c++)
		if (s->both[c])
			for (size_t i = t->first_pair[c]; i < t->first_pair[c + 1]; i++)
				s->pair[t->in_pair[i]].both += s->both[c];
}
