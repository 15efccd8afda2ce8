/* uncertainty.c -- see uncertainty.h. */
#include "stage/uncertainty.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/bootstrap.h"
#include "dissect/label.h"

int uncertainty_add(struct uncertainty *u, const struct ndr_meta *m,
                    const struct ndr_record *rec, uint64_t limit, struct error *e)
{
	struct uncertainty_layer *l;

	if (rec->type != NDR_SCORE)
		return 0;
	if (!u->layer) {
		u->layer = memory_new(m->layers, sizeof *u->layer, e);
		if (!u->layer)
			return -1;
		u->layers = m->layers;
	}
	u->used += rec->length;
	if (u->used > limit)
		return error_set(e, EXIT_SYSTEM,
		                 "the counts of all blocks take more than %" PRIu64
		                 " MiB: try fewer segments, or one layer",
		                 limit >> 20);
	l = &u->layer[rec->group];
	if (memory_grow(&l->scores, &l->capacity, l->blocks + 1, sizeof *l->scores, e) < 0)
		return -1;
	l->scores[l->blocks] = memory_raw(rec->length, 1, e);
	if (!l->scores[l->blocks])
		return -1;
	memcpy(l->scores[l->blocks++], rec->data, rec->length);
	return 0;
}

void uncertainty_free(struct uncertainty *u)
{
	for (size_t i = 0; i < u->layers; i++) {
		for (size_t b = 0; b < u->layer[i].blocks; b++)
			free(u->layer[i].scores[b]);
		free(u->layer[i].scores);
	}
	free(u->layer);
	*u = (struct uncertainty){0};
}

/* The label of a category by name; 0: there is none. */
static size_t find_label(const struct ndr_meta *m, const char *category, const char *label)
{
	for (size_t i = 1; i < m->labels; i++)
		if (m->label[i].name && strcmp(m->label[i].name, label) == 0 &&
		    strcmp(m->category[m->label[i].category], category) == 0)
			return i;
	return 0;
}

/* IoUs (samples) of one unit and label, whose counts begin at that place of each block. */
static void resample(const struct uncertainty_layer *l, size_t place, const uint32_t *times,
                     size_t samples, double *iou)
{
	for (size_t s = 0; s < samples; s++, times += l->blocks) {
		uint64_t sum[LABEL_COUNTS] = {0};

		for (size_t b = 0; b < l->blocks; b++)
			for (size_t i = 0; i < LABEL_COUNTS; i++)
				sum[i] += times[b] * l->scores[b][place + i];
		iou[s] = label_iou(sum);
	}
}

int uncertainty_put(const struct uncertainty *u, const struct ndr_meta *m, size_t layer,
                    size_t samples, uint64_t seed, double cut, struct result *r,
                    struct error *e)
{
	const struct uncertainty_layer *l = u->layers ? &u->layer[layer] : NULL;
	const size_t blocks = l ? l->blocks : 0;
	uint32_t *times;
	double *iou;

	if (blocks < 2)
		return error_set(e, EXIT_USAGE,
		                 "--bootstrap needs the counts of blocks of images: iou-score "
		                 "--segments writes them");
	times = memory_new(samples, blocks * sizeof *times, e);
	iou = memory_new(samples, sizeof *iou, e);
	r->interval = memory_new(r->units, sizeof *r->interval, e);
	if (times && iou && r->interval) {
		bootstrap_draw(seed, samples, blocks, times);
		for (size_t k = 0; k < r->units; k++) {
			const size_t best = k * r->categories + r->best[k];
			const size_t label =
			        find_label(m, r->category[r->best[k]], r->label[best]);
			struct result_interval *of = &r->interval[k];
			double bounds[2] = {0, 0};

			if (label) {
				resample(l, (k * m->labels + label) * LABEL_COUNTS, times,
				         samples, iou);
				bootstrap_interval(iou, samples, bounds);
			}
			*of = (struct result_interval){bounds[0], bounds[1],
			                               bounds[0] <= cut && cut < bounds[1]};
		}
	}
	free(times);
	free(iou);
	return e->code ? -1 : 0;
}
