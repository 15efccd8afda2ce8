/* dense.c -- Gemm and MatMul.
 *
 * Both multiply by matrices that are packed: once for a plan if they are weights, else for each
 * image. */
#include "operator/dense.h"

#include <cblas.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/matrix.h"
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

/* Y = alpha * A * B + beta * C, for each of so many matrices. */
struct dense {
	size_t m, n, k;
	bool transposed_a, transposed_b;
	float alpha, beta;
	bool bias;                /* there is a C, one row that is added as it is */
	bool added;               /* another C */
	size_t row, column;       /* strides of C, 0 where broadcast */
	struct shape batch, a, b; /* leading axes of the output and of both inputs */
	size_t weights;           /* matrices of B that are constant, or 0 */
	int units;                /* axis of B: columns of one that all rows share; or -1 */
};

/* Floats of one packed B, and of an A whose rows do not lie side by side. */
static size_t packed_floats(const struct dense *p)
{
	return matrix_packed(p->k, p->n);
}

static size_t turned_floats(const struct dense *p)
{
	return p->transposed_a ? p->m * p->k : 0;
}

/* What both have in common, once sizes are known. */
static int finish(struct graph *g, struct node *n, struct dense *p, const struct shape *out,
                  struct error *e)
{
	const struct tensor *b = node_input(g, n, 1);

	if (packed_floats(p) > COUNT_LIMIT)
		return node_fail(g, n, e, "a matrix of %zux%zu is too large", p->k, p->n);
	p->weights = b->constant ? shape_product(&p->b, 0, p->b.rank) : 0;
	p->units = b->shape.rank - (p->transposed_b ? 2 : 1);
	if (p->batch.rank > 0 || p->added || b->shape.rank < 2)
		p->units = -1;
	n->params = p;
	return node_set(g, n, 0, KIND_FLOAT, out, e);
}

int gemm_infer(struct graph *g, struct node *n, struct error *e)
{
	struct dense *p = graph_alloc(g, 1, sizeof *p, e);
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
	p->alpha = node_number(n, "alpha", 1);
	p->beta = node_number(n, "beta", 1);
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
		p->bias = c->count == p->n && p->row == 0 && p->beta == 1;
		p->added = !p->bias;
	}
	return finish(g, n, p, &out, e);
}

/* ---- MatMul: matrices are the last two axes, the others broadcast ---- */

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
	struct dense *p = graph_alloc(g, 1, sizeof *p, e);
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
	p->alpha = 1;
	return finish(g, n, p, &out, e);
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

/* ---- both ---- */

int dense_units(const struct node *n)
{
	const struct dense *p = n->params;

	return p->units;
}

bool dense_takes_residual(const struct node *n, enum convolution_choice choice)
{
	(void)choice;
	return dense_units(n) >= 0;
}

size_t dense_weight_floats(const struct node *n, enum convolution_choice choice)
{
	const struct dense *p = n->params;

	(void)choice;
	return p->weights * packed_floats(p);
}

static void pack(const struct dense *p, const float *b, float *packed)
{
	matrix_pack(b, p->k, p->n, p->transposed_b ? 1 : p->n, p->transposed_b ? p->k : 1,
	            p->alpha, packed);
}

/* Scratch memory: a B that is not constant, then an A that is turned. */
int dense_prepare(const struct graph *g, const struct node *n, const float *weights,
                  enum convolution_choice choice, size_t images, struct prepared *out,
                  struct error *e)
{
	const struct dense *p = n->params;
	size_t size = packed_floats(p);

	(void)g;
	(void)choice;
	(void)images;
	out->scratch = (weights ? 0 : size) + turned_floats(p);
	if (!weights)
		return 0;
	out->weights = memory_large(p->weights * size, sizeof *weights, e);
	if (!out->weights)
		return -1;
	for (size_t i = 0; i < p->weights; i++)
		pack(p, weights + i * p->k * p->n, out->weights + i * size);
	return 0;
}

static const void *input_at(const struct run *r, size_t input, size_t image)
{
	const char *first = input < r->n_in ? r->in[input] : NULL;

	return first && r->in_stride ? first + image * r->in_stride[input] : first;
}

static void apply(const void *what, float *y, size_t n)
{
	const struct node *node = what;

	node->op->apply(node, y, n);
}

/* What does not depend on where matrices are. */
static struct matrix start(const struct run *r)
{
	const struct dense *p = r->node->params;

	return (struct matrix){.set = product_best(),
	                       .images = 1,
	                       .rows = p->m,
	                       .depth = p->k,
	                       .columns = p->n,
	                       .x_row = p->k,
	                       .y_row = p->n,
	                       .after = r->after ? apply : NULL,
	                       .what = r->after};
}

/* All images by the same weights; vectors are rows of one matrix. */
static void run_images(const struct run *r)
{
	const struct dense *p = r->node->params;
	struct matrix m = start(r);

	m.x = r->in[WEIGHED_MAP];
	m.w = r->prepared->weights;
	m.bias = r->n_in > WEIGHED_BIAS ? r->in[WEIGHED_BIAS] : NULL;
	m.residual = input_at(r, WEIGHED_RESIDUAL, 0);
	m.y = r->out[0];
	m.clamp = r->clamp;
	m.images = r->images;
	if (r->images > 1) {
		m.x_image = r->in_stride[WEIGHED_MAP] / sizeof *m.x;
		m.residual_image =
		        m.residual ? r->in_stride[WEIGHED_RESIDUAL] / sizeof *m.x : 0;
		m.y_image = r->out_stride[0] / sizeof *m.y;
	}
	if (p->m == 1 && (!m.residual || m.residual_image == m.y_image) && m.images > 1) {
		m.rows = m.images;
		m.images = 1;
		m.x_row = m.x_image;
		m.y_row = m.y_image;
	}
	matrix_run(&m);
}

/* C that is not a bias, for one image. */
static void add_matrix(const struct dense *p, const float *c, float *y)
{
	for (size_t i = 0; i < p->m; i++)
		for (size_t k = 0; k < p->n; k++)
			y[i * p->n + k] += p->beta * c[i * p->row + k * p->column];
}

static void turn(const struct dense *p, const float *a, float *rows)
{
	for (size_t i = 0; i < p->m; i++)
		for (size_t k = 0; k < p->k; k++)
			rows[i * p->k + k] = a[k * p->m + i];
}

/* One image, matrix by matrix. */
static void run_matrices(const struct run *r, size_t image)
{
	const struct dense *p = r->node->params;
	size_t matrices = shape_product(&p->batch, 0, p->batch.rank), size = packed_floats(p);
	const float *a = input_at(r, WEIGHED_MAP, image),
	            *b = input_at(r, WEIGHED_WEIGHTS, image);
	const float *packed = r->prepared->weights, *c = input_at(r, WEIGHED_BIAS, image);
	float *turned = r->scratch + (packed ? 0 : size);
	size_t last = SIZE_MAX, at;
	struct matrix m = start(r);

	m.y = (float *)((char *)r->out[0] + (r->out_stride ? image * r->out_stride[0] : 0));
	m.bias = p->added ? NULL : c;
	m.residual = input_at(r, WEIGHED_RESIDUAL, image);
	if (!p->added)
		m.clamp = r->clamp;
	for (size_t i = 0; i < matrices; i++, m.y += p->m * p->n) {
		m.x = a + matrix_at(&p->batch, &p->a, i) * p->m * p->k;
		at = matrix_at(&p->batch, &p->b, i);
		m.w = packed ? packed + at * size : r->scratch;
		if (!packed && at != last)
			pack(p, b + at * p->k * p->n, r->scratch);
		last = at;
		if (p->transposed_a) {
			turn(p, m.x, turned);
			m.x = turned;
		}
		matrix_run(&m);
		if (p->added) {
			add_matrix(p, c, m.y);
			if (r->clamp.on)
				clamp_row(m.y, p->m * p->n, r->clamp);
		}
	}
}

int dense_run(const struct run *r, struct error *e)
{
	const struct dense *p = r->node->params;
	/* Images share B where it is constant, and a bias unless each has its own. */
	bool shared = r->prepared->weights && p->batch.rank == 0 && !p->added &&
	              !p->transposed_a &&
	              (r->images == 1 || r->n_in <= WEIGHED_BIAS || !r->in[WEIGHED_BIAS] ||
	               r->in_stride[WEIGHED_BIAS] == 0);

	(void)e;
	if (shared)
		run_images(r);
	else
		for (size_t image = 0; image < r->images; image++)
			run_matrices(r, image);
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
