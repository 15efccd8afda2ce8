/* tables.c -- see tables.h. */
#include "removal/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/discovery.h"

static const char *const measure_name[REMOVAL_MEASURES] = {"accuracy", "logit"};

static void put(struct table *t, double v)
{
	if (isnan(v))
		table_none(t);
	else
		table_real(t, v);
}

static void put_class(struct table *t, const struct removal *r, long class)
{
	if (class < 0)
		table_none(t);
	else
		table_text(t, r->classes.name[class]);
}

/* Their mean of what is known of units. */
static double mean_of(const struct removal_set *s, const double *of)
{
	double sum = 0;

	for (size_t i = 0; of && i < s->size; i++)
		sum += of[s->unit[i]];
	return of ? sum / (double)s->size : NAN;
}

static int put_units(struct table *t, const struct removal_set *s, struct error *e)
{
	struct text list = {0};
	char *all;

	for (size_t i = 0; i < s->size; i++)
		text_print(&list, "%s%u", i ? "," : "", s->unit[i] + 1);
	all = text_take(&list, "list of units", e);
	if (!all)
		return -1;
	table_text(t, all);
	free(all);
	return 0;
}

static double drop_of(const struct removal_set *s, size_t class, int measure)
{
	return s->drop[class * REMOVAL_MEASURES + (size_t)measure];
}

/* How much more a class loses than the others do. */
static double statistic(const struct removal *r, const struct removal_set *s, long class,
                        int measure)
{
	return class < 0 ? NAN
	                 : drop_of(s, (size_t) class, measure) -
	                           removal_others(r, s, (size_t) class, measure);
}

/* ---- numbers of random sets ---- */

/* Zero it before use. */
struct spread {
	double *value;
	size_t count, capacity;
};

static int spread_add(struct spread *s, double v, struct error *e)
{
	if (isnan(v))
		return 0;
	if (memory_grow(&s->value, &s->capacity, s->count + 1, sizeof *s->value, e) < 0)
		return -1;
	s->value[s->count++] = v;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* The least number that so large a share of them does not exceed. */
static double quantile(const struct spread *s, double share)
{
	const size_t at = (size_t)ceil(share * (double)s->count);

	return s->count ? s->value[at ? at - 1 : 0] : NAN;
}

static double spread_mean(const struct spread *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->count; i++)
		sum += s->value[i];
	return s->count ? sum / (double)s->count : NAN;
}

/* p of a value among them, where what differs by rounding alone is equal; sorts. */
static double spread_p(struct spread *s, double value)
{
	uint64_t reached = 0;

	if (s->count == 0 || isnan(value))
		return NAN;
	qsort(s->value, s->count, sizeof *s->value, by_value);
	for (size_t i = 0; i < s->count; i++)
		reached += s->value[i] >= value - 1e-12 * fmax(1, fabs(value));
	return discovery_p(reached, s->count);
}

static void put_spread(struct table *t, const struct spread *s)
{
	put(t, spread_mean(s));
	put(t, quantile(s, 0.025));
	put(t, quantile(s, 0.975));
}

/* ---- concepts ---- */

/* A row of the table of concepts. */
struct tested {
	const struct removal_set *own;
	struct spread random; /* statistics */
	double statistic, p, q;
	double activation, norm; /* means of the random sets' */
};

static int test(const struct study *f, size_t concept, int measure, struct tested *t,
                struct error *e)
{
	const struct removal *r = f->removal;
	const long class = f->concepts.concept[concept].class;
	size_t n = 0;

	for (size_t i = 0; i < f->of_concepts.count; i++) {
		const struct removal_set *s = &f->of_concepts.set[i];

		if (s->of != concept)
			continue;
		if (s->number == 0) {
			t->own = s;
			t->statistic = statistic(r, s, class, measure);
			continue;
		}
		if (spread_add(&t->random, statistic(r, s, class, measure), e) < 0)
			return -1;
		t->activation += mean_of(s, r->mean);
		t->norm += mean_of(s, f->norm);
		n++;
	}
	t->activation = n ? t->activation / (double)n : NAN;
	t->norm = n ? t->norm / (double)n : NAN;
	t->p = spread_p(&t->random, t->statistic);
	return 0;
}

/* q of those that have p. */
static int adjust(struct tested *t, size_t n, struct error *e)
{
	double *p = memory_new(n, sizeof *p, e), *q = memory_new(n, sizeof *q, e);
	size_t known = 0;
	int status = p && q ? 0 : -1;

	for (size_t i = 0; i < n && status == 0; i++)
		if (!isnan(t[i].p))
			p[known++] = t[i].p;
	if (status == 0)
		status = discovery_q(p, known, q, e);
	known = 0;
	for (size_t i = 0; i < n && status == 0; i++)
		t[i].q = isnan(t[i].p) ? NAN : q[known++];
	free(p);
	free(q);
	return status;
}

static void put_tested(struct table *out, const struct study *f, size_t concept, int measure,
                       const struct tested *t)
{
	const struct removal_concept *c = &f->concepts.concept[concept];
	const bool known = c->class >= 0;

	table_text(out, c->name);
	table_count(out, t->own->size);
	put_class(out, f->removal, c->class);
	if (known)
		table_text(out, c->named ? "name" : "images");
	else
		table_none(out);
	put(out, known ? c->with : NAN);
	put(out, known ? c->without : NAN);
	table_text(out, measure_name[measure]);
	put(out, known ? drop_of(t->own, (size_t)c->class, measure) : NAN);
	put(out, known ? removal_others(f->removal, t->own, (size_t)c->class, measure) : NAN);
	put(out, t->statistic);
	put_spread(out, &t->random);
	put(out, t->p);
	put(out, t->q);
	put(out, mean_of(t->own, f->removal->mean));
	put(out, t->activation);
	put(out, mean_of(t->own, f->norm));
	put(out, t->norm);
}

int removal_write_concepts(const struct study *f, enum table_format format, int fd,
                           const char *name, struct error *e)
{
	static const char *const column[] = {"concept",
	                                     "units",
	                                     "class",
	                                     "class-by",
	                                     "with",
	                                     "without",
	                                     "measure",
	                                     "drop",
	                                     "others",
	                                     "more",
	                                     "random",
	                                     "random-low",
	                                     "random-high",
	                                     "p",
	                                     "q",
	                                     "activation",
	                                     "random-activation",
	                                     "norm",
	                                     "random-norm"};
	const size_t n = f->concepts.count;
	struct tested *t = memory_new(n * REMOVAL_MEASURES, sizeof *t, e);
	struct table out;
	int status = t ? 0 : -1;

	table_begin(&out, format, column, sizeof column / sizeof *column);
	for (int m = 0; m < REMOVAL_MEASURES && status == 0; m++) {
		struct tested *of = t + (size_t)m * n;

		for (size_t i = 0; i < n && status == 0; i++)
			status = test(f, i, m, &of[i], e);
		if (status == 0)
			status = adjust(of, n, e);
	}
	for (size_t i = 0; i < n && status == 0; i++)
		for (int m = 0; m < REMOVAL_MEASURES; m++)
			put_tested(&out, f, i, m, &t[(size_t)m * n + i]);
	if (status == 0)
		status = table_end(&out, fd, name, e);
	table_free(&out);
	for (size_t i = 0; t && i < n * REMOVAL_MEASURES; i++)
		free(t[i].random.value);
	free(t);
	return status;
}

/* ---- sets as they are ---- */

/* What a set does to each class of which there are images. */
static void put_drops(struct table *t, const struct removal *r, const struct removal_set *s,
                      const char *name, uint64_t number, int side)
{
	for (size_t c = 0; c < r->classes.count; c++) {
		if (r->of_class[side][c] == 0)
			continue;
		if (name) {
			table_text(t, name);
			table_count(t, s->size);
		} else {
			table_count(t, number);
		}
		table_text(t, r->classes.name[c]);
		table_count(t, r->of_class[side][c]);
		put(t, drop_of(s, c, REMOVAL_ACCURACY));
		put(t, drop_of(s, c, REMOVAL_LOGIT));
	}
}

static int write_end(struct table *t, int fd, const char *name, struct error *e)
{
	const int status = table_end(t, fd, name, e);

	table_free(t);
	return status;
}

int removal_write_effects(const struct study *f, enum table_format format, int fd,
                          const char *name, struct error *e)
{
	static const char *const column[] = {"concept", "units",    "class",
	                                     "images",  "accuracy", "logit"};
	struct table t;

	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < f->of_concepts.count; i++) {
		const struct removal_set *s = &f->of_concepts.set[i];

		if (s->number == 0)
			put_drops(&t, f->removal, s, f->concepts.concept[s->of].name, 0,
			          REMOVAL_TEST);
	}
	return write_end(&t, fd, name, e);
}

int removal_write_single(const struct study *f, enum table_format format, int fd,
                         const char *name, struct error *e)
{
	static const char *const column[] = {"unit", "class", "images", "accuracy", "logit"};
	struct table t;

	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < f->single.count; i++)
		put_drops(&t, f->removal, &f->single.set[i], NULL, i + 1, REMOVAL_TRAIN);
	return write_end(&t, fd, name, e);
}

int removal_write_sets(const struct study *f, enum table_format format, int fd,
                       const char *name, struct error *e)
{
	static const char *const column[] = {"concept", "number",   "units", "activation",
	                                     "norm",    "accuracy", "logit"};
	struct table t;
	int status = 0;

	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < f->of_concepts.count && status == 0; i++) {
		const struct removal_set *s = &f->of_concepts.set[i];
		const struct removal_concept *c = &f->concepts.concept[s->of];

		table_text(&t, c->name);
		table_count(&t, s->number);
		status = put_units(&t, s, e);
		if (status < 0)
			break;
		put(&t, mean_of(s, f->removal->mean));
		put(&t, mean_of(s, f->norm));
		put(&t, statistic(f->removal, s, c->class, REMOVAL_ACCURACY));
		put(&t, statistic(f->removal, s, c->class, REMOVAL_LOGIT));
	}
	if (status == 0)
		return write_end(&t, fd, name, e);
	table_free(&t);
	return -1;
}

/* ---- classes ---- */

static int put_step(struct table *t, const struct study *f, const struct removal_set *own,
                    int measure, struct error *e)
{
	const struct removal *r = f->removal;
	const double drop = drop_of(own, own->of, measure);
	struct spread random = {0};
	double p;

	for (size_t i = 0; i < f->of_classes.count; i++) {
		const struct removal_set *s = &f->of_classes.set[i];

		if (s->number > 0 && s->size == own->size &&
		    spread_add(&random, drop_of(s, own->of, measure), e) < 0) {
			free(random.value);
			return -1;
		}
	}
	p = spread_p(&random, drop);
	table_text(t, r->classes.name[own->of]);
	table_count(t, r->of_class[REMOVAL_TEST][own->of]);
	table_count(t, own->size);
	if (put_units(t, own, e) < 0) {
		free(random.value);
		return -1;
	}
	table_text(t, measure_name[measure]);
	put(t, r->base[REMOVAL_TEST][own->of * REMOVAL_MEASURES + (size_t)measure]);
	put(t, drop);
	put(t, removal_others(r, own, own->of, measure));
	put_spread(t, &random);
	put(t, p);
	free(random.value);
	return 0;
}

int removal_write_classes(const struct study *f, enum table_format format, int fd,
                          const char *name, struct error *e)
{
	static const char *const column[] = {"class",   "images",     "size",        "units",
	                                     "measure", "base",       "drop",        "others",
	                                     "random",  "random-low", "random-high", "p"};
	struct table t;
	int status = 0;

	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < f->of_classes.count && status == 0; i++)
		for (int m = 0; m < REMOVAL_MEASURES && status == 0; m++)
			if (f->of_classes.set[i].number == 0)
				status = put_step(&t, f, &f->of_classes.set[i], m, e);
	if (status == 0)
		return write_end(&t, fd, name, e);
	table_free(&t);
	return -1;
}
