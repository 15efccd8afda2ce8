/* power.h -- Q^alpha, and what else becomes of a rotation before it is applied.
 *
 * Q^alpha goes from the identity to Q along a geodesic: each plane in which Q turns, turns by
 * alpha times its angle, with its sign.  It is a function of Q alone but where planes turn by
 * pi, and its last bits depend on OpenBLAS's kernels, one thread of which runs.  Matrices are
 * as in rotation.h. */
#ifndef DISSECT_POWER_H
#define DISSECT_POWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* power = q^alpha of an orthogonal q with determinant 1; a pair of eigenvalues -1 is a plane
 * that turns by pi.  What is orthogonal only to some digits stands for the nearest matrix that
 * is.  EXIT_MALFORMED if q is not orthogonal to 1e-4, or has determinant -1; but any q has the
 * powers 0, the identity, and 1, q itself.  power may be q. */
int rotation_power(double *power, const double *q, size_t d, double alpha,
                   struct error *e) CHECK_RESULT;

/* What becomes of q before it is applied: with P the exchange of rows that undoes q's, P
 * q^alpha, or its inverse, the transpose. */
struct rotation {
	double alpha;
	bool unpermute, inverse;
};

/* m (d, d) is what to apply, in float32; q is overwritten.  Errors as of rotation_power(). */
int rotation_matrix(float *m, double *q, size_t d, const struct rotation *r,
                    struct error *e) CHECK_RESULT;

/* Largest element of |qq' - 1|; NaN if q has one. */
double rotation_defect(const double *q, size_t d);

#endif
