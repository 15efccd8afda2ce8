/* report_side.h -- what a side of a report keeps besides what is shown, and the steps in which
 * reporting_add() fills it, for report_*.c. */
#ifndef STAGE_REPORT_SIDE_H
#define STAGE_REPORT_SIDE_H

#include "dissect/segment.h"
#include "dissect/top.h"
#include "stage/report.h"
#include "stage/score.h"

struct reporting_side {
	char *stem, *path; /* path: of the file at work */
	struct ndr_meta meta;
	struct ndr_provenance provenance;
	struct scores scores;
	struct score_labels labels;
	int layer;        /* in meta; -1: not chosen yet */
	float *bounds;    /* (units) */
	uint32_t *number; /* (units): the best label; 0: none */
	size_t k;
	struct top_image *top; /* (units, k) */
	float *maps;           /* (units, k, cells) */
	size_t mapped;         /* units that have come */
	struct segmenter segmenter;
};

static inline const struct ndr_layer *layer_of(const struct reporting_side *s)
{
	return &s->meta.layer[s->layer];
}

/* Read STEM.score.ndr, before there is a layer; STEM.thr.ndr and STEM.top.ndr, after. */
int side_read_scores(struct reporting *r, size_t side, struct error *e) CHECK_RESULT;
int side_read_thresholds(struct reporting *r, size_t side, struct error *e) CHECK_RESULT;
int side_read_top(struct reporting *r, size_t side, struct error *e) CHECK_RESULT;

/* The layer that there are scores of. */
int side_choose_layer(struct reporting *r, struct reporting_side *s,
                      struct error *e) CHECK_RESULT;
/* Its units, their labels and the best matches. */
int side_label(struct reporting *r, size_t n, struct error *e) CHECK_RESULT;

/* Warnings of the programs before, and where the numbers and the masks shown disagree. */
int side_judge(const struct reporting *r, const struct reporting_side *s,
               struct report_side *side, struct error *e) CHECK_RESULT;
/* What provenance knows of the network, and of the programs. */
int side_tell_network(const struct reporting_side *s, struct report_side *side,
                      struct error *e) CHECK_RESULT;
int side_tell_programs(const struct reporting_side *s, struct report_side *side,
                       struct error *e) CHECK_RESULT;

#endif
