/* operator.c -- see operator.h. */
#include "operator/operator.h"

#include "operator/blocked_shape.h"

size_t run_count(const struct run *r)
{
	const struct tensor *t = node_input(r->g, r->node, 0);

	return r->blocked ? blocked_count(shape_blocked_size(&t->shape)) : t->count;
}

/* Is its first output a map of floats? */
bool map_blocked(const struct graph *g, const struct node *n)
{
	const struct tensor *x = node_input(g, n, 0), *y = node_output(g, n, 0);

	return x && y && x->kind == KIND_FLOAT && y->kind == KIND_FLOAT &&
	       shape_is_blockable(&x->shape) && shape_is_blockable(&y->shape);
}

bool every_input_blocked(const struct node *n, size_t i, enum convolution_choice choice)
{
	(void)n;
	(void)i;
	(void)choice;
	return true;
}

void geometry_lose(struct geometry *out, const char *why)
{
	out->kind = GEOMETRY_UNKNOWN;
	out->folded.rank = 0;
	out->lost = why;
}

/* Cells that see the whole image. */
void geometry_whole_image(const struct graph *g, const struct node *n, struct geometry *out)
{
	const struct geometry *image = &g->tensors[g->input].geometry;

	(void)n;
	out->kind = image->kind == GEOMETRY_MAP ? GEOMETRY_GLOBAL : GEOMETRY_UNKNOWN;
	for (int i = 0; i < 2 && image->kind == GEOMETRY_MAP; i++) {
		double size = (double)g->tensors[g->input].shape.dims[image->axis[i]];

		out->field[i] = (struct receptive_field){(size - 1) / 2, size, size};
	}
}

void geometry_keep(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)g;
	(void)n;
	(void)out;
}

void geometry_lost(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)g;
	(void)n;
	geometry_lose(out, "its values are no cells of a map");
}

void geometry_map(const struct graph *g, const struct node *n, struct geometry *out)
{
	(void)g;
	(void)n;
	if (out->kind == GEOMETRY_TOKENS)
		geometry_lose(out, "its operator looks at tokens beside one another");
}
