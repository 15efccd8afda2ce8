/* study.c -- see study.h. */
#include "removal/study.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "dissect/match.h"
#include "tool/parallel.h"

/* ---- sets without which the network runs ---- */

struct lot {
	struct study *study;
	struct removal_sets *sets;
	int side;
	size_t next, done;
	size_t *of; /* (slots): the set in each */
};

static int logits_of(void *forward, const float *const *map, size_t n, float *const *out,
                     size_t thread, struct error *e)
{
	return forward_values(forward, map, n, out, thread, e);
}

static int next_set(void *lot, size_t slot, struct error *e)
{
	struct lot *l = lot;

	(void)e;
	if (l->next == l->sets->count)
		return 0;
	l->of[slot] = l->next++;
	return 1;
}

static int measure_set(void *lot, size_t slot, size_t thread, struct error *e)
{
	struct lot *l = lot;
	struct study *s = l->study;
	struct removal_set *set = &l->sets->set[l->of[slot]];
	struct removal_work *w = &s->work[thread];
	const size_t n = s->removal->classes.count * REMOVAL_MEASURES;

	if (removal_measure(s->removal, set->unit, set->size, l->side, w, logits_of, s->forward,
	                    thread, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		set->drop[i] = s->removal->base[l->side][i] - w->measure[i];
	return 0;
}

static int count_set(void *lot, size_t slot, struct error *e)
{
	struct lot *l = lot;

	(void)slot, (void)e;
	tool_progress(l->study->tool, ++l->done, l->sets->count);
	return 0;
}

static int measure(struct study *s, struct removal_sets *sets, int side)
{
	const size_t slots = PARALLEL_SLOTS(s->tool->threads);
	struct lot l = {.study = s, .sets = sets, .side = side};
	const struct parallel p = {.fill = next_set,
	                           .work = measure_set,
	                           .drain = count_set,
	                           .ctx = &l,
	                           .threads = s->tool->threads,
	                           .slots = slots};
	int status;

	l.of = memory_new(slots, sizeof *l.of, &s->tool->error);
	status = l.of ? parallel_run(&p, &s->tool->error) : -1;
	free(l.of);
	return status;
}

/* With all units. */
static int measure_base(struct study *s)
{
	struct removal *r = s->removal;
	struct error *e = &s->tool->error;

	s->work = memory_new(s->tool->threads, sizeof *s->work, e);
	if (!s->work)
		return -1;
	for (; s->works < s->tool->threads; s->works++)
		if (removal_work_open(&s->work[s->works], r, s->forward->group, e) < 0)
			return s->works++, -1;
	for (int side = 0; side < REMOVAL_SIDES; side++) {
		if (removal_measure(r, NULL, 0, side, s->work, logits_of, s->forward, 0, e) < 0)
			return -1;
		for (size_t i = 0; i < r->classes.count * REMOVAL_MEASURES; i++)
			r->base[side][i] = s->work->measure[i];
	}
	return 0;
}

/* ---- which sets ---- */

static int check_memory(const struct study *s, size_t own, uint64_t each)
{
	const double bytes = (double)own * ((double)each + 1) *
	                     (double)s->removal->classes.count * REMOVAL_MEASURES *
	                     sizeof(double);

	if (bytes <= (double)s->removal->choice->bytes)
		return 0;
	return error_set(&s->tool->error, EXIT_SYSTEM,
	                 "%zu sets and %" PRIu64
	                 " random ones for each take more than --memory, %" PRIu64 " MiB",
	                 own, each, s->removal->choice->bytes >> 20);
}

/* So many random ones for each that is there. */
static int add_random(struct study *s, struct removal_sets *sets, const struct match *m,
                      uint64_t each, struct xoshiro *x)
{
	struct error *e = &s->tool->error;
	const size_t own = sets->count;
	uint32_t *drawn = memory_new(m->units, sizeof *drawn, e);
	uint8_t *taken = memory_new(m->units, 1, e);
	int status = drawn && taken ? check_memory(s, own, each) : -1;

	for (size_t i = 0; i < own && status == 0; i++)
		for (uint64_t k = 1; k <= each && status == 0; k++) {
			const struct removal_set set = sets->set[i];

			match_draw(m, x, set.unit, set.size, taken, drawn);
			if (!removal_sets_add(sets, s->removal, set.of, k, drawn, set.size, e))
				status = -1;
		}
	free(drawn);
	free(taken);
	return status;
}

static int find_norms(struct study *s)
{
	struct error *e = &s->tool->error;
	int known;

	s->norm = memory_new(s->removal->units, sizeof *s->norm, e);
	known = s->norm ? forward_outgoing(s->forward, s->norm, e) : -1;
	if (known != 0)
		return known < 0 ? -1 : 0;
	free(s->norm);
	s->norm = NULL;
	tool_warn(s->tool, "the layer's units are mixed without weights that are theirs: "
	                   "random sets match means alone");
	return 0;
}

/* For all classes that have any, so that those of a size, which stand for all, are enough. */
static uint64_t random_of_classes(const struct study *s)
{
	size_t classes = 0;

	for (size_t i = 0; i < s->of_classes.count; i++)
		classes += s->of_classes.set[i].size == 1;
	return classes ? (s->random + classes - 1) / classes : 0;
}

int study_measure(struct study *s)
{
	struct removal *r = s->removal;
	struct error *e = &s->tool->error;
	struct xoshiro x = xoshiro_seed(s->seed);
	struct match m = {0};
	int status = measure_base(s);

	for (uint32_t u = 0; u < r->units && status == 0; u++)
		if (!removal_sets_add(&s->single, r, u, 0, &u, 1, e))
			status = -1;
	if (status == 0 &&
	    (check_memory(s, r->units, 0) < 0 || measure(s, &s->single, REMOVAL_TRAIN) < 0 ||
	     find_norms(s) < 0 || match_open(&m, r->mean, s->norm, r->units, s->near, e) < 0 ||
	     removal_concepts(&s->concepts, &s->of_concepts, r, s->result, s->cut,
	                      s->result_name, e) < 0 ||
	     add_random(s, &s->of_concepts, &m, s->random, &x) < 0 ||
	     removal_orders(&s->of_classes, r, s->single.set, e) < 0 ||
	     add_random(s, &s->of_classes, &m, random_of_classes(s), &x) < 0 ||
	     measure(s, &s->of_concepts, REMOVAL_TEST) < 0 ||
	     measure(s, &s->of_classes, REMOVAL_TEST) < 0))
		status = -1;
	match_free(&m);
	return status;
}

void study_free(struct study *s)
{
	for (size_t i = 0; i < s->works; i++)
		removal_work_free(&s->work[i]);
	free(s->work);
	free(s->norm);
	free(s->concepts.concept);
	removal_sets_free(&s->single);
	removal_sets_free(&s->of_concepts);
	removal_sets_free(&s->of_classes);
}
