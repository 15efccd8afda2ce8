/* report_dissection.c -- a report, from its dissections to its end; see report.h. */
#include "stage/report_side.h"
#include "base/finite.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int upsample_geometry(const struct reporting *r, const struct ndr_layer *l,
                             struct reporting_side *s, struct report_side *side,
                             struct error *e)
{
	struct upsample_geometry g[2];

	for (int k = 0; k < 2; k++)
		g[k] = (struct upsample_geometry){.cells = k ? l->width : l->height,
		                                  .pixels = REPORT_GRID,
		                                  .offset = l->offset[k],
		                                  .stride = l->stride[k],
		                                  .size = l->size[k],
		                                  .input = l->input[k]};
	for (int k = 0; k < 2; k++) {
		struct upsample_axis axis = {0};
		/* The first release's integers exist at few resolutions. */
		const enum upsample_method method = r->choice->upsample == UPSAMPLE_RF_INT
		                                            ? UPSAMPLE_RF
		                                            : r->choice->upsample;

		side->across[k] = memory_new(REPORT_GRID, sizeof **side->across, e);
		if (!side->across[k] || upsample_axis_init(&axis, method, &g[k], e) < 0) {
			upsample_axis_free(&axis);
			return -1;
		}
		for (size_t u = 0; u < REPORT_GRID; u++)
			side->across[k][u] = axis.low[u] + (double)axis.fraction[u];
		upsample_axis_free(&axis);
	}
	return segmenter_init(&s->segmenter, 1, r->choice->upsample, g, e);
}

int example_keep_map(struct report_example *x, const float *map, size_t cells, struct error *e)
{
	x->map = memory_raw(cells, 1, e);
	if (!x->map)
		return -1;
	x->low = x->high = map[0];
	for (size_t i = 1; i < cells; i++) {
		x->low = map[i] < x->low ? map[i] : x->low;
		x->high = map[i] > x->high ? map[i] : x->high;
	}
	for (size_t i = 0; i < cells; i++)
		x->map[i] =
		        x->high > x->low
		                ? (uint8_t)floor((map[i] - x->low) / (x->high - x->low) * 255 +
		                                 0.5)
		                : 255;
	return 0;
}

static int add_examples(struct reporting *r, size_t n, struct error *e)
{
	struct reporting_side *s = r->side[n];
	struct report_side *side = &r->report.side[n];
	const struct ndr_layer *l = layer_of(s);
	const size_t cells = (size_t)l->height * l->width;

	if (!s->bounds)
		return error_set(e, EXIT_MALFORMED, "%s.thr.ndr: no thresholds of layer %.200s",
		                 s->stem, l->name);
	if (!s->top)
		return error_set(e, EXIT_MALFORMED, "%s: no strongest images of layer %.200s",
		                 s->path, l->name);
	if (!s->maps || s->mapped != l->units)
		return error_set(
		        e, EXIT_MALFORMED,
		        "%s: the maps of layer %.200s are missing: act-top --maps writes "
		        "them",
		        s->path, l->name);
	for (size_t k = 0; k < l->units; k++) {
		struct report_unit *unit = &side->unit[k];

		unit->example = memory_new(s->k, sizeof *unit->example, e);
		if (!unit->example)
			return -1;
		while (unit->examples < s->k && s->top[k * s->k + unit->examples].item >= 0) {
			const size_t at = k * s->k + unit->examples;
			struct report_example *x = &unit->example[unit->examples++];

			x->value = s->top[at].value;
			x->item = (uint32_t)s->top[at].item;
			if (!isfinite(x->value) ||
			    finite_prefix(s->maps + at * cells, cells) < cells)
				return error_set(e, EXIT_MALFORMED,
				                 "%s: unit %zu: an activation is not finite",
				                 s->path, k + 1);
			if (example_keep_map(x, s->maps + at * cells, cells, e) < 0)
				return -1;
		}
	}
	return 0;
}

void reporting_open(struct reporting *r, const struct reporting_choice *choice)
{
	*r = (struct reporting){
	        .choice = choice,
	        .report = {.cut = choice->cut,
	                   .min_images = choice->min_images,
	                   .data = choice->data,
	                   .formulas = choice->formulas[0] || choice->formulas[1],
	                   .folder = choice->folder}};
}

static int same_data(const struct ndr_meta *a, const struct ndr_meta *b, const char *name,
                     struct error *e)
{
	if (a->items && b->items && a->items != b->items)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: of a data set of %" PRIu64 " items, not %" PRIu64, name,
		                 b->items, a->items);
	for (size_t i = 0; i < a->labels && i < b->labels; i++)
		if (a->label[i].name && b->label[i].name &&
		    strcmp(a->label[i].name, b->label[i].name) != 0)
			return error_set(
			        e, EXIT_MALFORMED,
			        "%s: of another data set: label %zu is %.100s, not %.100s",
			        name, i, b->label[i].name, a->label[i].name);
	return 0;
}

int reporting_add(struct reporting *r, const char *stem, struct error *e)
{
	const size_t n = r->report.sides++;
	struct reporting_side *s = r->side[n] = memory_new(1, sizeof *s, e);
	struct report_side *side = &r->report.side[n];
	const struct ndr_layer *l;

	if (!s)
		return -1;
	s->layer = -1;
	s->stem = memory_string(stem, e);
	if (!s->stem || side_read_scores(r, n, e) < 0 || side_choose_layer(r, s, e) < 0 ||
	    side_label(r, n, e) < 0 || side_read_thresholds(r, n, e) < 0 ||
	    side_read_top(r, n, e) < 0 || add_examples(r, n, e) < 0 ||
	    side_read_formulas(r, n, e) < 0)
		return -1;
	l = layer_of(s);
	side->name = strrchr(s->stem, '/') ? strrchr(s->stem, '/') + 1 : s->stem;
	side->layer = l->name;
	side->basis = l->basis;
	side->height = l->height;
	side->width = l->width;
	r->report.images = s->meta.items;
	if (n > 0 && same_data(&r->side[0]->meta, &s->meta, s->path, e) < 0)
		return -1;
	return upsample_geometry(r, l, s, side, e) < 0 || side_judge(r, s, side, e) < 0 ||
	                       side_tell_network(s, r->choice->network[n], side, e) < 0 ||
	                       side_tell_programs(s, side, e) < 0
	               ? -1
	               : 0;
}

int reporting_segment(struct reporting *r, const struct ndr_segment *s, const char *name,
                      struct error *e)
{
	return same_data(&r->side[0]->meta, &s->meta, name, e);
}

static void free_examples(struct report_example *example, size_t examples)
{
	for (size_t i = 0; i < examples; i++) {
		free(example[i].mask.bytes);
		free(example[i].both.bytes);
		free(example[i].map);
	}
	free(example);
}

static void free_side(struct report_side *side, struct reporting_side *s)
{
	for (size_t k = 0; side->unit && k < side->result.units; k++) {
		free_examples(side->unit[k].example, side->unit[k].examples);
		free_examples(side->unit[k].quantile, side->unit[k].quantiles);
		free(side->unit[k].bin);
		free(side->unit[k].formula);
	}
	for (size_t i = 0; i < side->facts; i++) {
		free(side->fact[i].name);
		free(side->fact[i].value);
	}
	for (size_t i = 0; i < side->warnings; i++)
		free(side->warning[i]);
	free(side->network);
	free(side->unit);
	free(side->fact);
	free(side->warning);
	free(side->across[0]);
	free(side->across[1]);
	result_free(&side->result);
	if (!s)
		return;
	segmenter_free(&s->segmenter);
	scores_free(&s->scores);
	free(s->labels.category);
	ndr_provenance_free(&s->provenance);
	ndr_meta_free(&s->meta);
	free(s->stem);
	free(s->path);
	free(s->bounds);
	free(s->number);
	free(s->top);
	free(s->maps);
	free(s->sampled);
	free(s);
}

void reporting_close(struct reporting *r)
{
	for (size_t n = 0; n < r->report.sides; n++)
		free_side(&r->report.side[n], r->side[n]);
	for (size_t i = 0; i < r->report.pictures; i++) {
		free(r->report.picture[i].name);
		free(r->report.picture[i].jpeg.bytes);
		for (size_t k = 0; k < r->report.picture[i].truths; k++)
			free(r->report.picture[i].truth[k].png.bytes);
		free(r->report.picture[i].truth);
		for (size_t k = 0; k < r->report.picture[i].regions; k++)
			free(r->report.picture[i].region[k].png.bytes);
		free(r->report.picture[i].region);
		for (int n = 0; n < 2; n++) {
			free(r->report.picture[i].sheet[n].unit);
			free(r->report.picture[i].sheet[n].masks.bytes);
		}
	}
	free(r->report.picture);
	*r = (struct reporting){0};
}
