/* labelling.c -- see labelling.h. */
#include "stage/labelling.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

/* Of fewer blocks the samples are too much alike. */
enum { FEW_BLOCKS = 20 };
static const uint64_t MOST_BLOCKS = UINT64_C(4) << 30; /* bytes */

int labelling_segment(struct labelling *l, const struct ndr_segment *s, struct error *e)
{
	l->meta = &s->meta;
	return scores_segment(&l->scores, s, e);
}

int labelling_add(struct labelling *l, const struct ndr_record *rec, struct error *e)
{
	if (scores_add(&l->scores, rec, e) < 0)
		return -1;
	return l->choice->bootstrap ? uncertainty_add(&l->blocks, l->meta, rec, MOST_BLOCKS, e)
	                            : 0;
}

static int choose_paths(struct labelling *l, const struct ndr_meta *m, struct error *e)
{
	l->path = memory_new(m->layers, sizeof *l->path, e);
	return l->path ? scores_paths(&l->scores, m, l->choice->directory, l->choice->extension,
	                              l->path, e)
	               : -1;
}

int labelling_finish(struct labelling *l, const struct ndr_meta *m, struct error *e)
{
	const struct labelling_choice *c = l->choice;

	if (m->categories == 0 || m->labels == 0)
		return error_set(e, EXIT_MALFORMED, "the input has no labels");
	if (scores_choose_layers(&l->scores, m, c->layer, !c->directory, e) < 0 ||
	    (c->directory && choose_paths(l, m, e) < 0) ||
	    scores_choose_labels(&l->scores, m, c->min_images, &l->labels, e) < 0)
		return -1;
	return l->labels.labels ? 0 : error_set(e, EXIT_MALFORMED, "the input has no labels");
}

void labelling_close(struct labelling *l)
{
	for (size_t i = 0; l->path && i < l->scores.layers; i++)
		free(l->path[i]);
	free(l->path);
	free(l->labels.category);
	scores_free(&l->scores);
	uncertainty_free(&l->blocks);
	thresholds_free(&l->thresholds);
}

char *labelling_doubt(const struct labelling *l, uint32_t images, size_t which, struct error *e)
{
	if (!l->labels.counted && l->choice->min_images > 0 && which-- == 0)
		return memory_print(e, "the input does not say how many images hold each "
		                       "label: --min-images has no effect");
	if (images < LABELLING_FEW_IMAGES && which-- == 0)
		return memory_print(e,
		                    "only %" PRIu32
		                    " images: labels that few of them hold can pass the "
		                    "threshold by chance",
		                    images);
	if (l->choice->bootstrap && l->scores.segments < FEW_BLOCKS && which == 0)
		return memory_print(e, "%zu blocks of images are few for intervals",
		                    l->scores.segments);
	return NULL;
}

int labelling_check(const struct labelling *l, struct error *e)
{
	if (l->labels.rare < l->labels.labels)
		return 0;
	return error_set(e, EXIT_USAGE,
	                 "no label is held by %" PRIu64 " images or more: --min-images %" PRIu64
	                 " leaves none",
	                 l->choice->min_images, l->choice->min_images);
}

static int add_intervals(const struct labelling *l, const struct ndr_meta *m, size_t layer,
                         struct result *r, size_t *borderline, struct error *e)
{
	const struct labelling_choice *c = l->choice;

	if (uncertainty_put(&l->blocks, m, layer, c->bootstrap, c->seed, c->threshold, r, e) <
	    0)
		return -1;
	for (size_t k = 0; k < r->units; k++)
		*borderline += r->interval[k].borderline;
	return 0;
}

static int add_thresholds(const struct labelling *l, const struct ndr_layer *layer,
                          struct result *r, struct error *e)
{
	const struct threshold *row = thresholds_rows(&l->thresholds, layer, e);

	return row ? scores_thresholds(row, r, e) : -1;
}

int labelling_result(const struct labelling *l, const struct ndr_meta *m, size_t layer,
                     struct result *r, struct labelling_summary *summary, struct error *e)
{
	*summary = (struct labelling_summary){0};
	if (scores_result(&l->scores, m, layer, l->labels.category, r, e) < 0 ||
	    scores_detectors(r, l->choice->threshold, &summary->detectors, e) < 0)
		return -1;
	if (l->choice->bootstrap && add_intervals(l, m, layer, r, &summary->borderline, e) < 0)
		return -1;
	return l->thresholds.row ? add_thresholds(l, &m->layer[layer], r, e) : 0;
}
