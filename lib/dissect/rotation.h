/* rotation.h -- random changes of basis of a layer's units (Bau et al. 2017,
 * section 3.2, axis-alignment experiment).
 *
 * Q is drawn from the Haar measure on SO(d), and Q^alpha goes from the identity to
 * Q along a geodesic: in the real Schur form of Q each plane turns by alpha times
 * its angle, with its sign.  Matrices are double, row-major, d x d.  All of it
 * is written out in plain double arithmetic, so that a matrix does not depend on
 * which BLAS kernels run. */
#ifndef DISSECT_ROTATION_H
#define DISSECT_ROTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Fill q with the rotation that seed and d name, the same on every machine: the
 * orthogonal factor of a Gaussian matrix whose triangular factor has a positive
 * diagonal (Stewart 1980), with row 0 negated if the determinant is -1
 * (NetDissect src/rotate.py).  The Gaussian matrix is filled row by row by
 * xoshiro256** (state from seed by splitmix64) and Marsaglia's polar method. */
int rotation_random(double *q, size_t d, uint64_t seed, struct error *e) CHECK_RESULT;

/* power = q^alpha of an orthogonal q with determinant 1, by real Schur; a pair of
 * eigenvalues -1 is a plane that turns by pi.  EXIT_MALFORMED if q is not
 * orthogonal to 1e-4, or has determinant -1; but any q has the powers 0, the
 * identity, and 1, q itself.  power may be q. */
int rotation_power(double *power, const double *q, size_t d, double alpha,
                   struct error *e) CHECK_RESULT;

/* Undo the exchange of units that q makes (NetDissect src/rotate.py): by
 * descending largest element, each row of q takes the free column where it is
 * largest; on ties the lower row, then the lower column.  Row i of the unpermuted
 * matrix is row order[i] of the matrix. */
int rotation_order(uint32_t *order, const double *q, size_t d, struct error *e) CHECK_RESULT;

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
