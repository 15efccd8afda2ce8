/* segment.c -- see segment.h. */
#include "dissect/segment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/machine.h"

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

int segment_bounds(const struct threshold *thresholds, size_t units, bool strict, float *bounds,
                   size_t *ties, struct error *e)
{
	*ties = 0;
	for (size_t k = 0; k < units; k++) {
		const struct threshold *t = &thresholds[k];
		struct level level;
		bool tied;

		if (!isfinite(t->t) || !(t->samples >= 1 && t->samples <= 0x1p53) ||
		    !(t->at_or_above >= 1 && t->at_or_above <= t->samples))
			return error_set(e, EXIT_MALFORMED,
			                 "unit %zu has an impossible threshold", k + 1);
		if (level_from_value(&level, t->level, e) < 0)
			return -1;
		tied = level_is_tied(&level, (uint64_t)t->samples, (uint64_t)t->at_or_above);
		bounds[k] = segment_bound(t->t, strict || tied);
		*ties += tied;
	}
	return 0;
}

int segmenter_init(struct segmenter *s, size_t units, enum upsample_method method,
                   const struct upsample_geometry geometry[2], struct error *e)
{
	*s = (struct segmenter){.units = units, .method = method};
	for (int i = 0; i < 2; i++) {
		s->geometry[i] = geometry[i];
		s->geometry[i].pixels = 0;
	}
	s->unit = memory_new(units, sizeof(*s->unit), e);
	s->active = memory_new(geometry[0].cells, 1, e);
	return e->code ? -1 : 0;
}

static void forget_size(struct segmenter *s)
{
	upsample_axis_free(&s->y);
	upsample_axis_free(&s->x);
	free(s->across);
	free(s->row);
	s->across = NULL;
	s->row = NULL;
	s->geometry[0].pixels = 0;
}

void segmenter_free(struct segmenter *s)
{
	forget_size(s);
	free(s->unit);
	free(s->active);
	*s = (struct segmenter){0};
}

/* Get ready for labels of that size. */
static int set_size(struct segmenter *s, uint32_t height, uint32_t width, struct error *e)
{
	size_t row;

	if (s->geometry[0].pixels == height && s->geometry[1].pixels == width)
		return 0;
	forget_size(s);
	if (!size_multiply(s->geometry[0].cells, sizeof(float), &row))
		return error_set(e, EXIT_SYSTEM, "map too large");
	s->across = memory_new(width, row, e);
	s->row = memory_new((size_t)width + WORD_BITS, 1, e); /* pack() reads whole words */
	s->geometry[0].pixels = height;
	s->geometry[1].pixels = width;
	if (!s->across || !s->row ||
	    upsample_axis_init(&s->y, s->method, &s->geometry[0], e) < 0 ||
	    upsample_axis_init(&s->x, s->method, &s->geometry[1], e) < 0) {
		forget_size(s);
		return -1;
	}
	s->words = segment_words(height, width);
	return 0;
}

VECTOR_CLONES(static, uint32_t, count_reaching,
              (const float *values, size_t count, float bound), (values, count, bound))
{
	uint32_t reaching = 0;

	for (size_t i = 0; i < count; i++)
		reaching += values[i] >= bound;
	return reaching;
}

/* One row of cells to pixels [begin, end) along x. */
VECTOR_CLONES(static, void, interpolate_x,
              (const struct upsample_axis *x, const float *cells, uint32_t begin, uint32_t end,
               float *across),
              (x, cells, begin, end, across))
{
	const uint32_t *low = x->low, *high = x->high;
	const float *fraction = x->fraction;

	for (uint32_t u = begin; u < end; u++)
		across[u] = upsample_lerp(cells[low[u]], cells[high[u]], fraction[u]);
}

/* row[i] = whether pixel begin + i, between above and below, reaches bound. */
VECTOR_CLONES(static, void, compare_row,
              (const float *restrict above, const float *restrict below, float fraction,
               float bound, uint32_t begin, uint32_t end, unsigned char *restrict row),
              (above, below, fraction, bound, begin, end, row))
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
static void find_reaching(struct segmenter *s, const float *map, float bound, uint32_t *first,
                          uint32_t *last)
{
	*first = s->x.cells - 1;
	*last = 0;
	for (uint32_t r = 0; r < s->y.cells; r++) {
		s->active[r] = 0;
		for (uint32_t c = 0; c < s->x.cells; c++) {
			if (!(map[(size_t)r * s->x.cells + c] >= bound))
				continue;
			s->active[r] = 1;
			*first = c < *first ? c : *first;
			*last = c > *last ? c : *last;
		}
	}
}

/* One map, of which a cell reaches bound, ORed into a bitmap; whether a bit of it is set. */
static bool segment_map(struct segmenter *s, const float *map, float bound, uint64_t *bitmap)
{
	const struct upsample_axis *y = &s->y, *x = &s->x;
	uint32_t first, last, begin, end;
	uint32_t next = 0; /* row of cells to interpolate after those that are in s->across */
	bool any = false;

	find_reaching(s, map, bound, &first, &last);
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

int segmenter_find(struct segmenter *s, const float *maps, const float *bounds, uint32_t height,
                   uint32_t width, struct error *e)
{
	const size_t cells = (size_t)s->geometry[0].cells * s->geometry[1].cells;
	size_t words;

	s->count = 0;
	if (set_size(s, height, width, e) < 0)
		return -1;
	for (size_t k = 0; k < s->units; k++)
		if (count_reaching(maps + k * cells, cells, bounds[k]))
			s->unit[s->count++] = (uint32_t)k;
	return size_multiply(s->count, s->words, &words)
	               ? 0
	               : error_set(e, EXIT_SYSTEM, "masks too large");
}

size_t segmenter_draw(struct segmenter *s, const float *maps, const float *bounds,
                      uint32_t *unit, uint64_t *bitmap)
{
	const size_t cells = (size_t)s->geometry[0].cells * s->geometry[1].cells;
	size_t drawn = 0;

	/* A mask without a bit leaves its place, still zero, to the next. */
	for (size_t i = 0; i < s->count; i++) {
		const uint32_t k = s->unit[i];

		if (segment_map(s, maps + k * cells, bounds[k], bitmap + drawn * s->words))
			unit[drawn++] = k;
	}
	return drawn;
}

size_t segmenter_unite(struct segmenter *s, const float *maps, const float *bounds,
                       uint64_t *bitmap)
{
	const size_t cells = (size_t)s->geometry[0].cells * s->geometry[1].cells;
	size_t drawn = 0;

	for (size_t i = 0; i < s->count; i++) {
		const uint32_t k = s->unit[i];

		drawn += segment_map(s, maps + k * cells, bounds[k], bitmap);
	}
	return drawn;
}
