/* finish.c -- see inside.h: the last two labels of a formula are not tried one by one. */
#include "formula/inside.h"

static void offer_two(struct formula_search *s, const struct level *l, enum formula_op op1,
                      uint32_t label1, enum formula_op op2, uint32_t label2, int64_t both,
                      int64_t truth)
{
	struct formula f = l->prefix;

	if (!may_follow(s, &f, op1, label1) || !may_follow(s, &f, op2, label2))
		return;
	append(&f, op1, label1);
	append(&f, op2, label2);
	search_offer(s, &f, both, truth);
}

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
	const uint32_t now = search_stamp(s);
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
	search_sort(r, n);
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

bool search_finish_two(struct formula_search *s, const struct level *l)
{
	return try_pairs(s, l) && try_alone(s, l, ALONE_OR, ALONE_OR) &&
	       try_alone(s, l, ALONE_OR, ALONE_AND_NOT) &&
	       try_alone(s, l, ALONE_AND_NOT, ALONE_OR) &&
	       try_alone(s, l, ALONE_AND_NOT, ALONE_AND_NOT) &&
	       try_alone(s, l, ALONE_AND, ALONE_LABEL);
}
