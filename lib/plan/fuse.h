/* fuse.h -- from needed nodes to steps. */
#ifndef PLAN_FUSE_H
#define PLAN_FUSE_H

#include "plan/steps.h"

/* The steps for the needed nodes, with normalizations, sums and bounds fused.
 * values: constants, by value. */
int plan_fuse(struct plan *p, const bool *needed, const void *const *values,
              struct error *e) CHECK_RESULT;

#endif
