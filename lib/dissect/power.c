/* power.c -- see power.h. */
#include "dissect/power.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/planes.h"
#include "dissect/rotation.h"

#define ROUNDING 1e-12 /* a defect that is no more than that of a drawn matrix */

/* c = a b for d x d matrices, where either can be turned over. */
static void multiply(const double *a, enum CBLAS_TRANSPOSE a_order, const double *b,
                     enum CBLAS_TRANSPOSE b_order, size_t d, double *c)
{
	const blasint n = (blasint)d;

	cblas_dgemm(CblasRowMajor, a_order, b_order, n, n, n, 1, a, n, b, n, 0, c, n);
}

double rotation_defect(const double *q, size_t d)
{
	enum { TILE = 64 };
	double product[TILE * TILE], most = 0;

	openblas_set_num_threads(1);
	for (size_t i = 0; i < d; i += TILE)
		for (size_t j = 0; j <= i; j += TILE) {
			const size_t rows = d - i < TILE ? d - i : TILE;
			const size_t columns = d - j < TILE ? d - j : TILE;

			cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows,
			            (blasint)columns, (blasint)d, 1, q + i * d, (blasint)d,
			            q + j * d, (blasint)d, 0, product, TILE);
			for (size_t r = 0; r < rows; r++)
				for (size_t c = 0; c < columns; c++) {
					const double defect =
					        fabs(product[r * TILE + c] - (i + r == j + c));

					if (isnan(defect))
						return defect;
					most = fmax(most, defect);
				}
		}
	return most;
}

/* ---- Q^alpha ---- */

/* Rows z0 and z1 of a plane: where the turned axes go, to w0 and w1. */
static void turn(const double *z0, const double *z1, double angle, double *w0, double *w1,
                 size_t d)
{
	const double c = cos(angle), s = sin(angle);

	for (size_t j = 0; j < d; j++) {
		w0[j] = c * z0[j] + s * z1[j];
		w1[j] = c * z1[j] - s * z0[j];
	}
}

/* w = D^alpha Z', with reversed rows taken in pairs; false if one is left over. */
static bool turn_all(const double *z, const double *angle, const unsigned char *plane,
                     double alpha, double *w, size_t d)
{
	size_t reversed = d; /* a reversed row that has no partner yet; d: none */

	for (size_t i = 0; i < d; i += 1 + plane[i]) {
		if (plane[i]) {
			turn(z + i * d, z + (i + 1) * d, alpha * angle[i], w + i * d,
			     w + (i + 1) * d, d);
		} else if (angle[i] == 0) {
			memcpy(w + i * d, z + i * d, d * sizeof(*w));
		} else if (reversed == d) {
			reversed = i;
		} else {
			turn(z + reversed * d, z + i * d, alpha * M_PI, w + reversed * d,
			     w + i * d, d);
			reversed = d;
		}
	}
	return reversed == d;
}

/* The orthogonal matrix nearest to q, by Newton and Schulz: a defect of 1e-4 becomes one of
 * 1e-8, and that rounding.  Without it, what single precision rounds off would mix planes
 * whose angles are close. */
static int polish(double *q, size_t d, struct error *e)
{
	double *square = memory_new(d * d, sizeof(*square), e);
	double *cube = memory_new(d * d, sizeof(*cube), e);

	for (int step = 0; square && cube && step < 2; step++) {
		multiply(q, CblasNoTrans, q, CblasTrans, d, square);
		multiply(square, CblasNoTrans, q, CblasNoTrans, d, cube);
		for (size_t i = 0; i < d * d; i++)
			q[i] = 1.5 * q[i] - 0.5 * cube[i];
	}
	free(square);
	free(cube);
	return e->code ? -1 : 0;
}

static int real_power(double *power, const double *q, size_t d, double alpha, struct error *e)
{
	const double defect = rotation_defect(q, d);
	double *z = memory_new(d * d, sizeof(*z), e);
	double *w = memory_new(d * d, sizeof(*w), e);
	double *angle = memory_new(d, sizeof(*angle), e);
	unsigned char *plane = memory_new(d, 1, e);
	int status = -1;

	if (e->code)
		goto done;
	if (!(defect <= 1e-4)) {
		error_set(e, EXIT_MALFORMED, "the matrix is not orthogonal: it has no powers");
		goto done;
	}
	memcpy(z, q, d * d * sizeof(*z));
	if ((defect > ROUNDING && polish(z, d, e) < 0) ||
	    planes_orthogonal(z, d, angle, plane, e) < 0)
		goto done;
	if (!turn_all(z, angle, plane, alpha, w, d)) {
		error_set(e, EXIT_MALFORMED,
		          "the matrix has determinant -1: it has no real powers");
		goto done;
	}
	multiply(w, CblasTrans, z, CblasNoTrans, d, power);
	status = 0;
done:
	free(z);
	free(w);
	free(angle);
	free(plane);
	return status;
}

static void set_identity(double *q, size_t d)
{
	memset(q, 0, d * d * sizeof(*q));
	for (size_t i = 0; i < d; i++)
		q[i * d + i] = 1;
}

int rotation_power(double *power, const double *q, size_t d, double alpha, struct error *e)
{
	if (alpha == 0)
		set_identity(power, d);
	else if (alpha == 1)
		memmove(power, q, d * d * sizeof(*q));
	else
		return real_power(power, q, d, alpha, e);
	return 0;
}

/* ---- what is applied ---- */

int rotation_matrix(float *m, double *q, size_t d, const struct rotation *r, struct error *e)
{
	uint32_t *order = memory_new(d, sizeof(*order), e);
	int status = order ? 0 : -1;

	for (uint32_t i = 0; order && i < d; i++)
		order[i] = i;
	if (status == 0 && r->unpermute)
		status = rotation_order(order, q, d, e);
	if (status == 0)
		status = rotation_power(q, q, d, r->alpha, e);
	for (size_t i = 0; status == 0 && i < d; i++)
		for (size_t k = 0; k < d; k++)
			m[r->inverse ? k * d + i : i * d + k] = (float)q[order[i] * d + k];
	free(order);
	return status;
}
