/* bound.c -- see inside.h: what no formula with a prefix weighs more than. */
#include "formula/inside.h"

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

void search_look(const struct formula_search *s, const struct level *l, size_t k,
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

int64_t search_bound_two(const struct formula_search *s, const struct view *v)
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

/* The weight that no formula with k more labels exceeds, where the greatest sums of i labels'
 * negative weights within f and of positive ones beyond are negative[i] and beyond[i] and more.
 */
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

int64_t search_bound(const struct formula_search *s, const struct view *v, size_t k)
{
	return bound_many(s, v->W, v->P, v->most_in, v->negative.sum, 0, v->beyond.sum, 0, k);
}

int64_t search_bound_child(const struct formula_search *s, const struct level *l,
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
