/* formulas.c -- see formulas.h. */
#include "stage/formulas.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tool/parallel.h"

static const double CUT_STEPS = 200; /* to an IoU of 1 */

double formulas_cut(const struct formulas *f, size_t i)
{
	return i < FORMULAS_CUTS ? (double)(i + 1) / CUT_STEPS : f->choice->threshold;
}

/* ---- a stream ---- */

static void free_input(struct formulas_input *in)
{
	for (size_t i = 0; i < in->threads; i++) {
		if (in->search)
			formula_search_free(in->search[i]);
		if (in->both)
			free(in->both[i]);
		if (in->found)
			free(in->found[i]);
	}
	free(in->search);
	free(in->both);
	free(in->found);
	free(in->images);
	domain_free(&in->domain);
	*in = (struct formulas_input){0};
}

/* That a segment of any stream is whole, or was cut short on purpose. */
static int check_segment(const struct ndr_segment *s, struct error *e)
{
	const uint32_t end = s->range.cut > s->range.end ? s->range.cut : s->range.end;

	if (s->range.first > 0 || end < s->meta.items)
		return error_set(
		        e, EXIT_MALFORMED,
		        "a part of the data set: ndr-cat merges it with the others first");
	return 0;
}

static int begin_input(struct formulas *f, struct formulas_input *in, size_t threads,
                       struct error *e)
{
	in->search = memory_new(threads, sizeof *in->search, e);
	in->both = memory_new(threads, sizeof *in->both, e);
	in->found = memory_new(threads, sizeof *in->found, e);
	in->threads = threads;
	if (!in->search || !in->both || !in->found)
		return -1;
	return domain_begin(&in->domain, &f->meta, f->choice->domain, e);
}

/* Room for each thread, once there are classes. */
static int make_room(const struct formulas *f, struct formulas_input *in, struct error *e)
{
	for (size_t i = 0; i < in->threads; i++) {
		in->search[i] = formula_search_new(&in->domain.table, &f->choice->search, e);
		in->both[i] = memory_new(in->domain.table.classes, sizeof *in->both[i], e);
		in->found[i] = memory_new(f->choice->search.length, sizeof *in->found[i], e);
		if (!in->search[i] || !in->both[i] || !in->found[i])
			return -1;
	}
	return 0;
}

static int take_images(const struct formulas *f, struct formulas_input *in,
                       const struct ndr_record *rec, struct error *e)
{
	if (in->domain.place)
		return error_set(e, EXIT_MALFORMED, "COUNT after CLASSES");
	in->images = memory_new(f->meta.labels, sizeof *in->images, e);
	if (!in->images)
		return -1;
	memcpy(in->images, rec->data, f->meta.labels * sizeof *in->images);
	return 0;
}

/* That of a JOINT, if it is wanted. */
static struct formulas_layer *layer_of(const struct formulas *f, const struct ndr_record *rec)
{
	return rec->type == NDR_JOINT && f->layer[rec->group].wanted ? &f->layer[rec->group]
	                                                             : NULL;
}

/* ---- the stream that formulas are found in ---- */

static int begin_layers(struct formulas *f, struct error *e)
{
	f->layer = memory_new(f->meta.layers, sizeof *f->layer, e);
	if (!f->layer)
		return -1;
	f->layers = f->meta.layers;
	for (size_t i = 0; i < f->layers; i++) {
		struct formulas_layer *l = &f->layer[i];

		l->layer = &f->meta.layer[i];
		l->wanted = !f->choice->layer || strcmp(f->choice->layer, l->layer->name) == 0;
	}
	if (f->choice->layer && ndr_meta_find_layer(&f->meta, f->choice->layer) < 0)
		return error_set(e, EXIT_USAGE, "there is no layer '%s'", f->choice->layer);
	return 0;
}

/* Units are as many as have scores: what META says of them costs nothing. */
static int take_units(const struct formulas *f, const struct ndr_record *rec, struct error *e)
{
	const size_t cells = formulas_cell(f->choice->search.length + 1, 0);
	struct formulas_layer *l = &f->layer[rec->group];

	if (!l->wanted)
		return 0;
	l->unit = memory_new(rec->dims[0], sizeof *l->unit, e);
	l->observed = memory_new(cells, sizeof *l->observed, e);
	l->permuted = memory_new(cells, sizeof *l->permuted, e);
	if (!l->unit || !l->observed || !l->permuted)
		return -1;
	l->units = rec->dims[0];
	return 0;
}

int formulas_segment(struct formulas *f, const struct ndr_segment *s, size_t threads,
                     struct error *e)
{
	if (f->segments++ > 0)
		return error_set(e, EXIT_MALFORMED,
		                 "several segments: ndr-cat merges them first");
	if (check_segment(s, e) < 0 || ndr_meta_copy(&f->meta, &s->meta, e) < 0 ||
	    begin_layers(f, e) < 0)
		return -1;
	return begin_input(f, &f->main, threads, e);
}

int formulas_arrive(struct formulas *f, const struct ndr_record *rec, struct error *e)
{
	const struct formulas_layer *l = layer_of(f, rec);

	if (l && !l->unit)
		return error_set(e, EXIT_MALFORMED, "JOINT of layer %u before its SCORE",
		                 rec->group);
	switch (rec->type) {
	case NDR_SCORE:
		return take_units(f, rec, e);
	case NDR_COUNT:
		return take_images(f, &f->main, rec, e);
	case NDR_CLASSES:
		return domain_make(&f->main.domain, &f->meta, rec, f->main.images,
		                   f->choice->min_images, e) < 0
		               ? -1
		               : make_room(f, &f->main, e);
	default:
		return 0;
	}
}

static void count_cuts(const struct formulas *f, uint64_t *table, int64_t area,
                       const struct formula_found *found)
{
	for (size_t length = 1; length <= f->choice->search.length; length++) {
		const double iou = formula_iou(area, found[length - 1].counts);

		for (size_t i = 0; i <= FORMULAS_CUTS; i++)
			if (iou > formulas_cut(f, i))
				__atomic_fetch_add(&table[formulas_cell(length, i)], 1,
				                   __ATOMIC_RELAXED);
	}
}

int formulas_find(struct formulas *f, const struct ndr_record *rec, size_t thread,
                  struct error *e)
{
	struct formulas_layer *l = layer_of(f, rec);
	struct formulas_input *in = &f->main;
	struct formulas_unit *unit;
	struct ndr_joint j;

	if (!l)
		return 0;
	j = ndr_joint_view(rec);
	unit = &l->unit[j.unit];
	unit->found = memory_new(f->choice->search.length, sizeof *unit->found, e);
	if (!unit->found)
		return -1;
	unit->area = domain_unit(&in->domain, &j, in->both[thread]);
	formula_search_unit(in->search[thread], in->both[thread], unit->area, unit->found);
	count_cuts(f, l->observed, unit->area, unit->found);
	return 0;
}

void formulas_free(struct formulas *f)
{
	for (size_t i = 0; i < f->layers; i++) {
		struct formulas_layer *l = &f->layer[i];

		for (size_t u = 0; u < l->units; u++) {
			free(l->unit[u].found);
			free(l->unit[u].scored);
		}
		free(l->unit);
		free(l->observed);
		free(l->permuted);
	}
	free(f->layer);
	free_input(&f->main);
	free_input(&f->other);
	ndr_meta_free(&f->meta);
}

/* ---- other streams ---- */

/* One of them, read on all threads. */
struct reading {
	struct formulas *f;
	struct ndr_reader *in;
	bool permuted;
	struct ndr_item *slot; /* (slots): each a JOINT */
};

int formulas_agree(const struct formulas *f, const struct ndr_segment *s, const char *name,
                   struct error *e)
{
	struct ndr_meta m = {0};
	int status = ndr_meta_copy(&m, &s->meta, e);

	m.items = f->meta.items; /* of a split there can be fewer */
	if (status == 0)
		status = ndr_meta_agree(&f->meta, &m, name, e);
	ndr_meta_free(&m);
	return status;
}

static int begin_other(struct formulas *f, const struct ndr_segment *s, const char *name,
                       struct error *e)
{
	if (check_segment(s, e) < 0 || formulas_agree(f, s, name, e) < 0)
		return -1;
	return begin_input(f, &f->other, f->main.threads, e);
}

static int arrive_other(const struct reading *r, const struct ndr_record *rec, struct error *e)
{
	struct formulas *f = r->f;

	if (rec->type != NDR_CLASSES)
		return 0;
	return domain_make_like(&f->other.domain, &f->main.domain, rec, e) < 0
	               ? -1
	               : make_room(f, &f->other, e);
}

static int fill(void *ctx, size_t slot, struct error *e)
{
	struct reading *r = ctx;
	struct ndr_record rec;
	int more;

	while ((more = ndr_read(r->in, &rec, e)) == 1) {
		if (arrive_other(r, &rec, e) < 0)
			return -1;
		if (!layer_of(r->f, &rec) || !layer_of(r->f, &rec)->unit)
			continue;
		ndr_item_clear(&r->slot[slot], NDR_NO_ITEM);
		return ndr_item_add(&r->slot[slot], &rec, e) ? 1 : -1;
	}
	return more;
}

static int score_unit(const struct formulas *f, struct formulas_unit *unit, const int64_t *both,
                      struct error *e)
{
	const size_t lengths = f->choice->search.length;

	unit->scored = memory_new(lengths, sizeof *unit->scored, e);
	for (size_t i = 0; unit->scored && i < lengths; i++)
		unit->scored[i] = formula_table_count(&f->other.domain.table, both,
		                                      &unit->found[i].formula);
	return unit->scored ? 0 : -1;
}

static int work(void *ctx, size_t slot, size_t thread, struct error *e)
{
	struct reading *r = ctx;
	struct formulas *f = r->f;
	struct formulas_input *in = &f->other;
	const struct ndr_record *rec = &r->slot[slot].record[0];
	const struct ndr_joint j = ndr_joint_view(rec);
	struct formulas_layer *l = layer_of(f, rec);
	struct formulas_unit *unit = &l->unit[j.unit];
	const int64_t area = domain_unit(&in->domain, &j, in->both[thread]);

	if (r->permuted) {
		formula_search_unit(in->search[thread], in->both[thread], area,
		                    in->found[thread]);
		count_cuts(f, l->permuted, area, in->found[thread]);
		return 0;
	}
	if (!unit->found)
		return 0;
	unit->area_scored = area;
	return score_unit(f, unit, in->both[thread], e);
}

static int read_segment(struct reading *r, const struct ndr_segment *s, struct error *e)
{
	struct formulas *f = r->f;
	const size_t slots = PARALLEL_SLOTS(f->main.threads);
	const struct parallel p = {.fill = fill,
	                           .work = work,
	                           .ctx = r,
	                           .threads = f->main.threads,
	                           .slots = slots};
	int status = begin_other(f, s, ndr_reader_name(r->in), e);

	r->slot = memory_new(slots, sizeof *r->slot, e);
	if (!r->slot)
		return -1;
	if (status == 0)
		status = parallel_run(&p, e);
	for (size_t i = 0; i < slots; i++)
		ndr_item_free(&r->slot[i]);
	free(r->slot);
	if (status == 0 && !f->other.domain.place)
		return error_set(e, EXIT_MALFORMED,
		                 "%s: no pixels by sets of labels (CLASSES): iou-score "
		                 "--joint counts them",
		                 ndr_reader_name(r->in));
	return status;
}

/* Units that have no pixels there have formulas all the same. */
static int score_others(struct formulas *f, struct error *e)
{
	int64_t *both = f->other.both[0];

	memset(both, 0, f->other.domain.table.classes * sizeof *both);
	for (size_t i = 0; i < f->layers; i++)
		for (size_t u = 0; u < f->layer[i].units; u++) {
			struct formulas_unit *unit = &f->layer[i].unit[u];

			if (unit->found && !unit->scored && score_unit(f, unit, both, e) < 0)
				return -1;
		}
	return 0;
}

static int read_all(struct reading *r, struct error *e)
{
	struct formulas *f = r->f;
	struct ndr_segment *s;
	size_t segments = 0;
	int more;

	while ((more = ndr_next_segment(r->in, &s, e)) == 1) {
		if (segments++ > 0 && !r->permuted)
			return error_set(e, EXIT_MALFORMED,
			                 "%s: several segments: ndr-cat merges them first",
			                 ndr_reader_name(r->in));
		if (read_segment(r, s, e) < 0 || (!r->permuted && score_others(f, e) < 0))
			return -1;
		if (r->permuted && f->permutations++ == 0)
			f->pixels_permuted = f->other.domain.pixels;
		free_input(&f->other);
	}
	f->scored |= !r->permuted;
	return more;
}

static int read_file(struct formulas *f, char *file, bool permuted, uint64_t most_label_pixels,
                     struct error *e)
{
	struct reading r = {.f = f, .permuted = permuted};
	int status = -1;

	r.in = ndr_open(&file, 1, most_label_pixels, e);
	if (r.in)
		status = read_all(&r, e);
	ndr_close(r.in);
	return status;
}

int formulas_score(struct formulas *f, char *file, uint64_t most_label_pixels, struct error *e)
{
	return read_file(f, file, false, most_label_pixels, e);
}

int formulas_permuted(struct formulas *f, char *file, uint64_t most_label_pixels,
                      struct error *e)
{
	return read_file(f, file, true, most_label_pixels, e);
}
