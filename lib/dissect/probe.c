/* probe.c -- see probe.h. */
#include "dissect/probe.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

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

static size_t count_nodes(const float *x, size_t features)
{
	size_t n = 2; /* the constant, and what ends the row */

	for (size_t f = 0; f < features; f++)
		n += x[f] != 0;
	return n;
}

size_t probe_bytes(const float *x, size_t features)
{
	return count_nodes(x, features) * sizeof(struct feature_node);
}

static struct feature_node *add_row(struct feature_node *to, const float *x, size_t features,
                                    double scale)
{
	for (size_t f = 0; f < features; f++)
		if (x[f] != 0)
			*to++ = (struct feature_node){(int)f + 1, x[f] / scale};
	*to++ = (struct feature_node){(int)features + 1, 1};
	*to++ = (struct feature_node){-1, 0};
	return to;
}

int probe_open(struct probe *p, const float *const *x, size_t images, size_t features,
               double scale, struct error *e)
{
	size_t nodes = 0;
	struct feature_node *to;

	for (size_t i = 0; i < images; i++)
		nodes += count_nodes(x[i], features);
	p->images = images;
	p->features = features;
	p->row = memory_new(images, sizeof(struct feature_node *), e);
	p->node = to = memory_raw(nodes, sizeof *p->node, e);
	if (!p->row || !p->node)
		return -1;
	for (size_t i = 0; i < images; i++) {
		p->row[i] = to;
		to = add_row(to, x[i], features, scale);
	}
	return 0;
}

void probe_free(struct probe *p)
{
	free(p->row);
	free(p->node);
	*p = (struct probe){0};
}

static void say_nothing(const char *text)
{
	(void)text;
}

/* liblinear does not look whether it was given memory: that there is as much as it takes, some
 * numbers a feature and some an image, is known before. */
static int rehearse(const struct probe *p, struct error *e)
{
	enum { A_FEATURE = 12, AN_IMAGE = 8 };
	double *room = memory_raw(A_FEATURE * (p->features + 1) + AN_IMAGE * p->images,
	                          sizeof *room, e);

	free(room);
	return room ? 0 : -1;
}

int probe_fit(const struct probe *p, const uint32_t *class, uint32_t which, double cost,
              double *weight, struct error *e)
{
	/* The primal solver draws no random numbers, as the dual one does. */
	const struct parameter how = {.solver_type = L2R_L2LOSS_SVC, .eps = 0.01, .C = cost};
	struct problem problem = {
	        .l = (int)p->images, .n = (int)p->features + 1, .x = p->row, .bias = 1};
	struct model *m;
	double sign;

	problem.y = memory_new(p->images, sizeof *problem.y, e);
	if (!problem.y)
		return -1;
	for (size_t i = 0; i < p->images; i++)
		problem.y[i] = class[i] == which ? 1 : -1;
	if (rehearse(p, e) < 0) {
		free(problem.y);
		return -1;
	}
	set_print_string_function(say_nothing);
	m = train(&problem, &how);
	free(problem.y);
	/* Weights are those of the label that liblinear counts first. */
	sign = m->label[0] == 1 ? 1 : -1;
	for (size_t f = 0; f <= p->features; f++)
		weight[f] = sign * m->w[f];
	free_and_destroy_model(&m);
	return 0;
}

double probe_value(const double *weight, const float *x, size_t features, double scale)
{
	double sum = 0;

	for (size_t f = 0; f < features; f++)
		sum += weight[f] * (x[f] / scale);
	return sum + weight[features];
}
