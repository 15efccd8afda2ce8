/* sampler.c -- see sampler.h. */
#include "dissect/sampler.h"

#include <inttypes.h>

void sampler_free(struct sampler *s)
{
	tail_free(s->tail);
	sketch_free(s->sketch);
	refinement_free(s->refinement);
	*s = (struct sampler){0};
}

int sampler_add(struct sampler *s, const float *maps, struct error *e)
{
	if (s->tail)
		return tail_add(s->tail, maps, s->cells, e);
	if (!s->refinement)
		return sketch_add(s->sketch, maps, s->cells, e);
	refinement_add(s->refinement, maps, s->cells);
	return 0;
}

int sampler_check(const struct sampler *s, const struct level *level, struct error *e)
{
	const uint64_t samples = s->tail ? tail_samples(s->tail) : sketch_samples(s->sketch, 0);

	for (size_t k = 0; s->sketch && k < s->units; k++)
		if (sketch_samples(s->sketch, k) != samples)
			return error_set(e, EXIT_MALFORMED,
			                 "unit %zu has %" PRIu64
			                 " samples, unit 1 has %" PRIu64,
			                 k + 1, sketch_samples(s->sketch, k), samples);
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
	s->refinement = refinement_new(s->sketch, level, e);
	return s->refinement ? 0 : -1;
}

int sampler_thresholds(const struct sampler *s, const struct level *level,
                       struct threshold *thresholds, struct error *e)
{
	if (s->tail)
		tail_thresholds(s->tail, level, thresholds);
	else
		sketch_thresholds(s->sketch, level, thresholds);
	return s->refinement ? refinement_apply(s->refinement, thresholds, e) : 0;
}
