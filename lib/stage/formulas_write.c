/* formulas_write.c -- the tables of formulas.h. */
#include "stage/formulas.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* ---- fields ---- */

static const char *label_name(const void *meta, uint16_t label)
{
	const struct ndr_meta *m = meta;

	return m->label[label].name;
}

static const char *category_name(const void *meta, uint16_t label)
{
	const struct ndr_meta *m = meta;

	return m->category[m->label[label].category];
}

enum said { SAY_CATEGORIES, SAY_LABELS, SAY_NUMBERS };

static int put_formula(struct table *t, const struct ndr_meta *m, const struct formula *f,
                       enum said said, struct error *e)
{
	struct text text = {0};
	char *s;

	if (said == SAY_NUMBERS)
		formula_print_numbers(f, &text);
	else
		formula_print(f, said == SAY_LABELS ? label_name : category_name, m, &text);
	s = text_take(&text, "a formula", e);
	if (!s)
		return -1;
	table_text(t, s);
	free(s);
	return 0;
}

static void put_score(struct table *t, const struct formulas *f,
                      const struct formulas_unit *unit, size_t length)
{
	if (f->scored)
		table_real(t, unit->scored
		                      ? formula_iou(unit->area_scored, unit->scored[length - 1])
		                      : 0);
}

/* What is known of a unit whose masks have no pixels. */
static const struct formula_found nothing = {.proven = true};

static const struct formula_found *found_of(const struct formulas_unit *unit, size_t length)
{
	return unit->found ? &unit->found[length - 1] : &nothing;
}

/* ---- units ---- */

static int write_unit(struct table *t, const struct formulas *f, const struct formulas_layer *l,
                      const struct formulas_unit *unit, struct error *e)
{
	const size_t length = f->choice->search.length;
	const struct formula_found *best = found_of(unit, length), *one = found_of(unit, 1);

	table_text(t, l->layer->name);
	table_count(t, (uint64_t)(unit - l->unit) + 1);
	if (put_formula(t, &f->meta, &best->formula, SAY_CATEGORIES, e) < 0 ||
	    put_formula(t, &f->meta, &best->formula, SAY_LABELS, e) < 0)
		return -1;
	table_real(t, formula_iou(unit->area, best->counts));
	table_count(t, best->formula.length);
	if (put_formula(t, &f->meta, &one->formula, SAY_CATEGORIES, e) < 0 ||
	    put_formula(t, &f->meta, &one->formula, SAY_LABELS, e) < 0)
		return -1;
	table_real(t, formula_iou(unit->area, one->counts));
	put_score(t, f, unit, length);
	put_score(t, f, unit, 1);
	table_text(t, best->proven ? "yes" : "no");
	table_real(t, best->bound);
	table_count(t, (uint64_t)best->counts.both);
	table_count(t, (uint64_t)unit->area);
	table_count(t, (uint64_t)best->counts.truth);
	if (f->counted)
		table_count(t, unit->images);
	return put_formula(t, &f->meta, &best->formula, SAY_NUMBERS, e);
}

struct place {
	double score;
	const struct formulas_unit *unit;
};

static int compare_places(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	if (a->score != b->score)
		return a->score < b->score ? 1 : -1;
	return (a->unit > b->unit) - (a->unit < b->unit);
}

static int write_layer(struct table *t, const struct formulas *f,
                       const struct formulas_layer *l, struct error *e)
{
	struct place *order = memory_new(l->units, sizeof *order, e);
	int status = order ? 0 : -1;

	for (size_t u = 0; order && u < l->units; u++) {
		const struct formulas_unit *unit = &l->unit[u];

		order[u].unit = unit;
		order[u].score = formula_iou(unit->area,
		                             found_of(unit, f->choice->search.length)->counts);
	}
	if (order)
		qsort(order, l->units, sizeof *order, compare_places);
	for (size_t u = 0; status == 0 && u < l->units; u++)
		status = write_unit(t, f, l, order[u].unit, e);
	free(order);
	return status;
}

int formulas_write(const struct formulas *f, enum table_format format, int fd, const char *name,
                   struct error *e)
{
	const char *column[20] = {"layer",        "unit",   "category",         "label",
	                          "score",        "length", "category_noncomp", "label_noncomp",
	                          "score_noncomp"};
	struct table t = {0};
	size_t n = 9;
	int status = 0;

	if (f->scored) {
		column[n++] = "score-val";
		column[n++] = "score_noncomp-val";
	}
	column[n++] = "proven";
	column[n++] = "bound";
	column[n++] = "intersection";
	column[n++] = "area";
	column[n++] = "truth";
	if (f->counted)
		column[n++] = "images";
	column[n++] = "numbers";
	table_begin(&t, format, column, n);
	for (size_t i = 0; i < f->layers && status == 0; i++)
		if (f->layer[i].unit)
			status = write_layer(&t, f, &f->layer[i], e);
	if (status == 0)
		status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}

/* ---- lengths ---- */

static int write_length(struct table *t, const struct formulas *f,
                        const struct formulas_layer *l, const struct formulas_unit *unit,
                        size_t length, struct error *e)
{
	const struct formula_found *found = found_of(unit, length);

	table_text(t, l->layer->name);
	table_count(t, (uint64_t)(unit - l->unit) + 1);
	table_count(t, length);
	if (put_formula(t, &f->meta, &found->formula, SAY_LABELS, e) < 0)
		return -1;
	table_real(t, formula_iou(unit->area, found->counts));
	put_score(t, f, unit, length);
	table_text(t, found->proven ? "yes" : "no");
	table_real(t, found->bound);
	return put_formula(t, &f->meta, &found->formula, SAY_NUMBERS, e);
}

int formulas_write_lengths(const struct formulas *f, int fd, const char *name, struct error *e)
{
	static const char *const all[] = {"layer", "unit",   "length", "label",
	                                  "score", "proven", "bound",  "numbers"};
	static const char *const scored[] = {"layer",     "unit",   "length", "label",  "score",
	                                     "score-val", "proven", "bound",  "numbers"};
	struct table t = {0};
	int status = 0;

	table_begin(&t, TABLE_TSV, f->scored ? scored : all,
	            (f->scored ? sizeof scored : sizeof all) / sizeof *all);
	for (size_t i = 0; i < f->layers; i++)
		for (size_t u = 0; u < f->layer[i].units; u++)
			for (size_t k = 1; status == 0 && k <= f->choice->search.length; k++)
				status = write_length(&t, f, &f->layer[i], &f->layer[i].unit[u],
				                      k, e);
	if (status == 0)
		status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}

/* ---- chance ---- */

static void write_cut(struct table *t, const struct formulas *f, const struct formulas_layer *l,
                      size_t length, size_t cut)
{
	const uint64_t observed = l->observed[formulas_cell(length, cut)];
	const double permuted =
	        (double)l->permuted[formulas_cell(length, cut)] / (double)f->permutations;

	table_text(t, l->layer->name);
	table_count(t, length);
	table_real(t, formulas_cut(f, cut));
	table_count(t, l->units);
	table_count(t, f->permutations);
	table_count(t, observed);
	table_real(t, permuted);
	if (observed)
		table_real(t, permuted / (double)observed);
	else
		table_none(t);
}

/* Whether the last cut is none of the others. */
static bool is_another(const struct formulas *f)
{
	for (size_t i = 0; i < FORMULAS_CUTS; i++)
		if (formulas_cut(f, i) == formulas_cut(f, FORMULAS_CUTS))
			return false;
	return true;
}

int formulas_write_fdr(const struct formulas *f, int fd, const char *name, struct error *e)
{
	static const char *const column[] = {"layer",        "length",   "cut",      "units",
	                                     "permutations", "observed", "permuted", "fdr"};
	struct table t = {0};
	int status;

	table_begin(&t, TABLE_TSV, column, sizeof column / sizeof *column);
	for (size_t i = 0; i < f->layers; i++)
		for (size_t k = 1; f->layer[i].unit && k <= f->choice->search.length; k++)
			for (size_t cut = 0;
			     cut < (is_another(f) ? FORMULAS_CUTS + 1 : FORMULAS_CUTS); cut++)
				write_cut(&t, f, &f->layer[i], k, cut);
	status = table_end(&t, fd, name, e);
	table_free(&t);
	return status;
}
