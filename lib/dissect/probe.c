/* probe.c -- see probe.h. */
#include "dissect/probe.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Lengths of gradients: of the last and the first one, as liblinear has it; of what is left
 * of a step's and the one at w. */
static const double TOLERANCE = 0.01, STEP_TOLERANCE = 0.1;
/* Of what the slope promises, f must fall by so much. */
static const double PROMISE = 0.01, STEP_LEAST = 1e-10;
enum { TURNS = 1000, STEP_TURNS = 1000 };

double probe_scale(const float *const *x, size_t images, size_t features)
{
	double sum = 0;

	for (size_t i = 0; i < images; i++) {
		double row = 0;

		for (size_t f = 0; f < features; f++)
			row += (double)x[i][f] * x[i][f];
		sum += row / (double)features;
	}
	return sum > 0 ? sqrt(sum / (double)images) : 1;
}

static size_t count_cells(const float *x, size_t features)
{
	size_t n = 0;

	for (size_t f = 0; f < features; f++)
		n += x[f] != 0;
	return n;
}

size_t probe_bytes(const float *x, size_t features)
{
	return count_cells(x, features) * sizeof(struct probe_cell);
}

int probe_open(struct probe *p, const float *const *x, size_t images, size_t features,
               double scale, struct error *e)
{
	struct probe_cell *to;

	p->images = images;
	p->features = features;
	p->scale = scale;
	p->row = memory_new(images + 1, sizeof *p->row, e);
	if (!p->row)
		return -1;
	for (size_t i = 0; i < images; i++)
		p->row[i + 1] = p->row[i] + count_cells(x[i], features);
	p->cell = to = memory_raw(p->row[images], sizeof *p->cell, e);
	if (!p->cell)
		return -1;
	for (size_t i = 0; i < images; i++)
		for (size_t f = 0; f < features; f++)
			if (x[i][f] != 0)
				*to++ = (struct probe_cell){(uint32_t)f, x[i][f]};
	return 0;
}

void probe_free(struct probe *p)
{
	free(p->row);
	free(p->cell);
	*p = (struct probe){0};
}

/* ---- the minimum ---- */

/* Of f(w) = w.w / 2 + C sum over i of max(0, 1 - y_i w.x_i)^2 with its gradient g and the
 * Hessian I + 2 C sum x_i x_i', the sum over images within the margin. */
struct newton {
	const struct probe *p;
	double cost;
	double *w;                  /* (features + 1) */
	double *g, *d, *r, *q, *hq; /* the same: gradient, step, and what finds the step */
	double *y, *z, *u;          /* (images): 1 or -1; w.x and d.x */
	double *memory;
};

static double product(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

static double value_of_row(const struct probe *p, size_t image, const double *w)
{
	double sum = 0;

	for (size_t k = p->row[image]; k < p->row[image + 1]; k++)
		sum += w[p->cell[k].feature] * p->cell[k].value;
	return sum / p->scale + w[p->features];
}

/* to += a x of the image */
static void add_row(const struct probe *p, size_t image, double a, double *to)
{
	const double scaled = a / p->scale;

	for (size_t k = p->row[image]; k < p->row[image + 1]; k++)
		to[p->cell[k].feature] += scaled * p->cell[k].value;
	to[p->features] += a;
}

/* How far the image is within the margin, if it is. */
static double slack(const struct newton *n, size_t image, double step)
{
	const double s = 1 - n->y[image] * (n->z[image] + step * n->u[image]);

	return s > 0 ? s : 0;
}

/* f(w + step d) */
static double objective(const struct newton *n, double step)
{
	double loss = 0, square = 0;

	for (size_t i = 0; i < n->p->images; i++) {
		const double s = slack(n, i, step);

		loss += s * s;
	}
	for (size_t f = 0; f <= n->p->features; f++) {
		const double w = n->w[f] + step * n->d[f];

		square += w * w;
	}
	return square / 2 + n->cost * loss;
}

/* Into g; its length. */
static double find_gradient(struct newton *n)
{
	const size_t size = n->p->features + 1;

	memcpy(n->g, n->w, size * sizeof *n->g);
	for (size_t i = 0; i < n->p->images; i++) {
		const double s = slack(n, i, 0);

		if (s > 0)
			add_row(n->p, i, -2 * n->cost * n->y[i] * s, n->g);
	}
	return sqrt(product(n->g, n->g, size));
}

static void apply_hessian(struct newton *n)
{
	memcpy(n->hq, n->q, (n->p->features + 1) * sizeof *n->hq);
	for (size_t i = 0; i < n->p->images; i++)
		if (slack(n, i, 0) > 0)
			add_row(n->p, i, 2 * n->cost * value_of_row(n->p, i, n->q), n->hq);
}

/* The step to where the gradient of the quadratic at w is 0, nearly: by conjugate gradients. */
static void find_step(struct newton *n, double gradient)
{
	const size_t size = n->p->features + 1;
	const double enough = STEP_TOLERANCE * gradient;
	double rr = gradient * gradient;

	memset(n->u, 0, n->p->images * sizeof *n->u);
	memset(n->d, 0, size * sizeof *n->d);
	for (size_t f = 0; f < size; f++)
		n->q[f] = n->r[f] = -n->g[f];
	for (size_t turn = 0; turn < STEP_TURNS && sqrt(rr) > enough; turn++) {
		double a, next;

		apply_hessian(n);
		a = rr / product(n->q, n->hq, size);
		for (size_t f = 0; f < size; f++) {
			n->d[f] += a * n->q[f];
			n->r[f] -= a * n->hq[f];
		}
		next = product(n->r, n->r, size);
		for (size_t f = 0; f < size; f++)
			n->q[f] = n->r[f] + next / rr * n->q[f];
		rr = next;
	}
	for (size_t i = 0; i < n->p->images; i++)
		n->u[i] = value_of_row(n->p, i, n->d);
}

/* Go so far along d that f falls as it promised; false if it does not fall any more. */
static bool go(struct newton *n)
{
	const size_t size = n->p->features + 1;
	const double before = objective(n, 0), slope = product(n->g, n->d, size);
	double step = 1;

	while (objective(n, step) > before + PROMISE * step * slope) {
		step /= 2;
		if (step < STEP_LEAST)
			return false;
	}
	for (size_t f = 0; f < size; f++)
		n->w[f] += step * n->d[f];
	for (size_t i = 0; i < n->p->images; i++)
		n->z[i] += step * n->u[i];
	return true;
}

static int find_minimum(struct newton *n, size_t rarer, struct error *e)
{
	double first = 0;

	for (int turn = 0; turn < TURNS; turn++) {
		const double gradient = find_gradient(n);

		if (turn == 0)
			first = gradient;
		if (gradient <= TOLERANCE * first * (double)rarer / (double)n->p->images)
			return 0;
		find_step(n, gradient);
		if (!go(n))
			return 0; /* as near as numbers are */
	}
	return error_set(e, EXIT_SYSTEM,
	                 "no minimum after %d steps of Newton's method: try a smaller --cost",
	                 TURNS);
}

int probe_fit(const struct probe *p, const uint32_t *class, uint32_t which, double cost,
              double *weight, struct error *e)
{
	const size_t size = p->features + 1;
	struct newton n = {.p = p, .cost = cost, .w = weight};
	size_t rarer = 0;
	int status;

	n.memory = memory_new(5 * size + 3 * p->images, sizeof *n.memory, e);
	if (!n.memory)
		return -1;
	n.g = n.memory;
	n.d = n.g + size;
	n.r = n.d + size;
	n.q = n.r + size;
	n.hq = n.q + size;
	n.y = n.hq + size;
	n.z = n.y + p->images;
	n.u = n.z + p->images;
	memset(weight, 0, size * sizeof *weight);
	for (size_t i = 0; i < p->images; i++) {
		n.y[i] = class[i] == which ? 1 : -1;
		rarer += class[i] == which;
	}
	if (rarer > p->images - rarer)
		rarer = p->images - rarer;
	status = find_minimum(&n, rarer, e);
	free(n.memory);
	return status;
}

double probe_value(const double *weight, const float *x, size_t features, double scale)
{
	double sum = 0;

	for (size_t f = 0; f < features; f++)
		sum += weight[f] * (x[f] / scale);
	return sum + weight[features];
}
