/* layout.h -- which values are plain and which blocked. */
#ifndef PLAN_LAYOUT_H
#define PLAN_LAYOUT_H

#include "plan/steps.h"

/* Which steps are blocked, and steps between those that are and those that are
 * not; constants that are wanted blocked. */
int plan_layout(struct plan *p, const void **values, struct error *e) CHECK_RESULT;

#endif
