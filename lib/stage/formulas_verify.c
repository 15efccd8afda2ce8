/* formulas_verify.c -- formulas counted again pixel by pixel, see formulas_verify() in
 * formulas.h.
 *
 *	SEG, LABEL -> I, A, G and images of each unit's formula
 *
 * Nothing of CLASSES and JOINT is used but to compare with. */
#include "stage/formulas.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage/counter.h"
#include "stage/labels.h"
#include "tool/parallel.h"

struct recount {
	int64_t both, area, truth;
	uint64_t images;
};

struct recount_thread {
	struct image_labels labels;
	struct recount **unit; /* (layers, units) */
	uint64_t *bits;        /* (words): where a formula holds */
	size_t capacity;
};

struct recounting {
	struct formulas *f;
	struct ndr_reader *in;
	struct label_categories known;
	int *category;
	size_t threads, slots;
	struct recount_thread *thread;
	struct ndr_item *slot;
};

/* ---- an image ---- */

static bool is_inside(const struct formulas *f, const struct image_labels *l)
{
	const struct domain *d = &f->main.domain;

	for (size_t i = 0; i < d->categories; i++)
		if (d->wanted[i] && (l->count == 0 || !l->holds[i]))
			return false;
	return true;
}

static const struct image_label *find(const struct image_labels *l, uint16_t number)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->label[i].number == number)
			return &l->label[i];
	return NULL;
}

/* One more label: of words, all below last whole. */
static void apply(const struct image_labels *l, enum formula_op op, uint16_t number,
                  uint64_t *bits, size_t words)
{
	const struct image_label *label = find(l, number);

	for (size_t w = 0; w < words; w++) {
		const uint64_t has = !label         ? 0
		                     : label->whole ? ~UINT64_C(0)
		                                    : l->bitmap[label->bitmap * l->words + w];

		bits[w] = op == FORMULA_OR    ? bits[w] | has
		          : op == FORMULA_AND ? bits[w] & has
		                              : bits[w] & ~has;
	}
}

/* Where the formula holds; false: nowhere. */
static bool evaluate(const struct formula *f, struct recount_thread *t)
{
	const struct image_labels *l = &t->labels;
	const size_t pixels = (size_t)l->height * l->width, words = (pixels + 63) / 64;
	uint64_t any = 0;

	if (l->count == 0)
		return false;
	memset(t->bits, 0, l->words * sizeof *t->bits);
	for (uint32_t i = 0; i < f->length; i++)
		apply(l, i ? f->op[i] : FORMULA_OR, f->label[i], t->bits, words);
	if (pixels % 64)
		t->bits[words - 1] &= (UINT64_C(1) << pixels % 64) - 1;
	for (size_t w = 0; w < words; w++)
		any |= t->bits[w];
	return any != 0;
}

static int64_t count(const uint64_t *a, const uint64_t *b, size_t words)
{
	int64_t n = 0;

	for (size_t w = 0; w < words; w++)
		n += __builtin_popcountll(a[w] & b[w]);
	return n;
}

static int count_layer(const struct formulas *f, struct recount_thread *t, size_t layer,
                       const struct ndr_item *item, struct error *e)
{
	const struct formulas_layer *l = &f->layer[layer];
	const size_t words = t->labels.words;
	struct ndr_seg seg;
	size_t next = 0;

	if (counter_find_masks(item, (uint32_t)layer, (uint32_t)l->units, &seg, e) < 0)
		return -1;
	if (t->labels.count && (seg.height != t->labels.height || seg.width != t->labels.width))
		return error_set(e, EXIT_MALFORMED,
		                 "%s: item %u: masks of %ux%u pixels, labels of %ux%u",
		                 item->input, item->number, seg.height, seg.width,
		                 t->labels.height, t->labels.width);
	for (size_t u = 0; u < l->units; u++) {
		struct recount *r = &t->unit[layer][u];
		const uint64_t *mask = NULL;

		if (next < seg.count && seg.unit[next] == u)
			mask = seg.bitmap + next++ * (size_t)seg.words;
		if (mask)
			r->area += count(mask, mask, seg.words);
		if (!l->unit[u].found ||
		    !evaluate(&l->unit[u].found[f->choice->search.length - 1].formula, t))
			continue;
		r->images++;
		r->truth += count(t->bits, t->bits, words);
		if (mask)
			r->both += count(t->bits, mask, words);
	}
	return 0;
}

static int work(void *ctx, size_t slot, size_t thread, struct error *e)
{
	struct recounting *r = ctx;
	struct recount_thread *t = &r->thread[thread];
	const struct ndr_item *item = &r->slot[slot];

	if (item->number == NDR_NO_ITEM)
		return 0;
	if (labels_of_item(&t->labels, item, e) < 0 ||
	    memory_grow(&t->bits, &t->capacity, t->labels.words, sizeof *t->bits, e) < 0)
		return -1;
	for (size_t i = 0; is_inside(r->f, &t->labels) && i < r->f->layers; i++)
		if (r->f->layer[i].unit && count_layer(r->f, t, i, item, e) < 0)
			return -1;
	return 0;
}

static int fill(void *ctx, size_t slot, struct error *e)
{
	struct recounting *r = ctx;

	return ndr_read_item(r->in, &r->slot[slot], e);
}

/* ---- all of them ---- */

static int begin(struct recounting *r, struct error *e)
{
	const struct formulas *f = r->f;

	if (counter_know_labels(&f->meta, &r->known, &r->category, e) < 0)
		return -1;
	r->slots = PARALLEL_SLOTS(f->main.threads);
	r->slot = memory_new(r->slots, sizeof *r->slot, e);
	r->thread = memory_new(f->main.threads, sizeof *r->thread, e);
	if (!r->slot || !r->thread)
		return -1;
	for (; r->threads < f->main.threads; r->threads++) {
		struct recount_thread *t = &r->thread[r->threads];

		t->unit = memory_new(f->layers, sizeof *t->unit, e);
		if (!t->unit || image_labels_init(&t->labels, &r->known, e) < 0)
			return -1;
		for (size_t i = 0; i < f->layers; i++) {
			t->unit[i] = memory_new(f->layer[i].units, sizeof **t->unit, e);
			if (!t->unit[i])
				return -1;
		}
	}
	return 0;
}

static void end(struct recounting *r)
{
	for (size_t i = 0; r->thread && i < r->f->main.threads; i++) {
		struct recount_thread *t = &r->thread[i];

		image_labels_free(&t->labels);
		for (size_t k = 0; t->unit && k < r->f->layers; k++)
			free(t->unit[k]);
		free(t->unit);
		free(t->bits);
	}
	for (size_t i = 0; r->slot && i < r->slots; i++)
		ndr_item_free(&r->slot[i]);
	free(r->thread);
	free(r->slot);
	free(r->category);
	ndr_close(r->in);
}

/* What was counted on all threads against what was found and scored. */
static int compare(const struct recounting *r, const struct formulas_layer *l, size_t u,
                   struct error *e)
{
	const size_t layer = (size_t)(l - r->f->layer), last = r->f->choice->search.length - 1;
	struct formulas_unit *unit = &l->unit[u];
	struct recount sum = {0}, want = {.area = unit->area + unit->area_scored};

	for (size_t i = 0; i < r->threads; i++) {
		const struct recount *one = &r->thread[i].unit[layer][u];

		sum.both += one->both;
		sum.area += one->area;
		sum.truth += one->truth;
		sum.images += one->images;
	}
	if (unit->found) {
		want.both = unit->found[last].counts.both;
		want.truth = unit->found[last].counts.truth;
	}
	if (unit->scored) {
		want.both += unit->scored[last].both;
		want.truth += unit->scored[last].truth;
	}
	unit->images = sum.images;
	if (sum.both == want.both && sum.area == want.area && sum.truth == want.truth)
		return 0;
	return error_set(e, EXIT_MALFORMED,
	                 "%s: unit %zu of %s: its formula has %" PRId64 " of %" PRId64
	                 " and %" PRId64 " pixels there, not %" PRId64 " of %" PRId64
	                 " and %" PRId64 ": other masks, labels or images",
	                 ndr_reader_name(r->in), u + 1, l->layer->name, sum.both, sum.area,
	                 sum.truth, want.both, want.area, want.truth);
}

static int read_all(struct recounting *r, struct error *e)
{
	const struct parallel p = {.fill = fill,
	                           .work = work,
	                           .ctx = r,
	                           .threads = r->f->main.threads,
	                           .slots = r->slots};
	struct ndr_segment *s;
	int more;

	while ((more = ndr_next_segment(r->in, &s, e)) == 1)
		if (formulas_agree(r->f, s, ndr_reader_name(r->in), e) < 0 ||
		    parallel_run(&p, e) < 0)
			return -1;
	return more;
}

int formulas_verify(struct formulas *f, char *file, uint64_t most_label_pixels, struct error *e)
{
	struct recounting r = {.f = f, .in = ndr_open(&file, 1, most_label_pixels, e)};
	int status = r.in && begin(&r, e) == 0 ? read_all(&r, e) : -1;

	for (size_t i = 0; status == 0 && i < f->layers; i++)
		for (size_t u = 0; status == 0 && u < f->layer[i].units; u++)
			status = compare(&r, &f->layer[i], u, e);
	f->counted = status == 0;
	end(&r);
	return status;
}
