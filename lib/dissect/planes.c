/* planes.c -- see planes.h. */
#include "dissect/planes.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/schur.h"

/* LAPACK, as OpenBLAS carries it; the last two are lengths of strings. */
extern void dsyevd_(const char *job, const char *triangle, const blasint *n, double *a,
                    const blasint *stride, double *eigenvalues, double *work,
                    const blasint *n_work, blasint *iwork, const blasint *n_iwork,
                    blasint *info, size_t job_length, size_t triangle_length);

enum { LARGEST = 1 << 14 }; /* rows: LAPACK counts its memory in an int */

/* Eigenvectors of a symmetric matrix become its rows, by ascending eigenvalue; false with e
 * set where there is no memory, without where LAPACK gives up. */
static bool find_axes(double *symmetric, size_t d, double *value, struct error *e)
{
	const blasint n = (blasint)d, n_work = 1 + 6 * n + 2 * n * n, n_iwork = 3 + 5 * n;
	double *work = memory_new((size_t)n_work, sizeof(*work), e);
	blasint *iwork = memory_new((size_t)n_iwork, sizeof(*iwork), e), info = -1;

	if (work && iwork)
		dsyevd_("V", "L", &n, symmetric, &n, value, work, &n_work, iwork, &n_iwork,
		        &info, 1, 1);
	free(work);
	free(iwork);
	return info == 0;
}

/* C (m x n) = A (m x k) B (k x n), or B' where that is so. */
static void multiply(const double *a, const double *b, enum CBLAS_TRANSPOSE order, size_t m,
                     size_t k, size_t n, double *c)
{
	cblas_dgemm(CblasRowMajor, CblasNoTrans, order, (blasint)m, (blasint)n, (blasint)k, 1,
	            a, (blasint)k, b, order == CblasTrans ? (blasint)k : (blasint)n, 0, c,
	            (blasint)n);
}

struct axes {
	size_t d;
	double *z;           /* (d, d): axes in rows */
	const double *image; /* (d, d): what Q makes of them */
};

/* The planes of n axes from first on, which Q keeps among themselves. */
static int split_group(const struct axes *a, size_t first, size_t n, double *angle,
                       unsigned char *plane, struct error *e)
{
	double *z = a->z + first * a->d;
	double *block = memory_new(n * n, sizeof(*block), e);
	double *turned = memory_new(n * a->d, sizeof(*turned), e);
	int status = -1;

	if (block && turned) {
		/* Element (i, j) is the part of axis i in what Q makes of axis j. */
		multiply(z, a->image + first * a->d, CblasTrans, n, a->d, n, block);
		status = schur_orthogonal(block, n, angle + first, plane + first, e);
		multiply(block, z, CblasNoTrans, n, n, a->d, turned);
		memcpy(z, turned, n * a->d * sizeof(*z));
	}
	free(block);
	free(turned);
	return status;
}

static double angle_of(double cosine)
{
	return acos(fmax(-1, fmin(1, cosine)));
}

static int split(const struct axes *a, const double *cosine, double *angle,
                 unsigned char *plane, struct error *e)
{
	const double close = 1 / (double)a->d;

	for (size_t first = 0, end; first < a->d; first = end) {
		for (end = first + 1; end < a->d; end++)
			if (angle_of(cosine[end - 1]) - angle_of(cosine[end]) > close)
				break;
		if (split_group(a, first, end - first, angle, plane, e) < 0)
			return -1;
	}
	return 0;
}

/* The axes of the symmetric part, then those of the planes. */
static int find_planes(double *q, double *z, double *cosine, size_t d, double *angle,
                       unsigned char *plane, struct error *e)
{
	double *image = NULL;
	int status = -1;

	for (size_t i = 0; i < d; i++)
		for (size_t j = 0; j < d; j++)
			z[i * d + j] = (q[i * d + j] + q[j * d + i]) / 2;
	if (!find_axes(z, d, cosine, e))
		return e->code ? -1 : schur_orthogonal(q, d, angle, plane, e);
	image = memory_new(d * d, sizeof(*image), e);
	if (image) {
		multiply(z, q, CblasTrans, d, d, d, image);
		status = split(&(struct axes){d, z, image}, cosine, angle, plane, e);
		memcpy(q, z, d * d * sizeof(*q));
	}
	free(image);
	return status;
}

int planes_orthogonal(double *q, size_t d, double *angle, unsigned char *plane, struct error *e)
{
	double *z, *cosine;
	int status = -1;

	if (d > LARGEST)
		return schur_orthogonal(q, d, angle, plane, e);
	z = memory_new(d * d, sizeof(*z), e);
	cosine = memory_new(d, sizeof(*cosine), e);
	openblas_set_num_threads(1);
	if (z && cosine)
		status = find_planes(q, z, cosine, d, angle, plane, e);
	free(z);
	free(cosine);
	return status;
}
