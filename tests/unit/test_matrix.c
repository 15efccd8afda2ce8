/* test_matrix.c -- products of matrices against sums in double precision, and each row against
 * itself alone; exp and erf against the C library's. */
#include <stdlib.h>

#include "base/machine.h"
#include "kernel/matrix.h"
#include "operator/curves.h"
#include "tap.h"

enum { ROWS = 50, DEPTH = 2100, COLUMNS = 70, IMAGES = 3, FLOATS = IMAGES * ROWS * DEPTH };

static float x[FLOATS], w[DEPTH * COLUMNS], bias[COLUMNS], residual[IMAGES * ROWS * COLUMNS],
        y[IMAGES * ROWS * COLUMNS], alone[ROWS * COLUMNS];

static float draw(void)
{
	static unsigned state = 1;

	state = state * 1664525 + 1013904223;
	return (float)(state >> 8) / (1 << 23) - 1;
}

static void fill(float *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = draw();
}

static void twice(const void *what, float *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] *= *(const float *)what;
}

/* What stands at a place of y. */
static double want(const struct matrix *m, bool turned, size_t image, size_t row, size_t c)
{
	double sum = m->bias ? m->bias[c] : 0;

	for (size_t k = 0; k < m->depth; k++)
		sum += (double)m->x[image * m->x_image + row * m->x_row + k] *
		       w[turned ? c * m->depth + k : k * m->columns + c] * 0.5;
	if (m->residual)
		sum += m->residual[image * m->residual_image + row * m->y_row + c];
	if (m->clamp.on)
		sum = fmin(fmax(sum, m->clamp.low), m->clamp.high);
	return m->after ? 2 * sum : sum;
}

static double worst(const struct matrix *m, bool turned)
{
	double most = 0;

	for (size_t i = 0; i < m->images; i++)
		for (size_t row = 0; row < m->rows; row++)
			for (size_t c = 0; c < m->columns; c++)
				most = fmax(most, fabs(y[i * m->y_image + row * m->y_row + c] -
				                       want(m, turned, i, row, c)));
	return most / (1 + sqrt((double)m->depth));
}

/* The bytes of each row of each image are those of a product of this row alone. */
static bool rows_stand_alone(const struct matrix *m)
{
	for (size_t i = 0; i < m->images; i++)
		for (size_t row = 0; row < m->rows; row++) {
			struct matrix one = *m;

			one.images = one.rows = 1;
			one.x += i * m->x_image + row * m->x_row;
			one.y = alone;
			if (m->residual)
				one.residual += i * m->residual_image + row * m->y_row;
			matrix_run(&one);
			if (memcmp(alone, y + i * m->y_image + row * m->y_row,
			           m->columns * sizeof *y) != 0)
				return false;
		}
	return true;
}

static void check_set(const struct product_set *set)
{
	static const size_t rows[] = {1, 2, 14, 29, ROWS}, depths[] = {0, 1, 7, 64, DEPTH},
	                    columns[] = {1, 15, 16, 17, 32, 48, COLUMNS};
	const float two = 2;
	double most = 0;
	bool same = true;

	for (int i = 0; i < tap_exhaustive(60, 700); i++) {
		struct matrix m = {.set = set,
		                   .images = 1 + (size_t)i % IMAGES,
		                   .rows = rows[i % 5],
		                   .depth = depths[i / 5 % 5],
		                   .columns = columns[i % 7],
		                   .x = x,
		                   .y = y,
		                   .bias = i & 1 ? bias : NULL,
		                   .residual = i & 2 ? residual : NULL,
		                   .clamp = {i & 4, -2, 3},
		                   .after = i & 8 ? twice : NULL,
		                   .what = &two};
		float *packed = aligned_alloc(
		        64,
		        (matrix_packed(m.depth, m.columns) * sizeof *packed + 64) / 64 * 64);
		const bool turned = i & 16;

		m.w = packed;
		m.x_row = m.depth;
		m.y_row = m.columns;
		m.x_image = m.rows * m.x_row;
		m.y_image = m.residual_image = m.rows * m.columns;
		matrix_pack(w, m.depth, m.columns, turned ? 1 : m.columns, turned ? m.depth : 1,
		            0.5f, packed);
		matrix_run(&m);
		most = fmax(most, worst(&m, turned));
		same = same && rows_stand_alone(&m);
		free(packed);
	}
	ok(most < 1e-6, "%s: off by %.2g of the sum's size", set->name, most);
	ok(same, "%s: the same bytes for a row alone", set->name);
}

static void check_sizes(void)
{
	is_int((long long)matrix_packed(3, 17), 3 * 32, "whole blocks of columns");
	ok(matrix_packed(SIZE_MAX / 16, 17) == SIZE_MAX, "too many floats");
	ok(matrix_packed(1, SIZE_MAX) == SIZE_MAX, "too many columns");
}

/* Steps between a value and the one that is right. */
static double steps(float got, double right)
{
	const float size = fabsf((float)right);

	return fabs(got - right) / (nextafterf(size, INFINITY) - size);
}

static void check_curves(void)
{
	double exps = 0, erfs = 0;

	for (float v = -87; v < 88; v += 1.0f / 512) {
		exps = fmax(exps, steps(curve_exp(v), exp(v)));
		erfs = fmax(erfs, steps(curve_erf(v / 16), erf(v / 16)));
	}
	ok(exps < 1, "exp is off by %.2f of the last place", exps);
	ok(erfs < 1.2, "erf is off by %.2f of the last place", erfs);
	ok(curve_exp(0) == 1 && curve_exp(-INFINITY) == 0 && curve_exp(-110) == 0 &&
	           curve_exp(INFINITY) == INFINITY && curve_exp(89) == INFINITY,
	   "ends of exp");
	ok(fabs(curve_exp(-100) / exp(-100) - 1) < 0.02, "exp has subnormal values");
	ok(curve_erf(INFINITY) == 1 && curve_erf(-INFINITY) == -1 && curve_erf(3e38f) == 1 &&
	           curve_erf(0) == 0,
	   "ends of erf");
	ok(isnan(curve_exp(NAN)) && isnan(curve_erf(NAN)), "NaN stays");
}

int main(void)
{
	fill(x, FLOATS);
	fill(w, DEPTH * COLUMNS);
	fill(bias, COLUMNS);
	fill(residual, IMAGES * ROWS * COLUMNS);
	for (const struct product_set *set = product_sets; set->name; set++)
		if (machine_has(set->needs))
			check_set(set);
	check_sizes();
	check_curves();
	return done();
}
