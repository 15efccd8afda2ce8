/* inside.h -- a search at work; private to lib/formula.
 *
 * Let f be the pixels of a prefix.  Whatever k labels follow, the pixels of the formula are
 *
 *	F = D + (f & K)
 *
 * where K is what all removals (AND, AND NOT) leave, and D a formula of the labels from the
 * first OR on.  Weights are of Q = 2^20 steps: W of f, P its positive ones and N the others,
 * so W = P - N; "in" and "beyond" are a label's within f and out of it. */
#ifndef FORMULA_INSIDE_H
#define FORMULA_INSIDE_H

#include "formula/table.h"

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

static inline int64_t weigh(const struct formula_search *s, int64_t both, int64_t truth)
{
	return (Q + s->step) * both - s->step * truth;
}

static inline int64_t weight(const struct formula_search *s, const struct sums *a)
{
	return weigh(s, a->both, a->truth);
}

/* Whether there is budget for so many steps more. */
static inline bool spend(struct formula_search *s, size_t steps)
{
	s->steps += steps;
	return s->choice.budget == 0 || s->steps <= s->choice.budget;
}

static inline int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A label that comes again makes a formula of fewer, but for AND with the first one:
 * ((a AND NOT b) OR c) AND a is the pixels of a that are not of b, unless of c. */
static inline bool may_follow(const struct formula_search *s, const struct formula *f,
                              enum formula_op op, uint32_t label)
{
	return !s->used[label] ||
	       (op == FORMULA_AND && f->label[0] == label && s->used[label] == 1);
}

static inline bool is_out(const struct formula_search *s, const struct formula *f,
                          uint32_t label)
{
	return !may_follow(s, f, FORMULA_AND, label);
}

static inline void append(struct formula *f, enum formula_op op, uint32_t place)
{
	f->op[f->length] = (uint8_t)op;
	f->label[f->length++] = (uint16_t)place;
}

/* ---- weights.c ---- */

/* Take a unit's pixels; weights for the IoU of the best formula so far. */
void search_take(struct formula_search *s);
void search_weigh(struct formula_search *s);
void search_sort(struct ranked *r, size_t n);
/* No formula of at most so many labels weighs more, as their IoU is known to be at most that
 * of found. */
int64_t search_most(const struct formula_search *s, const struct formula_found *found);

/* ---- prefix.c ---- */

/* One more label after the prefix of a level; then back. */
struct level *search_enter(struct formula_search *s, const struct level *from,
                           enum formula_op op, uint32_t label);
void search_leave(struct formula_search *s, struct level *l);
/* A stamp for classes and pairs that none has. */
uint32_t search_stamp(struct formula_search *s);
/* Whether what one more label makes is no formula of fewer labels. */
bool search_changes(const struct formula_search *s, const struct level *l, enum formula_op op,
                    uint32_t c);
/* Keep the formula if it is the best so far. */
void search_offer(struct formula_search *s, const struct formula *f, int64_t both,
                  int64_t truth);

/* ---- finish.c ---- */

/* Try all last two labels: false where the budget ended first. */
bool search_finish_two(struct formula_search *s, const struct level *l);

/* ---- bound.c ---- */

/* The greatest values of all labels, sums of the first 0, 1, ... of them. */
struct top {
	size_t n;
	int64_t value[FORMULA_MOST], sum[FORMULA_MOST + 1];
};

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

/* What may follow a prefix with k more labels; the weights that no formula with two more
 * exceeds, with k more, and with k more after one that is given. */
void search_look(const struct formula_search *s, const struct level *l, size_t k,
                 struct view *v);
int64_t search_bound_two(const struct formula_search *s, const struct view *v);
int64_t search_bound(const struct formula_search *s, const struct view *v, size_t k);
int64_t search_bound_child(const struct formula_search *s, const struct level *l,
                           const struct view *v, enum formula_op op, uint32_t c, size_t k);

/* ---- beam.c ---- */

/* The best formulas of each length by a beam, into found. */
void search_beam(struct formula_search *s, struct formula_found *found);

#endif
