/* page_unit.c -- the cards of units; see page_parts.h. */
#include "report/page_parts.h"
#include "base/memory.h"
#include "report/chart.h"
#include "report/escape.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 64 }; /* of a histogram */

void put_place(const struct page *p, const struct report_example *x, size_t number)
{
	if (x->share[0] > 0 && x->share[0] < x->share[1])
		text_print(p->t, "quantiles %g to %g", x->share[0], x->share[1]);
	else if (x->share[0] > 0)
		text_print(p->t, "quantile %g", x->share[0]);
	else
		text_print(p->t, "rank %zu", number);
}

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

void put_overlay(const struct page *p, char name, const struct picture *png)
{
	if (!png->bytes)
		return;
	text_print(p->t, "--%c:url(data:image/png;base64,", name);
	picture_base64(p->t, png->bytes, png->length);
	put(p, ");");
}

static void put_example(const struct page *p, size_t k, const struct report_example *x,
                        size_t number)
{
	const struct report_picture *picture = &p->r->picture[x->picture];

	put(p, "<li><a class=\"x");
	if (x->truth)
		text_print(p->t, " t%" PRIu32 "-%zu", picture->item, x->truth);
	text_print(p->t, "\"%s id=\"%c%zu-%zu\" href=\"#%c%zu-%zu\" style=\"",
	           number > 1 ? " tabindex=\"-1\"" : "", p->id, k + 1, number, p->id, k + 1,
	           number);
	put_overlay(p, 'm', &x->mask);
	put_overlay(p, 'o', &x->both);
	text_print(p->t, "\"><span class=\"p i%" PRIu32 "\" role=\"img\" aria-label=\"",
	           picture->item);
	put_place(p, x, number);
	put(p, ", ");
	escape_attribute(p->t, picture->name);
	text_print(p->t, ", activation %.4g, mask %.2g %% of pixels", x->value,
	           percent(x->in_mask, x->pixels));
	if (x->in_truth)
		text_print(p->t, ", label %.2g %%, both %.2g %%",
		           percent(x->in_truth, x->pixels), percent(x->in_both, x->pixels));
	put(p, "\"></span></a>");
	if (x->share[0] > 0) {
		put(p, "<small>");
		put_place(p, x, number);
		put(p, "</small>");
	}
	text_print(p->t, "<small><data value=\"%.9g\">%.4g</data> <span>", x->value, x->value);
	escape_html(p->t, picture->name);
	put(p, "</span></small></li>\n");
}

static void put_key(const struct page *p, size_t category)
{
	text_print(p->t, "<i class=\"key k%zu\"></i>", palette_of(p, category));
}

/* ---- formulas ---- */

/* ((a OR b) AND NOT c), each label with its category's letter. */
static void put_formula(const struct page *p, const struct report_formula *f)
{
	static const char *const word[] = {
	        [REPORT_OR] = "OR", [REPORT_AND] = "AND", [REPORT_AND_NOT] = "AND NOT"};

	for (size_t i = 2; i < f->terms; i++)
		put(p, "(");
	for (size_t i = 0; i < f->terms; i++) {
		const struct report_term *term = &f->term[i];

		if (i > 0)
			text_print(p->t, "%s <small>%s</small> ", i > 1 ? ")" : "",
			           word[term->operator]);
		put_key(p, term->category);
		put(p, " <span class=\"name\">");
		escape_html(p->t, term->name);
		put(p, "</span>");
	}
	if (f->terms == 0)
		put(p, "<small>no label meets its masks</small>");
}

static void put_formula_iou(const struct page *p, const char *what,
                            const struct report_formula *f)
{
	text_print(p->t, "%s <data value=\"%.17g\">%.4f</data>", what, f->iou, f->iou);
	if (!isnan(f->other))
		text_print(p->t, ", on other images <data value=\"%.17g\">%.4f</data>",
		           f->other, f->other);
}

/* The strongest images once more, lit where the formula is true. */
static void put_regions(const struct page *p, const struct report_unit *u)
{
	put(p, "<ol class=\"fo\">\n");
	for (size_t i = 0; i < u->examples; i++) {
		const struct report_example *x = &u->example[i];
		const struct report_picture *picture = &p->r->picture[x->picture];

		text_print(p->t,
		           "<li><span class=\"r f%" PRIu32 "-%zu\"><span class=\"p i%" PRIu32
		           "\" role=\"img\" aria-label=\"rank %zu, formula %.2g %% of "
		           "pixels\"></span></span></li>\n",
		           picture->item, x->region, picture->item, i + 1,
		           percent(x->in_region, x->pixels));
	}
	put(p, "</ol>\n");
}

static void put_formulas(const struct page *p, const struct report_unit *u)
{
	const struct report_formula *f = &u->formula[u->formulas - 1];

	put(p, "<div class=\"formula\"><h4>Best formula of at most ");
	text_print(p->t, "%zu label%s", u->formulas, u->formulas > 1 ? "s" : "");
	put(p, f->proven ? ", proven</h4>\n<p><span class=\"of-labels\">"
	                 : ", as far as was sought</h4>\n<p><span class=\"of-labels\">");
	put_formula(p, f);
	put_formula_iou(p, "</span> <span class=\"iou\">IoU", f);
	put_formula_iou(p, "; best label alone", &u->formula[0]);
	put(p, "</span></p>\n");
	put_regions(p, u);
	put(p, "</div>\n");
}

/* How much longer formulas match better. */
static void put_lengths(const struct page *p, const struct report_unit *u)
{
	double iou[REPORT_TERMS], other[REPORT_TERMS];
	const bool others = !isnan(u->formula[0].other);
	const struct report_formula *last = &u->formula[u->formulas - 1];
	char title[200];

	for (size_t i = 0; i < u->formulas; i++) {
		iou[i] = u->formula[i].iou;
		other[i] = u->formula[i].other;
	}
	snprintf(title, sizeof title,
	         "IoU of the best formula by length, from %.4g of one label to %.4g of %zu",
	         iou[0], last->iou, u->formulas);
	put(p, "<figure class=\"lengths\">");
	chart_steps(p->t, iou, others ? other : NULL, u->formulas, title);
	text_print(p->t,
	           "<figcaption>IoU of the best formula of at most so many labels, %.4f to "
	           "%.4f",
	           iou[0], last->iou);
	if (others)
		text_print(p->t, "; dashed: on other images, %.4f to %.4f", other[0],
		           last->other);
	put(p, "</figcaption></figure>\n");
}

/* ---- images ---- */

/* The strongest images, then those at quantiles, numbered on. */
static void put_examples(const struct page *p, size_t k)
{
	const struct report_unit *u = &p->side->unit[k];

	put(p, "<ol class=\"ex\">\n");
	for (size_t i = 0; i < u->examples; i++)
		put_example(p, k, &u->example[i], i + 1);
	put(p, "</ol>\n");
	if (u->formulas > 0)
		put_formulas(p, u);
	put(p, "<div class=\"lower\">\n");
	if (!u->quantiles)
		return;
	put(p, "<div class=\"quantiles\"><h4>At quantiles of its maxima over all images</h4>\n"
	       "<ol class=\"qu\">\n");
	for (size_t i = 0; i < u->quantiles; i++)
		put_example(p, k, &u->quantile[i], u->examples + i + 1);
	put(p, "</ol></div>\n");
}

/* The best labels over all categories, and what parts the first two. */
static void put_matches(const struct page *p, const struct report_unit *u)
{
	put(p, "<div><table class=\"best\"><caption>Best labels</caption>\n");
	for (size_t i = 0; i < u->matches; i++) {
		put(p, "<tr><td>");
		put_key(p, u->match[i].category);
		put(p, " <span class=\"name\">");
		escape_html(p->t, u->match[i].name);
		put(p, "</span> <small>");
		escape_html(p->t, p->side->result.category[u->match[i].category]);
		text_print(p->t,
		           "</small></td><td><data value=\"%.17g\">%.4f</data></td></tr>\n",
		           u->match[i].iou, u->match[i].iou);
	}
	put(p, "</table>\n");
	if (u->matches > 1)
		text_print(p->t, "<p class=\"gap\">gap to the second %.4f</p>\n",
		           u->match[0].iou - u->match[1].iou);
	if (u->formulas > 0)
		put_lengths(p, u);
	put(p, "</div>\n");
}

/* The best label of each category, as in the result table. */
static void put_categories(const struct page *p, size_t k)
{
	const struct result *s = &p->side->result;

	put(p, "<table class=\"each\"><caption>Best of each category</caption>\n");
	for (size_t c = 0; c < s->categories; c++) {
		const size_t at = k * s->categories + c;

		if (!*s->label[at])
			continue;
		put(p, "<tr><td>");
		put_key(p, c);
		put(p, " <span class=\"name\">");
		escape_html(p->t, s->label[at]);
		put(p, "</span> <small>");
		escape_html(p->t, s->category[c]);
		text_print(p->t,
		           "</small></td><td><data value=\"%.17g\" data-category=\"%zu\">%.4f"
		           "</data></td></tr>\n",
		           s->iou[at], c, s->iou[at]);
	}
	put(p, "</table>\n");
}

/* ---- activations ---- */

static void put_activations(const struct page *p, const struct report_unit *u, double *values)
{
	char title[256];

	for (size_t i = 0; i < u->examples; i++)
		values[i] = u->example[i].value;
	snprintf(title, sizeof title,
	         "activations from %.4g to %.4g, threshold %.4g, the maxima of the strongest "
	         "images as ticks",
	         u->min, u->max, u->threshold);
	put(p, "<figure class=\"act\">");
	chart_range(p->t, u->min, u->max, u->threshold, values, u->examples, title);
	text_print(p->t,
	           "<figcaption>min <data class=\"min\" value=\"%.17g\">%.4g</data>, threshold "
	           "<data class=\"thr\" value=\"%.17g\">%.4g</data>, max <data class=\"max\" "
	           "value=\"%.17g\">%.4g</data>; %.2g %% of %.0f samples above%s</figcaption>"
	           "</figure>\n",
	           u->min, u->min, u->threshold, u->threshold, u->max, u->max,
	           u->samples > 0 ? 100 * u->above / u->samples : 0, u->samples,
	           u->strict ? "; too many are at it, so the mask is what is above" : "");
}

/* How many images have which maximum: an eighth of an octave a bar, the least ones together. */
static void put_maxima(const struct page *p, const struct report_unit *u)
{
	struct chart_column column[MOST_COLUMNS] = {0};
	size_t first = u->bins > MOST_COLUMNS ? u->bins - MOST_COLUMNS : 0, n = 0;
	uint64_t rest = 0, above = 0;
	char title[200];

	while (first < u->bins && u->bin[first].low <= 0)
		first++;
	for (size_t i = 0; i < first; i++)
		rest += u->bin[i].images;
	for (size_t i = first; i < u->bins; i++) {
		column[n++] = (struct chart_column){.low = u->bin[i].low,
		                                    .high = u->bin[i].high,
		                                    .count = (double)u->bin[i].images};
		above += u->bin[i].low >= u->threshold ? u->bin[i].images : 0;
	}
	snprintf(title, sizeof title,
	         "maxima of %" PRIu64 " images, on a scale of octaves: %" PRIu64
	         " in bars that lie "
	         "above the threshold, %" PRIu64 " below the bars",
	         u->images, above, rest);
	put(p, "<figure class=\"maxima\">");
	chart_columns(p->t, column, n, u->threshold, title);
	text_print(p->t,
	           "<figcaption>maxima of %" PRIu64 " images, an eighth of an octave a bar",
	           u->images);
	if (n)
		text_print(p->t, ", from %.4g to %.4g", column[0].low, u->max);
	if (rest && n)
		text_print(p->t, "; %" PRIu64 " below", rest);
	put(p, "</figcaption></figure>\n");
}

static void put_unit(const struct page *p, size_t k, double *values)
{
	const struct result *s = &p->side->result;
	const struct report_unit *u = &p->side->unit[k];
	const size_t at = k * s->categories + s->best[k];

	text_print(p->t,
	           "<article class=\"card k%zu%s\" id=\"%c%zu\" data-unit=\"%zu\" "
	           "data-category=\"%zu\" data-iou=\"%.17g\">\n<h3><a href=\"#%c%zu\">unit "
	           "%zu</a> ",
	           palette_of(p, s->best[k]), s->iou[at] > p->r->cut ? "" : " below", p->id,
	           k + 1, k + 1, s->best[k], s->iou[at], p->id, k + 1, k + 1);
	if (*s->label[at]) {
		put_key(p, s->best[k]);
		put(p, " <b class=\"name\">");
		escape_html(p->t, s->label[at]);
		put(p, "</b> <small>");
		escape_html(p->t, s->category[s->best[k]]);
		put(p, "</small>");
	} else
		put(p, "<small>no label meets its masks</small>");
	text_print(p->t,
	           " <span class=\"iou\">IoU <data value=\"%.17g\">%.4f</data></span></h3>\n",
	           s->iou[at], s->iou[at]);
	put_examples(p, k);
	put(p, "<div class=\"facts\">\n");
	put_matches(p, u);
	put_categories(p, k);
	put(p, "<div>\n");
	put_activations(p, u, values);
	if (u->images)
		put_maxima(p, u);
	put(p, "</div>\n</div>\n</div>\n</article>\n");
}

struct place {
	double iou;
	size_t unit;
};

static int by_score(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->iou > y->iou || x->iou < y->iou)
		return x->iou > y->iou ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

int page_units(const struct page *p, struct error *e)
{
	const struct result *s = &p->side->result;
	struct place *place = memory_new(s->units, sizeof *place, e);
	double *values = NULL;
	size_t most = 0;

	for (size_t k = 0; place && k < s->units; k++) {
		place[k] = (struct place){s->iou[k * s->categories + s->best[k]], k};
		most = p->side->unit[k].examples > most ? p->side->unit[k].examples : most;
	}
	values = memory_new(most, sizeof *values, e);
	if (place && values) {
		qsort(place, s->units, sizeof *place, by_score);
		put(p, "<div class=\"cards\">\n");
		for (size_t k = 0; k < s->units; k++)
			put_unit(p, place[k].unit, values);
		put(p, "</div>\n");
	}
	free(place);
	free(values);
	return place && values ? 0 : -1;
}
