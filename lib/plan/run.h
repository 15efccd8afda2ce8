/* run.h -- images through the steps of a plan. */
#ifndef PLAN_RUN_H
#define PLAN_RUN_H

#include <stddef.h>

#include "base/error.h"

struct plan;

/* Memory of a plan for one thread at a time; NULL with e set. */
struct plan_workspace *plan_workspace_new(const struct plan *p, struct error *e) CHECK_RESULT;
void plan_workspace_free(struct plan_workspace *ws);

/* All steps on up to plan_bundle() images, each NULL where nothing depends on it; values in
 * the order channels x height x width.  outputs[image * n_wanted + k]: room for the k-th
 * wanted tensor, plain, filled.  -1 with e set where values decide so, as in an integer
 * division by zero. */
int plan_run(const struct plan *p, struct plan_workspace *ws, size_t images,
             const float *const *inputs, void *const *outputs, struct error *e) CHECK_RESULT;
/* The same where the plan resumes: from each image's values of the tensor, as it has them. */
int plan_resume_run(const struct plan *p, struct plan_workspace *ws, size_t images,
                    const float *const *inputs, const float *const *values,
                    void *const *outputs, struct error *e) CHECK_RESULT;

#endif
