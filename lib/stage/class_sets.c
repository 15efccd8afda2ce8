/* class_sets.c -- see class_sets.h. */
#include "stage/class_sets.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum { LEAST_SLOTS = 64 };

int memory_share_take(struct memory_share *m, uint64_t bytes, struct error *e)
{
	if (atomic_fetch_add(&m->used, bytes) + bytes <= m->limit)
		return 0;
	return error_set(e, EXIT_SYSTEM,
	                 "joint counts take more than %" PRIu64 " MiB: try a larger --memory",
	                 m->limit >> 20);
}

int class_sets_open(struct class_sets *s, struct memory_share *memory, struct error *e)
{
	s->memory = memory;
	for (size_t i = 0; i < CLASS_PARTS; i++) {
		struct class_part *p = &s->part[i];

		p->slot = memory_new(LEAST_SLOTS, sizeof *p->slot, e);
		if (!p->slot)
			return -1;
		p->slots = LEAST_SLOTS;
	}
	for (size_t i = 0; i < CLASS_PARTS; i++)
		pthread_mutex_init(&s->part[i].lock, NULL);
	s->locks = true;
	return 0;
}

void class_sets_close(struct class_sets *s)
{
	for (size_t i = 0; i < CLASS_PARTS; i++) {
		if (s->locks)
			pthread_mutex_destroy(&s->part[i].lock);
		free(s->part[i].class);
		free(s->part[i].begin);
		free(s->part[i].list);
		free(s->part[i].slot);
	}
	free(s->order);
	free(s->place);
	*s = (struct class_sets){0};
}

/* ---- one part ---- */

static size_t listed(const struct ndr_class *c)
{
	return (size_t)c->categories + c->labels;
}

static uint64_t hash_class(const struct ndr_class *c, const uint16_t *list)
{
	uint64_t h = c->categories;

	for (size_t i = 0; i < listed(c); i++)
		h = splitmix_scramble(h << 16 ^ h ^ list[i]);
	return h;
}

/* The slot of a class: its own, or an empty one. */
static uint32_t *find_slot(const struct class_part *p, uint64_t hash, const struct ndr_class *c,
                           const uint16_t *list)
{
	for (size_t i = hash / CLASS_PARTS;; i++) {
		uint32_t *slot = &p->slot[i & (p->slots - 1)];

		if (!*slot ||
		    ndr_class_compare(&p->class[*slot - 1], p -> list + p -> begin[*slot - 1],
		                      c, list) == 0)
			return slot;
	}
}

static int grow_slots(struct class_part *p, struct memory_share *m, struct error *e)
{
	uint32_t *old = p->slot;

	if (memory_share_take(m, p->slots * sizeof *old, e) < 0)
		return -1;
	p->slot = memory_new(2 * p->slots, sizeof *p->slot, e);
	if (!p->slot) {
		p->slot = old;
		return -1;
	}
	free(old);
	p->slots *= 2;
	for (size_t i = 0; i < p->count; i++) {
		const struct ndr_class *c = &p->class[i];
		const uint16_t *list = p->list + p->begin[i];

		*find_slot(p, hash_class(c, list), c, list) = (uint32_t)i + 1;
	}
	return 0;
}

/* Arrays at least double: of each what they hold is counted twice, and what
 * class_sets_finish() and class_sets_write() will need of it. */
static uint64_t bytes_of(const struct class_part *p, const struct ndr_class *c)
{
	const uint64_t list = listed(c) * sizeof *p->list;

	return 2 * (sizeof *p->class + sizeof *p->begin + list) + sizeof(struct class_order) +
	       2 * sizeof(uint32_t) + sizeof *p->class + list;
}

static int insert(struct class_part *p, const struct ndr_class *c, const uint16_t *list,
                  struct memory_share *m, struct error *e)
{
	const size_t n = listed(c);

	if (p->count == UINT32_MAX / CLASS_PARTS)
		return error_set(e, EXIT_SYSTEM, "more than 2^32 classes of pixels");
	if (memory_share_take(m, bytes_of(p, c), e) < 0 ||
	    memory_grow(&p->class, &p->capacity, p->count + 1, sizeof *p->class, e) < 0 ||
	    memory_grow(&p->begin, &p->begin_capacity, p->count + 1, sizeof *p->begin, e) < 0 ||
	    memory_grow(&p->list, &p->list_capacity, p->listed + n, sizeof *p->list, e) < 0)
		return -1;
	if (n > 0)
		memcpy(p->list + p->listed, list, n * sizeof *list);
	p->class[p->count] =
	        (struct ndr_class){.categories = c->categories, .labels = c->labels};
	p->begin[p->count++] = p->listed;
	p->listed += n;
	return 0;
}

static int count_class(struct class_part *p, uint64_t hash, const struct ndr_class *c,
                       const uint16_t *list, size_t *at, struct memory_share *m,
                       struct error *e)
{
	uint32_t *slot = find_slot(p, hash, c, list);
	struct ndr_class *known;

	if (!*slot) {
		if (insert(p, c, list, m, e) < 0)
			return -1;
		*slot = (uint32_t)p->count;
		*at = p->count - 1;
		if (2 * p->count > p->slots && grow_slots(p, m, e) < 0)
			return -1;
	} else {
		*at = *slot - 1;
	}
	known = &p->class[*at];
	known->images += c->images;
	return __builtin_add_overflow(known->pixels, c->pixels, &known->pixels)
	               ? error_set(e, EXIT_MALFORMED, "counts add up to more than 64 bits")
	               : 0;
}

int class_sets_add(struct class_sets *s, const struct ndr_class *class, const uint16_t *list,
                   uint32_t *number, struct error *e)
{
	const uint64_t hash = hash_class(class, list);
	const size_t i = hash % CLASS_PARTS;
	size_t at = 0;
	int status;

	pthread_mutex_lock(&s->part[i].lock);
	status = count_class(&s->part[i], hash, class, list, &at, s->memory, e);
	pthread_mutex_unlock(&s->part[i].lock);
	*number = (uint32_t)(at * CLASS_PARTS + i);
	return status;
}

/* ---- all ---- */

static int by_content(const void *a, const void *b)
{
	const struct class_order *x = a, *y = b;

	return ndr_class_compare(x->class, x->list, y->class, y->list);
}

int class_sets_finish(struct class_sets *s, struct error *e)
{
	size_t most = 0;

	for (size_t i = 0; i < CLASS_PARTS; i++) {
		s->count += s->part[i].count;
		most = s->part[i].count > most ? s->part[i].count : most;
	}
	s->order = memory_new(s->count, sizeof *s->order, e);
	s->place = memory_new(most * CLASS_PARTS, sizeof *s->place, e);
	if (!s->order || !s->place)
		return -1;
	s->count = 0;
	for (size_t i = 0; i < CLASS_PARTS; i++)
		for (size_t k = 0; k < s->part[i].count; k++) {
			const struct class_part *p = &s->part[i];

			s->order[s->count++] =
			        (struct class_order){&p->class[k], p -> list + p -> begin[k],
			                             (uint32_t)(k * CLASS_PARTS + i)};
		}
	qsort(s->order, s->count, sizeof *s->order, by_content);
	for (size_t i = 0; i < s->count; i++)
		s->place[s->order[i].number] = (uint32_t)i;
	return 0;
}

const struct ndr_class *class_sets_find(const struct class_sets *s, uint32_t number,
                                        const uint16_t **list)
{
	const struct class_order *o = &s->order[s->place[number]];

	*list = o->list;
	return o->class;
}

int class_sets_write(const struct class_sets *s, struct ndr_item *out, struct error *e)
{
	struct ndr_class *class;
	uint64_t length = 0;
	uint16_t *list;

	for (size_t i = 0; i < s->count; i++)
		length += listed(s->order[i].class);
	if (ndr_classes_add(out, s->count, length, &class, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		const size_t n = listed(s->order[i].class);

		class[i] = *s->order[i].class;
		if (n > 0)
			memcpy(list, s->order[i].list, n * sizeof *list);
		list += n;
	}
	return 0;
}
