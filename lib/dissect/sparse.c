/* sparse.c -- see sparse.h. */
#include "dissect/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/memory.h"

int sparse_masks_add(struct sparse_masks *s, uint32_t unit, const uint64_t *bitmap,
                     size_t words, struct error *e)
{
	struct sparse_mask mask = {.unit = unit, .begin = s->words};

	for (size_t i = 0; i < words; i++) {
		if (!bitmap[i])
			continue;
		if (memory_grow(&s->word, &s->word_capacity, s->words + 1, sizeof *s->word, e) <
		            0 ||
		    memory_grow(&s->place, &s->place_capacity, s->words + 1, sizeof *s->place,
		                e) < 0)
			return -1;
		s->word[s->words] = bitmap[i];
		s->place[s->words++] = (uint32_t)i;
		mask.area += (uint32_t)__builtin_popcountll(bitmap[i]);
	}
	mask.end = s->words;
	if (mask.area == 0)
		return 0;
	if (memory_grow(&s->mask, &s->mask_capacity, s->count + 1, sizeof *s->mask, e) < 0)
		return -1;
	s->mask[s->count++] = mask;
	return 0;
}

/* An array of that many elements where there was room for more. */
static void fit(void *array, size_t count, size_t *capacity, size_t size)
{
	void *less;

	if (count == 0 || count == *capacity)
		return;
	less = realloc(*(void **)array, count * size);
	if (less) {
		*(void **)array = less;
		*capacity = count;
	}
}

size_t sparse_masks_fit(struct sparse_masks *s)
{
	fit(&s->mask, s->count, &s->mask_capacity, sizeof *s->mask);
	fit(&s->word, s->words, &s->word_capacity, sizeof *s->word);
	fit(&s->place, s->words, &s->place_capacity, sizeof *s->place);
	return s->mask_capacity * sizeof *s->mask + s->word_capacity * sizeof *s->word +
	       s->place_capacity * sizeof *s->place;
}

void sparse_masks_free(struct sparse_masks *s)
{
	free(s->mask);
	free(s->word);
	free(s->place);
	*s = (struct sparse_masks){0};
}

int sparse_labels_copy(struct sparse_labels *s, const struct image_labels *l, struct error *e)
{
	size_t bitmaps = 0, at = 0, whole;

	for (size_t i = 0; i < l->count; i++)
		bitmaps += !l->label[i].whole;
	s->label = memory_new(l->count, sizeof *s->label, e);
	s->word = memory_new(l->words, bitmaps * sizeof *s->word, e);
	if (!s->label || !s->word)
		return -1;
	s->count = l->count;
	s->bitmaps = whole = bitmaps;
	for (size_t i = 0; i < l->count; i++) {
		const struct image_label *label = &l->label[i];
		const uint64_t *bitmap = l->bitmap + label->bitmap * l->words;

		s->label[label->whole ? whole++ : at] =
		        (struct sparse_label){label->number, (uint32_t)label->area};
		if (label->whole)
			continue;
		for (size_t w = label->first; w <= label->last; w++)
			s->word[w * bitmaps + at] = bitmap[w];
		at++;
	}
	return 0;
}

void sparse_labels_free(struct sparse_labels *s)
{
	free(s->label);
	free(s->word);
	*s = (struct sparse_labels){0};
}

enum { AT_ONCE = 4 }; /* labels whose counts stay in registers */

POPCOUNT_CLONES(, void, sparse_intersect,
                (const struct sparse_masks *m, const struct sparse_labels *l, size_t numbers,
                 uint64_t *pixels),
                (m, l, numbers, pixels))
{
	for (const struct sparse_mask *mask = m->mask; mask < m->mask + m->count; mask++) {
		uint64_t *row = pixels + mask->unit * numbers;
		size_t first = 0;

		for (; first + AT_ONCE <= l->bitmaps; first += AT_ONCE) {
			uint64_t count[AT_ONCE] = {0};

			for (size_t i = mask->begin; i < mask->end; i++) {
				const uint64_t *word =
				        l->word + m->place[i] * l->bitmaps + first;

				for (size_t k = 0; k < AT_ONCE; k++)
					count[k] += (uint64_t)__builtin_popcountll(m->word[i] &
					                                           word[k]);
			}
			for (size_t k = 0; k < AT_ONCE; k++)
				row[l->label[first + k].number] += count[k];
		}
		for (; first < l->bitmaps; first++) {
			uint64_t count = 0;

			for (size_t i = mask->begin; i < mask->end; i++)
				count += (uint64_t)__builtin_popcountll(
				        m->word[i] & l->word[m->place[i] * l->bitmaps + first]);
			row[l->label[first].number] += count;
		}
		for (size_t k = l->bitmaps; k < l->count; k++)
			row[l->label[k].number] += mask->area;
	}
}
