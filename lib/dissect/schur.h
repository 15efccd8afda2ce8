/* schur.h -- the real Schur form of an orthogonal matrix. */
#ifndef DISSECT_SCHUR_H
#define DISSECT_SCHUR_H

#include <stddef.h>

#include "base/error.h"

/* An orthogonal Q (d x d, row-major) turns vectors in planes that are orthogonal to
 * one another: Q = Z diag(blocks) Z', Z orthogonal.  On return q holds Z' (its rows
 * are the Schur vectors), and for i from 0 to d - 1:
 *
 *	plane[i] = 1   rows i and i + 1 span a plane that turns by angle[i], in
 *	               (-pi, pi], from row i towards row i + 1; i + 1 is skipped
 *	plane[i] = 0   row i stays (angle[i] = 0) or is reversed (angle[i] = pi)
 *
 * By Householder reduction to Hessenberg form and Francis' double-shift QR steps
 * (Golub and Van Loan, Matrix Computations, 7.4 and 7.5).  As Q is normal, the
 * form is block diagonal to rounding, and only active blocks need updating.
 * EXIT_MALFORMED if the steps do not converge, as they always have on orthogonal
 * input. */
int schur_orthogonal(double *q, size_t d, double *angle, unsigned char *plane,
                     struct error *e) CHECK_RESULT;

#endif
