/* report_streams.c -- the scores, thresholds and strongest images of a side, read from its
 * streams; see report_side.h. */
#include "stage/report_side.h"
#include "base/memory.h"
#include "record/summary.h"
#include "stage/thresholds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int record_function(struct reporting *r, size_t side, const struct ndr_segment *s,
                            const struct ndr_record *rec, struct error *e);

int side_find_layer(const struct reporting_side *s, const struct ndr_meta *m, struct error *e)
{
	const struct ndr_layer *l = layer_of(s);
	const int i = ndr_meta_find_layer(m, l->name);
	const struct ndr_layer *other = i < 0 ? NULL : &m->layer[i];

	if (i < 0)
		return error_set(e, EXIT_MALFORMED, "%s: no layer %.200s", s->path, l->name);
	if (other->units != l->units || other->height != l->height || other->width != l->width)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: layer %.200s has %ux%ux%u values, in the scores %ux%ux%u",
		                 s->path, l->name, other->units, other->height, other->width,
		                 l->units, l->height, l->width);
	if (strcmp(other->basis ? other->basis : "", l->basis ? l->basis : "") != 0)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: layer %.200s is of another basis than in the scores",
		                 s->path, l->name);
	return i;
}

static int read_records(struct reporting *r, size_t side, struct ndr_reader *in,
                        struct ndr_union *u, record_function *take, struct error *e)
{
	struct reporting_side *s = r->side[side];
	struct ndr_segment *segment;
	struct ndr_record rec;
	int more;

	while ((more = ndr_next_segment(in, &segment, e)) == 1) {
		if (ndr_union_add(u, segment, s->path, e) < 0 ||
		    take(r, side, segment, NULL, e) < 0)
			return -1;
		while ((more = ndr_read(in, &rec, e)) == 1)
			if (take(r, side, segment, &rec, e) < 0)
				return -1;
		if (more < 0)
			return -1;
		ndr_union_end(u, segment);
	}
	return more;
}

static int check_whole(const struct reporting_side *s, struct ndr_union *u, struct error *e)
{
	struct ndr_gap gap;

	return ndr_union_gap(u, &gap)
	               ? error_set(e, EXIT_MALFORMED,
	                           "%s: items %" PRIu32 " to %" PRIu32
	                           " of the data set are missing: ndr-cat merges shards",
	                           s->path, gap.first, gap.end - 1)
	               : 0;
}

static int side_name(struct reporting_side *s, const char *kind, struct error *e)
{
	free(s->path);
	if (asprintf(&s->path, "%s.%s.ndr", s->stem, kind) >= 0)
		return 0;
	s->path = NULL;
	return error_set(e, EXIT_SYSTEM, "no memory for a path");
}

struct ndr_reader *side_open(const struct reporting *r, struct reporting_side *s,
                             const char *kind, struct error *e)
{
	return side_name(s, kind, e) < 0
	               ? NULL
	               : ndr_open(&s->path, 1, r->choice->most_label_pixels, e);
}

/* Hand all records of STEM.kind.ndr to take(), with NULL where a segment begins. */
static int read_file(struct reporting *r, size_t side, const char *kind, record_function *take,
                     struct error *e)
{
	struct reporting_side *s = r->side[side];
	struct ndr_union u = {0};
	struct ndr_reader *in = side_open(r, s, kind, e);
	int status = in ? read_records(r, side, in, &u, take, e) : -1;
	ndr_close(in);
	if (status == 0)
		status = check_whole(s, &u, e);
	if (status == 0)
		status = ndr_provenance_unite(&s->provenance, &u.all.provenance, e);
	ndr_union_free(&u);
	return status;
}

static int take_score(struct reporting *r, size_t side, const struct ndr_segment *segment,
                      const struct ndr_record *rec, struct error *e)
{
	struct reporting_side *s = r->side[side];
	struct error why = {0};

	if (!rec) {
		if (s->scores.segments == 0 && ndr_meta_copy(&s->meta, &segment->meta, e) < 0)
			return -1;
		return scores_segment(&s->scores, segment, e);
	}
	if (scores_add(&s->scores, rec, &why) < 0)
		return error_set(e, why.code, "%s: %s", s->path, why.text);
	return 0;
}

/* Thresholds are those of thresholds.h, as for act-segment. */
static int keep_thresholds(struct reporting *r, size_t side, const struct thresholds *t,
                           struct error *e)
{
	struct reporting_side *s = r->side[side];
	const struct ndr_layer *l = layer_of(s);
	const float *bounds;
	const struct threshold *row;

	if (side_find_layer(s, &t->known, e) < 0)
		return -1;
	bounds = thresholds_find(t, l, e);
	row = bounds ? thresholds_rows(t, l, e) : NULL;
	s->bounds = row ? memory_new(l->units, sizeof *s->bounds, e) : NULL;
	if (!s->bounds)
		return -1;
	memcpy(s->bounds, bounds, l->units * sizeof *s->bounds);
	for (size_t k = 0; k < l->units; k++) {
		struct report_unit *unit = &r->report.side[side].unit[k];

		unit->threshold = row[k].t;
		unit->min = row[k].min;
		unit->max = row[k].max;
		unit->samples = row[k].samples;
		unit->above = row[k].above;
		unit->strict = s->bounds[k] > segment_bound(row[k].t, false);
	}
	return ndr_provenance_unite(&s->provenance, &t->provenance, e);
}

static int take_maps(struct reporting_side *s, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_layer *l = layer_of(s);
	const struct ndr_topmap m = ndr_topmap_view(rec);
	const size_t cells = (size_t)l->height * l->width;
	size_t all;

	if (!s->top)
		return error_set(e, EXIT_MALFORMED, "%s: maps without TOP", s->path);
	if (!s->maps) {
		if (!size_multiply(s->k, cells, &all) || !size_multiply(all, l->units, &all))
			return error_set(e, EXIT_SYSTEM, "%s: maps too large", s->path);
		s->maps = memory_new(all, sizeof *s->maps, e);
	}
	if (!s->maps)
		return -1;
	memcpy(s->maps + m.first * s->k * cells, m.maps,
	       m.units * s->k * cells * sizeof *s->maps);
	s->mapped += m.units;
	return 0;
}

static int take_top(struct reporting *r, size_t side, const struct ndr_segment *segment,
                    const struct ndr_record *rec, struct error *e)
{
	struct reporting_side *s = r->side[side];
	const int layer = side_find_layer(s, &segment->meta, e);
	size_t bytes;

	if (layer < 0)
		return -1;
	if (!rec || rec->group != (uint32_t)layer)
		return 0;
	if (rec->type == NDR_MAXIMA)
		return side_take_maxima(&r->report.side[side], r->choice->activations, rec, e);
	if (rec->type == NDR_TOPMAP)
		return take_maps(s, rec, e);
	if (rec->type != NDR_TOP)
		return 0;
	if (s->top)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: several segments: ndr-cat merges what shards found",
		                 s->path);
	s->k = rec->dims[1];
	bytes = (size_t)rec->length;
	s->top = memory_raw(bytes, 1, e);
	if (!s->top)
		return -1;
	memcpy(s->top, rec->data, bytes);
	return 0;
}

int side_read_scores(struct reporting *r, size_t side, struct error *e)
{
	return read_file(r, side, "score", take_score, e);
}

int side_read_thresholds(struct reporting *r, size_t side, struct error *e)
{
	struct reporting_side *s = r->side[side];
	struct thresholds t = {0};
	int status = side_name(s, "thr", e);

	if (status == 0)
		status = thresholds_read(&t, s->path, r->choice->strict,
		                         r->choice->most_label_pixels, e);
	if (status == 0)
		status = keep_thresholds(r, side, &t, e);
	thresholds_free(&t);
	return status;
}

int side_read_top(struct reporting *r, size_t side, struct error *e)
{
	return read_file(r, side, "top", take_top, e);
}
