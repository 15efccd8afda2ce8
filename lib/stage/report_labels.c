/* report_labels.c -- the layer of a side, and its units' labels; see report_side.h. */
#include "stage/report_side.h"
#include "base/memory.h"
#include "dissect/label.h"

#include <inttypes.h>
#include <string.h>

int side_choose_layer(struct reporting *r, struct reporting_side *s, struct error *e)
{
	size_t found = 0;

	for (size_t i = 0; i < s->scores.layers; i++) {
		if (!s->scores.layer[i].total.data ||
		    (r->choice->layer && strcmp(r->choice->layer, s->meta.layer[i].name) != 0))
			continue;
		s->layer = (int)i;
		found++;
	}
	if (found > 1)
		return error_set(e, EXIT_USAGE,
		                 "%s: scores of %zu layers: choose one with --layer", s->path,
		                 found);
	if (found == 0 && r->choice->layer)
		return error_set(e, EXIT_USAGE, "%s: no scores of --layer '%s'", s->path,
		                 r->choice->layer);
	return found ? 0 : error_set(e, EXIT_MALFORMED, "%s: no scores in the input", s->path);
}

/* The place of a label among the best of a unit, which it takes if it is one of them. */
static void offer_match(struct report_unit *unit, uint32_t numbers[static REPORT_MATCHES],
                        const struct report_match *match, uint32_t number)
{
	size_t at = unit->matches < REPORT_MATCHES ? unit->matches++ : REPORT_MATCHES;

	for (; at > 0 && match->iou > unit->match[at - 1].iou; at--)
		if (at < REPORT_MATCHES) {
			unit->match[at] = unit->match[at - 1];
			numbers[at] = numbers[at - 1];
		}
	if (at < REPORT_MATCHES) {
		unit->match[at] = *match;
		numbers[at] = number;
	}
}

/* Each unit's best labels over all categories; of equal ones the smaller number. */
static void find_matches(const struct reporting_side *s, struct report_side *side)
{
	const uint64_t *counts = s->scores.layer[s->layer].total.data;

	for (size_t k = 0; k < side->result.units; k++) {
		uint32_t numbers[REPORT_MATCHES] = {0};

		for (uint32_t c = 1; c < s->meta.labels; c++) {
			const struct report_match match = {
			        .name = s->meta.label[c].name,
			        .category = (size_t)s->meta.label[c].category,
			        .iou = label_iou(counts +
			                         LABEL_COUNTS * (k * s->meta.labels + c))};

			if (s->labels.category[c] >= 0 && match.iou > 0)
				offer_match(&side->unit[k], numbers, &match, c);
		}
		s->number[k] = numbers[0];
	}
}

int side_label(struct reporting *r, size_t n, struct error *e)
{
	struct reporting_side *s = r->side[n];
	struct report_side *side = &r->report.side[n];
	struct error why = {0};
	const uint32_t units = layer_of(s)->units;

	if (s->meta.categories == 0 || s->meta.labels == 0)
		return error_set(e, EXIT_MALFORMED, "%s: the input has no labels", s->path);
	side->unit = memory_new(units, sizeof *side->unit, e);
	s->number = memory_new(units, sizeof *s->number, e);
	if (!side->unit || !s->number ||
	    scores_choose_labels(&s->scores, &s->meta, r->choice->min_images, &s->labels, e) <
	            0)
		return -1;
	if (s->labels.rare == s->labels.labels)
		return error_set(e, EXIT_USAGE,
		                 "no label is held by %" PRIu64
		                 " images or more: --min-images %" PRIu64 " leaves none",
		                 r->choice->min_images, r->choice->min_images);
	if (scores_result(&s->scores, &s->meta, (size_t)s->layer, s->labels.category,
	                  &side->result, &why) < 0)
		return error_set(e, why.code, "%s: %s", s->path, why.text);
	find_matches(s, side);
	return 0;
}
