/* sketch.c -- see sketch.h. */
#include "dissect/sketch.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/ordered.h"

enum {
	HIGH_BITS = 20,
	LOW_BITS = 32 - HIGH_BITS,
	BINS = 1 << HIGH_BITS,
	LOW_VALUES = 1 << LOW_BITS,
	PAGE_BITS = 10,
	PAGE_BINS = 1 << PAGE_BITS,
	PAGES = BINS / PAGE_BINS,
	HEADER_BYTES = 16,
	BIN_BYTES = 16,
};

/* A bin in one word: greatest sample's low bits, least's, count from the top.
 * 0 is an empty bin. */
typedef uint64_t bin;

enum { COUNT_SHIFT = 2 * LOW_BITS };
#define MOST_SAMPLES ((UINT64_C(1) << (64 - COUNT_SHIFT)) - 1)

static uint64_t bin_count(bin b)
{
	return b >> COUNT_SHIFT;
}

static uint32_t bin_least(bin b)
{
	return b >> LOW_BITS & (LOW_VALUES - 1);
}

static uint32_t bin_greatest(bin b)
{
	return b & (LOW_VALUES - 1);
}

static bin bin_make(uint64_t count, uint32_t least, uint32_t greatest)
{
	return count << COUNT_SHIFT | (uint64_t)least << LOW_BITS | greatest;
}

static bin bin_add(bin b, uint64_t count, uint32_t least, uint32_t greatest)
{
	if (!b)
		return bin_make(count, least, greatest);
	return bin_make(bin_count(b) + count, least < bin_least(b) ? least : bin_least(b),
	                greatest > bin_greatest(b) ? greatest : bin_greatest(b));
}

struct unit_sketch {
	bin *page[PAGES]; /* PAGE_BINS each; NULL: all empty */
	uint64_t samples;
};

struct sketch {
	size_t units;
	_Atomic uint64_t bytes; /* several threads find room, each for units of its own */
	uint64_t limit;
	struct unit_sketch *unit;
};

/* The order of the floats, from 0. */
static uint32_t rank_of(float value)
{
	return (uint32_t)ordered_key(value) ^ 0x80000000u;
}

static double value_of(uint32_t high, uint32_t low)
{
	return ordered_value((int32_t)((high << LOW_BITS | low) ^ 0x80000000u));
}

static int too_large(size_t units, uint64_t limit, struct error *e)
{
	return error_set(e, EXIT_SYSTEM,
	                 "histograms of %zu units take more than %" PRIu64 " KiB", units,
	                 limit >> 10);
}

struct sketch *sketch_new(size_t units, uint64_t limit, struct error *e)
{
	struct sketch *s;

	if (units > limit / sizeof(*s->unit)) {
		too_large(units, limit, e);
		return NULL;
	}
	s = memory_new(1, sizeof(*s), e);
	if (!s)
		return NULL;
	s->unit = memory_new(units, sizeof(*s->unit), e);
	if (!s->unit) {
		free(s);
		return NULL;
	}
	s->units = units;
	s->bytes = units * sizeof(*s->unit);
	s->limit = limit;
	return s;
}

void sketch_free(struct sketch *s)
{
	if (!s)
		return;
	for (size_t k = 0; k < s->units; k++)
		for (size_t p = 0; p < PAGES; p++)
			free(s->unit[k].page[p]);
	free(s->unit);
	free(s);
}

bool sketch_is_full(const struct sketch *s)
{
	return s->bytes > s->limit;
}

uint64_t sketch_usual_bytes(uint64_t units)
{
	const uint64_t pages = 24; /* a dozen octaves, two pages each */

	return units * (sizeof(struct unit_sketch) + pages * PAGE_BINS * sizeof(bin));
}

static bin *page_of(struct sketch *s, struct unit_sketch *u, uint32_t high, struct error *e)
{
	bin **page = &u->page[high >> PAGE_BITS];

	if (!*page) {
		const uint64_t more = PAGE_BINS * sizeof(bin);

		if (atomic_fetch_add(&s->bytes, more) + more > s->limit) {
			too_large(s->units, s->limit, e);
			return NULL;
		}
		*page = memory_new(PAGE_BINS, sizeof(bin), e);
	}
	return *page;
}

static int count_samples(struct unit_sketch *u, uint64_t more, struct error *e)
{
	if (more > MOST_SAMPLES - u->samples)
		return error_set(e, EXIT_MALFORMED, "more than %" PRIu64 " samples of a unit",
		                 (uint64_t)MOST_SAMPLES);
	u->samples += more;
	return 0;
}

int sketch_add(struct sketch *s, const float *maps, size_t cells, struct units units,
               struct error *e)
{
	for (size_t k = units.first; k < units.end; k++) {
		struct unit_sketch *u = &s->unit[k];

		if (count_samples(u, cells, e) < 0)
			return -1;
		for (size_t i = 0; i < cells; i++) {
			const float value = maps[k * cells + i];
			const uint32_t rank = rank_of(value);
			const uint32_t high = rank >> LOW_BITS, low = rank & (LOW_VALUES - 1);
			bin *page;

			if (!ordered_is_finite(ordered_key(value)))
				return error_set(e, EXIT_MALFORMED,
				                 "unit %zu: activation is not finite", k + 1);
			page = page_of(s, u, high, e);
			if (!page)
				return -1;
			page += high & (PAGE_BINS - 1);
			*page = bin_add(*page, 1, low, low);
		}
	}
	return 0;
}

uint64_t sketch_samples(const struct sketch *s, size_t unit)
{
	return s->unit[unit].samples;
}

/* The next bin with samples below or above *high, as step is -1 or 1; 0 when
 * there is none.  Start below 0 or at BINS. */
static bin next_bin(const struct unit_sketch *u, int64_t *high, int step)
{
	for (*high += step; *high >= 0 && *high < BINS; *high += step) {
		const bin *page = u->page[*high >> PAGE_BITS];

		if (!page)
			*high = step < 0 ? *high & -PAGE_BINS : *high | (PAGE_BINS - 1);
		else if (page[*high & (PAGE_BINS - 1)])
			return page[*high & (PAGE_BINS - 1)];
	}
	return 0;
}

static void put(unsigned char *bytes, uint64_t value, int size)
{
	for (int i = 0; i < size; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get(const unsigned char *bytes, int size)
{
	uint64_t value = 0;

	for (int i = 0; i < size; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

size_t sketch_encoded_size(const struct sketch *s, size_t unit)
{
	int64_t high = -1;
	size_t bins = 0;

	while (next_bin(&s->unit[unit], &high, 1))
		bins++;
	return HEADER_BYTES + bins * BIN_BYTES;
}

void sketch_encode(const struct sketch *s, size_t unit, void *bytes)
{
	unsigned char *header = bytes, *at = header + HEADER_BYTES;
	int64_t high = -1;
	bin b;

	while ((b = next_bin(&s->unit[unit], &high, 1))) {
		put(at, (uint64_t)high, 4);
		put(at + 4, bin_least(b), 2);
		put(at + 6, bin_greatest(b), 2);
		put(at + 8, bin_count(b), 8);
		at += BIN_BYTES;
	}
	put(header, unit, 4);
	put(header + 4, HIGH_BITS, 4);
	put(header + 8, (uint64_t)(at - header - HEADER_BYTES) / BIN_BYTES, 8);
}

int sketch_merge(struct sketch *s, const void *bytes, size_t length, struct error *e)
{
	const uint32_t lowest = rank_of(ordered_value(ORDERED_MINUS_INFINITY + 1));
	const uint32_t highest = rank_of(ordered_value(ORDERED_INFINITY - 1));
	const unsigned char *at = bytes;
	struct unit_sketch *u;
	uint64_t bins;
	int64_t before = -1;

	if (length < HEADER_BYTES || get(at, 4) >= s->units)
		return error_set(e, EXIT_MALFORMED,
		                 "sketch of a unit that the layer does not have");
	if (get(at + 4, 4) != HIGH_BITS)
		return error_set(e, EXIT_MALFORMED,
		                 "sketch with bins of %" PRIu64 " bits, not %d", get(at + 4, 4),
		                 HIGH_BITS);
	u = &s->unit[get(at, 4)];
	bins = get(at + 8, 8);
	if (bins != (length - HEADER_BYTES) / BIN_BYTES || (length - HEADER_BYTES) % BIN_BYTES)
		return error_set(e, EXIT_MALFORMED, "sketch of the wrong length");
	for (at += HEADER_BYTES; bins; bins--, at += BIN_BYTES) {
		const uint64_t high = get(at, 4), count = get(at + 8, 8);
		const uint32_t least = (uint32_t)get(at + 4, 2),
		               greatest = (uint32_t)get(at + 6, 2);
		bin *page;

		if ((int64_t)high <= before || high >= BINS || count == 0 || least > greatest ||
		    greatest >= LOW_VALUES || (high << LOW_BITS | least) < lowest ||
		    (high << LOW_BITS | greatest) > highest)
			return error_set(e, EXIT_MALFORMED, "sketch with an impossible bin");
		if (count_samples(u, count, e) < 0)
			return -1;
		page = page_of(s, u, (uint32_t)high, e);
		if (!page)
			return -1;
		page += high & (PAGE_BINS - 1);
		*page = bin_add(*page, count, least, greatest);
		before = (int64_t)high;
	}
	return 0;
}

/* The bin of the (m+1)-th largest sample, and how many are above the bin. */
static bin threshold_bin(const struct unit_sketch *u, const struct level *level, int64_t *high,
                         uint64_t *above)
{
	const uint64_t allowance = level_allowance(level, u->samples);
	bin b;

	*high = BINS;
	*above = 0;
	while ((b = next_bin(u, high, -1)) && *above + bin_count(b) <= allowance)
		*above += bin_count(b);
	return b;
}

void sketch_thresholds(const struct sketch *s, const struct level *level,
                       struct threshold *thresholds)
{
	for (size_t k = 0; k < s->units; k++) {
		const struct unit_sketch *u = &s->unit[k];
		int64_t first = -1, last = BINS, high;
		const bin lowest = next_bin(u, &first, 1), highest = next_bin(u, &last, -1);
		uint64_t above;
		const bin b = threshold_bin(u, level, &high, &above);
		const uint64_t at_or_above = above + bin_count(b);
		const bool exact = bin_least(b) == bin_greatest(b);
		const uint64_t rank = level_allowance(level, u->samples) + 1;

		thresholds[k] = (struct threshold){
		        .t = value_of((uint32_t)high, bin_least(b)),
		        .min = value_of((uint32_t)first, bin_least(lowest)),
		        .max = value_of((uint32_t)last, bin_greatest(highest)),
		        .samples = (double)u->samples,
		        .level = level->value,
		        .rank_error = exact ? 0 : (double)(at_or_above - rank),
		        .above = (double)(exact ? above : at_or_above - 1),
		        .at_or_above = (double)at_or_above,
		};
	}
}

struct unit_refinement {
	uint32_t high;       /* the threshold's bin */
	uint64_t above, all; /* samples above the bin, in it */
	uint64_t rank;       /* of the threshold among those in it, from 1 */
	uint64_t *count;     /* (LOW_VALUES) of each value in it; NULL: none yet */
};

struct refinement {
	size_t units;
	struct unit_refinement *unit;
};

struct refinement *refinement_new(const struct sketch *s, const struct level *level,
                                  struct error *e)
{
	struct refinement *r = memory_new(1, sizeof(*r), e);

	if (!r)
		return NULL;
	r->unit = memory_new(s->units, sizeof(*r->unit), e);
	if (!r->unit) {
		free(r);
		return NULL;
	}
	r->units = s->units;
	for (size_t k = 0; k < s->units; k++) {
		struct unit_refinement *u = &r->unit[k];
		int64_t high;
		bin b = threshold_bin(&s->unit[k], level, &high, &u->above);

		u->high = (uint32_t)high;
		u->all = bin_count(b);
		u->rank = level_allowance(level, s->unit[k].samples) + 1 - u->above;
	}
	return r;
}

void refinement_free(struct refinement *r)
{
	if (!r)
		return;
	for (size_t k = 0; k < r->units; k++)
		free(r->unit[k].count);
	free(r->unit);
	free(r);
}

uint64_t refinement_bytes(uint64_t units)
{
	return units * (sizeof(struct unit_refinement) + LOW_VALUES * sizeof(uint64_t) +
	                sizeof(struct threshold));
}

int refinement_add(struct refinement *r, const float *maps, size_t cells, struct units units,
                   struct error *e)
{
	for (size_t k = units.first; k < units.end; k++) {
		struct unit_refinement *u = &r->unit[k];

		for (size_t i = 0; i < cells; i++) {
			const uint32_t rank = rank_of(maps[k * cells + i]);

			if (rank >> LOW_BITS != u->high)
				continue;
			if (!u->count)
				u->count = memory_new(LOW_VALUES, sizeof(*u->count), e);
			if (!u->count)
				return -1;
			u->count[rank & (LOW_VALUES - 1)]++;
		}
	}
	return 0;
}

int refinement_apply(const struct refinement *r, struct threshold *thresholds, struct error *e)
{
	for (size_t k = 0; k < r->units; k++) {
		const struct unit_refinement *u = &r->unit[k];
		uint64_t all = 0, in_bin = 0;
		uint32_t low = LOW_VALUES;

		for (size_t i = 0; u->count && i < LOW_VALUES; i++)
			all += u->count[i];
		if (all != u->all)
			return error_set(e, EXIT_MALFORMED,
			                 "unit %zu: the input changed between two passes",
			                 k + 1);
		while (in_bin < u->rank)
			in_bin += u->count[--low];
		thresholds[k].t = value_of(u->high, low);
		thresholds[k].rank_error = 0;
		thresholds[k].at_or_above = (double)(u->above + in_bin);
		thresholds[k].above = (double)(u->above + in_bin - u->count[low]);
	}
	return 0;
}
