/* prefix.c -- see inside.h: formulas on their way, and the pixels that they hold for. */
#include "formula/inside.h"

#include <string.h>

void search_offer(struct formula_search *s, const struct formula *f, int64_t both,
                  int64_t truth)
{
	struct formula_found *best = s->found;
	const struct formula_counts c = {both, truth};
	const int order = formula_compare_iou(s->area, c, best->counts);

	if (order < 0 || both == 0)
		return;
	if (order == 0 && formula_compare(f, &best->formula) >= 0)
		return;
	best->formula = *f;
	best->counts = c;
	if (order > 0)
		s->stale = true;
}

uint32_t search_stamp(struct formula_search *s)
{
	if (++s->now == 0) {
		memset(s->stamp, 0, s->t->classes * sizeof *s->stamp);
		memset(s->pair_stamp, 0, s->t->pairs * sizeof *s->pair_stamp);
		s->now = 1;
	}
	return s->now;
}

static void sum_up(struct formula_search *s, struct level *l)
{
	const struct formula_table *t = s->t;

	memset(l->in, 0, t->labels * sizeof *l->in);
	l->all = (struct sums){0};
	s->steps += t->labels + l->size;
	for (size_t i = 0; i < l->size; i++) {
		const uint32_t c = l->set[i];
		const int64_t both = s->both[c], truth = t->pixels[c],
		              positive = s->positive[c];

		l->all.both += both;
		l->all.truth += truth;
		l->all.positive += positive;
		for (size_t k = t->first[c]; k < t->first[c + 1]; k++) {
			struct sums *in = &l->in[t->label[k]];

			in->both += both;
			in->truth += truth;
			in->positive += positive;
		}
	}
}

struct level *search_enter(struct formula_search *s, const struct level *from,
                           enum formula_op op, uint32_t label)
{
	const struct formula_table *t = s->t;
	struct level *to = &s->level[from->prefix.length + 1];
	const uint32_t *class = t->class + t->first_class[label];
	const size_t n = t->first_class[label + 1] - t->first_class[label];

	to->prefix = from->prefix;
	append(&to->prefix, op, label);
	s->used[label]++;
	to->size = 0;
	if (op == FORMULA_OR) {
		if (from->size > 0)
			memcpy(to->set, from->set, from->size * sizeof *to->set);
		to->size = from->size;
		for (size_t i = 0; i < n; i++)
			if (!from->mark[class[i]])
				to->set[to->size++] = class[i];
	} else if (op == FORMULA_AND) {
		for (size_t i = 0; i < n; i++)
			if (from->mark[class[i]])
				to->set[to->size++] = class[i];
	} else {
		const uint32_t now = search_stamp(s);

		for (size_t i = 0; i < n; i++)
			s->stamp[class[i]] = now;
		for (size_t i = 0; i < from->size; i++)
			if (s->stamp[from->set[i]] != now)
				to->set[to->size++] = from->set[i];
	}
	for (size_t i = 0; i < to->size; i++)
		to->mark[to->set[i]] = 1;
	sum_up(s, to);
	return to;
}

void search_leave(struct formula_search *s, struct level *l)
{
	s->used[l->prefix.label[l->prefix.length - 1]]--;
	for (size_t i = 0; i < l->size; i++)
		l->mark[l->set[i]] = 0;
}

bool search_changes(const struct formula_search *s, const struct level *l, enum formula_op op,
                    uint32_t c)
{
	const int64_t in = l->in[c].truth, all = s->label[c].truth, f = l->all.truth;

	switch (op) {
	case FORMULA_OR:
		return in < all && (in < f || f == 0);
	case FORMULA_AND:
		return in > 0 && in < f && in < all;
	default:
		return in > 0 && in < f;
	}
}
