/* outline.c -- see outline.h. */
#include "report/outline.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

enum { STILL = 128, ANEW = 255 };

void outline_number(struct text *t, uint64_t number)
{
	for (; number > 127; number >>= 7)
		text_byte(t, (char)((number & 127) | 128));
	text_byte(t, (char)number);
}

/* The first bit from at on that is set, or clear; end if none before it is. */
static size_t find(const uint64_t *bitmap, size_t at, size_t end, bool set)
{
	while (at < end) {
		const uint64_t word = (set ? bitmap[at / 64] : ~bitmap[at / 64]) >> at % 64;

		if (word) {
			at += (size_t)__builtin_ctzll(word);
			break;
		}
		at = (at | 63) + 1;
	}
	return at < end ? at : end;
}

/* The edges in a row; how many. */
static size_t find_edges(const uint64_t *bitmap, size_t row, uint32_t width, uint32_t *edge)
{
	const size_t end = row + width;
	size_t n = 0;

	for (size_t at = find(bitmap, row, end, true); at < end;
	     at = find(bitmap, at, end, true)) {
		edge[n++] = (uint32_t)(at - row);
		at = find(bitmap, at, end, false);
		edge[n++] = (uint32_t)(at - row);
	}
	return n;
}

static bool is_near(const uint32_t *edge, const uint32_t *above, size_t n)
{
	size_t i = 0;

	while (i < n && edge[i] + (STILL - 1) >= above[i] &&
	       edge[i] < above[i] + (ANEW - STILL))
		i++;
	return i == n;
}

static void write_row(struct text *t, const uint32_t *edge, size_t n, const uint32_t *above,
                      size_t above_n)
{
	if (n && n == above_n && is_near(edge, above, n)) {
		for (size_t i = 0; i < n; i++)
			text_byte(t, (char)(edge[i] + STILL - above[i]));
		return;
	}
	text_byte(t, (char)ANEW);
	outline_number(t, n);
	for (size_t i = 0; i < n; i++)
		outline_number(t, edge[i] - (i ? edge[i - 1] : 0));
}

int outline_write(struct text *t, const uint64_t *bitmap, uint32_t height, uint32_t width,
                  struct error *e)
{
	const size_t pixels = (size_t)height * width, first = find(bitmap, 0, pixels, true);
	uint32_t *edge = memory_new((size_t)width + 1, 2 * sizeof *edge, e), *above, rows = 0;
	size_t n = 0;

	if (!edge)
		return -1;
	above = edge + width + 1;
	for (size_t at = first; at < pixels; at = find(bitmap, at, pixels, true)) {
		rows = (uint32_t)(at / width - first / width) + 1;
		at = (at / width + 1) * width;
	}
	outline_number(t, rows ? first / width : 0);
	outline_number(t, rows);
	for (size_t y = first / width; rows > 0; y++, rows--) {
		uint32_t *other = above;
		const size_t before = n;

		above = edge;
		edge = other;
		n = find_edges(bitmap, y * width, width, edge);
		write_row(t, edge, n, above, before);
	}
	free(edge < above ? edge : above);
	return 0;
}
