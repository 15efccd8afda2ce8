/* page.c -- see page.h.
 *
 * What strangers named goes through escape.h and nowhere else.  Ids: unit 433 of the first
 * side is u433, of the second v433; its third image u433-3. */
#include "report/page.h"
#include "base/memory.h"
#include "dissect/label.h"
#include "report/chart.h"
#include "report/escape.h"
#include "report/page_parts.h"
#include "report/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- head ---- */

/* Each photograph stands once, in a rule, as does each annotation; whoever shows it has its
 * class. */
static void put_pictures(const struct page *p)
{
	put(p, "<style>\n");
	for (size_t i = 0; i < p->r->pictures; i++) {
		const struct report_picture *x = &p->r->picture[i];

		text_print(p->t,
		           ".i%" PRIu32 "{width:%" PRIu32 "px;height:%" PRIu32
		           "px;aspect-ratio:%" PRIu32 "/%" PRIu32 ";background-image:url(",
		           x->item, x->width, x->height, x->width, x->height);
		if (p->r->folder)
			text_print(p->t, "images/%" PRIu32 ".jpg", x->item);
		else {
			put(p, "data:image/jpeg;base64,");
			picture_base64(p->t, x->jpeg.bytes, x->jpeg.length);
		}
		put(p, ")}\n");
		for (size_t k = 0; k < x->truths; k++) {
			text_print(p->t, ".t%" PRIu32 "-%zu{", x->item, k + 1);
			put_overlay(p, 't', &x->truth[k].png);
			put(p, "}\n");
		}
		for (size_t k = 0; k < x->regions; k++) {
			text_print(p->t, ".f%" PRIu32 "-%zu{", x->item, k + 1);
			put_overlay(p, 'f', &x->region[k].png);
			put(p, "}\n");
		}
	}
	put(p, "</style>\n");
}

static void put_category_colors(const struct page *p)
{
	put(p, "<style>\n");
	for (int c = 0; c <= PALETTE_CATEGORIES; c++)
		text_print(
		        p->t,
		        ".k%d{--k:%s}.k%d.key::before{content:\"%c\";content:\"%c\" / \"\"}\n",
		        c, palette_category[c].color, c, palette_category[c].letter,
		        palette_category[c].letter);
	put(p, "</style>\n");
}

static void put_head(const struct page *p)
{
	put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	policy_write(p->t, page_js_sha256, p->r->folder);
	put(p, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	       "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	for (size_t n = 0; n < p->r->sides; n++) {
		put(p, n ? " beside " : "Units of ");
		escape_html(p->t, p->r->side[n].layer);
	}
	put(p, "</title>\n<style>\n");
	put(p, page_css);
	put(p, "</style>\n");
	put_category_colors(p);
	put_pictures(p);
	put(p, "</head>\n<body>\n");
}

/* ---- what a side found ---- */

static int count_rule(const struct page *p, enum label_rule rule, struct label_tally *total,
                      struct label_tally *by_category, struct error *e)
{
	const struct result *s = &p->side->result;

	return label_count(s->label, s->iou, s->best, s->units, s->categories, p->r->cut, rule,
	                   total, by_category, e);
}

static void put_count(const struct page *p, const char *rule, const char *what, long category,
                      size_t n)
{
	text_print(p->t, "<td data-rule=\"%s\" data-what=\"%s\" data-category=\"%ld\">%zu</td>",
	           rule, what, category, n);
}

/* The categories in the palette's order, others behind: the one from *at on, until there is
 * none.
 */
static bool next_category(const struct page *p, size_t *at, size_t *category)
{
	const size_t n = p->side->result.categories;

	for (; *at < (PALETTE_CATEGORIES + 1) * n; ++*at)
		if (palette_of(p, *at % n) == *at / n) {
			*category = (*at)++ % n;
			return true;
		}
	return false;
}

static void put_rule(const struct page *p, const char *rule, const char *what,
                     const struct label_tally *total, const struct label_tally *by_category)
{
	static const char *const rows[] = {"detectors", "unique"};
	size_t c;

	for (int i = 0; i < 2; i++) {
		put(p, i ? "<tr>" : "<tr class=\"first\">");
		if (i == 0)
			text_print(p->t, "<th scope=\"rowgroup\" rowspan=\"2\">%s</th>", what);
		text_print(p->t, "<th scope=\"row\">%s</th>", rows[i]);
		put_count(p, rule, rows[i], -1, i ? total->unique : total->detectors);
		for (size_t at = 0; next_category(p, &at, &c);)
			put_count(p, rule, rows[i], (long)c,
			          i ? by_category[c].unique : by_category[c].detectors);
		put(p, "</tr>\n");
	}
}

static int put_sum(const struct page *p, struct error *e)
{
	const struct result *s = &p->side->result;
	struct label_tally total,
	        *by_category = memory_new(s->categories, sizeof *by_category, e);
	int status = by_category ? count_rule(p, LABEL_TOP, &total, by_category, e) : -1;

	if (status == 0)
		text_print(p->t,
		           "<p class=\"sum\"><output class=\"detectors\">%zu</output> of "
		           "%zu units detect <output class=\"unique\">%zu</output> concepts "
		           "<small>(IoU &gt; <output class=\"cut\">%g</output>)</small></p>\n",
		           total.detectors, s->units, total.unique, p->r->cut);
	free(by_category);
	return status;
}

static int put_counts(const struct page *p, struct error *e)
{
	const struct result *s = &p->side->result;
	struct label_tally total,
	        *by_category = memory_new(s->categories, sizeof *by_category, e);
	int status = by_category ? count_rule(p, LABEL_TOP, &total, by_category, e) : -1;
	size_t c;

	if (status == 0) {
		put(p,
		    "<div class=\"wide\"><table class=\"counts\"><caption>A unit counts for "
		    "its best label (the paper's rule), or for its best label in each "
		    "category (that of the released plots).</caption>\n<tr><td></td><td></td>"
		    "<th scope=\"col\">all</th>");
		for (size_t at = 0; next_category(p, &at, &c);) {
			text_print(p->t, "<th scope=\"col\" class=\"k%zu\">", palette_of(p, c));
			escape_html(p->t, s->category[c]);
			put(p, "</th>");
		}
		put(p, "</tr>\n");
		put_rule(p, "top", "best label", &total, by_category);
		status = count_rule(p, LABEL_PER_CATEGORY, &total, by_category, e);
	}
	if (status == 0)
		put_rule(p, "per-category", "best of each category", &total, by_category);
	put(p, "</table></div>\n");
	free(by_category);
	return status;
}

/* ---- the plot of concepts ---- */

struct concept {
	const char *label;
	size_t category; /* of the palette */
	size_t units;
	double best;
	size_t strongest; /* the unit that has it */
};

static int by_place(const void *a, const void *b)
{
	const struct concept *x = a, *y = b;

	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	if (x->units != y->units)
		return x->units > y->units ? -1 : 1;
	if (x->best > y->best || x->best < y->best)
		return x->best > y->best ? -1 : 1;
	return strcmp(x->label, y->label);
}

static int by_name(const void *a, const void *b)
{
	const struct concept *x = a, *y = b;
	const int order = strcmp(x->label, y->label);

	return order ? order : (x->category > y->category) - (x->category < y->category);
}

/* The concepts that units detect, in the order of the plot; how many. */
static size_t find_concepts(const struct page *p, struct concept *found)
{
	const struct result *s = &p->side->result;
	size_t n = 0, kept = 0;

	for (size_t k = 0; k < s->units; k++) {
		const size_t at = k * s->categories + s->best[k];

		if (s->iou[at] > p->r->cut && *s->label[at])
			found[n++] = (struct concept){s->label[at], palette_of(p, s->best[k]),
			                              1, s->iou[at], k};
	}
	qsort(found, n, sizeof *found, by_name);
	for (size_t i = 0; i < n; i++) {
		struct concept *last = kept ? &found[kept - 1] : NULL;

		if (!last || by_name(last, &found[i]) != 0) {
			found[kept++] = found[i];
			continue;
		}
		last->units++;
		if (found[i].best > last->best) {
			last->best = found[i].best;
			last->strongest = found[i].strongest;
		}
	}
	qsort(found, kept, sizeof *found, by_place);
	return kept;
}

static void put_concept_table(const struct page *p, const struct concept *c, size_t n)
{
	put(p, "<details><summary>The same as a table</summary><table class=\"concepts\">\n"
	       "<tr><th scope=\"col\">concept</th><th scope=\"col\">category</th>"
	       "<th scope=\"col\">units</th><th scope=\"col\">best IoU</th></tr>\n");
	for (; n-- > 0; c++) {
		put(p, "<tr><td>");
		escape_html(p->t, c->label);
		text_print(p->t,
		           "</td><td>%s</td><td>%zu</td><td><a href=\"#%c%zu\"><data "
		           "value=\"%.17g\">%.4f</data></a></td></tr>\n",
		           palette_category[c->category].name, c->units, p->id,
		           c->strongest + 1, c->best, c->best);
	}
	put(p, "</table></details>\n");
}

static int put_plot(const struct page *p, struct error *e)
{
	struct concept *c = memory_new(p->side->result.units, sizeof *c, e);
	const size_t n = c ? find_concepts(p, c) : 0;
	struct chart_bar *bar = c ? memory_new(n, sizeof *bar, e) : NULL;

	for (size_t i = 0; bar && i < n; i++) {
		bar[i] = (struct chart_bar){.label = c[i].label,
		                            .category = c[i].category,
		                            .value = (double)c[i].units};
		snprintf(bar[i].href, sizeof bar[i].href, "#%c%zu", p->id, c[i].strongest + 1);
	}
	if (bar) {
		put(p,
		    "<figure class=\"plot\"><figcaption>Units that detect each concept, by "
		    "category. A bar leads to its units.</figcaption><div class=\"wide\">\n");
		chart_bars(p->t, bar, n, "Units that detect each concept, by category");
		put(p, "</div>\n");
		put_concept_table(p, c, n);
		put(p, "</figure>\n");
	}
	free(c);
	free(bar);
	return bar ? 0 : -1;
}

/* ---- a side ---- */

static void put_line(const struct page *p, const char *name, const char *value)
{
	text_print(p->t, "<dt>%s</dt><dd>", name);
	escape_html(p->t, value);
	put(p, "</dd>\n");
}

static void put_about(const struct page *p)
{
	const struct report_side *s = p->side;

	put(p, "<dl>\n");
	put_line(p, "files", s->name);
	put_line(p, "network", s->network ? s->network : "not named in the streams");
	put_line(p, "basis", s->basis ? s->basis : "the model's own");
	text_print(p->t, "<dt>labels</dt><dd>on at least %" PRIu64 " images</dd>\n",
	           p->r->min_images);
	put(p, "</dl>\n");
}

/* What the layer is of: data, and its size. */
static void put_source(const struct page *p)
{
	const struct report_side *s = p->side;

	text_print(p->t, "<p class=\"of\">%zu units of %" PRIu32 " \xc3\x97 %" PRIu32 " cells",
	           s->result.units, s->height, s->width);
	if (p->r->data) {
		put(p, " on ");
		escape_html(p->t, p->r->data);
	}
	if (p->r->images)
		text_print(p->t, "%s %" PRIu64 " images", p->r->data ? "," : " on",
		           p->r->images);
	put(p, "</p>\n");
}

static void put_warnings(const struct page *p)
{
	const struct report_side *s = p->side;

	if (s->warnings) {
		put(p, "<ul class=\"warnings\" role=\"note\" aria-label=\"warnings\">\n");
		for (size_t i = 0; i < s->warnings; i++) {
			put(p, "<li>");
			escape_html(p->t, s->warning[i]);
			put(p, "</li>\n");
		}
		put(p, "</ul>\n");
	}
}

static void put_programs(const struct page *p)
{
	put(p, "<details class=\"made\"><summary>How it was made</summary><dl>\n");
	for (size_t i = 0; i < p->side->facts; i++) {
		put(p, "<dt>");
		escape_html(p->t, p->side->fact[i].name);
		put(p, "</dt><dd>");
		escape_html(p->t, p->side->fact[i].value);
		put(p, "</dd>\n");
	}
	put(p, "</dl></details>\n");
}

static int put_side(struct page *p, size_t n, struct error *e)
{
	int status;

	p->side = &p->r->side[n];
	p->id = (char)('u' + n);
	text_print(p->t, "<section class=\"side\" data-side=\"%zu\" aria-label=\"", n);
	escape_attribute(p->t, p->side->name);
	put(p, "\">\n<header>\n");
	put(p, p->r->sides == 1 ? "<h1>" : n ? "<h2>B: " : "<h2>A: ");
	escape_html(p->t, p->side->layer);
	text_print(p->t, "</h%d>\n", p->r->sides > 1 ? 2 : 1);
	put_source(p);
	put_warnings(p);
	put(p, "<div class=\"found\"><div>\n");
	status = put_sum(p, e);
	put_about(p);
	put(p, "</div>\n");
	if (status == 0)
		status = put_counts(p, e);
	put(p, "</div>\n");
	if (status == 0)
		status = put_plot(p, e);
	put_programs(p);
	put(p, "</header>\n");
	if (status == 0)
		status = page_units(p, e);
	put(p, "</section>\n");
	return status;
}

/* ---- the page ---- */

/* The style looks at the toggles of layers; the other controls need the script, which shows
 * them. */
static void put_controls(const struct page *p)
{
	static const char *const layer[][3] = {{"photo", "photo", " checked"},
	                                       {"mask", "unit's mask", " checked"},
	                                       {"truth", "label", " checked"},
	                                       {"both", "overlap", ""}};

	put(p, "<div id=\"bar\">\n<form id=\"controls\" hidden>\n"
	       "<label>sort <select id=\"sort\"><option value=\"iou\">IoU</option><option "
	       "value=\"unit\">unit</option><option value=\"label\">label</option><option "
	       "value=\"category\">category</option></select></label>\n"
	       "<label>category <select id=\"category\"><option value=\"\">all</option>"
	       "</select></label>\n"
	       "<label>find <input type=\"search\" id=\"find\" placeholder=\"label or "
	       "unit\"></label>\n"
	       "<label>IoU above <input type=\"range\" id=\"cut\" min=\"0\" max=\"0.3\" "
	       "step=\"0.005\"> <output id=\"cut-value\"></output></label>\n"
	       "<label><input type=\"checkbox\" id=\"detectors\"> detectors only</label>\n"
	       "<output id=\"shown\" aria-live=\"polite\"></output>\n</form>\n"
	       "<div class=\"layers\" role=\"group\" aria-label=\"shown on images\">\n");
	for (int i = 0; i < 4; i++)
		text_print(
		        p->t,
		        "<label for=\"%s\"><input type=\"checkbox\" id=\"%s\"%s>%s</label>\n",
		        layer[i][0], layer[i][0], layer[i][2], layer[i][1]);
	put(p, "</div>\n</div>\n");
}

/* What the page does not show, and would. */
static void put_absent(const struct page *p)
{
	bool fires = true, maxima = true;

	for (size_t n = 0; n < p->r->sides; n++) {
		const struct report_side *s = &p->r->side[n];

		fires = fires && s->fires;
		maxima = maxima && s->result.units > 0 && s->unit[0].images > 0;
	}
	if (maxima && fires)
		put(p,
		    "<p>An image at a quantile is a random one of those whose maximum lies in "
		    "the same eighth of an octave as the quantile. An image opens large with "
		    "the masks of all units that are detectors at the IoU that the page was "
		    "made with and fire on it.</p>\n");
	if (!fires)
		put(p,
		    "<p>Not here, as activations were not at hand (--activations): the masks "
		    "of detectors on images that are not among their strongest, and images at "
		    "quantiles of a unit's maxima.</p>\n");
	if (!maxima)
		put(p, "<p>Not here, as the streams do not hold them (act-top --maxima): the "
		       "maxima of all images; the ticks are those of the images shown.</p>\n");
}

static void put_foot(const struct page *p)
{
	put(p,
	    "<footer>\n<p>Units count from 1, as in the result table. A card shows where a "
	    "unit's map, interpolated to the resolution of the labels, reaches its "
	    "threshold: what is outside is dim, the line is the mask's edge. The second "
	    "line is the edge of the label in the annotation, where the image has it.</p>\n");
	if (p->r->formulas)
		put(p, "<p>A second row of the same images is lit where the formula is true of "
		       "the annotation. The IoU of a formula, and of the label beside it, is "
		       "over all pixels of all images, or of those that it was asked for; so "
		       "it can differ from the IoU of the same label above, which leaves out "
		       "images without a label of its category.</p>\n");
	put_absent(p);
	put(p, "<pre>unit-report ");
	escape_html(p->t, p->r->version);
	put(p, "\n");
	escape_html(p->t, p->r->command);
	put(p,
	    "</pre>\n</footer>\n"
	    "<dialog id=\"large\" aria-labelledby=\"large-title\"><form method=\"dialog\">"
	    "<button id=\"close\" autofocus>close</button></form><h2 id=\"large-title\"></h2>"
	    "<div id=\"stage\"></div><div id=\"fires\"></div></dialog>\n");
}

int page_write(struct text *t, const struct report *r, struct error *e)
{
	struct page p = {.t = t, .r = r};
	int status = 0;

	put_head(&p);
	put_controls(&p);
	text_print(t, "<main class=\"sides%zu\">\n", r->sides);
	for (size_t n = 0; n < r->sides && status == 0; n++)
		status = put_side(&p, n, e);
	put(&p, "</main>\n");
	put_foot(&p);
	if (status == 0)
		status = page_data(&p, e);
	put(&p, "<script>");
	put(&p, page_js);
	put(&p, "</script>\n</body>\n</html>\n");
	return status;
}
