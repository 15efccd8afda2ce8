/* plan.c -- which nodes the wanted tensors need; see plan.h. */
#include "plan/plan.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/literal.h"
#include "operator/table.h"
#include "plan/constants.h"
#include "plan/fuse.h"
#include "plan/layout.h"
#include "plan/memory.h"
#include "plan/pairs.h"

/* Tuned; see kernel/algorithm.h. */
enum {
	HEAVY = 4,               /* weights for a value of the maps, from which on they are */
	BUNDLE_VALUES = 1 << 22, /* of a step's maps, all images of a bundle */
	FEW = 8,                 /* images are a bundle where they come one by one */
};

static bool makes(const struct node *n, size_t tensor)
{
	for (size_t k = 0; k < n->n_outputs; k++)
		if (tensor != NO_TENSOR && n->outputs[k] == tensor)
			return true;
	return false;
}

/* Mark nodes and tensors from the wanted ones backwards.  Constants that are known, or
 * stand in the file, need no node. */
static int mark_needed(const struct plan *p, bool *needed, bool *live, struct error *e)
{
	const struct graph *g = p->graph;
	size_t t;

	for (size_t i = 0; i < p->n_wanted; i++)
		live[p->wanted[i]] = true;
	for (size_t i = g->n_nodes; i-- > 0;) {
		const struct node *n = &g->nodes[i];

		for (size_t k = 0; k < n->n_outputs; k++) {
			t = n->outputs[k];
			if (t != NO_TENSOR && live[t] && t != p->given[GIVEN_TENSOR] &&
			    !g->tensors[t].data && !g->tensors[t].literal)
				needed[i] = true;
		}
		if (!needed[i])
			continue;
		if (makes(n, p->given[GIVEN_TENSOR]))
			return error_set(e, EXIT_USAGE,
			                 "%s: tensor %s is not all that its node makes: the "
			                 "network cannot be resumed there",
			                 g->path, g->tensors[p->given[GIVEN_TENSOR]].name);
		if (n->fault)
			return error_set(e, EXIT_MALFORMED, "%s", n->fault);
		for (size_t k = 0; k < n->n_inputs; k++)
			if (n->inputs[k] != NO_TENSOR)
				live[n->inputs[k]] = true;
	}
	return 0;
}

/* Read a literal, or copy values, and multiply what is of a unit. */
static float *read_weights(const struct step *s, const struct tensor *w, const void *values,
                           struct error *e)
{
	const int axis = s->node->op->units ? s->node->op->units(s->node) : 0;
	const size_t units = axis >= 0 && axis < w->shape.rank ? w->shape.dims[axis] : 1;
	const size_t inner = shape_product(&w->shape, axis + 1, w->shape.rank);
	float *out = memory_raw(w->count, sizeof *out, e);

	if (!out)
		return NULL;
	if (values == w->literal)
		literal_read(w->literal, out);
	else
		memcpy(out, values, w->count * sizeof *out);
	for (size_t at = 0; at < w->count && s->scale; at += inner)
		for (size_t i = 0; i < inner; i++)
			out[at + i] = (float)(out[at + i] * s->scale[at / inner % units]);
	return out;
}

size_t plan_parts(const struct plan *p)
{
	return p->n_steps;
}

int plan_prepare(struct plan *p, size_t part, struct error *e)
{
	struct step *s = &p->steps[part];
	const struct tensor *w =
	        s->node ? node_input(p->graph, s->node, WEIGHED_WEIGHTS) : NULL;
	const void *values =
	        w && w->constant ? p->values[s->node->inputs[WEIGHED_WEIGHTS]] : NULL;

	if (!s->node || s->ready)
		return 0;
	s->ready = true;
	if (values && (s->scale || values == w->literal)) {
		values = s->weights = read_weights(s, w, values, e);
		if (!values)
			return -1;
	}
	if (plan_prepare_node(p, s->node, values, part < p->head ? 1 : p->bundle, &s->prepared,
	                      e) < 0)
		return -1;
	if (s->prepared.weights) {
		free(s->weights);
		s->weights = NULL;
	}
	return 0;
}

/* Values of a step's first input and output. */
static size_t map_values(const struct plan *p, const struct step *s)
{
	const size_t ends[] = {s->n_inputs ? s->inputs[0] : NO_TENSOR,
	                       s->n_outputs ? s->outputs[0] : NO_TENSOR};
	size_t sum = 0;

	for (size_t i = 0; i < 2; i++)
		if (ends[i] != NO_TENSOR)
			sum += p->graph->tensors[plan_tensor(p, ends[i])].count;
	return sum;
}

/* Are the weights of a step what its time goes into reading, image by image? */
static bool is_heavy(const struct plan *p, const struct step *s)
{
	return s->node && s->node->op->weight_floats && s->outputs[0] != NO_TENSOR &&
	       s->node->op->weight_floats(s->node, p->choice) > HEAVY * map_values(p, s);
}

/* Where a network resumes, there is little to do but to read weights for many images. */
static size_t most_images(const struct plan *p)
{
	const size_t from = p->given[GIVEN_TENSOR];
	const size_t most =
	        from == NO_TENSOR ? FEW : BUNDLE_VALUES / (p->graph->tensors[from].count + 1);

	return most < FEW ? FEW : most > PLAN_BUNDLE ? PLAN_BUNDLE : most;
}

/* The tail begins where weights are heavy. */
static void choose_bundle(struct plan *p)
{
	size_t largest = 1, values;
	const size_t most = most_images(p);

	p->bundle = 1;
	for (p->head = 0; p->head < p->n_steps; p->head++)
		if (is_heavy(p, &p->steps[p->head]))
			break;
	for (size_t i = p->head; i < p->n_steps; i++) {
		values = map_values(p, &p->steps[i]);
		largest = values > largest ? values : largest;
	}
	if (p->head < p->n_steps)
		p->bundle = BUNDLE_VALUES / largest;
	p->bundle = p->bundle < 1 ? 1 : p->bundle > most ? most : p->bundle;
	if (p->bundle == 1)
		p->head = p->n_steps;
}

/* Which wanted values are there at the end of the head: constants, the image and what its
 * steps make. */
static void find_early(struct plan *p)
{
	for (size_t k = 0; k < p->n_wanted; k++) {
		p->early[k] = p->graph->tensors[plan_tensor(p, p->wanted[k])].constant ||
		              p->wanted[k] == p->given[GIVEN_IMAGE] ||
		              p->wanted[k] == p->given[GIVEN_TENSOR];
		for (size_t i = 0; i < p->head; i++)
			for (size_t m = 0; m < p->steps[i].n_outputs; m++)
				p->early[k] |= p->steps[i].outputs[m] == p->wanted[k];
	}
}

/* Room for the lists of all steps: those of nodes, and of values in another order. */
static int start_lists(struct plan *p, struct error *e)
{
	const struct graph *g = p->graph;
	size_t n = 4 * g->n_tensors;

	for (size_t i = 0; i < g->n_nodes; i++)
		n += g->nodes[i].n_inputs + g->nodes[i].n_outputs + 4;
	p->lists = memory_new(n, sizeof *p->lists, e);
	p->steps = memory_new(g->n_nodes, sizeof *p->steps, e);
	return p->lists && p->steps ? 0 : -1;
}

static int make(struct plan *p, bool *needed, bool *live, struct error *e)
{
	if (mark_needed(p, needed, live, e) < 0)
		return -1;
	p->needs_image = p->given[GIVEN_IMAGE] != NO_TENSOR && live[p->given[GIVEN_IMAGE]];
	if (plan_load_constants(p, needed, live, e) < 0 || start_lists(p, e) < 0 ||
	    plan_fuse(p, needed, p->values, e) < 0 || plan_layout(p, p->values, e) < 0)
		return -1;
	choose_bundle(p);
	find_early(p);
	return plan_pair(p, e);
}

/* Free weights that only went into folded or packed ones, and constants of constants. */
static int drop_unread(struct plan *p, struct error *e)
{
	size_t n = 2 * p->graph->n_tensors;
	bool *read = memory_new(n, sizeof *read, e);

	if (!read)
		return -1;
	for (size_t i = 0; i < p->n_wanted; i++)
		read[p->wanted[i]] = true;
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];

		for (size_t k = 0; k < s->n_inputs; k++)
			if (s->inputs[k] != NO_TENSOR && !(s->prepared.weights && k == 1) &&
			    !(s->bias && k == 2))
				read[s->inputs[k]] = true;
	}
	for (size_t v = 0; v < n; v++) {
		if (read[v])
			continue;
		free(p->owned[v]);
		p->owned[v] = NULL;
	}
	free(read);
	return 0;
}

int plan_finish(struct plan *p, struct error *e)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		if (plan_prepare(p, i, e) < 0)
			return -1;
		if (p->steps[i].prepared.scratch > p->scratch)
			p->scratch = p->steps[i].prepared.scratch;
		if (p->steps[i].pair > p->scratch)
			p->scratch = p->steps[i].pair;
	}
	if (plan_lay_in_memory(p, p->values, e) < 0)
		return -1;
	free(p->values);
	p->values = NULL;
	return drop_unread(p, e);
}

struct plan *plan_new(const struct graph *g, const size_t *tensors, size_t n,
                      enum convolution_choice choice, struct error *e)
{
	return plan_resume(g, NO_TENSOR, tensors, n, choice, e);
}

struct plan *plan_resume(const struct graph *g, size_t from, const size_t *tensors, size_t n,
                         enum convolution_choice choice, struct error *e)
{
	struct plan *p = memory_new(1, sizeof *p, e);
	bool *needed = memory_new(g->n_nodes, sizeof *needed, e);
	bool *live = memory_new(g->n_tensors, sizeof *live, e);
	int r = -1;

	if (p && needed && live) {
		p->graph = g;
		p->given[GIVEN_IMAGE] = from == g->input ? NO_TENSOR : g->input;
		p->given[GIVEN_TENSOR] = from;
		p->choice = choice;
		p->n_wanted = n;
		p->wanted = memory_new(n, sizeof *p->wanted, e);
		p->early = memory_new(n, sizeof *p->early, e);
		p->views = memory_new(n, sizeof *p->views, e);
		p->owned = memory_new(2 * g->n_tensors, sizeof *p->owned, e);
		p->values = memory_new(2 * g->n_tensors, sizeof *p->values, e);
		if (p->wanted && p->early && p->views && p->owned && p->values) {
			memcpy(p->wanted, tensors, n * sizeof *tensors);
			r = make(p, needed, live, e);
		}
	}
	free(needed);
	free(live);
	if (r != 0) {
		plan_free(p);
		return NULL;
	}
	openblas_set_num_threads(1);
	return p;
}

void plan_show(struct plan *p, size_t k, const struct plan_view *view)
{
	p->views[k] = *view;
}

void plan_show_given(struct plan *p, const struct plan_view *view)
{
	p->given_view = *view;
}

size_t plan_bundle(const struct plan *p)
{
	return p->bundle;
}

bool plan_needs_image(const struct plan *p)
{
	return p->needs_image;
}

const struct operator_table *plan_operators(void)
{
	return &operator_table;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; p->owned && i < 2 * p->graph->n_tensors; i++)
		free(p->owned[i]);
	for (size_t i = 0; i < p->n_steps; i++) {
		free(p->steps[i].scale);
		free(p->steps[i].weights);
		free(p->steps[i].bias);
		free(p->steps[i].prepared.weights);
	}
	free(p->owned);
	free(p->values);
	free(p->lists);
	free(p->early);
	free(p->views);
	free(p->steps);
	free(p->composed);
	free(p->locations);
	free(p->wanted);
	free(p);
}
