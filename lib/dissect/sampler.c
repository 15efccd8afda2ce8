/* sampler.c -- see sampler.h. */
#include "dissect/sampler.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static uint64_t keep_of(const struct sampler *s, const struct sampler_plan *plan)
{
	return level_allowance(&plan->level, plan->items * s->cells) + 1;
}

enum sampler_method sampler_choose(const struct sampler *layers, size_t count,
                                   const struct sampler_plan *plan, struct error *e)
{
	const bool bounded = plan->items != UINT64_MAX;
	uint64_t needed = 0;

	if (plan->partial && plan->items == 0) {
		error_set(
		        e, EXIT_MALFORMED,
		        "META does not say how many items the data set has (dataset.items), so "
		        "how many samples a part must keep is not known: take --sketch");
		return SAMPLER_UNDECIDED;
	}
	for (size_t i = 0; bounded && i < count; i++) {
		uint64_t bytes = tail_bytes(layers[i].units, keep_of(&layers[i], plan));

		needed = bytes > UINT64_MAX - needed ? UINT64_MAX : needed + bytes;
	}
	if (bounded && needed <= plan->memory)
		return SAMPLER_TAILS;
	if (plan->partial) {
		error_set(e, EXIT_SYSTEM,
		          "the largest samples may take %" PRIu64
		          " MiB, but --memory is %" PRIu64 ": allow as many, or take --sketch",
		          (needed >> 20) + 1, plan->memory >> 20);
		return SAMPLER_UNDECIDED;
	}
	if (plan->repeatable)
		return SAMPLER_PASSES;
	if (!bounded) {
		uint64_t units = 0;

		for (size_t i = 0; i < count; i++)
			units += layers[i].units;
		if (tail_largest_keep(units, plan->memory) > 0)
			return SAMPLER_TAILS;
		needed = tail_bytes(units, 1);
	}
	error_set(e, EXIT_SYSTEM,
	          "the largest samples may take %" PRIu64 " MiB, but --memory is %" PRIu64
	          ": give a file as operand, which is read twice, or --sketch",
	          (needed >> 20) + 1, plan->memory >> 20);
	return SAMPLER_UNDECIDED;
}

int sampler_open(struct sampler *layers, size_t count, const struct sampler_plan *plan,
                 enum sampler_method method, struct error *e)
{
	uint64_t units = 0;

	for (size_t i = 0; i < count; i++)
		units += layers[i].units;
	for (size_t i = 0; i < count && !e->code; i++) {
		struct sampler *s = &layers[i];

		if (method != SAMPLER_TAILS) {
			const uint64_t share = plan->memory / units * s->units;

			s->sketch = sketch_new(s->units, share, e);
			if (method == SAMPLER_PASSES && refinement_bytes(s->units) > share)
				error_set(e, EXIT_SYSTEM,
				          "a second pass over %zu units takes %" PRIu64
				          " MiB more",
				          s->units, refinement_bytes(s->units) >> 20);
		} else if (plan->items == UINT64_MAX)
			s->tail = tail_new(s->units, tail_largest_keep(units, plan->memory), e);
		else
			s->tail = tail_new(s->units, keep_of(s, plan), e);
	}
	return e->code ? -1 : 0;
}

int sampler_open_parts(struct sampler *s, uint64_t keep, uint64_t *memory, struct error *e)
{
	const uint64_t bytes = tail_bytes(s->units, keep);

	if (bytes > *memory)
		return error_set(e, EXIT_SYSTEM,
		                 "the largest samples may take %" PRIu64
		                 " MiB, more than --memory leaves: allow as many",
		                 (bytes >> 20) + 1);
	*memory -= bytes;
	s->tail = tail_new(s->units, keep, e);
	return s->tail ? 0 : -1;
}

void sampler_free(struct sampler *s)
{
	tail_free(s->tail);
	sketch_free(s->sketch);
	free(s->first);
	refinement_free(s->refinement);
	*s = (struct sampler){0};
}

int sampler_add(struct sampler *s, const float *maps, struct units units, struct error *e)
{
	if (s->tail)
		return tail_add(s->tail, maps, s->cells, units, e);
	if (!s->refinement)
		return sketch_add(s->sketch, maps, s->cells, units, e);
	return refinement_add(s->refinement, maps, s->cells, units, e);
}

static uint64_t samples_of(const struct sampler *s, size_t unit)
{
	if (s->tail)
		return tail_samples(s->tail, unit);
	return s->sketch ? sketch_samples(s->sketch, unit) : 0;
}

int sampler_check(const struct sampler *s, const struct level *level, struct error *e)
{
	const uint64_t samples = samples_of(s, 0);

	for (size_t k = 0; k < s->units; k++)
		if (samples_of(s, k) != samples)
			return error_set(e, EXIT_MALFORMED,
			                 "unit %zu has %" PRIu64
			                 " samples, unit 1 has %" PRIu64,
			                 k + 1, samples_of(s, k), samples);
	if (samples == 0)
		return error_set(e, EXIT_MALFORMED, "no activations");
	if (s->tail && !tail_reaches(s->tail, level))
		return error_set(e, EXIT_SYSTEM,
		                 "%" PRIu64
		                 " samples of a unit are more than there was room for",
		                 samples);
	return 0;
}

int sampler_again(struct sampler *s, const struct level *level, struct error *e)
{
	s->first = memory_new(s->units, sizeof(*s->first), e);
	s->refinement = refinement_new(s->sketch, level, e);
	if (!s->first || !s->refinement)
		return -1;
	sketch_thresholds(s->sketch, level, s->first);
	sketch_free(s->sketch); /* its room is the refinement's now */
	s->sketch = NULL;
	return 0;
}

int sampler_thresholds(const struct sampler *s, const struct level *level,
                       struct threshold *thresholds, struct error *e)
{
	if (s->tail)
		tail_thresholds(s->tail, level, thresholds);
	else if (s->sketch)
		sketch_thresholds(s->sketch, level, thresholds);
	if (!s->refinement)
		return 0;
	memcpy(thresholds, s->first, s->units * sizeof(*thresholds));
	return refinement_apply(s->refinement, thresholds, e);
}
