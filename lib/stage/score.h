/* score.h -- the counts of a stream, added up over its segments, and the result of a
 * layer that they give: SCORE, COUNT -> struct result. */
#ifndef STAGE_SCORE_H
#define STAGE_SCORE_H

#include "dissect/label.h"
#include "record/ndr.h"
#include "dissect/quantile.h"
#include "table/result.h"

/* Records of which a segment has at most one, of one type and group. */
struct score_sum {
	struct ndr_record total; /* its data are owned; NULL: there was none */
	size_t segments;         /* that had one */
};

struct scores {
	size_t segments;         /* begun so far */
	struct score_sum images; /* COUNT (labels): images that hold each */
	size_t layers;
	struct score_sum *layer; /* (layers): SCORE (units, labels, 3) */
};

/* A segment begins; all have the same META.  Zero scores before the first, free them also
 * after an error. */
int scores_segment(struct scores *s, const struct ndr_segment *segment,
                   struct error *e) CHECK_RESULT;
/* Add a record, if it is SCORE or COUNT.  EXIT_MALFORMED if counts overflow. */
int scores_add(struct scores *s, const struct ndr_record *rec, struct error *e) CHECK_RESULT;
/* Whether there are any of a layer. */
bool scores_has(const struct scores *s, size_t layer);
void scores_free(struct scores *s);

/* Forget the layers that are not wanted: all but the named one, if name is not NULL.
 * EXIT_USAGE, saying which there are, if none is left, or if one is wanted and there are
 * several; EXIT_MALFORMED if segments have scores of some layers only. */
int scores_choose_layers(struct scores *s, const struct ndr_meta *m, const char *name, bool one,
                         struct error *e) CHECK_RESULT;
/* Where the results of those that are left go, DIRECTORY/LAYER-result.EXTENSION with '/' in
 * LAYER as '-', into path (layers of m), zeroed; free() each.  EXIT_USAGE if two are the same.
 */
int scores_paths(const struct scores *s, const struct ndr_meta *m, const char *directory,
                 const char *extension, char **path, struct error *e) CHECK_RESULT;

/* Which labels a result is to choose among. */
struct score_labels {
	int *category;       /* (labels of META): primary category, -1: left out; free() it */
	size_t labels, rare; /* labels that have a name, and those left out for being rare */
	bool counted; /* whether images were counted in each segment; if not, none is rare */
};

/* Leave out labels that fewer than min_images images hold. */
int scores_choose_labels(const struct scores *s, const struct ndr_meta *m, uint64_t min_images,
                         struct score_labels *chosen, struct error *e) CHECK_RESULT;

/* The result of a layer that has scores, its best labels over all categories among it, into a
 * zeroed r; its names are m's.  EXIT_MALFORMED,
 * naming the layer, at counts that masks cannot have. */
int scores_result(const struct scores *s, const struct ndr_meta *m, size_t layer,
                  const int *category, struct result *r, struct error *e) CHECK_RESULT;

/* Put the thresholds (units) of the layer to the result. */
int scores_thresholds(const struct threshold *row, struct result *r,
                      struct error *e) CHECK_RESULT;

/* How many units detect how many concepts, by the paper's rule. */
int scores_detectors(const struct result *r, double threshold, struct label_tally *total,
                     struct error *e) CHECK_RESULT;

#endif
