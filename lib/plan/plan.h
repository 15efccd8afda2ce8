/* plan.h -- how to compute wanted tensors.
 *
 *   nodes --constants.c--> those that an image changes --fuse.c--> steps
 *        --layout.c--> steps on plain and blocked values --plan.c--> weights prepared
 *        --memory.c--> memory --run.c--> values */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "graph/graph.h"
#include "graph/operation.h"
#include "plan/view.h"

struct plan; /* steps.h */

enum { PLAN_BUNDLE = 64 }; /* most images at a time */

/* The operators that plans can compute, for graph_new(). */
const struct operator_table *plan_operators(void);

/* An outline of a plan for n tensors of the graph, of any shape, whose values plan_run()
 * (run.h) gives in this order.  The graph is resolved, and outlives the plan; threads can share
 * the plan, which does not change.  Sets OpenBLAS to one thread.  NULL with e set: no memory,
 * or a node that is needed has a fault (EXIT_MALFORMED); plan_free() it. */
struct plan *plan_new(const struct graph *g, const size_t *tensors, size_t n,
                      enum convolution_choice choice, struct error *e) CHECK_RESULT;
/* The same from the values of a tensor on, of floats, which plan_resume_run() (run.h) is given;
 * what does not follow from it is computed from the image, if plan_needs_image().  The
 * tensor's node must not be needed for another of its outputs (EXIT_USAGE). */
struct plan *plan_resume(const struct graph *g, size_t from, const size_t *tensors, size_t n,
                         enum convolution_choice choice, struct error *e) CHECK_RESULT;
void plan_free(struct plan *p);

/* Wanted tensor k, or the one that is given, is handed over as a map, (units, height, width),
 * and not in the order that it has. */
void plan_show(struct plan *p, size_t k, const struct plan_view *view);
void plan_show_given(struct plan *p, const struct plan_view *view);
/* What its steps prepare, such as packed weights, part by part in any order and on any threads;
 * then, before it runs, parts that were left out, and the rest.  EXIT_SYSTEM where there is no
 * memory. */
size_t plan_parts(const struct plan *p);
int plan_prepare(struct plan *p, size_t part, struct error *e) CHECK_RESULT;
int plan_finish(struct plan *p, struct error *e) CHECK_RESULT;

/* The most images that the plan runs at a time: as many as it takes to read large weights
 * once for all of them. */
size_t plan_bundle(const struct plan *p);

/* Does anything depend on the image, other than through the tensor that is given? */
bool plan_needs_image(const struct plan *p);

#endif
