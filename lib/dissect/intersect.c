/* intersect.c -- see intersect.h. */
#include "dissect/intersect.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/machine.h"
#include "dissect/segment.h"

enum { NUMBERS = 1 << 16, WORD_BITS = 64 };
enum { MOST_BITMAPS = 1 << 28 }; /* bytes of them, of an image */

POPCOUNT_CLONES(static, uint64_t, count_bits, (const uint64_t *a, size_t words), (a, words))
{
	uint64_t count = 0;

	for (size_t i = 0; i < words; i++)
		count += (uint64_t)__builtin_popcountll(a[i]);
	return count;
}

POPCOUNT_CLONES(static, uint64_t, count_common,
                (const uint64_t *a, const uint64_t *b, size_t words), (a, b, words))
{
	uint64_t count = 0;

	for (size_t i = 0; i < words; i++)
		count += (uint64_t)__builtin_popcountll(a[i] & b[i]);
	return count;
}

int image_labels_init(struct image_labels *l, const struct label_categories *known,
                      struct error *e)
{
	*l = (struct image_labels){.known = known};
	l->slot = memory_new(NUMBERS, sizeof(*l->slot), e);
	l->holds = memory_new(known->categories, sizeof(*l->holds), e);
	return e->code ? -1 : 0;
}

void image_labels_free(struct image_labels *l)
{
	free(l->label);
	free(l->bitmap);
	free(l->holds);
	free(l->slot);
	*l = (struct image_labels){0};
}

void image_labels_begin(struct image_labels *l, uint32_t height, uint32_t width)
{
	for (size_t i = 0; i < l->count; i++)
		l->slot[l->label[i].number] = 0;
	memset(l->holds, 0, l->known->categories * sizeof(*l->holds));
	l->count = 0;
	l->bitmaps = 0;
	l->height = height;
	l->width = width;
	l->words = segment_words(height, width);
}

/* The label's place, made if it is new; NULL on error. */
static struct image_label *find_label(struct image_labels *l, uint16_t number, struct error *e)
{
	const size_t i = l->slot[number];

	if (i)
		return &l->label[i - 1];
	if (number >= l->known->labels || l->known->category[number] < 0) {
		error_set(e, EXIT_MALFORMED, "label %u is not in the list of labels", number);
		return NULL;
	}
	if (memory_grow(&l->label, &l->label_capacity, l->count + 1, sizeof(*l->label), e) < 0)
		return NULL;
	l->label[l->count] = (struct image_label){.number = number};
	l->holds[l->known->category[number]] = true;
	l->slot[number] = (uint32_t)l->count + 1;
	return &l->label[l->count++];
}

static int add_bitmap(struct image_labels *l, struct image_label *label, struct error *e)
{
	size_t words;

	if (!size_multiply(l->bitmaps + 1, l->words, &words) ||
	    words > MOST_BITMAPS / sizeof(*l->bitmap))
		return error_set(e, EXIT_MALFORMED,
		                 "more than %zu labels of %ux%u pixels: their pixels take more "
		                 "than %d MiB",
		                 l->bitmaps, l->height, l->width, MOST_BITMAPS >> 20);
	if (memory_grow(&l->bitmap, &l->bitmap_capacity, words, sizeof(*l->bitmap), e) < 0)
		return -1;
	memset(l->bitmap + l->bitmaps * l->words, 0, l->words * sizeof(*l->bitmap));
	label->has_bitmap = true;
	label->bitmap = l->bitmaps++;
	label->first = l->words;
	return 0;
}

/* Set bits [begin, end) of the label's bitmap; at least one. */
static void set_run(struct image_labels *l, struct image_label *label, size_t begin, size_t end)
{
	uint64_t *bitmap = l->bitmap + label->bitmap * l->words;
	const size_t first = begin / WORD_BITS, last = (end - 1) / WORD_BITS;
	const uint64_t from = ~UINT64_C(0) << begin % WORD_BITS;
	const uint64_t to = ~UINT64_C(0) >> (WORD_BITS - 1 - (end - 1) % WORD_BITS);

	if (first == last) {
		bitmap[first] |= from & to;
	} else {
		bitmap[first] |= from;
		for (size_t i = first + 1; i < last; i++)
			bitmap[i] = ~UINT64_C(0);
		bitmap[last] |= to;
	}
	label->first = first < label->first ? first : label->first;
	label->last = last > label->last ? last : label->last;
}

int image_labels_add_map(struct image_labels *l, const uint16_t *map, struct error *e)
{
	const size_t pixels = (size_t)l->height * l->width;
	size_t begin = 0;

	/* Neighbouring pixels are mostly alike: go by runs. */
	while (begin < pixels) {
		const uint16_t number = map[begin];
		size_t end = begin + 1;

		while (end < pixels && map[end] == number)
			end++;
		if (number) {
			struct image_label *label = find_label(l, number, e);

			if (!label || (!label->has_bitmap && add_bitmap(l, label, e) < 0))
				return -1;
			set_run(l, label, begin, end);
		}
		begin = end;
	}
	return 0;
}

int image_labels_add_whole(struct image_labels *l, uint16_t number, struct error *e)
{
	struct image_label *label;

	if (!number)
		return 0;
	label = find_label(l, number, e);
	if (!label)
		return -1;
	label->whole = true;
	return 0;
}

void image_labels_finish(struct image_labels *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct image_label *label = &l->label[i];

		label->area = label->whole ? (uint64_t)l->height * l->width
		                           : count_bits(l->bitmap + label->bitmap * l->words +
		                                                label->first,
		                                        label->last + 1 - label->first);
	}
}

int unit_counts_init(struct unit_counts *c, size_t units, const struct label_categories *known,
                     struct error *e)
{
	size_t cells, sums;

	*c = (struct unit_counts){
	        .units = units, .labels = known->labels, .categories = known->categories};
	if (!size_multiply(units, known->labels, &cells) ||
	    !size_multiply(units, known->categories, &sums))
		return error_set(e, EXIT_SYSTEM, "too many units and labels");
	c->intersection = memory_new(cells, sizeof(uint64_t), e);
	c->activated = memory_new(sums, sizeof(uint64_t), e);
	return e->code ? -1 : 0;
}

void unit_counts_free(struct unit_counts *c)
{
	free(c->intersection);
	free(c->activated);
	*c = (struct unit_counts){0};
}

int label_counts_init(struct label_counts *c, size_t labels, struct error *e)
{
	*c = (struct label_counts){.labels = labels};
	c->area = memory_new(labels, sizeof(uint64_t), e);
	c->images = memory_new(labels, sizeof(uint64_t), e);
	return e->code ? -1 : 0;
}

void label_counts_free(struct label_counts *c)
{
	free(c->area);
	free(c->images);
	*c = (struct label_counts){0};
}

void label_counts_add(struct label_counts *c, const struct image_labels *l)
{
	for (size_t i = 0; i < l->count; i++) {
		c->area[l->label[i].number] += l->label[i].area;
		c->images[l->label[i].number]++;
	}
}

void unit_counts_add(struct unit_counts *c, size_t unit, const uint64_t *mask,
                     const struct image_labels *l)
{
	uint64_t *intersection = c->intersection + unit * c->labels;
	uint64_t *activated = c->activated + unit * c->categories;
	size_t first = 0, last = l->words;
	uint64_t area;

	/* Masks are small: most pairs don't meet in any word. */
	while (first < last && !mask[first])
		first++;
	while (last > first && !mask[last - 1])
		last--;
	area = count_bits(mask + first, last - first);
	for (size_t i = 0; i < c->categories; i++)
		activated[i] += l->holds[i] ? area : 0;
	for (size_t i = 0; i < l->count; i++) {
		const struct image_label *label = &l->label[i];
		const size_t begin = label->first > first ? label->first : first;
		const size_t end = label->last + 1 < last ? label->last + 1 : last;

		if (label->whole)
			intersection[label->number] += area;
		else if (begin < end)
			intersection[label->number] += count_common(
			        mask + begin, l->bitmap + label->bitmap * l->words + begin,
			        end - begin);
	}
}

static void add_all(uint64_t *to, const uint64_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] += from[i];
}

void unit_counts_merge(struct unit_counts *c, const struct unit_counts *more)
{
	add_all(c->intersection, more->intersection, c->units * c->labels);
	add_all(c->activated, more->activated, c->units * c->categories);
}

void label_counts_merge(struct label_counts *c, const struct label_counts *more)
{
	add_all(c->area, more->area, c->labels);
	add_all(c->images, more->images, c->labels);
}

void unit_counts_scores(const struct unit_counts *u, const struct label_counts *l,
                        const struct label_categories *known, uint64_t *scores)
{
	for (size_t k = 0; k < u->units; k++) {
		for (size_t c = 0; c < u->labels; c++, scores += 3) {
			const int category = c ? known->category[c] : -1;

			if (category < 0) {
				memset(scores, 0, 3 * sizeof(*scores));
				continue;
			}
			scores[0] = u->intersection[k * u->labels + c];
			scores[1] = u->activated[k * u->categories + (size_t)category];
			scores[2] = l->area[c];
		}
	}
}
