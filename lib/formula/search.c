/* search.c -- see search.h.
 *
 * Let f be the pixels of a prefix.  Whatever k labels follow, the pixels of the formula are
 *
 *	F = D + (f & K)
 *
 * where K is what all removals (AND, AND NOT) leave, and D a formula of the labels from the
 * first OR on.  Weights are of Q = 2^20 steps: W of f, P its positive ones and N the others,
 * so W = P - N; "in" and "out" are a label's within f and beyond. */
#include "formula/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { STEPS = 20 };
static const int64_t Q = (int64_t)1 << STEPS;
static const int64_t NO_BOUND = INT64_MAX / 4;

struct sums {
	int64_t both, truth, positive;
};

/* A formula's beginning, by places of labels, with the classes that it holds for. */
struct level {
	struct formula prefix;
	uint32_t *set; /* (size), of classes */
	size_t size;
	uint8_t *mark; /* (classes): whether in set */
	struct sums all;
	struct sums *in; /* (labels): those of set that have the label */
	struct child *child;
};

/* A label that may come next. */
struct child {
	int64_t bound;
	uint32_t label;
	uint8_t op;
};

struct ranked {
	int64_t value;
	uint32_t place;
};

struct formula_search {
	const struct formula_table *t;
	struct formula_choice choice;
	const int64_t *both;
	int64_t area, pixels; /* of all classes */
	/* of the unit, with weights for an IoU of step / Q: */
	int64_t step, need;             /* the weight that is needed */
	int64_t *positive;              /* (classes) */
	struct sums *label;             /* (labels) */
	struct sums *pair;              /* (pairs) */
	struct ranked *best_pair;       /* (pairs): by the best formula of both, descending */
	struct ranked *best_label;      /* (labels): by weight, descending */
	int64_t most[FORMULA_MOST + 1]; /* of formulas of at most that many labels */
	/* of the length that is searched: */
	uint32_t length;
	struct formula_found *found; /* best so far */
	bool stale;
	uint64_t steps; /* classes, pairs and labels that were looked at */
	int64_t open;   /* greatest bound of what was not searched */
	/* room: */
	size_t levels;
	struct level *level;          /* (levels): of prefixes of 0, 1, ... labels */
	uint8_t *used;                /* (labels): times in the prefix */
	uint32_t *stamp, *pair_stamp; /* (classes), (pairs) */
	uint32_t now;
	struct sums *pair_in;     /* (pairs), where stamped */
	uint32_t *touched;        /* pairs that are */
	struct ranked *one, *two; /* (labels) */
	struct formula *beam, *next;
	struct formula_counts *beam_counts, *next_counts;
};

/* ---- weights ---- */

static int64_t weigh(const struct formula_search *s, int64_t both, int64_t truth)
{
	return (Q + s->step) * both - s->step * truth;
}

static int64_t weight(const struct formula_search *s, const struct sums *a)
{
	return weigh(s, a->both, a->truth);
}

/* Whether there is budget for so many steps more. */
static bool spend(struct formula_search *s, size_t steps)
{
	s->steps += steps;
	return s->choice.budget == 0 || s->steps <= s->choice.budget;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int compare_ranked(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return (a->place > b->place) - (a->place < b->place);
}

static void sort_ranked(struct ranked *r, size_t n)
{
	if (n > 0)
		qsort(r, n, sizeof *r, compare_ranked);
}

/* No formula of at most so many labels weighs more, as their IoU is known to be at most that
 * of found. */
static int64_t most_by_iou(const struct formula_search *s, const struct formula_found *found)
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

/* Weights for the IoU of the best formula so far. */
static void set_weights(struct formula_search *s)
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
	sort_ranked(s->best_label, t->labels);
	for (size_t i = 0; i < t->pairs; i++) {
		const struct formula_pair *p = &t->pair[i];
		const int64_t ab = weight(s, &s->pair[i]), a = weight(s, &s->label[p->a]),
		              b = weight(s, &s->label[p->b]);

		s->best_pair[i] = (struct ranked){
		        larger(larger(a + b - ab, ab), larger(a, b) - ab), (uint32_t)i};
	}
	sort_ranked(s->best_pair, t->pairs);
	s->most[0] = 0;
	s->most[1] = t->labels ? s->best_label[0].value : 0;
	s->most[2] = t->labels > 1 ? larger(s->most[1],
	                                    s->best_label[0].value + s->best_label[1].value)
	                           : s->most[1];
	if (t->pairs)
		s->most[2] = larger(s->most[2], s->best_pair[0].value);
}

static void take_unit(struct formula_search *s)
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

/* ---- formulas that are found ---- */

/* A label that comes again makes a formula of fewer, but for AND with the first one:
 * ((a AND NOT b) OR c) AND a is the pixels of a that are not of b, unless of c. */
static bool may_follow(const struct formula_search *s, const struct formula *f,
                       enum formula_op op, uint32_t label)
{
	return !s->used[label] ||
	       (op == FORMULA_AND && f->label[0] == label && s->used[label] == 1);
}

static bool is_out(const struct formula_search *s, const struct formula *f, uint32_t label)
{
	return !may_follow(s, f, FORMULA_AND, label);
}

static void append(struct formula *f, enum formula_op op, uint32_t place)
{
	f->op[f->length] = (uint8_t)op;
	f->label[f->length++] = (uint16_t)place;
}

/* Keep the formula if it is the best so far. */
static void offer(struct formula_search *s, const struct formula *f, int64_t both,
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

static void offer_one(struct formula_search *s, const struct level *l, enum formula_op op,
                      uint32_t label, int64_t both, int64_t truth)
{
	struct formula f = l->prefix;

	if (!may_follow(s, &f, op, label))
		return;
	append(&f, op, label);
	offer(s, &f, both, truth);
}

static void offer_two(struct formula_search *s, const struct level *l, enum formula_op op1,
                      uint32_t label1, enum formula_op op2, uint32_t label2, int64_t both,
                      int64_t truth)
{
	struct formula f = l->prefix;

	if (!may_follow(s, &f, op1, label1) || !may_follow(s, &f, op2, label2))
		return;
	append(&f, op1, label1);
	append(&f, op2, label2);
	offer(s, &f, both, truth);
}

/* ---- the classes of a prefix ---- */

static uint32_t next_stamp(struct formula_search *s)
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

/* One more label after the prefix of a level. */
static struct level *enter(struct formula_search *s, const struct level *from,
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
		const uint32_t now = next_stamp(s);

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

static void leave(struct formula_search *s, struct level *l)
{
	s->used[l->prefix.label[l->prefix.length - 1]]--;
	for (size_t i = 0; i < l->size; i++)
		l->mark[l->set[i]] = 0;
}

/* ---- the last label ---- */

static void finish_one(struct formula_search *s, const struct level *l)
{
	for (uint32_t c = 0; c < s->t->labels; c++) {
		const struct sums *in = &l->in[c], *label = &s->label[c];
		const int64_t x = weight(s, in), W = weight(s, &l->all);

		if (W + weight(s, label) - x >= s->need)
			offer_one(s, l, FORMULA_OR, c, l->all.both + label->both - in->both,
			          l->all.truth + label->truth - in->truth);
		if (x >= s->need)
			offer_one(s, l, FORMULA_AND, c, in->both, in->truth);
		if (W - x >= s->need)
			offer_one(s, l, FORMULA_AND_NOT, c, l->all.both - in->both,
			          l->all.truth - in->truth);
	}
}

/* ---- the last two labels ---- */

/* What both labels of a pair c, d, of which some pixels have both, make of f.  Of each case
 * the weight first, as it seldom is enough. */
static void try_pair(struct formula_search *s, const struct level *l, uint32_t c, uint32_t d,
                     const struct sums *both_in, const struct sums *both_all)
{
	const struct sums *f = &l->all, *xc = &l->in[c], *xd = &l->in[d], *wc = &s->label[c],
	                  *wd = &s->label[d];
	const int64_t W = weight(s, f), x = weight(s, xc), z = weight(s, xd),
	              xz = weight(s, both_in), C = weight(s, wc), D = weight(s, wd),
	              CD = weight(s, both_all), need = s->need;

#define TRY(op1, first, op2, second, sum, of)                                                  \
	do {                                                                                   \
		if ((sum) >= need)                                                             \
			offer_two(s, l, op1, first, op2, second, of(both), of(truth));         \
	} while (0)
#define OR_OR(m)   (f->m + wc->m - xc->m + wd->m - xd->m - both_all->m + both_in->m)
#define OR_AND(m)  (xd->m + both_all->m - both_in->m)
#define OR_NOT(m)  (f->m - xd->m + wc->m - xc->m - both_all->m + both_in->m)
#define AND_OR(m)  (wd->m + xc->m - both_in->m)
#define AND_AND(m) (both_in->m)
#define AND_NOT(m) (xc->m - both_in->m)
#define NOT_OR(m)  (f->m - xc->m + wd->m - xd->m + both_in->m)
#define NOT_NOT(m) (f->m - xc->m - xd->m + both_in->m)
	TRY(FORMULA_OR, c, FORMULA_OR, d, W + C - x + D - z - CD + xz, OR_OR);
	TRY(FORMULA_OR, c, FORMULA_AND, d, z + CD - xz, OR_AND);
	TRY(FORMULA_OR, c, FORMULA_AND_NOT, d, W - z + C - x - CD + xz, OR_NOT);
	if (l->prefix.length == 0)
		return;
	TRY(FORMULA_AND, c, FORMULA_OR, d, D + x - xz, AND_OR);
	TRY(FORMULA_AND, c, FORMULA_AND, d, xz, AND_AND);
	TRY(FORMULA_AND, c, FORMULA_AND_NOT, d, x - xz, AND_NOT);
	TRY(FORMULA_AND_NOT, d, FORMULA_AND, c, x - xz, AND_NOT);
	TRY(FORMULA_AND_NOT, c, FORMULA_OR, d, W - x + D - z + xz, NOT_OR);
	TRY(FORMULA_AND_NOT, c, FORMULA_AND_NOT, d, W - x - z + xz, NOT_NOT);
#undef TRY
}

/* Pairs of which pixels of f have both. */
static size_t find_touched(struct formula_search *s, const struct level *l)
{
	const struct formula_table *t = s->t;
	const uint32_t now = next_stamp(s);
	size_t touched = 0;

	for (size_t i = 0; i < l->size; i++) {
		const uint32_t c = l->set[i];
		const int64_t both = s->both[c], truth = t->pixels[c];

		for (size_t k = t->first_pair[c]; k < t->first_pair[c + 1]; k++) {
			const uint32_t p = t->in_pair[k];
			struct sums *in = &s->pair_in[p];

			if (s->pair_stamp[p] != now) {
				s->pair_stamp[p] = now;
				*in = (struct sums){0};
				s->touched[touched++] = p;
			}
			in->both += both;
			in->truth += truth;
		}
	}
	return touched;
}

/* False where the budget ended first. */
static bool try_pairs(struct formula_search *s, const struct level *l)
{
	static const struct sums none;
	const struct formula_table *t = s->t;
	const size_t touched = find_touched(s, l);

	if (!spend(s, l->size + touched))
		return false;
	for (size_t i = 0; i < touched; i++) {
		const uint32_t k = s->touched[i];
		const struct formula_pair *p = &t->pair[k];

		if (is_out(s, &l->prefix, p->a) || is_out(s, &l->prefix, p->b))
			continue;
		try_pair(s, l, p->a, p->b, &s->pair_in[k], &s->pair[k]);
		try_pair(s, l, p->b, p->a, &s->pair_in[k], &s->pair[k]);
	}
	for (size_t i = 0; i < t->pairs; i++) {
		const uint32_t k = s->best_pair[i].place;
		const struct formula_pair *p = &t->pair[k];

		if (s->best_pair[i].value + l->all.positive < s->need)
			break;
		if (!spend(s, 1))
			return false;
		if (s->pair_stamp[k] == s->now || is_out(s, &l->prefix, p->a) ||
		    is_out(s, &l->prefix, p->b))
			continue;
		try_pair(s, l, p->a, p->b, &none, &s->pair[k]);
		try_pair(s, l, p->b, p->a, &none, &s->pair[k]);
	}
	return true;
}

/* What a label does alone, where no pixel has both of two, or none of f: weights add up. */
enum alone { ALONE_OR, ALONE_AND_NOT, ALONE_AND, ALONE_LABEL };
static const enum formula_op alone_op[] = {FORMULA_OR, FORMULA_AND_NOT, FORMULA_AND,
                                           FORMULA_OR};

static int64_t weight_alone(const struct formula_search *s, const struct level *l,
                            enum alone how, uint32_t c)
{
	const int64_t all = weight(s, &s->label[c]), in = weight(s, &l->in[c]);

	switch (how) {
	case ALONE_OR:
		return all - in;
	case ALONE_AND_NOT:
		return l->in[c].truth ? -in : -NO_BOUND;
	case ALONE_AND:
		return l->in[c].truth ? in : -NO_BOUND;
	default:
		return all;
	}
}

static int64_t most_alone(const struct formula_search *s, const struct level *l, enum alone how)
{
	int64_t most = -NO_BOUND;

	for (uint32_t c = 0; c < s->t->labels; c++)
		if (may_follow(s, &l->prefix, alone_op[how], c))
			most = larger(most, weight_alone(s, l, how, c));
	return most;
}

/* Labels that reach at least so much, sorted. */
static size_t rank(const struct formula_search *s, const struct level *l, enum alone how,
                   int64_t least, struct ranked *r)
{
	size_t n = 0;

	for (uint32_t c = 0; c < s->t->labels; c++) {
		const int64_t v = weight_alone(s, l, how, c);

		if (v >= least && v > -NO_BOUND && may_follow(s, &l->prefix, alone_op[how], c))
			r[n++] = (struct ranked){v, c};
	}
	sort_ranked(r, n);
	return n;
}

/* The pixels of f that c leaves (OR: adds), and those of d. */
static void offer_alone(struct formula_search *s, const struct level *l, enum alone how1,
                        uint32_t c, enum alone how2, uint32_t d)
{
	const size_t pair = formula_table_pair(s->t, c, d);
	int64_t both = how1 == ALONE_AND ? 0 : l->all.both,
	        truth = how1 == ALONE_AND ? 0 : l->all.truth;

	if (pair < s->t->pairs && (how1 == ALONE_OR || s->pair_stamp[pair] == s->now))
		return; /* tried as a pair */
	for (int i = 0; i < 2; i++) {
		const enum alone how = i ? how2 : how1;
		const struct sums *in = &l->in[i ? d : c], *all = &s->label[i ? d : c];

		both += how == ALONE_OR        ? all->both - in->both
		        : how == ALONE_AND_NOT ? -in->both
		        : how == ALONE_AND     ? in->both
		                               : all->both;
		truth += how == ALONE_OR        ? all->truth - in->truth
		         : how == ALONE_AND_NOT ? -in->truth
		         : how == ALONE_AND     ? in->truth
		                                : all->truth;
	}
	offer_two(s, l, alone_op[how1], c, alone_op[how2], d, both, truth);
}

static bool try_alone(struct formula_search *s, const struct level *l, enum alone how1,
                      enum alone how2)
{
	const int64_t base = how1 == ALONE_AND ? 0 : weight(s, &l->all);
	const int64_t most1 = most_alone(s, l, how1), most2 = most_alone(s, l, how2);
	size_t n1, n2;

	if (base + most1 + most2 < s->need)
		return true;
	n1 = rank(s, l, how1, s->need - base - most2, s->one);
	n2 = rank(s, l, how2, s->need - base - most1, s->two);
	for (size_t i = 0; i < n1; i++)
		for (size_t k = 0; k < n2; k++) {
			if (base + s->one[i].value + s->two[k].value < s->need)
				break;
			if (!spend(s, 1))
				return false;
			if (s->one[i].place != s->two[k].place)
				offer_alone(s, l, how1, s->one[i].place, how2, s->two[k].place);
		}
	return true;
}

static bool finish_two(struct formula_search *s, const struct level *l)
{
	return try_pairs(s, l) && try_alone(s, l, ALONE_OR, ALONE_OR) &&
	       try_alone(s, l, ALONE_OR, ALONE_AND_NOT) &&
	       try_alone(s, l, ALONE_AND_NOT, ALONE_OR) &&
	       try_alone(s, l, ALONE_AND_NOT, ALONE_AND_NOT) &&
	       try_alone(s, l, ALONE_AND, ALONE_LABEL);
}

/* ---- bounds ---- */

/* The greatest values of all labels, sums of the first 0, 1, ... of them. */
struct top {
	size_t n;
	int64_t value[FORMULA_MOST], sum[FORMULA_MOST + 1];
};

static void top_add(struct top *t, size_t most, int64_t v)
{
	size_t i;

	if (v <= 0 || (t->n == most && v <= t->value[most - 1]))
		return;
	i = t->n < most ? t->n++ : most - 1;
	for (; i > 0 && t->value[i - 1] < v; i--)
		t->value[i] = t->value[i - 1];
	t->value[i] = v;
}

static void top_sum(struct top *t)
{
	t->sum[0] = 0;
	for (size_t i = 0; i < FORMULA_MOST; i++)
		t->sum[i + 1] = t->sum[i] + (i < t->n ? t->value[i] : 0);
}

/* What bounds what may follow a prefix with k more labels. */
struct view {
	int64_t W, P, most_in; /* most_in: greatest positive weight within f of a label */
	int64_t most_or;       /* greatest weight beyond f of a label */
	int64_t most_or_and;   /* of (f OR c) AND d */
	int64_t most_not;      /* weight that AND NOT of one label adds */
	struct top negative;   /* negative weights within f */
	struct top beyond;     /* positive weights beyond f */
	struct top mean;       /* means of weight and positive weight beyond f */
};

static void look(const struct formula_search *s, const struct level *l, size_t k,
                 struct view *v)
{
	*v = (struct view){.W = weight(s, &l->all), .P = l->all.positive};
	v->most_or = v->most_not = -NO_BOUND;
	for (uint32_t c = 0; c < s->t->labels; c++) {
		const struct sums *in = &l->in[c], *all = &s->label[c];
		const int64_t w = weight(s, in), beyond = all->positive - in->positive;

		if (is_out(s, &l->prefix, c))
			continue;
		v->most_in = larger(v->most_in, in->positive);
		v->most_or_and = larger(v->most_or_and, w + beyond);
		if (s->used[c])
			continue;
		v->most_or = larger(v->most_or, weight(s, all) - w);
		v->most_not = larger(v->most_not, -w);
		top_add(&v->negative, k, in->positive - w);
		top_add(&v->beyond, k, beyond);
		top_add(&v->mean, k, (weight(s, all) - w + beyond + 1) / 2);
	}
	top_sum(&v->negative);
	top_sum(&v->beyond);
	top_sum(&v->mean);
}

/* No two more labels make a formula that weighs more. */
static int64_t bound_two(const struct formula_search *s, const struct view *v)
{
	const int64_t beyond = v->beyond.sum[1], negative = v->negative.sum[1];
	const int64_t removals = lesser(v->P, larger(v->most_in, v->W + v->negative.sum[2]));
	int64_t ors = v->W + v->mean.sum[2]; /* OR, OR */

	ors = larger(ors, v->W + v->most_not + beyond);             /* OR, AND NOT */
	ors = larger(ors, v->most_or_and);                          /* OR, AND */
	ors = larger(ors, v->most_in + s->most[1]);                 /* AND, OR */
	ors = larger(ors, v->W + larger(v->most_or, 0) + negative); /* AND NOT, OR */
	return larger(removals, lesser(ors, s->most[2] + v->P));
}

/* The same of k more labels, where the greatest sums of i labels' negative weights within f
 * and of positive ones beyond are negative[i] and beyond[i] and more. */
static int64_t bound_many(const struct formula_search *s, int64_t W, int64_t P, int64_t most_in,
                          const int64_t *negative, int64_t more_negative, const int64_t *beyond,
                          int64_t more_beyond, size_t k)
{
	const int64_t N = P - W;
	int64_t bound = lesser(
	        P, larger(most_in, W + lesser(N, negative[k] + (int64_t)k * more_negative)));

	for (size_t ors = 1; ors <= k; ors++) {
		const size_t rest = k - ors;
		const int64_t less = lesser(N, negative[rest] + (int64_t)rest * more_negative);
		const int64_t added = beyond[ors] + more_beyond;

		bound = larger(bound, lesser(W + less + added, s->most[k] + P));
		if (rest > 0) /* AND among them */
			bound = larger(bound, lesser(s->most[k] + most_in, P + added));
	}
	return bound;
}

/* ---- branches ---- */

/* Whether what one more label makes is no formula of fewer labels. */
static bool changes(const struct formula_search *s, const struct level *l, enum formula_op op,
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

/* Whether the formula with one more label can be the first in order of those that hold for the
 * same pixels: not if the label changes nothing, or has the last one's place in order. */
static bool is_first(const struct formula_search *s, const struct level *l, enum formula_op op,
                     uint32_t c)
{
	const struct formula *f = &l->prefix;
	uint32_t before;
	bool removed;

	if (!changes(s, l, op, c))
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

static int64_t bound_child(const struct formula_search *s, const struct level *l,
                           const struct view *v, enum formula_op op, uint32_t c, size_t k)
{
	const struct sums *in = &l->in[c], *all = &s->label[c];
	const int64_t w = weight(s, in), inside = in->positive, beyond = all->positive - inside;

	if (op == FORMULA_OR) {
		const int64_t gain = weight(s, all) - w;

		return bound_many(s, v->W + gain, v->P + beyond,
		                  lesser(v->P + beyond, v->most_in + beyond), v->negative.sum,
		                  beyond - gain, v->beyond.sum, 0, k);
	}
	if (op == FORMULA_AND)
		return bound_many(s, w, inside, lesser(inside, v->most_in), v->negative.sum, 0,
		                  v->beyond.sum, v->P - inside, k);
	return bound_many(s, v->W - w, v->P - inside, lesser(v->P - inside, v->most_in),
	                  v->negative.sum, 0, v->beyond.sum, inside, k);
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
			bound = bound_child(s, l, v, op, c, k - 1);
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

	set_weights(s);
	look(s, l, k, &v);
	for (; i < n; i++) {
		struct child c = l->child[i];

		c.bound = bound_child(s, l, &v, c.op, c.label, k - 1);
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
		next = enter(s, l, child.op, child.label);
		visit(s, next, k - 1);
		leave(s, next);
		if (s->stale && l->prefix.length == 0)
			n = choose_again(s, l, i + 1, n, k);
	}
}

static void visit(struct formula_search *s, struct level *l, size_t k)
{
	struct view v;

	if (k == 1) {
		finish_one(s, l);
		return;
	}
	look(s, l, k, &v);
	if (k == 2) {
		const int64_t bound = bound_two(s, &v);

		if (bound >= s->need && !finish_two(s, l))
			s->open = larger(s->open, bound);
		return;
	}
	if (bound_many(s, v.W, v.P, v.most_in, v.negative.sum, 0, v.beyond.sum, 0, k) >=
	    s->need)
		branch(s, l, &v, k);
}

/* ---- beam ---- */

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

			if (!may_follow(s, &f, op, c) || !changes(s, l, op, c))
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

static void search_beam(struct formula_search *s, struct formula_found *found)
{
	struct kept beam = {0, s->beam, s->beam_counts}, next = {0, s->next, s->next_counts};

	extend(s, &s->level[0], &beam);
	for (uint32_t length = 1;; length++) {
		found[length - 1] = length > 1 ? found[length - 2] : (struct formula_found){0};
		s->found = &found[length - 1];
		for (size_t i = 0; i < beam.n; i++)
			offer(s, &beam.formula[i], beam.counts[i].both, beam.counts[i].truth);
		found[length - 1].bound = 1;
		if (length == s->choice.length)
			break;
		next.n = 0;
		for (size_t i = 0; i < beam.n; i++) {
			struct level *l = &s->level[0];

			for (uint32_t k = 0; k < length; k++)
				l = enter(s, l, beam.formula[i].op[k],
				          beam.formula[i].label[k]);
			extend(s, l, &next);
			for (; l > &s->level[0]; l--)
				leave(s, l);
		}
		{
			const struct kept swap = beam;

			beam = next;
			next = swap;
		}
	}
}

/* ---- units ---- */

static void search_length(struct formula_search *s, struct formula_found *found,
                          uint32_t length)
{
	struct formula_found *best = &found[length - 1];

	if (length > 1 && formula_compare_iou(s->area, best->counts, best[-1].counts) <= 0) {
		best->formula = best[-1].formula;
		best->counts = best[-1].counts;
	}
	s->found = best;
	s->open = 0;
	set_weights(s);
	for (uint32_t i = 3; i <= FORMULA_MOST; i++)
		s->most[i] = i < length ? most_by_iou(s, &found[i - 1]) : NO_BOUND;
	visit(s, &s->level[0], length);
	/* Formulas of fewer labels were sought before. */
	best->proven = s->open == 0 && (length == 1 || best[-1].proven);
	best->bound = formula_iou(s->area, best->counts);
	if (best->proven)
		return;
	if (s->open > 0)
		best->bound = fmax(best->bound, (double)s->open / (double)Q / (double)s->area);
	best->bound = fmin(1, fmax(best->bound, length > 1 ? best[-1].bound : 0));
}

void formula_search_unit(struct formula_search *s, const int64_t *both, int64_t area,
                         struct formula_found *found)
{
	s->both = both;
	s->area = area;
	s->steps = 0;
	take_unit(s);
	search_beam(s, found);
	found[0].proven = true;
	found[0].bound = formula_iou(area, found[0].counts);
	for (uint32_t i = 1; s->choice.optimal && i <= s->choice.length; i++)
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
