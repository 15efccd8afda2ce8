/* einsum.c -- Einsum of one or two operands.
 *
 * Labels are letters, and after them one for each axis that "..." stands for, from the last on.
 * Two operands become batches of matrices: labels of both operands and the output are the
 * batch, those of one operand and the output its rows or columns, those of both operands alone
 * are summed in the product; those of one operand alone are summed before it. */
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "operator/axes.h"
#include "operator/dense.h"
#include "operator/operators.h"

enum { LETTERS = 52, LABELS = LETTERS + RANK_MAX, TERMS = 2 };

/* The labels of an operand, or of the output, by axis. */
struct term {
	int rank;
	int labels[RANK_MAX];
	size_t strides[LABELS]; /* 0 where a label does not occur or is repeated */
	bool has[LABELS];
};

/* An operand in the order that a product takes it, each value a sum. */
struct packing {
	struct axes kept, summed;
};

struct parser;

struct einsum {
	const struct parser *labels;
	size_t terms;
	struct packing in[TERMS];
	struct axes out; /* of the output, in the order of the product */
	size_t batch, m, n, k;
};

struct parser {
	const struct graph *g;
	const struct node *n;
	struct term in[TERMS], out;
	size_t dims[LABELS];
	bool known[LABELS]; /* does a label have a size? */
	int ellipsis;       /* axes of the largest "..." */
};

static int label_of(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' : c >= 'A' && c <= 'Z' ? c - 'A' + 26 : -1;
}

/* The labels of n characters, where "..." stands for so many axes. */
static int read_term(const struct parser *p, const char *text, size_t n, int dots,
                     struct term *t, struct error *e)
{
	bool seen = false;

	memset(t, 0, sizeof *t);
	for (size_t i = 0; i < n; i++) {
		int first = label_of(text[i]), count = 1;

		if (text[i] == ' ')
			continue;
		if (n - i >= 3 && strncmp(text + i, "...", 3) == 0 && !seen) {
			seen = true;
			i += 2;
			first = LABELS - dots;
			count = dots;
		} else if (first < 0) {
			return node_fail(p->g, p->n, e, "equation %.80s",
			                 node_text(p->n, "equation", ""));
		}
		for (int k = 0; k < count; k++) {
			if (t->rank == RANK_MAX)
				return node_fail(p->g, p->n, e,
				                 "its equation has too many axes");
			t->has[first + k] = true;
			t->labels[t->rank++] = first + k;
		}
	}
	return 0;
}

/* Axes that "..." stands for in a term of an operand with so many; 0 if it has none. */
static int count_dots(const char *text, size_t n, int rank)
{
	int letters = 0;
	bool dots = false;

	for (size_t i = 0; i < n; i++) {
		letters += label_of(text[i]) >= 0;
		dots = dots || text[i] == '.';
	}
	return dots && rank > letters ? rank - letters : 0;
}

/* Sizes and strides of an operand's labels; an axis of "..." that has one value is repeated. */
static int fit_operand(struct parser *p, const struct tensor *x, struct term *t,
                       struct error *e)
{
	char text[128];

	if (t->rank != x->shape.rank)
		return node_fail(p->g, p->n, e, "its equation names %d axes of %s", t->rank,
		                 shape_text(&x->shape, text, sizeof text));
	for (int i = 0; i < t->rank; i++) {
		int label = t->labels[i];
		size_t dim = x->shape.dims[i], *size = &p->dims[label];

		if (!p->known[label] || (label >= LETTERS && *size == 1))
			*size = dim;
		else if (*size != dim && !(label >= LETTERS && dim == 1))
			return node_fail(p->g, p->n, e, "an axis of %zu and one of %zu", *size,
			                 dim);
		p->known[label] = true;
		if (dim > 1 || label < LETTERS)
			t->strides[label] += shape_product(&x->shape, i + 1, x->shape.rank);
	}
	return 0;
}

/* Without "->" the output has the axes of "...", then the labels that occur once. */
static int default_output(struct parser *p, size_t terms, struct error *e)
{
	int count[LABELS] = {0};

	for (size_t k = 0; k < terms; k++)
		for (int i = 0; i < p->in[k].rank; i++)
			count[p->in[k].labels[i]]++;
	for (int i = 0; i < LABELS; i++) {
		/* From the first of "..." on, then the letters. */
		int label = (i + LETTERS) % LABELS;

		if (label >= LETTERS ? count[label] == 0 : count[label] != 1)
			continue;
		if (p->out.rank == RANK_MAX)
			return node_fail(p->g, p->n, e, "its output has too many axes");
		p->out.has[label] = true;
		p->out.labels[p->out.rank++] = label;
	}
	return 0;
}

/* The first axis of a label, or -1. */
static int axis_of(const struct term *t, int label)
{
	for (int i = 0; i < t->rank; i++)
		if (t->labels[i] == label)
			return i;
	return -1;
}

static int parse(struct parser *p, size_t terms, struct error *e)
{
	const char *text = node_text(p->n, "equation", ""), *arrow = strstr(text, "->");
	const char *end = arrow ? arrow : text + strlen(text), *at = text;

	for (size_t k = 0; k < terms; k++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		size_t n = (size_t)((comma ? comma : end) - at);
		const struct tensor *x = node_input(p->g, p->n, k);
		int dots = count_dots(at, n, x->shape.rank);

		if (!comma != (k + 1 == terms))
			return node_fail(p->g, p->n, e, "equation %.80s for %zu inputs", text,
			                 terms);
		if (read_term(p, at, n, dots, &p->in[k], e) < 0 ||
		    fit_operand(p, x, &p->in[k], e) < 0)
			return -1;
		p->ellipsis = dots > p->ellipsis ? dots : p->ellipsis;
		at += n + 1;
	}
	if (!arrow)
		return default_output(p, terms, e);
	if (read_term(p, arrow + 2, strlen(arrow + 2), p->ellipsis, &p->out, e) < 0)
		return -1;
	for (int i = 0; i < p->out.rank; i++)
		if (!p->known[p->out.labels[i]] || axis_of(&p->out, p->out.labels[i]) != i)
			return node_fail(p->g, p->n, e, "equation %.80s", text);
	return 0;
}

/* Labels by what becomes of them. */
enum role { BATCH, ROWS, COLUMNS, DEPTH, ALONE, NO_ROLE };

static enum role role_of(const struct parser *p, int label)
{
	bool a = p->in[0].has[label], b = p->in[1].has[label], y = p->out.has[label];

	if (!a && !b)
		return NO_ROLE;
	if (a && b)
		return y ? BATCH : DEPTH;
	return !y ? ALONE : a ? ROWS : COLUMNS;
}

/* Add the labels of a role, in the output's order where they are in it; their count. */
static size_t add_role(const struct parser *p, enum role role, const struct term *t,
                       struct axes *to)
{
	size_t count = 1;

	for (int i = 0; i < p->out.rank + LABELS; i++) {
		int label = i < p->out.rank ? p->out.labels[i] : i - p->out.rank;

		if ((i >= p->out.rank && p->out.has[label]) || role_of(p, label) != role)
			continue;
		count *= p->dims[label];
		if (t)
			axes_append(to, p->dims[label], t->strides[label]);
	}
	return count;
}

static void arrange(struct parser *p, struct einsum *s)
{
	static const enum role orders[TERMS][3] = {{BATCH, ROWS, DEPTH},
	                                           {BATCH, DEPTH, COLUMNS}};

	for (size_t k = 0; k < TERMS; k++) {
		struct packing *to = &s->in[k];

		to->kept.count = to->summed.count = 1;
		for (size_t i = 0; i < 3 && k < s->terms; i++)
			add_role(p, orders[k][i], &p->in[k], &to->kept);
		for (int label = 0; label < LABELS; label++)
			if (role_of(p, label) == ALONE && p->in[k].has[label])
				axes_append(&to->summed, p->dims[label],
				            p->in[k].strides[label]);
	}
	s->out.count = 1;
	s->batch = add_role(p, BATCH, &p->out, &s->out);
	s->m = add_role(p, ROWS, &p->out, &s->out);
	s->n = add_role(p, COLUMNS, &p->out, &s->out);
	s->k = add_role(p, DEPTH, NULL, NULL);
}

int einsum_infer(struct graph *g, struct node *n, struct error *e)
{
	struct einsum *s = graph_alloc(g, 1, sizeof *s, e);
	struct parser *p = graph_alloc(g, 1, sizeof *p, e);
	struct shape out = {0};
	size_t count;

	if (!s || !p || node_arity(g, n, 1, TERMS, e) < 0)
		return -1;
	for (size_t k = 0; k < n->n_inputs; k++)
		if (!node_float(g, n, k, e))
			return -1;
	p->g = g;
	p->n = n;
	s->terms = n->n_inputs;
	if (parse(p, s->terms, e) < 0)
		return -1;
	out.rank = p->out.rank;
	for (int i = 0; i < out.rank; i++)
		out.dims[i] = p->dims[p->out.labels[i]];
	if (!shape_count(&out, &count))
		return node_fail(g, n, e, "its output is too large");
	for (int i = 0; i < out.rank; i++)
		p->out.strides[p->out.labels[i]] = shape_product(&out, i + 1, out.rank);
	arrange(p, s);
	s->labels = p;
	for (size_t k = 0; k < s->terms; k++)
		if (s->in[k].kept.count > COUNT_LIMIT)
			return node_fail(g, n, e, "it is too large on the way");
	n->params = s;
	return node_set(g, n, 0, KIND_FLOAT, &out, e);
}

/* Both operands packed, and the product. */
size_t einsum_scratch(const struct graph *g, const struct node *n)
{
	const struct einsum *s = n->params;

	(void)g;
	return s->in[0].kept.count + s->in[1].kept.count + s->out.count;
}

static void pack(const struct packing *p, const float *x, float *y)
{
	int last = p->kept.rank - 1;
	size_t n = last < 0 ? 1 : p->kept.dims[last];
	size_t stride = last < 0 ? 0 : p->kept.strides[last];

	for (size_t i = 0; i < p->kept.count; i += n) {
		const float *line = x + axes_offset(&p->kept, last < 0 ? 0 : last, i / n);

		for (size_t k = 0; k < n; k++, line += stride) {
			double sum = 0;

			for (size_t m = 0; m < p->summed.count; m++)
				sum += line[axes_offset(&p->summed, p->summed.rank, m)];
			y[i + k] = (float)sum;
		}
	}
}

int einsum_run(const struct run *r, struct error *e)
{
	const struct einsum *s = r->node->params;
	float *a = r->scratch, *b = a + s->in[0].kept.count, *y = b + s->in[1].kept.count;
	float *out = r->out[0];

	(void)e;
	if (s->out.count == 0)
		return 0;
	pack(&s->in[0], r->in[0], a);
	if (s->terms == 1)
		y = a;
	else
		pack(&s->in[1], r->in[1], b);
	for (size_t i = 0; s->terms == 2 && i < s->batch; i++)
		matrix_product(y + i * s->m * s->n, a + i * s->m * s->k, b + i * s->k * s->n,
		               s->m, s->n, s->k, false, false, 1);
	for (size_t i = 0; i < s->out.count; i++)
		out[axes_offset(&s->out, s->out.rank, i)] = y[i];
	return 0;
}

/* The map of the only operand that depends on the image stays where its labels go. */
void geometry_einsum(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct parser *p = ((const struct einsum *)n->params)->labels;
	size_t k = node_input(g, n, 0)->constant ? 1 : 0;
	const struct geometry *in = &node_input(g, n, k)->geometry;
	int axis[2];

	if (in->kind == GEOMETRY_GLOBAL ||
	    (n->n_inputs == 2 && !node_input(g, n, !k)->constant)) {
		geometry_whole_image(g, n, out);
		return;
	}
	*out = *in;
	for (int i = 0; i < 2; i++)
		axis[i] = axis_of(&p->out, p->in[k].labels[in->axis[i]]);
	if (in->kind == GEOMETRY_UNKNOWN) {
		return;
	} else if (axis[0] < 0 && axis[1] < 0) {
		geometry_whole_image(g, n, out);
	} else if (axis[0] < 0 || axis[1] < 0) {
		geometry_lose(out, "it is a sum along one axis of a map");
	} else {
		out->axis[0] = axis[0];
		out->axis[1] = axis[1];
	}
}
