/* sheet.c -- see sheet.h. */
#include "report/sheet.h"

#include <inttypes.h>

#include "report/escape.h"
#include "report/policy.h"

static void put_pictures(struct text *t, const struct report *r)
{
	text_string(t, "<style>\n");
	for (size_t i = 0; i < r->pictures; i++) {
		const struct report_picture *x = &r->picture[i];

		text_print(t,
		           ".i%" PRIu32 "{width:%" PRIu32 "px;height:%" PRIu32
		           "px;background-image:url(data:image/jpeg;base64,",
		           x->item, x->width, x->height);
		picture_base64(t, x->jpeg.bytes, x->jpeg.length);
		text_string(t, ")}\n");
	}
	text_string(t, "</style>\n");
}

static void put_head(struct text *t, const struct sheet *s, bool asks)
{
	text_string(t, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	               "<meta name=\"viewport\" content=\"width=device-width\">\n");
	policy_write(t, sheet_js_sha256, false);
	text_string(t, asks ? "<title>What do these pictures show?</title>\n"
	                    : "<title>Does it describe these pictures?</title>\n");
	text_string(t, "<style>\n");
	text_string(t, sheet_css);
	text_string(t, "</style>\n");
	put_pictures(t, s->report);
	text_string(t, "</head>\n<body>\n");
}

static void put_intro(struct text *t, bool asks)
{
	text_print(t, "<form id=\"sheet\" data-kind=\"%s\">\n<h1>%s</h1>\n",
	           asks ? "describe" : "judge",
	           asks ? "What do these pictures show?" : "Does it describe these pictures?");
	text_string(t, asks ? "<p>Of each group of pictures, write in a word or a short phrase "
	                      "what most of them show where they are bright. Leave it empty if "
	                      "they have nothing in common.</p>\n"
	                    : "<p>Of each group of pictures, say whether the phrase describes "
	                      "what most of them show where they are bright.</p>\n");
	text_string(t, "<p class=\"who\"><label>Your name or number <input id=\"rater\" "
	               "autocomplete=\"off\"></label>\n");
	if (!asks)
		text_string(
		        t, "<span role=\"radiogroup\" aria-label=\"Group\">Group "
		           "<label><input type=\"radio\" name=\"group\" value=\"A\"> A</label> "
		           "<label><input type=\"radio\" name=\"group\" value=\"B\"> "
		           "B</label></span>\n");
	text_string(t, "</p>\n<noscript><p class=\"warning\">Answers can be saved only with "
	               "JavaScript.</p></noscript>\n");
}

static void put_patch(struct text *t, const struct sheet *s, const struct report_example *x,
                      size_t rank)
{
	const struct report_picture *picture = &s->report->picture[x->picture];

	text_print(t, "<span class=\"p i%" PRIu32 "\" role=\"img\" aria-label=\"picture %zu\">",
	           picture->item, rank + 1);
	if (x->mask.bytes) {
		text_string(t, "<img alt=\"\" src=\"data:image/png;base64,");
		picture_base64(t, x->mask.bytes, x->mask.length);
		text_string(t, "\">");
	}
	text_string(t, "</span>\n");
}

static void put_answer(struct text *t, const struct sheet_question *q)
{
	if (!q->phrase) {
		text_string(t, "<label>They show <input name=\"");
		escape_attribute(t, q->name);
		text_string(t, "\" autocomplete=\"off\"></label>\n");
		return;
	}
	text_string(t, "<fieldset><legend>Does <q>");
	escape_html(t, q->phrase);
	text_string(t, "</q> describe most of these pictures?</legend>\n");
	for (int yes = 1; yes >= 0; yes--) {
		text_string(t, "<label><input type=\"radio\" name=\"");
		escape_attribute(t, q->name);
		text_print(t, "\" value=\"%s\"> %s</label>\n", yes ? "yes" : "no",
		           yes ? "Yes" : "No");
	}
	text_string(t, "</fieldset>\n");
}

static void put_question(struct text *t, const struct sheet *s, size_t i)
{
	const struct sheet_question *q = &s->question[i];
	const struct report_unit *u = &s->report->side[0].unit[q->unit];

	text_string(t, "<section data-question=\"");
	escape_attribute(t, q->name);
	if (!q->phrase) { /* a person's phrase needs to be told of which unit it is */
		text_print(t, "\" data-unit=\"%" PRIu32 "\" data-layer=\"",
		           s->report->side[0].result.unit[q->unit]);
		escape_attribute(t, s->report->side[0].layer);
	}
	text_print(t, "\">\n<h2>%zu of %zu</h2>\n<div class=\"patches\">\n", i + 1,
	           s->questions);
	for (size_t k = 0; k < u->examples && k < s->patches; k++)
		put_patch(t, s, &u->example[k], k);
	text_string(t, "</div>\n");
	put_answer(t, q);
	text_string(t, "</section>\n");
}

void sheet_write(struct text *t, const struct sheet *s)
{
	const bool asks = s->questions == 0 || !s->question[0].phrase;

	put_head(t, s, asks);
	put_intro(t, asks);
	for (size_t i = 0; i < s->questions; i++)
		put_question(t, s, i);
	text_string(t,
	            "<p class=\"done\"><button type=\"button\" id=\"save\">Save the "
	            "answers</button> <output id=\"state\"></output></p>\n"
	            "<textarea id=\"csv\" readonly hidden rows=\"8\" aria-label=\"the answers, "
	            "as a table\"></textarea>\n</form>\n<script>");
	text_string(t, sheet_js);
	text_string(t, "</script>\n</body>\n</html>\n");
}
