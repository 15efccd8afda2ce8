/* place.h -- where the values of a plan lie in a workspace. */
#ifndef PLAN_PLACE_H
#define PLAN_PLACE_H

#include "plan/steps.h"

/* Where the values of all steps lie. */
int plan_place(struct plan *p, const void *const *values, struct error *e) CHECK_RESULT;

#endif
