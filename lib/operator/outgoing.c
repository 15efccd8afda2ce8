/* outgoing.c -- see outgoing.h. */
#include "operator/outgoing.h"

#include "operator/operators.h"

static bool is_dense(const struct node *n)
{
	return n->op->infer == gemm_infer || n->op->infer == matmul_infer;
}

/* Rows of input 1 of a matrix product: values that one of its results is a sum over. */
static size_t depth(const struct graph *g, const struct node *n)
{
	const struct tensor *w = node_input(g, n, 1);

	return w->shape.dims[node_int(n, "transB", 0) != 0];
}

static enum outgoing_kind weights(const struct graph *g, const struct node *n, size_t i,
                                  struct outgoing of)
{
	const struct tensor *x = node_input(g, n, 0), *w = node_input(g, n, 1);

	if (i != 0 || !w || !w->constant || w->kind != KIND_FLOAT)
		return OUTGOING_NONE;
	if (n->op->infer == convolution_infer)
		return x->shape.dims[1] == of.units &&
		                       x->count == x->shape.dims[0] * of.units * of.inner
		               ? OUTGOING_WEIGHTS
		               : OUTGOING_NONE;
	if (w->shape.rank != 2 || node_int(n, "transA", 0) != 0)
		return OUTGOING_NONE;
	/* A row holds all values of a unit, or one of each. */
	return depth(g, n) % (of.units * of.inner) == 0 ? OUTGOING_WEIGHTS : OUTGOING_NONE;
}

/* What pools maps, or looks at neighbouring channels. */
static bool keeps_channels(const struct node *n)
{
	return n->op->infer == pool_infer || n->op->infer == global_pool_infer ||
	       n->op->infer == lrn_infer;
}

enum outgoing_kind outgoing_kind(const struct graph *g, const struct node *n, size_t i,
                                 struct outgoing of, struct outgoing *out)
{
	const struct tensor *x = node_input(g, n, i), *y = node_output(g, n, 0);

	*out = of;
	if (!n->op || !x || !y || !y->known || n->fault)
		return OUTGOING_NONE;
	if (n->op->infer == convolution_infer || is_dense(n))
		return weights(g, n, i, of);
	if (keeps_channels(n) && of.units * of.inner * x->shape.dims[0] == x->count) {
		if (y->count % (x->shape.dims[0] * of.units) != 0)
			return OUTGOING_NONE;
		out->inner = y->count / (x->shape.dims[0] * of.units);
		return OUTGOING_APART;
	}
	return n->op->flat && y->count == x->count ? OUTGOING_APART : OUTGOING_NONE;
}

void outgoing_add(const struct graph *g, const struct node *n, struct outgoing of,
                  const float *w, double *square)
{
	const struct tensor *t = node_input(g, n, 1);

	if (n->op->infer == convolution_infer) {
		const size_t in = t->shape.dims[1], out = t->shape.dims[0];
		const size_t taps = shape_product(&t->shape, 2, t->shape.rank);
		const size_t out_group = out / (of.units / in);

		for (size_t i = 0; i < t->count; i++) {
			const size_t group = i / taps / in / out_group;

			square[group * in + i / taps % in] += (double)w[i] * w[i];
		}
		return;
	}
	const bool turned = node_int(n, "transB", 0) != 0;
	const double alpha =
	        n->op->infer == gemm_infer ? (double)node_number(n, "alpha", 1) : 1;
	const size_t rows = depth(g, n), columns = t->count / rows;

	for (size_t i = 0; i < t->count; i++) {
		const size_t row = turned ? i % rows : i / columns;

		square[row / of.inner % of.units] += alpha * alpha * (double)w[i] * w[i];
	}
}
