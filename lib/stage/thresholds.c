/* thresholds.c -- see thresholds.h. */
#include "stage/thresholds.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static int read_layer(struct thresholds *t, const struct ndr_record *rec, struct error *e)
{
	const char *name = t->known.layer[rec->group].name;
	float **bounds = &t->bounds[rec->group];
	struct threshold **row = &t->row[rec->group];
	struct error why = {0};

	if (*bounds)
		return error_set(e, EXIT_MALFORMED, "%s: layer %s twice", t->file, name);
	*bounds = memory_new(rec->dims[0], sizeof(**bounds), e);
	*row = memory_new(rec->dims[0], sizeof(**row), e);
	if (!*bounds || !*row)
		return -1;
	memcpy(*row, rec->data, rec->dims[0] * sizeof(**row));
	if (segment_bounds(rec->data, rec->dims[0], t->strict, *bounds, &t->ties[rec->group],
	                   &why) < 0)
		return error_set(e, why.code, "%s: layer %s: %s", t->file, name, why.text);
	return 0;
}

static int read_all(struct thresholds *t, struct ndr_reader *in, struct error *e)
{
	struct ndr_segment *s;
	struct ndr_record rec;
	int more = ndr_next_segment(in, &s, e);

	if (more <= 0 || ndr_provenance_unite(&t->provenance, &s->provenance, e) < 0 ||
	    ndr_meta_copy(&t->known, &s->meta, e) < 0)
		return -1;
	t->bounds = memory_new(t->known.layers, sizeof(*t->bounds), e);
	t->row = memory_new(t->known.layers, sizeof(*t->row), e);
	t->ties = memory_new(t->known.layers, sizeof(*t->ties), e);
	if (!t->bounds || !t->row || !t->ties)
		return -1;
	while ((more = ndr_read(in, &rec, e)) == 1)
		if (rec.type == NDR_THRESH && read_layer(t, &rec, e) < 0)
			return -1;
	if (more == 0)
		more = ndr_next_segment(in, &s, e);
	return more == 1
	               ? error_set(e, EXIT_MALFORMED,
	                           "%s: several segments, but thresholds do not merge", t->file)
	               : more;
}

int thresholds_read(struct thresholds *t, const char *name, bool strict,
                    uint64_t most_label_pixels, struct error *e)
{
	struct ndr_reader *in = ndr_open((char **)&name, 1, most_label_pixels, e);
	int status;

	t->file = name;
	t->strict = strict;
	status = in ? read_all(t, in, e) : -1;
	ndr_close(in);
	return status;
}

/* The number of the layer that l is in t; -1 with e set if there is none. */
static int find_layer(const struct thresholds *t, const struct ndr_layer *l, struct error *e)
{
	int i = ndr_meta_find_layer(&t->known, l->name);
	const struct ndr_layer *known = i < 0 ? NULL : &t->known.layer[i];

	if (i < 0 || !t->bounds[i])
		error_set(e, EXIT_MALFORMED, "%s: no thresholds of layer %s", t->file, l->name);
	else if (known->units != l->units)
		error_set(e, EXIT_MALFORMED, "%s: layer %s has %u units, the input has %u",
		          t->file, l->name, known->units, l->units);
	else if (strcmp(known->basis ? known->basis : "", l->basis ? l->basis : "") != 0)
		error_set(e, EXIT_MALFORMED,
		          "%s: thresholds of layer %s are of another basis (%s) than the "
		          "input (%s)",
		          t->file, l->name, known->basis ? known->basis : "the model's",
		          l->basis ? l->basis : "the model's");
	else
		return i;
	return -1;
}

const float *thresholds_find(const struct thresholds *t, const struct ndr_layer *l,
                             struct error *e)
{
	const int i = find_layer(t, l, e);

	return i < 0 ? NULL : t->bounds[i];
}

const struct threshold *thresholds_rows(const struct thresholds *t, const struct ndr_layer *l,
                                        struct error *e)
{
	const int i = find_layer(t, l, e);

	return i < 0 ? NULL : t->row[i];
}

void thresholds_free(struct thresholds *t)
{
	for (size_t i = 0; t->bounds && i < t->known.layers; i++)
		free(t->bounds[i]);
	for (size_t i = 0; t->row && i < t->known.layers; i++)
		free(t->row[i]);
	free(t->bounds);
	free(t->row);
	free(t->ties);
	ndr_meta_free(&t->known);
	ndr_provenance_free(&t->provenance);
}
