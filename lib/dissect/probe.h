/* probe.h -- linear classifiers of features: an SVM with squared hinge loss and L2
 * regularisation for each class against the rest, by liblinear (Bau et al. 2017, section
 * 3.6, measure networks so). */
#ifndef DISSECT_PROBE_H
#define DISSECT_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Images as liblinear takes them: sparse, with a constant feature of 1 behind the others. */
struct probe {
	size_t images, features;
	struct feature_node **row; /* (images) */
	/* private: */
	struct feature_node *node;
};

/* Take the rows (images, features) of x, divided by scale.  -1 with e set if there is no
 * memory.  Zero p before, probe_free() also after an error. */
int probe_open(struct probe *p, const float *const *x, size_t images, size_t features,
               double scale, struct error *e) CHECK_RESULT;
void probe_free(struct probe *p);

/* Bytes that a row takes of it, for who wants to know beforehand. */
size_t probe_bytes(const float *x, size_t features);

/* Fit the weights (features + 1) that tell the images of a class from all others, with the
 * cost C of an error.  class (images); on any thread.  There is one of the class, and one of
 * another. */
int probe_fit(const struct probe *p, const uint32_t *class, uint32_t which, double cost,
              double *weight, struct error *e) CHECK_RESULT;

/* What the weights (features + 1) give for a row of x, divided by scale: the class with the
 * greatest is the one that is named. */
double probe_value(const double *weight, const float *x, size_t features, double scale);

/* The root of the mean square of all values: by which features are divided, so that a cost
 * means the same in every layer. */
double probe_scale(const float *const *x, size_t images, size_t features);

#endif
