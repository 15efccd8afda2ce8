/* significance.c -- see significance.h. */
#include "stage/significance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/discovery.h"
#include "dissect/label.h"
#include "record/summary.h"

static const double CUT_STEPS = 200; /* to an IoU of 1 */

/* ---- counting ---- */

int significance_begin(struct significance *s, const struct ndr_meta *m, struct error *e)
{
	if (s->segments++ > 0)
		return error_set(e, EXIT_MALFORMED,
		                 "several segments: ndr-cat merges them first");
	if (m->labels == 0 || m->categories == 0)
		return error_set(e, EXIT_MALFORMED, "the input has no labels");
	s->meta = m;
	s->category = memory_new(m->labels, sizeof *s->category, e);
	s->layer = memory_new(m->layers, sizeof *s->layer, e);
	if (!s->category || !s->layer)
		return -1;
	s->layers = m->layers;
	for (size_t i = 0; i < m->labels; i++)
		s->category[i] = i && m->label[i].name ? m->label[i].category : -1;
	return 0;
}

void significance_free(struct significance *s)
{
	for (size_t i = 0; i < s->layers; i++) {
		free(s->layer[i].scores);
		free(s->layer[i].unit);
		free(s->layer[i].observed);
		free(s->layer[i].permuted);
		free(s->layer[i].interval);
	}
	free(s->layer);
	free(s->category);
	*s = (struct significance){0};
}

static int keep_scores(struct significance *s, const struct ndr_record *rec, struct error *e)
{
	struct significance_layer *l = &s->layer[rec->group];
	const size_t cells = (CUTS + 1) * (s->meta->categories + 1);

	*l = (struct significance_layer){.layer = &s->meta->layer[rec->group],
	                                 .units = rec->dims[0],
	                                 .labels = rec->dims[1],
	                                 .categories = s->meta->categories,
	                                 .scores = memory_new(rec->length, 1, e),
	                                 .unit = memory_new(rec->dims[0], sizeof *l->unit, e),
	                                 .observed = memory_new(cells, sizeof *l->observed, e),
	                                 .permuted = memory_new(cells, sizeof *l->permuted, e)};
	if (!l->scores || !l->unit || !l->observed || !l->permuted)
		return -1;
	memcpy(l->scores, rec->data, rec->length);
	return 0;
}

/* Labels of too few images can no longer be chosen. */
static void leave_out(struct significance *s, const uint64_t *images)
{
	for (size_t i = 0; i < s->meta->labels; i++)
		if (images[i] < s->min_images)
			s->category[i] = -1;
}

/* The best label of a unit whose SCORE is counts (labels, 3), under these intersections, stride
 * numbers apart. */
static int find_best(const struct significance *s, const uint64_t *counts,
                     const uint64_t *pixels, size_t stride, uint32_t *number, double *iou,
                     struct error *e)
{
	*number = 0;
	*iou = 0;
	for (size_t i = 1; i < s->meta->labels; i++) {
		const uint64_t *pair = counts + LABEL_COUNTS * i;
		const uint64_t here[LABEL_COUNTS] = {pixels[stride * i], pair[LABEL_AREA],
		                                     pair[LABEL_TRUTH]};
		double v;

		if (here[0] > here[1] || here[0] > here[2] || here[1] > UINT64_MAX - here[2])
			return error_set(e, EXIT_MALFORMED,
			                 "label %zu: counts that masks cannot have", i);
		v = s->category[i] < 0 ? 0 : label_iou(here);
		if (v > *iou) {
			*iou = v;
			*number = (uint32_t)i;
		}
	}
	return 0;
}

void significance_count(const struct significance *s, uint64_t *table, int category, double iou)
{
	for (size_t i = 0; i <= CUTS; i++)
		if (iou > significance_cut(s, i)) {
			uint64_t *row = table + i * (s->meta->categories + 1);

			row[category]++;
			row[s->meta->categories]++;
		}
}

static int observe(struct significance *s, struct significance_layer *l, struct error *e)
{
	for (size_t u = 0; u < l->units; u++) {
		const uint64_t *counts = l->scores + u * l->labels * LABEL_COUNTS;
		struct significance_unit *unit = &l->unit[u];

		if (find_best(s, counts, counts, LABEL_COUNTS, &unit->number, &unit->iou, e) <
		    0)
			return -1;
		unit->category = s->category[unit->number];
		if (unit->number)
			significance_count(s, l->observed, unit->category, unit->iou);
	}
	return 0;
}

static int keep_images(struct significance *s, const struct ndr_record *rec, struct error *e)
{
	leave_out(s, rec->data);
	s->counted = true;
	for (size_t i = 0; i < s->layers; i++)
		if (s->layer[i].scores && observe(s, &s->layer[i], e) < 0)
			return -1;
	return 0;
}

static int add_chance(struct significance *s, const struct ndr_record *rec, struct error *e)
{
	struct significance_layer *l = &s->layer[rec->group];
	const struct ndr_chance c = ndr_chance_view(rec);
	uint32_t number;
	double iou;

	if (!l->scores || !s->counted)
		return error_set(e, EXIT_MALFORMED,
		                 "CHANCE of layer %u before its SCORE and COUNT", rec->group);
	for (uint32_t i = 0; i < c.units; i++) {
		struct significance_unit *unit = &l->unit[c.first + i];

		if (find_best(s, l->scores + (size_t)(c.first + i) * l->labels * LABEL_COUNTS,
		              c.pixels + (size_t)i * l->labels, 1, &number, &iou, e) < 0)
			return -1;
		if (number)
			significance_count(s, l->permuted, s->category[number], iou);
		unit->permutations++;
		unit->reached += iou >= unit->iou;
		unit->sum += iou;
		unit->most = iou > unit->most ? iou : unit->most;
	}
	return 0;
}

int significance_add(struct significance *s, const struct ndr_record *rec, struct error *e)
{
	switch (rec->type) {
	case NDR_SCORE:
		return keep_scores(s, rec, e);
	case NDR_COUNT:
		return keep_images(s, rec, e);
	case NDR_CHANCE:
		return add_chance(s, rec, e);
	default:
		return 0;
	}
}

/* ---- p, q and cuts ---- */

static int judge_layer(struct significance_layer *l, struct error *e)
{
	double *p = memory_new(l->units, sizeof *p, e), *q = memory_new(l->units, sizeof *q, e);
	int status = -1;

	l->permutations = l->unit[0].permutations;
	for (size_t u = 0; p && u < l->units; u++) {
		if (l->unit[u].permutations != l->permutations) {
			error_set(e, EXIT_MALFORMED,
			          "layer %s: units with different numbers of permutations",
			          l->layer->name);
			goto out;
		}
		p[u] = discovery_p(l->unit[u].reached, l->permutations);
	}
	if (!p || !q || discovery_q(p, l->units, q, e) < 0)
		goto out;
	for (size_t u = 0; u < l->units; u++) {
		l->unit[u].p = p[u];
		l->unit[u].q = q[u];
	}
	status = 0;
out:
	free(p);
	free(q);
	return status;
}

int significance_finish(struct significance *s, struct error *e)
{
	size_t layers = 0;

	for (size_t i = 0; i < s->layers; i++) {
		if (!s->layer[i].scores)
			continue;
		if (judge_layer(&s->layer[i], e) < 0)
			return -1;
		layers++;
		if (s->layer[i].permutations == 0)
			return error_set(
			        e, EXIT_MALFORMED,
			        "layer %s: no permutations (CHANCE): iou-score --permute "
			        "makes them",
			        s->layer[i].layer->name);
	}
	return layers ? 0 : error_set(e, EXIT_MALFORMED, "no scores in the input");
}

double significance_cut(const struct significance *s, size_t i)
{
	return i < CUTS ? (double)(i + 1) / CUT_STEPS : s->threshold;
}

double significance_fdr(const struct significance_layer *l, size_t cut, size_t category)
{
	const size_t at = cut * (l->categories + 1) + category;

	return l->observed[at] ? (double)l->permuted[at] / (double)l->permutations /
	                                 (double)l->observed[at]
	                       : NAN;
}

size_t significance_least_cut(const struct significance_layer *l, double level)
{
	size_t least = CUTS;

	for (size_t i = CUTS; i-- > 0;) {
		const double fdr = significance_fdr(l, i, l->categories);

		if (fdr > level)
			break;
		if (!isnan(fdr))
			least = i;
	}
	return least;
}

/* ---- tables ---- */

static int compare_units(const void *pa, const void *pb)
{
	const struct significance_unit *a = *(struct significance_unit *const *)pa;
	const struct significance_unit *b = *(struct significance_unit *const *)pb;

	if (a->iou != b->iou)
		return (a->iou < b->iou) - (a->iou > b->iou);
	return (a > b) - (a < b);
}

static void write_unit(struct table *t, const struct ndr_meta *m,
                       const struct significance_layer *l, const struct significance_unit *unit)
{
	table_text(t, l->layer->name);
	table_count(t, (uint64_t)(unit - l->unit) + 1);
	table_text(t, unit->number ? m->category[unit->category] : "");
	table_text(t, unit->number ? m->label[unit->number].name : "");
	table_real(t, unit->iou);
	table_count(t, unit->permutations);
	table_count(t, unit->reached);
	table_real(t, unit->sum / (double)unit->permutations);
	table_real(t, unit->most);
	table_real(t, unit->p);
	table_real(t, unit->q);
}

static int write_layer(struct table *t, const struct ndr_meta *m,
                       const struct significance_layer *l, struct error *e)
{
	const struct significance_unit **order = memory_new(l->units, sizeof *order, e);

	if (!order)
		return -1;
	for (size_t u = 0; u < l->units; u++)
		order[u] = &l->unit[u];
	qsort(order, l->units, sizeof *order, compare_units);
	for (size_t u = 0; u < l->units; u++)
		write_unit(t, m, l, order[u]);
	free(order);
	return 0;
}

int significance_write_units(const struct significance *s, enum table_format format, int fd,
                             const char *name, struct error *e)
{
	static const char *const column[] = {
	        "layer",   "unit",          "category",      "label", "score", "permutations",
	        "reached", "permuted-mean", "permuted-most", "p",     "q"};
	struct table t = {0};
	int status = 0;

	table_begin(&t, format, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < s->layers && status == 0; i++)
		if (s->layer[i].scores)
			status = write_layer(&t, s->meta, &s->layer[i], e);
	if (status == 0)
		status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}

static void put_real(struct table *t, double v)
{
	if (isfinite(v))
		table_real(t, v);
	else
		table_none(t);
}

/* A rate, and its interval; empty what is not known, or without a bound. */
static void put_rate(struct table *t, const struct significance_layer *l, size_t cut,
                     size_t category)
{
	const size_t at = cut * (l->categories + 1) + category;

	put_real(t, significance_fdr(l, cut, category));
	put_real(t, l->interval ? l->interval[2 * at] : NAN);
	put_real(t, l->interval ? l->interval[2 * at + 1] : NAN);
}

static void write_cut(struct table *t, const struct significance *s,
                      const struct significance_layer *l, size_t cut, size_t category)
{
	const size_t at = cut * (l->categories + 1) + category;

	table_text(t, l->layer->name);
	table_text(t, category < l->categories ? s->meta->category[category] : "all");
	table_real(t, significance_cut(s, cut));
	table_count(t, l->observed[at]);
	table_real(t, (double)l->permuted[at] / (double)l->permutations);
	put_rate(t, l, cut, category);
}

int significance_write_fdr(const struct significance *s, int fd, const char *name,
                           struct error *e)
{
	static const char *const column[] = {"layer",    "category", "cut",     "observed",
	                                     "permuted", "fdr",      "fdr-low", "fdr-high"};
	struct table t = {0};
	int status;

	table_begin(&t, TABLE_TSV, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < s->layers; i++) {
		const struct significance_layer *l = &s->layer[i];

		for (size_t c = l->categories + 1; l->scores && c-- > 0;)
			for (size_t k = 0; k < CUTS; k++)
				write_cut(&t, s, l, k, c);
	}
	status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}

static void write_sum(struct table *t, const struct significance *s,
                      const struct significance_layer *l, double level)
{
	const size_t at = CUTS * (l->categories + 1) + l->categories;
	const size_t cut = significance_least_cut(l, level);
	uint64_t units = 0, detectors = 0;

	for (size_t u = 0; u < l->units; u++) {
		units += l->unit[u].q <= level;
		detectors += l->unit[u].q <= level && l->unit[u].iou > s->threshold;
	}
	table_text(t, l->layer->name);
	table_count(t, l->units);
	table_count(t, l->permutations);
	table_real(t, s->threshold);
	table_count(t, l->observed[at]);
	table_real(t, (double)l->permuted[at] / (double)l->permutations);
	put_rate(t, l, CUTS, l->categories);
	table_real(t, level);
	table_count(t, units);
	table_count(t, detectors);
	put_real(t, cut < CUTS ? significance_cut(s, cut) : NAN);
	table_count(t, discovery_least(l->units, l->permutations, level));
}

int significance_write_summary(const struct significance *s, double level, int fd,
                               const char *name, struct error *e)
{
	static const char *const column[] = {
	        "layer",        "units",          "permutations",
	        "threshold",    "detectors",      "permuted",
	        "fdr",          "fdr-low",        "fdr-high",
	        "level",        "units-at-level", "detectors-at-level",
	        "cut-at-level", "units-needed"};
	struct table t = {0};
	int status;

	table_begin(&t, TABLE_TSV, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < s->layers; i++)
		if (s->layer[i].scores)
			write_sum(&t, s, &s->layer[i], level);
	status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}
