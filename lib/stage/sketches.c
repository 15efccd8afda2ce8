/* sketches.c -- see sketches.h. */
#include "stage/sketches.h"
#include "base/memory.h"

#include <stdlib.h>

static struct sketches_of *find_layer(struct sketches *s, const struct ndr_meta *m,
                                      const struct ndr_record *rec, struct error *e)
{
	struct sketches_of *of;

	for (size_t i = 0; i < s->layers; i++)
		if (s->of[i].record.group == rec->group)
			return &s->of[i];
	if (memory_grow(&s->of, &s->capacity, s->layers + 1, sizeof(*s->of), e) < 0)
		return NULL;
	of = &s->of[s->layers++];
	of->record = *rec;
	of->sketch = sketch_new(m->layer[rec->group].units, s->limit, e);
	return of->sketch ? of : NULL;
}

int sketches_add(struct sketches *s, const struct ndr_meta *m, const struct ndr_record *rec,
                 struct error *e)
{
	struct sketches_of *of = find_layer(s, m, rec, e);

	return of ? sketch_merge(of->sketch, rec->data, rec->length, e) : -1;
}

static int write_layer(const struct sketches_of *of, size_t units, struct ndr_writer *w,
                       struct error *e)
{
	int status = 0;

	for (size_t unit = 0; unit < units && status == 0; unit++) {
		const size_t n = sketch_encoded_size(of->sketch, unit);
		struct ndr_record rec = of->record;
		void *state = memory_new(n, 1, e);

		if (!state)
			return -1;
		sketch_encode(of->sketch, unit, state);
		rec.dims[0] = (uint32_t)n;
		rec.data = state;
		if (sketch_samples(of->sketch, unit) > 0)
			status = ndr_write(w, &rec, e);
		free(state);
	}
	return status;
}

int sketches_write(const struct sketches *s, const struct ndr_meta *m, struct ndr_writer *w,
                   struct error *e)
{
	for (size_t i = 0; i < s->layers; i++)
		if (write_layer(&s->of[i], m->layer[s->of[i].record.group].units, w, e) < 0)
			return -1;
	return 0;
}

void sketches_free(struct sketches *s)
{
	for (size_t i = 0; i < s->layers; i++)
		sketch_free(s->of[i].sketch);
	free(s->of);
	*s = (struct sketches){0};
}
