/* constants.h -- values that are known before there is an image, of a plan in the making. */
#ifndef PLAN_CONSTANTS_H
#define PLAN_CONSTANTS_H

#include "plan/steps.h"

/* Put the values of all constants that live nodes read into p->values: constant nodes are run,
 * and needed no more. */
int plan_load_constants(struct plan *p, bool *needed, const bool *live,
                        struct error *e) CHECK_RESULT;

/* What the node prepares from its weights, and the floats of scratch memory that it needs. */
int plan_prepare_node(const struct plan *p, const struct node *n, const float *weights,
                      size_t images, struct prepared *out, struct error *e) CHECK_RESULT;

#endif
