/* pairs.h -- which steps run together. */
#ifndef PLAN_PAIRS_H
#define PLAN_PAIRS_H

#include "plan/steps.h"

/* Pair steps of the head whose output the next one alone reads, where their operator can. */
int plan_pair(struct plan *p, struct error *e) CHECK_RESULT;

#endif
