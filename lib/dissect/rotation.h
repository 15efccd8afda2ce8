/* rotation.h -- random changes of basis of a layer's units (Bau et al. 2017,
 * section 3.2, axis-alignment experiment).
 *
 * Q is drawn from the Haar measure on SO(d).  Matrices are double, row-major, d x d.  All of
 * it is written out in plain double arithmetic, so that a matrix does not depend on
 * which BLAS kernels run. */
#ifndef DISSECT_ROTATION_H
#define DISSECT_ROTATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Fill q with the rotation that seed and d name, the same on every machine: the
 * orthogonal factor of a Gaussian matrix whose triangular factor has a positive
 * diagonal (Stewart 1980), with row 0 negated if the determinant is -1
 * (NetDissect src/rotate.py).  The Gaussian matrix is filled row by row by
 * xoshiro256** (state from seed by splitmix64) and Marsaglia's polar method. */
int rotation_random(double *q, size_t d, uint64_t seed, struct error *e) CHECK_RESULT;

/* Undo the exchange of units that q makes (NetDissect src/rotate.py): by
 * descending largest element, each row of q takes the free column where it is
 * largest; on ties the lower row, then the lower column.  Row i of the unpermuted
 * matrix is row order[i] of the matrix. */
int rotation_order(uint32_t *order, const double *q, size_t d, struct error *e) CHECK_RESULT;

#endif
