/* power.c -- see power.h. */
#include "dissect/power.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/matrix.h"
#include "dissect/rotation.h"
#include "dissect/schur.h"

double rotation_defect(const double *q, size_t d)
{
	double most = 0;

	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j <= i; j++) {
			const double defect = fabs(row_dot(q + i * d, q + j * d, d) - (i == j));

			if (isnan(defect))
				return defect;
			most = fmax(most, defect);
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

/* product = w' z, in blocks of rows that fit a cache. */
static void multiply_transposed(double *product, const double *w, const double *z, size_t d)
{
	enum { BLOCK = 32 };

	memset(product, 0, d * d * sizeof(*product));
	for (size_t block = 0; block < d; block += BLOCK)
		for (size_t i = 0; i < d; i++)
			for (size_t k = block; k < d && k < block + BLOCK; k++)
				row_add(product + i * d, w[k * d + i], z + k * d, d);
}

static int real_power(double *power, const double *q, size_t d, double alpha, struct error *e)
{
	double *z = memory_new(d * d, sizeof(*z), e);
	double *w = memory_new(d * d, sizeof(*w), e);
	double *angle = memory_new(d, sizeof(*angle), e);
	unsigned char *plane = memory_new(d, 1, e);
	int status = -1;

	if (e->code)
		goto done;
	if (!(rotation_defect(q, d) <= 1e-4)) {
		error_set(e, EXIT_MALFORMED, "the matrix is not orthogonal: it has no powers");
		goto done;
	}
	memcpy(z, q, d * d * sizeof(*z));
	if (schur_orthogonal(z, d, angle, plane, e) < 0)
		goto done;
	if (!turn_all(z, angle, plane, alpha, w, d)) {
		error_set(e, EXIT_MALFORMED,
		          "the matrix has determinant -1: it has no real powers");
		goto done;
	}
	multiply_transposed(power, w, z, d);
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
