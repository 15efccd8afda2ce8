/* memory.h -- where the values of a plan lie in a workspace. */
#ifndef PLAN_MEMORY_H
#define PLAN_MEMORY_H

#include "plan/steps.h"

/* Where the values of all steps lie. */
int plan_lay_in_memory(struct plan *p, const void *const *values, struct error *e) CHECK_RESULT;

#endif
