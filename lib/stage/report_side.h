/* report_side.h -- what a side of a report keeps besides what is shown, and the steps in which
 * reporting_add() fills it, for report_*.c. */
#ifndef STAGE_REPORT_SIDE_H
#define STAGE_REPORT_SIDE_H

#include "dissect/maxima.h"
#include "dissect/segment.h"
#include "dissect/top.h"
#include "stage/chosen.h"
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
	float *sampled; /* (units, CHOSEN_SHARES, cells): maps of examples at quantiles */
	struct segmenter segmenter;
};

static inline const struct ndr_layer *layer_of(const struct reporting_side *s)
{
	return &s->meta.layer[s->layer];
}

/* The map (cells) of a unit's example at a quantile. */
static inline float *sample_map(const struct reporting_side *s, size_t unit, size_t i)
{
	const struct ndr_layer *l = layer_of(s);

	return s->sampled + (unit * CHOSEN_SHARES + i) * ((size_t)l->height * l->width);
}

/* Open STEM.kind.ndr, whose name is then s->path. */
struct ndr_reader *side_open(const struct reporting *r, struct reporting_side *s,
                             const char *kind, struct error *e) CHECK_RESULT;
/* The layer's number in another file's META; -1 with e set if it is another there. */
int side_find_layer(const struct reporting_side *s, const struct ndr_meta *m,
                    struct error *e) CHECK_RESULT;

/* Read STEM.score.ndr, before there is a layer; STEM.thr.ndr and STEM.top.ndr, after. */
int side_read_scores(struct reporting *r, size_t side, struct error *e) CHECK_RESULT;
int side_read_thresholds(struct reporting *r, size_t side, struct error *e) CHECK_RESULT;
int side_read_top(struct reporting *r, size_t side, struct error *e) CHECK_RESULT;

/* The layer that there are scores of. */
int side_choose_layer(struct reporting *r, struct reporting_side *s,
                      struct error *e) CHECK_RESULT;
/* Its units, their labels and the best matches. */
int side_label(struct reporting *r, size_t n, struct error *e) CHECK_RESULT;

/* The units' formulas, by length, from a table that unit-formula wrote (--lengths).
 * EXIT_MALFORMED, naming file and line, if they are not those of the layer. */
int side_read_formulas(struct reporting *r, size_t n, struct error *e) CHECK_RESULT;

/* A MAXIMA of the layer: the histogram of its unit, and with samples its examples at
 * quantiles. */
int side_take_maxima(struct report_side *side, bool samples, const struct ndr_record *rec,
                     struct error *e) CHECK_RESULT;

/* The map (cells) of an example in 8 bits, for approximations at other thresholds. */
int example_keep_map(struct report_example *x, const float *map, size_t cells,
                     struct error *e) CHECK_RESULT;
/* The picture of an item; NULL: it is not shown. */
struct report_picture *report_find_picture(const struct report *r, uint32_t item);

int side_warn(struct report_side *side, struct error *e, const char *format, ...)
        __attribute__((format(printf, 3, 4))) CHECK_RESULT;
/* Warnings of the programs before, and where the numbers and the masks shown disagree. */
int side_judge(const struct reporting *r, const struct reporting_side *s,
               struct report_side *side, struct error *e) CHECK_RESULT;
/* What provenance knows of the network, and of the programs. */
int side_tell_network(const struct reporting_side *s, const char *name,
                      struct report_side *side, struct error *e) CHECK_RESULT;
int side_tell_programs(const struct reporting_side *s, struct report_side *side,
                       struct error *e) CHECK_RESULT;

/* A segment of images or activations begins: EXIT_MALFORMED if it is of other data. */
int reporting_segment(struct reporting *r, const struct ndr_segment *s, const char *name,
                      struct error *e) CHECK_RESULT;

#endif
