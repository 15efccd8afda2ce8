/* joint.c -- see joint.h. */
#include "stage/joint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage/counter.h"
#include "stage/labels.h"

enum { LEAST_SLOTS = 16 };

/* ---- all ---- */

/* What the scores of the largest layer take in the end, and the units' tables when empty. */
static int take_scores(struct joint *j, const struct ndr_meta *masks, struct error *e)
{
	const uint64_t row = sizeof(uint64_t) * (NDR_SCORE_FIELDS * j->known.labels +
	                                         j->known.labels + j->known.categories);
	uint64_t units = 0, largest = 0, needed;

	for (size_t l = 0; l < masks->layers; l++) {
		units += masks->layer[l].units;
		largest = masks->layer[l].units > largest ? masks->layer[l].units : largest;
	}
	needed = largest * row + units * sizeof(struct joint_row); /* less than 2^60 */
	if (needed > j->memory->limit)
		return error_set(e, EXIT_SYSTEM,
		                 "counts of %" PRIu64 " units and %zu labels take %" PRIu64
		                 " MiB, but --memory is %" PRIu64,
		                 units, j->known.labels, (needed >> 20) + 1,
		                 j->memory->limit >> 20);
	return memory_share_take(j->memory, needed, e);
}

static int open_thread(struct joint_thread *t, const struct label_categories *known,
                       struct error *e)
{
	return image_labels_init(&t->image, known, e) < 0 ||
	                       label_counts_init(&t->sum, known->labels, e) < 0
	               ? -1
	               : 0;
}

int joint_open(struct joint *j, const struct ndr_meta *masks, const struct ndr_meta *labels,
               size_t threads, struct memory_share *memory, struct error *e)
{
	j->memory = memory;
	if (counter_know_labels(labels, &j->known, &j->category, e) < 0 ||
	    take_scores(j, masks, e) < 0 || class_sets_open(&j->sets, memory, e) < 0)
		return -1;
	for (size_t i = 0; i < JOINT_LOCKS; i++)
		pthread_mutex_init(&j->lock[i], NULL);
	j->locks = true;
	j->layer = memory_new(masks->layers, sizeof *j->layer, e);
	j->thread = memory_new(threads, sizeof *j->thread, e);
	if (!j->layer || !j->thread)
		return -1;
	j->layers = masks->layers;
	j->threads = threads;
	for (size_t l = 0; l < j->layers; l++) {
		j->layer[l].row = memory_new(masks->layer[l].units, sizeof *j->layer[l].row, e);
		if (!j->layer[l].row)
			return -1;
		j->layer[l].units = masks->layer[l].units;
	}
	for (size_t i = 0; i < threads; i++)
		if (open_thread(&j->thread[i], &j->known, e) < 0)
			return -1;
	return 0;
}

void joint_close(struct joint *j)
{
	for (size_t l = 0; l < j->layers; l++) {
		for (size_t u = 0; u < j->layer[l].units; u++)
			free(j->layer[l].row[u].slot);
		free(j->layer[l].row);
	}
	for (size_t i = 0; i < j->threads; i++) {
		struct joint_thread *t = &j->thread[i];

		image_labels_free(&t->image);
		sparse_labels_free(&t->labels);
		partition_free(&t->partition);
		label_counts_free(&t->sum);
		free(t->number);
		free(t->list);
	}
	for (size_t i = 0; j->locks && i < JOINT_LOCKS; i++)
		pthread_mutex_destroy(&j->lock[i]);
	class_sets_close(&j->sets);
	free(j->layer);
	free(j->thread);
	free(j->category);
	*j = (struct joint){0};
}

/* ---- rows ---- */

static struct ndr_joint_class *find_slot(const struct joint_row *r, uint32_t class)
{
	size_t i = (size_t)((class * UINT64_C(0x9e3779b97f4a7c15)) >> 32);

	for (;; i++) {
		struct ndr_joint_class *slot = &r->slot[i & (r->slots - 1)];

		if (!slot->pixels || slot->class == class)
			return slot;
	}
}

static int grow_row(struct joint_row *r, struct memory_share *m, struct error *e)
{
	const struct joint_row old = *r;

	r->slots = old.slots ? 2 * old.slots : LEAST_SLOTS;
	if (memory_share_take(m, (r->slots - old.slots) * sizeof *r->slot, e) < 0 ||
	    !(r->slot = memory_new(r->slots, sizeof *r->slot, e))) {
		*r = old;
		return -1;
	}
	for (size_t i = 0; i < old.slots; i++)
		if (old.slot[i].pixels)
			*find_slot(r, old.slot[i].class) = old.slot[i];
	free(old.slot);
	return 0;
}

static int add_to_row(struct joint_row *r, const uint32_t *number,
                      const struct partition_hit *hit, size_t hits, struct memory_share *m,
                      struct error *e)
{
	for (size_t i = 0; i < hits; i++) {
		struct ndr_joint_class *slot;

		if (4 * r->count >= 3 * r->slots && grow_row(r, m, e) < 0)
			return -1;
		slot = find_slot(r, number[hit[i].class]);
		r->count += !slot->pixels;
		slot->class = number[hit[i].class];
		slot->pixels += hit[i].pixels; /* not more than the class has */
	}
	return 0;
}

/* ---- counting ---- */

int joint_add_labels(struct joint *j, size_t thread, uint32_t height, uint32_t width,
                     const struct sparse_labels *labels, const bool *holds, struct error *e)
{
	struct joint_thread *t = &j->thread[thread];
	struct partition *p = &t->partition;
	uint16_t categories = 0;

	if (partition_find(p, height, width, labels, e) < 0 ||
	    memory_grow(&t->number, &t->number_capacity, p->classes, sizeof *t->number, e) <
	            0 ||
	    memory_grow(&t->list, &t->list_capacity, j->known.categories + labels->count,
	                sizeof *t->list, e) < 0)
		return -1;
	for (size_t i = 0; i < j->known.categories; i++)
		if (holds[i])
			t->list[categories++] = (uint16_t)i;
	for (size_t i = 0; i < p->classes; i++) {
		const struct ndr_class class = {
		        .pixels = p->pixels[i],
		        .images = 1,
		        .categories = categories,
		        .labels = (uint16_t)partition_set(p, i, t->list + categories)};

		if (class_sets_add(&j->sets, &class, t->list, &t->number[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < labels->count; i++)
		t->sum.images[labels->label[i].number]++;
	return 0;
}

int joint_add_mask(struct joint *j, size_t thread, size_t layer, size_t unit,
                   const uint64_t *word, const uint32_t *place, size_t words, struct error *e)
{
	struct joint_thread *t = &j->thread[thread];
	pthread_mutex_t *lock = &j->lock[unit % JOINT_LOCKS];
	const size_t hits = partition_count(&t->partition, word, place, words);
	int status;

	pthread_mutex_lock(lock);
	status = add_to_row(&j->layer[layer].row[unit], t->number, t->partition.hit, hits,
	                    j->memory, e);
	pthread_mutex_unlock(lock);
	return status;
}

static int add_layer(struct joint *j, size_t thread, const struct ndr_item *in, size_t layer,
                     const uint32_t size[2], struct error *e)
{
	struct ndr_seg seg;

	if (counter_find_masks(in, (uint32_t)layer, (uint32_t)j->layer[layer].units, &seg, e) <
	    0)
		return -1;
	if (seg.height != size[0] || seg.width != size[1])
		return error_set(e, EXIT_MALFORMED,
		                 "%s: item %u: masks of %ux%u pixels, labels of %ux%u",
		                 in->input, in->number, seg.height, seg.width, size[0],
		                 size[1]);
	for (uint32_t i = 0; i < seg.count; i++)
		if (joint_add_mask(j, thread, layer, seg.unit[i],
		                   seg.bitmap + (size_t)i * seg.words, NULL, seg.words, e) < 0)
			return -1;
	return 0;
}

/* How large an image is: as its labels, or where it has none as the masks of the first layer.
 */
static int find_size(const struct joint *j, const struct image_labels *image,
                     const struct ndr_item *masks, uint32_t size[2], struct error *e)
{
	struct ndr_seg seg;

	size[0] = image->height;
	size[1] = image->width;
	if (image->count || j->layers == 0)
		return 0;
	if (counter_find_masks(masks, 0, (uint32_t)j->layer[0].units, &seg, e) < 0)
		return -1;
	size[0] = seg.height;
	size[1] = seg.width;
	return 0;
}

int joint_add(struct joint *j, size_t thread, const struct ndr_item *masks,
              const struct ndr_item *labels, struct error *e)
{
	struct joint_thread *t = &j->thread[thread];
	struct error why = {0};
	uint32_t size[2];

	if (labels_of_item(&t->image, labels, e) < 0 ||
	    find_size(j, &t->image, masks, size, e) < 0)
		return -1;
	sparse_labels_free(&t->labels);
	if (sparse_labels_copy(&t->labels, &t->image, e) < 0)
		return -1;
	if (size[0] && size[1] &&
	    joint_add_labels(j, thread, size[0], size[1], &t->labels, t->image.holds, &why) < 0)
		return error_set(e, why.code, "%s: item %u: %s", masks->input, masks->number,
		                 why.text);
	for (size_t l = 0; l < j->layers; l++)
		if (add_layer(j, thread, masks, l, size, e) < 0)
			return -1;
	return 0;
}

/* ---- results ---- */

int joint_finish(struct joint *j, struct error *e)
{
	for (size_t i = 1; i < j->threads; i++)
		label_counts_merge(&j->thread->sum, &j->thread[i].sum);
	return class_sets_finish(&j->sets, e);
}

static void count_truths(const struct joint *j, struct label_counts *sum)
{
	for (size_t i = 0; i < j->sets.count; i++) {
		const struct ndr_class *c = j->sets.order[i].class;
		const uint16_t *label = j->sets.order[i].list + c->categories;

		for (size_t k = 0; k < c->labels; k++)
			sum->area[label[k]] += c->pixels;
	}
}

static void count_unit(const struct joint *j, const struct joint_row *r, size_t unit,
                       struct unit_counts *sum)
{
	uint64_t *intersection = sum->intersection + unit * sum->labels;
	uint64_t *activated = sum->activated + unit * sum->categories;

	for (size_t i = 0; i < r->slots; i++) {
		const uint64_t pixels = r->slot[i].pixels;
		const struct ndr_class *c;
		const uint16_t *list;

		if (!pixels)
			continue;
		c = class_sets_find(&j->sets, r->slot[i].class, &list);
		for (size_t k = 0; k < c->categories; k++)
			activated[list[k]] += pixels;
		for (size_t k = 0; k < c->labels; k++)
			intersection[list[c->categories + k]] += pixels;
	}
}

/* A layer's SCORE. */
static int add_scores(const struct joint *j, size_t layer, struct ndr_item *out,
                      struct error *e)
{
	const struct joint_layer *from = &j->layer[layer];
	struct label_counts labels = {0};
	struct unit_counts units = {0};
	int status = -1;

	if (label_counts_init(&labels, j->known.labels, e) == 0 &&
	    unit_counts_init(&units, from->units, &j->known, e) == 0) {
		count_truths(j, &labels);
		for (size_t u = 0; u < from->units; u++)
			count_unit(j, &from->row[u], u, &units);
		status =
		        counter_add_scores(&units, &labels, &j->known, (uint32_t)layer, out, e);
	}
	unit_counts_free(&units);
	label_counts_free(&labels);
	return status;
}

/* ---- JOINT ---- */

enum { WORD_BITS = 64 };

/* Pixels by place in CLASSES, and which places have any. */
struct sorter {
	uint64_t *pixels, *has;
};

static int add_row(const struct joint *j, size_t layer, size_t unit, struct sorter *s,
                   struct ndr_item *out, struct error *e)
{
	const struct joint_row *r = &j->layer[layer].row[unit];
	const struct ndr_joint head = {.unit = (uint32_t)unit, .count = r->count};
	struct ndr_joint_class *to = ndr_joint_add(out, (uint32_t)layer, &head, e);

	if (!to)
		return -1;
	for (size_t i = 0; i < r->slots; i++) {
		const uint32_t place = r->slot[i].pixels ? j->sets.place[r->slot[i].class] : 0;

		if (!r->slot[i].pixels)
			continue;
		s->pixels[place] = r->slot[i].pixels;
		s->has[place / WORD_BITS] |= UINT64_C(1) << place % WORD_BITS;
	}
	for (size_t i = 0; i <= j->sets.count / WORD_BITS; i++)
		for (; s->has[i]; s->has[i] &= s->has[i] - 1) {
			const size_t place = i * WORD_BITS + (size_t)__builtin_ctzll(s->has[i]);

			*to++ = (struct ndr_joint_class){.class = (uint32_t)place,
			                                 .pixels = s->pixels[place]};
		}
	return 0;
}

/* Units without any pixel too, so that parts of a stream have records in one order. */
static int write_rows(const struct joint *j, struct ndr_item *out, struct ndr_writer *w,
                      struct error *e)
{
	struct sorter s = {memory_new(j->sets.count, sizeof *s.pixels, e),
	                   memory_new(j->sets.count / WORD_BITS + 1, sizeof *s.has, e)};
	int status = s.pixels && s.has ? 0 : -1;

	for (size_t l = 0; l < j->layers && status == 0; l++)
		for (size_t u = 0; u < j->layer[l].units && status == 0; u++) {
			ndr_item_clear(out, NDR_NO_ITEM);
			status = add_row(j, l, u, &s, out, e);
			if (status == 0)
				status = ndr_write_item(w, out, e);
		}
	free(s.pixels);
	free(s.has);
	return status;
}

static int write_one(const struct joint *j, size_t i, struct ndr_item *out,
                     struct ndr_writer *w, struct error *e)
{
	int status;

	ndr_item_clear(out, NDR_NO_ITEM);
	if (i < j->layers)
		status = add_scores(j, i, out, e);
	else
		status = i == j->layers ? counter_add_images(&j->thread->sum, out, e)
		                        : class_sets_write(&j->sets, out, e);
	return status < 0 ? -1 : ndr_write_item(w, out, e);
}

int joint_write(const struct joint *j, struct ndr_writer *w, struct error *e)
{
	struct ndr_item out = {0};
	int status = 0;

	for (size_t i = 0; i < j->layers + 2 && status == 0; i++)
		status = write_one(j, i, &out, w, e);
	if (status == 0)
		status = write_rows(j, &out, w, e);
	ndr_item_free(&out);
	return status;
}
