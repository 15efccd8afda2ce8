/* dense.c -- Gemm and MatMul. */
#include "operator/dense.h"

#include <cblas.h>
#include <string.h>

#include "operator/operators.h"

void matrix_product(float *y, const float *a, const float *b, size_t m, size_t n, size_t k,
                    bool transposed_a, bool transposed_b, float alpha)
{
	if (k == 0)
		memset(y, 0, m * n * sizeof *y);
	else if (m == 1 && n > 0)
		cblas_sgemv(CblasRowMajor, transposed_b ? CblasNoTrans : CblasTrans,
		            (int)(transposed_b ? n : k), (int)(transposed_b ? k : n), alpha, b,
		            (int)(transposed_b ? k : n), a, 1, 0, y, 1);
	else if (m > 0 && n > 0)
		cblas_sgemm(CblasRowMajor, transposed_a ? CblasTrans : CblasNoTrans,
		            transposed_b ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k,
		            alpha, a, (int)(transposed_a ? m : k), b,
		            (int)(transposed_b ? k : n), 0, y, (int)n);
}

struct gemm {
	size_t m, n, k;
	bool transposed_a, transposed_b;
	size_t row, column; /* strides of C, 0 where broadcast */
};

int gemm_infer(struct graph *g, struct node *n, struct error *e)
{
	struct gemm *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *a, *b, *c = node_input(g, n, 2);
	struct shape out = {.rank = 2}, both;
	char left[128], right[128];

	if (!p || node_arity(g, n, 2, 3, e) < 0 || !(a = node_float(g, n, 0, e)) ||
	    !(b = node_float(g, n, 1, e)) || (c && !node_float(g, n, 2, e)))
		return -1;
	if (a->shape.rank != 2 || b->shape.rank != 2)
		return node_fail(g, n, e, "its inputs are not matrices");
	p->transposed_a = node_int(n, "transA", 0) != 0;
	p->transposed_b = node_int(n, "transB", 0) != 0;
	p->m = a->shape.dims[p->transposed_a];
	p->k = a->shape.dims[!p->transposed_a];
	p->n = b->shape.dims[!p->transposed_b];
	if (b->shape.dims[p->transposed_b] != p->k)
		return node_fail(g, n, e, "matrices of %s and %s don't fit",
		                 shape_text(&a->shape, left, sizeof left),
		                 shape_text(&b->shape, right, sizeof right));
	out.dims[0] = p->m;
	out.dims[1] = p->n;
	if (c) {
		if (!shape_broadcast(&out, &c->shape, &both) || !shape_equal(&both, &out))
			return node_fail(g, n, e, "input C of %s does not fit",
			                 shape_text(&c->shape, left, sizeof left));
		if (c->shape.rank > 0 && c->shape.dims[c->shape.rank - 1] != 1)
			p->column = 1;
		if (c->shape.rank > 1 && c->shape.dims[0] != 1)
			p->row = c->shape.dims[1];
	}
	n->params = p;
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

int gemm_run(const struct run *r, struct error *e)
{
	const struct gemm *p = r->node->params;
	const float *c = r->node->n_inputs > 2 ? r->in[2] : NULL;
	float beta = node_number(r->node, "beta", 1), *y = r->out[0];

	(void)e;
	matrix_product(y, r->in[0], r->in[1], p->m, p->n, p->k, p->transposed_a,
	               p->transposed_b, node_number(r->node, "alpha", 1));
	for (size_t i = 0; c && i < p->m; i++)
		for (size_t k = 0; k < p->n; k++)
			y[i * p->n + k] += beta * c[i * p->row + k * p->column];
	if (r->clamp.on)
		clamp_row(y, p->m * p->n, r->clamp);
	return 0;
}

/* ---- MatMul: matrices are the last two axes, the others broadcast ---- */

struct matmul {
	size_t m, n, k;
	struct shape batch, a, b; /* leading axes of the output and of both inputs */
};

/* A vector counts as a matrix with one row (A) or column (B). */
static void split_shape(const struct shape *s, bool column, struct shape *lead, size_t *rows,
                        size_t *columns)
{
	*lead = *s;
	lead->rank = s->rank > 2 ? s->rank - 2 : 0;
	if (s->rank == 1) {
		*rows = column ? s->dims[0] : 1;
		*columns = column ? 1 : s->dims[0];
	} else {
		*rows = s->dims[s->rank - 2];
		*columns = s->dims[s->rank - 1];
	}
}

int matmul_infer(struct graph *g, struct node *n, struct error *e)
{
	struct matmul *p = graph_alloc(g, 1, sizeof *p, e);
	const struct tensor *a, *b;
	struct shape out;
	size_t depth;
	char left[128], right[128];

	if (!p || node_arity(g, n, 2, 2, e) < 0 || !(a = node_float(g, n, 0, e)) ||
	    !(b = node_float(g, n, 1, e)))
		return -1;
	if (a->shape.rank == 0 || b->shape.rank == 0)
		return node_fail(g, n, e, "its inputs are not matrices");
	split_shape(&a->shape, false, &p->a, &p->m, &p->k);
	split_shape(&b->shape, true, &p->b, &depth, &p->n);
	if (depth != p->k || !shape_broadcast(&p->a, &p->b, &p->batch))
		return node_fail(g, n, e, "matrices of %s and %s don't fit",
		                 shape_text(&a->shape, left, sizeof left),
		                 shape_text(&b->shape, right, sizeof right));
	out = p->batch;
	if (a->shape.rank > 1)
		out.dims[out.rank++] = p->m;
	if (b->shape.rank > 1)
		out.dims[out.rank++] = p->n;
	/* One matrix for all: the rows of the others are those of one. */
	if (shape_product(&p->b, 0, p->b.rank) == 1) {
		p->m *= shape_product(&p->a, 0, p->a.rank);
		p->batch.rank = p->a.rank = p->b.rank = 0;
	}
	n->params = p;
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

/* Number of the matrix of an operand that stands at number i of the broadcast batch. */
static size_t matrix_at(const struct shape *batch, const struct shape *s, size_t i)
{
	size_t at = 0, step = 1;
	int k;

	for (int axis = batch->rank - 1; axis >= 0; axis--) {
		k = axis - (batch->rank - s->rank);
		if (k >= 0) {
			at += s->dims[k] == 1 ? 0 : i % batch->dims[axis] * step;
			step *= s->dims[k];
		}
		i /= batch->dims[axis];
	}
	return at;
}

int matmul_run(const struct run *r, struct error *e)
{
	const struct matmul *p = r->node->params;
	size_t matrices = shape_product(&p->batch, 0, p->batch.rank);

	(void)e;
	for (size_t i = 0; i < matrices; i++)
		matrix_product(
		        (float *)r->out[0] + i * p->m * p->n,
		        (const float *)r->in[0] + matrix_at(&p->batch, &p->a, i) * p->m * p->k,
		        (const float *)r->in[1] + matrix_at(&p->batch, &p->b, i) * p->k * p->n,
		        p->m, p->n, p->k, false, false, 1);
	return 0;
}

/* A product with a constant matrix, over channels-last maps or tokens, keeps their place;
 * others mix it, as does one of two tensors that both depend on the image, wherever their cells
 * lie: attention. */
void geometry_matrix(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct tensor *a = node_input(g, n, 0), *b = node_input(g, n, 1);
	int last = a->shape.rank - 1;
	bool weights = b->constant && b->shape.rank == 2 && node_int(n, "transA", 0) == 0;

	if (weights && (out->kind == GEOMETRY_UNKNOWN ||
	                ((out->kind == GEOMETRY_MAP || out->kind == GEOMETRY_TOKENS) &&
	                 out->axis[0] != last && out->axis[1] != last)))
		return;
	geometry_whole_image(g, n, out);
}
