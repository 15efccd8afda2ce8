/* quantile.c -- see quantile.h. */
#include "dissect/quantile.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/machine.h"
#include "dissect/ordered.h"

/* Cells looked at together, and the least room for them in a full buffer. */
enum { CHUNK = 1024 };

enum { ALLOCATION = 32 }; /* bytes that the allocator takes for a buffer, at most */

struct unit_tail {
	int32_t *keys; /* everything seen above bound, and some samples at it */
	size_t count, capacity;
	int32_t bound;
	uint64_t left_out; /* samples at bound that are not in keys */
	uint64_t samples;
	int32_t min, max;
};

struct tail {
	size_t units;
	size_t keep;
	size_t room; /* keys in a full buffer */
	struct unit_tail *unit;
};

/* A buffer that is a quarter larger than what it keeps is cut rarely enough. */
static uint64_t room_for(uint64_t keep)
{
	return keep + (keep / 4 > CHUNK ? keep / 4 : CHUNK);
}

uint64_t tail_bytes(size_t units, uint64_t keep)
{
	const size_t fixed = sizeof(struct unit_tail) + ALLOCATION;
	size_t bytes;

	if (keep > SIZE_MAX / 16 ||
	    !size_multiply(units, fixed + room_for(keep) * sizeof(int32_t), &bytes))
		return UINT64_MAX;
	return bytes;
}

uint64_t tail_largest_keep(size_t units, uint64_t bytes)
{
	uint64_t low = 0, high = bytes / sizeof(int32_t) + 1; /* low fits, high does not */

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (tail_bytes(units, middle) <= bytes)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct tail *tail_new(size_t units, uint64_t keep, struct error *e)
{
	struct tail *t = memory_new(1, sizeof(*t), e);

	if (!t)
		return NULL;
	t->unit = memory_new(units, sizeof(*t->unit), e);
	if (t->unit && tail_bytes(units, keep) == UINT64_MAX)
		error_set(e, EXIT_SYSTEM, "%zu units cannot keep so many samples", units);
	if (e->code) {
		tail_free(t);
		return NULL;
	}
	t->units = units;
	t->keep = keep;
	t->room = room_for(keep);
	for (size_t k = 0; k < units; k++) {
		t->unit[k].bound = ORDERED_MINUS_INFINITY;
		t->unit[k].min = INT32_MAX;
		t->unit[k].max = INT32_MIN;
	}
	return t;
}

void tail_free(struct tail *t)
{
	if (!t)
		return;
	for (size_t k = 0; t->unit && k < t->units; k++)
		free(t->unit[k].keys);
	free(t->unit);
	free(t);
}

/* By digits of 11, 11 and 10 bits from the top: linear whatever the values. */
int32_t quantile_select(const int32_t *keys, size_t count, size_t rank)
{
	static const struct {
		int shift, bits;
	} digit[] = {{21, 11}, {10, 11}, {0, 10}};
	uint32_t prefix = 0, mask = 0;

	for (size_t d = 0; d < sizeof(digit) / sizeof(digit[0]); d++) {
		const uint32_t low = (1u << digit[d].bits) - 1;
		size_t histogram[1 << 11] = {0};
		uint32_t bin = low;

		for (size_t i = 0; i < count; i++) {
			uint32_t u = (uint32_t)keys[i] ^ 0x80000000u;

			if ((u & mask) == prefix)
				histogram[u >> digit[d].shift & low]++;
		}
		while (histogram[bin] < rank)
			rank -= histogram[bin--];
		prefix |= bin << digit[d].shift;
		mask |= low << digit[d].shift;
	}
	return (int32_t)(prefix ^ 0x80000000u);
}

/* Cut a buffer back to the keep largest; the smallest of them is the new bound. */
static void cut(struct unit_tail *u, size_t keep)
{
	const int32_t bound = quantile_select(u->keys, u->count, keep);
	size_t above = 0, at = 0;

	for (size_t i = 0; i < u->count; i++) {
		const int32_t key = u->keys[i];

		at += key == bound;
		u->keys[above] = key;
		above += key > bound;
	}
	if (bound > u->bound)
		u->left_out = 0;
	u->left_out += at - (keep - above);
	u->bound = bound;
	while (above < keep)
		u->keys[above++] = bound;
	u->count = keep;
}

static int make_room(struct unit_tail *u, const struct tail *t, size_t cells, struct error *e)
{
	if (u->count + cells > t->room)
		cut(u, t->keep);
	if (u->count + cells > u->capacity) {
		size_t capacity = u->count + (u->count / 2 > CHUNK ? u->count / 2 : CHUNK);
		int32_t *keys;

		if (capacity > t->room)
			capacity = t->room;
		keys = realloc(u->keys, capacity * sizeof(*keys));
		if (!keys)
			return error_errno(e, "samples of a unit");
		u->keys = keys;
		u->capacity = capacity;
	}
	return 0;
}

struct summary {
	int32_t min, max;
	uint32_t at_or_above;
};

VECTOR_CLONES(static, struct summary, summarise,
              (const float *values, size_t count, int32_t bound), (values, count, bound))
{
	struct summary s = {INT32_MAX, INT32_MIN, 0};

	for (size_t i = 0; i < count; i++) {
		const int32_t key = ordered_key(values[i]);

		s.min = key < s.min ? key : s.min;
		s.max = key > s.max ? key : s.max;
		s.at_or_above += key >= bound;
	}
	return s;
}

/* At most CHUNK cells of one unit. */
static int add_cells(struct unit_tail *u, const struct tail *t, const float *values,
                     size_t cells, struct error *e)
{
	const int32_t bound = u->bound;
	struct summary s = summarise(values, cells, bound);
	size_t before;

	if (!ordered_is_finite(s.min) || !ordered_is_finite(s.max))
		return error_set(e, EXIT_MALFORMED, "unit %zu: activation is not finite",
		                 (size_t)(u - t->unit) + 1);
	u->min = s.min < u->min ? s.min : u->min;
	u->max = s.max > u->max ? s.max : u->max;
	if (s.max > bound) {
		if (make_room(u, t, cells, e) < 0)
			return -1;
		if (u->bound > bound)
			s = summarise(values, cells, u->bound);
		before = u->count;
		for (size_t i = 0; i < cells; i++) {
			const int32_t key = ordered_key(values[i]);

			u->keys[u->count] = key;
			u->count += key > u->bound;
		}
		s.at_or_above -= (uint32_t)(u->count - before);
	}
	u->left_out += s.at_or_above;
	return 0;
}

int tail_add(struct tail *t, const float *maps, size_t cells, struct units units,
             struct error *e)
{
	for (size_t k = units.first; k < units.end; k++) {
		const float *map = maps + k * cells;

		for (size_t i = 0; i < cells; i += CHUNK) {
			size_t n = cells - i < CHUNK ? cells - i : CHUNK;

			if (add_cells(&t->unit[k], t, map + i, n, e) < 0)
				return -1;
		}
		t->unit[k].samples += cells;
	}
	return 0;
}

uint64_t tail_samples(const struct tail *t, size_t unit)
{
	return t->unit[unit].samples;
}

/* ---- parts ---- */

uint64_t tail_keep(const struct tail *t)
{
	return t->keep;
}

static int compare_keys(const void *a, const void *b)
{
	const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x < y) - (x > y);
}

struct tail_part tail_part(struct tail *t, size_t unit)
{
	struct unit_tail *u = &t->unit[unit];
	struct tail_part part = {.samples = u->samples};

	if (u->count > t->keep)
		cut(u, t->keep);
	part.count = u->count;
	if (u->count == 0)
		return part;
	qsort(u->keys, u->count, sizeof(*u->keys), compare_keys);
	part.ties = u->keys[u->count - 1] == u->bound ? u->left_out : 0;
	part.min = ordered_value(u->min);
	part.max = ordered_value(u->max);
	return part;
}

void tail_values(const struct tail *t, size_t unit, float *to)
{
	const struct unit_tail *u = &t->unit[unit];

	for (size_t i = 0; i < u->count; i++)
		to[i] = ordered_value(u->keys[i]);
}

static void note_range(struct unit_tail *u, float low, float high)
{
	const int32_t min = ordered_key(low), max = ordered_key(high);

	u->min = min < u->min ? min : u->min;
	u->max = max > u->max ? max : u->max;
}

int tail_merge(struct tail *t, size_t unit, const struct tail_part *part, struct error *e)
{
	struct unit_tail *u = &t->unit[unit];
	const float *v = part->values;

	if (__builtin_add_overflow(u->samples, part->samples, &u->samples))
		return error_set(e, EXIT_MALFORMED, "counts add up to more than 64 bits");
	if (part->count == 0)
		return 0;
	note_range(u, part->min, part->max);
	for (uint64_t i = 0; i < part->count && ordered_key(v[i]) >= u->bound; i += CHUNK) {
		const uint64_t n = part->count - i < CHUNK ? part->count - i : CHUNK;

		if (add_cells(u, t, v + i, (size_t)n, e) < 0)
			return -1;
	}
	/* A part with ties has keep samples no smaller than these, so the bound is there. */
	if (part->ties > 0) {
		if (u->count >= t->keep)
			cut(u, t->keep);
		if (u->bound == ordered_key(v[part->count - 1]))
			u->left_out += part->ties;
	}
	return 0;
}

bool tail_reaches(const struct tail *t, const struct level *level)
{
	const uint64_t samples = t->unit[0].samples, rank = level_allowance(level, samples) + 1;

	return rank <= t->keep || samples <= t->keep;
}

void tail_thresholds(struct tail *t, const struct level *level, struct threshold *thresholds)
{
	const size_t rank = level_allowance(level, t->unit[0].samples) + 1;

	for (size_t k = 0; k < t->units; k++) {
		const struct unit_tail *u = &t->unit[k];
		const int32_t key = quantile_select(u->keys, u->count, rank);
		size_t above = 0, at = 0;

		for (size_t i = 0; i < u->count; i++) {
			above += u->keys[i] > key;
			at += u->keys[i] == key;
		}
		if (key == u->bound)
			at += u->left_out;
		thresholds[k] = (struct threshold){
		        .t = ordered_value(key),
		        .min = ordered_value(u->min),
		        .max = ordered_value(u->max),
		        .samples = (double)u->samples,
		        .level = level->value,
		        .above = (double)above,
		        .at_or_above = (double)(above + at),
		};
	}
}
