/* score.c -- see score.h. */
#include "stage/score.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)LABEL_COUNTS == NDR_SCORE_FIELDS && (int)RESULT_COUNTS == NDR_SCORE_FIELDS,
               "counts are rows of SCORE");

int scores_segment(struct scores *s, const struct ndr_segment *segment, struct error *e)
{
	if (s->segments++ > 0)
		return 0;
	s->layer = memory_new(segment->meta.layers, sizeof *s->layer, e);
	s->layers = s->layer ? segment->meta.layers : 0;
	return s->layer ? 0 : -1;
}

int scores_add(struct scores *s, const struct ndr_record *rec, struct error *e)
{
	struct score_sum *sum;

	if (rec->type != NDR_COUNT && rec->type != NDR_SCORE)
		return 0;
	sum = rec->type == NDR_COUNT ? &s->images : &s->layer[rec->group];
	if (ndr_merge(&sum->total, rec, e) < 0)
		return -1;
	sum->segments++;
	return 0;
}

static void drop(struct scores *s, size_t layer)
{
	free((void *)s->layer[layer].total.data);
	s->layer[layer].total.data = NULL;
}

void scores_free(struct scores *s)
{
	for (size_t i = 0; i < s->layers; i++)
		drop(s, i);
	free(s->layer);
	free((void *)s->images.total.data);
	*s = (struct scores){0};
}

bool scores_has(const struct scores *s, size_t layer)
{
	return s->layer[layer].total.data;
}

/* ---- which layers ---- */

/* Names of the layers that have scores, "a, b, c"; cut off if they are many. */
static void list_layers(const struct scores *s, const struct ndr_meta *m, char text[static 256])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < s->layers && used < 256; i++)
		if (scores_has(s, i))
			used += (size_t)snprintf(text + used, 256 - used, "%s%s",
			                         used ? ", " : "", m->layer[i].name);
}

int scores_choose_layers(struct scores *s, const struct ndr_meta *m, const char *name, bool one,
                         struct error *e)
{
	const size_t counted = s->images.segments;
	char names[256];
	size_t wanted = 0;

	list_layers(s, m, names);
	if (!*names)
		return error_set(e, EXIT_MALFORMED, "no scores in the input");
	for (size_t i = 0; i < s->layers; i++) {
		if (name && strcmp(m->layer[i].name, name) != 0)
			drop(s, i);
		wanted += scores_has(s, i);
		if (scores_has(s, i) && s->layer[i].segments < counted)
			return error_set(e, EXIT_MALFORMED,
			                 "layer %s: %zu segments have COUNT, but %zu SCORE",
			                 m->layer[i].name, counted, s->layer[i].segments);
	}
	if (wanted == 0)
		return error_set(e, EXIT_USAGE, "--layer '%s': there are scores of %s", name,
		                 names);
	if (wanted > 1 && one)
		return error_set(e, EXIT_USAGE,
		                 "%zu layers: choose one with --layer, or write all with "
		                 "--directory: %s",
		                 wanted, names);
	return 0;
}

int scores_paths(const struct scores *s, const struct ndr_meta *m, const char *directory,
                 const char *extension, char **path, struct error *e)
{
	const char *name;

	for (size_t i = 0; i < s->layers; i++) {
		if (!scores_has(s, i))
			continue;
		name = m->layer[i].name;
		name += strspn(name, "/-."); /* neither like an option, nor hidden */
		path[i] = memory_print(e, "%s/%s-result.%s", directory, *name ? name : "layer",
		                       extension);
		if (!path[i])
			return -1;
		for (char *c = path[i] + strlen(directory) + 1; *c; c++)
			if (*c == '/')
				*c = '-';
		for (size_t k = 0; k < i; k++)
			if (path[k] && strcmp(path[k], path[i]) == 0)
				return error_set(e, EXIT_USAGE,
				                 "%s: layers %s and %s have the same file: "
				                 "choose one with --layer",
				                 path[i], m->layer[k].name, m->layer[i].name);
	}
	return 0;
}

/* ---- which labels ---- */

int scores_choose_labels(const struct scores *s, const struct ndr_meta *m, uint64_t min_images,
                         struct score_labels *chosen, struct error *e)
{
	const uint64_t *images = s->images.total.data;

	*chosen = (struct score_labels){.counted = s->images.segments == s->segments};
	chosen->category = memory_new(m->labels, sizeof *chosen->category, e);
	if (!chosen->category)
		return -1;
	for (size_t i = 0; i < m->labels; i++) {
		const bool known = m->label[i].name != NULL;
		const bool rare = known && chosen->counted && images[i] < min_images;

		chosen->labels += known;
		chosen->rare += rare;
		chosen->category[i] = known && !rare ? m->label[i].category : -1;
	}
	return 0;
}

/* A label with its counts (3). */
static struct result_match match_of(const struct ndr_meta *m, uint32_t number,
                                    const uint64_t *counts)
{
	struct result_match match = {.category = m->category[m->label[number].category],
	                             .label = m->label[number].name,
	                             .iou = label_iou(counts)};

	memcpy(match.counts, counts, sizeof match.counts);
	return match;
}

/* The best labels of each unit over all categories. */
static int find_matches(const uint64_t *counts, const struct ndr_meta *m, const int *category,
                        struct result *r, struct error *e)
{
	uint32_t number[RESULT_MATCHES];

	r->match = memory_new(r->units, RESULT_MATCHES * sizeof *r->match, e);
	for (size_t k = 0; r->match && k < r->units; k++) {
		const uint64_t *of_unit = counts + LABEL_COUNTS * m->labels * k;
		const size_t n =
		        label_best(of_unit, category, m->labels, RESULT_MATCHES, number);

		for (size_t i = 0; i < RESULT_MATCHES; i++)
			r->match[RESULT_MATCHES * k + i] =
			        i < n ? match_of(m, number[i],
			                         of_unit + LABEL_COUNTS * number[i])
			              : (struct result_match){"", "", {0}, 0};
	}
	return r->match ? 0 : -1;
}

int scores_result(const struct scores *s, const struct ndr_meta *m, size_t layer,
                  const int *category, struct result *r, struct error *e)
{
	const size_t units = m->layer[layer].units, categories = m->categories;
	const uint64_t *counts = s->layer[layer].total.data;
	uint32_t *number = memory_new(units * categories, sizeof *number, e);
	struct error why = {0};
	int status = number ? result_new(r, units, categories, e) : -1;

	if (status == 0 && label_units(counts, category, units, m->labels, categories, number,
	                               r->iou, r->best, &why) < 0)
		status = error_set(e, why.code, "layer %s: %s", m->layer[layer].name, why.text);
	for (size_t c = 0; status == 0 && c < categories; c++)
		r->category[c] = m->category[c];
	for (size_t k = 0; status == 0 && k < units; k++)
		r->unit[k] = (uint32_t)k + 1;
	for (size_t i = 0; status == 0 && i < units * categories; i++) {
		size_t pair = i / categories * m->labels + number[i];

		r->label[i] = number[i] ? m->label[number[i]].name : "";
		if (number[i])
			memcpy(r->counts + RESULT_COUNTS * i, counts + LABEL_COUNTS * pair,
			       RESULT_COUNTS * sizeof *counts);
	}
	free(number);
	if (status == 0)
		status = find_matches(counts, m, category, r, e);
	r->layer = m->layer[layer].name;
	return status;
}

int scores_thresholds(const struct threshold *row, struct result *r, struct error *e)
{
	r->threshold = memory_new(r->units, sizeof *r->threshold, e);
	for (size_t k = 0; r->threshold && k < r->units; k++)
		r->threshold[k] = (struct result_threshold){row[k].t, row[k].min, row[k].max,
		                                            row[k].samples, row[k].above};
	return r->threshold ? 0 : -1;
}

int scores_detectors(const struct result *r, double threshold, struct label_tally *total,
                     struct error *e)
{
	struct label_tally *by_category = memory_new(r->categories, sizeof *by_category, e);
	int status = -1;

	if (by_category)
		status = label_count(r->label, r->iou, r->best, r->units, r->categories,
		                     threshold, LABEL_TOP, total, by_category, e);
	free(by_category);
	return status;
}
