/* samples.c -- see samples.h. */
#include "stage/samples.h"
#include "base/memory.h"
#include "record/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(sizeof(struct threshold) == NDR_THRESH_FIELDS * sizeof(double),
               "a threshold is a row of THRESH");

uint64_t samples_most_items(const struct ndr_segment *s)
{
	if (s->range.most == NDR_UNBOUNDED)
		return s->meta.items ? s->meta.items : UINT64_MAX;
	return s->meta.items > s->range.most ? s->meta.items : s->range.most;
}

void samples_init(struct samples *s)
{
	*s = (struct samples){0};
	for (size_t i = 0; i < SAMPLES_STRIPES; i++)
		pthread_mutex_init(&s->lock[i], NULL);
}

void samples_clear(struct samples *s)
{
	for (size_t i = 0; i < s->layers; i++)
		sampler_free(&s->layer[i]);
	free(s->layer);
	s->layer = NULL;
	s->layers = 0;
	s->method = SAMPLER_UNDECIDED;
	s->merged = false;
}

/* Where an error is that the memory was too little for a layer's sketches: how many MiB to
 * try.  0: it is not. */
static uint64_t more_memory(const struct samples *s, size_t layer)
{
	const uint64_t mib = s->memory >> 20;
	uint64_t units = 0, usual;

	for (size_t i = 0; i < s->layers; i++)
		units += s->layer[i].units;
	usual = (sketch_usual_bytes(units) >> 20) + 1;
	if (!s->layer || !s->method || s->method == SAMPLER_TAILS ||
	    s->method == SAMPLER_PARTS ||
	    (s->layer[layer].sketch && !sketch_is_full(s->layer[layer].sketch)))
		return 0;
	return usual > mib ? usual : 2 * mib;
}

/* Say of an error where it was, and what helps. */
static int refuse(const struct samples *s, const struct ndr_meta *m,
                  const struct ndr_item *item, uint32_t layer, const struct error *why,
                  struct error *e)
{
	const uint64_t more = more_memory(s, layer);
	char help[48] = "";

	if (more)
		snprintf(help, sizeof help, ": try --memory %" PRIu64, more);
	return error_set(e, why->code, "%s: layer %s: %s%s", item->input, m->layer[layer].name,
	                 why->text, help);
}

static bool has_samples(const struct ndr_record *rec)
{
	return rec->type == NDR_ACT || rec->type == NDR_SKETCH || rec->type == NDR_TAIL;
}

static int begin(struct samples *s, const struct ndr_meta *m, const struct sampler_plan *plan,
                 enum sampler_method method, struct error *e)
{
	s->memory = s->left = plan->memory;
	s->layer = memory_new(m->layers, sizeof *s->layer, e);
	if (!s->layer)
		return -1;
	s->layers = m->layers;
	for (size_t i = 0; i < s->layers; i++) {
		s->layer[i].units = m->layer[i].units;
		s->layer[i].cells = (size_t)m->layer[i].height * m->layer[i].width;
	}
	s->method = method ? method : sampler_choose(s->layer, s->layers, plan, e);
	if (s->method == SAMPLER_PARTS) /* what they keep, the first part says */
		return 0;
	return s->method ? sampler_open(s->layer, s->layers, plan, s->method, e) : -1;
}

static enum sampler_method method_of(unsigned type, enum sampler_method wanted)
{
	if (type == NDR_SKETCH)
		return SAMPLER_SKETCHES;
	return type == NDR_TAIL ? SAMPLER_PARTS : wanted;
}

static int open_parts(struct samples *s, const struct ndr_record *rec, struct error *e)
{
	struct sampler *layer = &s->layer[rec->group];
	const uint64_t keep = ndr_tail_view(rec).keep;

	if (s->method != SAMPLER_PARTS)
		return error_set(e, EXIT_MALFORMED,
		                 "tails (TAIL) among activations or sketches do not join them");
	if (!layer->tail)
		return sampler_open_parts(layer, keep, &s->left, e);
	if (tail_keep(layer->tail) == keep)
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "tails (TAIL) of parts that keep different numbers of samples do not "
	                 "make one");
}

int samples_arrive(struct samples *s, const struct ndr_meta *m, const struct ndr_item *item,
                   const struct sampler_plan *plan, enum sampler_method wanted, struct error *e)
{
	struct error why = {0};
	int chosen = 0;

	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];
		int status = 0;

		if (!has_samples(rec))
			continue;
		if (!s->method) {
			s->merged = rec->type != NDR_ACT;
			status = begin(s, m, plan, method_of(rec->type, wanted), &why);
			chosen = 1;
		}
		if (status == 0 && rec->type == NDR_TAIL)
			status = open_parts(s, rec, &why);
		if (status < 0)
			return refuse(s, m, item, rec->group, &why, e);
	}
	return chosen;
}

static int merge_sketch(struct samples *s, const struct ndr_record *rec, struct error *e)
{
	int status;

	if (s->method != SAMPLER_SKETCHES)
		return error_set(e, EXIT_MALFORMED,
		                 "sketches among activations: only --sketch joins them");
	for (size_t i = 0; i < SAMPLES_STRIPES; i++) /* which unit's it is, the merge finds */
		pthread_mutex_lock(&s->lock[i]);
	status = sketch_merge(s->layer[rec->group].sketch, rec->data, rec->length, e);
	for (size_t i = 0; i < SAMPLES_STRIPES; i++)
		pthread_mutex_unlock(&s->lock[i]);
	return status;
}

static int merge_tail(struct samples *s, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_tail t = ndr_tail_view(rec);
	const struct tail_part part = {t.samples, t.ties, t.count, t.min, t.max, t.values};
	pthread_mutex_t *lock = &s->lock[t.unit % SAMPLES_STRIPES];
	int status;

	pthread_mutex_lock(lock);
	status = tail_merge(s->layer[rec->group].tail, t.unit, &part, e);
	pthread_mutex_unlock(lock);
	return status;
}

static int add_record(struct samples *s, const struct ndr_record *rec, size_t thread,
                      struct error *e)
{
	struct sampler *layer = &s->layer[rec->group];
	int status = 0;

	if (rec->type == NDR_SKETCH)
		return merge_sketch(s, rec, e);
	if (rec->type == NDR_TAIL)
		return merge_tail(s, rec, e);
	if (s->method == SAMPLER_PARTS)
		return error_set(e, EXIT_MALFORMED,
		                 "activations among tails (TAIL) do not join them");
	/* Each thread begins at another stripe, so that none follows one closely. */
	for (size_t i = 0; i < SAMPLES_STRIPES && status == 0; i++) {
		const size_t stripe = (i + thread) % SAMPLES_STRIPES;
		const struct units units = {stripe * layer->units / SAMPLES_STRIPES,
		                            (stripe + 1) * layer->units / SAMPLES_STRIPES};

		if (units.first == units.end)
			continue;
		pthread_mutex_lock(&s->lock[stripe]);
		status = sampler_add(layer, rec->data, units, e);
		pthread_mutex_unlock(&s->lock[stripe]);
	}
	return status;
}

int samples_add(struct samples *s, const struct ndr_meta *m, const struct ndr_item *item,
                size_t thread, struct error *e)
{
	struct error why = {0};

	for (size_t i = 0; i < item->count; i++) {
		const struct ndr_record *rec = &item->record[i];

		if (has_samples(rec) && add_record(s, rec, thread, &why) < 0)
			return refuse(s, m, item, rec->group, &why, e);
	}
	return 0;
}

int samples_check(const struct samples *s, const struct level *level, const struct ndr_meta *m,
                  struct error *e)
{
	for (size_t i = 0; i < s->layers; i++) {
		struct error why = {0};

		if (sampler_check(&s->layer[i], level, &why) == 0)
			continue;
		if (s->method == SAMPLER_PARTS && why.code == EXIT_SYSTEM)
			return error_set(e, EXIT_USAGE,
			                 "layer %s: of the samples of a unit, parts keep the "
			                 "largest %" PRIu64
			                 ", which do not reach to this level",
			                 m->layer[i].name, tail_keep(s->layer[i].tail));
		return error_set(e, why.code, "layer %s: %s%s", m->layer[i].name, why.text,
		                 why.code == EXIT_SYSTEM && !s->merged
		                         ? ": give a file as operand, which is read twice, "
		                           "or --sketch"
		                         : "");
	}
	return 0;
}

int samples_again(struct samples *s, const struct level *level, struct error *e)
{
	for (size_t i = 0; i < s->layers; i++)
		if (sampler_again(&s->layer[i], level, e) < 0)
			return -1;
	return 0;
}

int samples_thresholds(const struct samples *s, size_t layer, const struct level *level,
                       struct ndr_item *out, struct error *e)
{
	const struct sampler *l = &s->layer[layer];
	const struct ndr_record rec = {
	        .type = NDR_THRESH,
	        .group = (uint32_t)layer,
	        .dtype = NDR_F64,
	        .ndim = 2,
	        .dims = {(uint32_t)l->units, NDR_THRESH_FIELDS},
	};
	struct threshold *thresholds = ndr_item_add(out, &rec, e);

	return thresholds ? sampler_thresholds(l, level, thresholds, e) : -1;
}

int samples_sketches(const struct samples *s, size_t layer, struct ndr_item *out,
                     struct error *e)
{
	const struct sampler *l = &s->layer[layer];

	for (size_t k = 0; k < l->units; k++) {
		const struct ndr_record rec = {
		        .type = NDR_SKETCH,
		        .group = (uint32_t)layer,
		        .dtype = NDR_BYTES,
		        .ndim = 1,
		        .dims = {(uint32_t)sketch_encoded_size(l->sketch, k)},
		};
		void *bytes = ndr_item_add(out, &rec, e);

		if (!bytes)
			return -1;
		sketch_encode(l->sketch, k, bytes);
	}
	return 0;
}

int samples_tail(struct samples *s, size_t layer, size_t unit, struct ndr_item *out,
                 struct error *e)
{
	struct tail *tail = s->layer[layer].tail;
	const struct tail_part part = tail_part(tail, unit);
	const struct ndr_tail t = {
	        .unit = (uint32_t)unit,
	        .samples = part.samples,
	        .keep = tail_keep(tail),
	        .count = part.count,
	        .ties = part.ties,
	        .min = part.min,
	        .max = part.max,
	};
	float *values = ndr_tail_add(out, (uint32_t)layer, &t, e);

	if (!values)
		return -1;
	tail_values(tail, unit, values);
	return 0;
}
