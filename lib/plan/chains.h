/* chains.h -- from needed nodes to fewer. */
#ifndef PLAN_CHAINS_H
#define PLAN_CHAINS_H

#include "plan/steps.h"

/* nodes[i] is what stands for node i of the graph: itself, or the one node that computes all of
 * a chain that ends with it (operator/compose.h); NULL where it is not needed, or another
 * stands for it.  Of a chain, only the end is wanted or read by others.  values: constants, by
 * value. */
int plan_chains(struct plan *p, const bool *needed, const void *const *values,
                const struct node **nodes, struct error *e) CHECK_RESULT;

#endif
