/* sums.c -- see sums.h. */
#include "record/sums.h"
#include "base/memory.h"
#include "record/format.h"
#include "record/summary.h"
#include "record/sums_classes.h"
#include "record/sums_maxima.h"
#include "record/sums_top.h"

#include <stdlib.h>
#include <string.h>

/* One record of the whole; of those of a type and group, key tells which. */
struct sum {
	uint64_t key[2];
	struct ndr_record record; /* data is owned */
	struct top_sum *top;      /* of TOP, instead */
	size_t parts;             /* that had it */
};

struct sums_of {
	unsigned type;
	uint32_t group;
	size_t count, capacity;
	struct sum *sum; /* by key */
};

struct ndr_sums {
	const struct ndr_meta *meta;
	size_t count, capacity;
	struct sums_of *of; /* in the order in which they came first */
	uint32_t *place;    /* of the classes of the part being added */
	uint64_t bytes, limit;
};

struct ndr_sums *ndr_sums_new(const struct ndr_meta *m, uint64_t limit, struct error *e)
{
	struct ndr_sums *s = memory_new(1, sizeof *s, e);

	if (!s)
		return NULL;
	s->meta = m;
	s->limit = limit;
	return s;
}

void ndr_sums_free(struct ndr_sums *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++) {
		for (size_t k = 0; k < s->of[i].count; k++) {
			free((void *)s->of[i].sum[k].record.data);
			sums_top_free(s->of[i].sum[k].top);
		}
		free(s->of[i].sum);
	}
	free(s->of);
	free(s->place);
	free(s);
}

static struct sums_of *find_of(struct ndr_sums *s, unsigned type, uint32_t group)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->of[i].type == type && s->of[i].group == group)
			return &s->of[i];
	return NULL;
}

static struct sums_of *make_of(struct ndr_sums *s, const struct ndr_record *rec,
                               struct error *e)
{
	struct sums_of *of = find_of(s, rec->type, rec->group);

	if (of)
		return of;
	if (memory_grow(&s->of, &s->capacity, s->count + 1, sizeof *s->of, e) < 0)
		return NULL;
	of = &s->of[s->count++];
	of->type = rec->type;
	of->group = rec->group;
	return of;
}

static void key_of(const struct ndr_record *rec, uint64_t key[static 2])
{
	key[0] = key[1] = 0;
	if (rec->type == NDR_CHANCE) {
		key[0] = ndr_chance_view(rec).seed;
		key[1] = ndr_chance_view(rec).first;
	} else if (rec->type == NDR_TAIL) {
		key[0] = ndr_tail_view(rec).unit;
	} else if (rec->type == NDR_JOINT) {
		key[0] = ndr_joint_view(rec).unit;
	} else if (rec->type == NDR_MAXIMA) {
		key[0] = ndr_maxima_view(rec).unit;
	}
}

/* The sum that rec belongs to, maybe a fresh one, which has no data yet. */
static struct sum *find_sum(struct ndr_sums *s, const struct ndr_record *rec, struct error *e)
{
	struct sums_of *of = make_of(s, rec, e);
	uint64_t key[2];
	size_t low = 0;

	if (!of || memory_grow(&of->sum, &of->capacity, of->count + 1, sizeof *of->sum, e) < 0)
		return NULL;
	key_of(rec, key);
	for (size_t high = of->count; low < high;) {
		const size_t middle = low + (high - low) / 2;
		const uint64_t *its = of->sum[middle].key;

		if (its[0] == key[0] && its[1] == key[1])
			return &of->sum[middle];
		if (its[0] < key[0] || (its[0] == key[0] && its[1] < key[1]))
			low = middle + 1;
		else
			high = middle;
	}
	memmove(&of->sum[low + 1], &of->sum[low], (of->count++ - low) * sizeof *of->sum);
	of->sum[low] = (struct sum){.key = {key[0], key[1]}};
	return &of->sum[low];
}

/* ---- TAIL ---- */

static uint64_t ties_at(const struct ndr_tail *t, uint64_t from, float last)
{
	uint64_t n = t->count && t->values[t->count - 1] == last ? t->ties : 0;

	for (; from < t->count && t->values[from] == last; from++)
		n++;
	return n;
}

static int merge_tails(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	const struct ndr_tail a = ndr_tail_view(sum), b = ndr_tail_view(rec);
	struct ndr_item item = {0};
	struct ndr_tail t = a;
	uint64_t i = 0, k = 0;
	float *v;
	int status = -1;

	ndr_item_clear(&item, NDR_NO_ITEM);
	if (a.keep != b.keep)
		return error_set(e, EXIT_MALFORMED,
		                 "tails (TAIL) of parts that keep different numbers of "
		                 "samples do not make one");
	if (__builtin_add_overflow(a.samples, b.samples, &t.samples))
		return error_set(e, EXIT_MALFORMED, "counts add up to more than 64 bits");
	if (b.samples > 0) {
		t.min = a.samples == 0 || b.min < a.min ? b.min : a.min;
		t.max = a.samples == 0 || b.max > a.max ? b.max : a.max;
	}
	t.count = t.samples < t.keep ? t.samples : t.keep;
	v = ndr_tail_add(&item, sum->group, &t, e);
	for (uint64_t n = 0; v && n < t.count; n++)
		v[n] = k == b.count || (i < a.count && a.values[i] >= b.values[k])
		               ? a.values[i++]
		               : b.values[k++];
	if (v && t.count > 0)
		t.ties = ties_at(&a, i, v[t.count - 1]) + ties_at(&b, k, v[t.count - 1]);
	if (v)
		put64((unsigned char *)v - SUMMARY_BYTES + 32, t.ties);
	free((void *)sum->data);
	*sum = v ? item.record[0] : *sum;
	sum->data = v ? memory_raw(sum->length, 1, e) : NULL;
	if (sum->data) {
		memcpy((void *)sum->data, item.record[0].data, sum->length);
		status = 0;
	}
	ndr_item_free(&item);
	return status;
}

/* ---- CHANCE ---- */

static int add_chance(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	uint64_t *total = (uint64_t *)ndr_chance_view(sum).pixels;
	const struct ndr_chance c = ndr_chance_view(rec);

	if (rec->length != sum->length)
		return error_set(e, EXIT_MALFORMED,
		                 "parts of a stream hold other units in a CHANCE");
	for (uint64_t i = 0; i < (uint64_t)c.units * c.labels; i++)
		if (__builtin_add_overflow(total[i], c.pixels[i], &total[i]))
			return error_set(e, EXIT_MALFORMED,
			                 "counts add up to more than 64 bits");
	return 0;
}

/* ---- CLASSES ---- */

static int keep_data(struct ndr_record *sum, const struct ndr_record *rec, struct error *e)
{
	void *data = memory_raw(rec->length, 1, e);

	if (!data)
		return -1;
	*sum = *rec;
	sum->data = memcpy(data, rec->data, rec->length);
	return 0;
}

static void renumber(struct ndr_sums *s, const uint32_t *place)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; s->of[i].type == NDR_JOINT && k < s->of[i].count; k++)
			sums_joint_renumber(&s->of[i].sum[k].record, place);
}

static int add_classes(struct ndr_sums *s, struct ndr_record *sum, const struct ndr_record *rec,
                       struct error *e)
{
	const uint64_t n = ndr_classes_view(rec).count;
	uint32_t *old;
	int status = -1;

	free(s->place);
	s->place = memory_new(n, sizeof *s->place, e);
	if (!s->place)
		return -1;
	if (!sum->data) {
		for (uint64_t i = 0; i < n; i++)
			s->place[i] = (uint32_t)i;
		return keep_data(sum, rec, e);
	}
	old = memory_new(ndr_classes_view(sum).count, sizeof *old, e);
	if (old && sums_classes_merge(sum, rec, old, s->place, e) == 0) {
		renumber(s, old);
		status = 0;
	}
	free(old);
	return status;
}

static int add_joint(const struct ndr_sums *s, struct ndr_record *sum,
                     const struct ndr_record *rec, struct error *e)
{
	if (sum->data)
		return sums_joint_merge(sum, rec, s->place, e);
	if (keep_data(sum, rec, e) < 0)
		return -1;
	sums_joint_renumber(sum, s->place);
	return 0;
}

/* ---- all ---- */

static int add_to(struct ndr_sums *s, struct sum *sum, const struct ndr_record *rec,
                  struct error *e)
{
	struct ndr_record *total = &sum->record;

	switch (rec->type) {
	case NDR_TOP:
		return sums_top_add(&sum->top, rec, &s->meta->layer[rec->group], e);
	case NDR_CLASSES:
		return add_classes(s, total, rec, e);
	case NDR_JOINT:
		return add_joint(s, total, rec, e);
	case NDR_CHANCE:
		return total->data ? add_chance(total, rec, e) : keep_data(total, rec, e);
	case NDR_TAIL:
		return total->data ? merge_tails(total, rec, e) : keep_data(total, rec, e);
	case NDR_MAXIMA:
		return total->data ? sums_maxima_merge(total, rec, e)
		                   : keep_data(total, rec, e);
	default:
		return ndr_merge(total, rec, e);
	}
}

static bool is_shared(unsigned type)
{
	return type == NDR_MATRIX || type == NDR_LINEAR;
}

static int too_large(const struct ndr_sums *s, struct error *e)
{
	return error_set(
	        e, EXIT_SYSTEM,
	        "what has to be merged takes more than %llu MiB: try a larger --memory",
	        (unsigned long long)s->limit >> 20);
}

static uint64_t bytes_of(const struct sum *sum)
{
	return (sum->top ? sums_top_bytes(sum->top) : sum->record.length) + sizeof *sum;
}

/* After a sum of so many bytes grew. */
static int weigh(struct ndr_sums *s, const struct sum *sum, uint64_t before, struct error *e)
{
	s->bytes += bytes_of(sum) - before;
	return s->bytes > s->limit ? too_large(s, e) : 0;
}

static int add_maps(struct ndr_sums *s, const struct ndr_record *rec, struct error *e)
{
	const struct sums_of *of = find_of(s, NDR_TOP, rec->group);
	uint64_t before;

	if (!of)
		return error_set(e, EXIT_MALFORMED, "not the maps of the TOP before it");
	before = bytes_of(of->sum);
	if (rec->length > s->limit)
		return too_large(s, e);
	if (sums_top_add_maps(of->sum->top, rec, e) < 0 || weigh(s, of->sum, before, e) < 0)
		return -1;
	return 1;
}

int ndr_sums_add(struct ndr_sums *s, const struct ndr_record *rec, struct error *e)
{
	struct sum *sum;
	uint64_t before;
	bool fresh;

	switch (rec->type) {
	case NDR_TOPMAP:
		return add_maps(s, rec, e);
	case NDR_SCORE:
	case NDR_COUNT:
	case NDR_TOP:
	case NDR_MATRIX:
	case NDR_CHANCE:
	case NDR_TAIL:
	case NDR_CLASSES:
	case NDR_JOINT:
	case NDR_MAXIMA:
	case NDR_LINEAR:
		break;
	default:
		return 0;
	}
	sum = find_sum(s, rec, e);
	if (!sum)
		return -1;
	fresh = !sum->record.data && !sum->top;
	before = fresh ? 0 : bytes_of(sum);
	if (fresh && rec->length > s->limit - s->bytes)
		return too_large(s, e);
	sum->parts++;
	if (add_to(s, sum, rec, e) < 0 || weigh(s, sum, before, e) < 0)
		return -1;
	return !is_shared(rec->type) || !fresh; /* what is shared stands in front */
}

/* Counts of some parts only would look like those of all: MAXIMA comes with each TOP. */
static int check_parts(struct ndr_sums *s, const struct sums_of *of, const struct sum *sum,
                       struct error *e)
{
	const struct sums_of *top =
	        of->type == NDR_MAXIMA ? find_of(s, NDR_TOP, of->group) : NULL;

	return top && top->sum->parts != sum->parts
	               ? error_set(e, EXIT_MALFORMED,
	                           "only some parts of the stream have the maxima (MAXIMA) of "
	                           "their images")
	               : 0;
}

int ndr_sums_write(struct ndr_sums *s, struct ndr_writer *w, struct error *e)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < s->of[i].count && !is_shared(s->of[i].type); k++) {
			const struct sum *sum = &s->of[i].sum[k];

			if (check_parts(s, &s->of[i], sum, e) < 0 ||
			    (sum->top ? sums_top_write(sum->top, w, e) < 0
			              : ndr_write(w, &sum->record, e) < 0))
				return -1;
		}
	return 0;
}
