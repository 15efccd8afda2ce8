/* search.c -- see search.h, and inside.h for how. */
#include "formula/search.h"
#include "formula/inside.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* ---- branches ---- */

/* Whether the formula with one more label can be the first in order of those that hold for the
 * same pixels: not if the label changes nothing, or has the last one's place in order. */
static bool is_first(const struct formula_search *s, const struct level *l, enum formula_op op,
                     uint32_t c)
{
	const struct formula *f = &l->prefix;
	uint32_t before;
	bool removed;

	if (!search_changes(s, l, op, c))
		return false;
	if (f->length == 0)
		return true;
	before = f->label[f->length - 1];
	if (c > before)
		return true;
	removed = f->length > 1 && f->op[f->length - 1] != FORMULA_OR;
	if (op == FORMULA_AND)
		return f->length > 1 && !removed;
	if (removed == (op == FORMULA_AND_NOT))
		return false;
	if (f->length == 1 || (removed && f->op[f->length - 1] == FORMULA_AND))
		return true;
	return formula_table_pair(s->t, before, c) < s->t->pairs;
}

static int compare_children(const void *pa, const void *pb)
{
	const struct child *a = pa, *b = pb;

	if (a->bound != b->bound)
		return a->bound < b->bound ? 1 : -1;
	if (a->label != b->label)
		return a->label < b->label ? -1 : 1;
	return (a->op > b->op) - (a->op < b->op);
}

static void visit(struct formula_search *s, struct level *l, size_t k);

/* The labels that may come next, the most promising first. */
static size_t find_children(const struct formula_search *s, struct level *l,
                            const struct view *v, size_t k)
{
	size_t n = 0;

	for (uint32_t c = 0; c < s->t->labels; c++)
		for (int op = FORMULA_OR; op <= FORMULA_AND_NOT; op++) {
			int64_t bound;

			if (!may_follow(s, &l->prefix, op, c) || !is_first(s, l, op, c))
				continue;
			bound = search_bound_child(s, l, v, op, c, k - 1);
			if (bound >= s->need)
				l->child[n++] = (struct child){bound, c, (uint8_t)op};
		}
	if (n > 0)
		qsort(l->child, n, sizeof *l->child, compare_children);
	return n;
}

/* With a better formula, of children after the i-th fewer are left. */
static size_t choose_again(struct formula_search *s, struct level *l, size_t i, size_t n,
                           size_t k)
{
	struct view v;
	size_t left = i;

	search_weigh(s);
	search_look(s, l, k, &v);
	for (; i < n; i++) {
		struct child c = l->child[i];

		c.bound = search_bound_child(s, l, &v, c.op, c.label, k - 1);
		if (c.bound >= s->need)
			l->child[left++] = c;
	}
	return left;
}

static void branch(struct formula_search *s, struct level *l, const struct view *v, size_t k)
{
	size_t n = find_children(s, l, v, k);

	spend(s, 3 * s->t->labels + n);
	for (size_t i = 0; i < n; i++) {
		const struct child child = l->child[i];
		struct level *next;

		if (!spend(s, 0)) {
			s->open = larger(s->open, child.bound);
			continue;
		}
		next = search_enter(s, l, child.op, child.label);
		visit(s, next, k - 1);
		search_leave(s, next);
		if (s->stale && l->prefix.length == 0)
			n = choose_again(s, l, i + 1, n, k);
	}
}

static void visit(struct formula_search *s, struct level *l, size_t k)
{
	struct view v;

	search_look(s, l, k, &v);
	if (k == 2) {
		const int64_t bound = search_bound_two(s, &v);

		if (bound >= s->need && !search_finish_two(s, l))
			s->open = larger(s->open, bound);
		return;
	}
	if (search_bound(s, &v, k) >= s->need)
		branch(s, l, &v, k);
}

/* ---- units ---- */

/* At least two labels: of one the beam has the best. */
static void search_length(struct formula_search *s, struct formula_found *found,
                          uint32_t length)
{
	struct formula_found *best = &found[length - 1];

	if (formula_compare_iou(s->area, best->counts, best[-1].counts) <= 0) {
		best->formula = best[-1].formula;
		best->counts = best[-1].counts;
	}
	s->found = best;
	s->open = 0;
	search_weigh(s);
	for (uint32_t i = 3; i <= FORMULA_MOST; i++)
		s->most[i] = i < length ? search_most(s, &found[i - 1]) : NO_BOUND;
	visit(s, &s->level[0], length);
	/* Formulas of fewer labels were sought before. */
	best->proven = s->open == 0 && best[-1].proven;
	best->bound = formula_iou(s->area, best->counts);
	if (best->proven)
		return;
	if (s->open > 0)
		best->bound = fmax(best->bound, (double)s->open / (double)Q / (double)s->area);
	best->bound = fmin(1, fmax(best->bound, best[-1].bound));
}

void formula_search_unit(struct formula_search *s, const int64_t *both, int64_t area,
                         struct formula_found *found)
{
	s->both = both;
	s->area = area;
	s->steps = 0;
	search_take(s);
	search_beam(s, found);
	found[0].proven = true;
	found[0].bound = formula_iou(area, found[0].counts);
	for (uint32_t i = 2; s->choice.optimal && i <= s->choice.length; i++)
		search_length(s, found, i);
	for (uint32_t i = 0; i < s->choice.length; i++)
		for (uint32_t k = 0; k < found[i].formula.length; k++)
			found[i].formula.label[k] = s->t->number[found[i].formula.label[k]];
}

/* ---- room ---- */

static int make_level(struct level *l, const struct formula_table *t, struct error *e)
{
	l->set = memory_new(t->classes, sizeof *l->set, e);
	l->mark = memory_new(t->classes, sizeof *l->mark, e);
	l->in = memory_new(t->labels, sizeof *l->in, e);
	l->child = memory_new(t->labels, 3 * sizeof *l->child, e);
	return l->set && l->mark && l->in && l->child ? 0 : -1;
}

static int make_room(struct formula_search *s, const struct formula_table *t, struct error *e)
{
	s->positive = memory_new(t->classes, sizeof *s->positive, e);
	s->label = memory_new(t->labels, sizeof *s->label, e);
	s->pair = memory_new(t->pairs, sizeof *s->pair, e);
	s->best_pair = memory_new(t->pairs, sizeof *s->best_pair, e);
	s->best_label = memory_new(t->labels, sizeof *s->best_label, e);
	s->used = memory_new(t->labels, sizeof *s->used, e);
	s->stamp = memory_new(t->classes, sizeof *s->stamp, e);
	s->pair_stamp = memory_new(t->pairs, sizeof *s->pair_stamp, e);
	s->pair_in = memory_new(t->pairs, sizeof *s->pair_in, e);
	s->touched = memory_new(t->pairs, sizeof *s->touched, e);
	s->one = memory_new(t->labels, sizeof *s->one, e);
	s->two = memory_new(t->labels, sizeof *s->two, e);
	s->beam = memory_new(s->choice.beam + 1, sizeof *s->beam, e);
	s->next = memory_new(s->choice.beam + 1, sizeof *s->next, e);
	s->beam_counts = memory_new(s->choice.beam + 1, sizeof *s->beam_counts, e);
	s->next_counts = memory_new(s->choice.beam + 1, sizeof *s->next_counts, e);
	s->level = memory_new(s->choice.length, sizeof *s->level, e);
	if (e->code)
		return -1;
	for (; s->levels < s->choice.length; s->levels++)
		if (make_level(&s->level[s->levels], t, e) < 0)
			return -1;
	return 0;
}

struct formula_search *formula_search_new(const struct formula_table *t,
                                          const struct formula_choice *choice, struct error *e)
{
	struct formula_search *s = memory_new(1, sizeof *s, e);

	if (!s)
		return NULL;
	s->t = t;
	s->choice = *choice;
	if (make_room(s, t, e) == 0)
		return s;
	formula_search_free(s);
	return NULL;
}

void formula_search_free(struct formula_search *s)
{
	if (!s)
		return;
	for (size_t i = 0; s->level && i < s->choice.length; i++) {
		free(s->level[i].set);
		free(s->level[i].mark);
		free(s->level[i].in);
		free(s->level[i].child);
	}
	free(s->positive);
	free(s->label);
	free(s->pair);
	free(s->best_pair);
	free(s->best_label);
	free(s->used);
	free(s->stamp);
	free(s->pair_stamp);
	free(s->pair_in);
	free(s->touched);
	free(s->one);
	free(s->two);
	free(s->beam);
	free(s->next);
	free(s->beam_counts);
	free(s->next_counts);
	free(s->level);
	free(s);
}
