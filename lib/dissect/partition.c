/* partition.c -- see partition.h. */
#include "dissect/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/memory.h"
#include "base/random.h"
#include "dissect/segment.h"

enum { WORD_BITS = 64, LEAST_SLOTS = 256 };
/* Of an image: 64-bit words of all sets, and parts of all words.  Photographs have a
 * thousandth of them. */
enum { MOST_WORDS = 1 << 24 };

void partition_free(struct partition *p)
{
	free(p->pixels);
	free(p->number);
	free(p->hit);
	free(p->key);
	free(p->now);
	free(p->turns);
	free(p->order);
	free(p->slot);
	free(p->begin);
	free(p->mask);
	free(p->class);
	free(p->last);
	free(p->sum);
	*p = (struct partition){0};
}

static int too_many(struct error *e)
{
	return error_set(e, EXIT_MALFORMED, "the labels of its pixels make too many sets");
}

/* ---- which labels there are ---- */

struct numbered {
	uint16_t number;
	uint32_t label;
};

static int by_number(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static int order_labels(struct partition *p, const struct sparse_labels *l, struct error *e)
{
	struct numbered *sorted = memory_new(l->count, sizeof *sorted, e);

	if (!sorted)
		return -1;
	p->labels = l->count;
	for (uint32_t i = 0; i < l->count; i++)
		sorted[i] = (struct numbered){l->label[i].number, i};
	qsort(sorted, l->count, sizeof *sorted, by_number);
	if (memory_grow(&p->number, &p->number_capacity, l->count, sizeof *p->number, e) < 0 ||
	    memory_grow(&p->order, &p->order_capacity, l->count, sizeof *p->order, e) < 0) {
		free(sorted);
		return -1;
	}
	for (uint32_t i = 0; i < l->count; i++) {
		p->number[i] = sorted[i].number;
		p->order[sorted[i].label] = i;
	}
	free(sorted);
	return 0;
}

/* No pixel yet: of labels those of the whole image. */
static int begin_image(struct partition *p, const struct sparse_labels *l, size_t words,
                       struct error *e)
{
	if (order_labels(p, l, e) < 0)
		return -1;
	p->classes = p->parts = 0;
	p->key_words = l->count / WORD_BITS + 1;
	p->words = words;
	if (memory_grow(&p->now, &p->now_capacity, p->key_words, sizeof *p->now, e) < 0 ||
	    memory_grow(&p->turns, &p->turns_capacity, p->key_words * WORD_BITS,
	                sizeof *p->turns, e) < 0 ||
	    memory_grow(&p->begin, &p->begin_capacity, words + 1, sizeof *p->begin, e) < 0 ||
	    memory_grow(&p->slot, &p->slot_capacity, LEAST_SLOTS, sizeof *p->slot, e) < 0)
		return -1;
	p->slots = LEAST_SLOTS;
	memset(p->slot, 0, p->slots * sizeof *p->slot);
	memset(p->turns, 0, p->key_words * WORD_BITS * sizeof *p->turns);
	return 0;
}

static void take_whole_labels(struct partition *p, const struct sparse_labels *l)
{
	memset(p->now, 0, p->key_words * sizeof *p->now);
	for (size_t i = l->bitmaps; i < l->count; i++)
		p->now[p->order[i] / WORD_BITS] |= UINT64_C(1) << p->order[i] % WORD_BITS;
}

/* ---- which classes ---- */

static size_t hash_key(const struct partition *p, const uint64_t *key)
{
	uint64_t h = 0;

	for (size_t i = 0; i < p->key_words; i++)
		h = splitmix_scramble(h ^ key[i]);
	return (size_t)h & (p->slots - 1);
}

static const uint64_t *key_of(const struct partition *p, size_t class)
{
	return p->key + class * p->key_words;
}

/* The slot of the set at hand: its class's, or an empty one. */
static uint32_t *find_slot(const struct partition *p, const uint64_t *key)
{
	const size_t bytes = p->key_words * sizeof *key;
	size_t i = hash_key(p, key);

	while (p->slot[i] && memcmp(key_of(p, p->slot[i] - 1), key, bytes) != 0)
		i = (i + 1) & (p->slots - 1);
	return &p->slot[i];
}

static int grow_slots(struct partition *p, struct error *e)
{
	const size_t slots = 2 * p->slots;

	if (memory_grow(&p->slot, &p->slot_capacity, slots, sizeof *p->slot, e) < 0)
		return -1;
	p->slots = slots;
	memset(p->slot, 0, slots * sizeof *p->slot);
	for (size_t i = 0; i < p->classes; i++)
		*find_slot(p, key_of(p, i)) = (uint32_t)i + 1;
	return 0;
}

static int add_class(struct partition *p, struct error *e)
{
	const size_t n = p->classes + 1, words = n * p->key_words;

	if (n > MOST_WORDS / p->key_words)
		return too_many(e);
	if (memory_grow(&p->key, &p->key_capacity, words, sizeof *p->key, e) < 0 ||
	    memory_grow(&p->last, &p->last_capacity, n, sizeof *p->last, e) < 0 ||
	    memory_grow(&p->pixels, &p->pixels_capacity, n, sizeof *p->pixels, e) < 0 ||
	    memory_grow(&p->sum, &p->sum_capacity, n, sizeof *p->sum, e) < 0 ||
	    memory_grow(&p->hit, &p->hit_capacity, n + 1, sizeof *p->hit, e) < 0)
		return -1;
	memcpy(p->key + words - p->key_words, p->now, p->key_words * sizeof *p->key);
	p->last[p->classes] = 0;
	p->pixels[p->classes++] = 0;
	return 0;
}

/* The class of the set at hand, or -1. */
static long find_class(struct partition *p, struct error *e)
{
	uint32_t *slot = find_slot(p, p->now);

	if (*slot)
		return (long)*slot - 1;
	if (add_class(p, e) < 0)
		return -1;
	*slot = (uint32_t)p->classes;
	if (2 * p->classes > p->slots && grow_slots(p, e) < 0)
		return -1;
	return (long)p->classes - 1;
}

/* These bits of word w are of the set at hand. */
static int add_run(struct partition *p, size_t w, uint64_t bits, struct error *e)
{
	const long class = find_class(p, e);

	if (class < 0)
		return -1;
	p->pixels[class] += (uint64_t)__builtin_popcountll(bits);
	if (p->last[class] > p->begin[w]) {
		p->mask[p->last[class] - 1] |= bits;
		return 0;
	}
	if (p->parts == MOST_WORDS)
		return too_many(e);
	if (memory_grow(&p->mask, &p->mask_capacity, p->parts + 1, sizeof *p->mask, e) < 0 ||
	    memory_grow(&p->class, &p->class_capacity, p->parts + 1, sizeof *p->class, e) < 0)
		return -1;
	p->mask[p->parts] = bits;
	p->class[p->parts++] = (uint32_t) class;
	p->last[class] = p->parts;
	return 0;
}

/* A word of the labels' bitmaps, of which these bits are pixels. */
static int add_word(struct partition *p, const struct sparse_labels *l, size_t w,
                    uint64_t pixels, struct error *e)
{
	const uint64_t *row = l->word + w * l->bitmaps;
	uint64_t starts = 1;

	take_whole_labels(p, l);
	for (size_t i = 0; i < l->bitmaps; i++) {
		const size_t word = p->order[i] / WORD_BITS;
		const uint64_t bit = UINT64_C(1) << p->order[i] % WORD_BITS;
		uint64_t turn = (row[i] ^ row[i] << 1) & pixels;

		starts |= turn;
		for (; turn; turn &= turn - 1)
			p->turns[(size_t)__builtin_ctzll(turn) * p->key_words + word] ^= bit;
	}
	while (starts) {
		const size_t at = (size_t)__builtin_ctzll(starts);
		uint64_t *turns = p->turns + at * p->key_words, run = ~UINT64_C(0) << at;

		starts &= starts - 1;
		if (starts)
			run &= (starts & -starts) - 1;
		for (size_t i = 0; i < p->key_words; i++) {
			p->now[i] ^= turns[i];
			turns[i] = 0;
		}
		if (add_run(p, w, run & pixels, e) < 0)
			return -1;
	}
	return 0;
}

int partition_find(struct partition *p, uint32_t height, uint32_t width,
                   const struct sparse_labels *l, struct error *e)
{
	const uint64_t pixels = (uint64_t)height * width;
	const size_t words = l->bitmaps ? segment_words(height, width) : 0;

	if (begin_image(p, l, words, e) < 0)
		return -1;
	if (words == 0) { /* one class, however large it is */
		take_whole_labels(p, l);
		if (find_class(p, e) < 0)
			return -1;
		p->pixels[0] = pixels;
		return 0;
	}
	for (size_t w = 0; w < words; w++) {
		const uint64_t left = w * WORD_BITS < pixels ? pixels - w * WORD_BITS : 0;

		p->begin[w] = p->parts;
		if (left &&
		    add_word(p, l, w,
		             left < WORD_BITS ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0),
		             e) < 0)
			return -1;
	}
	p->begin[words] = p->parts;
	return 0;
}

size_t partition_set(const struct partition *p, size_t class, uint16_t *list)
{
	const uint64_t *key = key_of(p, class);
	size_t n = 0;

	for (size_t i = 0; i < p->key_words; i++)
		for (uint64_t bits = key[i]; bits; bits &= bits - 1)
			list[n++] = p->number[i * WORD_BITS + (size_t)__builtin_ctzll(bits)];
	return n;
}

/* ---- masks ---- */

POPCOUNT_CLONES(, size_t, partition_count,
                (struct partition * p, const uint64_t *word, const uint32_t *place,
                 size_t words),
                (p, word, place, words))
{
	size_t n = 0;

	for (size_t i = 0; i < words; i++) {
		const size_t w = place ? place[i] : i;

		if (!word[i])
			continue;
		if (!p->words) {
			p->sum[0] += (uint64_t)__builtin_popcountll(word[i]);
			p->hit[0].class = 0;
			n = 1;
			continue;
		}
		for (size_t k = p->begin[w]; k < p->begin[w + 1]; k++) {
			const uint64_t more =
			        (uint64_t)__builtin_popcountll(word[i] & p->mask[k]);
			const uint32_t class = p->class[k];

			p->hit[n].class = class;
			n += more && !p->sum[class];
			p->sum[class] += more;
		}
	}
	for (size_t i = 0; i < n; i++) {
		p->hit[i].pixels = p->sum[p->hit[i].class];
		p->sum[p->hit[i].class] = 0;
	}
	return n;
}
