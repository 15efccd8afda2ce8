/* ranking.h -- a layer's result from two other sides: one concept and all units, or one unit
 * and its best concepts.  Both are tables, best first. */
#ifndef STAGE_RANKING_H
#define STAGE_RANKING_H

#include "stage/score.h"

/* All units of a layer that has scores, by their IoU with the named label, with the label that
 * each is described by in r: columns unit (from 1), score, truth, activation, intersect, label,
 * label-score.  category is as in struct score_labels.  EXIT_USAGE if there is no such label,
 * or if it is left out.  To fd, which stays the caller's; place is for messages. */
int ranking_of_units(const struct scores *s, const struct ndr_meta *m, size_t layer,
                     const int *category, const char *label, const struct result *r,
                     enum table_format format, int fd, const char *place,
                     struct error *e) CHECK_RESULT;

/* The best labels of a unit, by number as in r, over all categories: columns label, category,
 * score, truth, activation, intersect.  EXIT_USAGE if there is no such unit. */
int ranking_of_labels(const struct result *r, uint64_t unit, enum table_format format, int fd,
                      const char *place, struct error *e) CHECK_RESULT;

#endif
