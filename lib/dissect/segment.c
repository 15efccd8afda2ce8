/* segment.c -- see segment.h. */
#include "dissect/segment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dissect/machine.h"

enum { WORD_BITS = 64, BLOCK_WORDS = 8 };

float segment_bound(double t, bool strict)
{
	float bound = (float)t;

	if ((double)bound < t || (strict && (double)bound == t))
		bound = nextafterf(bound, INFINITY);
	return bound;
}

size_t segment_words(uint32_t height, uint32_t width)
{
	const uint64_t bits = (uint64_t)height * width;

	return (bits / WORD_BITS / BLOCK_WORDS + (bits % (WORD_BITS * BLOCK_WORDS) > 0)) *
	       BLOCK_WORDS;
}

int segment_scratch_init(struct segment_scratch *s, const struct upsample_axis *y,
                         const struct upsample_axis *x, struct error *e)
{
	*s = (struct segment_scratch){0};
	s->across = memory_new(y->cells, x->pixels * sizeof(float), e);
	/* Packing reads whole words. */
	s->row = memory_new((size_t)x->pixels + WORD_BITS, 1, e);
	s->active = memory_new(y->cells, 1, e);
	return e->code ? -1 : 0;
}

void segment_scratch_free(struct segment_scratch *s)
{
	free(s->across);
	free(s->row);
	free(s->active);
	*s = (struct segment_scratch){0};
}

MACHINE_VECTORS static uint32_t count_reaching(const float *values, size_t count, float bound)
{
	uint32_t reaching = 0;

	for (size_t i = 0; i < count; i++)
		reaching += values[i] >= bound;
	return reaching;
}

/* One row of cells to pixels [begin, end) along x. */
MACHINE_VECTORS static void interpolate_x(const struct upsample_axis *x, const float *cells,
                                          uint32_t begin, uint32_t end, float *across)
{
	const uint32_t *low = x->low, *high = x->high;
	const float *fraction = x->fraction;

	for (uint32_t u = begin; u < end; u++)
		across[u] = upsample_lerp(cells[low[u]], cells[high[u]], fraction[u]);
}

/* row[i] = whether pixel begin + i, between above and below, reaches bound. */
MACHINE_VECTORS static void compare_row(const float *restrict above,
                                        const float *restrict below, float fraction,
                                        float bound, uint32_t begin, uint32_t end,
                                        unsigned char *restrict row)
{
	for (uint32_t u = begin; u < end; u++)
		row[u - begin] = upsample_lerp(above[u], below[u], fraction) >= bound;
}

/* OR count bytes of 0 or 1 into a bitmap from bit first on; 0s follow the bytes
 * up to a multiple of 64.  Returns whether any is 1. */
static bool pack(unsigned char *row, size_t count, uint64_t first, uint64_t *bitmap)
{
	uint64_t any = 0;

	memset(row + count, 0, WORD_BITS);
	for (size_t i = 0; i < count; i += WORD_BITS) {
		const uint64_t at = first + i;
		const unsigned shift = at % WORD_BITS;
		uint64_t word = 0, eight;

		for (size_t j = 0; j < WORD_BITS; j += 8) {
			/* Byte k's 1 lands in bit 56 + k of the product. */
			memcpy(&eight, row + i + j, sizeof(eight));
			word |= (eight * 0x0102040810204080u >> 56) << j;
		}
		if (!word)
			continue;
		any |= word;
		bitmap[at / WORD_BITS] |= word << shift;
		if (shift && word >> (WORD_BITS - shift))
			bitmap[at / WORD_BITS + 1] |= word >> (WORD_BITS - shift);
	}
	return any;
}

/* Note which rows of cells have one that reaches bound, and the range of columns
 * of all that do. */
static void find_reaching(const struct upsample_axis *y, const struct upsample_axis *x,
                          const float *map, float bound, unsigned char *active, uint32_t *first,
                          uint32_t *last)
{
	*first = x->cells - 1;
	*last = 0;
	for (uint32_t r = 0; r < y->cells; r++) {
		active[r] = 0;
		for (uint32_t c = 0; c < x->cells; c++) {
			if (!(map[(size_t)r * x->cells + c] >= bound))
				continue;
			active[r] = 1;
			*first = c < *first ? c : *first;
			*last = c > *last ? c : *last;
		}
	}
}

bool segment_map(const struct upsample_axis *y, const struct upsample_axis *x, const float *map,
                 float bound, struct segment_scratch *s, uint64_t *bitmap)
{
	uint32_t first, last, begin, end;
	uint32_t next = 0; /* row of cells to interpolate after those that are in s->across */
	bool any = false;

	if (!count_reaching(map, (size_t)y->cells * x->cells, bound))
		return false;
	memset(bitmap, 0, segment_words(y->pixels, x->pixels) * sizeof(*bitmap));
	find_reaching(y, x, map, bound, s->active, &first, &last);
	begin = x->begin[first];
	end = x->end[last];
	if (begin >= end)
		return false;
	for (uint32_t v = 0; v < y->pixels; v++) {
		const uint32_t low = y->low[v], high = y->high[v];

		if (!s->active[low] && !s->active[high])
			continue;
		for (next = low > next ? low : next; next <= high; next++)
			interpolate_x(x, map + (size_t)next * x->cells, begin, end,
			              s->across + (size_t)next * x->pixels);
		compare_row(s->across + (size_t)low * x->pixels,
		            s->across + (size_t)high * x->pixels, y->fraction[v], bound, begin,
		            end, s->row);
		any |= pack(s->row, end - begin, (uint64_t)v * x->pixels + begin, bitmap);
	}
	return any;
}
