/* planes.h -- the planes in which an orthogonal matrix turns. */
#ifndef DISSECT_PLANES_H
#define DISSECT_PLANES_H

#include <stddef.h>

#include "base/error.h"

/* What schur_orthogonal() (schur.h) gives, sooner: for Q (d x d, row-major) orthogonal to
 * rounding, q becomes Z', whose rows span the planes, angle and plane (d) tell how they turn.
 *
 * The symmetric part of Q, (Q + Q')/2, has an eigenvalue cos(angle) for both axes of a plane;
 * its eigenvectors are LAPACK's (dsyevd).  Those of angles that differ by less than 1/d are a
 * group, which spans what its planes do but need not fall into them: in each, Q is brought
 * into Schur form.  Axes of different groups mix by no more than rounding times d.
 *
 * Sets OpenBLAS to one thread: the result depends on its kernels, but on nothing else.  Errors
 * are schur_orthogonal()'s, and EXIT_SYSTEM: no memory. */
int planes_orthogonal(double *q, size_t d, double *angle, unsigned char *plane,
                      struct error *e) CHECK_RESULT;

#endif
